"""`iskdyn ask`: what to ask whom, by what the answer would settle."""

from __future__ import annotations

from pathlib import Path

from iskdyn.cli.app import (
    draws_option,
    json_option,
    main,
    method_option,
    progress_of,
    quiet_option,
    seed_option,
    show,
    study_option,
    without_option,
)


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
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("ask", quiet=quiet) as progress:
        result = app.ask(study, without=without, draws=draws, seed=seed, progress=progress)
    show(result, as_json=as_json)
