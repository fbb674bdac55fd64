"""Comparing, asking and explaining: the numbers against Python's paired runs, and what may be tried."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import move, tactics, until

from iskdyn.levers import run_arms
from iskdyn.reports.rivals import arm_names
from iskdyn.study.inputs import Inputs

REQUEST = """const globals = {}; new Function("DATA", "globalThis", given.model)(data, globals);
    const { MODEL } = globals, part = MODEL.makePart(data, MODEL.simulate, 0, 1);
    const analysis = MODEL.makeAnalysis(data, 1);
    const ask = (request) => {
      const whole = { base: {}, n: data.n, view: "level", ...request };
      return analysis(whole, [part.answer(whole)]);
    };
"""


@pytest.fixture(scope="module")
def ask(node: Callable[..., Any], html: str) -> Callable[..., Any]:
    """`ask(code, **given)`: what code makes of the page's own model, which it asks with `ask(request)`."""
    model = html.split('<script id="model">')[1].split("</script>")[0]
    return lambda code, **given: node(REQUEST + code, {"model": model, **given})


def test_scenarios_are_paired_with_any_baseline_as_in_python(ask: Callable[..., Any], sources: Any) -> None:
    study, tactics = sources.study, sources.study.settings.tactics
    one, two = ({tactics[name]: 0.0} for name in ("choking-off", "reconciliation deals"))
    end = study.end_time("2023-12")
    code = "return ask({ changes: given.one, base: given.two, until: given.end }).effects;"
    found = ask(code, one=one, two=two, end=end)
    names = study.settings.headline
    arms = run_arms(study, sources.around, {"one": Inputs(one), "two": Inputs(two)}, names, end)
    for effect, name in zip(found, names, strict=True):
        values = [arms.measured(sources.story.outcomes[name].measure, arm, name)[1] for arm in ("one", "two")]
        middle = np.quantile(values[0] - values[1], [0.05, 0.25, 0.5, 0.75, 0.95])
        assert effect["difference"] == pytest.approx(list(middle), rel=1e-6, abs=1e-7)


def test_a_version_reaches_what_is_asked_only_if_nobody_more_is_killed(
    ask: Callable[..., Any], sources: Any
) -> None:
    study = sources.study
    index = list(study.settings.headline).index("recruitment")
    changes, end = {study.settings.tactics["choking-off"]: 2.0}, study.end_time("2023-12")
    code = """const targets = [true, false].map((below) => ({ index: given.index, below, value: given.value }));
        return targets.map((target) => ask({ changes: given.changes, until: given.end, target }).reached);"""
    found = ask(code, changes=changes, index=index, value=110.0, end=end)
    arms = run_arms(
        study, sources.around, {"more": Inputs(changes)}, ["killed by repression", "recruitment"], end
    )
    killed, recruits = (arms.draws["more"][:, i, -1] for i in (0, 1))
    spared = killed - arms.draws["history"][:, 0, -1] < 0.5
    expected = [np.mean((recruits < 110) & spared), np.mean((recruits > 110) & spared)]
    assert found == pytest.approx(expected)
    assert 0 < found[0] < 1


def test_an_open_direction_has_no_number_and_all_versions_are_told_only_where_none_disagrees(
    ask: Callable[..., Any], node: Callable[..., Any], sources: Any
) -> None:
    """Every tactic at none and half, every outcome: what is told against the shares and differences alone."""
    study = sources.study
    changes = [{lever: at} for lever in study.settings.tactics.values() for at in (0.0, 0.5)]
    code = "return given.changes.map((changes) => ask({ changes, until: given.end }).effects);"
    found = ask(code, changes=changes, end=study.end_time())
    tell = """const { differenceText, effectSentence } = await import("./words.js");
        return given.map((effects) => effects.map((effect, i) =>
          [differenceText(data.outcomes[i], effect), effectSentence(data.outcomes[i], effect)]));"""
    kinds = set()
    for effects, told in zip(found, node(tell, found), strict=True):
        for effect, (cell, sentence) in zip(effects, told, strict=True):
            disagree = max(effect["lower"], effect["higher"]) < 0.9
            kinds.add(cell["text"] if not cell["range"] else "told")
            if disagree:
                assert cell["text"] in ("open", "about nil")
            if not cell["range"]:
                assert not any(letter.isdigit() for letter in cell["text"])
            if "in all versions" in sentence:
                assert 1.0 in (effect["lower"], effect["higher"])
            if count := re.search(r"in (\d+) of 20 versions", sentence):
                assert int(count[1]) / 20 <= max(effect["lower"], effect["higher"]) < 1
    assert kinds == {"open", "about nil", "told"}


def test_a_search_never_turns_repression_up_and_says_when_nothing_does(
    node: Callable[..., Any], data: dict[str, Any]
) -> None:
    code = """const { movesOf, search, ranked } = await import("./ask.js");
        const tried = [], result = { reached: 0.25, effects: [{ difference: [0, 0, 0, 0, 0] }] };
        const none = async (changes) => { tried.push(changes); return result; };
        const found = await search(data, none, () => true), few = await search(data, none, (done) => done < 3);
        const moves = movesOf(data).map(({ lever, level }) => [lever.name, lever.default, level]);
        return [moves, tried, ranked(found, 0)[0].moves.length, few.length];"""
    moves, tried, best, few = node(code)
    levers = {one["name"]: one for one in data["levers"]}
    repression = [move for move in moves if levers[move[0]]["tactic"] in data["never_more"]]
    assert len(repression) >= 4
    assert all(level < default for _, default, level in repression)
    for changes in tried:
        for name, level in changes.items():
            if levers[name]["tactic"] in data["never_more"]:
                assert level < levers[name]["default"]
    assert {len(changes) for changes in tried} == {0, 1, 2}
    assert best == 0
    assert few == 3


def test_rival_causes_are_those_of_the_report(
    ask: Callable[..., Any], node: Callable[..., Any], sources: Any, data: dict[str, Any]
) -> None:
    rivals, story = data["rivals"][0], sources.story.rivals[0]
    arms = node(
        "const { rivalArms } = await import('./rivals.js'); return rivalArms(given);", rivals["switches"]
    )
    expected = {"all at work": {}, **arm_names(story)}
    assert dict(arms) == {words: dict(change) for words, change in expected.items()}
    index = list(sources.study.settings.headline).index(rivals["outcome"])
    words, changes = arms[1]
    code = """const fall = { index: given.index, before: given.before, after: given.after };
        return ask({ changes: given.changes, until: data.clock.history, fall }).fall;"""
    found = ask(code, index=index, changes=changes, before=rivals["before"], after=rivals["after"])
    runs = run_arms(sources.study, sources.around, {words: Inputs(changes)}, [rivals["outcome"]])
    means = []
    for first, last in (rivals["before"], rivals["after"]):
        inside = (runs.times >= first) & (runs.times <= last)
        area = np.trapezoid(runs.draws[words][:, 0, inside], runs.times[inside], axis=-1)
        means.append(area / (last - first))
    falls = np.quantile(1 - means[1] / means[0], [0.05, 0.25, 0.5, 0.75, 0.95])
    assert found == pytest.approx(list(falls), rel=1e-6)


def test_ranks_and_their_correlation_are_spearmans(node: Callable[..., Any]) -> None:
    code = """const { rankCorrelation } = await import("./decides.js");
        return [rankCorrelation([1, 2, 3, 4], [10, 20, 30, 40]), rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1]),
          rankCorrelation([1, 2, 2, 3], [1, 3, 2, 4]), rankCorrelation([1, 1, 1], [1, 2, 3])];"""
    # third, by hand: ranks 0, 1.5, 1.5, 3 and 0, 2, 1, 3; products 4.5 over the root of 4.5 times 5
    assert node(code) == pytest.approx([1, -1, 4.5 / (4.5 * 5) ** 0.5, 0])


def compared(page: Any, *titles: str) -> None:
    """Add ready scenarios to the comparison and wait for its table."""
    for title in titles:
        before = page.evaluate("() => document.documentElement.dataset.compared ?? '0'")
        page.select_option("#compare-add", label=title)
        until(page, f"() => (document.documentElement.dataset.compared ?? '0') !== '{before}'")


def test_four_are_compared_from_any_baseline_and_a_fifth_is_refused(opened: Callable[..., Any]) -> None:
    page = opened()
    page.click("[data-view=compare]")
    compared(page, "Promises kept", "Deals without violence")
    heads = "() => [...document.querySelectorAll('#compared thead th')].map((one) => one.textContent)"
    assert page.evaluate(heads) == ["Difference", "A Promises kept", "B Deals without violence"]
    rows = (
        "() => [...document.querySelectorAll('#compared tbody th')].map((one) => one.firstChild.textContent)"
    )
    assert "killed" in page.evaluate(rows)[0]
    page.select_option("#compare-against", label="compared with: A Promises kept")
    until(page, "() => document.querySelectorAll('#compared thead th').length === 2")
    assert page.evaluate(heads) == ["Difference", "B Deals without violence"]
    compared(page, "No wave of violence in autumn 2021", "Promises kept, no repression")
    page.select_option("#compare-add", label="No complacency")
    assert "Remove one first" in page.inner_text("#compare-said")
    assert page.locator(".chips .chip").count() == 4
    page.get_by_role("button", name="Remove A").click()
    until(page, "() => document.querySelectorAll('#compared thead th').length === 4")
    assert page.messages == []


def test_a_memo_is_copied_as_text_and_as_a_table_and_printed_on_one_page(
    opened: Callable[..., Any], tmp_path: Path, data: dict[str, Any]
) -> None:
    page = opened()
    page.click("[data-view=compare]")
    compared(page, "Promises kept", "Deals without violence", "No complacency", "Funding recovers in 2023")
    page.evaluate(
        """() => addEventListener('copy', (event) => {
        window.seen = ['plain', 'html'].map((one) => event.clipboardData.getData(`text/${one}`)); })"""
    )
    page.click("#copy-memo")
    plain, rich = page.evaluate("() => window.seen")
    assert page.inner_text("#memo").split() == plain.split()
    for text in (plain, rich):
        for wanted in ("Promises kept", "compared with as it was", "Jul 2021 to Apr 2023", data["model"],
                       "not a forecast", "no advice to repress"):  # fmt: skip
            assert wanted in text
    human, others = (
        [one["label"].casefold() for one in data["outcomes"] if one["human"] == whose]
        for whose in (True, False)
    )
    for told in plain.casefold().split("\n\n")[:-1]:
        assert max(told.index(label) for label in human) < min(told.index(label) for label in others)
    assert rich.count("<tr>") == 1 + len(data["outcomes"])
    code = plain.split("Reopen Promises kept with code ")[1].split(". ")[0]
    again = opened(hash=f"#s={code}")
    assert again.locator("#preset option:checked").inner_text() == "Promises kept"
    paper = tmp_path / "comparison.pdf"
    page.pdf(path=str(paper), format="A4", prefer_css_page_size=True)
    text = subprocess.run(
        ["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert text.count("\f") == 1
    assert "B Deals without violence" in " ".join(text.split())
    assert page.messages == []


def test_a_memo_says_who_decides_a_direction_or_that_it_was_not_asked(
    opened: Callable[..., Any], data: dict[str, Any], sources: Any
) -> None:
    page = opened()
    place = next(i for i in tactics(page) if data["levers"][i]["title"] == "Choking-off")
    move(page, place, 0)
    page.click("#keep")
    page.click("[data-view=compare]")
    compared(page, "Promises kept")
    page.evaluate(
        """() => addEventListener('copy', (event) => {
        window.seen = ['plain', 'html'].map((one) => event.clipboardData.getData(`text/${one}`)); })"""
    )
    page.click("#copy-memo")
    plain, rich = page.evaluate("() => window.seen")
    absent, kept = plain.split("\n\n")[:2]
    assert "was not asked" in kept
    marks = sources.marks[data["levers"][place]["name"]]
    rows = page.locator("#compared tbody tr")
    who = absent.split("Who decides the direction: ")[1]
    for i, outcome in enumerate(data["outcomes"]):
        cell = rows.nth(i).locator("td").first
        told, mark = cell.locator(".who"), marks[outcome["name"]]
        if "told" not in (cell.get_attribute("class") or ""):
            assert told.count() == 0
            continue
        assert told.inner_text() == mark
        assert outcome["label"] in next(one for one in who.split("; ") if one.startswith(mark))
    assert rich.count("<small>") == rows.locator(".who").count() > 0
    page.select_option("#compare-until", index=1)
    until(page, "() => document.querySelectorAll('#compared .who').length === 0")
    assert page.messages == []


def test_a_scenario_that_begins_after_the_run_says_so_where_it_stands(
    opened: Callable[..., Any], data: dict[str, Any]
) -> None:
    page = opened()
    for name in ("after-crackdown-returns", "after-war-returns"):
        title = next(one["title"] for one in data["scenarios"] if one["name"] == name)
        page.select_option("#preset", label=title)
        until(page, "() => document.getElementById('run-longer') !== null")
        page.click("#keep")
    page.click("[data-view=compare]")
    until(
        page,
        "() => document.querySelector('#compared .warning')?.textContent.includes('before the run ends')",
    )
    assert page.inner_text("#compared .warning").count(title) == 1
    page.click("[data-view=explore]")
    page.click("#run-longer")
    until(page, "() => document.getElementById('run-longer') === null")
    assert float(page.locator("#until").input_value()) == data["clock"]["ends"][1]["time"]
    page.click("[data-view=ask]")
    until(page, "() => /^was [0-9,]+$/.test(document.getElementById('ask-value').placeholder)")
    assert page.messages == []


@pytest.mark.parametrize("first", [0, 4])
def test_any_four_are_printed_on_one_page_of_a4(
    opened: Callable[..., Any], tmp_path: Path, data: dict[str, Any], first: int
) -> None:
    """The four ready scenarios with the longest names, and four that others hold still in."""
    page = opened()
    if first:
        page.click("#still")
    ready = sorted((one["title"] for one in data["scenarios"] if one["changes"]), key=len, reverse=True)
    for title in ready[first : first + 4]:
        page.select_option("#preset", label=title)
        until(page, "() => !document.getElementById('keep').disabled")
        page.click("#keep")
    page.click("[data-view=compare]")
    until(page, "() => document.querySelectorAll('#compared thead th').length === 5")
    paper = tmp_path / "comparison.pdf"
    page.pdf(path=str(paper), format="A4", prefer_css_page_size=True)
    told = subprocess.run(["pdftotext", str(paper), "-"], capture_output=True, text=True, check=True).stdout
    assert told.count("\f") == 1
    assert "Scenarios compared" in told
