"""The page in Firefox: first view, one bend, compare and ask, with the words that Chromium shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import until
from firefox import Firefox, find_firefox

pytestmark = pytest.mark.slow
PRESS = """() => { const one = document.querySelector('.tactic .curve'); one.focus();
  for (const key of ['Home', 'PageDown']) one.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })); }"""
READY = "() => 'workers' in document.documentElement.dataset"
VERDICT = "() => document.querySelector('#verdict').innerText"
BENT = "() => document.querySelector('#verdict .changed')?.textContent.endsWith('half')"
TABLE = "() => document.getElementById('compared').innerText"


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    command = find_firefox()
    if command is None:
        pytest.skip("no Firefox is installed")
    found = Firefox(command, tmp_path_factory.mktemp("profile"))
    yield found
    found.close()


def click(page: Any, place: str) -> None:
    page.evaluate(f"() => document.querySelector({place!r}).click()")


def bent(page: Any) -> None:
    page.evaluate(PRESS)
    until(page, BENT)
    until(page, "() => document.documentElement.dataset.settled.length > 40")


def compared(page: Any) -> str:
    click(page, "#keep")
    click(page, "[data-view=compare]")
    until(page, "() => document.querySelectorAll('#compared thead th').length === 2")
    return str(page.evaluate(TABLE))


def test_the_first_view_opens_with_its_headline_and_nothing_refused(
    firefox: Firefox, page_file: Path
) -> None:
    firefox.go(page_file)
    until(firefox, READY)
    assert firefox.told["browserName"] == "firefox"
    assert firefox.evaluate("() => document.getElementById('refused')") is None
    assert firefox.evaluate("() => document.documentElement.dataset.workers") == "2"
    assert "killed" in firefox.evaluate("() => document.getElementById('answer').innerText")


def test_a_bend_and_a_comparison_say_what_they_say_in_chromium(
    firefox: Firefox, opened: Callable[..., Any], page_file: Path
) -> None:
    firefox.go(page_file, "#explore")
    until(firefox, READY)
    page = opened(1366, 768)
    for one in (firefox, page):
        bent(one)
    assert firefox.evaluate(VERDICT).split() == page.evaluate(VERDICT).split()
    tables = [compared(one) for one in (firefox, page)]
    assert tables[0].split() == tables[1].split()


def test_a_question_is_asked_and_answered(firefox: Firefox, page_file: Path) -> None:
    firefox.go(page_file, "#explore")
    until(firefox, READY)
    click(firefox, "[data-view=ask]")
    firefox.evaluate("() => { document.getElementById('ask-value').value = '100'; }")
    click(firefox, "#ask-run")
    until(firefox, "() => document.getElementById('ask-stop').disabled === false")
    click(firefox, "#ask-stop")
    until(firefox, "() => /of 10/.test(document.getElementById('asked').innerText)")
