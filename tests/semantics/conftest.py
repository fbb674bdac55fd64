"""The table of meanings, its oracle and its random models are imported by name."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from iskdyn.model import Program, read_model
from iskdyn.model.parse import Parser

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def read() -> Iterator[Callable[[Path], Program]]:
    """Reads models; one worker for all of them."""
    with Parser() as parser:
        yield partial(read_model, parser=parser)
