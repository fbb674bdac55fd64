"""What the command line prints and writes: tables, progress bars and files that are whole or absent."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from iskdyn.errors import InputError, Problem
from iskdyn.files import write_bytes_whole
from iskdyn.shown import csv_text, plain_text
from iskdyn.written import JsonObject

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from tqdm import tqdm

ENDINGS = (".csv", ".nc", ".json")
"""What a result can be written as."""


def write_result(result: xr.Dataset, path: Path) -> None:
    """A run as a file: .csv (a column each), .nc (NetCDF 3) or .json; InputError for another ending."""
    writers: dict[str, Callable[[], bytes | memoryview]] = {
        ".csv": lambda: csv_text(_as_frame(result)).encode(),
        ".nc": lambda: result.to_netcdf(engine="scipy"),
        ".json": lambda: f"{result_json(result)}\n".encode(),
    }
    writer = writers.get(path.suffix)
    if writer is None:
        raise InputError(Problem(str(path), f"ends in '{path.suffix}'; expected {', '.join(ENDINGS)}"))
    write_bytes_whole(path, writer())


def result_json(result: xr.Dataset) -> str:
    """A run as JSON: attributes, times, months where there are any, and each output with its unit."""
    content: JsonObject = {"attributes": {key: str(value) for key, value in result.attrs.items()}}
    content["time"] = result["time"].values.tolist()
    if "month" in result.coords:
        content["month"] = result["month"].values.tolist()
    content["outputs"] = {
        str(name): {"unit": array.attrs.get("units", ""), "values": array.values.tolist()}
        for name, array in result.data_vars.items()
    }
    return json.dumps(content, indent=1, allow_nan=False)


def result_table(result: xr.Dataset, n_times: int = 6) -> str:
    """A run as text: a row each output with its unit, and its values at a few times."""
    import numpy as np

    last = result.sizes["time"] - 1
    chosen = np.unique(np.linspace(0, last, min(n_times, last + 1)).round().astype(int))
    labels = result["month"].values if "month" in result.coords else result["time"].values
    header = [
        "output",
        "unit",
        *(f"{labels[i]:g}" if labels.dtype.kind == "f" else labels[i] for i in chosen),
    ]
    rows = [
        [str(name), array.attrs.get("units", ""), *(number(array.values[i]) for i in chosen)]
        for name, array in result.data_vars.items()
    ]
    return text_table(header, rows, left=2)


def number(value: float) -> str:
    """A number as a reader wants it: four significant digits, thousands separated.

    >>> number(12345.678), number(0.012344)
    ('12,346', '0.01234')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def rounded(value: float) -> str:
    """Two significant digits, thousands separated: what the edge of a band can bear.

    >>> rounded(12345.678), rounded(0.012344)
    ('12,000', '0.012')
    """
    return number(float(f"{value:.2g}"))


def difference(cell: object) -> str:
    """A cell of a table of differences: a number in short, nothing for none, a text as it is.

    >>> difference(1.234e-9), difference(float("nan")), difference("passed")
    ('1.2e-09', '-', 'passed')
    """
    if isinstance(cell, float):
        return "-" if cell != cell else f"{cell:.1e}"
    return str(cell)


def text_table(header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Columns in line: the first `left` to the left, the others to the right.

    Parameters
    ----------
    header : a cell each column
    rows : as many cells each; characters that control a terminal are spelled out
    left : how many columns stand to the left

    >>> print(text_table(["outcome", "killed"], [["history", "495"], ["no raids", "12"]]))
    outcome   killed
    history      495
    no raids      12
    """
    lines = [[plain_text(str(cell)) for cell in row] for row in (header, *rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    texts = (
        [
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        for line in lines
    )
    return "\n".join("  ".join(text).rstrip() for text in texts)


def progress_bar(total: int | None, what: str, *, quiet: bool) -> tqdm[NoReturn]:
    """A progress bar on the error stream; off when that is no terminal, or when asked to be quiet.

    Parameters
    ----------
    total : how much there is to do; None where that is not known
    what : the words before the bar
    quiet : whether the user asked for none
    """
    from tqdm import tqdm

    return tqdm(total=total, desc=what, disable=quiet or not sys.stderr.isatty(), leave=False)


def _as_frame(result: xr.Dataset) -> pd.DataFrame:
    frame = result.to_dataframe().reset_index()
    units = {name: f"{name} [{array.attrs.get('units', '')}]" for name, array in result.data_vars.items()}
    first = [name for name in ("time", "month") if name in frame]
    return stamped(frame[[*first, *units]].rename(columns=units), str(result.attrs.get("run", "")))


def stamped(frame: pd.DataFrame, line: str) -> pd.DataFrame:
    """The table with a last column `run`: the stamp (see `iskdyn.study.stamp`) in its first row, if any."""
    if not line or frame.empty:
        return frame
    return frame.assign(run=[line, *[""] * (len(frame) - 1)])
