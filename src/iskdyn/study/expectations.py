"""What is expected of a reading, in a form that can fail: written and tested in one way by every file of a study.

An entry of `expect` is a table::

    { of = "members", is = "lower" }                             than without the changes
    { of = "members", is = "lower", by = 0.3, until = "2023-12" }  by 30 per cent or more, from the start to then
    { of = "members", is = "lower", since = "2021-12" }          than it was itself at the end of that month
    { of = ["bombs", "raids"], is = "zero" }                     of each of these
    { of = "bombs", at_most = 3.0, window = ["2022-08", "2022-12"] }  within bounds; `below` and `above` are strict

What is read by default, the file says; a claim adds `statistic`, `against`, `share_of` and `times` (see
`iskdyn.study.readings`), `arm` and `than`: names of arms, or sums of them as "a + b".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from iskdyn.errors import InputError
from iskdyn.study.changes import ALWAYS, Setting
from iskdyn.study.months import Calendar
from iskdyn.study.places import Page, Path
from iskdyn.study.readings import Reading, Statistic, Window

Array = NDArray[np.float64]
Direction = Literal["lower", "higher", "not lower", "not higher", "same"]
State = Literal["none", "zero", "finite", "positive", "shrinks", "converges", "never rises"]
Kind = Direction | State | Literal["within"]

BOUNDS = ("at_least", "at_most", "above", "below")
BASE = "base"
"""The arm in which nothing is changed: the history as drawn."""


@dataclass(frozen=True)
class Expectation:
    """What is expected of one output.

    Attributes
    ----------
    output : a variable of the model
    kind : a direction against what it is compared with, a state, or within bounds
    until : last month; empty: the end of the run
    since : with it, the arm is compared with itself at the end of that month instead
    by : least size of a move, as a share; with "same" and what is not to happen, the largest
    low, high : bounds, and whether they are beyond what is allowed
    window : model time in which it is looked at
    statistic, against, share_of, times : see `Reading`
    arms, than : whose readings are added up, and what they are compared with
    share : of the draws in which it must hold
    relative : bounds are a share of what it is compared with
    """

    output: str
    kind: Kind
    until: str = ""
    since: str = ""
    by: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    strict: bool = False
    window: Window = ALWAYS
    statistic: Statistic = "mean"
    against: Window | None = None
    share_of: str = ""
    times: str = ""
    arms: tuple[str, ...] = (BASE,)
    than: tuple[str, ...] = ()
    share: float = 1.0
    relative: bool = False

    @property
    def reading(self) -> Reading:
        """What is read, where a statistic is named."""
        return Reading(self.output, self.statistic, self.window, self.against, self.share_of, self.times)

    @property
    def named(self) -> tuple[str, ...]:
        """Every arm that is read."""
        return (*self.arms, *self.than)

    @property
    def bounds(self) -> str:
        """The bounds in words: 'at most 3', 'above 0.8', '1 to 2'."""
        if math.isinf(self.low):
            return f"{'below' if self.strict else 'at most'} {self.high:g}"
        if math.isinf(self.high):
            return f"{'above' if self.strict else 'at least'} {self.low:g}"
        return f"{self.low:g} to {self.high:g}"


def margin(kind: Kind, change: Array, by: float | Array) -> Array:
    """How much further a change goes than it must: below 0 where it misses. The one test of a direction.

    Parameters
    ----------
    kind : a `Direction`
    change : of any shape, in any unit
    by : the least or largest size, in the same

    >>> margin("lower", np.array([-0.3, 0.1]), 0.1).round(6).tolist()
    [0.2, -0.2]
    """
    return np.asarray(
        _MARGINS[kind](change) - by if kind in ("lower", "higher") else _MARGINS[kind](change) + by
    )


_MARGINS: Mapping[Kind, Callable[[Array], Array]] = {
    "lower": np.negative,
    "higher": np.positive,
    "not lower": np.positive,
    "not higher": np.negative,
    "same": lambda change: -np.abs(change),
}


def goes(kind: Kind, change: Array, by: float | Array = 0.0) -> NDArray[np.bool_]:
    """Where a change goes as expected; none at all is neither lower nor higher.

    Parameters
    ----------
    kind, change, by : as of `margin`

    >>> goes("lower", np.array([-0.3, 0.0])).tolist(), goes("not higher", np.array([-0.3, 0.0])).tolist()
    ([True, False], [True, True])
    """
    return np.asarray((margin(kind, change, by) >= 0) & ((change != 0) | (kind not in ("lower", "higher"))))


def read_expectations(
    setting: Setting, rows: Sequence[Mapping[str, Any]], page: Page, at: Path = (), groups: Sequence[str] = ()
) -> tuple[Expectation, ...]:
    """The expectations of a list whose form is right, one for each output, and each that it is compared with.

    Parameters
    ----------
    rows : the tables
    page, at : where the list stands; every problem is added to the page, and the result then means nothing
    groups : names that may stand for many outputs
    """
    found = []
    for i, row in enumerate(rows):
        for output in _list(row["of"]):
            for than in _list(row.get("than", "")):
                found.append(
                    _expectation(setting, {**row, "of": output, "than": than}, page, (*at, i), groups)
                )
    return tuple(found)


def _expectation(
    setting: Setting, row: Mapping[str, Any], page: Page, at: Path, groups: Sequence[str]
) -> Expectation:
    for key in ("of", "share_of"):
        name = row.get(key)
        if name and name not in setting.program and name not in groups:
            page.say((*at, key), setting.lacks(name))
    bounds = [key for key in BOUNDS if key in row]
    strict = {key in ("above", "below") for key in bounds}
    if ("is" in row) == bool(bounds) or len(strict) > 1 or len(bounds) > 2:
        page.say(at, f"'{row['of']}': give one of is, at_least and at_most, above and below")
    for key in ("by", "than", "since"):
        if row.get(key) and row.get("is") not in get_args(Direction):
            page.say((*at, key), f"{key}: only a direction has one, such as is = 'lower'")
    calendar = setting.calendar or Calendar()
    for key in ("until", "since"):
        if key in row and calendar.number(str(row[key])) is None:
            page.say((*at, key), f"{key}: '{row[key]}' is not {calendar.expected}")
    low, high = (
        next((_bound(setting, row, key, page, at) for key in keys if key in row), away)
        for keys, away in ((("at_least", "above"), -math.inf), (("at_most", "below"), math.inf))
    )
    if not low <= high:
        page.say(at, f"{low:g} is not below {high:g}")
    direction = row.get("is", "within")
    arms = tuple(str(row.get("arm", BASE)).split(" + "))
    default = BASE if "arm" in row and "is" in row else ""
    than = tuple(part for part in str(row["than"] or default).split(" + ") if part)
    return Expectation(
        output=setting.program[row["of"]].name if row["of"] in setting.program else row["of"],
        kind=direction,
        until=str(row.get("until", "")),
        since=str(row.get("since", "")),
        by=float(row.get("by", 0.0)),
        low=low,
        high=high,
        strict=True in strict,
        window=read_window(setting, row["window"], page, (*at, "window")) if "window" in row else ALWAYS,
        statistic=row.get("statistic", "mean"),
        against=read_window(setting, row["against"], page, (*at, "against")) if "against" in row else None,
        share_of=row.get("share_of", ""),
        times=row.get("times", ""),
        arms=arms,
        than=than,
        share=float(row.get("share", 1.0)),
        relative=bool(row.get("relative", False)),
    )


def read_window(setting: Setting, given: Sequence[str], page: Page, at: Path) -> Window:
    """Model time of the start of the first and the end of the last period, inside of the study's horizon.

    Parameters
    ----------
    given : the two periods
    page, at : where they stand
    """
    calendar = setting.calendar or Calendar()
    try:
        start, end = calendar.window(*given)
        low, high = calendar.window(*(setting.horizon or given))
    except InputError as error:
        page.say(at, error.problems[0].message)
        return ALWAYS
    if not low <= start < end <= high:
        words = "does not rise within the study's horizon"
        page.say(at, f"{given[0]} to {given[1]} {words}, {' to '.join(setting.horizon or given)}")
    return start, end


def _bound(setting: Setting, row: Mapping[str, Any], key: str, page: Page, at: Path) -> float:
    """A number, or of a period model time: where it begins, or for an upper bound ends."""
    given = row[key]
    if not isinstance(given, str):
        return float(given)
    return read_window(setting, [given, given], page, (*at, key))[key in ("at_most", "below")]


def _list(given: Any) -> list[str]:
    return given if isinstance(given, list) else [given]
