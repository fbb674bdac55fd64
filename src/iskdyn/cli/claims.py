"""`iskdyn claims`: the source's claims as tests of the model."""

from __future__ import annotations

import json
from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option
from iskdyn.cli.shown_draws import marked, striking, tell_kind, under, without_option


@main.command()
@click.option(
    "--claim", "wanted", multiple=True, metavar="ID", help="Only this claim, with each of its parts."
)
@without_option
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the result as JSON too.")
@method_option
@study_option
@json_option
@quiet_option
def claims(
    wanted: tuple[str, ...],
    without: str | None,
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Test the source's claims: how often each holds before and after the evidence.

    Each claim is a comparison of runs on the same draws, and is also run with its arms exchanged. What the
    model's structure assumes, and what was fitted, is never counted as confirmed; nor where it is struck out, since
    the model was written with it in view.
    """
    from iskdyn.files import write_text_whole
    from iskdyn.levers.claims import (
        chosen,
        draws_left,
        judge,
        judgement_json,
        judgement_text,
        known_draws,
        read_claims,
    )
    from iskdyn.output import progress_bar
    from iskdyn.study import open_study
    from iskdyn.study.stamp import stamp

    study = open_study(study_path, method)
    found = chosen(read_claims(study), wanted)
    if without is None:
        banner, (posterior, structures) = "", known_draws(study)
        tell_kind(posterior)
    else:
        with striking(without, quiet=quiet) as step:
            banner, (posterior, structures) = draws_left(study, without, step)
    with progress_bar((2 + len(structures)) * len(found.arms), "claims", quiet=quiet) as bar:

        def progress(_: str) -> None:
            bar.update()

        result = judge(study, found, posterior, structures, progress=progress)
    content = marked(banner, judgement_json(result))
    if out is not None:
        line = stamp(study, asked=repr(("claims", wanted, without)))
        write_text_whole(out, json.dumps({"run": line, **content}, indent=1) + "\n")
    click.echo(
        json.dumps(content, indent=1)
        if as_json
        else under(banner, judgement_text(result, parts=bool(wanted)))
    )
