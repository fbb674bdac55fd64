"""The page for everybody: axe, contrast, targets, keyboard, small screens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from driving import move, tactics, until

from iskdyn.reports.page.bundle import stylesheet

WIDTHS = (1280, 390, 320)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
OPEN = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"


def faults(page: Any) -> list[str]:
    """What axe finds, as 'rule: element'; injected through the debugger, past the page's policy."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    result = axe.Axe().run(page, options={"runOnly": RULES["runOnly"], "resultTypes": ["violations"]})
    return [
        f"{one['id']}: {node['html'][:120]}" for one in result.response["violations"] for node in one["nodes"]
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "dark", "wide_open"), list(product(WIDTHS, (False, True), (False, True))))
def test_axe_finds_nothing(opened: Callable[..., Any], width: int, dark: bool, wide_open: bool) -> None:
    page = opened(width, 800, dark=dark)
    move(page, tactics(page)[0], 0.5)
    if wide_open:
        page.evaluate(OPEN)
        until(page, "() => document.querySelector('.diagram') !== null")
    assert faults(page) == []


def test_axe_catches_planted_faults(opened: Callable[..., Any]) -> None:
    page = opened()
    page.evaluate(
        """() => { document.querySelector('#charts').append(document.createElement('img'));
        document.getElementById('undo').textContent = '';
        document.getElementById('lines').parentElement.replaceWith(document.getElementById('lines'));
        document.getElementById('status').setAttribute('role', 'statuss'); }"""
    )
    found = {line.split(":")[0] for line in faults(page)}
    assert {"image-alt", "button-name", "label", "aria-roles"} <= found


def theme(dark: bool) -> dict[str, str]:
    """The colours of one theme by name."""
    blocks = re.findall(r":root \{([^}]*)\}", stylesheet())
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[1 if dark else 0]))


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_and_lines_stand_out_from_what_lies_behind_them(dark: bool) -> None:
    colours = theme(dark)
    for text, behind in product(("ink", "soft"), ("paper", "panel")):
        assert contrast(colours[text], colours[behind]) >= 4.5, (text, behind)
    assert contrast(colours["ink"], colours["warn-paper"]) >= 4.5
    assert contrast(colours["harm"], colours["paper"]) >= 4.5
    for line in ("line", "harm", "fit", "kept", "edge", "focus", "warn"):
        assert contrast(colours[line], colours["paper"]) >= 3, line
    for line, band in (("line", "band"), ("harm", "harm-band"), ("ink", "band"), ("ink", "harm-band")):
        assert contrast(colours[line], colours[band]) >= 2.4, (line, band)


TARGETS = """() => [...document.querySelectorAll('button, select, input, summary, textarea, [role=button]')]
  .filter((one) => one.checkVisibility()).map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width && box.height)
  .filter(([, box]) => Math.round(box.width) < 24 || Math.round(box.height) < 24)
  .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""


@pytest.mark.parametrize("width", WIDTHS)
def test_targets_are_large_enough_and_nothing_scrolls_sideways(
    opened: Callable[..., Any], width: int
) -> None:
    page = opened(width, 800)
    for step in ("() => 0", OPEN):
        page.evaluate(step)
        until(
            page, "() => !document.getElementById('why').open || document.querySelector('.diagram') !== null"
        )
        page.wait_for_timeout(200)
        assert page.evaluate(TARGETS) == []
        assert page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]") == [width, width]


def inside(page: Any, selector: str) -> list[bool]:
    """Whether each element lies whole within the window."""
    found: list[bool] = page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect()).map((box) =>
        box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth && box.height > 0)""",
        selector,
    )
    return found


SMALL = """() => { const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !one.checkVisibility()) continue;
    if (parseFloat(getComputedStyle(one).fontSize) < 12) found.push(`${one.tagName} ${one.textContent.slice(0, 40)}`);
  }
  return found; }"""


@pytest.mark.parametrize("width", [1280, 390])
def test_no_text_is_smaller_than_twelve_pixels(opened: Callable[..., Any], width: int) -> None:
    page = opened(width, 800)
    page.evaluate("() => document.querySelectorAll('#levers details').forEach((one) => { one.open = true; })")
    for view in ("compare", "ask", "explore"):
        page.click(f"[data-view={view}]")
        assert page.evaluate(SMALL) == []


def shown(page: Any, selector: str) -> bool:
    """Whether an element lies whole in the window, with nothing over its middle and its corners."""
    return bool(
        page.evaluate(
            """(selector) => { const one = document.querySelector(selector), box = one.getBoundingClientRect();
            const whole = box.height > 0 && box.top >= 0 && box.bottom <= innerHeight
              && box.left >= 0 && box.right <= innerWidth;
            const spots = [[0.5, 0.5], [0.1, 0.1], [0.9, 0.9]];
            const at = ([x, y]) => document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
            return whole && spots.map(at).every((seen) => seen && (one.contains(seen) || seen.contains(one))); }""",
            selector,
        )
    )


SETTLED_AT_NONE = r"""() => atob(document.documentElement.dataset.settled.split('.')[1]
  .replace(/-/g, '+').replace(/_/g, '/')).includes('":0}')"""
MOST = """() => { const rows = [...document.querySelectorAll('#table tbody tr:not(.human)')]
    .map((row) => [...row.cells].map((cell) => cell.innerText));
  const number = (text) => Number(text.replace(/,/g, '').replace('\u2212', '-').split(' ')[0]);
  const share = (row, i) => parseFloat(row[6].split('\u00b7')[i]);
  const sure = rows.filter((row) => Math.max(share(row, 0), share(row, 2)) >= 90);
  const size = (row) => Math.abs(number(row[3]) / number(row[1]));
  return sure.sort((a, b) => size(b) - size(a))[0][0].split('\\n')[0].trim(); }"""


EVERY_WIDTH = [
    *((width, 844) for width in (320, 390, 480, 600, 799)),
    *((width, 768) for width in (800, 1024, 1279)),
    *((width, 900) for width in (1280, 1440, 1920)),
]


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_a_bent_tactic_the_chart_it_moves_most_and_the_killings_are_in_one_window(
    opened: Callable[..., Any], width: int
) -> None:
    page = opened(width, {390: 844, 1024: 768, 1440: 900}[width])
    for i in tactics(page):
        curve = f"#lever-{i}-curve"
        page.locator(f"{curve}").focus()
        for key in ("Home", "PageDown", "PageDown"):
            page.keyboard.press(key)
        until(page, SETTLED_AT_NONE)
        assert page.get_attribute(curve, "aria-valuetext") == "none"
        assert page.inner_text("#focus .holder strong") == page.evaluate(MOST)
        places = (curve, "#focus > .chart svg", "#focus .holder svg", "#verdict .cost", "#verdict .effect")
        assert [shown(page, place) for place in places] == [True] * 5, (i, places)
        page.click("#reset")
        until(page, f"() => !({SETTLED_AT_NONE})()")


@pytest.mark.slow
def test_every_tactic_and_part_is_worked_with_its_outcome_in_sight_at_every_width(
    opened: Callable[..., Any], data: dict[str, Any]
) -> None:
    page = opened()
    levers = [i for i, one in enumerate(data["levers"]) if one["group"] in ("tactic", "sub-lever")]
    assert len(levers) > 5
    page.evaluate("() => document.querySelectorAll('#levers .parts').forEach((one) => { one.open = true; })")
    for i in levers:
        touched = next(
            f"#lever-{i}-{one}" for one in ("curve", "slider") if page.locator(f"#lever-{i}-{one}").count()
        )
        page.set_viewport_size({"width": 1440, "height": 900})
        before = page.evaluate("() => document.documentElement.dataset.settled")
        page.focus(touched)
        for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowUp"):
            page.keyboard.press(key)
            if page.evaluate("() => !document.getElementById('reset').disabled"):
                break
        until(page, f"() => document.documentElement.dataset.settled !== {before!r}")
        for width, height in EVERY_WIDTH:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(
                "(one) => { document.activeElement.blur(); document.querySelector(one).focus(); }", touched
            )
            places = (
                touched,
                "#focus > .chart svg",
                "#focus .holder svg",
                "#verdict .cost",
                "#verdict .effect",
            )
            for _ in range(50):  # a page that has just been made wider or narrower is laid out anew first
                seen = [shown(page, place) for place in places]
                if all(seen):
                    break
                page.wait_for_timeout(30)
            assert seen == [True] * 5, (data["levers"][i]["title"], width)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.click("#reset")
        until(page, f"() => document.documentElement.dataset.settled === {before!r}")


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_the_killings_stay_in_sight_whatever_lever_has_focus(
    opened: Callable[..., Any], width: int
) -> None:
    page = opened(width, 844)
    page.evaluate("() => document.querySelectorAll('#levers details').forEach((one) => { one.open = true; })")
    page.wait_for_timeout(300)
    for lever in page.locator("#levers .curve, #levers input[type=range]").all():
        lever.focus()
        page.wait_for_timeout(30)
        assert shown(page, "#focus > .chart svg")
        assert page.evaluate(
            """() => document.activeElement.getBoundingClientRect().bottom
            <= document.getElementById('beside').getBoundingClientRect().top"""
        )


def stops(page: Any, most: int = 400) -> Iterator[str]:
    """The elements that the Tab key reaches, in order."""
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => { const one = document.activeElement; if (one === document.body) return null;
            const style = getComputedStyle(one), name = one.getAttribute('aria-label') ?? one.textContent;
            const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
            return `${one.id || `${one.tagName} ${name.slice(0, 40)}`}|${seen}`; }"""
        )
        if stop is None:
            return
        yield stop


def test_everything_is_reached_and_worked_by_keyboard_with_focus_in_sight(opened: Callable[..., Any]) -> None:
    page = opened()
    found = list(stops(page))
    names = {stop.rpartition("|")[0] for stop in found}
    wanted = ["preset", "until", "follow", "view", "lines", "cursor", "ranking-run",
              "save-toml", "save-csv", "save-page", "print-page", "save-png", "load-code", "code"]  # fmt: skip
    wanted += [f"lever-{i}-{part}" for i in tactics(page) for part in ("curve", "from", "last")]
    assert [name for name in wanted if name not in names] == []
    marks = [
        stop for stop in found if "|" in stop and not stop.endswith("true") and not stop.startswith("g ")
    ]
    assert marks == []


def test_a_curve_bends_by_keys_whole_and_by_the_month_and_undo_by_its_shortcut(
    opened: Callable[..., Any],
) -> None:
    page = opened()
    lever = tactics(page)[0]
    start = page.evaluate("() => document.documentElement.dataset.settled")
    curve = f"#lever-{lever}-curve"
    page.focus(curve)
    page.keyboard.press("ArrowUp")
    assert page.get_attribute(curve, "aria-valuetext") == "as it was"
    page.keyboard.press("ArrowDown")
    until(page, f"() => document.documentElement.dataset.settled !== '{start}'")
    assert page.get_attribute(curve, "aria-valuetext") == "90 % of what it was"
    page.keyboard.press("Control+z")
    until(page, f"() => document.documentElement.dataset.settled === '{start}'")
    page.focus(curve)
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "PageDown"):
        page.keyboard.press(key)
    assert page.get_attribute(curve, "aria-valuetext") == "Sep 2021: half"
    assert page.locator(curve).locator("xpath=..").locator(".said").inner_text() == "half, in Sep 2021"


def test_the_first_tab_skips_to_the_content(opened: Callable[..., Any]) -> None:
    page = opened(hash="#from-the-top")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.id") == "skip"
    assert page.locator("#skip").is_visible()
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "content"


def test_the_status_is_announced_once_the_moving_has_stopped(opened: Callable[..., Any]) -> None:
    page = opened()
    move(page, tactics(page)[0], 0)
    until(page, "() => document.getElementById('status').textContent.startsWith('1 changed. People killed')")
