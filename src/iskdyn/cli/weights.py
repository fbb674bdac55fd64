"""`iskdyn weights`: how much each structure weighs, and how far that rests on numbers that we set."""

from __future__ import annotations

from pathlib import Path

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option


@main.command()
@method_option
@study_option
@json_option
@quiet_option
def weights(method: str | None, study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """How much each structure weighs by the evidence and by stacking, with narrower and wider priors and errors.

    Samples each structure briefly five times, some half a minute each. Every row is stored as soon as it is there:
    what was stopped goes on there.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("weights", quiet=quiet) as progress:
        result = app.weights(study, progress=progress)
    show(result, as_json=as_json)
