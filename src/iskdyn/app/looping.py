"""Which feedback loops drove an outcome."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from iskdyn.app.answers import shown_draws
from iskdyn.app.result import Progress, Result, as_json, silent, table_of
from iskdyn.app.whole import reads_whole
from iskdyn.draws import SEED

if TYPE_CHECKING:
    from iskdyn.confidence.loops import Driven, Drives, LinkScores
    from iskdyn.model import Program
    from iskdyn.study import Study
    from iskdyn.study.inputs import Inputs
    from iskdyn.written import JsonObject

N_DRAWS = 100
"""Loops of every variable are scored in each run, which costs far more than the run: a quarter of what other
surfaces show."""
MOST_SHOWN = 25
"""A screenful; all of them are in --json."""
_ALONE = "stocks draining or filling by themselves"


@reads_whole
def loops(
    study: Study,
    *,
    scenario: str | None = None,
    against: str | None = None,
    outcome: str | None = None,
    without: str | None = None,
    progress: Progress = silent,
) -> Result[list[Driven]]:
    """The loops that drove an outcome, over draws; a row of the table a scenario, outcome and loops of one name.

    Parameters
    ----------
    scenario : name of the study's, or a TOML file; by default history
    against : another one to compare it with, or "history"
    outcome : what was driven; by default what the study lists, else its headline
    without : source or id of a fact that is struck out
    """
    from iskdyn.confidence.loops import differences, drives, read_names
    from iskdyn.levers.measured import chance_words

    names = read_names(study)
    outcomes = [study.program[outcome].name] if outcome else list(names.outcomes)
    outcomes = outcomes or [study.program[name].name for name in study.settings.headline]
    shown = shown_draws(study, without, N_DRAWS, SEED, progress)
    draws = shown.spread
    scenarios = [scenario or "history", *([against] if against else [])]
    found = [drives(study, draws, names, outcomes, _changes(study, name)) for name in scenarios]
    content: dict[str, object] = {
        "draws": draws.kind,
        "scenarios": {name: _content(driven) for name, driven in zip(scenarios, found, strict=True)},
    }
    tables = [_table(study, found[0].drives[name]) for name in outcomes]
    if against:
        pairs = {name: (found[1].drives[name], found[0].drives[name]) for name in outcomes}
        content["differences"] = {
            name: [vars(row) for row in differences(*pair)] for name, pair in pairs.items()
        }
        tables = [_comparison(name, *pair, scenarios) for name, pair in pairs.items()]
    says = "\n".join(f"{name}: {driven.found.words}" for name, driven in zip(scenarios, found, strict=True))
    by_chance = f"{draws.kind}: {chance_words(len(draws.draws))}"
    text = shown.under("\n\n".join([*tables, f"{by_chance}\n{says}"]))
    rows = [row for name, driven in zip(scenarios, found, strict=True) for row in _rows(name, driven)]
    return Result(found, table_of(shown.in_each(rows)), text, as_json(shown.marked(content)), shown.notes)


def _changes(study: Study, scenario: str) -> Inputs | None:
    return None if scenario == "history" else study.scenario(scenario).inputs


def _rows(scenario: str, driven: Driven) -> list[dict[str, object]]:
    """A row each outcome and name of loops: its mean share of what moved, signed, and how often it was the largest."""
    import numpy as np

    from iskdyn.confidence.loops import UNNAMED

    return [
        {
            "scenario": scenario,
            "outcome": outcome,
            "loops": name,
            "share": float(drives.sizes[name].mean()),
            "damps or feeds": float(np.median(drives.over_all(name))),
            "largest in draws": None if name == UNNAMED else float(drives.dominant(name).mean()),
        }
        for outcome, drives in driven.drives.items()
        for name in drives.names
    ]


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


def _content(driven: Driven) -> JsonObject:
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


@dataclass(frozen=True)
class ScoredLoop:
    """A loop of a model's own run.

    Attributes
    ----------
    loop : its variables, each moving the next and the last the first
    sign : "+" feeds, "-" damps, as `iskdyn.confidence.loops.polarity` has it
    mean, largest : share of all loops' size, over the run and where it is largest
    at : the time of that
    """

    loop: str
    sign: str
    mean: float
    largest: float
    at: float


def model_loops(program: Program, outcome: str | None = None) -> Result[list[ScoredLoop]]:
    """The loops of a model run as it is written, the strongest first; a row a loop.

    Parameters
    ----------
    program : as `iskdyn.model.read_model` gives it
    outcome : only loops through this variable, or through the stocks that it is made of
    """
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
    from iskdyn.simulate import prepare

    prepare(program, [], [])  # refuses a delay that cannot run; its stages, once they are stocks, would
    program = spelled_out(program)
    step = scored_step(program)
    scores = link_scores(program, trace(program, {}, save_every=step), links_of(program))
    found = find_loops(program, scores)
    wanted = _stations(program, scores, found.level, outcome)
    rows = []
    for loop, share in zip(found.loops, shares(found), strict=True):
        if wanted is None or wanted & set(loop):
            size = np.abs(share[0])
            at = float(found.links.times[size.argmax()])
            named = " -> ".join(program.by_key[key].name for key in loop)
            rows.append(ScoredLoop(named, polarity(share[0]), float(size.mean()), float(size.max()), at))
    rows.sort(key=lambda row: -row.mean)
    how = f"{found.words}; scored every {step:g}"
    told = [asdict(row) for row in rows]
    content = as_json({"complete": found.complete, "how": how, "loops": told})
    return Result(rows, table_of(told), f"{_loops_text(rows)}\n{how}", content)


def _loops_text(rows: list[ScoredLoop]) -> str:
    from iskdyn.output import text_table

    cells = [
        [row.loop, row.sign, f"{row.mean:.1%}", f"{row.largest:.1%}", f"{row.at:g}"]
        for row in rows[:MOST_SHOWN]
    ]
    table = text_table(["loop", "sign", "mean share", "largest", "at time"], cells)
    more = f"\nand {len(rows) - MOST_SHOWN} weaker ones; see --json" if len(rows) > MOST_SHOWN else ""
    return f"{table}{more}"


def _stations(program: Program, scores: LinkScores, level: str, outcome: str | None) -> set[str] | None:
    """Keys of which a loop must pass one: the outcome's, or of the stocks that it is made of."""
    from iskdyn.confidence.loops import OUTSIDE, pushes

    if outcome is None:
        return None
    variable = program[outcome]
    if level == "variables" or variable.kind == "stock":
        return {variable.key}
    return set(pushes(program, scores, variable.key)) - {OUTSIDE}
