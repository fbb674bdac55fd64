"""A posterior as a file: draws, gates and what they rest on, as NetCDF groups that ArviZ reads."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.posterior import Posterior, Sampling
from iskdyn.errors import Problem, StudyError
from iskdyn.files import write_bytes_whole
from iskdyn.study import POSTERIOR
from iskdyn.study.sealed import made_line, provenance, read_result, verify

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.study import Study

Array = NDArray[np.float64]
KIND = "posterior"


@dataclass(frozen=True)
class StoredPosterior:
    """A posterior read back.

    Attributes
    ----------
    names : the parameters
    values : (runs, kept, n_parameters) draws in the parameters' units
    contraction : (n_parameters,) 1 - sd after / sd before, in whitened units
    log_likelihood : (runs, kept)
    log_evidence : (runs,)
    gates : one row a watched quantity
    accepted : whether every gate was passed
    fixed : constants that the sampled structure fixes
    sampling, provenance : settings, and hashes and versions of what they were drawn from
    """

    names: tuple[str, ...]
    values: Array
    contraction: Array
    log_likelihood: Array
    log_evidence: Array
    gates: pd.DataFrame
    accepted: bool
    fixed: Mapping[str, float]
    sampling: Mapping[str, object]
    provenance: Mapping[str, object]


def store_posterior(
    posterior: Posterior,
    sampling: Sampling | None,
    path: Path,
    study: Study,
    fixed: Mapping[str, float] | None = None,
    kind: str = KIND,
    more: Mapping[str, str] | None = None,
) -> None:
    """Write a posterior, accepted or not, of the structure that fixes these constants; whole or not at all.

    Parameters
    ----------
    sampling : how it was sampled; None where draws of another posterior were moved
    kind : of `sealed.VERBS`
    more : further attributes of the file
    """
    import xarray as xr

    fixed, made = dict(fixed or {}), provenance(study)
    dims, coords = ("chain", "draw", "parameter"), {"parameter": list(posterior.names)}
    notes = {
        "accepted": int(posterior.accepted),
        "gates": posterior.gates.to_json(orient="records"),
        "sampling": json.dumps(asdict(sampling) if sampling else {}),
        "fixed": json.dumps(fixed),
        "provenance": json.dumps(made),
        "made": made_line(kind, made, fixed),
        "n_runs": posterior.n_runs,
        **(more or {}),
    }
    tree = xr.DataTree.from_dict(
        {
            "/": xr.Dataset(attrs=notes),
            "/posterior": xr.Dataset(
                {
                    "theta": (dims, posterior.values),
                    "contraction": ("parameter", posterior.contraction),
                },
                coords=coords,
            ),
            "/sample_stats": xr.Dataset(
                {
                    "log_likelihood": (dims[:2], posterior.log_likelihood),
                    "log_evidence": (dims[:1], posterior.log_evidence),
                }
            ),
        }
    )
    encoding = {"/posterior": {"theta": {"zlib": True, "complevel": 4, "dtype": "float32"}}}
    write_bytes_whole(path, tree.to_netcdf(engine="h5netcdf", encoding=encoding))


def load_posterior(path: Path, fixed: Mapping[str, float] | None = None, kind: str = KIND) -> StoredPosterior:
    """A stored posterior.

    Parameters
    ----------
    fixed : constants that the structure fixes, {} for the study's own; None: of any structure
    kind : of `sealed.VERBS`

    Raises
    ------
    StudyError : the file is not there, is damaged, holds something else, or draws that are no numbers
    """
    content, _ = read_result(path, kind, fixed)
    try:
        return _parsed(content)
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        message = f"is not a stored posterior ({type(error).__name__}: {error}); run `iskdyn posterior` again"
        raise StudyError(Problem(str(path), message)) from error


@lru_cache(maxsize=32)
def _parsed(content: bytes) -> StoredPosterior:
    """The posterior that these bytes hold, kept: a report asks for that of each structure many times."""
    import pandas as pd
    import xarray as xr

    with xr.open_datatree(io.BytesIO(content), engine="h5netcdf") as tree:
        draws, stats, notes = tree["posterior"].load(), tree["sample_stats"].load(), tree.attrs
        posterior = StoredPosterior(
            names=tuple(str(name) for name in np.asarray(draws["parameter"])),
            values=_held(draws["theta"].values),
            contraction=_held(draws["contraction"].values),
            log_likelihood=_held(stats["log_likelihood"].values),
            log_evidence=_held(stats["log_evidence"].values),
            gates=pd.DataFrame(json.loads(str(notes["gates"]))),
            accepted=bool(notes["accepted"]),
            fixed=json.loads(str(notes.get("fixed", "{}"))),
            sampling=json.loads(str(notes["sampling"])),
            provenance=json.loads(str(notes["provenance"])),
        )
    if not (np.isfinite(posterior.values).all() and np.isfinite(posterior.log_likelihood).all()):
        raise ValueError("some draws are not finite numbers")
    return posterior


def _held(values: object) -> Array:
    """The numbers as doubles that cannot be written."""
    held: Array = np.array(values, dtype=float)
    held.setflags(write=False)
    return held


def current_posterior(study: Study) -> StoredPosterior | None:
    """The stored posterior of a study; None where there is none, or it belongs to another state of it.

    Raises
    ------
    StudyError : the file is damaged
    """
    path = study.stored(POSTERIOR)
    if not path.is_file():
        return None
    posterior = load_posterior(path, {})
    return None if verify(study, posterior, "posterior") else posterior
