"""Generated JavaScript run in node: for tests and for conformance."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from iskdyn.arrays import Array
from iskdyn.errors import InputError, ModelError, Problem
from iskdyn.written import Json

_MAIN = """
const fs = require("fs");
const request = JSON.parse(fs.readFileSync("request.json"));
const result = simulate(Float64Array.from(request.values), request.n, request.options);
const values = Array.from(result.values, (v) => (Number.isFinite(v) ? v : String(v)));
fs.writeFileSync("result.json", JSON.stringify({ times: result.times, values }));
"""


def node_command() -> str | None:
    """The path of node, None where it is not installed."""
    return shutil.which("node")


def run_in_node(
    source: str,
    values: ArrayLike,
    n_outputs: int,
    options: Mapping[str, Json] | None = None,
    time_limit: float = 120.0,
) -> tuple[Array, Array]:
    """Times, and a (n, n_outputs, n_times) array, of a function made by `to_javascript` with its usual name.

    Parameters
    ----------
    source : as of `to_javascript`
    values : (n, n_inputs) array, in the order of the inputs
    n_outputs : as many as the source was made for
    options : of the function, such as finalTime or series
    time_limit : seconds after which node is stopped

    Raises
    ------
    InputError : node is not installed.
    ModelError : node refuses the text or takes too long.
    """
    command = node_command()
    if command is None:
        raise InputError(Problem("node", "is not installed; the JavaScript target cannot be run"))
    members = np.asarray(values, dtype=float)
    with tempfile.TemporaryDirectory(prefix="iskdyn-node-") as name:
        folder = Path(name)
        request = {"values": members.ravel().tolist(), "n": len(members), "options": options or {}}
        (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
        (folder / "model.js").write_text(source + _MAIN, encoding="utf-8")
        try:
            subprocess.run(  # noqa: S603 - node, on our own text
                [command, "model.js"],
                cwd=folder,
                check=True,
                capture_output=True,
                text=True,
                timeout=time_limit,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            said = str(error.stderr or error).strip().splitlines()[-1]
            raise ModelError(Problem("node", f"cannot run the model: {said}")) from error
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    numbers = np.array([float(v) for v in result["values"]])
    return np.array(result["times"]), numbers.reshape(len(members), n_outputs, len(result["times"]))
