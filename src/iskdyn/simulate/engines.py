"""Every engine that can run a model's file, behind one face: its values by name, or why there are none."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import numpy as np

from iskdyn.arrays import Array
from iskdyn.errors import IskdynError
from iskdyn.model.names import name_key
from iskdyn.model.program import Program
from iskdyn.simulate.javascript import to_javascript
from iskdyn.simulate.node import node_command, run_in_node
from iskdyn.simulate.run import simulate

TARGETS = ("numpy", "ensemble", *(("javascript",) if node_command() else ()))
"""Our own engines that can run here."""
Result = TypeVar("Result")
Values = Mapping[str, Array]
"""Key of a name (see `match_key`) -> (n_times,) array; the times under 'time'."""


def match_key(name: str) -> str:
    """The form in which names of different tools are the same.

    Case (Greek too), spaces, line breaks, quotes, and how accents are composed do not count.

    >>> match_key('"ΣΤΟΚ of\\\\nPeople"') == match_key("στοκ_of people")
    True
    """
    plain = unicodedata.normalize("NFC", name).replace("\\n", " ").replace("·", ".")
    return name_key(plain.replace('"', "")).casefold()


def ours(program: Program, target: str) -> Values:
    """Values of one of our own engines."""
    names = [variable.name for variable in program if variable.kind not in ("table", "control")]
    if target == "javascript":
        times, values = run_in_node(to_javascript(program, [], names), np.zeros((1, 0)), len(names))
        return {match_key(name): values[0, i] for i, name in enumerate(names)} | {"time": times}
    return _labelled(program, target)


def _labelled(program: Program, engine: str) -> Values:
    data = simulate(program, engine=engine, nonfinite="keep")  # type: ignore[arg-type]
    return {match_key(str(name)): data[name].values for name in data} | {"time": data["time"].values}


def _simlin(program: Program) -> Values:
    import simlin

    frame = simlin.load(Path(program.path)).run(analyze_loops=False).results
    values = {match_key(str(name)): frame[name].to_numpy(dtype=float) for name in frame.columns}
    return values | {"time": np.asarray(frame.index, dtype=float)}


def others() -> dict[str, Callable[[Program], Values]]:
    """The engines of others that are at hand."""
    found: dict[str, Callable[[Program], Values]] = {"pysd": lambda program: _labelled(program, "pysd")}
    if find_spec("simlin") is not None:
        found["pysimlin"] = _simlin
    return found


def attempt(run: Callable[[], Result]) -> tuple[Result | None, str, bool]:
    """What a call gives, or None and why; True where what happened is no refusal but a fault."""
    try:
        return run(), "", False
    except IskdynError as error:
        return None, str(error).replace("\n", "; "), False
    except Exception as error:  # one engine's fault on one model must not take the others with it
        return None, f"{type(error).__name__}: {' '.join(str(error).split())[:200]}", True
