"""`iskdyn brief`: the answer on one page."""

from __future__ import annotations

import json
from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option


@main.command()
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER", help="By default the study's report folder."
)
@method_option
@study_option
@json_option
@quiet_option
def brief(out: Path | None, method: str | None, study_path: Path | None, as_json: bool, quiet: bool) -> None:
    """Write the answer on one page: a finding, its human cost, what each tactic did and who says so.

    Takes less than a minute; its numbers are those of `iskdyn effects`. Where a browser is found, a PDF stands beside.
    """
    from iskdyn.output import progress_bar
    from iskdyn.reports.brief import NO_PDF, build_brief, print_brief
    from iskdyn.reports.whole import read_whole
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    read_whole(study)
    with progress_bar(None, "brief", quiet=quiet) as bar:

        def progress(what: str) -> None:
            bar.set_postfix_str(what, refresh=False)
            bar.update()

        path, _ = build_brief(study, out, progress)
        printed = print_brief(path)
    written = {"brief": str(path)} | ({"pdf": str(printed)} if printed else {})
    if printed is None:
        click.echo(NO_PDF, err=True)
    click.echo(json.dumps(written) if as_json else "\n".join(written.values()))
