"""A copy of the tiny study to run and to damage, and the command line as a user types it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from iskdyn.cli import main

TINY = Path(__file__).parent.parent / "data" / "tiny"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Folder of a fresh copy of the tiny study."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


@pytest.fixture
def iskdyn() -> Callable[..., Result]:
    """`iskdyn("run", "--json")`: the command with these arguments."""

    def call(*arguments: str | Path) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call
