"""`iskdyn assimilate`: a posterior with facts that came later."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option

if TYPE_CHECKING:
    from iskdyn.calibration.frozen import Structure
    from iskdyn.study import Study


@main.command()
@click.option(
    "--facts", type=click.Path(path_type=Path), required=True, metavar="FACTS.csv",
    help="In the columns of the observations.",
)  # fmt: skip
@click.option("--frozen", type=click.Path(path_type=Path), metavar="FILE", help="Start from a frozen model.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE",
    help="By default the name of the facts, in assimilated/ of the results folder.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@method_option
@study_option
@json_option
@quiet_option
def assimilate(
    facts: Path, frozen: Path | None, out: Path | None, seed: int, method: str | None, study_path: Path | None,
    as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Take the stored posterior to what it is given these facts too, and say what they moved.

    The stored draws are weighted by the facts; where too few are left, they walk, as the sampler's do. The result
    is a file of its own: the stored posterior stays. Where fewer draws are effective than asked for, exits with 1.
    """
    from iskdyn.calibration.assimilated import FOLDER, check_place, store_assimilated
    from iskdyn.calibration.assimilated import assimilate as run
    from iskdyn.calibration.facts import read_facts
    from iskdyn.output import progress_bar
    from iskdyn.reports.ledger import ledger_json, ledger_text, outcomes_moved
    from iskdyn.study import open_study

    here = open_study(study_path, method)
    path = out or here.path_of("results") / FOLDER / f"{facts.stem}.nc"
    check_place(path)
    study, structures = _start(here, frozen)
    table = read_facts(study, facts)
    with progress_bar(100, "assimilate", quiet=quiet) as bar:

        def progress(power: float) -> None:
            bar.update(round(100 * power) - bar.n)

        found = run(study, structures, table, seed, progress)
    accepted = store_assimilated(found, table, structures[0], path, study, seed)
    outcomes = outcomes_moved(study, structures[0].fixed, found, table, seed)
    if as_json:
        click.echo(ledger_json(study, found, outcomes, accepted=accepted))
    else:
        click.echo(ledger_text(study, found, outcomes, table, path, accepted=accepted))
    if not accepted:
        sys.exit(1)


def _start(study: Study, frozen: Path | None) -> tuple[Study, tuple[Structure, ...]]:
    """Whose draws are taken to the facts."""
    from iskdyn.calibration.frozen import load_frozen, sampled_structures

    if frozen is None:
        return study, sampled_structures(study, 1000)
    model = load_frozen(frozen)
    return model.study, model.structures
