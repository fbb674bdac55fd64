"""The draws that a verb shows: of all structures, or without a source, and then with a banner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from iskdyn.calibration import Spread
    from iskdyn.study import Study

without_option = click.option(
    "--without", metavar="NAME",
    help="Strike out the facts of this source, or the fact of this id; takes a minute of processor or more.",
)  # fmt: skip


def shown_draws(
    study: Study, without: str | None, n_draws: int, seed: int, *, quiet: bool, structure: str | None = None
) -> tuple[Spread, str]:
    """Draws after the evidence, and the banner above what they say: empty where nothing is struck out.

    Parameters
    ----------
    structure : where a source is struck out, only draws of this one
    """
    from iskdyn.levers.draws import draws_without, stored_draws

    if without is not None:
        with striking(without, quiet=quiet) as progress:
            return draws_without(study, without, n_draws, seed, progress, structure)
    spread = stored_draws(study, n_draws, seed)
    tell_kind(spread)
    return spread, ""


@contextmanager
def striking(without: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """A bar for the structures that are taken to what is left."""
    from iskdyn.output import progress_bar

    with progress_bar(None, f"without {without}", quiet=quiet) as bar:

        def progress(name: str) -> None:
            bar.set_postfix_str(name, refresh=False)
            bar.update()

        yield progress


def tell_kind(spread: Spread) -> None:
    """A line where the draws are no posterior's."""
    if spread.kind != "posterior":
        message = "no stored posterior belongs to the study as it is: draws of a normal approximation instead"
        click.echo(message, err=True)


def under(banner: str, text: str) -> str:
    """What a verb prints, below its banner if it has one."""
    return "\n\n".join(filter(None, [banner, text]))


def marked(banner: str, content: Any) -> Any:
    """What a verb gives a machine, the banner in every record: a table alone, or a list of tables."""
    if not banner:
        return content
    if isinstance(content, dict):
        return {"without": banner} | content
    return [{**one, "without": banner} for one in content]
