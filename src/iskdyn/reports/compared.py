"""Scenarios against each other, in words and as tables that a terminal shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from iskdyn.levers.verdict import SURE
from iskdyn.output import text_table
from iskdyn.reports.effect_words import shares_text
from iskdyn.telling import lexicon, mark_words, threshold_words

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.levers import Verified
    from iskdyn.levers.marks import Mark
    from iskdyn.reports.story import Outcome, Story


class Difference(TypedDict):
    """A row of `iskdyn.levers.difference_table`: edges in the outcome's unit, and shares of draws."""

    scenario: str
    against: str
    outcome: str
    window: str
    until: str
    median: float
    low_50: float
    high_50: float
    low_90: float
    high_90: float
    against_median: float
    lower_share: float
    higher_share: float
    verdict: str
    meets_nothing: str
    speaks: NotRequired[Mark]
    prior_against_median: NotRequired[float]
    prior_low_90: NotRequired[float]
    prior_high_90: NotRequired[float]
    prior_lower_share: NotRequired[float]
    prior_higher_share: NotRequired[float]


def rows_of(table: pd.DataFrame) -> list[Difference]:
    """The rows of a `difference_table`."""
    return cast("list[Difference]", table.to_dict("records"))


def join(names: Sequence[str]) -> str:
    """A list in a sentence.

    >>> join(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "ready scenario"), counted(2, "run")
    ('1 ready scenario', '2 runs')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def upper(text: str) -> str:
    """With a capital letter in front."""
    return text[:1].upper() + text[1:]


def sure(outcome: Outcome, row: Difference) -> bool:
    """Whether the direction of a difference may be told: the versions agree, and it does not round to nothing."""
    return row["verdict"] in SURE and outcome.shows(row["median"])


def relative(row: Difference) -> float:
    """The median difference as a share of what it is compared with; of itself where that is nothing."""
    base, change = abs(row["against_median"]), row["median"]
    return float(change / base) if base else float((change > 0) - (change < 0))


def change_words(outcome: Outcome, row: Difference) -> str:
    """A difference in a clause: 'people detained 25 % lower'."""
    direction = "higher" if row["median"] > 0 else "lower"
    if not row["against_median"]:
        return f"{outcome.label} {direction} by {outcome.text(abs(row['median']))} {outcome.unit}"
    return f"{outcome.label} {abs(relative(row)):.0%} {direction}"


def compare_words(story: Story, table: pd.DataFrame, *, rest: bool = True) -> str:
    """One sentence or two on a scenario in one window, human cost first.

    Parameters
    ----------
    table : its rows of `difference_table`
    rest : also name what changes little
    """
    rows = [row for row in rows_of(table) if row["outcome"] in story.outcomes]
    pairs = [(story.outcomes[row["outcome"]], row) for row in rows]
    firm = [change_words(outcome, row) for outcome, row in pairs if sure(outcome, row)]
    loose = [outcome.label for outcome, row in pairs if not sure(outcome, row)]
    words = (
        f"{upper(join(firm))}."
        if firm
        else f"Nothing changes that {threshold_words()['agree_versions']} agree on."
    )
    if rest and loose and firm:
        words += f" Little change, or versions disagree: {join(loose)}."
    return " ".join([words, *filter(None, [idle_words(rows_of(table))])])


def idle_words(rows: Sequence[Difference]) -> str:
    """That changes of a scenario meet nothing to change, by its rows of `difference_table`; '' for none.

    >>> idle_words([{"meets_nothing": "season"}])
    '“season” meets nothing to change here: without that change everything runs the same.'
    """
    names = [name for name in str(rows[0]["meets_nothing"] if rows else "").split("; ") if name]
    if not names:
        return ""
    meets, change = ("meets", "that change") if len(names) == 1 else ("meet", "any one of these changes")
    told = join([f"“{name}”" for name in names])
    return f"{told} {meets} nothing to change here: without {change} everything runs the same."


def compare_text(story: Story, table: pd.DataFrame, titles: Mapping[str, str]) -> str:
    """Every comparison as a text table with its words, a block each scenario and window.

    Parameters
    ----------
    story : the words for each outcome
    table : as of `difference_table`
    titles : by name of a scenario and of what it is compared with
    """
    blocks = []
    for (scenario, against, window, until), part in table.groupby(
        ["scenario", "against", "window", "until"], sort=False
    ):
        title = f"{titles[str(scenario)]}, compared with {titles[str(against)]}, {window} ({until})"
        marked = "speaks" in part
        rows = [_text_row(story.outcomes[row["outcome"]], row, marked) for row in rows_of(part)]
        header = [
            "outcome",
            "unit",
            str(against),
            "difference",
            f"{threshold_words()['half']} of draws",
            threshold_words()["range"],
            "lower · same · higher",
            *(["before", "speaks"] if marked else []),
        ]
        blocks.append("\n".join([title, text_table(header, rows, left=2), compare_words(story, part)]))
    return "\n\n".join(blocks)


def _text_row(outcome: Outcome, row: Difference, marked: bool) -> list[str]:
    show = outcome.text
    before = [shares_text(row["prior_lower_share"], row["prior_higher_share"])] if marked else []
    return [
        outcome.label,
        outcome.unit,
        show(row["against_median"]),
        signed(outcome, row["median"]),
        f"{signed(outcome, row['low_50'])} to {signed(outcome, row['high_50'])}",
        f"{signed(outcome, row['low_90'])} to {signed(outcome, row['high_90'])}",
        shares_text(row["lower_share"], row["higher_share"]),
        *before,
        *([mark_words(row["speaks"])] if marked else []),
    ]


def signed(outcome: Outcome, value: float) -> str:
    """A difference with its sign; nothing has none."""
    sign = "+" if value > 0 and outcome.shows(value) else ""
    return f"{sign}{outcome.text(value)}"


def percent(share: float) -> str:
    """A share with its sign.

    >>> percent(-0.1234), percent(0.0)
    ('\u221212.3 %', '0.0 %')
    """
    text = f"{100 * share:+.1f} %".replace("-", "\u2212")
    return text if text.strip("+\u22120. %") else "0.0 %"


def expectation_words(one: Verified, labels: Mapping[str, str], end: str) -> str:
    """An expectation beside the model's answer, in a sentence.

    Parameters
    ----------
    labels : by outcome; the variable's own name where there is none
    end : last period, where the expectation names none
    """
    expected = one.expectation
    label = labels.get(expected.output, expected.output)
    by = f" by {expected.by:.0%} or more" if expected.by and expected.kind in ("lower", "higher") else ""
    by = f" within {expected.by:.0%}" if expected.kind == "same" else by
    until = expected.until or end
    than = f" than at the end of {expected.since}" if expected.since else ""
    asked = f"{upper(label)} {lexicon()['directions']['expected'][expected.kind]}{by}{than}, by the end of {until}"
    return f"{asked}: holds in {one.share:.0%} of versions (middle version {percent(one.relative)})."
