"""Runs generated JavaScript in node."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

NODE = shutil.which("node")

_MAIN = """
const fs = require("fs");
const request = JSON.parse(fs.readFileSync(process.argv[2]));
const result = simulate(Float64Array.from(request.values), request.n, request.options);
const values = Array.from(result.values, (v) => (Number.isFinite(v) ? v : String(v)));
fs.writeFileSync(process.argv[3], JSON.stringify({ times: result.times, values }));
"""


def run_javascript(
    source: str, values: np.ndarray, n_outputs: int, folder: Path, options: dict[str, Any]
) -> Any:
    """(n, n_outputs, n_times) array."""
    (folder / "model.js").write_text(source + _MAIN)
    request = {"values": values.ravel().tolist(), "n": len(values), "options": options}
    (folder / "request.json").write_text(json.dumps(request))
    command = [str(NODE), "model.js", "request.json", "result.json"]
    subprocess.run(command, cwd=folder, check=True, timeout=120)
    result = json.loads((folder / "result.json").read_text())
    numbers = np.array([float(v) for v in result["values"]])
    return numbers.reshape(len(values), n_outputs, len(result["times"]))
