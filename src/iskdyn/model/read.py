"""A model file -> `Program`."""

from __future__ import annotations

from pathlib import Path

from iskdyn.errors import InputError, Problem
from iskdyn.model.assemble import assemble
from iskdyn.model.program import Program
from iskdyn.model.reading.text import MAX_BYTES
from iskdyn.model.write_out.data_file import read_data
from iskdyn.regular import read_regular

SUFFIXES = (".mdl", ".xmile", ".stmx", ".itmx", ".xml")


def read_model(path: str | Path, data: str | Path | None = None) -> Program:
    """Read a Vensim (.mdl) or XMILE model.

    Nothing is kept between calls: reading takes a tenth of a second for a few hundred variables.

    Parameters
    ----------
    data : a table of series for data variables that have no equation: times in the first column (.csv, .tab,
        .txt), or Vensim's .dat

    Raises
    ------
    InputError : no such file, or not a model by its ending; what is wrong with the table of series.
    ModelError : everything that is wrong with the model or cannot be run here, with file, line and column.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        came = "a folder" if path.is_dir() else repr(path.name)
        raise InputError(Problem(str(path), f"expected a model ({', '.join(SUFFIXES)}), got {came}"))
    try:
        text = read_regular(path, MAX_BYTES)
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be read: {error.strerror}")) from error
    return assemble(path, text, read_data(Path(data)) if data is not None else None)
