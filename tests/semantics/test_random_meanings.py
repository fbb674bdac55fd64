"""Random models give what the table of meanings says, by an oracle that knows nothing of the engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from compared import differences
from random_models import random_model

from iskdyn.model import Program

Read = Callable[[Path], Program]


@pytest.mark.parametrize("engine", ["numpy", pytest.param("ensemble", marks=pytest.mark.slow)])
@pytest.mark.parametrize("dialect", ["vensim", "xmile"])
@pytest.mark.parametrize("number", range(40))
def test_a_random_model_gives_what_the_table_says(
    number: int, dialect: str, engine: str, read: Read, tmp_path: Path
) -> None:
    model = random_model(dialect, number)
    path = tmp_path / f"model.{'mdl' if dialect == 'vensim' else 'xmile'}"
    path.write_text(model.text())
    assert differences(model, read(path), engine) == [], model.text()
