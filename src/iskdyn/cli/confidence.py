"""`iskdyn confidence`: the confidence tests of the fitted study, a row a test."""

from __future__ import annotations

from pathlib import Path

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option


@main.command()
@method_option
@study_option
@json_option
@quiet_option
def confidence(method: str | None, study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Run the confidence tests of system dynamics on the fitted study.

    Each is green, judged (a written reason stands in the study) or red; exit code 1 where one is red.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("confidence", quiet=quiet) as progress:
        result = app.confidence(study, progress=progress)
    show(result, as_json=as_json)
