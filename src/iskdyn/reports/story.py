"""The words a study's author writes around the numbers: `reports/story.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from iskdyn.errors import Problem, StudyError
from iskdyn.model.names import suggest
from iskdyn.sensitivity.asking import ERROR
from iskdyn.study.form_check import read_form
from iskdyn.study.months import EXPECTED, Calendar, month_number
from iskdyn.study.readings import Statistic
from iskdyn.study.settings import toml_place

if TYPE_CHECKING:
    from iskdyn.study import Study


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
    counted : whether it is "fewer" of it, or "less"
    """

    name: str
    label: str
    measure: Statistic
    unit: str
    rate: str
    digits: int
    note: str
    aim: Literal["lower", "none"] = "lower"
    counted: bool = True

    @property
    def heading(self) -> str:
        """The label at the start of a sentence."""
        return self.label[:1].upper() + self.label[1:]

    def text(self, value: float) -> str:
        """The number as printed."""
        rounded = f"{value:,.{self.digits}f}"
        return rounded.replace("-", "\u2212") if float(rounded.replace(",", "")) else rounded.lstrip("-")

    def shows(self, value: float) -> bool:
        """Whether the number as printed is not nothing."""
        return bool(self.text(value).strip("0.,"))


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
    name : in a sentence, after a comma: "starting from the lower strength"
    """

    name: str
    title: str
    words: str
    set: Mapping[str, float]


@dataclass(frozen=True)
class Question:
    """What somebody could be asked to learn more.

    Attributes
    ----------
    text : the question in plain words
    asks : numbers of the study of which the answer would tell
    who, leaning : who could answer it, and which way he may lean, in words
    error, lean : of the answer; see `sensitivity.Askable`
    """

    text: str
    asks: tuple[str, ...]
    who: str = ""
    leaning: str = ""
    error: float = ERROR
    lean: float = 0.0

    @property
    def whole(self) -> str:
        """The question, who could answer it and how he may lean."""
        aside = "; ".join(filter(None, [self.who, self.leaning]))
        return f"{self.text} ({aside}.)" if aside else self.text


@dataclass(frozen=True)
class Asked:
    """A question that a ready scenario answers.

    Attributes
    ----------
    scenario : name of the scenario's file
    """

    text: str
    scenario: str


@dataclass(frozen=True)
class Event:
    """What a chart names above the month in which it began: at most two words."""

    month: str
    words: str


@dataclass(frozen=True)
class Link:
    """A step in a chain of causes: what is held as it was to learn how much goes through it.

    Attributes
    ----------
    words : after "12 % less"; of what is counted, after "12 % fewer"
    of : the stocks and computed variables that are held, in one unit; their sum is the step's size
    """

    words: str
    of: tuple[str, ...]
    counted: bool = False


@dataclass(frozen=True)
class Term:
    """A word that the pages explain.

    Attributes
    ----------
    also : other forms of it in the text
    """

    word: str
    means: str
    also: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Its place in the glossary."""
        return "word-" + "-".join(self.word.casefold().split())


@dataclass(frozen=True)
class Brief:
    """What the one page tells.

    Attributes
    ----------
    lead : outcomes of which the title tells the largest change that the facts ask for
    doubt : a tactic and an outcome: what the one did to the other stands in the title too
    columns : outcomes of the table, human cost first
    method : in a sentence, what the model is
    caution : in a sentence, how its answer must not be read
    cost_note : what the figures of human cost hold and leave out
    """

    lead: tuple[str, ...]
    doubt: tuple[str, str]
    columns: tuple[str, ...]
    method: str
    caution: str
    cost_note: str


@dataclass(frozen=True)
class Story:
    """Title, context, limits and the words for each outcome, in the order of the report."""

    title: str
    context: tuple[str, ...]
    limits: tuple[str, ...]
    outcomes: Mapping[str, Outcome]
    rivals: tuple[Rivals, ...] = ()
    modes: tuple[Mode, ...] = ()
    brief: Brief | None = None
    questions: tuple[Question, ...] = ()
    asked: tuple[Asked, ...] = ()
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    glossary: tuple[Term, ...] = ()
    address: str = ""
    """Where the work that the study formalises is published; a link in brief, page and annex."""

    @property
    def measures(self) -> dict[str, Statistic]:
        """How each outcome is measured."""
        return {name: outcome.measure for name, outcome in self.outcomes.items()}


def study_story(study: Study) -> Story | None:
    """The story of a study; None where it names none."""
    return story_of(study) if study.settings.story else None


def headline_measures(study: Study, story: Story | None) -> dict[str, Statistic]:
    """How each headline outcome is measured: as the story says, or by its value at the end."""
    return story.measures if story else dict.fromkeys(study.settings.headline, "at_end")


def story_of(study: Study) -> Story:
    """The story that a study names; see `read_story`."""
    return read_story(study.path_of("story"), study.settings.headline, study.calendar)


def read_story(path: Path, headline: tuple[str, ...], calendar: Calendar | None = None) -> Story:
    """The story in a TOML file, with words for every headline output.

    Parameters
    ----------
    path : of the file
    headline : the outputs that need words
    calendar : by which its periods are written; without one those of any clock pass

    Raises
    ------
    StudyError : the file is missing, is not TOML, or leaves an output without words
    """
    found, text = read_form(path, "story", path.name)
    problems = [
        Problem(path.name, f"has no [outcomes.'{name}']; write one")
        for name in headline
        if name not in found.get("outcomes", {})
    ]
    problems += _unknown_outcomes(found, text, path.name)
    problems += _wrong_periods(found, text, path.name, calendar)
    if problems:
        raise StudyError(problems)
    return Story(
        title=str(found.get("title", "")),
        context=tuple(found.get("context", ())),
        limits=tuple(found.get("limits", ())),
        outcomes={name: _outcome(name, found["outcomes"][name]) for name in headline},
        rivals=tuple(_rivals(one) for one in found.get("rivals", ())),
        modes=tuple(Mode(**one) for one in found.get("modes", ())),
        brief=_brief(found["brief"]) if "brief" in found else None,
        questions=tuple(
            Question(**{**one, "asks": tuple(one["asks"])}) for one in found.get("questions", ())
        ),
        asked=tuple(Asked(**one) for one in found.get("asked", ())),
        events=tuple(Event(**one) for one in found.get("events", ())),
        links=tuple(
            Link(one["words"], tuple(one["of"]), one.get("counted", False)) for one in found.get("links", ())
        ),
        glossary=tuple(
            Term(one["word"], one["means"], tuple(one.get("also", ()))) for one in found.get("glossary", ())
        ),
        address=str(found.get("address", "")),
    )


def _brief(words: Mapping[str, Any]) -> Brief:
    tactic, outcome = words["doubt"]
    return Brief(
        tuple(words["lead"]),
        (tactic, outcome),
        tuple(words["columns"]),
        words["method"],
        words["caution"],
        words["cost_note"],
    )


def _unknown_outcomes(found: Mapping[str, Any], text: str, shown: str) -> Iterator[Problem]:
    """Outcomes that the one page is to tell, and for which the story has no words."""
    outcomes, brief = found.get("outcomes", {}), found.get("brief")
    for name in (*brief["lead"], brief["doubt"][1], *brief["columns"]) if brief else ():
        if name not in outcomes:
            hint = suggest(name, outcomes)
            yield Problem(toml_place(text, shown, name), f"brief: there is no [outcomes.'{name}']{hint}")


def _wrong_periods(
    found: Mapping[str, Any], text: str, shown: str, calendar: Calendar | None
) -> Iterator[Problem]:
    """Ends of the windows of rival causes that are no periods of the study's clock."""
    for rivals in found.get("rivals", ()):
        for period in (*rivals["before"], *rivals["after"]):
            if (calendar.number(period) if calendar else month_number(period)) is None:
                expected = calendar.expected if calendar else EXPECTED
                yield Problem(toml_place(text, shown, period), f"rivals: '{period}' is not {expected}")


def _outcome(name: str, words: Mapping[str, Any]) -> Outcome:
    return Outcome(
        name=name,
        label=str(words.get("label", name)),
        measure=cast("Statistic", words["measure"]),
        unit=str(words.get("unit", "")),
        rate=str(words.get("rate", words.get("unit", ""))),
        digits=int(words.get("digits", 0)),
        note=str(words.get("note", "")),
        aim="none" if words.get("aim") == "none" else "lower",
        counted=bool(words.get("counted", not words.get("digits"))),
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
