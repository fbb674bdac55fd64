"""What stands below the equations of a Vensim text: the sketch, and numbered lines of settings."""

from __future__ import annotations

import re

from iskdyn.model.reading.definitions import Integration, Reading

_END_OF_SKETCH = re.compile(r"^///---\\{2,}[^\n]*\n?", re.MULTILINE)
_LINE = re.compile(r"^[ \t]*(\d+):(.*)$", re.MULTILINE)
METHODS: dict[str, Integration] = {
    "0": "euler", "1": "rk4 auto", "2": "difference", "3": "rk2 auto", "4": "rk2", "5": "rk4",
}  # fmt: skip
"""Codes of the fourth number of line 15 (read so by simlin too; unverified beyond Euler and RK4)."""
HIGHEST = 111
"""Vensim's highest line of settings seen in public models; others but 15, 22 and 30 are of the display."""


def read_settings(reading: Reading, start: int) -> None:
    """Account for the sketch from `start` on, and obey the settings."""
    text = reading.text.text
    end = _END_OF_SKETCH.search(text, start)
    reading.kept(start, "sketch", "how the model is drawn")
    if end is None:
        return
    synonyms = []
    for match in _LINE.finditer(text, end.end()):
        code, value = int(match[1]), match[2].strip()
        if code == 15:
            _method(reading, match.start(), value)
        elif code == 22:
            words = tuple(word.strip() for word in value.split(",") if word.strip())
            synonyms += [words] if words else []
            reading.used(match.start(), "settings line 22: synonyms of units")
        elif code == 30:
            for pair in value.split(","):
                tag, _, file = pair.partition("=")
                if file:
                    reading.data_files[tag.strip()] = file.strip()
            reading.used(match.start(), "settings line 30: data files")
        elif code <= HIGHEST:
            reading.kept(match.start(), f"settings line {code}", "of the display")
        else:
            reading.refuse(match.start(), f"settings line {code} is not known; remove it, or report it")
    reading.synonyms = tuple(synonyms)


def _method(reading: Reading, at: int, value: str) -> None:
    numbers = [part.strip() for part in value.split(",")]
    code = numbers[3] if len(numbers) > 3 else "0"
    if code not in METHODS:
        reading.refuse(at, f"settings line 15 asks for the integration {code!r}, which is not known")
        return
    reading.method = METHODS[code]
    if METHODS[code] in ("euler", "rk2", "rk4"):
        reading.used(at, f"settings line 15: integration {METHODS[code]}")
    else:
        reading.approximated(at, f"settings line 15: integration {METHODS[code]}", "run with a fixed step")
