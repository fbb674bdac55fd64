"""`iskdyn report`: the report as one page."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from iskdyn.cli.app import INTERRUPTED, json_option, main, method_option, quiet_option, study_option
from iskdyn.cli.fit import fit_and_store


@main.command()
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER", help="By default the study's report folder."
)
@method_option
@study_option
@json_option
@quiet_option
def report(out: Path | None, method: str | None, study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Build the annex, the brief beside it (as PDF too), and the analyst's page where the study names levers.

    Fits first where no stored fit belongs to the study as it is.
    """
    from iskdyn.calibration import load_fit, verify
    from iskdyn.output import progress_bar
    from iskdyn.reports import build
    from iskdyn.reports.brief import FILE as BRIEF
    from iskdyn.reports.brief import NO_PDF, answer, print_brief
    from iskdyn.reports.page import build_page
    from iskdyn.reports.page.build import models_beside
    from iskdyn.reports.story import read_story
    from iskdyn.reports.whole import read_whole
    from iskdyn.study import FIT, open_study

    study = open_study(study_path, method)
    read_whole(study)
    stored = study.stored(FIT)
    if not stored.is_file() or verify(study, load_fit(stored, {})):
        click.echo("no stored fit belongs to the study as it is: fitting first", err=True)
        if fit_and_store(study, study.path_of("results") / FIT, quiet=quiet)[0].status == "interrupted":
            sys.exit(INTERRUPTED)
    with progress_bar(None, "report", quiet=quiet) as bar:

        def progress(what: str) -> None:
            bar.set_postfix_str(what, refresh=False)
            bar.update()

        folder = out or study.path_of("report")
        story = read_story(study.path_of("story"), study.settings.headline)
        first = answer(study, story, progress) if story.brief is not None else None
        written = {"report": build(study, folder, progress, first)}
        if (folder / BRIEF).is_file():
            written["brief"] = folder / BRIEF
            if printed := print_brief(folder / BRIEF):
                written["brief as PDF"] = printed
        no_page = models_beside(study)
        if study.path_of("levers").is_file() and not no_page:
            written["page"] = build_page(study, folder, progress, first)[0]
    for problem in no_page:
        click.echo(f"no page: {problem}", err=True)
    if "brief" in written and "brief as PDF" not in written:
        click.echo(NO_PDF, err=True)
    paths = {name: str(path) for name, path in written.items()}
    click.echo(json.dumps(paths) if as_json else "\n".join(paths.values()))
