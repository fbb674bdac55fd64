"""How fast the analyst's page answers: from a lever's move to the last paint, in a real browser.

    python benchmarks/page.py [--moves 100] [--page FILE]

100 moves of five levers, once as while dragging (64 draws) and once as on release (all 200 draws), each
measured in the page from the input event until the frame with the redrawn charts was painted. Needs
Playwright for Python and Chromium.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from iskdyn.reports.page import build_page
from iskdyn.reports.page.browser import find_browser
from iskdyn.study import open_study

MOVE = """async ([slider, value, kind]) => {
  const root = document.documentElement, element = document.getElementById(slider);
  const drawn = root.dataset.drawn;
  const painted = new Promise((done) => {
    new MutationObserver((_, watch) => {
      if (root.dataset.drawn === drawn) return;
      watch.disconnect();
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = done;
        port2.postMessage(0);
      });
    }).observe(root, { attributes: true });
  });
  const start = performance.now();
  element.value = String(value);
  element.dispatchEvent(new Event(kind, { bubbles: true }));
  await painted;
  return [performance.now() - start, Number(root.dataset.cost)];
}"""
READY = "() => Number(document.documentElement.dataset.drawn ?? 0)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--page", type=Path, help="a built page; by default it is built anew")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as tools:
        path = given.page or build_page(open_study(), Path(folder))[0]
        browser = tools.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        began = time.perf_counter()
        page.goto(path.resolve().as_uri())
        while not page.evaluate(READY):
            time.sleep(0.005)
        first = time.perf_counter() - began
        page.wait_for_timeout(1000)
        sliders = [f"lever-{i}-slider" for i in tactics(page)]
        rows = [(kind, measure(page, sliders, event, given.moves)) for kind, event in
                (("dragging, 64 draws", "input"), ("released, 200 draws", "change"))]  # fmt: skip
        browser.close()
    size = path.stat().st_size if path.exists() else 0
    print(
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; page {size / 1000:.0f} kB; "
        f"first full paint {first * 1000:.0f} ms\n"
    )
    print(f"{'':22}{'median ms':>12}{'p95 ms':>10}{'own drawing, median':>22}{'p95':>8}")
    for kind, times in rows:
        middle, high = np.quantile(times, [0.5, 0.95], axis=0)
        print(f"{kind:22}{middle[0]:12.1f}{high[0]:10.1f}{middle[1]:22.1f}{high[1]:8.1f}")


def tactics(page) -> list[int]:  # type: ignore[no-untyped-def]
    """The places of the five tactics among all levers."""
    ids = page.evaluate(
        "() => [...document.querySelectorAll('.tactic > .lever input[type=range]')].map((one) => one.id)"
    )
    return [int(one.split("-")[1]) for one in ids]


def measure(page, sliders: list[str], event: str, moves: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    """(moves, 2) milliseconds to the paint, and of the page's own drawing."""
    random = np.random.default_rng(1)
    found = []
    for move in range(moves):
        value = round(float(random.uniform(0, 2)) / 0.05) * 0.05
        found.append(page.evaluate(MOVE, [sliders[move % len(sliders)], round(value, 2), event]))
        page.wait_for_timeout(120)
    return np.array(found)


if __name__ == "__main__":
    main()
