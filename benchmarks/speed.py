"""All speeds of the engine as ratios measured side by side in one run.

Run from the root of the project: python benchmarks/speed.py [--rounds 7] [--write benchmarks/README.md]
Kernels are timed by the processor time of one core, in turns, and their medians compared. What has a bar in
seconds is the best of its rounds, since a busy machine only adds: starts by the clock on the wall, in fresh processes.
Two cores are compared in pairs, and the median of the pairs is told.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from cpp import COMPILERS, Cpp

import iskdyn.simulate as engine
from iskdyn.model import Program, read_model
from iskdyn.simulate import Runner, prepare, to_javascript

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "models" / "isk.mdl"
MANY, SOME, IN_NODE, TRIAL_STEPS = 10_000, 100, 200, 432


@dataclass(frozen=True)
class Row:
    """One speed: a ratio or seconds, and what it must at least (or at most) be."""

    what: str
    value: float
    bar: float | None = None
    at_most: bool = False
    unit: str = ""

    def cells(self) -> list[str]:
        bar = (
            ""
            if self.bar is None
            else f"{'at most' if self.at_most else 'at least'} {self.bar:,g}{self.unit}"
        )
        value = f"{self.value:,.0f}" if self.value >= 1000 else f"{self.value:.3g}"
        return [self.what, value + self.unit, bar, self.met()]

    def met(self) -> str:
        if self.bar is None:
            return ""
        return "met" if (self.value <= self.bar if self.at_most else self.value >= self.bar) else "NOT MET"


def column(path: str, name: str, **where: str) -> list[str]:
    """The different entries of a table's column, in order."""
    with (ROOT / "calibration" / path).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row[k] == v for k, v in where.items())]
    return list(dict.fromkeys(row[name] for row in rows if row[name]))


class Bench:
    """The model, its inputs and outputs, and values of the inputs for many members."""

    def __init__(self, rounds: int, folder: Path) -> None:
        self.rounds, self.folder = rounds, folder
        self.scalar_limit = 0.0
        self.program: Program = read_model(MODEL)
        self.inputs = column("parameters.csv", "name", kind="constant")
        self.outputs = column("observations.csv", "output")
        base = np.array([self.program[name].value for name in self.inputs])
        spread = np.random.default_rng(1).standard_normal((MANY, len(base)))
        self.values = base * np.exp(0.02 * spread)

    def runner(self, target: str, threads: int = 1) -> Runner:
        """All constants as inputs, the observed outputs monthly."""
        runner = prepare(self.program, self.inputs, self.outputs, save_every=1, engine=target)  # type: ignore[arg-type]
        runner.threads = threads
        return runner

    def medians(
        self, calls: dict[str, Callable[[], object]], clock: Callable[[], float] = time.process_time,
        choose: Callable[[list[float]], float] = statistics.median,
    ) -> dict[str, float]:  # fmt: skip
        """Seconds of each call: the median of rounds in which all take turns, or what `choose` says."""
        for call in calls.values():
            call()
        taken: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(self.rounds):
            for name, call in calls.items():
                began = clock()
                call()
                taken[name].append(clock() - began)
        return {name: choose(times) for name, times in taken.items()}


def kernels(bench: Bench) -> list[Row]:
    """Our kernels, and C++ as the limit."""
    ours, arrays = (bench.runner(target) for target in ("ensemble", "numpy"))
    few = bench.values[:SOME]
    calls: dict[str, Callable[[], object]] = {
        "10,000": lambda: ours(bench.values), "100": lambda: [ours(few) for _ in range(10)],
        "1": lambda: [ours(few[:1]) for _ in range(100)],
    }  # fmt: skip
    members = {"10,000": MANY, "100": 10 * SOME, "1": 100}
    kernel, (once, clocked), _ = ours._prepared(ours.orders_of(bench.values[:1]))
    lanes = 8 if "avx512f" in processor_flags() else 4
    for compiler, width in product(COMPILERS, (lanes, 1)):
        cpp = Cpp(kernel.plan, width, bench.folder, compiler)
        np.testing.assert_allclose(cpp(few, once, clocked, ours.clock.save), ours(few), rtol=1e-9, atol=1e-9)
        number = MANY if width > 1 else SOME
        calls[f"{compiler} {width}"] = partial(cpp, bench.values[:number], once, clocked, ours.clock.save)
        members[f"{compiler} {width}"] = number
    each = {name: seconds / members[name] for name, seconds in bench.medians(calls).items()}
    slow = bench.medians({"numpy": lambda: arrays(bench.values), "ours": calls["10,000"]})
    rows = [Row("microseconds a run, 10,000 members, one core", each["10,000"] * 1e6)]
    rows += [
        Row(f"time a run, {name} members : 10,000", each[name] / each["10,000"]) for name in ("1", "100")
    ]
    for compiler in COMPILERS:
        wide, scalar = (each[f"{compiler} {width}"] for width in (lanes, 1))
        rows.append(Row(f"speed, ours : C++ of {compiler} with {lanes} lanes", wide / each["10,000"], 0.85))
        rows.append(Row(f"speed, ours : scalar C++ of {compiler}", scalar / each["10,000"]))
        bench.scalar_limit = min(bench.scalar_limit or scalar, scalar)
    rows.append(Row("speed, ours : NumPy over 10,000 members", slow["numpy"] / slow["ours"], 5))
    return [*rows, *others(bench, each["10,000"], len(ours.clock.steps)), *gradient(bench)]


def others(bench: Bench, ours: float, n_steps: int) -> list[Row]:
    """Stock PySD for one month, in proportion to the whole run; pysimlin's whole run without analysis of loops."""
    from iskdyn.simulate.pysd_runner import load_pysd, quiet

    steps = 33
    with quiet():
        model = load_pysd(bench.program)
        names = [model.namespace.get(name, name) for name in bench.outputs]
        calls: dict[str, Callable[[], object]] = {
            "pysd": lambda: model.run(final_time=1, return_columns=names)
        }
        pysd = Bench.medians(_rounds(3), calls)["pysd"] * n_steps / steps
    rows = [Row("speed, ours : stock PySD", pysd / ours, 100_000)]
    try:
        import simlin
    except ImportError:
        return rows
    other = simlin.load(MODEL)
    taken = Bench.medians(_rounds(3), {"simlin": lambda: other.run(analyze_loops=False)})["simlin"]
    return [*rows, Row("speed, ours : pysimlin (a run with all variables)", taken / ours)]


def _rounds(number: int) -> Any:
    return argparse.Namespace(rounds=number)


def gradient(bench: Bench) -> list[Row]:
    """A gradient by all constants, and by those of the fit, against a run of the ensemble kernel."""
    make = getattr(engine, "prepare_gradient", None)
    if make is None:
        return []
    rows = []
    for names, bar in (
        (bench.inputs, 5.0),
        (column("parameters.csv", "name", kind="constant", free="yes"), None),
    ):
        both = make(bench.program, names, bench.outputs, save_every=1)
        both._forward.threads = both._both_ways.threads = 1
        values = bench.values[:1000][:, [bench.inputs.index(name) for name in names]]
        bars = np.ones((len(values), len(both.outputs), len(both.times)))
        taken = bench.medians({"run": partial(both.values, values), "both": partial(both.vjp, values, bars)})
        what = f"time, gradient by {len(names)} constants : a run"
        rows.append(Row(what, taken["both"] / taken["run"], bar, at_most=True, unit=" runs"))
    return rows


_NODE = """
const values = Float64Array.from(JSON.parse(require("fs").readFileSync(0)));
const times = [];
for (let i = 0; i < 25; i++) {
  const before = process.cpuUsage();
  simulate(values, N, {});
  const used = process.cpuUsage(before);
  times.push((used.user + used.system) / 1000);
}
console.log(JSON.stringify(times));
"""


def javascript(bench: Bench) -> list[Row]:
    """200 draws in node, in proportion to 432 steps; the first five calls warm up."""
    node = shutil.which("node")
    if node is None:
        return []
    source = to_javascript(bench.program, bench.inputs, bench.outputs, save_every=1)
    script = bench.folder / "speed.js"
    script.write_text(source + _NODE.replace("N,", f"{IN_NODE},"))
    text = json.dumps(bench.values[:IN_NODE].ravel().tolist())
    result = subprocess.run([node, str(script)], input=text, capture_output=True, text=True, check=True)
    steps = len(bench.runner("numpy").clock.steps)
    milliseconds = min(json.loads(result.stdout)[5:])
    rows = [
        Row(
            "200 draws in node, warm, per 432 steps",
            milliseconds * TRIAL_STEPS / steps,
            25,
            at_most=True,
            unit=" ms",
        )
    ]
    if bench.scalar_limit:
        rows.append(Row("speed, node : C++ scalar", bench.scalar_limit / (milliseconds / 1000 / IN_NODE)))
    return rows


def cores(bench: Bench) -> list[Row]:
    """10,000 members by the clock on the wall: the median over rounds of what the second core saves in each.

    Not of the shortest times: that of one core and that of two come from different rounds, and gave up to 2.32.
    """
    if len(os.sched_getaffinity(0)) < 2:
        return []
    one, two = bench.runner("ensemble", 1), bench.runner("ensemble", 2)
    ratios = []
    for _ in range(1 + 3 * bench.rounds):  # the first warms up
        began = time.perf_counter()
        one(bench.values)
        between = time.perf_counter()
        two(bench.values)
        ratios.append((between - began) / (time.perf_counter() - between))
    return [Row("speed, two cores : one, 10,000 members", statistics.median(ratios[1:]), 1.8)]


_START = """
import sys
from iskdyn.cli import main
main(["run"], standalone_mode=False)
print("pysd" in sys.modules, file=sys.stderr)
"""


def starts(bench: Bench) -> list[Row]:
    """`iskdyn run` from the start of Python to its end, with an empty cache and with a filled one."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"ISKDYN_CACHE": cache}
        found = []
        for _ in range(6):
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", _START],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            found.append((time.perf_counter() - began, done.stderr.split()[-1] == "True"))
    warm = min(seconds for seconds, _ in found[1:])
    command, libraries = cold_command(bench.rounds)
    return [
        Row("cold `iskdyn run`, model read", found[0][0], 15, at_most=True, unit=" s"),
        Row("cached `iskdyn run`", warm, 1, at_most=True, unit=" s"),
        Row("cached starts that import PySD", sum(imported for _, imported in found[1:]), 0, at_most=True),
        Row("`iskdyn run` of one stock, a fresh process", command, 2, at_most=True, unit=" s"),
        Row("time, that run : importing pandas and xarray alone", command / libraries),
    ]


def cold_command(rounds: int) -> tuple[float, float]:
    """Least seconds of `iskdyn run` of a model with one stock, and of importing what it prints with."""
    text = "x=INTEG(x/2,1)~~|INITIAL TIME=0~~|FINAL TIME=9~~|TIME STEP=1~~|SAVEPER=1~~|"
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "stock.mdl"
        model.write_text(text)
        commands = [["-m", "iskdyn.cli", "run", str(model)], ["-c", "import pandas, xarray"]]
        taken = [
            min(_seconds([sys.executable, *arguments], folder) for _ in range(rounds))
            for arguments in commands
        ]
    return taken[0], taken[1]


def _seconds(command: list[str], cache: str) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=os.environ | {"ISKDYN_CACHE": cache}, capture_output=True, check=True)
    return time.perf_counter() - began


def processor_flags() -> set[str]:
    """What the processor can do, as its features are named."""
    import llvmlite.binding as llvm

    return {name for name, there in llvm.get_host_cpu_features().items() if there}


def processor() -> str:
    """Model of the processor."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())


def table(rows: list[Row]) -> str:
    """The rows as a table in Markdown."""
    cells = [["what", "measured", "bar", ""], ["---"] * 4, *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells) + "\n"


def main() -> None:
    """Measure, print, and write the table where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", type=Path, help="a text whose part after '## Last table' is replaced")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments.rounds, Path(folder))
        rows = [*kernels(bench), *javascript(bench), *cores(bench), *starts(bench)]
    features = "AVX-512" if "avx512f" in processor_flags() else "AVX2"
    load = os.getloadavg()[0]
    about = (
        f"{datetime.now(UTC):%Y-%m-%d}, {processor()} ({features}), load {load:.1f} on {os.cpu_count()} cores"
    )
    text = f"{about}; `{MODEL.name}`, medians of {arguments.rounds} rounds.\n\n{table(rows)}"
    print(text)
    if arguments.write:
        head = arguments.write.read_text().split("## Last table", 1)[0]
        arguments.write.write_text(f"{head}## Last table\n\n{text}")


if __name__ == "__main__":
    main()
