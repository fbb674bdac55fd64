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
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
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
    """Take the stored posteriors to what they are given these facts too, and say what the facts moved.

    The draws of each structure are weighted by the facts; where too few are left, they walk, as the sampler's do:
    those of a structure that then weighs a twentieth or more for long, the others' shortly. The result is a folder
    of its own: stored posteriors stay. Where fewer draws are effective than asked for, exits with 1.
    """
    from iskdyn.calibration.assimilated import FOLDER, check_place, enough, store_assimilated
    from iskdyn.calibration.assimilated import assimilate as run
    from iskdyn.calibration.facts import read_facts
    from iskdyn.output import progress_bar
    from iskdyn.reports.ledger import ledger, ledger_json, ledger_text
    from iskdyn.study import open_study

    here = open_study(study_path, method)
    folder = out or here.path_of("results") / FOLDER / facts.stem
    check_place(folder)
    study, structures = _start(here, frozen)
    table = read_facts(study, facts)
    with progress_bar(None, "assimilate", quiet=quiet) as bar:

        def progress(name: str) -> None:
            bar.set_postfix_str(name, refresh=False)
            bar.update()

        found = run(study, structures, table, seed, progress)
    store_assimilated(found, table, folder, study, seed)
    told = ledger(study, structures, found, table, seed)
    click.echo(ledger_json(told, found) if as_json else ledger_text(told, found, folder))
    if not enough(found.heaviest[1]):
        sys.exit(1)


def _start(study: Study, frozen: Path | None) -> tuple[Study, tuple[Structure, ...]]:
    """Whose draws are taken to the facts."""
    from iskdyn.calibration.frozen import load_frozen, sampled_structures
    from iskdyn.calibration.without import N_DRAWS

    if frozen is None:
        return study, sampled_structures(study, N_DRAWS)
    model = load_frozen(frozen)
    return model.study, model.structures
