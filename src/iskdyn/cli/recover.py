"""`iskdyn recover`: the sampler tried on reports made from known truths."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option

if TYPE_CHECKING:
    from iskdyn.calibration.recovered import Recovered


@main.command()
# With 200 truths intervals that are 12 % too narrow are seen; each costs a posterior, so that their draws are few
# (decision 83).
@click.option("--replicates", type=click.IntRange(2), default=200, show_default=True, help="Invented truths.")
@click.option(
    "--draws",
    type=click.IntRange(600),
    default=6000,
    show_default=True,
    help="Of each posterior; 60 a chain.",
)
@click.option(
    "--faulted",
    type=click.IntRange(1),
    default=8,
    show_default=True,
    help="Replicates in which each fault is planted.",
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--add", is_flag=True, help="Add to the stored trial, whose seed was another.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Processes.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="By default the study's results folder."
)
@method_option
@study_option
@json_option
@quiet_option
def recover(
    replicates: int,
    draws: int,
    faulted: int,
    seed: int,
    add: bool,
    workers: int,
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Invent truths, let the sources report on them, and see whether the sampler finds the truths again.

    Takes about half an hour on two free cores. What was stopped goes on where it was. Exits with 1 if the sampler
    fails, or if the same test lets a planted fault pass.
    """
    from iskdyn.calibration import every_number
    from iskdyn.calibration.budget import RUNS_A_DRAW
    from iskdyn.calibration.recover import Recovery, label_of, study_quantities
    from iskdyn.calibration.recover import recover as run
    from iskdyn.calibration.recovered import RECOVERED, collected, joined, load_recovered, store_recovered
    from iskdyn.files import alone
    from iskdyn.output import progress_bar
    from iskdyn.simulate.memory import tell_runs
    from iskdyn.study import open_study

    study = open_study(study_path, method)
    path = out or study.path_of("results") / RECOVERED
    folder = path.with_suffix(".runs")
    recovery = Recovery(replicates, draws, min(faulted, replicates), seed)
    tell_runs(study.program, RUNS_A_DRAW * draws * (replicates + recovery.faulted), study.end_time())
    with alone(path), progress_bar(replicates, "replicates", quiet=quiet) as bar:
        run(study, recovery, folder, workers=workers, progress=lambda done, _: bar.update(done - bar.n))
    watched = study_quantities(study, every_number(study), seed)
    found = collected(study, recovery, watched, folder, label_of(study, recovery))
    if add:
        found = joined(load_recovered(path), found)
    store_recovered(found, path)
    shutil.rmtree(folder, ignore_errors=True)
    click.echo(_json(found) if as_json else _text(found, path))
    if not found.passes:
        sys.exit(1)


def _text(found: Recovered, path: Path) -> str:
    from iskdyn.calibration.laplace import NOT_LEARNED
    from iskdyn.calibration.ranks import LEVELS
    from iskdyn.output import number, text_table

    table = found.table()
    informed = table[(table["contraction"] >= NOT_LEARNED) & (table["kind"] != "direction")]
    informed = informed.sort_values("contraction", ascending=False)
    columns = ["contraction", "error", "bias", "spread", "correlation", "coverage"]
    rows = [[row["quantity"], *(number(row[c]) for c in columns)] for row in informed.to_dict("records")]
    shares = [
        [arm, len(found.of(arm)), *(f"{share:.1%}" for share in found.pooled(arm))] for arm in found.arms
    ]
    lines = [
        f"{arm}: {'; '.join(found.wrong(arm)[:3]) or 'every rank inside its band, coverage as it should be'}"
        for arm in found.arms
    ]
    return "\n\n".join(
        [
            text_table(["narrowed by the reports", "by", "error/sd", *columns[2:]], rows),
            text_table(["intervals hold", "n", *(f"{level:.0%}" for level in LEVELS)], map(_strings, shares)),
            "\n".join(lines),
            f"{'passed' if found.passes else 'FAILED'}; {found.seconds.sum() / 3600:.1f} hours; stored in {path}",
        ]
    )


def _json(found: Recovered) -> str:
    content = {
        "passes": found.passes,
        "recovery": dict(found.recovery),
        "wrong": {arm: found.wrong(arm) for arm in found.arms},
        "coverage": {arm: found.pooled(arm).tolist() for arm in found.arms},
        "hours": float(found.seconds.sum() / 3600),
    }
    return json.dumps(content, indent=1)


def _strings(row: list[object]) -> list[str]:
    return [str(cell) for cell in row]
