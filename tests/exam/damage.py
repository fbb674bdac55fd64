"""Damaged model texts, each decided by its number alone, and what reading and running one comes to."""

from __future__ import annotations

import random
import re
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from iskdyn.errors import IskdynError
from iskdyn.model import Program, read_model
from iskdyn.simulate import simulate

ROOT = Path(__file__).parents[2]
SECONDS = 5.0
"""No file may take longer, in processor time of this process and of the parser's."""
N_STEPS = 8

SMALL = """{UTF-8}
:MACRO: GROWING(start, rate)
GROWING = INTEG(GROWING * rate, start) ~ ~ |
:END OF MACRO:
stock = INTEG(inflow - outflow, 10.0) ~ Person [0,?] ~ People. |
inflow = MAX(0, gain * (1 + STEP(0.5, 2)) * bent(stock / 10)) ~ Person/Month ~ Joining. |
outflow = SMOOTH3I(stock, delay, 10) / DELAY1(lag, 2) + PULSE(3, 1) ~ Person/Month ~ Leaving. |
gain = 2.5 ~ Person/Month [0,10] ~ |
delay = 4 ~ Month ~ |
lag = IF THEN ELSE(Time > 3 :AND: stock > 5, delay, delay ^ 0.5) ~ Month ~ |
bent([(0,0)-(3,2)],(0,0.5),(1,1),(2,0.7),(3,0.1)) ~ Dmnl ~ |
"quoted, name" = GROWING(1.0, 0.1) + WITH LOOKUP(Time, ([(0,0)-(9,9)],(0,1),(9,3))) ~ Dmnl ~ |
late = DELAY FIXED(stock, 2, 0) + SAMPLE IF TRUE(Time = 2, stock, 0) ~ Person ~ |
INITIAL TIME = 0 ~ Month ~ |
FINAL TIME = 12 ~ Month ~ |
TIME STEP = 0.25 ~ Month ~ |
SAVEPER = TIME STEP ~ Month ~ |
\\\\\\---/// Sketch information - do not modify anything except names
V300  Do not put anything below this section - it will be ignored
*View 1
"""
XMILE = """<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><name>small</name><vendor>none</vendor><product version="1">none</product></header>
<sim_specs method="euler" time_units="Month"><start>0</start><stop>12</stop><dt>0.25</dt></sim_specs>
<model><variables>
<stock name="stock"><eqn>10</eqn><inflow>gain</inflow><outflow>loss</outflow><non_negative/></stock>
<flow name="gain"><eqn>rate * stock * (1 - stock / 90)</eqn></flow>
<flow name="loss"><eqn>SMTH1(stock, 4) * bent(stock) + late</eqn></flow>
<aux name="rate"><eqn>0.1 + STEP(0.1, 5)</eqn><units>1/Month</units></aux>
<aux name="late"><eqn>IF TIME > 3 THEN rate ELSE 0</eqn></aux>
<gf name="bent"><xscale min="0" max="90"/><ypts>0.1,0.2,0.05</ypts></gf>
</variables></model></xmile>
"""

Text = str | bytes
Damage = Callable[[random.Random, str], Text]


def _cut(random: random.Random, text: str, longest: int = 1) -> tuple[str, str, str]:
    start = random.randrange(max(len(text) - longest, 1))
    end = start + random.randint(1, longest)
    return text[:start], text[start:end], text[end:]


def _lines(change: Callable[[random.Random, list[str]], list[str]]) -> Damage:
    return lambda random, text: "\n".join(change(random, text.split("\n")))


def _drop(random: random.Random, lines: list[str]) -> list[str]:
    i = random.randrange(len(lines))
    return lines[:i] + lines[i + random.randint(1, 4) :]


def _twice(random: random.Random, lines: list[str]) -> list[str]:
    i = random.randrange(len(lines))
    return lines[: i + random.randint(1, 4)] + lines[i:]


def _swapped(random: random.Random, lines: list[str]) -> list[str]:
    i, j = random.randrange(len(lines)), random.randrange(len(lines))
    lines[i], lines[j] = lines[j], lines[i]
    return lines


def _half(random: random.Random, lines: list[str]) -> list[str]:
    i = random.randrange(len(lines))
    lines[i] = lines[i][: len(lines[i]) // 2]
    return lines


def _characters(random: random.Random, text: str) -> str:
    for _ in range(random.randint(1, 5)):
        before, _, after = _cut(random, text, 3)
        text = before + after
    return text


def _characters_twice(random: random.Random, text: str) -> str:
    before, middle, after = _cut(random, text, 40)
    return before + middle + middle + after


def _characters_swapped(random: random.Random, text: str) -> str:
    before, middle, after = _cut(random, text, 8)
    return before + middle[::-1] + after


def _replaced(pattern: str, *options: str) -> Damage:
    """One place that fits the pattern becomes one of the options."""

    def damage(random: random.Random, text: str) -> str:
        places = list(re.finditer(pattern, text))
        if not places:
            return text + random.choice(options)
        place = random.choice(places)
        return text[: place.start()] + random.choice(options) + text[place.end() :]

    return damage


def _brackets(random: random.Random, text: str) -> str:
    damage = _replaced(r"[()\[\]]", "", "((", "))", "[", "]", "(" * 60, ")" * 60)
    return str(damage(random, text))


def _bytes(random: random.Random, text: str) -> bytes:
    before, middle, after = _cut(random, text, 20)
    return before.encode() + random.randbytes(len(middle)) + after.encode()


def _binary(random: random.Random, text: str) -> bytes:
    start = random.choice([b"\x00\xff\xfe\x00", b"\xff\xfe", b"\x89PNG\r\n", b"", b"PK\x03\x04"])
    return start + random.randbytes(random.choice([0, 10, 3000]))


def _nested(random: random.Random, text: str) -> str:
    depth = random.choice([30, 100, 400, 3000, 20_000])
    opened, closed = random.choice([("(", ")"), ("MAX(1, ", ")"), ("-", ""), ("1 + (", ")")])
    return _equation(text, f"{opened * depth}1{closed * depth}")


def _long(random: random.Random, text: str) -> str:
    n = random.choice([100, 1000, 5000, 20_000])
    return _equation(text, random.choice([" + ", " * ", " / ", "^", " - ", " :AND: "]).join(["1"] * n))


def _equation(text: str, right: str) -> str:
    """The text with one more variable."""
    if "<variables>" in text:
        return text.replace("</variables>", f'<aux name="added"><eqn>{right}</eqn></aux></variables>')
    return text.replace("INITIAL TIME", f"added = {right} ~ ~ |\n\nINITIAL TIME", 1)


def _circle(random: random.Random, text: str) -> str:
    n = random.choice([1, 2, 5, 300])
    for i in range(n):
        right = f"circle {(i + 1) % n} + 1"
        name = f"circle {i}"
        if "<variables>" in text:
            aux = f'<aux name="{name}"><eqn>{right.replace(" ", "_", 1)}</eqn></aux>'
            text = text.replace("</variables>", f"{aux}</variables>")
        else:
            text = text.replace("INITIAL TIME", f"{name} = {right} ~ ~ |\n\nINITIAL TIME", 1)
    return text


def _missing(random: random.Random, text: str) -> str:
    parts = re.split(r"(?<=\|)|(?=<aux|<flow|<stock|<gf)", text)
    del parts[random.randrange(len(parts))]
    return "".join(parts)


_NUMBER = r"(?<![\w.])\d+(?:\.\d+)?"
DAMAGES: dict[str, Damage] = {
    "lines deleted": _lines(_drop),
    "lines twice": _lines(_twice),
    "lines swapped": _lines(_swapped),
    "line cut short": _lines(_half),
    "file cut short": lambda random, text: text[: random.randrange(len(text))],
    "characters deleted": _characters,
    "characters twice": _characters_twice,
    "characters reversed": _characters_swapped,
    "unbalanced brackets": _brackets,
    "wrong operator": _replaced(r"[-+*/^=<>]", "", "**", "+*", ":=", "==", "<>", ":AND:", ":NOT:", "!", "%"),
    "wrong separator": _replaced(r"[~|,;\"{}]", "", "~~", "|", ",", ",,", '"', "{", "}", ":"),
    "wrong word": _replaced(r"[A-Za-z]{3,}", "", "nothing", "DELAY1", "INTEG", "A FUNCTION OF", "é\u200b"),
    "wrong arguments": _replaced(r"\([^()]*\)", "()", "(,)", "(1)", "(1,2,3,4,5,6)", "", "(Time)"),
    "random bytes": _bytes,
    "no text": _binary,
    "deep nesting": _nested,
    "long equation": _long,
    "circle of equations": _circle,
    "equation missing": _missing,
    "not a number": _replaced(_NUMBER, "NaN", "nan", ":NA:", "inf", "1e", "0x10", "1.2.3", "--", "0/0"),
    "giant number": _replaced(_NUMBER, "1e308", "-1e308", "1e999", "1" * 400, "1e-320", "0", "-1", "99999999"),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One damaged file."""

    number: int
    kind: str
    suffix: str
    data: bytes


def sources(*, large: bool) -> list[tuple[str, str]]:
    """(suffix, text) of the sound models; with the model of the study where `large`."""
    tiny = (ROOT / "tests/data/tiny/models/tiny.mdl").read_text()
    found = [(".mdl", tiny), (".mdl", SMALL), (".xmile", XMILE)]
    return [*found, (".mdl", (ROOT / "models/isk.mdl").read_text())] if large else found


def cases(n: int, *, large: bool = False) -> Iterator[Case]:
    """The first n damaged files; every twentieth is of the large model."""
    known = sources(large=large)
    small = known[:3]
    for number in range(n):
        source = random.Random(number)  # noqa: S311
        kind = list(DAMAGES)[number % len(DAMAGES)]
        suffix, text = known[-1] if large and number % 20 == 19 else source.choice(small)
        damaged = DAMAGES[kind](source, text)
        data = damaged if isinstance(damaged, bytes) else damaged.encode("utf-8", errors="replace")
        yield Case(number, kind, suffix, data)


@dataclass(frozen=True)
class Outcome:
    """What became of a damaged file: "refused", "refused in the run" or "ran"; a fault must not be."""

    case: Case
    result: str
    seconds: float
    fault: str
    message: str


def try_case(case: Case, folder: Path) -> Outcome:
    """Read a damaged file and, if it can be read, run a few steps of it."""
    path = folder / f"damaged{case.number}{case.suffix}"
    path.write_bytes(case.data)
    began = time.process_time()
    result, fault, message = "refused", "", ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            program = read_model(path)
            result = "refused in the run"
            _run(program)
        result = "ran"
    except IskdynError as error:
        message = str(error)
        if not error.problems or not all(p.place and p.message for p in error.problems):
            fault = f"no place: {message}"
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
    seconds = time.process_time() - began
    path.unlink()
    if seconds > SECONDS:
        fault = fault or f"took {seconds:.1f} seconds"
    return Outcome(case, result, seconds, fault[:300], message)


def _run(program: Program) -> None:
    """A few steps; the whole run if it has no more."""
    start, step = (program[name].value for name in ("INITIAL TIME", "TIME STEP"))
    simulate(program, engine="numpy", final_time=start + N_STEPS * step)
