"""The page as its reader meets it, in a real browser from a file."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import DRAGS, move, tactics, until

from iskdyn.reports.page.build import page_text
from iskdyn.reports.page.data import Sources, kernel

TABLE = "() => document.getElementById('table').innerText"
N_DRAGS = 40
"""Each waits for two answers; 200, once, showed no difference either and took minutes."""
MEDIANS = "() => [...document.querySelectorAll('.chart .middle')].map((path) => path.getAttribute('d'))"


def test_a_moved_lever_redraws_every_chart_and_the_table(opened: Callable[..., Any]) -> None:
    page = opened()
    charts, table = page.evaluate(MEDIANS), page.evaluate(TABLE)
    move(page, tactics(page)[0], 0)
    after = page.evaluate(MEDIANS)
    assert all(after)
    assert sum(a != b for a, b in zip(charts, after, strict=True)) >= 8
    assert page.evaluate(TABLE) != table
    assert page.messages == []


def test_compiled_code_and_its_stand_in_each_alone_say_the_same(
    opened: Callable[..., Any], sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(broken: str) -> tuple[str, list[str]]:
        def one(sources: Sources, outputs: list[str], name: str, every: float, **how: bool) -> str:
            text = kernel(sources, outputs, name, every, **how)
            return f"const {name} = () => {{ throw new Error('taken out'); }};\n" if name == broken else text

        monkeypatch.setattr("iskdyn.reports.page.build.kernel", one)
        path = tmp_path / f"{broken}.html"
        path.write_text(page_text(sources), encoding="utf-8")
        page = opened(path=path)
        move(page, tactics(page)[0], 0)
        return page.evaluate(TABLE), page.messages

    compiled, stand_in = said("explain"), said("compiled")
    assert compiled[0] == stand_in[0]
    assert not any("slowly" in line for line in compiled[1])
    assert any("refused its compiled code" in line for line in stand_in[1])


@pytest.mark.slow
def test_the_sentence_under_the_finger_is_that_of_the_release(opened: Callable[..., Any]) -> None:
    """Sign, verdict and rounding, of the killings and of one outcome after the other."""
    page, draw = opened(), random.Random(5)  # noqa: S311 - moves, not secrets
    tabs = page.locator("#focus .tabs button[data-outcome]")
    for tab in range(tabs.count()):  # chosen, since the release may else choose another outcome
        tabs.nth(tab).click()
        moves = [
            [f"lever-{draw.choice(tactics(page))}-slider", str(round(draw.uniform(0, 2), 2))]
            for _ in range(-(-N_DRAGS // tabs.count()))
        ]
        for (dragged, released), moved in zip(page.evaluate(DRAGS, moves), moves, strict=True):
            assert dragged == released, moved
            assert "versions" in dragged


def test_nothing_leaves_the_page_and_a_planted_request_is_seen_and_stopped(
    opened: Callable[..., Any], browser: Any, html: str, tmp_path: Path
) -> None:
    def requests(path: Path) -> tuple[list[str], list[str]]:
        context = browser.new_context()
        page, sent, refused = context.new_page(), [], []
        page.on("request", lambda request: sent.append(request.url))
        page.on("requestfailed", lambda request: refused.append(f"{request.url} {request.failure}"))
        page.on("console", lambda message: refused.append(message.text))
        page.goto(path.as_uri())
        until(page, "() => 'workers' in document.documentElement.dataset")
        move(page, tactics(page)[0], 0.5)
        context.close()
        return [url for url in sent if url != path.as_uri() and not url.startswith("blob:")], refused

    plain, planted = tmp_path / "plain.html", tmp_path / "planted.html"
    plain.write_text(html)
    planted.write_text(html.replace("</body>", '<img src="https://example.invalid/seen.png"></body>'))
    assert requests(plain) == ([], [])
    sent, refused = requests(planted)
    assert any("example.invalid" in line for line in [*sent, *refused])
    assert not sent or any("example.invalid" in line for line in refused)


@pytest.mark.parametrize("script", ["data", "model", "page"])
def test_a_tampered_copy_refuses_to_run(browser: Any, html: str, tmp_path: Path, script: str) -> None:
    place = html.index(f'<script id="{script}">') + len(f'<script id="{script}">')
    path = tmp_path / "tampered.html"
    path.write_text(f"{html[:place]} {html[place:]}")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_timeout(500)
    assert page.evaluate("() => document.documentElement.dataset.drawn ?? null") is None
    assert page.locator("#refused").is_visible()
    assert not page.locator("#app").is_visible()
    page.close()


def test_without_workers_the_page_computes_the_same_itself(
    opened: Callable[..., Any], browser: Any, page_file: Path
) -> None:
    page = opened()
    move(page, tactics(page)[2], 0.35)
    context = browser.new_context()
    context.add_init_script("delete window.Worker;")
    alone = context.new_page()
    alone.goto(page_file.as_uri() + "#explore")
    until(alone, "() => 'workers' in document.documentElement.dataset")
    assert alone.evaluate("() => document.documentElement.dataset.workers") == "0"
    move(alone, tactics(alone)[2], 0.35)
    assert alone.evaluate(TABLE) == page.evaluate(TABLE)
    context.close()


def test_the_latest_of_many_moves_wins(opened: Callable[..., Any]) -> None:
    page, again = opened(), opened()
    lever = tactics(page)[0]
    page.evaluate(
        """(id) => { const slider = document.getElementById(id);
        const say = (kind) => slider.dispatchEvent(new Event(kind, { bubbles: true }));
        const send = (value, kind) => { slider.value = value; say(kind); };
        for (let i = 0; i <= 40; i++) send(i / 20, 'input');
        send(0.25, 'change'); }""",
        f"lever-{lever}-slider",
    )
    page.wait_for_timeout(300)
    move(again, lever, 0.25)
    until(page, f"() => document.getElementById('table').innerText === {json.dumps(again.evaluate(TABLE))}")


def test_undo_and_redo_walk_through_what_was_shown(opened: Callable[..., Any]) -> None:
    page = opened()
    seen = [page.evaluate(TABLE)]
    for lever, value in ((tactics(page)[0], 0.2), (tactics(page)[3], 1.6)):
        move(page, lever, value)
        seen.append(page.evaluate(TABLE))
    for button, expected in (("undo", seen[1]), ("undo", seen[0]), ("redo", seen[1]), ("redo", seen[2])):
        page.click(f"#{button}")
        until(page, f"() => document.getElementById('table').innerText === {json.dumps(expected)}")
    assert page.locator("#redo").is_disabled()


def test_reports_pale_once_the_past_is_changed_and_not_for_what_came_before(
    opened: Callable[..., Any],
) -> None:
    page = opened()
    lever = tactics(page)[0]
    assert page.locator(".mark.past").count() == 0
    move(page, lever, 0)
    every = page.locator(".mark.past").count()
    page.select_option(f"#lever-{lever}-from", "14")
    until(page, f"() => document.querySelectorAll('.mark.past').length < {every}")
    assert 0 < page.locator(".mark.past").count() < every
    assert page.locator("#past").is_visible()


def test_a_saved_copy_opens_with_the_scenario_and_still_runs(
    opened: Callable[..., Any], tmp_path: Path
) -> None:
    page = opened()
    move(page, tactics(page)[1], 0.4)
    table = page.evaluate(TABLE)
    with page.expect_download() as waiting:
        page.click("#save-page")
    copy = tmp_path / "copy.html"
    waiting.value.save_as(copy)
    again = opened(path=copy)
    until(again, f"() => document.getElementById('table').innerText === {json.dumps(table)}")
    move(again, tactics(again)[1], 1)
    assert again.messages == []


def test_a_link_and_a_code_bring_the_same_scenario_and_foreign_ones_warn(opened: Callable[..., Any]) -> None:
    page = opened()
    move(page, tactics(page)[0], 0.15)
    code, table = page.input_value("#code"), page.evaluate(TABLE)
    linked = opened(hash=f"#s={code}")
    until(linked, f"() => document.getElementById('table').innerText === {json.dumps(table)}")
    assert linked.locator("#notes").inner_text() == ""
    pasted = opened()
    pasted.fill("#code", "0000000000000000" + code[code.index(".") :])
    pasted.click("#load-code")
    until(pasted, f"() => document.getElementById('table').innerText === {json.dumps(table)}")
    assert "another version of the model" in pasted.locator("#notes").inner_text()


def test_pasted_rubbish_is_said_and_changes_nothing(opened: Callable[..., Any]) -> None:
    page = opened()
    table = page.evaluate(TABLE)
    page.fill("#code", "<img src=x onerror=alert(1)>")
    page.click("#load-code")
    until(page, "() => document.getElementById('notes').innerText.includes('not a scenario code')")
    assert page.locator("#notes .warning").is_visible()
    assert page.evaluate(TABLE) == table
    assert page.messages == []


def test_a_timeline_takes_a_pasted_column_and_the_keyboard(opened: Callable[..., Any]) -> None:
    page = opened()
    page.evaluate("() => { document.querySelector('.tactic > .lever .words').open = true; }")
    page.locator(".tactic > .lever").first.get_by_role("button", name="Month by month").click()
    page.evaluate(
        """() => { const data = new DataTransfer(); data.setData('text/plain', '2021-09\\t0.5\\n2021-10\\t0.25\\n');
        const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
        document.getElementById('month-0').dispatchEvent(event); }"""
    )
    page.focus("#month-4")
    page.keyboard.type("0.75")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "month-5"
    page.get_by_role("button", name="Use these values").click()
    until(page, "() => document.getElementById('words').innerText.includes('against the same')")
    with page.expect_download() as waiting:
        page.click("#save-toml")
    text = Path(waiting.value.path()).read_text()
    assert re.search(
        r'\{ "2021-07" = 1\.0, "2021-09" = 0\.5, "2021-10" = 0\.25, "2021-11" = 0\.75 \}', text
    ) or ('{ "2021-09" = 0.5, "2021-10" = 0.25, "2021-11" = 0.75 }' in text)


def test_every_preset_runs_and_says_what_it_is(opened: Callable[..., Any], data: dict[str, Any]) -> None:
    page = opened()
    settled = "() => document.documentElement.dataset.settled"
    for i, scenario in enumerate(data["scenarios"]):
        if not scenario["changes"]:
            continue
        before = page.evaluate(settled)
        page.select_option("#preset", str(i))
        until(page, f"{settled} !== {json.dumps(before)}")
        assert page.locator("#said").inner_text() == scenario["says"]
        page.select_option("#preset", "history")
        until(page, f"{settled} === {json.dumps(before)}")
    assert page.messages == []


@pytest.mark.slow
def test_a_thousand_fuzzed_codes_never_throw_and_stay_in_range(
    node: Callable[..., Any], data: dict[str, Any]
) -> None:
    dice = random.Random(5)  # noqa: S311 - cases, not secrets
    names = [one["name"] for one in data["levers"]]
    values: list[Any] = [
        -5,
        99999,
        1e308,
        None,
        "1",
        True,
        [],
        {},
        [[-1, 2]],
        [[3, 1e9], [2, -4]],
        [[0.5, None]],
        [[1]],
        0.5,
    ]
    some = [*names, "__proto__", "constructor", "x"]
    cases = [
        {
            "c": {dice.choice(some): dice.choice(values) for _ in range(dice.randrange(6))},
            "u": dice.choice([22, 1e9, -1, "x", None, 120]),
            "w": dice.choice(["difference", "x", 3]),
        }
        for _ in range(500)
    ]
    rubbish = [
        "".join(dice.choice("eyJjIjp7fSwi.#=%<>\"'\\\u00e9\u4e00 \n") for _ in range(dice.randrange(200)))
        for _ in range(500)
    ]
    code = """const { decode, encode } = await import("./codes.js");
        const body = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
        const codes = [...given.cases.map((one) => `${data.model}.${body(one)}`), ...given.rubbish];
        const again = (state) => encode(decode(encode(state, data), data).state, data) === encode(state, data);
        return codes.map((one) => {
          const { state, notes } = decode(one, data);
          return [state, notes.length, state ? again(state) : true];
        });"""
    levers = {one["name"]: one for one in data["levers"]}
    ends = [end["time"] for end in data["clock"]["ends"]]
    found = node(code, {"cases": cases, "rubbish": rubbish})
    assert len(found) == 1000
    for state, n_notes, again in found:
        assert again
        if state is None:
            assert n_notes
            continue
        assert state["until"] in ends
        for name, change in state["changes"].items():
            points = change if isinstance(change, list) else [[0, change]]
            assert all(levers[name]["low"] <= value <= levers[name]["high"] for _, value in points)
            assert all(0 <= time <= data["clock"]["last"] for time, _ in points)
            assert [time for time, _ in points] == sorted({time for time, _ in points})
