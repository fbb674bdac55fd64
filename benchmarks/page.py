"""How fast the analyst's page answers: from a lever's move to the last paint, in a real browser.

    python benchmarks/page.py [--moves 300] [--page FILE]

Moves of five levers, once as while dragging and once as on release, both with all draws, each measured in
the page from the input event until the frame with the outcome, the killings and the verdict was painted, and,
whatever else the machine does, as processor time of the page's main thread. A release is also measured until
all that lies below has followed: the other charts, the table and the words, which begin 60 ms after the answer.
Then a pointer drawn along a curve: the time from each of its moves to the redrawn curve, and the gaps between
the frames. Needs Playwright for Python and Chromium.
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
  const followed = new Promise((done) => {
    if (kind === "input") done(NaN);
    new MutationObserver((_, watch) => { watch.disconnect(); done(performance.now() - start); })
      .observe(root, { attributes: true, attributeFilter: ["data-settled"] });
  });
  const start = performance.now();
  element.value = String(value);
  element.dispatchEvent(new Event(kind, { bubbles: true }));
  await painted;
  const seen = performance.now() - start;
  return [seen, Number(root.dataset.cost), await followed];
}"""
READY = "() => Number(document.documentElement.dataset.drawn ?? 0)"


DRAG = """async ([id, moves]) => {
  const curve = document.getElementById(id), box = curve.getBoundingClientRect(), gaps = [], spent = [];
  const line = curve.querySelector('.ordered');
  const send = (kind, x, y) => curve.dispatchEvent(
    new PointerEvent(kind, { pointerId: 1, clientX: box.left + x * box.width, clientY: box.top + y * box.height,
      bubbles: true }));
  curve.setPointerCapture = () => {};
  let last = 0;
  send('pointerdown', 0.3, 0.5);
  for (let i = 0; i < moves; i++) {
    const now = await new Promise(requestAnimationFrame), before = line.getAttribute('d'), start = performance.now();
    if (last) gaps.push(now - last);
    last = now;
    send('pointermove', 0.3 + 0.6 * ((i % 60) / 60), 0.5 + 0.4 * (((i * 7) % 11) / 11));
    spent.push([performance.now() - start, line.getAttribute('d') !== before]);
  }
  send('pointerup', 0.9, 0.5);
  return [gaps, spent];
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=300)
    parser.add_argument("--page", type=Path, help="a built page; by default it is built anew")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as tools:
        path = given.page or build_page(open_study(), Path(folder))[0]
        size = path.stat().st_size
        browser = tools.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        clock = page.context.new_cdp_session(page)
        clock.send("Performance.enable")
        began = time.perf_counter()
        page.goto(path.resolve().as_uri() + "#explore")
        while not page.evaluate(READY):
            time.sleep(0.005)
        first, first_busy = time.perf_counter() - began, busy(clock)
        page.wait_for_timeout(1000)
        sliders = [f"lever-{i}-slider" for i in tactics(page)]
        rows = [(kind, measure(page, clock, sliders, event, given.moves)) for kind, event in
                (("dragging", "input"), ("released", "change"))]  # fmt: skip
        gaps, spent = page.evaluate(DRAG, [f"lever-{tactics(page)[3]}-curve", 240])
        browser.close()
    print(
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; page {size / 1000:.0f} kB; "
        f"first full paint {first * 1000:.0f} ms, of it {first_busy:.0f} ms of main-thread time\n"
    )
    heads = f"{'median ms':>12}{'p95 ms':>10}{'own drawing':>14}{'all below':>14}{'main thread':>14}"
    print(f"{'to outcome and verdict':22}{heads}")
    for kind, times in rows:
        middle, high = np.quantile(times, [0.5, 0.95], axis=0)
        print(f"{kind:22}{middle[0]:12.1f}{high[0]:10.1f}{middle[1]:14.1f}{middle[2]:14.1f}{middle[3]:14.1f}")
    drawn = np.mean([one[1] for one in spent])
    own = np.quantile([one[0] for one in spent], [0.5, 0.95])
    print(
        f"\ncurve under the finger, {len(spent)} moves, one a frame: redrawn before the frame in {drawn:.0%}, "
        f"{own[0]:.1f} ms (p95 {own[1]:.1f}); gaps between frames {np.median(gaps):.1f} ms "
        f"(p95 {np.quantile(gaps, 0.95):.1f}), over 20 ms in {np.mean(np.array(gaps) > 20):.1%}"
    )


def tactics(page) -> list[int]:  # type: ignore[no-untyped-def]
    """The places of the five tactics among all levers."""
    ids = page.evaluate(
        "() => [...document.querySelectorAll('.tactic > .lever input[type=range]')].map((one) => one.id)"
    )
    return [int(one.split("-")[1]) for one in ids]


def busy(clock) -> float:  # type: ignore[no-untyped-def]
    """Milliseconds of processor time that the page's main thread has used."""
    found = {one["name"]: one["value"] for one in clock.send("Performance.getMetrics")["metrics"]}
    return 1000 * found["ThreadTime"]


def measure(page, clock, sliders: list[str], event: str, moves: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    """(moves, 4) milliseconds to the paint, of the page's own drawing, to all below, and of main-thread time."""
    random = np.random.default_rng(1)
    found = []
    for move in range(moves):
        value = round(float(random.uniform(0, 2)) / 0.05) * 0.05
        before = busy(clock)
        answer = page.evaluate(MOVE, [sliders[move % len(sliders)], round(value, 2), event])
        found.append([*(np.nan if one is None else one for one in answer), busy(clock) - before])
        page.wait_for_timeout(120)
    return np.array(found)


if __name__ == "__main__":
    main()
