"""`iskdyn rules`: each rule of the actors fitted alone, then the loops closed one by one."""

from __future__ import annotations

from pathlib import Path

from iskdyn.cli.app import json_option, main, method_option, progress_of, quiet_option, show, study_option


@main.command()
@method_option
@study_option
@json_option
@quiet_option
def rules(method: str | None, study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Fit each rule by which an actor decides to its own observations, then close the loops one by one.

    Needs the stored fit. Each rule is fitted with every other decision on its own path of that fit; then all
    decisions begin on their paths and are freed in the order of the study's rules. Takes about a minute.
    """
    from iskdyn import app
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    with progress_of("rules", quiet=quiet) as progress:
        result = app.rules(study, progress=progress)
    show(result, as_json=as_json)
