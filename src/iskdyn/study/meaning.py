"""What a file of a study says, as a hash: a blank line, spaces about a cell or CRLF do not change it."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from pathlib import Path

from iskdyn.regular import read_regular
from iskdyn.seal import MAX_BYTES, short_hash


def meaning(path: Path) -> str:
    """The start of the sha256 of what a file says.

    A table is its cells without spaces about them, a setting its keys and values (comments say nothing to the
    tool), any other text its lines. What cannot be read so is its bytes.
    """
    content = read_regular(path, MAX_BYTES)
    try:
        text = content.decode("utf-8-sig")
        if path.suffix == ".csv":
            rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
            content = json.dumps([row for row in rows if any(row)]).encode()
        elif path.suffix == ".toml":
            content = json.dumps(tomllib.loads(text), default=str).encode()
        elif path.suffix not in (".json", ".nc"):
            content = "\n".join(line.rstrip() for line in text.splitlines()).strip().encode()
    except (ValueError, RecursionError, csv.Error):
        pass
    return short_hash(content)
