"""Plain words on every surface: number, dates, per cents, length, no codes without words, no mould that repeats."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from surfaces import Surface, Words, sentences

ROOT = Path(__file__).parents[2]
OUT = ROOT / "reports" / "out"
LONGEST = 45
"""Words of a sentence that a reader can still follow when it lists things; the style asks for 25."""
USUAL = 25
COMMONEST = 0.05
"""Share of the sentences that may begin with the same three words."""

COUNTED = "people|members|recruits|versions|draws|attacks|facts|numbers|points|months|structures|runs"
FAULTS = {
    "one of many": rf"(?<![\d.,–−-])1 (?!in\b|of\b|per\b)(?:\w+ )?(?:{COUNTED})\b",
    "people are fewer, not lower": r"\b(?:lower|higher) (?:people|members|recruits|attacks)\b",
    "a month as it is said": r"(?<![\w-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?![\w-])",
    "a space before per cent": r"\d%|\d {2,}%",
    "no doubled word": r"\b(\w{2,}) \1\b(?! \1)",
    "no dialect": r"\b(?:draws of ten|of the draws|tellings?|draws disagree|middle draw)\b",
    "no fold of the fit by its name": r"\bkept_out|held_out|at_end\b",
    "no code without words": r"(?<![\w-])(?:T\d\d[a-z]?|H\d\d[a-z]?|S\d\d|W\d\d|CL\d\d[a-z]?)(?![\w-])",
    "nothing lost on the way": r"\b(?:nan|None|inf|Undefined)\b|\{\{|\}\}|\$\{",
}
WITH_WORDS = {"small", "dt", "text"}
"""Where a code may stand: under the words it is of, before them in a list, on a mark whose list stands below."""
SPOKEN = ("title", "text", "label", "note", "words", "method", "caution", "cost_note", "means")


def strings(value: object, key: str = "") -> Iterator[str]:
    """Every text of the story that a reader sees."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from strings(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part, key)
    elif isinstance(value, str) and key in (*SPOKEN, "context", "limits"):
        yield value


@pytest.fixture(scope="module")
def story() -> list[Words]:
    told = tomllib.loads((ROOT / "reports" / "story.toml").read_text(encoding="utf-8"))
    return [Words(text, ("p",), "story", folded=False) for text in strings(told)]


@pytest.fixture(scope="module", params=["story", "index.html", "brief.html", "levers.html"])
def surface(request: pytest.FixtureRequest, story: list[Words]) -> list[Words]:
    """The blocks of the story, or of a page as `make report` has written it."""
    if request.param == "story":
        return story
    path = OUT / request.param
    if not path.is_file():
        pytest.skip(f"{request.param} is not built: `make report` writes it")
    return Surface(path.read_text(encoding="utf-8")).blocks


def faults(blocks: list[Words], name: str) -> list[str]:
    """The blocks in which a fault stands."""
    pattern = re.compile(FAULTS[name])
    allowed = WITH_WORDS if name == "no code without words" else {"code"}
    return [one.text for one in blocks if not allowed & set(one.tags) and pattern.search(one.text)]


@pytest.mark.parametrize("name", FAULTS)
def test_no_block_has_a_fault(surface: list[Words], name: str) -> None:
    assert faults(surface, name) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("one of many", "In the model 1 people were killed."),
        ("people are fewer, not lower", "without it lower members"),
        ("a month as it is said", "by the end of 2023-04."),
        ("a space before per cent", "34% more"),
        ("no doubled word", "of the the month"),
        ("no dialect", "in nine draws of ten"),
        ("no fold of the fit by its name", "held_out"),
        ("no code without words", "T18 does not hold"),
        ("nothing lost on the way", "nan to 3"),
    ],
)
def test_a_planted_fault_is_found(name: str, text: str) -> None:
    assert faults([Words(text, ("p",), "", folded=False)], name) == [text]


def test_what_is_right_is_no_fault() -> None:
    right = [
        "1 in 20 versions",
        "0.1 people",
        "by April 2023",
        "34 % more",
        "1 to 3 members",
        "2021-22",
        "1,001 people",
    ]
    assert [
        one for name in FAULTS for one in faults([Words(t, ("p",), "", folded=False) for t in right], name)
    ] == []


def test_sentences_are_short(surface: list[Words]) -> None:
    told = sentences(surface)
    assert [one for one in told if len(one.split()) > LONGEST and ";" not in one and ":" not in one] == []
    assert sum(len(one.split()) > USUAL for one in told) <= 0.4 * len(told)


def test_no_three_words_begin_many_sentences(surface: list[Words]) -> None:
    told = sentences(surface)
    openings = Counter(" ".join(one.split()[:3]) for one in told)
    most = max(2, COMMONEST * len(told))
    assert {opening: n for opening, n in openings.items() if n > most} == {}
