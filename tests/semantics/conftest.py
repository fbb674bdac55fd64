"""The table of meanings, its oracle and its random models are imported by name."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from iskdyn.model import Program, read_model

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def read() -> Callable[[Path], Program]:
    """Reads models."""
    return read_model
