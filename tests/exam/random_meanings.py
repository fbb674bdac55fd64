"""1,000 random models of each dialect beside the oracle of the table of meanings; write what became of them.

About half an hour of one processor. Every model runs in the NumPy engine, every fifth in the compiled ones too.

Run from the root of the project: python tests/exam/random_meanings.py
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from made_from import today
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parents[1] / "semantics"))

from compared import differences
from random_models import Model, random_model

from iskdyn.model import read_model

N_MODELS = 1000
EVERY = 5
TABLE = Path(__file__).with_suffix(".csv")


def main() -> int:
    """0 if no engine differs from the oracle anywhere."""
    tried: Counter[tuple[str, str, str]] = Counter()
    wrong: Counter[tuple[str, str, str]] = Counter()
    with tempfile.TemporaryDirectory() as name:
        os.environ["ISKDYN_CACHE"] = str(Path(name) / "cache")
        for dialect in ("vensim", "xmile"):
            for number in tqdm(range(N_MODELS), desc=dialect):
                model = random_model(dialect, number)
                program = read_model(_written(model, Path(name)))
                for engine in ("numpy", *(["ensemble"] if number % EVERY == 0 else [])):
                    key = (dialect, model.method, engine)
                    tried[key] += 1
                    for line in differences(model, program, engine):
                        wrong[key] += 1
                        print(f"{dialect} {number} {engine} {model.method}: {line}")
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["date", "dialect", "method", "engine", "models", "variables that differ"])
        rows.writerows([today(), *key, tried[key], wrong[key]] for key in sorted(tried))
    print(f"{sum(tried.values())} runs, {sum(wrong.values())} variables differ; {TABLE}")
    return bool(sum(wrong.values()))


def _written(model: Model, folder: Path) -> Path:
    path = folder / f"model.{'mdl' if model.dialect == 'vensim' else 'xmile'}"
    path.write_text(model.text(), encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
