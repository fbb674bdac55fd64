"""The model as JavaScript, for a page and for the test that runs it beside the other targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from iskdyn.arrays import Curve
from iskdyn.compile.kernels import lower_program, series_rows
from iskdyn.compile.plan import make_plan
from iskdyn.compile.target_javascript import print_javascript
from iskdyn.compile.target_webassembly import compiled_members
from iskdyn.model.program import Program
from iskdyn.simulate.method import Method
from iskdyn.simulate.runner import Runner, prepare


def to_javascript(
    program: Program,
    inputs: Sequence[str],
    outputs: Sequence[str],
    *,
    name: str = "simulate",
    final_time: float | None = None,
    time_step: float | None = None,
    save_every: float | None = None,
    series: Mapping[str, Curve] | None = None,
    constants: Mapping[str, float] | None = None,
    tables: Mapping[str, Curve] | None = None,
    method: Method | None = None,
    lapsing: bool = False,
    own: Sequence[str] = (),
    compiled: bool = False,
) -> str:
    """Source of one JavaScript function that runs many members.

    `name(values, n, options)`: values is a flat array of the inputs, member by member; options
    may hold finalTime, timeStep, saveEvery, seed, first and series {name: [times, values]}, needed for each
    name in `series`. It returns {times, values, inputs, outputs}; values is flat (member, output, time).
    Those series that are named in `own` may differ between members: a Float64Array (member, step) in the place
    of times and values. With options.keep the result has such `paths` of these variables, by name.
    With `compiled` the members run in WebAssembly that the text carries; where the browser (or its policy, which
    must have 'wasm-unsafe-eval') refuses that, the first call throws.
    Other arguments as for `prepare`.

    Parameters
    ----------
    name : of the function, an identifier of JavaScript
    lapsing : whether a series may be nan, where the variable's own equation speaks
    own : names in `series` whose values may differ between members
    """
    runner: Runner = prepare(
        program, inputs, outputs, final_time=final_time, time_step=time_step, save_every=save_every,
        series=series, constants=constants, tables=tables, method=method, engine="numpy", lapsing=lapsing,
    )  # fmt: skip
    keys = tuple(program[one].key for one in inputs)
    series_keys = tuple(program[one].key for one in series or {})
    orders = runner.orders_of(np.array([[program[one].value for one in inputs]]))
    lowered = lower_program(program, series_keys, orders, runner.method, lapsing)
    numbers = {key: runner.constant(key) for key in lowered.params}
    if compiled:
        lowered = lowered.with_constants({key: value for key, value in numbers.items() if key not in keys})
    rows = series_rows(lowered, tuple(program[one].key for one in own), runner.method)
    outputs_and_paths = [*runner.outputs, *(own if compiled else ())]
    plan = make_plan(lowered, keys, tuple(program[one].key for one in outputs_and_paths), rows)
    labels = {"inputs": list(runner.inputs), "outputs": list(runner.outputs),
              "series": [program[one].name for one in series or {}],
              "own": [program[one].name for one in own]}  # fmt: skip
    given = {
        lowered.table_names[key]: ([float(v) for v in x], [float(v) for v in y])
        for key, (x, y) in runner.uniform_tables().items()
    }
    digest = program.digest[:16]
    members = compiled_members(plan, digest, len(runner.outputs)) if compiled else []
    return print_javascript(
        plan, digest, name, numbers, runner.clock.controls(), given, labels, runner.seed, members
    )
