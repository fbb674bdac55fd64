"""The words a study's author writes around the numbers: `reports/story.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from iskdyn.errors import Problem, StudyError
from iskdyn.levers import Measure


@dataclass(frozen=True)
class Outcome:
    """How one output of the model is told.

    Attributes
    ----------
    name : of the variable in the model
    label : in a sentence
    measure : over the history: value at its end, mean, or sum of a rate
    unit, rate : of the measure, and of the series itself
    digits : after the decimal point
    note : what a reader must know to read the number
    aim : "lower" where less is better; "none" for a means, neither good nor bad by itself
    """

    name: str
    label: str
    measure: Measure
    unit: str
    rate: str
    digits: int
    note: str
    aim: Literal["lower", "none"] = "lower"

    @property
    def heading(self) -> str:
        """The label at the start of a sentence."""
        return self.label[:1].upper() + self.label[1:]

    def text(self, value: float) -> str:
        """The number as printed."""
        rounded = f"{value:,.{self.digits}f}"
        return rounded.replace("-", "\u2212") if float(rounded.replace(",", "")) else rounded.lstrip("-")


@dataclass(frozen=True)
class Rivals:
    """Rival explanations of one decline: the switches that turn each off.

    Attributes
    ----------
    before, after : first and last month of the two windows compared
    switches : words of each cause and the constant of the model that is 1 with it and 0 without
    """

    title: str
    words: str
    outcome: str
    before: tuple[str, str]
    after: tuple[str, str]
    switches: Mapping[str, str]


@dataclass(frozen=True)
class Mode:
    """Another telling of the same history: the constants that switch it on, and the words for it.

    Attributes
    ----------
    name : in a sentence, after a comma: "with the actors following rules"
    """

    name: str
    title: str
    words: str
    set: Mapping[str, float]


@dataclass(frozen=True)
class Story:
    """Title, context, limits and the words for each outcome, in the order of the report."""

    title: str
    context: tuple[str, ...]
    limits: tuple[str, ...]
    outcomes: Mapping[str, Outcome]
    rivals: tuple[Rivals, ...] = ()
    modes: tuple[Mode, ...] = ()


def read_story(path: Path, headline: tuple[str, ...]) -> Story:
    """The story in a TOML file, with words for every headline output.

    Raises
    ------
    StudyError : the file is missing, is not TOML, or leaves an output without words
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StudyError(Problem(str(path), f"cannot be read as TOML: {error}")) from None
    told = found.get("outcomes", {})
    problems = [
        Problem(str(path), f"has no [outcomes.'{name}']; write one") for name in headline if name not in told
    ]
    problems += [
        Problem(str(path), f"[outcomes.'{name}'] needs measure = one of {', '.join(get_args(Measure))}")
        for name, one in told.items()
        if one.get("measure") not in get_args(Measure)
    ]
    if problems:
        raise StudyError(problems)
    return Story(
        title=str(found.get("title", "")),
        context=tuple(found.get("context", ())),
        limits=tuple(found.get("limits", ())),
        outcomes={name: _outcome(name, told[name]) for name in headline},
        rivals=tuple(_rivals(one) for one in found.get("rivals", ())),
        modes=tuple(Mode(**one) for one in found.get("modes", ())),
    )


def _outcome(name: str, words: Mapping[str, Any]) -> Outcome:
    return Outcome(
        name=name,
        label=str(words.get("label", name)),
        measure=cast("Measure", words["measure"]),
        unit=str(words.get("unit", "")),
        rate=str(words.get("rate", words.get("unit", ""))),
        digits=int(words.get("digits", 0)),
        note=str(words.get("note", "")),
        aim="none" if words.get("aim") == "none" else "lower",
    )


def _rivals(words: Mapping[str, Any]) -> Rivals:
    first, second = (tuple(words[key]) for key in ("before", "after"))
    return Rivals(
        title=str(words["title"]),
        words=str(words["words"]),
        outcome=str(words["outcome"]),
        before=(str(first[0]), str(first[1])),
        after=(str(second[0]), str(second[1])),
        switches={str(key): str(value) for key, value in words["switches"].items()},
    )
