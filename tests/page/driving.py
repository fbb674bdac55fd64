"""What the browser tests do to a page."""

from __future__ import annotations

import json
from typing import Any

DRAGS = """async (moves) => {
  const root = document.documentElement, said = [];
  const sent = (slider, value, kind) => new Promise((done) => {
    const drawn = root.dataset.drawn, late = setTimeout(() => done("no answer came"), 20000);
    new MutationObserver((_, watch) => {
      if (root.dataset.drawn === drawn) return;
      watch.disconnect();
      clearTimeout(late);
      done(document.getElementById("verdict").textContent);
    }).observe(root, { attributes: true });
    slider.value = value;
    slider.dispatchEvent(new Event(kind, { bubbles: true }));
  });
  for (const [id, value] of moves) {
    const slider = document.getElementById(id);
    said.push([await sent(slider, value, "input"), await sent(slider, value, "change")]);
  }
  return said;
}"""
"""Moves [slider's id, value] one after another: what the verdict says of each while dragged, and when released."""


def until(page: Any, condition: str, limit: float = 60.0) -> None:
    """Wait until a function of the page is true; the page's policy forbids Playwright's own way."""
    for _ in range(int(limit / 0.02)):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"the page never came to {condition}")


def move(page: Any, lever: int, value: float) -> None:
    """Move a slider and wait until the page has settled on the new scenario."""
    before = page.evaluate("() => document.documentElement.dataset.settled")
    page.evaluate(
        """([id, value]) => { const slider = document.getElementById(id); slider.value = value;
        for (const kind of ['input', 'change']) slider.dispatchEvent(new Event(kind, { bubbles: true })); }""",
        [f"lever-{lever}-slider", str(value)],
    )
    until(page, f"() => document.documentElement.dataset.settled !== {json.dumps(before)}")


def tactics(page: Any) -> list[int]:
    """The numbers of the five tactics' levers."""
    ids = page.evaluate(
        "() => [...document.querySelectorAll('.tactic > .lever input[type=range]')].map((one) => one.id)"
    )
    return [int(one.split("-")[1]) for one in ids]


OVERLAPS = """() => { const seen = [...document.querySelectorAll('svg text')].filter((one) => one.checkVisibility())
    .map((one) => [one.textContent, one.closest('svg'), one.getBoundingClientRect()]).filter((one) => one[2].width > 0);
  const found = [];
  for (let i = 0; i < seen.length; i++) for (let j = 0; j < i; j++) {
    const [a, , p] = seen[i], [b, , q] = seen[j];
    if (seen[i][1] !== seen[j][1]) continue;
    const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const tall = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (wide > 1 && tall > 3) found.push(`${a} / ${b}`);
  }
  return found; }"""
"""Pairs of texts of one drawing that cover each other by more than one pixel by three."""
