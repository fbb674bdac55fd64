"""`iskdyn ask`: what to ask whom, by what the answer would settle."""

from __future__ import annotations

import json
from pathlib import Path

import click

from iskdyn.cli.app import (
    draws_option,
    json_option,
    main,
    method_option,
    quiet_option,
    seed_option,
    study_option,
)
from iskdyn.cli.shown_draws import marked, shown_draws, under, without_option


@main.command()
@without_option
@draws_option
@seed_option
@method_option
@study_option
@json_option
@quiet_option
def ask(
    without: str | None, draws: int, seed: int, method: str | None, study_path: Path | None, as_json: bool, quiet: bool
) -> None:  # fmt: skip
    """The questions whose answers would settle most, in words that can be put to a person.

    For each draw the answers are simulated that people would give if it were true, with their error and leaning;
    each is worth what it takes off the chance that the likelier sign of an effect is wrong. The words are the
    story's; numbers that it does not ask of are asked in the model's own words.
    """
    from iskdyn.reports.questions import ask as run
    from iskdyn.reports.questions import questions_records, questions_text
    from iskdyn.reports.story import study_story
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    story = study_story(study)
    spread, banner = shown_draws(study, without, draws, seed, quiet=quiet)
    found = run(study, story, spread, seed)
    n_effects = len(study.settings.tactics) * len(study.settings.headline)
    told = json.dumps(marked(banner, questions_records(found)), indent=1)
    click.echo(told if as_json else under(banner, questions_text(found, n_effects)))
