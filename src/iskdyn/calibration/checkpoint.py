"""Work that can go on where it was stopped: arrays and a state, in an envelope, for one place only."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.smc import Population
from iskdyn.errors import Problem, StudyError
from iskdyn.files import write_bytes_whole
from iskdyn.regular import read_regular
from iskdyn.seal import MAX_BYTES, disclose, enclose

_SCALARS = ("beta", "log_evidence", "stride", "acceptance", "n_stages", "n_runs")


def save_arrays(path: Path, kind: str, role: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays for one role, all at once or not at all."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    write_bytes_whole(path, enclose(kind, role, buffer.getvalue()))


def load_arrays(path: Path, kind: str, role: str) -> dict[str, NDArray[Any]]:
    """Arrays that were saved for this role.

    Raises
    ------
    StudyError
        The file is damaged, or belongs to other data, another model, other settings or another place.
    """
    try:
        content = disclose(read_regular(path, MAX_BYTES), kind, role)
        if content is not None:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                return dict(arrays)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        message = f"cannot be read as a saved {kind} ({type(error).__name__}); delete it to begin it again"
        raise StudyError(Problem(str(path), message)) from error
    message = (
        f"is no saved {kind} of this place: damaged, or of another model, other tables or settings; "
        "delete it to begin it again"
    )
    raise StudyError(Problem(str(path), message))


def save_population(path: Path, population: Population, rng: np.random.Generator, label: str) -> None:
    """Write a population, its random stream and what it belongs to, all at once or not at all."""
    scalars = {name: getattr(population, name) for name in _SCALARS}
    state = np.array(json.dumps({"scalars": scalars, "stream": rng.bit_generator.state}))
    arrays = {"z": population.z, "log_likelihood": population.log_likelihood, "state": state}
    save_arrays(path, "run", label, arrays)


def load_population(path: Path, label: str) -> tuple[Population, np.random.Generator]:
    """A saved population with its random stream, to go on exactly as the run would have.

    Raises
    ------
    StudyError
        The file is damaged, or belongs to other data, another model, other settings or another run.
    """
    arrays = load_arrays(path, "run", label)
    try:
        state = json.loads(str(arrays["state"]))
        rng = np.random.default_rng()
        rng.bit_generator.state = state["stream"]
        return Population(z=arrays["z"], log_likelihood=arrays["log_likelihood"], **state["scalars"]), rng
    except (ValueError, KeyError, TypeError) as error:
        message = f"cannot be read as a saved run ({type(error).__name__}); delete it to begin it again"
        raise StudyError(Problem(str(path), message)) from error
