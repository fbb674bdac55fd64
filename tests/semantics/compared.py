"""A random model in an engine beside its oracle."""

from __future__ import annotations

import numpy as np
from oracle import expected
from random_models import Model

from iskdyn.model import Program
from iskdyn.simulate import simulate

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
