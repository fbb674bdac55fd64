"""The draws that a verb shows: of all structures, or without a source, and then with a banner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

without_option = click.option(
    "--without", metavar="NAME",
    help="Strike out the facts of this source, or the fact of this id; takes a minute of processor or more.",
)  # fmt: skip


def shown_draws(
    study: Study, without: str | None, n_draws: int, seed: int, *, quiet: bool
) -> tuple[Spread, str]:
    """Draws after the evidence, and the banner above what they say: empty where nothing is struck out."""
    from iskdyn.levers.draws import draws_without, stored_draws
    from iskdyn.output import progress_bar

    if without is not None:
        with progress_bar(None, f"without {without}", quiet=quiet) as bar:

            def progress(name: str) -> None:
                bar.set_postfix_str(name, refresh=False)
                bar.update()

            return draws_without(study, without, n_draws, seed, progress)
    spread = stored_draws(study, n_draws, seed)
    if spread.kind != "posterior":
        message = "no stored posterior belongs to the study as it is: draws of a normal approximation instead"
        click.echo(message, err=True)
    return spread, ""
