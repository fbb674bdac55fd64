"""PySD behind the same face: the reference that our kernels are compared with."""

from __future__ import annotations

import functools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from iskdyn.arrays import Array
from iskdyn.errors import InputError, ModelError, Problem
from iskdyn.model.program import Program, Variable
from iskdyn.simulate.clock import Clock
from iskdyn.simulate.pysd_abstract import abstract_model
from iskdyn.simulate.setup import Overrides

if TYPE_CHECKING:
    import pandas
    import xarray
    from pysd.py_backend.lookups import Lookups
    from pysd.py_backend.model import Model

    Read: TypeAlias = float | xarray.DataArray
    Subscripts: TypeAlias = dict[str, list[str]] | None


def run_pysd(
    program: Program, overrides: Overrides, outputs: tuple[Variable, ...], clock: Clock, n_members: int
) -> Array:
    """(n_members, n_outputs, n_times) array made by PySD, one member after another.

    All columns are asked for, since PySD's results can depend on which are; a fresh model is loaded for
    each member, since overrides would stay.

    Parameters
    ----------
    overrides : as of `resolve`
    outputs : scalar variables, in the order of the second axis
    clock : whose step, end and saved times PySD is given
    n_members : runs, one after another

    Raises
    ------
    ModelError : PySD cannot read or run the model
    """
    with quiet(), fast_lookups():
        return np.stack([_member(program, overrides, outputs, clock, i) for i in range(n_members)])


def _member(
    program: Program, overrides: Overrides, outputs: tuple[Variable, ...], clock: Clock, member: int
) -> Array:
    model = load_pysd(program)
    names = _py_names(model)
    params, stocks = _arguments(program, overrides, member, names)
    columns = [names[v.key] for v in program.variables if v.kind != "table" and v.key in names]
    start = {"initial_condition": (clock.initial_time, stocks)} if stocks else {}
    try:
        frame = model.run(
            params=params, return_columns=columns, progress=False,
            time_step=clock.time_step,
            final_time=None if "final_time" in clock.moving else clock.final_time,
            saveper=None if "saveper" in clock.moving else clock.saveper,
            **start,
        )  # fmt: skip
    except Exception as error:  # PySD raises whatever the model's equations raise
        raise ModelError(
            Problem(program.path.name, f"PySD cannot run it: {type(error).__name__}: {error}")
        ) from error
    return np.stack([np.broadcast_to(_column(frame, names[v.key], v), len(frame)) for v in outputs])


def _column(frame: pandas.DataFrame, py_name: str, variable: Variable) -> Array:
    for column in (py_name, variable.name):
        if column in frame.columns:
            return frame[column].to_numpy(dtype=float)
    raise InputError(Problem(variable.name, "PySD gives no column for it"))


def _arguments(
    program: Program, overrides: Overrides, member: int, names: dict[str, str]
) -> tuple[dict[str, float | pandas.Series[float]], dict[str, float]]:
    import pandas

    values = overrides.constants | {key: float(array[member]) for key, array in overrides.members.items()}
    stocks = {names[key]: v for key, v in values.items() if program.by_key[key].kind == "stock"}
    params: dict[str, float | pandas.Series[float]] = {
        names[key]: v for key, v in values.items() if program.by_key[key].kind != "stock"
    }
    for key, (x, y) in (overrides.series | overrides.tables).items():
        params[names[key]] = pandas.Series(y[member] if y.ndim == 2 else y, index=x)
    return params, stocks


def load_pysd(program: Program) -> Model:
    """A fresh PySD model, built from a copy of the file."""
    import pysd

    return pysd.load(str(_built(program.digest, str(program.path))))


def _py_names(model: Model) -> dict[str, str]:
    from iskdyn.model.names import name_key

    return {name_key(name): py_name for name, py_name in model.namespace.items()}


# PySD takes seconds to build a model, and a run over a folder of models asks for each several times.
@functools.lru_cache(maxsize=32)
def _built(digest: str, path: str) -> Path:
    """PySD's generated Python, in a temporary folder: PySD writes beside the model."""
    from pysd.builders.python.python_model_builder import ModelBuilder

    folder = Path(tempfile.mkdtemp(prefix="iskdyn-pysd-"))
    suffix = Path(path).suffix.lower()
    copy = folder / f"model{suffix}"
    shutil.copyfile(path, copy)
    try:
        with quiet():
            abstract = abstract_model(copy)
            for section in abstract.sections:
                for element in section.elements:
                    element.documentation = ""  # PySD writes it into the code, where three quotes end it
            ModelBuilder(abstract).build_model()
    except Exception as error:  # PySD raises whatever its parsers raise
        message = f"PySD cannot read it: {type(error).__name__}: {str(error).splitlines()[:1]}"
        raise ModelError(Problem(Path(path).name, message)) from error
    return copy.with_suffix(".py")


@contextmanager
def quiet() -> Iterator[None]:
    """PySD warns of every extrapolation and of its own deprecated calls."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def fast_lookups() -> Iterator[None]:
    """Scalar tables by bisection instead of xarray, with the same bits; 100 times faster."""
    from pysd.py_backend.lookups import Lookups

    original: Callable[..., Read] = Lookups._call

    def call(self: Lookups, data: xarray.DataArray, x: Read, final_subs: Subscripts = None) -> Read:
        if not getattr(self, "is_float", False) or not np.isscalar(x) or not hasattr(data, "coords"):
            return original(self, data, x, final_subs)
        known = self.__dict__.get("_iskdyn_points")
        if known is None or known[0] is not data:
            known = (data, data["lookup_dim"].values.astype(float), data.values.astype(float))
            self._iskdyn_points = known
        xs, ys = known[1], known[2]
        if not xs[0] <= x <= xs[-1] or self.interp == "hold_backward":
            return original(self, data, x, final_subs)
        place = int(np.searchsorted(xs, x))
        if xs[place] == x:
            return float(ys[place])
        slope = (ys[place] - ys[place - 1]) / (xs[place] - xs[place - 1])
        return float(slope * (x - xs[place - 1]) + ys[place - 1])

    Lookups._call = call
    try:
        yield
    finally:
        Lookups._call = original
