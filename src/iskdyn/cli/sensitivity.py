"""`iskdyn sensitivity`: what the answers depend on, and where a policy fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option
from iskdyn.cli.shown_draws import marked, shown_draws, tell_kind, under, without_option
from iskdyn.draws import SEED
from iskdyn.errors import InputError, Problem

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.levers import Measure
    from iskdyn.study import Study


N_DRAWS = 1000
"""More than other surfaces show: an index of one number needs many."""


@main.command()
@click.option("--outcome", metavar="NAME", help="Only this outcome, with each tactic's effect on it.")
@click.option(
    "--samples",
    type=click.IntRange(2),
    default=1024,
    show_default=True,
    help="Base rows of the Sobol design, a power of 2.",
)
@click.option("--scenario", metavar="NAME|FILE.toml", help="Instead: where does this scenario fail?")
@without_option
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write everything as JSON too.")
@method_option
@study_option
@json_option
@quiet_option
def sensitivity(
    outcome: str | None,
    samples: int,
    scenario: str | None,
    without: str | None,
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Which numbers the outcomes and the tactics' effects depend on.

    Before the evidence by Morris screening and Sobol indices over every number's prior; after it by PAWN
    indices over the draws; and which number, if it were known, would settle which open sign.
    """
    from iskdyn.files import write_text_whole
    from iskdyn.study import open_study
    from iskdyn.study.stamp import stamp

    study = open_study(study_path, method)
    measures = _measures(study, outcome)
    around, banner = _draws(study, without, written=scenario is None, quiet=quiet)
    content, text = (
        _failures(study, around, scenario)
        if scenario
        else _sensitivity(study, around, measures, samples, quiet)
    )
    content = marked(banner, content)
    if out is not None:
        line = stamp(study, asked=repr(("sensitivity", outcome, samples, scenario, without)))
        write_text_whole(out, json.dumps({"run": line, **content}, indent=1) + "\n")
    click.echo(json.dumps(content, indent=1) if as_json else under(banner, text))


def _draws(study: Study, without: str | None, *, written: bool, quiet: bool) -> tuple[Spread, str]:
    """Of all structures; or of the model as written, in which no number is fixed, for what is asked of each number."""
    from iskdyn.calibration import load_fit, load_variants, read_variants, spread
    from iskdyn.levers import structure_draws
    from iskdyn.study import FIT

    own = read_variants(study)[0].name
    if without is not None or not written:
        return shown_draws(study, without, N_DRAWS, SEED, quiet=quiet, structure=own if written else None)
    if own in load_variants(study, 1):
        return structure_draws(study, own, N_DRAWS, SEED), ""
    found = spread(study, load_fit(study.stored(FIT), {}), N_DRAWS, SEED)
    tell_kind(found)
    return found, ""


def _measures(study: Study, outcome: str | None = None) -> dict[str, Measure]:
    """How each headline outcome, or the one that is asked for, is measured."""
    from iskdyn.model.names import suggest
    from iskdyn.reports.story import headline_measures, study_story

    found = headline_measures(study, study_story(study))
    if outcome is None:
        return found
    if outcome not in found:
        raise InputError(Problem("--outcome", f"'{outcome}' is no headline outcome{suggest(outcome, found)}"))
    return {outcome: found[outcome]}


def _sensitivity(
    study: Study, around: Spread, measures: dict[str, Measure], samples: int, quiet: bool
) -> tuple[dict[str, Any], str]:
    from iskdyn.output import progress_bar
    from iskdyn.sensitivity import sensitivity as run
    from iskdyn.sensitivity.tell import sensitivity_json, sensitivity_text

    steps: list[str] = []
    with progress_bar(None, "sensitivity", quiet=quiet) as bar:

        def tell(what: str, done: int, of: int) -> None:
            if what not in steps:
                steps.append(what)
                bar.set_description(what, refresh=False)
                bar.reset(of)
            bar.update(done)

        found = run(study, around, measures, n_base=samples, tell=tell)
    return sensitivity_json(found), sensitivity_text(found, every=len(measures) == 1)


def _failures(study: Study, around: Spread, scenario: str) -> tuple[dict[str, Any], str]:
    from iskdyn.sensitivity import failures
    from iskdyn.sensitivity.tell import failures_json, failures_text

    found = failures(study, around, study.scenario(scenario), _measures(study))
    units = {one.name: one.units for one in study.program if one.units not in ("", "Dmnl")}
    return failures_json(found), failures_text(found, units)
