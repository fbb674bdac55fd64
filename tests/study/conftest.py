"""A copy of the tiny study to run and to damage, and the command line as a user types it."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from whole_tiny import TINY, store_accepted

from iskdyn.cli import main
from iskdyn.study import open_study
from iskdyn.study.stamp import stamp

ROOT = Path(__file__).parents[2]


FEW = 24
"""Draws of the sections that are made here where no annex is built: their words hardly depend on them."""
SLOW = ("compare", "choice", "loops", "claims", "contrast", "sensitivity", "confidence")
"""Sections that take minutes: they are looked at where `make report` has made them."""


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


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny study with a fit and a short posterior that counts as accepted."""
    folder = Path(shutil.copytree(TINY, tmp_path_factory.mktemp("frozen") / "tiny"))
    store_accepted(folder)
    return folder


@pytest.fixture
def sampled(once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(once, tmp_path / "sampled"))


@pytest.fixture
def frozen(sampled: Path, iskdyn, tmp_path: Path) -> Path:
    path = tmp_path / "then.frozen"
    result = iskdyn("freeze", "--study", sampled, "--out", path)
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture(scope="session")
def quick_annex() -> str:
    """The sections of the annex of the repository's study that take no minutes, of few draws."""
    build: Any = importlib.import_module("iskdyn.reports.build")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("N_DRAWS", "N_OWN"):
            patch.setattr(build, name, FEW)
        patch.setattr(importlib.import_module("iskdyn.levers.before"), "N_BEFORE", FEW)
        materials = build._materials(open_study(ROOT), lambda _: None, {"effects": ()})
        quick = [write for write in build.SECTIONS if not write.__name__.startswith(SLOW)]
        sections = [section for write in quick if (section := write(materials)) is not None]
        return str(build.annex_text(materials, sections, stamp(materials.study, asked="report")))
