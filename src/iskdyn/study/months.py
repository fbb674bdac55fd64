"""Calendar months and model time: Time t counts months from the start month."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from iskdyn.errors import InputError, Problem

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
EXPECTED = "a month written YYYY-MM, such as 2022-05"


def month_number(text: str) -> int | None:
    """Months since year 0, or None where the text is not a month written YYYY-MM."""
    match = _MONTH.fullmatch(text)
    return int(match[1]) * 12 + int(match[2]) - 1 if match else None


def in_words(month: str) -> str:
    """A month as it is said; a text that is no month stays.

    >>> in_words("2023-04"), in_words("week 3")
    ('April 2023', 'week 3')
    """
    match = _MONTH.fullmatch(month)
    return f"{NAMES[int(match[2]) - 1]} {match[1]}" if match else month


@dataclass(frozen=True)
class Calendar:
    """Months of the study as model time; month m covers [m, m + 1) and stands at its middle, m + 0.5.

    >>> calendar = Calendar("2021-07")
    >>> calendar.time("2021-10"), calendar.middle("2021-10"), calendar.month(3.9)
    (3.0, 3.5, '2021-10')
    >>> calendar.window("2022-05", "2022-08")
    (10.0, 14.0)
    """

    start: str

    def time(self, month: str) -> float:
        """Model time at which the month begins; InputError where it is not YYYY-MM."""
        number, origin = month_number(month), month_number(self.start)
        if number is None or origin is None:
            raise InputError(Problem("", f"'{month}' is not {EXPECTED}"))
        return float(number - origin)

    def middle(self, month: str) -> float:
        """Model time of the month's middle, where a monthly value stands."""
        return self.time(month) + 0.5

    def window(self, first: str, last: str) -> tuple[float, float]:
        """Model times of the start of the first and the end of the last month."""
        return self.time(first), self.time(last) + 1

    def month(self, time: float) -> str:
        """The month that covers a model time."""
        origin = month_number(self.start)
        if origin is None:
            raise InputError(Problem("", f"'{self.start}' is not {EXPECTED}"))
        year, index = divmod(origin + math.floor(time + 1e-9), 12)
        return f"{year:04d}-{index + 1:02d}"
