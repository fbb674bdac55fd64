"""A lever as a curve: stops in words, bends as the command line's scenarios have them, never more repression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driving import tactics, until


def test_stops_have_words_and_repression_has_none_above_what_it_was(
    node: Callable[..., Any], data: dict[str, Any], sources: Any
) -> None:
    code = """const { stopsOf } = await import("./bend.js");
        return Object.fromEntries(data.levers.map((one) => [one.name, stopsOf(one).map((stop) => stop.text)]));"""
    found = node(code)
    whole = ["none", "half", "as it was", "double"]
    for tactic, lever in sources.study.settings.tactics.items():
        allowed = whole[:3] if tactic in sources.study.settings.never_more else whole
        assert found[lever] == allowed
    assert found["extra delivery"] == ["none, as it was", "half", "in full"]


def test_nothing_sets_repression_above_what_it_was(node: Callable[..., Any], data: dict[str, Any]) -> None:
    """Not a number, not points, not a code: each is brought down to history."""
    code = """const { cleanChange } = await import("./state.js");
        const { decode } = await import("./codes.js");
        const capped = data.levers.filter((one) => data.never_more.includes(one.tactic) && one.default !== one.off);
        const body = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
        const code = (lever) => `${data.model}.${body({ c: { [lever.name]: 1.7 } })}`;
        return capped.map((lever) => [lever.default, cleanChange(lever, 2, 100) ?? null,
          cleanChange(lever, [[0, 0.5], [3, 9]], 100), decode(code(lever), data).state.changes[lever.name] ?? null]);"""
    found = node(code)
    assert len(found) >= 3
    assert all(one == [1, None, [[0, 0.5], [3, 1]], None] for one in found)


def test_a_bend_is_the_change_that_the_scenario_file_makes(
    node: Callable[..., Any], data: dict[str, Any]
) -> None:
    """A fifth from September to December 2021, as [pulse] of the ready scenario has it."""
    ready = next(one for one in data["scenarios"] if one["name"] == "no-autumn-wave")["changes"]
    ((name, points),) = ready.items()
    code = """const { bendOf, monthLevels, bendWords, readBend } = await import("./bend.js");
        const lever = data.levers.find((one) => one.name === given);
        const levels = Array.from({ length: 22 }, (_, month) => (month >= 2 && month <= 5 ? 0.2 : 1));
        const change = bendOf(levels, lever);
        const again = monthLevels(change, lever, 22).every((level, i) => level === levels[i]);
        return [change, again, bendWords(change, lever, data.clock, 22), readBend(change, lever, 22)];"""
    change, again, words, bend = node(code, name)
    assert change == points
    assert again
    assert words == "20 % of what it was, Sep 2021 to Dec 2021"
    assert bend == {"from": 2, "last": 5, "level": 0.2}


def test_what_was_done_is_the_middle_of_the_versions(
    node: Callable[..., Any], sources: Any, data: dict[str, Any], html: str
) -> None:
    import numpy as np

    from iskdyn.levers import run_arms
    from iskdyn.study.inputs import Inputs

    model = html.split('<script id="model">')[1].split("</script>")[0]
    code = """const globals = {}; new Function("DATA", "globalThis", given.model)(data, globals);
        const { MODEL } = globals, part = MODEL.makePart(data, MODEL.simulate, 0, 1);
        const request = { changes: given.changes, base: {}, until: given.until, n: data.n, view: "level" };
        const { done, doneBefore } = MODEL.makeAnalysis(data, 1)(request, [part.answer(request)]);
        return [Array.from(doneBefore), Array.from(done)];"""
    end = sources.study.end_time()
    lever = sources.study.settings.tactics["reconciliation deals"]
    found = node(code, {"model": model, "changes": {lever: 0.5}, "until": end})
    arms = run_arms(sources.study, sources.around, {"half": Inputs({lever: 0.5})}, data["paths"], end)
    for values, arm in zip(found, ("history", "half"), strict=True):
        middles = np.median(arms.draws[arm], axis=0)
        assert np.reshape(values, middles.shape) == pytest.approx(middles, rel=1e-5, abs=1e-7)


def test_a_drag_bends_the_month_under_the_finger_in_the_same_frame(opened: Callable[..., Any]) -> None:
    page = opened(1440, 900)
    lever = tactics(page)[0]
    box = page.locator(f"#lever-{lever}-curve").bounding_box()
    drawn = f"() => document.querySelector('#lever-{lever}-curve .ordered').getAttribute('d')"
    before = page.evaluate(drawn)
    month = box["width"] / 22
    page.mouse.move(box["x"] + 3.5 * month, box["y"] + 0.98 * box["height"])
    page.mouse.down()
    assert page.evaluate(drawn) != before
    page.mouse.move(box["x"] + 5.5 * month, box["y"] + 0.98 * box["height"], steps=6)
    page.mouse.up()
    words = f"() => document.getElementById('lever-{lever}-curve').getAttribute('aria-valuetext')"
    assert page.evaluate(words) == "none, Oct 2021 to Dec 2021"
    until(page, "() => document.querySelectorAll('#verdict .cost').length === 1")
    page.mouse.move(box["x"] + 3.5 * month, box["y"] + 1)
    page.mouse.down()
    page.mouse.move(box["x"] + 5.5 * month, box["y"] - 40, steps=6)
    page.mouse.up()
    assert page.evaluate(words) == "as it was"


def test_a_stop_holds_over_the_months_chosen(opened: Callable[..., Any], data: dict[str, Any]) -> None:
    page = opened()
    lever = tactics(page)[3]
    page.get_by_role("button", name="Reconciliation deals: half").click()
    page.select_option(f"#lever-{lever}-from", "6")
    page.select_option(f"#lever-{lever}-last", "11")
    said = "Reconciliation deals: half, Jan 2022 to Jun 2022"
    until(page, f"() => document.querySelector('#verdict .changed').textContent === '{said}'")
    page.click("#reset")
    until(page, "() => document.getElementById('reset').disabled")
    assert page.locator(f"#lever-{lever}-from").input_value() == "0"
    until(page, "() => document.getElementById('verdict').innerText.includes('As it was')")
    assert page.messages == []


def test_assumptions_stand_apart_and_have_their_own_reset(
    opened: Callable[..., Any], data: dict[str, Any]
) -> None:
    page = opened()
    assert page.inner_text("#baseline") == "compared with: as it was"
    page.locator(".assumptions > summary").first.click()
    page.get_by_role("button", name="Threats of IS-K: none").click()
    page.get_by_role("button", name="Choking-off: half").click()
    until(
        page,
        "() => document.querySelector('#verdict .changed').textContent.includes('Threats of IS-K: none')",
    )
    page.click("#reset-assumed")
    until(page, "() => !document.querySelector('#verdict .changed').textContent.includes('Threats')")
    assert "Choking-off: half" in page.inner_text("#verdict .changed")
    colours = page.evaluate(
        """() => ['.assumptions > summary', '.tactic .name']
        .map((one) => getComputedStyle(document.querySelector(one)).color)"""
    )
    assert colours[0] != colours[1]


def test_a_wrong_code_in_the_address_is_said_where_it_is_seen(opened: Callable[..., Any]) -> None:
    page = opened(hash="#s=rubbish")
    assert page.locator("#notes .warning").is_visible()
    assert "not a scenario code" in page.inner_text("#notes")
    box = page.locator("#notes .warning").bounding_box()
    assert box["y"] + box["height"] < 800
