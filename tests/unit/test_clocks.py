"""The clocks of a study: how periods are written, counted and said."""

from __future__ import annotations

import datetime
import json
import subprocess
from pathlib import Path

import pytest

from iskdyn.errors import InputError
from iskdyn.study import Calendar
from iskdyn.telling import for_page

MODULE = Path(__file__).parents[2] / "src/iskdyn/reports/page/js/months.js"
CLOCKS = {
    "day": (Calendar("1978-01-22", "day"), 10, "1978-02-01", "1 February 1978"),
    "leap day": (Calendar("2024-02-28", "day"), 1, "2024-02-29", "29 February 2024"),
    "week": (Calendar("2020-W52", "week"), 1, "2020-W53", "week 53 of 2020"),
    "week of the next year": (Calendar("2020-W53", "week"), 1, "2021-W01", "week 1 of 2021"),
    "month": (Calendar("2021-07"), 21, "2023-04", "April 2023"),
    "quarter": (Calendar("2020-Q3", "quarter"), 2, "2021-Q1", "quarter 1 of 2021"),
    "year": (Calendar("1909", "year"), 4, "1913", "1913"),
    "days without dates": (Calendar("", "day"), 3, "3", "day 3"),
    "plain numbers": (Calendar(), 1995, "1995", "time 1995"),
}


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_period_is_written_counted_and_said(clock):
    calendar, time, label, words = CLOCKS[clock]
    assert calendar.month(time + 0.9) == label
    assert calendar.window(label, label) == (time, time + 1)
    assert calendar.words(label) == words


def test_weeks_are_those_of_iso_8601():
    calendar = Calendar("1999-W52", "week")
    first = datetime.date.fromisocalendar(1999, 52, 1)
    for n_weeks in range(0, 2000, 7):
        year, week, _ = (first + datetime.timedelta(weeks=n_weeks)).isocalendar()
        assert calendar.month(n_weeks) == f"{year}-W{week:02d}"


@pytest.mark.parametrize(
    ("calendar", "text"),
    [
        (Calendar("1978-01-22", "day"), "1978-02-30"),
        (Calendar("1978-01-22", "day"), "1978-02"),
        (Calendar("2021-07"), "2021-07-01"),
        (Calendar("2020-W01", "week"), "2021-W53"),  # 2021 has 52 weeks
        (Calendar("2020-Q1", "quarter"), "2020-Q5"),
        (Calendar("1909", "year"), "1909-01"),
        (Calendar(), "2021-07"),
    ],
)
def test_a_period_of_another_clock_is_refused(calendar, text):
    with pytest.raises(InputError, match="is not a"):
        calendar.time(text)


def test_a_year_later_is_said_only_where_it_is_whole_periods():
    assert Calendar("2021-07").later("2023-04", 5) == "2028-04"
    assert Calendar("2020-Q3", "quarter").year_end("2021-Q2") == "2021-Q4"
    assert Calendar("1978-01-22", "day").later("1978-02-01", 1) is None
    assert Calendar("1978-01-22", "day").year_end("1978-02-01") == "1978-02-01"


def test_the_page_writes_periods_as_the_study_does():
    starts = {name: calendar.start or f"{calendar.unit} 0" for name, (calendar, *_) in CLOCKS.items()}
    calls = [f'monthAt("{starts[name]}", {CLOCKS[name][1]})' for name in CLOCKS]
    data = f"globalThis.DATA = {{ lexicon: {json.dumps(for_page())} }};"
    code = f'{data} const {{ monthAt }} = await import("{MODULE}"); console.log([{", ".join(calls)}].join());'
    done = subprocess.run(
        ["node", "--input-type=module", "-e", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().split(",") == [label for _, _, label, _ in CLOCKS.values()]
