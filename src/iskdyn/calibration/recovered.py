"""What a trial of the sampler found: its ranks judged, what was recovered, and the file of both."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.ranks import LEVELS, Ranks, band_probability, covered
from iskdyn.calibration.recover import FAULTS, SOUND, Quantities, Recovery, load_replicate
from iskdyn.errors import InputError, Problem, StudyError
from iskdyn.files import write_bytes_whole
from iskdyn.study.sealed import made_line, provenance, read_result
from iskdyn.study.stamp import RESTS_ON, SAMPLER

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.study import Study

Array = NDArray[np.float64]
RECOVERED = {"prior": "recover.nc", "posterior": "recover-posterior.nc"}
"""The stored trials, in the results folder, by where their truths come from."""

KIND = "trial"
TRIAL_RESTS_ON = (*RESTS_ON, SAMPLER)
"""A trial is one of the sampler as it was."""

BAND = 0.05
"""Chance that a right sampler leaves any of the bands: one trial in twenty fails without a fault."""

COVERAGE = 0.02
"""Largest distance of the pooled coverage of the informed directions from its level: three times the noise of 200
truths in some forty directions."""

INFORMED = 0.5
"""From this mean contraction a number must be recovered: the facts then say more of it than its prior does."""


@dataclass(frozen=True)
class Recovered:
    """A trial of the sampler.

    Attributes
    ----------
    names, kinds : (n_quantities,) of what is ranked
    arms : the sampler, then each planted fault
    truth, mean, sd : (n_replicates, n_quantities) the truth, and the posterior's mean and sd
    ranks : (n_replicates, n_arms, n_quantities); -1 where a fault was not planted
    seconds, n_runs : (n_replicates,) time of each, all arms, and model runs of its sound posterior
    recovery, provenance : settings, and hashes and versions
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    arms: tuple[str, ...]
    truth: Array
    mean: Array
    sd: Array
    ranks: Ranks
    seconds: Array
    n_runs: Array
    recovery: Mapping[str, Any]
    provenance: Mapping[str, object]

    def of(self, arm: str) -> Ranks:
        """(n, n_quantities) ranks of the replicates that have this arm."""
        ranks = self.ranks[:, self.arms.index(arm)]
        return ranks[ranks[:, 0] >= 0]

    def wrong(self, arm: str = SOUND) -> list[str]:
        """What the one test finds wrong with an arm, in words; empty if nothing."""
        return wrong(self.of(arm), self.names, self.kinds)

    @property
    def passes(self) -> bool:
        """Whether nothing is wrong with the sampler and something with every planted fault."""
        return not self.wrong() and all(self.wrong(fault) for fault in self.arms[1:])

    def pooled(self, arm: str = SOUND) -> Array:
        """(n_levels,) coverage of the intervals of LEVELS over all informed directions."""
        return pooled(self.of(arm), self.kinds)

    def table(self) -> pd.DataFrame:
        """A row a quantity: how it was recovered and whether its ranks stay inside the bands.

        Columns: quantity, kind, contraction, error (RMSE of the mean over the mean sd), bias (mean of the
        mean's error in sd), spread (sd of the same), correlation (truth and mean), coverage (of 90 %),
        probability, inside.
        """
        import pandas as pd

        ranks = self.of(SOUND)
        score = (self.mean - self.truth) / np.where(self.sd > 0, self.sd, np.nan)
        probability = band_probability(ranks)
        error = np.sqrt(np.mean((self.mean - self.truth) ** 2, axis=0)) / self.sd.mean(axis=0)
        whitened = [kind in ("parameter", "bias", "direction") for kind in self.kinds]
        return pd.DataFrame(
            {
                "quantity": self.names,
                "kind": self.kinds,
                "contraction": np.where(whitened, 1 - self.sd.mean(axis=0), np.nan),
                "error": error,
                "bias": np.nanmean(score, axis=0),
                "spread": np.nanstd(score, axis=0),
                "correlation": [_correlation(*pair) for pair in zip(self.truth.T, self.mean.T, strict=True)],
                "coverage": covered(ranks)[LEVELS.index(0.9)],
                "probability": probability,
                "inside": probability > BAND / len(self.names),
            }
        )


def pooled(ranks: Ranks, kinds: Sequence[str]) -> Array:
    """(n_levels,) coverage over all informed directions of (n_replicates, n_quantities) ranks."""
    return np.asarray(covered(ranks[:, np.array(kinds) == "direction"]).mean(axis=1))


def wrong(ranks: Ranks, names: Sequence[str], kinds: Sequence[str]) -> list[str]:
    """What the test finds wrong with (n_replicates, n_quantities) ranks, worst first; empty if nothing.

    No quantity may leave its simultaneous band, at `BAND` for all of them together, and the pooled coverage
    of the informed directions must lie within `COVERAGE` of each of LEVELS.

    Parameters
    ----------
    ranks : (n_replicates, n_quantities)
    names : (n_quantities,) for the words
    kinds : (n_quantities,) "direction" where the coverage is pooled
    """
    probability = band_probability(ranks)
    outside = np.flatnonzero(probability <= BAND / len(names))
    found = [f"{names[i]} leaves its band" for i in outside[np.argsort(probability[outside], kind="stable")]]
    for level, share in zip(LEVELS, pooled(ranks, kinds), strict=True):
        if abs(share - level) > COVERAGE:
            found.append(f"{level:.0%} intervals of the informed directions hold {share:.1%} of the truths")
    return found


def collected(study: Study, recovery: Recovery, watched: Quantities, folder: Path, label: str) -> Recovered:
    """The replicates in a folder as one result.

    Parameters
    ----------
    recovery : settings of the trial, whose replicates are read
    watched : what was ranked
    folder : where each replicate lies
    label : what the replicates were made of; another one is refused

    Raises
    ------
    StudyError : a replicate is missing, damaged or of another trial
    """
    found = [load_replicate(folder, n, label) for n in range(recovery.replicates)]
    truth, mean, sd, ranks, cost = (
        np.array([replicate[name] for replicate in found])
        for name in ("truth", "mean", "sd", "ranks", "cost")
    )
    settings, made = asdict(recovery), provenance(study, TRIAL_RESTS_ON)
    arms = (SOUND, *FAULTS)
    return Recovered(
        watched.names, watched.kinds, arms, truth, mean, sd, ranks, cost[:, 0], cost[:, 1], settings, made
    )


def joined(one: Recovered, other: Recovered) -> Recovered:
    """Two trials as one: replicates of both, each ranked as it was.

    Raises
    ------
    InputError
        They differ in more than their truths, or are the same truths.
    """
    alike = (one.names, one.kinds, one.arms, one.recovery["draws"], one.provenance.get("hashes")) == (
        other.names, other.kinds, other.arms, other.recovery["draws"], other.provenance.get("hashes")
    )  # fmt: skip
    if not alike or str(other.recovery["seed"]) in str(one.recovery["seed"]).split(" and "):
        message = "only a trial of the same study and draws, and with another seed, can be added to"
        raise InputError(Problem("recover", message))
    sums = {name: one.recovery[name] + other.recovery[name] for name in ("replicates", "faulted")}
    return replace(
        one,
        truth=np.concatenate([one.truth, other.truth]),
        mean=np.concatenate([one.mean, other.mean]),
        sd=np.concatenate([one.sd, other.sd]),
        ranks=np.concatenate([one.ranks, other.ranks]),
        seconds=np.concatenate([one.seconds, other.seconds]),
        n_runs=np.concatenate([one.n_runs, other.n_runs]),
        recovery={**one.recovery, **sums, "seed": f"{one.recovery['seed']} and {other.recovery['seed']}"},
    )


def store_recovered(found: Recovered, path: Path) -> None:
    """Write a trial, passed or not, whole or not at all."""
    import xarray as xr

    by_quantity = ("replicate", "quantity")
    notes = {"recovery": json.dumps(found.recovery), "provenance": json.dumps(found.provenance)}
    content = xr.Dataset(
        {
            "truth": (by_quantity, found.truth.astype(np.float32)),
            "mean": (by_quantity, found.mean.astype(np.float32)),
            "sd": (by_quantity, found.sd.astype(np.float32)),
            "ranks": (("replicate", "arm", "quantity"), found.ranks.astype(np.int16)),
            "seconds": ("replicate", found.seconds),
            "n_runs": ("replicate", found.n_runs),
            "kind": ("quantity", list(found.kinds)),
        },
        coords={"quantity": list(found.names), "arm": list(found.arms)},
        attrs={"made": made_line(KIND, found.provenance), **notes},
    )
    encoding = {name: {"zlib": True, "complevel": 5} for name in ("truth", "mean", "sd", "ranks")}
    write_bytes_whole(path, content.to_netcdf(engine="h5netcdf", encoding=encoding))


def load_recovered(path: Path) -> Recovered:
    """A stored trial.

    Raises
    ------
    StudyError : the file is not there, is damaged, or holds something else
    """
    import xarray as xr

    stored, _ = read_result(path, KIND)
    try:
        with xr.open_dataset(io.BytesIO(stored), engine="h5netcdf") as file:
            content = file.load()
        texts = {
            name: tuple(str(text) for text in content[name].values) for name in ("quantity", "kind", "arm")
        }
        values = {name: np.asarray(content[name].values) for name in ("truth", "mean", "sd", "ranks")}
        return Recovered(
            names=texts["quantity"],
            kinds=texts["kind"],
            arms=texts["arm"],
            truth=values["truth"].astype(float),
            mean=values["mean"].astype(float),
            sd=values["sd"].astype(float),
            ranks=values["ranks"].astype(np.int64),
            seconds=content["seconds"].values,
            n_runs=content["n_runs"].values,
            recovery=json.loads(content.attrs["recovery"]),
            provenance=json.loads(content.attrs["provenance"]),
        )
    except (OSError, KeyError, ValueError, TypeError) as error:
        message = f"is not a stored trial ({type(error).__name__}: {error}); run `iskdyn recover` again"
        raise StudyError(Problem(str(path), message)) from error


def _correlation(one: Array, other: Array) -> float:
    moves = one.std() > 0 and other.std() > 0
    return float(np.corrcoef(one, other)[0, 1]) if moves else float("nan")
