"""The line of a parser's error: PySD loses it, so the text it stumbled on is sought in the source."""

from __future__ import annotations

import re
from pathlib import Path

_SPACE = re.compile(r"\s+")


def locate(path: Path, text: str, error: BaseException) -> tuple[str, str]:
    """('file.mdl:12', reason) for an error of PySD's parser."""
    line = getattr(error, "lineno", None)
    if isinstance(line, int) and line and path.suffix.lower() != ".mdl":
        return f"{path.name}:{line}", str(error).splitlines()[0]
    chain: list[BaseException] = [error]
    while chain[-1].__cause__ or chain[-1].__context__:
        chain.append(chain[-1].__cause__ or chain[-1].__context__ or chain[-1])
    for one in reversed(chain):
        stumbled, position = getattr(one, "text", None), getattr(one, "pos", None)
        if isinstance(stumbled, str) and isinstance(position, int):
            found = _line(text, stumbled, position)
            near = _SPACE.sub(" ", stumbled[position : position + 40]).strip()
            return f"{path.name}:{found}", f"unexpected text at {near!r}"
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"{path.name}:{_broken_entry(path, text)}", reason[:200]


def _line(text: str, stumbled: str, position: int) -> int:
    """Line of a position in the parser's text, which is the source with its white space made single."""
    plain = _SPACE.sub(" ", re.sub(r"\\\n\t", " ", text))
    start = plain.find(_SPACE.sub(" ", stumbled).strip()[:400])
    target = max(start, 0) + position
    pieces: list[str] = re.findall(r"\s+|\S", re.sub(r"\\\n\t", "  \n", text))
    return 1 + sum(piece.count("\n") for piece in pieces[:target])


def _broken_entry(path: Path, text: str) -> int:
    """Line of the first equation that the parser cannot take by itself; 1 if each can."""
    if path.suffix.lower() != ".mdl":
        return 1
    from pysd.translators.vensim.vensim_file import VensimFile

    from iskdyn.model.source import entries

    line = 1
    for part in entries(text)[:2000]:
        file = VensimFile.__new__(VensimFile)
        file.mdl_path, file.sketch = path, ""
        blank = len(part) - len(part.lstrip())
        file.model_text = (
            "{UTF-8} " + file._clean(part.split("}", 1)[-1] if part.startswith("{") else part) + "|"
        )
        try:
            file.parse()
        except Exception:
            return line + part.count("\n", 0, blank)
        line += part.count("\n")
    return 1
