"""A study's clock: its periods (days, weeks, months, quarters, years or plain numbers) and model time.

Time counts periods: period n of the study covers [n, n + 1). With a start the periods are dated and Time 0 is
where the first begins; without one they are the model's own whole numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from iskdyn.errors import InputError, Problem
from iskdyn.telling import lexicon

NAMES: tuple[str, ...] = tuple(lexicon()["dates"]["months"])
LAST_DAY = date.max.toordinal()
SEVEN = 7
"""Days of a week; ordinal 1 is a Monday."""


@dataclass(frozen=True)
class Form:
    """How the periods of one clock are written.

    Attributes
    ----------
    expected : in an error
    number : the period's place in a count without gaps; None for what is none of this form
    label, words : the period as tables and as sentences have it
    per_year : periods in a year; None where a year is no whole number of them
    """

    expected: str
    number: Callable[[str], int | None]
    label: Callable[[int], str]
    words: Callable[[str], str]
    per_year: int | None = None


def _day(text: str) -> int | None:
    try:
        return date.fromisoformat(text).toordinal() if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def _day_label(number: int) -> str:
    return date.fromordinal(min(max(number, 1), LAST_DAY)).isoformat()


def _day_words(text: str) -> str:
    return f"{int(text[8:])} {NAMES[int(text[5:7]) - 1]} {text[:4]}"


def _week(text: str) -> int | None:
    match = re.fullmatch(r"(\d{4})-W(\d\d)", text)
    try:
        return (
            (date.fromisocalendar(int(match[1]), int(match[2]), 1).toordinal() - 1) // SEVEN
            if match
            else None
        )
    except ValueError:
        return None


def _week_label(number: int) -> str:
    year, week, _ = date.fromordinal(min(max(number * SEVEN + 1, 1), LAST_DAY)).isocalendar()
    return f"{year:04d}-W{week:02d}"


def _counted(pattern: str, parts: int) -> Callable[[str], int | None]:
    """The number of a part of a year, such as a month, counted from the first of year 0."""

    def number(text: str) -> int | None:
        match = re.fullmatch(pattern, text)
        return int(match[1]) * parts + int(match[2]) - 1 if match else None

    return number


def _whole(pattern: str) -> Callable[[str], int | None]:
    return lambda text: int(text) if re.fullmatch(pattern, text) else None


FORMS = {
    "day": Form("a day written YYYY-MM-DD, such as 2022-05-31", _day, _day_label, _day_words),
    "week": Form(
        "a week written YYYY-Www, such as 2022-W05",
        _week,
        _week_label,
        lambda text: f"week {int(text[6:])} of {text[:4]}",
    ),
    "month": Form(
        "a month written YYYY-MM, such as 2022-05",
        _counted(r"(\d{4})-(0[1-9]|1[0-2])", 12),
        lambda number: f"{number // 12:04d}-{number % 12 + 1:02d}",
        lambda text: f"{NAMES[int(text[5:]) - 1]} {text[:4]}",
        12,
    ),
    "quarter": Form(
        "a quarter written YYYY-Qn, such as 2022-Q3",
        _counted(r"(\d{4})-Q([1-4])", 4),
        lambda number: f"{number // 4:04d}-Q{number % 4 + 1}",
        lambda text: f"quarter {text[6:]} of {text[:4]}",
        4,
    ),
    "year": Form("a year written YYYY", _whole(r"\d{4}"), lambda number: f"{number:04d}", str, 1),
}
"""The clocks that can have dates."""
PLAIN = Form("a whole number", _whole(r"-?\d{1,9}"), str, str)
EXPECTED = FORMS["month"].expected


def form_of(text: str) -> Form | None:
    """The form in which a period is written; a year and a plain number are alike, and both are plain."""
    forms = (*(FORMS[name] for name in ("day", "week", "month", "quarter")), PLAIN)
    return next((form for form in forms if form.number(text) is not None), None)


def month_number(text: str) -> int | None:
    """The number of a period by its own form, or None where the text is not a period of any clock.

    >>> month_number("2021-07") - month_number("2020-07"), month_number("July 2021")
    (12, None)
    """
    form = form_of(text)
    return form.number(text) if form else None


def in_words(month: str) -> str:
    """A dated period as it is said; any other text stays.

    >>> in_words("2023-04"), in_words("1978-01-22"), in_words("week 3")
    ('April 2023', '22 January 1978', 'week 3')
    """
    form = form_of(month)
    return form.words(month) if form else month


@dataclass(frozen=True)
class Calendar:
    """Periods of the study as model time; period m covers [m, m + 1) and stands at its middle, m + 0.5.

    >>> calendar = Calendar("2021-07")
    >>> calendar.time("2021-10"), calendar.middle("2021-10"), calendar.month(3.9)
    (3.0, 3.5, '2021-10')
    >>> calendar.window("2022-05", "2022-08")
    (10.0, 14.0)
    >>> Calendar("1978-01-22", "day").month(10), Calendar("", "day").words("3")
    ('1978-02-01', 'day 3')

    Attributes
    ----------
    start : the period that begins at Time 0; empty: periods are plain numbers
    clock : what a period is, a name of `FORMS`; empty: a month with a start, else nothing in particular
    """

    start: str = ""
    clock: str = ""

    @property
    def unit(self) -> str:
        """What a period is called."""
        return self.clock or ("month" if self.start else "time")

    @property
    def form(self) -> Form:
        """How its periods are written."""
        return FORMS[self.unit] if self.start else PLAIN

    @property
    def expected(self) -> str:
        """What a period looks like, for an error."""
        return self.form.expected

    def number(self, text: str) -> int | None:
        """The number of a period of this clock, or None."""
        return self.form.number(text)

    def time(self, month: str) -> float:
        """Model time at which the period begins; InputError where it is none of this clock."""
        number, origin = self.number(month), self._origin
        if number is None:
            raise InputError(Problem("", f"'{month}' is not {self.expected}"))
        return float(number - origin)

    def middle(self, month: str) -> float:
        """Model time of the period's middle, where its value stands."""
        return self.time(month) + 0.5

    def window(self, first: str, last: str) -> tuple[float, float]:
        """Model times of the start of the first and the end of the last period."""
        return self.time(first), self.time(last) + 1

    def month(self, time: float) -> str:
        """The period that covers a model time."""
        # a time that rounding left just before a period begins is in it
        return self.form.label(self._origin + math.floor(time + 1e-9))

    def words(self, month: str) -> str:
        """A period as it is said."""
        return self.form.words(month) if self.start else f"{self.unit} {month}"

    def later(self, month: str, years: int) -> str | None:
        """The period so many years on; None where a year is no whole number of periods."""
        number, per_year = self.number(month), self.form.per_year
        return None if number is None or per_year is None else self.form.label(number + years * per_year)

    def year_end(self, month: str) -> str:
        """The last period of the year of a period; the period itself where that cannot be said."""
        number, per_year = self.number(month), self.form.per_year
        if number is None or per_year is None:
            return month
        return self.form.label((number // per_year + 1) * per_year - 1)

    @property
    def _origin(self) -> int:
        number = self.number(self.start) if self.start else 0
        if number is None:
            raise InputError(Problem("", f"'{self.start}' is not {self.expected}"))
        return number
