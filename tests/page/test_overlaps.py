"""No two texts of a chart run into one another: every view, three sizes, each question, bends by chance."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from driving import OVERLAPS, tactics, until
from test_compare_ask import compared
from test_first_screen import SIZES

pytestmark = pytest.mark.slow
N_BENDS = 5
"""At each of three sizes: 15 in all; 51, once, showed no overlap either."""
BENDS = """async (bends) => {
  const overlaps = @OVERLAPS@, found = [];
  const bent = (curve, keys) => new Promise((done) => {
    const late = setTimeout(() => done(false), 20000);
    new MutationObserver((_, watch) => { watch.disconnect(); clearTimeout(late); done(true); })
      .observe(document.documentElement, { attributes: true, attributeFilter: ["data-settled"] });
    curve.focus();
    for (const key of keys) curve.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
  for (const [id, keys] of bends) found.push([await bent(document.getElementById(id), keys), overlaps()]);
  return found;
}""".replace("@OVERLAPS@", OVERLAPS)
"""Bends [curve's id, keys] one after another: whether the page settled on each, and the texts that overlap then."""
PICTURE = (
    "() => { const one = document.querySelector('#answer picture img'); return [one.currentSrc, one.width]; }"
)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_two_texts_of_a_chart_run_into_one_another(
    opened: Callable[..., Any], width: int, height: int
) -> None:
    page, random = opened(width, height), np.random.default_rng(3)
    levers = tactics(page)
    bends = []
    for _ in range(N_BENDS):
        keys = [str(key) for key in random.choice(["ArrowLeft", "ArrowDown", "PageDown"], 3)]
        # first as it was, and a month chosen bends nothing yet
        bends.append([f"lever-{random.choice(levers)}-curve", ["Home", *keys, "ArrowDown"]])
    for (settled, overlaps), bend in zip(page.evaluate(BENDS, bends), bends, strict=True):
        assert settled, bend
        assert overlaps == [], bend


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nor_in_the_answer_its_questions_the_comparison_and_ask(
    opened: Callable[..., Any], browser: Any, width: int, height: int
) -> None:
    """The answer's chart is the brief's: a picture, laid open here as wide as it is seen."""
    page = opened(width, height, hash="#v=answer")
    source, wide = page.evaluate(PICTURE)
    paper = browser.new_page(viewport={"width": width, "height": height})
    svg = unquote(source.split(",", 1)[1])
    paper.set_content(f"<style>svg {{ width: {wide}px; height: auto }}</style>{svg}")
    assert paper.locator("svg text").count() > 5
    assert paper.evaluate(OVERLAPS) == []
    paper.close()
    for i in range(page.locator("#answer [data-scenario]").count()):
        before = page.evaluate("() => document.documentElement.dataset.settled")
        page.locator("#answer [data-scenario]").nth(i).click()
        until(page, f"() => document.documentElement.dataset.settled !== {json.dumps(before)}")
        assert page.evaluate(OVERLAPS) == []
        page.click("#views [data-view=answer]")
    page.click("#views [data-view=compare]")
    compared(page, "Promises kept", "Deals without violence")
    assert page.evaluate(OVERLAPS) == []
    page.click("#views [data-view=ask]")
    assert page.evaluate(OVERLAPS) == []
