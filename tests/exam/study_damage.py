"""Damaged study files, each decided by its number alone, and what reading a study with one comes to."""

from __future__ import annotations

import random
import re
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from damage import DAMAGES as OF_TEXT
from damage import ROOT, SECONDS, Damage, _replaced

from iskdyn.calibration.variants import read_variants
from iskdyn.confidence.conditions import read_conditions
from iskdyn.confidence.loops import read_names
from iskdyn.errors import IskdynError, Problem, StudyError
from iskdyn.levers import read_levers
from iskdyn.levers.claims import read_claims
from iskdyn.reports.compliance import read_answers
from iskdyn.reports.story import read_story
from iskdyn.study import Study, open_study

STUDIES = (ROOT, ROOT / "tests/data/tiny")
READERS: tuple[Callable[[Study], object], ...] = (
    read_levers, read_claims, read_names, read_conditions, read_variants, read_answers,
    lambda study: read_story(study.path_of("story"), study.settings.headline) if study.settings.story else None,
)  # fmt: skip
_FOLDERS = ("models", "calibration", "reports")
_NUMBER = r"(?<![\w.-])-?\d+(?:\.\d+)?(?![\w.])"


def _cells(change: Callable[[random.Random, list[str]], list[str]]) -> Damage:
    """One line's cells, changed."""

    def damage(random: random.Random, text: str) -> str:
        lines = text.split("\n")
        i = random.randrange(len(lines))
        lines[i] = ",".join(change(random, lines[i].split(",")))
        return "\n".join(lines)

    return damage


def _without(random: random.Random, cells: list[str]) -> list[str]:
    i = random.randrange(len(cells))
    return cells[:i] + cells[i + 1 :]


def _emptied(random: random.Random, cells: list[str]) -> list[str]:
    cells[random.randrange(len(cells))] = random.choice(["", " ", "\t", "  \u00a0"])
    return cells


def _exchanged(random: random.Random, cells: list[str]) -> list[str]:
    i, j = random.randrange(len(cells)), random.randrange(len(cells))
    cells[i], cells[j] = cells[j], cells[i]
    return cells


def _deep(random: random.Random, text: str) -> str:
    n = random.choice([30, 500, 50_000])
    start, end = random.choice([("[", "]"), ("{a = ", "}"), ("[", "")])
    opened = random.choice(["deep = ", "[set]\ndeep = ", "title = "])
    return f"{text}\n{opened}{start * n}1{end * n}\n"


def _keys(random: random.Random, text: str) -> str:
    return f"{text}\n{'.'.join(['a'] * random.choice([30, 3000]))} = 1\n"


def _twice(random: random.Random, text: str) -> str:
    lines = [line for line in text.split("\n") if "=" in line or "," in line or line.startswith("[")]
    return f"{text}\n{random.choice(lines)}\n"


DAMAGES: dict[str, Damage] = {
    **{
        name: OF_TEXT[name]
        for name in (
            "lines deleted", "lines twice", "lines swapped", "line cut short", "file cut short", "characters deleted",
            "characters twice", "characters reversed", "unbalanced brackets", "random bytes", "no text",
            "not a number", "giant number",
        )
    },
    "wrong kind": _replaced(_NUMBER + r'|"[^"\n]*"|true|false', "true", "[]", "{}", '""', "1979-05-27", "[[1]]",
                            "{ a = 1 }", "1e5", "nan", "-inf", '"x"', "[1, 'a']", "0x1F"),
    "wrong mark": _replaced(r'[=,;"\[\]{}#.]', "", ";", ",,", '"', '"""', "'", "=", "==", "#", "[", "]", "\t"),
    "wrong name": _replaced(r"[A-Za-z][A-Za-z ]{3,}", "", "nothing", "members", "../../etc/passwd", "é\u200b",
                            "a" * 5000),
    "wrong month": _replaced(r"20\d\d-\d\d", "2021-13", "2021-00", "0000-01", "9999-12", "2021-7", "July", "1900-01"),
    "cell missing": _cells(_without),
    "cell emptied": _cells(_emptied),
    "cells exchanged": _cells(_exchanged),
    "too deep": _deep,
    "endless key": _keys,
    "said twice": _twice,
    "other line ends": lambda random, text: text.replace("\n", random.choice(["\r", "\n\r", "\x0b", "\u2028"])),
    "other text": lambda random, text: text.encode(
        random.choice(["utf-16", "utf-32", "cp037"]), errors="replace"
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One damaged file of one study; `path` is relative to the study's folder."""

    number: int
    kind: str
    study: Path
    path: str
    data: bytes


@dataclass(frozen=True)
class Outcome:
    """What became of it: "refused", "refused in use" or "used"; a fault must not be."""

    case: Case
    result: str
    seconds: float
    fault: str
    message: str


def files(study: Path) -> list[str]:
    """The study's own files but the model, which has an exam of its own."""
    found = [
        path
        for folder in _FOLDERS
        for path in (study / folder).rglob("*")
        if path.suffix in (".toml", ".csv")
    ]
    return [
        "study.toml",
        *sorted(path.relative_to(study).as_posix() for path in found if "out" not in path.parts),
    ]


def cases(n: int) -> Iterator[Case]:
    """The first n damaged files; two of three belong to the large study."""
    known = {study: {path: (study / path).read_text() for path in files(study)} for study in STUDIES}
    for number in range(n):
        source = random.Random(number)  # noqa: S311
        study = STUDIES[number % 3 // 2]
        path = source.choice(sorted(known[study]))
        kind = list(DAMAGES)[number % len(DAMAGES)]
        damaged = DAMAGES[kind](source, known[study][path])
        data = damaged if isinstance(damaged, bytes) else damaged.encode("utf-8", errors="replace")
        yield Case(number, kind, study, path, data)


def copy_study(study: Path, folder: Path) -> Path:
    """A copy of a study's files to damage."""
    copy = folder / study.name
    for path in (*files(study), *(one.relative_to(study).as_posix() for one in study.glob("models/*.m*"))):
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(study / path, copy / path)
    return copy


def try_case(case: Case, copy: Path) -> Outcome:
    """Damage a file of the copy, read the study whole, run it a little if it is small, and mend the file."""
    (copy / case.path).write_bytes(case.data)
    result, fault, message, began = "refused", "", "", time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            study = open_study(copy)
            result = "refused in use"
            _use(study, run=case.study != ROOT)
        result = "used"
    except IskdynError as error:
        message = str(error)
        if not error.problems or not all(p.place and p.message for p in error.problems):
            fault = f"no place: {message}"
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
    seconds = time.process_time() - began
    shutil.copyfile(case.study / case.path, copy / case.path)
    if seconds > SECONDS:
        fault = fault or f"took {seconds:.1f} seconds"
    return Outcome(case, result, seconds, fault[:300], message)


def _use(study: Study, *, run: bool) -> None:
    """Everything that reads the study's files, every problem of all of them."""
    problems: list[Problem] = []
    for read in READERS:
        try:
            read(study)
        except IskdynError as error:
            problems += error.problems
    if problems:
        raise StudyError(problems)
    if run:
        study.run(engine="numpy", until=re.sub(r"-\d\d$", "-12", study.settings.start))
        for name in study.scenarios:
            study.run(engine="numpy", scenario=name)
