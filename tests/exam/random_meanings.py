"""1,000 random models of each dialect beside the oracle of the table of meanings; write what became of them.

About half an hour of one processor; goes on after the last fifty where it was stopped. Every model runs in the
NumPy engine, every fifth in the compiled ones too.

Run from the root of the project: python tests/exam/random_meanings.py [MODELS]
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from made_from import begun, record, today, write_rows
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parents[1] / "semantics"))

from compared import differences
from random_models import Model, random_model

from iskdyn.model import read_model

N_MODELS = 1000
EVERY = 5
LOT = 50
COLUMNS = ["date", "dialect", "method", "engine", "models", "variables that differ"]
TABLE = Path(__file__).with_suffix(".csv")
Tally = Counter[tuple[str, str, str]]
"""By dialect, method and engine."""


def main() -> int:
    """0 if no engine differs from the oracle anywhere."""
    n_models = int(sys.argv[1]) if len(sys.argv) > 1 else N_MODELS
    tried, wrong = Tally(), Tally()
    for row in begun(TABLE, COLUMNS):
        key = str(row["dialect"]), str(row["method"]), str(row["engine"])
        tried[key], wrong[key] = int(str(row["models"])), int(str(row["variables that differ"]))
    with tempfile.TemporaryDirectory() as name:
        os.environ["ISKDYN_CACHE"] = str(Path(name) / "cache")
        for dialect in ("vensim", "xmile"):
            reached = sum(n for key, n in tried.items() if (key[0], key[2]) == (dialect, "numpy"))
            for first in tqdm(range(reached, n_models, LOT), desc=dialect):
                for number in range(first, min(first + LOT, n_models)):
                    _compare(random_model(dialect, number), number, Path(name), tried, wrong)
                rows = [(today(), *key, tried[key], wrong[key]) for key in sorted(tried)]
                write_rows(TABLE, COLUMNS, [dict(zip(COLUMNS, row, strict=True)) for row in rows])
                record(TABLE)
    print(f"{sum(tried.values())} runs, {sum(wrong.values())} variables differ; {TABLE}")
    return bool(sum(wrong.values()))


def _compare(model: Model, number: int, folder: Path, tried: Tally, wrong: Tally) -> None:
    """Add one model to what was tried, and the variables that differ to what is wrong."""
    program = read_model(_written(model, folder))
    for engine in ("numpy", *(["ensemble"] if number % EVERY == 0 else [])):
        key = (model.dialect, model.method, engine)
        tried[key] += 1
        for line in differences(model, program, engine):
            wrong[key] += 1
            print(f"{model.dialect} {number} {engine} {model.method}: {line}")


def _written(model: Model, folder: Path) -> Path:
    path = folder / f"model.{'mdl' if model.dialect == 'vensim' else 'xmile'}"
    path.write_text(model.text(), encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
