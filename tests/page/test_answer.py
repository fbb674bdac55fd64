"""The page's first view: the answer, without a click; then questions of one click, and the explorer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from driving import until
from test_access import faults

from iskdyn.reports.page.data import Sources

pytestmark = pytest.mark.slow
SHOWN = "() => ['answer', 'app'].map((id) => !document.getElementById(id).hidden)"


@pytest.fixture
def first(browser: Any, page_file: Any) -> Any:
    """The page as it opens, 1440 by 900."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(page_file.as_uri())
    until(page, "() => 'workers' in document.documentElement.dataset")
    yield page
    context.close()


def test_it_opens_with_the_answer_and_nothing_to_scroll(first: Any) -> None:
    assert first.evaluate(SHOWN) == [True, False]
    assert first.evaluate("() => document.documentElement.scrollHeight <= innerHeight")
    text = first.inner_text("#answer")
    assert text.index("Human cost") < text.index("What would have been without")
    for word in ("people killed by indiscriminate repression", "open", "not a forecast", "advice to repress"):
        assert word in text


def test_a_question_is_answered_by_one_click_with_its_human_cost(first: Any, sources: Sources) -> None:
    buttons = first.locator("#answer [data-scenario]")
    assert buttons.count() == len(sources.story.asked) == 4
    for i, asked in enumerate(sources.story.asked):
        before = first.evaluate("() => document.documentElement.dataset.settled")
        buttons.nth(i).click()
        until(first, f"() => document.documentElement.dataset.settled !== {before!r}")
        assert first.evaluate(SHOWN) == [False, True]
        assert first.inner_text("#said") == sources.study.scenarios[asked.scenario].says
        assert "killed" in first.inner_text("#words .human").lower()
        first.click("#views [data-view=answer]")
        assert first.evaluate(SHOWN) == [True, False]


def test_the_explorer_opens_by_a_button_and_draws_its_charts(first: Any) -> None:
    first.click("#explore")
    assert first.evaluate(SHOWN) == [False, True]
    widths = first.evaluate(
        "() => [...document.querySelectorAll('.chart svg')].map((one) => one.clientWidth)"
    )
    assert len(widths) == 13
    assert min(widths) > 100


def test_a_link_to_a_scenario_opens_the_explorer(opened: Callable[..., Any]) -> None:
    assert opened().evaluate(SHOWN) == [False, True]


def test_the_numbers_are_those_of_the_brief(first: Any, sources: Sources) -> None:
    brief = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", sources.answer))
    cells = first.evaluate(
        "() => [...document.querySelectorAll('#answer td b')].map((one) => one.textContent)"
    )
    assert len(cells) >= 8
    assert all(cell.replace("\N{NO-BREAK SPACE}", " ") in brief for cell in cells)


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_axe_finds_nothing_in_it(browser: Any, page_file: Any, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(page_file.as_uri())
    until(page, "() => 'workers' in document.documentElement.dataset")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert faults(page) == []
    context.close()
