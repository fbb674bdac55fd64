"""`iskdyn cuts`: each link cut by itself, and whether the evidence asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option


@contextmanager
def sampling_bar(
    path: Path, n_structures: int, what: str, *, quiet: bool
) -> Iterator[Callable[[str, float], None]]:
    """A bar for structures that are sampled one after another into a table that no other process writes."""
    from iskdyn.files import alone
    from iskdyn.output import progress_bar

    with alone(path), progress_bar(n_structures, what, quiet=quiet) as bar:

        def progress(name: str, share: float) -> None:
            bar.set_postfix_str(name, refresh=False)
            # the bar's sum of shares ends just below a whole number at times
            bar.update(round(int(bar.n + 1e-9) + share, 2) - bar.n)

        yield progress


@main.command()
@click.option("--only", multiple=True, metavar="NAME", help="Only these cuts; by default all.")
@method_option
@study_option
@json_option
@quiet_option
def cuts(
    only: tuple[str, ...], method: str | None, study_path: Path | None, as_json: bool, quiet: bool
) -> None:
    """Cut each link that the study names, sample what is left, and say whether the evidence asks for the link.

    Takes about half a minute each. Every cut is stored as soon as it is sampled: what was stopped goes on there,
    and those that still belong to the study are kept.
    """
    from iskdyn.calibration.cuts import CUTS, cut_links, read_cuts
    from iskdyn.study import open_study
    from iskdyn.summaries import cuts_json, cuts_text

    study = open_study(study_path, method)
    path = study.path_of("results") / CUTS
    with sampling_bar(path, 1 + len(only or read_cuts(study)[1:]), "cuts", quiet=quiet) as progress:
        table = cut_links(study, path, only=only, progress=progress)
    click.echo(cuts_json(table) if as_json else cuts_text(table, path))
