"""Plain words on every surface: number, dates, per cents, length, no codes without words, no mould that repeats."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from surfaces import Surface, Words
from wording import FAULTS, faults, moulds, too_long

from iskdyn.confidence.provenance import verify_file
from iskdyn.study import open_study

ROOT = Path(__file__).parents[2]
OUT = ROOT / "reports" / "out"
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


@pytest.fixture(
    scope="module",
    params=[
        "story",
        pytest.param("annex", marks=pytest.mark.slow),
        "index.html",
        "brief.html",
        "levers.html",
    ],
)
def surface(request: pytest.FixtureRequest, story: list[Words]) -> list[Words]:
    """The blocks of the story, of the annex's quick sections, or of a page as `make report` has written it."""
    if request.param == "story":
        return story
    if request.param == "annex":
        return Surface(request.getfixturevalue("quick_annex")).blocks
    path = OUT / request.param
    if not path.is_file() or verify_file(open_study(ROOT), path).changed:
        pytest.skip(f"no {request.param} of the study as it stands: `make report` writes it")
    return Surface(path.read_text(encoding="utf-8")).blocks


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
    assert too_long(surface) == []


def test_no_three_words_begin_many_sentences(surface: list[Words]) -> None:
    assert moulds(surface) == {}
