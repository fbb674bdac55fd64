"""`iskdyn score`: every row and every source predicted from the others, beside dumb rivals."""

from __future__ import annotations

import json
from pathlib import Path

import click

from iskdyn.cli.app import json_option, main, method_option, quiet_option, study_option


@main.command()
@click.option("--draws", type=click.IntRange(200), default=4000, show_default=True, help="Of each refit.")
@click.option("--runs", type=click.IntRange(2), default=4, show_default=True, help="Independent refits.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="By default the study's results folder."
)
@method_option
@study_option
@json_option
@quiet_option
def score(
    draws: int,
    runs: int,
    seed: int,
    out: Path | None,
    method: str | None,
    study_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Leave out every fitted row and every source in turn, refit, and score what was left out.

    Beside the model stand the model before any fitting, a constant and a straight line for each output. What
    was stopped goes on where it was.
    """
    import pandas as pd

    from iskdyn.calibration import Sampling, every_number
    from iskdyn.calibration.leave_out import SCORES, folds, leave_out
    from iskdyn.calibration.posterior import populations
    from iskdyn.calibration.table_store import load_table, store_table
    from iskdyn.files import alone, write_text_whole
    from iskdyn.output import progress_bar
    from iskdyn.study import open_study
    from iskdyn.summaries import scores_text

    study = open_study(study_path, method)
    path = out or study.path_of("results") / SCORES
    n_chains = max(draws // 40, 2)
    sampling = Sampling(draws // n_chains * n_chains, n_chains, runs, seed, n_chains)
    objective = every_number(study)
    part = path.with_suffix(".part")
    label = f"{study.program.digest} {sampling} {objective.sheet.forms}"
    rows = _reached(part, label)
    n_folds = len(list(folds(objective)))
    with alone(path), progress_bar(n_folds, "left out", quiet=quiet) as bar:
        bar.update(len(rows))
        done = {(str(row["kind"]), str(row["name"])) for row in rows}
        if len(done) < n_folds:
            bar.set_postfix_str("posterior of all rows first", refresh=True)
            whole = populations(objective, sampling)
            for row in leave_out(objective, whole, sampling, done):
                rows.append(row)
                write_text_whole(part, json.dumps({"label": label, "rows": rows}))
                bar.set_postfix_str(str(row["name"]), refresh=False)
                bar.update()
    table = pd.DataFrame(rows)
    store_table(table, {"draws": sampling.n_draws, "runs": runs, "seed": seed}, path, study)
    part.unlink(missing_ok=True)
    click.echo(
        table.to_json(orient="records", indent=1)
        if as_json
        else scores_text(load_table(study, path, "score"))
    )


def _reached(part: Path, label: str) -> list[dict[str, object]]:
    """What a stopped call with the same label had reached."""
    try:
        content = json.loads(part.read_text(encoding="utf-8"))
        return list(content["rows"]) if content["label"] == label else []
    except (OSError, ValueError, KeyError, TypeError):
        return []
