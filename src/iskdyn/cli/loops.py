"""`iskdyn loops`: which feedback loops drove an outcome."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from iskdyn.cli.app import json_option, main, method_option, study_option
from iskdyn.cli.shown_draws import marked, shown_draws, under, without_option
from iskdyn.draws import SEED
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    from iskdyn.confidence.loops import Driven, Drives, LinkScores, Loop
    from iskdyn.model import Program
    from iskdyn.study import Study

N_DRAWS = 100
MOST_SHOWN = 25


@main.command()
@click.argument("model", required=False, type=click.Path(path_type=Path))
@click.option("--scenario", metavar="NAME|FILE.toml", help="The scenario to look at; by default history.")
@click.option("--against", metavar="NAME|FILE.toml|history", help="Another one to compare it with.")
@click.option("--of", "outcome", metavar="VARIABLE", help="What was driven; by default what the study lists.")
@without_option
@method_option
@study_option
@json_option
def loops(
    model: Path | None,
    scenario: str | None,
    against: str | None,
    outcome: str | None,
    without: str | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
) -> None:
    """Show which feedback loops drove an outcome: of the study over draws, or of one run of a MODEL.

    The shares are of all loops through what the outcome is made of; below zero a loop damps, above it feeds.
    """
    if model is not None:
        if study_path is not None or scenario or against or without:
            message = "scenarios, --without and --study belong to a study, not to a MODEL"
            raise InputError(Problem("MODEL", message))
        click.echo(_model(model, method, outcome, as_json))
        return
    from iskdyn.study import open_study

    click.echo(_study(open_study(study_path, method), scenario, against, outcome, without, as_json))


def _model(path: Path, method: str | None, outcome: str | None, as_json: bool) -> str:
    """The loops of a model run as it is written, the strongest first."""
    import numpy as np

    from iskdyn.confidence.loops import (
        find_loops,
        link_scores,
        links_of,
        polarity,
        scored_step,
        shares,
        spelled_out,
        trace,
    )
    from iskdyn.model import read_model
    from iskdyn.output import text_table
    from iskdyn.simulate import prepare
    from iskdyn.simulate.method import with_method

    read = with_method(read_model(path), method)
    prepare(read, [], [])  # refuses a delay that cannot run; its stages, once they are stocks, would
    program = spelled_out(read)
    step = scored_step(program)
    scores = link_scores(program, trace(program, {}, save_every=step), links_of(program))
    found = find_loops(program, scores)
    wanted = _stations(program, scores, found.level, outcome)
    rows: list[tuple[Loop, str, float, float, float]] = []
    for loop, share in zip(found.loops, shares(found), strict=True):
        if wanted is None or wanted & set(loop):
            size = np.abs(share[0])
            at = float(found.links.times[size.argmax()])
            rows.append((loop, polarity(share[0]), float(size.mean()), float(size.max()), at))
    rows.sort(key=lambda row: -row[2])

    def named(loop: Loop) -> str:
        return " -> ".join(program.by_key[one].name for one in loop)

    how = f"{found.words}; scored every {step:g}"
    if as_json:
        fields = ("loop", "sign", "mean", "largest", "at")
        told = [dict(zip(fields, (named(row[0]), *row[1:]), strict=True)) for row in rows]
        return json.dumps({"complete": found.complete, "how": how, "loops": told}, indent=1)
    cells = [
        [named(loop), sign, f"{mean:.1%}", f"{largest:.1%}", f"{at:g}"]
        for loop, sign, mean, largest, at in rows[:MOST_SHOWN]
    ]
    table = text_table(["loop", "sign", "mean share", "largest", "at time"], cells)
    more = f"\nand {len(rows) - MOST_SHOWN} weaker ones; see --json" if len(rows) > MOST_SHOWN else ""
    return f"{table}{more}\n{how}"


def _stations(program: Program, scores: LinkScores, level: str, outcome: str | None) -> set[str] | None:
    """Keys of which a loop must pass one: the outcome's, or of the stocks that it is made of."""
    from iskdyn.confidence.loops import OUTSIDE, pushes

    if outcome is None:
        return None
    variable = program[outcome]
    if level == "variables" or variable.kind == "stock":
        return {variable.key}
    return set(pushes(program, scores, variable.key)) - {OUTSIDE}


def _study(
    study: Study, scenario: str | None, against: str | None, outcome: str | None, without: str | None, as_json: bool
) -> str:  # fmt: skip
    from iskdyn.confidence.loops import differences, drives, read_names
    from iskdyn.levers.measured import chance_words

    names = read_names(study)
    outcomes = [study.program[outcome].name] if outcome else list(names.outcomes)
    outcomes = outcomes or [study.program[name].name for name in study.settings.headline]
    draws, banner = shown_draws(study, without, N_DRAWS, SEED, quiet=False)
    scenarios = [scenario or "history", *([against] if against else [])]
    found = [drives(study, draws, names, outcomes, _changes(study, one)) for one in scenarios]
    if as_json:
        content: dict[str, Any] = {
            "draws": draws.kind,
            "scenarios": {name: _json(one) for name, one in zip(scenarios, found, strict=True)},
        }
        if against:
            content["differences"] = {
                one: [vars(row) for row in differences(found[1].drives[one], found[0].drives[one])]
                for one in outcomes
            }
        return json.dumps(marked(banner, content), indent=1)
    tables = [_table(study, found[0].drives[one]) for one in outcomes]
    if against:
        tables = [_comparison(one, found[1].drives[one], found[0].drives[one], scenarios) for one in outcomes]
    says = "\n".join(f"{name}: {one.found.words}" for name, one in zip(scenarios, found, strict=True))
    return under(banner, "\n\n".join([*tables, f"{draws.kind}: {chance_words(len(draws.draws))}\n{says}"]))


def _changes(study: Study, scenario: str) -> Any:
    return None if scenario == "history" else study.scenario(scenario).inputs


def _table(study: Study, drives: Drives) -> str:
    import numpy as np

    from iskdyn.confidence.loops import UNNAMED, phases
    from iskdyn.output import text_table

    rows = [
        [
            name,
            f"{drives.sizes[name].mean():.0%}",
            f"{np.median(drives.over_all(name)):+.0%}",
            "" if name == UNNAMED else f"{drives.dominant(name).mean():.0%}",
        ]
        for name in drives.names
    ]
    head = (
        f"{drives.outcome}: {np.median(drives.outside):.0%} of its movement came from outside the loops; "
        f"{np.median(drives.alone):.0%} of the loops' size is {_ALONE}. Of the rest:"
    )
    led = [
        f"  {study.month(one.first)} to {study.month(one.last)}: {one.name or 'no loop in half of the draws'}"
        + (f" (in {one.share:.0%} of draws)" if one.name else "")
        for one in phases(drives)
    ]
    table = text_table(["loops", "share", "damps (-) or feeds (+)", "largest in draws"], rows)
    return "\n".join([head, table, "largest, month by month:", *led])


_ALONE = "stocks draining or filling by themselves"


def _comparison(outcome: str, first: Drives, second: Drives, scenarios: list[str]) -> str:
    from iskdyn.confidence.loops import differences
    from iskdyn.output import text_table

    rows = [
        [one.name, f"{one.first:+.1%}", f"{one.second:+.1%}", f"{one.low:+.1%} to {one.high:+.1%}",
         f"{one.share_larger:.0%}"]
        for one in differences(first, second)
    ]  # fmt: skip
    header = ["loops", scenarios[1], scenarios[0], "difference in 90 % of draws", "larger in draws"]
    return f"{outcome}, signed shares of the loops of several stocks\n{text_table(header, rows)}"


def _json(driven: Driven) -> dict[str, Any]:
    import numpy as np

    return {
        "complete": driven.found.complete,
        "how": driven.found.words,
        "unexplained": driven.unexplained,
        "outcomes": {
            name: {
                "outside": np.median(one.outside, axis=0).tolist(),
                "alone": np.median(one.alone, axis=0).tolist(),
                "loops": {
                    group: {
                        "share": one.sizes[group].mean(axis=0).tolist(),
                        "signed": np.median(one.shares[group], axis=0).tolist(),
                        "largest_in_draws": one.dominant(group).tolist(),
                    }
                    for group in one.names
                },
            }
            for name, one in driven.drives.items()
        },
    }
