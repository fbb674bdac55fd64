"""The page's numbers are the study's: JavaScript in node against Python."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from iskdyn.cli import main
from iskdyn.levers.verdict import verdict
from iskdyn.reports.page.data import SAVE_EVERY, Sources, kernel, simulated
from iskdyn.simulate import prepare
from iskdyn.telling.thresholds import AGREE, NARROW, SMALL

N_CASES = 500
RUN = """
const { runKernel } = await import("./kernel.js");
const simulate = new Function(fs.readFileSync("kernel.txt", "utf8") + "; return simulate;")();
const one = ({ values, changes }) => runKernel(simulate, data, Float64Array.from(values), changes, given.until);
return given.cases.map((it) => Array.from(one(it).values));
"""


@pytest.fixture(scope="module")
def run_cases(node: Callable[..., Any], sources: Sources) -> Callable[..., Any]:
    """The page's own model on cases {values, changes}: (n_cases, n_outputs, n_times)."""
    text = kernel(sources, simulated(sources.study), "simulate", SAVE_EVERY, compiled=True)
    node("fs.writeFileSync('kernel.txt', given)", text)

    def run(cases: list[dict[str, Any]], until: float) -> Any:
        found = np.array(node(RUN, {"cases": cases, "until": until}))
        return found.reshape(len(cases), len(simulated(sources.study)), -1)

    return run


def test_the_page_tells_a_direction_from_the_same_shares_as_the_command_line(
    node: Callable[..., Any],
) -> None:
    code = """
    const { AGREE } = await import("./statistics.js"), { SMALL, NARROW } = await import("./words.js");
    return [AGREE, SMALL, NARROW];
    """
    assert node(code) == [AGREE, SMALL, NARROW]


def test_the_page_says_of_a_difference_what_the_command_line_says(node: Callable[..., Any]) -> None:
    rng = np.random.default_rng(1)
    parts = rng.choice([-1, 0, 1], 50, p=[0.04, 0.8, 0.16])
    sizes, shifts = 10 ** rng.uniform(-1, 1, 400), rng.uniform(-3, 3, 400)
    cases = [size * (rng.standard_normal(50) + shift) for size, shift in zip(sizes, shifts, strict=True)]
    base = rng.uniform(80, 120, 50)
    code = """
    const { agreed, spreadOf } = await import("./statistics.js"), { verdictOf } = await import("./words.js");
    const spread = (it) => spreadOf(Float64Array.from(it)), base = spread(given.base);
    const effectOf = (it) => ({ base, difference: spread(it), agreed: agreed(it, given.parts) });
    return given.cases.map((it) => verdictOf({ digits: 9 }, effectOf(it)));
    """
    given = {"cases": [one.tolist() for one in cases], "base": base.tolist(), "parts": parts.tolist()}
    told = [{"fewer": "lower", "more": "higher"}.get(one, one) for one in node(code, given)]
    assert told == [verdict(one, base, [parts == 0, parts == 1]) for one in cases]
    assert set(told) == {"lower", "higher", "open", "hardly any"}


def relative(found: Any, expected: Any) -> float:
    """Largest difference, relative to each output's largest size in its run."""
    size = np.maximum(np.abs(expected).max(axis=-1, keepdims=True), 1e-12)
    return float((np.abs(found - expected) / size).max())


def test_javascript_equals_python_on_random_levers_and_draws(
    run_cases: Callable[..., Any], sources: Sources, data: dict[str, Any]
) -> None:
    study, random = sources.study, np.random.default_rng(7)
    levers = [one for one in data["levers"] if one["default"] is not None and one["group"] != "reading"]
    draws = (
        sources.around.draws[random.integers(0, len(sources.around.draws), N_CASES)]
        .astype("<f4")
        .astype(float)
    )
    values = draws[:, [sources.around.names.index(name) for name in data["parameters"]]]
    moved = np.array([random.uniform(one["low"], one["high"], N_CASES) for one in levers]).T
    kept = random.random(moved.shape) < 0.5
    moved = np.where(kept, [one["default"] for one in levers], moved)
    runner = prepare(
        study.program, [*data["parameters"], *(one["name"] for one in levers)], simulated(study),
        final_time=study.end_time(), save_every=SAVE_EVERY,
    )  # fmt: skip
    expected = runner(np.hstack([values, moved]))
    cases = [
        {"values": row.tolist(), "changes": {one["name"]: v for one, v in zip(levers, at, strict=True)}}
        for row, at in zip(values, moved.tolist(), strict=True)
    ]
    assert relative(run_cases(cases, study.end_time()), expected) <= 1e-9


def test_javascript_equals_python_on_levers_over_time(
    run_cases: Callable[..., Any], sources: Sources, data: dict[str, Any]
) -> None:
    study, until = sources.study, sources.study.end_time("2026-06")
    values = sources.around.centre[[sources.around.names.index(name) for name in data["parameters"]]]
    for scenario in data["scenarios"]:
        found = run_cases([{"values": values.tolist(), "changes": scenario["changes"]}], until)
        named = study.scenarios[scenario["name"]].inputs.spelled(study.program)
        start = dict(zip(data["parameters"], values, strict=True)) | dict(named.values)
        runner = prepare(
            study.program, list(start), simulated(study), final_time=until, save_every=SAVE_EVERY,
            series=dict(named.series), engine="numpy",
        )  # fmt: skip
        assert relative(found, runner(np.array([list(start.values())]))) <= 1e-9, scenario["name"]


def test_a_downloaded_scenario_runs_to_the_same_numbers_on_the_command_line(
    run_cases: Callable[..., Any],
    node: Callable[..., Any],
    data: dict[str, Any],
    sources: Sources,
    tmp_path: Path,
) -> None:
    tactics = [one for one in data["levers"] if one["group"] == "tactic"]
    changes = {
        tactics[0]["name"]: 0.123456789,
        tactics[1]["name"]: [[8.5, 1.0], [9.5, 0.1]],
        tactics[3]["name"]: [[0.25, 1.5], [3.5, 1 / 3], [12.5, 2.0]],
    }
    code = """const { scenarioToml } = await import("./files.js");
        return scenarioToml({ changes: given.changes, until: given.until }, data, 'A "title"\\n');"""
    until = sources.study.end_time()
    text = node(code, {"changes": changes, "until": until})
    assert tomllib.loads(text)["title"] == 'A "title"\n'
    path = tmp_path / "mine.toml"
    path.write_text(text)
    out = tmp_path / "run.csv"
    study = str(sources.study.root)
    result = CliRunner().invoke(main, ["run", "--study", study, "--scenario", str(path), "--out", str(out)])
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out)
    written = [sources.study.program[name].value for name in data["parameters"]]
    found = run_cases([{"values": written, "changes": changes}], until)[0]
    times = np.arange(found.shape[1]) * SAVE_EVERY
    kept = np.isin(times, table["time"])
    for i, name in enumerate(sources.study.settings.headline):
        column = next(column for column in table if column.startswith(f"{name} ["))
        values = table.set_index("time")[column].loc[times[kept]].to_numpy()
        assert np.allclose(found[i, kept], values, rtol=1e-9, atol=1e-12), name


def test_bands_are_numpys_quantiles_and_measures_the_reports(node: Callable[..., Any]) -> None:
    random = np.random.default_rng(3)
    values = random.normal(size=(37, 11)).cumsum(axis=1)
    code = """const { bandsOver, measuresOf } = await import("./statistics.js");
        const table = Float64Array.from(given.flat()), times = Array.from({ length: 11 }, (_, i) => i / 4);
        const all = ["at_end", "mean", "sum"].map((how) => Array.from(measuresOf(how, table, 37, times)));
        return [Array.from(bandsOver(table, 37)), all];"""
    bands, measured = node(code, values.T.tolist())
    assert np.array_equal(
        np.array(bands).reshape(5, 11).round(12),
        np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0).round(12),
    )
    total = np.trapezoid(values, np.arange(11) / 4)
    assert np.array(measured) == pytest.approx(np.array([values[:, -1], total / 2.5, total]))


def test_where_the_compiled_kernel_is_refused_the_written_out_one_gives_its_numbers(
    node: Callable[..., Any], run_cases: Callable[..., Any], sources: Sources, data: dict[str, Any]
) -> None:
    written = kernel(sources, [*simulated(sources.study), *data["decisions"]], "explain", 1.0)
    code = """const { eitherKernel, runKernel } = await import("./kernel.js"), { halves } = await import("./packed.js");
        const load = (text, name) => new Function(`${text}; return ${name};`)();
        const compiled = load(fs.readFileSync("kernel.txt", "utf8"), "simulate"), refused = () => { throw 0; };
        const outputs = [...data.outcomes.map((one) => one.name), ...data.paths];
        const either = eitherKernel(refused, load(given.written, "explain"), outputs, data.clock.every);
        const values = halves(data.draws, data.powers).subarray(0, 23 * data.parameters.length);
        return [compiled, either].map((one) => Array.from(runKernel(one, data, values, given.changes, 5).values));"""
    still = next(one["name"] for one in data["levers"] if one["group"] == "reading")
    for changes in ({data["levers"][0]["name"]: 0.3}, {data["levers"][0]["name"]: 0.3, still: 1}):
        found = np.array(node(code, {"written": written, "changes": changes}))
        rows = found.reshape(2, 23 * len(simulated(sources.study)), -1)
        assert relative(rows[1], rows[0]) <= 1e-9


def test_two_halves_of_the_draws_say_the_same_as_all(
    run_cases: Callable[..., Any], node: Callable[..., Any], data: dict[str, Any]
) -> None:
    code = """const { makePart, makeAnalysis } = await import("./ensemble.js");
        const simulate = new Function(fs.readFileSync("kernel.txt", "utf8") + "; return simulate;")();
        const request = { changes: given, base: {}, until: 6, n: 31, view: "difference", lines: true };
        const with_ = (of) => {
          const parts = Array.from({ length: of }, (_, which) => makePart(data, simulate, which, of));
          const answers = parts.map((part) => part.answer(request));
          const { bands, base, lines, effects } = makeAnalysis(data, of)(request, answers);
          return JSON.stringify([Array.from(bands), Array.from(base), Array.from(lines), effects]);
        };
        return with_(1) === with_(2);"""
    assert node(code, {data["levers"][0]["name"]: 0.3})
