"""A Vensim text (.mdl) read whole: equations, ranges, macros, the sketch and the settings below it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from iskdyn.model.names import name_key
from iskdyn.model.reading.definitions import Definition, Limits, Macro, Reading, replace
from iskdyn.model.reading.grammar import parse
from iskdyn.model.reading.lexer import blank_comments
from iskdyn.model.reading.points import number, points
from iskdyn.model.reading.ranges import read_alias, read_range
from iskdyn.model.reading.settings import read_settings
from iskdyn.model.reading.text import ReadError, Text
from iskdyn.model.reading.tree import Apply, Name, Rows, Tree, Words

_SKETCH = re.compile(r"^(?:\\{2,}---///|///---\\{2,})", re.MULTILINE)
_IN_EQUATION = re.compile(r'"(?:\\.|[^"\\])*"|[~|]')
_IN_WORDS = re.compile(r"[~|]")
_GROUP = re.compile(r"\s*\*{3,}")
_NAME = re.compile(r"""\s*("(?:\\.|[^"\\])*"|[^\W\d](?:[\w$'\s]*[\w$'])?)\s*""")
_BRACKET = re.compile(r"\s*\[([^\]]*)\]\s*")
_ELEMENT = re.compile(r"""\s*("(?:\\.|[^"\\])*"|\w(?:[\w$'\s]*[\w$'])?)\s*(?:,|$)""")
_MACRO = re.compile(r"\s*:MACRO:\s*(.*?)\s*\(([^)]*)\)", re.IGNORECASE | re.DOTALL)
_END_OF_MACRO = re.compile(r"\s*:END\s+OF\s+MACRO:", re.IGNORECASE)
_MODE = re.compile(r"\s*:(INTERPOLATE|LOOK\s*FORWARD|HOLD\s*BACKWARD|RAW):\s*", re.IGNORECASE)
_EXCEPT = re.compile(r"\s*:EXCEPT:\s*", re.IGNORECASE)
_CHECK = re.compile(r":(TEST\s+INPUT|THE\s+CONDITION|CONSTRAINT|IMPLIES):", re.IGNORECASE)
_SIGN = re.compile(r"==|:=|=|<->|:IS:|:|\(|$", re.IGNORECASE)
_LIMITS = re.compile(r"\[([^\]]*)\]\s*$")
_FLAG = re.compile(r"\s*:?\s*SUP(PLEMENTARY)?:?\s*", re.IGNORECASE)
_TABBED = re.compile(r"\s*TABBED\s+ARRAY\s*\((.*)\)\s*$", re.IGNORECASE | re.DOTALL)
_TABLE_FROM_FILE = re.compile(r"\(\s*GET\s+(XLS|DIRECT)\s+LOOKUPS\s*\(", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """What stands between two '|': its parts between '~', each with its offset."""

    parts: tuple[tuple[str, int], ...]

    def part(self, place: int) -> str:
        """Equation (0) or units (1); empty where missing."""
        return self.parts[place][0] if place < len(self.parts) else ""

    @property
    def words(self) -> str:
        """The documentation: it may hold '~' itself; a last part that is a flag is none of it."""
        last = len(self.parts) - (len(self.parts) > 3 and bool(_FLAG.fullmatch(self.parts[-1][0])))
        return "~".join(part for part, _ in self.parts[2:last])


def read_vensim(text: Text) -> Reading:
    """Everything in a Vensim text."""
    reading = Reading(text, "vensim")
    sketch = _SKETCH.search(text.text)
    end = sketch.start() if sketch else len(text.text)
    _Entries(reading).read(text.text[:end])
    _drop_placeholders(reading)
    _share_units(reading)
    if sketch:
        read_settings(reading, end)
    return reading


def _share_units(reading: Reading) -> None:
    """Several equations of one variable have one unit, written at any of them: 'x[a] = 1 ~~| x[b] = 2 ~ Person ~|'."""
    units: dict[str, str] = {}
    for definition in reading.definitions:
        if definition.units.strip():
            units.setdefault(definition.key, definition.units)
    reading.definitions = [
        definition if definition.units.strip() else replace(definition, units=units.get(definition.key, ""))
        for definition in reading.definitions
    ]


def _drop_placeholders(reading: Reading) -> None:
    """'x = A FUNCTION OF(y)' keeps an arrow of the sketch; it is no equation beside the one that x has."""
    held = [one for one in reading.definitions if _is_placeholder(one)]
    keys = {one.key for one in reading.definitions if not _is_placeholder(one)}
    for one in held:
        if one.key in keys:
            reading.definitions.remove(one)


def _is_placeholder(definition: Definition) -> bool:
    return isinstance(definition.right, Apply) and name_key(definition.right.name) == "a_function_of"


def split(body: str) -> tuple[list[Entry], int]:
    """The entries of a text, and the offset at which the last of them ends.

    A quote shuts '~' and '|' in only in an equation: documentation has quotes and apostrophes of its own.
    """
    entries: list[Entry] = []
    parts: list[tuple[str, int]] = []
    start = position = 0
    while match := (_IN_WORDS if parts else _IN_EQUATION).search(body, position):
        position = match.end()
        if match[0][0] == '"':
            continue
        parts.append((body[start : match.start()], start))
        start = position
        if match[0] == "|":
            entries.append(Entry(tuple(parts)))
            parts = []
    return entries, parts[0][1] if parts else start


class _Entries:
    """Reads the entries of one text, one after another; those of a macro go to the macro."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.macro: Macro | None = None
        self.inside: list[Definition] = []

    def read(self, body: str) -> None:
        """All entries; what follows the last '|' must be blank."""
        entries, end = split(body)
        for entry in entries:
            text, at = entry.parts[0]
            try:
                self._entry(entry, blank_comments(text), at)
            except ReadError as fault:
                self.reading.fault(fault)
        rest = self._macros(blank_comments(body[end:]), end)
        if body[end + rest :].strip() and blank_comments(body[end:])[rest:].strip():
            at = end + rest + len(body[end + rest :]) - len(body[end + rest :].lstrip())
            self.reading.fault(ReadError(at, "this entry is not closed by '|'"))
        if self.macro is not None:
            self.reading.fault(ReadError(end, f"the macro {self.macro.name!r} has no :END OF MACRO:"))

    def _macros(self, text: str, at: int) -> int:
        """Begin and end macros where the text says so; returns the length of what says it."""
        done = 0
        while True:
            if match := _END_OF_MACRO.match(text, done):
                self._end_macro(at + done)
            elif match := _MACRO.match(text, done):
                self._begin_macro(match, at)
            else:
                return done
            done = match.end()

    def _begin_macro(self, match: re.Match[str], at: int) -> None:
        name = " ".join(match[1].split())
        inward, _, outward = match[2].partition(":")
        names = [
            tuple(" ".join(part.split()) for part in side.split(",") if part.strip())
            for side in (inward, outward)
        ]
        self.macro = Macro(name, names[0], (name, *names[1]), ())
        self.inside = []
        self.reading.used(at + match.start(1), f"macro {name}")

    def _end_macro(self, at: int) -> None:
        if self.macro is None:
            raise ReadError(at, ":END OF MACRO: without :MACRO:")
        macro, self.macro = self.macro, None
        self.reading.macros[macro.outputs[0].lower().replace(" ", "_")] = Macro(
            macro.name, macro.parameters, macro.outputs, tuple(self.inside)
        )

    def _entry(self, entry: Entry, plain: str, at: int) -> None:
        skipped = self._macros(plain, at)
        raw, plain, at = entry.part(0)[skipped:], plain[skipped:], at + skipped
        blank = len(plain) - len(plain.lstrip())
        raw, plain, at = raw[blank:], plain[blank:], at + blank
        if not plain.strip() or _GROUP.match(plain):
            self.reading.kept(at, "group of variables", "a heading")
        elif _CHECK.search(plain):
            self.reading.kept(at, "reality check", "tests a run, is no part of it")
        else:
            self._statement(entry, raw, plain, at)

    def _statement(self, entry: Entry, raw: str, plain: str, at: int) -> None:
        left = _Left(plain, at)
        if left.sign == ":":
            self.reading.ranges.append(read_range(self.reading, left.name, plain, left.end, at))
            self.reading.used(at, f"range {left.name}")
            return
        if left.sign == "<->":
            self.reading.ranges.append(read_alias(self.reading, left.name, plain, left.end, at))
            self.reading.used(at, f"range {left.name}")
            return
        start = left.end - (left.sign == "(")
        units, limits = self._units(entry)
        definition = Definition(
            name=left.name, text=self.reading.text, at=at, right=None,
            subscripts=left.subscripts, exceptions=left.exceptions, units=units, limits=limits,
            documentation=" ".join(entry.words.split()),
            equation=" ".join(raw[start:].replace("\\\n", " ").split()),
            mode=left.mode or ("data" if left.sign in ("", ":=") else ""),
        )  # fmt: skip
        right = self._right(left, plain, at)
        (self.reading.definitions if self.macro is None else self.inside).append(
            replace(definition, right=right)
        )
        self.reading.used(at, f"equation {left.name}")

    def _right(self, left: _Left, plain: str, at: int) -> Tree | None:
        if left.sign == "":
            return None
        text = plain[left.end :]
        if left.sign == "(":
            if _TABLE_FROM_FILE.match(plain, left.end - 1):
                text = plain[left.end :].rstrip()
                return parse(text.removesuffix(")"), at + left.end, "vensim")
            if not text.rstrip().endswith(")"):
                raise ReadError(at + left.end - 1, "the points of a table are not closed by ')'")
            return points(text.rstrip()[:-1], at + left.end)
        if left.sign.upper() == ":IS:":
            return Words(text.strip().strip("'"), at + left.end)
        if tabbed := _TABBED.match(text):
            return _tabbed(tabbed[1], at + left.end + tabbed.start(1))
        if not text.strip():
            raise ReadError(at + left.end, f"{left.name!r} has no equation right of {left.sign!r}")
        return parse(text, at + left.end, "vensim")

    def _units(self, entry: Entry) -> tuple[str, Limits]:
        written = entry.part(1).replace("\\\n", " ")
        match = _LIMITS.search(written)
        if match is None:
            return written.strip(), (None, None)
        ends = [part.strip() for part in match[1].split(",")]
        try:
            low, high = (None if end in ("?", "") else float(end) for end in (*ends, "?")[:2])
        except ValueError:
            self.reading.kept(entry.parts[1][1], "limits", f"{match[0].strip()!r} are no numbers")
            return written.strip(), (None, None)
        return written[: match.start()].strip(), (low, high)


class _Left:
    """The left side of an entry, up to and with the sign that follows it ('' where there is none)."""

    def __init__(self, plain: str, at: int) -> None:
        match = _NAME.match(plain)
        if match is None:
            raise ReadError(at, f"an equation begins with a name, not with {plain[:20].split(chr(10))[0]!r}")
        self.name = " ".join(match[1].split())
        self.mode = ""
        self.subscripts: tuple[Name, ...] = ()
        self.exceptions: tuple[tuple[Name, ...], ...] = ()
        end = match.end()
        if bracket := _BRACKET.match(plain, end):
            self.subscripts = subscripts_of(bracket[1], at + bracket.start(1))
            end = bracket.end()
        while True:
            if mode := _MODE.match(plain, end):
                self.mode, end = "_".join(mode[1].lower().split()), mode.end()
            elif excepted := _EXCEPT.match(plain, end):
                end = excepted.end()
                while bracket := _BRACKET.match(plain, end):
                    self.exceptions += (subscripts_of(bracket[1], at + bracket.start(1)),)
                    end = bracket.end() + (plain[bracket.end() : bracket.end() + 1] == ",")
            else:
                break
        sign = _SIGN.match(plain, end)
        if sign is None:
            raise ReadError(
                at + end, f"unexpected {plain[end : end + 20].strip()!r} after the name {self.name!r}"
            )
        self.sign, self.end = sign[0], sign.end()


def subscripts_of(written: str, at: int) -> tuple[Name, ...]:
    """The names between the brackets of a left side."""
    names, position = [], 0
    while position < len(written):
        match = _ELEMENT.match(written, position)
        if match is None:
            raise ReadError(at + position, f"{written.strip()!r} is no list of elements and ranges")
        names.append(Name(match[1], at + match.start(1)))
        position = match.end()
    return tuple(names)


def _tabbed(written: str, at: int) -> Rows:
    try:
        rows = tuple(
            tuple(number(word, at) for word in line.split()) for line in written.split("\n") if line.strip()
        )
    except ValueError:
        raise ReadError(at, "TABBED ARRAY holds something that is no number") from None
    return Rows(rows, at)
