"""What happens to a file on a disk: every way in which the tests and the exam damage what is stored."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

CUTS = BYTES = 20


class Touch:
    """A pickle of it makes a file when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def damaged(content: bytes, neighbours: list[bytes], witness: Path) -> Iterator[tuple[str, bytes]]:
    """(what was done, content): cut, one byte changed, replaced by neighbours and by a pickle that runs code."""
    for i in range(CUTS):
        yield f"cut at {i}/{CUTS}", content[: len(content) * i // CUTS]
    for i in range(BYTES):
        place = (len(content) - 1) * i // (BYTES - 1)
        yield f"byte {place} changed", content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    for i, neighbour in enumerate(neighbours):
        yield f"replaced by neighbour {i}", neighbour
    yield "replaced by a pickle", pickle.dumps(Touch(witness))
