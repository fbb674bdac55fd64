"""The first screen, at three sizes: nothing to scroll, and ten questions answered by the text in sight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from driving import OVERLAPS, until

from iskdyn.levers import HISTORY, run_arms
from iskdyn.reports.done_curve import done_paths
from iskdyn.reports.effect_words import per_cent
from iskdyn.study.inputs import Inputs

pytestmark = pytest.mark.slow
SIZES = ((1440, 900), (1024, 768), (390, 844))
ATTACKS, MEMBERS, KILLED = "guerrilla attacks", "total members", "killed by repression"
OUTCOMES = (KILLED, MEMBERS, ATTACKS)
SEEN = """() => { const walker = document.createTreeWalker(document.getElementById('answer'), NodeFilter.SHOW_TEXT);
  const words = [];
  while (walker.nextNode()) {
    const range = document.createRange(), one = walker.currentNode;
    if (!one.textContent.trim() || !one.parentElement.checkVisibility()) continue;
    range.selectNodeContents(one);
    const box = range.getBoundingClientRect(), clip = one.parentElement.getBoundingClientRect();
    const inside = box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth;
    if (inside && clip.width > 1 && clip.height > 1) words.push(one.textContent);
  }
  return words.join(' ').replaceAll('\\u00ad', '').replace(/\\s+/g, ' '); }"""
PLACES = (
    "h1.finding",
    ".cost dl",
    "picture img",
    "tbody tr",
    "tbody .done",
    ".asked [data-scenario]",
    ".foot",
)


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}")
def screen(request: Any, browser: Any, page_file: Any) -> Iterator[Any]:
    """The page as it opens, at one of the sizes."""
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(page_file.as_uri())
    until(page, "() => 'workers' in document.documentElement.dataset")
    yield page
    context.close()


@pytest.fixture(scope="module")
def changes(sources: Any) -> dict[str, dict[str, Any]]:
    """By tactic, 'any of them' and outcome, the middle and the share of one sign, from Python's own runs."""
    study = sources.study
    arms = {name: Inputs({switch: 0.0}) for name, switch in study.settings.tactics.items()}
    arms["any of them"] = Inputs(dict.fromkeys(study.settings.tactics.values(), 0.0))
    runs = run_arms(study, sources.around, arms, OUTCOMES)
    found: dict[str, dict[str, Any]] = {HISTORY: {}}
    for name in OUTCOMES:
        measure = sources.story.outcomes[name].measure
        history = runs.measured(measure, HISTORY, name)[1]
        found[HISTORY][name] = float(np.median(history))
        for arm in arms:
            change = runs.difference(measure, arm, name)
            middle = float(np.quantile(change / history, 0.5, method="nearest"))
            sure = max(np.mean(change < 0), np.mean(change > 0))
            found.setdefault(arm, {})[name] = (f"{per_cent(middle)} %", middle, sure)
    return found


def test_nothing_scrolls_and_all_parts_lie_in_the_window(screen: Any) -> None:
    whole = """() => { const { scrollWidth, scrollHeight } = document.documentElement;
        return [scrollWidth <= innerWidth, scrollHeight <= innerHeight]; }"""
    assert screen.evaluate(whole) == [True, True]
    for place in PLACES:
        boxes = screen.evaluate(
            """(place) => [...document.querySelectorAll(`#answer ${place}`)].map((one) => one.getBoundingClientRect())
            .map((box) => box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth)""",
            place,
        )
        assert boxes, place
        assert all(boxes), place


def test_each_tactic_has_the_curve_of_what_was_done(screen: Any, sources: Any) -> None:
    study, paths = sources.study, done_paths(sources.study)
    runs = run_arms(study, sources.around, {}, tuple(paths.values()))
    steps = """() => Object.fromEntries([...document.querySelectorAll('#answer .done')].map((one) => [
        one.closest('tr').cells[0].textContent.replaceAll('\\u00ad', ''),
        [one.getBoundingClientRect().width, one.getBoundingClientRect().height,
         [...one.firstChild.getAttribute('d').matchAll(/V([\\d.]+)H/g)].map((step) => Number(step[1]))]]))"""
    drawn = screen.evaluate(steps)
    assert set(drawn) == set(study.settings.tactics)
    for tactic, (width, height, ups) in drawn.items():
        assert width > 60
        assert height >= 12
        middle = np.median(runs.series(HISTORY, paths[tactic])[1], axis=0)
        months = middle[2::4][: len(ups)]  # four saved times a month; the third is its middle
        assert len(ups) == 22
        assert [20 - up for up in ups] == pytest.approx(20 * months / months.max(), abs=0.06)


def rows(screen: Any) -> dict[str, list[str]]:
    """The table by the names of its rows, as it is seen."""
    found = screen.evaluate(
        """() => [...document.querySelectorAll('#answer tbody tr')].map((row) => [...row.cells].map((cell) =>
        (cell.querySelector('b, i') ?? cell).textContent.replaceAll('\\u00ad', '').trim()))"""
    )
    return {row[0]: [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row[1:]] for row in found}


def test_ten_questions_are_answered_by_what_is_in_sight(
    screen: Any, changes: dict[str, dict[str, Any]], sources: Any
) -> None:
    text = screen.evaluate(SEEN).replace("\N{NO-BREAK SPACE}", " ")
    table, names = rows(screen), list(sources.study.settings.tactics)
    columns = {name: i for i, name in enumerate(sources.story.brief.columns)}
    # 1. which tactic cut attacks most: without it there would have been most
    most = max(names, key=lambda name: changes[name][ATTACKS][1])
    assert table[most][columns[ATTACKS]] == changes[most][ATTACKS][0]
    assert all(changes[name][ATTACKS][0] in text for name in names if table[name][columns[ATTACKS]] != "open")
    # 2. how many the repression killed, and 8. how sure that is
    killed = f"{changes[HISTORY][KILLED]:,.0f}"
    assert re.search(rf"people killed by indiscriminate repression:? {killed} \([\d,]+ to [\d,]+\)", text)
    # 3. which tactic most of them
    deadliest = min(names, key=lambda name: changes[name][KILLED][1])
    assert table[deadliest][columns[KILLED]] == changes[deadliest][KILLED][0]
    # 4. whether the killings made IS-K smaller: open, in the table and in the title
    assert changes["indiscriminate repression"][MEMBERS][2] < 0.9
    assert table["indiscriminate repression"][columns[MEMBERS]] == "open"
    assert "What indiscriminate repression did to the number of IS-K members is open." in text
    # 5. what without any of the five
    for name in OUTCOMES:
        assert table["any of them"][columns[name]] == changes["any of them"][name][0]
    # 6. what the deals did
    for name in OUTCOMES:
        assert table["reconciliation deals"][columns[name]] == changes["reconciliation deals"][name][0]
    # 7. who says so, and 8. how sure
    for words in ("our equations", "our judgement", "the facts", "nine"):
        assert words in text
    # 9. over which months, and 10. whether it is a forecast
    assert "July 2021 to April 2023" in text
    assert "not a forecast" in text


def test_a_row_opens_what_the_paper_says_of_its_tactic(screen: Any) -> None:
    screen.get_by_role("button", name="reconciliation deals").click()
    said = screen.locator(".lever", has_text="Reconciliation deals").first.locator(".said-by")
    assert said.is_visible()
    assert "In the paper:" in said.inner_text()


def test_back_goes_back_a_view_and_not_out_of_the_page(screen: Any) -> None:
    shown = """() => ['answer', 'view-explore', 'view-compare']
        .filter((id) => document.getElementById(id).checkVisibility())"""
    screen.click("[data-view=explore]")
    screen.click("[data-view=compare]")
    assert screen.evaluate(shown) == ["view-compare"]
    for expected in ("view-explore", "answer"):
        screen.go_back()
        until(screen, f"() => document.getElementById('{expected}').checkVisibility()")
        assert screen.evaluate(shown) == [expected]
    screen.go_forward()
    until(screen, "() => document.getElementById('view-explore').checkVisibility()")
    until(screen, "() => document.querySelector('#charts .middle')?.getAttribute('d')?.length > 100")


CROSSED = """() => { const found = [], texts = [...document.querySelectorAll('text')]
    .map((one) => [one.textContent, one.getBoundingClientRect()]);
  for (const line of document.querySelectorAll('path[style*="fill: none"]')) {
    if (!line.getAttribute('style').includes('stroke-width: 2.2')) continue;
    const matrix = line.getScreenCTM(), n = 200, whole = line.getTotalLength();
    for (let k = 0; k <= n; k++) {
      const at = line.getPointAtLength(whole * k / n).matrixTransform(matrix);
      for (const [words, box] of texts)
        if (at.x > box.left && at.x < box.right && at.y > box.top && at.y < box.bottom) found.push(words);
    }
  }
  return [texts.map((one) => one[0]), found]; }"""


def test_in_the_first_chart_no_text_lies_on_a_line_or_another_text(browser: Any, sources: Any) -> None:
    drawn = re.findall(r'(?:src|srcset)="data:image/svg\+xml,([^"]+)"', sources.answer)
    assert len(drawn) == 2
    context = browser.new_context(viewport={"width": 900, "height": 600})
    page = context.new_page()
    for picture in drawn:
        page.set_content(unquote(picture))
        words, crossed = page.evaluate(CROSSED)
        assert any("reported" in one for one in words)
        assert crossed == []
        assert page.evaluate(OVERLAPS) == []
    context.close()
