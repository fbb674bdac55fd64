"""`iskdyn sensitivity`: what the answers depend on, and where a policy fails."""

from __future__ import annotations

from pathlib import Path

import click

from iskdyn.cli.app import (
    json_option,
    main,
    method_option,
    progress_of,
    quiet_option,
    show,
    study_option,
    without_option,
)


@main.command()
@click.option("--outcome", metavar="NAME", help="Only this outcome, with each tactic's effect on it.")
@click.option(
    # `SAMPLES` of sensitivity/study.py, which is not imported for --help
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
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    result: app.Result[object]
    with progress_of("sensitivity", quiet=quiet) as progress:
        if scenario is not None:
            result = app.failures(study, scenario, without=without, out=out, progress=progress)
        else:
            result = app.sensitivity(
                study, outcome=outcome, samples=samples, without=without, out=out, progress=progress
            )
    show(result, as_json=as_json)
