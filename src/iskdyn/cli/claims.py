"""`iskdyn claims`: the source's claims as tests of the model."""

from __future__ import annotations

import json
from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option


@main.command()
@click.option(
    "--claim", "wanted", multiple=True, metavar="ID", help="Only this claim, with each of its parts."
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the result as JSON too.")
@method_option
@study_option
@json_option
@quiet_option
def claims(
    wanted: tuple[str, ...],
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Test the source's claims: how often each holds before and after the evidence.

    Each claim is a comparison of runs on the same draws, and is also run with its arms exchanged. What the
    model's structure assumes, and what was fitted, is never counted as confirmed.
    """
    from iskdyn.files import write_text_whole
    from iskdyn.levers.claims import chosen, judge, judgement_json, judgement_text, known_draws, read_claims
    from iskdyn.output import progress_bar
    from iskdyn.study import open_study
    from iskdyn.study.stamp import stamp

    study = open_study(study_path, method)
    found = chosen(read_claims(study), wanted)
    posterior, structures = known_draws(study)
    if posterior.kind != "posterior":
        click.echo(
            "no accepted posterior belongs to the study as it is: a normal approximation stands in", err=True
        )
    with progress_bar((2 + len(structures)) * len(found.arms), "claims", quiet=quiet) as bar:

        def progress(_: str) -> None:
            bar.update()

        result = judge(study, found, posterior, structures, progress=progress)
    content = judgement_json(result)
    if out is not None:
        line = stamp(study, asked=repr(("claims", wanted)))
        write_text_whole(out, json.dumps({"run": line, **content}, indent=1) + "\n")
    click.echo(json.dumps(content, indent=1) if as_json else judgement_text(result, parts=bool(wanted)))
