"""A frozen model: what it predicted at one moment, and all that is needed to say so again, in one sealed file.

The file is a zip archive: the model and the tables as they were, draws of every sampled structure with its weight,
what they predict of the headline outcomes month by month, and what made it. Its stamp is the archive's comment.
It outlives every change of the study; a change of the file itself is found (see `iskdyn.seal`).
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import weakref
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iskdyn.calibration.mixture import all_names, filled
from iskdyn.calibration.objective import CHUNK
from iskdyn.calibration.spread import every_number
from iskdyn.calibration.variants import Variant, VariantDraws, load_variants, read_variants, study_of
from iskdyn.digest import package_digest
from iskdyn.errors import GateError, InputError, Problem, StudyError
from iskdyn.files import write_bytes_whole
from iskdyn.regular import read_regular
from iskdyn.seal import MAX_BYTES, find_stamp
from iskdyn.study.scenarios import scenario_files
from iskdyn.study.sealed import made_line, provenance
from iskdyn.study.settings import FILE
from iskdyn.study.stamp import TEXTS
from iskdyn.telling.thresholds import EDGES

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.objective import Objective
    from iskdyn.study import Study

Array = NDArray[np.float64]
KIND, ENDING = "frozen model", ".frozen"
NOTES, PREDICTIONS = "frozen.json", "predictions.csv"
N_DRAWS = 400
"""Of each structure: a share of the draws errs by two and a half hundredths at most, and the file stays near 1 MB."""
BAND = EDGES
"""Low, middle and high of a prediction: nine draws of ten, as on every surface."""


@dataclass(frozen=True)
class Structure:
    """A structure as it was sampled.

    Attributes
    ----------
    weight : its share by the evidence; those of all structures add to 1
    fixed : constants that it fixes
    names : its other numbers, fitted or not
    draws : (n_draws, n_names) of them after the evidence
    log_likelihood : (n_draws,) of the fitted rows
    model : as of a `Variant`
    """

    name: str
    weight: float
    fixed: Mapping[str, float]
    names: tuple[str, ...]
    draws: Array
    log_likelihood: Array
    model: str = ""

    @property
    def variant(self) -> Variant:
        """What it fixes, and its model."""
        return Variant(self.name, "", self.fixed, self.model)

    def objective(self, study: Study) -> Objective:
        """The observations of a study with the numbers free that the structure leaves free."""
        return every_number(study_of(study, self), self.fixed)


@dataclass(frozen=True)
class Frozen:
    """A frozen model read back.

    Attributes
    ----------
    study : as it was, without stored results, in a folder that goes with it
    structures : the one that is told first
    date, code : when it was frozen, and the digest of the code that did it
    predictions : month, outcome, unit, low, median, high (5, 50 and 95 % of the weighted draws)
    """

    study: Study
    structures: tuple[Structure, ...]
    date: str
    code: str
    predictions: pd.DataFrame

    @property
    def same_code(self) -> bool:
        """Whether the code that reads it is the code that froze it."""
        return self.code == package_digest()


def freeze(study: Study, path: Path) -> Frozen:
    """Write what a study's model predicts now; whole or not at all, and never over an earlier file.

    Raises
    ------
    InputError : the file is there already, or has another ending
    GateError : some run gave no number
    StudyError : no accepted posterior belongs to the study as it is
    """
    if path.suffix != ENDING:
        raise InputError(Problem(str(path), f"ends in '{path.suffix}'; expected {ENDING}"))
    if path.exists():
        message = "is there already: what is frozen can be thrown away, not changed; give another --out"
        raise InputError(Problem(str(path), message))
    structures = sampled_structures(study, N_DRAWS)
    made = provenance(study)
    notes = {
        "study": study.name, "date": datetime.now(UTC).date().isoformat(), "code": package_digest(),
        "versions": made["versions"], "platform": made["platform"],
        "structures": [
            {"name": one.name, "weight": one.weight, "fixed": dict(one.fixed), "names": one.names,
             "model": one.model}
            for one in structures
        ],
    }  # fmt: skip
    contents = {f"study/{name}": content for name, content in _texts(study).items()}
    contents[NOTES] = json.dumps(notes, indent=1).encode()
    contents[PREDICTIONS] = predictions(study, structures).to_csv(index=False).encode()
    for i, one in enumerate(structures):
        contents |= {_draws(i): _array(one.draws), _scores(i): _array(one.log_likelihood)}
    stamp = made_line(KIND, made)
    write_bytes_whole(path, _archive(contents, stamp))
    return load_frozen(path)


def load_frozen(path: Path) -> Frozen:
    """A frozen model, as it was written.

    Raises
    ------
    StudyError : the file is not there, was changed after it was written, or holds something else
    """
    import pandas as pd

    try:
        content = read_regular(path, MAX_BYTES)
    except OSError as error:
        raise StudyError(Problem(str(path), f"cannot be read: {error.strerror}")) from error
    stamp = find_stamp(content)
    if stamp is None or not stamp.whole:
        raise StudyError(Problem(str(path), "is not a frozen model as it was written (damaged, or edited)"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        notes = json.loads(parts[NOTES])
        return Frozen(
            study=_unpacked(parts),
            structures=tuple(
                Structure(
                    one["name"], one["weight"], one["fixed"], tuple(one["names"]),
                    _numbers(parts[_draws(i)]), _numbers(parts[_scores(i)]), one.get("model", ""),
                )
                for i, one in enumerate(notes["structures"])
            ),
            date=notes["date"],
            code=notes["code"],
            predictions=pd.read_csv(io.BytesIO(parts[PREDICTIONS])),
        )  # fmt: skip
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        message = f"is not a frozen model ({type(error).__name__}: {error})"
        raise StudyError(Problem(str(path), message)) from error


def _unpacked(parts: Mapping[str, bytes]) -> Study:
    """The study of an archive, in a folder of its own that goes with it."""
    from iskdyn.study import open_study

    folder = Path(tempfile.mkdtemp(prefix="iskdyn-"))
    try:
        for name, part in parts.items():
            _place(folder, name).write_bytes(part)
        study = open_study(folder / "study")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(study, shutil.rmtree, folder, ignore_errors=True)
    return study


def predictions(study: Study, structures: Sequence[Structure]) -> pd.DataFrame:
    """What weighted draws say of each headline outcome at the end of every month, to the horizon."""
    import pandas as pd

    from iskdyn.simulate import prepare

    end = study.end_time(study.horizon[1])
    names = all_names(study, [one.fixed for one in structures])
    outputs = list(study.settings.headline)
    parts: list[Array] = []
    for _, group in groupby(structures, lambda one: one.model):
        members = list(group)
        program = study_of(study, members[0]).program
        inputs = sorted(name for name in names if name in program)
        runner = prepare(program, inputs, outputs, final_time=end, save_every=1.0)
        values = np.concatenate([filled(study, inputs, one.variant, one.names, one.draws) for one in members])
        parts += [runner(values[i : i + CHUNK], first=i) for i in range(0, len(values), CHUNK)]
    runs = np.concatenate(parts)
    if failed := int(np.isnan(runs).any(axis=(1, 2)).sum()):
        message = f"the model gave no number in {failed} of {len(runs)} runs; `iskdyn check` says where"
        raise GateError(Problem("freeze", message))
    # (3, n_outputs, n_times)
    bands = np.quantile(runs, BAND, axis=0, weights=draw_weights(structures), method="inverted_cdf")
    rows = [
        {
            "month": study.month(time - 0.5), "outcome": name, "unit": study.program[name].units,
            **dict(zip(("low", "median", "high"), bands[:, i_output, i_time].tolist(), strict=True)),
        }
        for i_output, name in enumerate(outputs)
        for i_time, time in enumerate(runner.times)
        if time > runner.times[0]
    ]  # fmt: skip
    return pd.DataFrame(rows)


def draw_weights(structures: Sequence[Structure]) -> Array:
    """(n,) weight of each draw of all structures one after another; they add to 1."""
    return np.concatenate([np.full(len(one.draws), one.weight / len(one.draws)) for one in structures])


def sampled_structures(study: Study, n_draws: int) -> tuple[Structure, ...]:
    """The sampled structures of a study, the told one first, with so many of their draws, evenly from all runs.

    Raises
    ------
    StudyError : no accepted posterior belongs to the study as it is
    """
    sampled = load_variants(study)
    if not sampled:
        message = (
            "no accepted posterior belongs to the study as it is; run `iskdyn fit` and `iskdyn posterior`"
        )
        raise StudyError(Problem(study.settings.results, message))
    return tuple(_structure(one, n_draws) for one in sampled.values())


def _structure(one: VariantDraws, n_draws: int) -> Structure:
    posterior = one.posterior
    draws = posterior.values.reshape(-1, len(posterior.names))
    chosen = np.linspace(0, len(draws) - 1, min(n_draws, len(draws))).astype(int)
    scores = posterior.log_likelihood.reshape(-1)[chosen]
    variant = one.variant
    return Structure(
        variant.name, one.weight, variant.set, posterior.names, draws[chosen], scores, variant.model
    )


def _texts(study: Study) -> dict[str, bytes]:
    """The files from which the study can be opened again, by their names in its folder."""
    names = [FILE, *(str(getattr(study.settings, part)) for part in ("model", *TEXTS))]
    scenarios = scenario_files(study.path_of("scenarios"))
    names += [f"{study.settings.scenarios}/{path.name}" for path in scenarios]
    names += sorted({one.model for one in read_variants(study)})
    names += [path.relative_to(study.root).as_posix() for path in study.series_files]
    files = {name: study.root / name for name in names if name}
    return {name: read_regular(path, MAX_BYTES) for name, path in files.items() if path.is_file()}


def _archive(contents: Mapping[str, bytes], stamp: str) -> bytes:
    """A zip archive of these files, without the time of day: frozen twice on one day it is the same."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        archive.comment = stamp.encode()
    return buffer.getvalue()


def _place(folder: Path, name: str) -> Path:
    """Where a file of the archive is unpacked; ValueError where its name leads out of the folder."""
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts:
        raise ValueError(f"'{name}' is no place inside of it")
    path = folder / inside
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _draws(i: int) -> str:
    return f"draws/{i}.npy"


def _scores(i: int) -> str:
    return f"draws/{i}-log-likelihood.npy"


def _array(values: Array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values.astype(np.float32), allow_pickle=False)
    return buffer.getvalue()


def _numbers(content: bytes) -> Array:
    return np.asarray(np.load(io.BytesIO(content), allow_pickle=False), dtype=float)
