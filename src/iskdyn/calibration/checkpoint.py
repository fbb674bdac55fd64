"""A sampling run on disk after each stage, so that a kill at any moment loses at most one stage."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np

from iskdyn.calibration.smc import Population
from iskdyn.errors import Problem, StudyError
from iskdyn.files import write_whole

_SCALARS = ("beta", "log_evidence", "stride", "acceptance", "n_stages", "n_runs")


def save_population(path: Path, population: Population, rng: np.random.Generator, label: str) -> None:
    """Write a population, its random stream and what it belongs to, all at once or not at all."""
    scalars = {name: getattr(population, name) for name in _SCALARS}
    state = json.dumps({"label": label, "scalars": scalars, "stream": rng.bit_generator.state})

    def write(part: Path) -> None:
        with part.open("wb") as file:
            np.savez(file, z=population.z, log_likelihood=population.log_likelihood, state=np.array(state))

    write_whole(path, write)


def load_population(path: Path, label: str) -> tuple[Population, np.random.Generator]:
    """A saved population with its random stream, to go on exactly as the run would have.

    Raises
    ------
    StudyError
        The file is damaged, or belongs to other data, another model or other settings.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as content:
            state = json.loads(str(content["state"]))
            z, log_likelihood = content["z"], content["log_likelihood"]
        rng = np.random.default_rng()
        rng.bit_generator.state = state["stream"]
        population = Population(z=z, log_likelihood=log_likelihood, **state["scalars"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        message = f"is not a saved sampling run ({type(error).__name__}); delete it to begin that run again"
        raise StudyError(Problem(str(path), message)) from error
    if state["label"] != label:
        message = "belongs to another model, other tables or other settings; delete it to begin again"
        raise StudyError(Problem(str(path), message))
    return population, rng
