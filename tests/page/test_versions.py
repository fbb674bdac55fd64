"""Versions seen alone: the page's numbers of one structure, or without a source, against Python's own runs of them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from driving import until
from test_compare_ask import REQUEST

from iskdyn.calibration.mixture import structures_in, whitened
from iskdyn.calibration.spread import Spread, every_number
from iskdyn.calibration.without import struck_rows
from iskdyn.levers import HISTORY, run_arms
from iskdyn.levers.draws import draws_without
from iskdyn.levers.verdict import verdict
from iskdyn.reports.page.data import Sources
from iskdyn.reports.page.versions import ENOUGH
from iskdyn.study.inputs import Inputs

SOURCE, STRUCTURE = "human rights groups", "of money moves nothing"
WITHOUT = f"without {SOURCE}"
FIGURES = r"\d+ of \d+ fitted|-?[\d.]+ nats"
SEEN = "() => document.querySelector('#verdict .cost') && document.querySelector('#verdict .changed').textContent"


@pytest.fixture(scope="module")
def offered(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The choices that can be seen, by key."""
    return {one["key"]: one for one in data["choices"] if one["counts"]}


def seen_alone(around: Spread, choice: dict[str, Any]) -> Spread:
    """The versions of a choice, each as often as it counts."""
    chosen = np.repeat(np.arange(len(around.draws)), [int(digit, 36) for digit in choice["counts"]])
    return replace(around, draws=around.draws[chosen], structure=around.structure[chosen])


def test_a_structure_is_seen_in_its_own_versions_and_light_ones_together(
    offered: dict[str, dict[str, Any]], sources: Sources
) -> None:
    around = sources.around
    shares = {name: np.mean(around.structure == i) for i, name in enumerate(around.structures)}
    heavy = {f"of {name}" for name, share in shares.items() if share > 0.05}
    assert {key for key in offered if key.startswith("of ")} == heavy | {"of the other structures"}
    for key in heavy:
        left = seen_alone(around, offered[key]).structure
        assert {around.structures[i] for i in left} == {key[3:]}
        assert len(left) == round(400 * shares[key[3:]])
        assert f"{len(left)} of 400" in offered[key]["says"]


def log_weights(sources: Sources, names: tuple[str, ...]) -> dict[str, Any]:
    """(n_draws,) by source, log of the weight of each draw without it, from whole likelihoods."""
    study, around = sources.study, sources.around
    found = {name: np.empty(len(around.draws)) for name in names}
    for one, chosen in structures_in(study, around):
        whole = every_number(study, one.set)
        z = whitened(whole.priors, around.names, around.draws[chosen])
        for name in names:
            fitted = whole.sheet.fitted & ~struck_rows(study, name)
            left = replace(whole, sheet=replace(whole.sheet, fitted=fitted))
            found[name][chosen] = left.log_likelihood(z) - whole.log_likelihood(z)
    return found


def test_versions_count_as_often_as_they_weigh_without_a_source(
    offered: dict[str, dict[str, Any]], data: dict[str, Any], sources: Sources
) -> None:
    found = log_weights(sources, (SOURCE, "IS-K"))
    worth = {}
    for source, logs in found.items():
        weights = np.exp(logs - logs.max())
        share = weights / weights.sum()
        worth[source] = 1 / (share @ share)
        if (choice := offered.get(f"without {source}")) is not None:
            counts = [int(digit, 36) for digit in choice["counts"]]
            assert sum(counts) == 400
            assert np.abs(counts - 400 * share).max() <= 1
            nats = float(re.findall(r"is (-?[\d.]+) nats", choice["says"])[0])
            assert nats == pytest.approx(-np.log(np.mean(np.exp(logs))), abs=0.051)
    assert worth[SOURCE] >= ENOUGH > worth["IS-K"]
    assert {name for name in found if f"without {name}" in offered} == {SOURCE}
    assert {"author", "IS-K", "Taliban"} <= {one["title"] for one in data["choices"] if not one["counts"]}


@pytest.mark.slow
def test_medians_without_a_source_are_those_of_the_command_line(
    offered: dict[str, dict[str, Any]], sources: Sources
) -> None:
    """Means over the outcomes of history and of one tactic's absence: single ones err by chance on both sides."""
    study, story, name = sources.study, sources.story, SOURCE
    here = seen_alone(sources.around, offered[f"without {name}"])
    there, banner = draws_without(study, name, 400, 1)
    told = [re.findall(FIGURES, text) for text in (banner, offered[f"without {name}"]["says"])]
    assert told[0] == told[1]
    assert len(told[0]) == 2
    arms = {"none": Inputs({study.settings.tactics["choking-off"]: 0.0})}
    values = [run_arms(study, one, arms, study.settings.headline) for one in (here, there)]
    gaps = []
    for outcome in study.settings.headline:
        measure = story.outcomes[outcome].measure
        history = [runs.measured(measure, HISTORY, outcome)[1] for runs in values]
        absent = [runs.difference(measure, "none", outcome) for runs in values]
        gaps += [
            abs(np.median(page) - np.median(command)) / command.std() for page, command in (history, absent)
        ]
    assert np.mean(gaps) <= 0.1, sorted(gaps)


@pytest.mark.parametrize("key", [STRUCTURE, "of the other structures", WITHOUT])
def test_the_pages_effects_of_these_versions_are_pythons(
    node: Callable[..., Any], html: str, offered: dict[str, dict[str, Any]], sources: Sources, key: str
) -> None:
    study = sources.study
    model = html.split('<script id="model">')[1].split("</script>")[0]
    changes = {study.settings.tactics["choking-off"]: 0.0}
    code = f"""const {{ chosenDraws }} = await import("./versions.js"), {{ verdictOf }} = await import("./words.js");
        const choice = data.choices.find((one) => one.key === given.key);
        Object.assign(data, chosenDraws({{ ...data }}, choice));
        {REQUEST} const {{ effects }} = ask({{ changes: given.changes, until: data.clock.history }});
        return {{ effects, told: effects.map((one, i) => verdictOf(data.outcomes[i], one)) }};"""
    found = node(code, {"model": model, "key": key, "changes": changes})
    spread = seen_alone(sources.around, offered[key])
    runs = run_arms(study, spread, {"none": Inputs(changes)}, study.settings.headline)
    words = {"fewer": "lower", "more": "higher"}
    for name, effect, told in zip(study.settings.headline, found["effects"], found["told"], strict=True):
        outcome = sources.story.outcomes[name]
        history = runs.measured(outcome.measure, HISTORY, name)[1]
        difference = runs.difference(outcome.measure, "none", name)
        five = np.quantile(difference, [0.05, 0.25, 0.5, 0.75, 0.95])
        assert effect["difference"] == pytest.approx(list(five), rel=1e-9, abs=1e-9), name
        assert [outcome.text(v) for v in effect["difference"]] == [outcome.text(v) for v in five]
        assert [effect["lower"], effect["higher"]] == [np.mean(difference < 0), np.mean(difference > 0)]
        assert words.get(told, told) == verdict(difference, history, runs.parts), name


def test_each_version_is_its_own_bytes_as_often_as_it_counts(
    node: Callable[..., Any], data: dict[str, Any], offered: dict[str, dict[str, Any]]
) -> None:
    code = """const { chosenDraws } = await import("./versions.js");
        return data.choices.filter((one) => one.counts).map((one) => chosenDraws(data, one));"""
    rows = np.frombuffer(base64.b64decode(data["draws"]), np.uint16).reshape(data["n"], -1)
    for choice, found in zip(offered.values(), node(code), strict=True):
        counts = [int(digit, 36) for digit in choice["counts"]]
        assert base64.b64decode(found["draws"]) == np.repeat(rows, counts, axis=0).tobytes()
        assert found["n"] == sum(counts) == len(found["parts"])


def test_no_code_brings_versions_that_the_page_cannot_show(node: Callable[..., Any]) -> None:
    code = """const { decode, encode } = await import("./codes.js");
        const { initialState } = await import("./state.js");
        return given.map((of) => { const { state, notes } = decode(encode({ ...initialState(data), of }, data), data);
          return [state.of, notes.length]; });"""
    assert node(code, [WITHOUT, "", "without IS-K", "of nothing"]) == [
        [WITHOUT, 0],
        ["", 0],
        ["", 1],
        ["", 1],
    ]


def changed(page: Any, act: Callable[[], Any]) -> str:
    """What the verdict says once something that was done has been answered."""
    before = page.evaluate("() => document.documentElement.dataset.settled")
    act()
    until(page, f"() => document.documentElement.dataset.settled !== {before!r}")
    return str(page.inner_text("#verdict"))


@pytest.mark.slow
def test_the_choice_is_a_chip_that_verdict_memo_code_and_link_carry_and_reset_ends(
    opened: Callable[..., Any], offered: dict[str, dict[str, Any]]
) -> None:
    page = opened(1024, 768)
    assert not page.is_visible("#seen")
    whole = changed(
        page, lambda: page.locator(".tactic").nth(2).get_by_role("button", name=": none").first.click()
    )
    alone = changed(page, lambda: page.select_option("#seen-versions", "of the other structures"))
    assert alone.startswith("Only “the other structures”. ")
    assert alone.split(". ", 1)[1].splitlines()[0] == whole.splitlines()[0]
    assert alone.splitlines()[1:] != whole.splitlines()[1:]
    assert page.inner_text("#seen").startswith("only “the other structures”")
    assert "only “the other structures”" in page.inner_text("#words")
    page.evaluate("() => scrollTo(0, 0)")
    bottom = "(place) => document.querySelector(`#verdict ${place}`).getBoundingClientRect().bottom"
    ends = [page.evaluate(bottom, place) for place in (".cost", ".effect")]
    assert max(ends) <= 768
    code = page.input_value("#code")
    page.click("#keep")
    page.click("[data-view=compare]")
    until(page, "() => document.querySelectorAll('#compared thead th').length === 2")
    assert page.is_visible("#seen")
    page.click("#copy-memo")
    assert ", only “the other structures”:" in page.inner_text("#memo")
    linked = opened(hash=f"#s={code}")
    until(linked, SEEN)
    assert linked.inner_text("#verdict") == alone
    assert linked.is_visible("#seen")
    counts = offered["of the other structures"]["counts"]
    assert f"{sum(int(digit, 36) for digit in counts)} of 400" in linked.inner_text("header")
    again = changed(linked, lambda: linked.click("#seen"))
    assert again == whole
    changed(linked, lambda: linked.select_option("#seen-versions", WITHOUT))
    assert "1 of 94 fitted facts struck out" in linked.inner_text("#warnings")
    assert "nats" in linked.inner_text("#warnings")
    changed(linked, lambda: linked.click("#reset"))
    assert not linked.is_visible("#seen")
    assert linked.input_value("#seen-versions") == ""
    assert page.messages == linked.messages == []
