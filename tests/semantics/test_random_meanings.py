"""Random models give what the table of meanings says, by an oracle that knows nothing of the engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from oracle import expected
from random_models import Model, random_model

from iskdyn.model import Program
from iskdyn.simulate import simulate

Read = Callable[[Path], Program]
TOLERANCE = 1e-9
"""Of a variable's scale: both add up some thousand roundings of 1e-16."""
SMALLEST_SCALE = 1e-3


def differences(model: Model, program: Program, engine: str) -> list[str]:
    """Every variable that differs from the oracle, with the first row where it does."""
    data = simulate(program, outputs=model.names, method=model.method, engine=engine)  # type: ignore[arg-type]
    found = []
    for name, values in expected(model).items():
        right, ours = np.array(values), data[name].values
        scale = max(float(np.abs(right).max()), SMALLEST_SCALE)
        if ours.shape != right.shape:
            found.append(f"{name}: {len(ours)} rows, {len(right)} are right")
        elif not (np.abs(ours - right) <= TOLERANCE * scale).all():
            k = int(np.argmax(~(np.abs(ours - right) <= TOLERANCE * scale)))
            found.append(f"{name} at {data['time'].values[k]:g}: {ours[k]!r}, {right[k]!r} is right")
    return found


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
