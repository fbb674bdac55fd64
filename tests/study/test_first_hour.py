"""The notebook runs on a copy of the study, and still prints what stands in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "first-hour.ipynb"
END = "\n-- end of a cell --\n"
_NUMBER = re.compile(r"[-+]?\d[\d.,]*")

pytestmark = pytest.mark.slow


def test_every_cell_works_and_prints_what_it_did(tmp_path: Path) -> None:
    for part in ("study.toml", "models", "calibration", "reports"):
        (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, tmp_path / part)
    cells = [
        cell
        for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    script = "".join("".join(cell["source"]) + f"\nprint({END!r}, end='')\n" for cell in cells)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "MPLBACKEND": "Agg", "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split(END)[:-1]
    # ArviZ is an extra; whoever has it sees its table.
    pairs = [
        (was, now) for was, now in zip(cells, printed, strict=True) if "arviz" not in "".join(was["source"])
    ]
    assert [_words(now) for _, now in pairs] == [_words(_text(was)) for was, _ in pairs]


def test_its_pictures_are_stored() -> None:
    assert NOTEBOOK.read_text(encoding="utf-8").count('"image/png"') == 1


def _text(cell: dict[str, list[dict[str, object]]]) -> str:
    return "".join("".join(output.get("text", ())) for output in cell["outputs"])


def _words(text: str) -> list[str]:
    """What is printed, but for the numbers: another machine's last digits differ, and draws with them."""
    return _NUMBER.sub("#", text).split()
