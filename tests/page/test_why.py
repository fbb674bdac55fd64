"""Why it moved: the page's chain of causes against paired runs in Python, and its words against the verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from driving import until

from iskdyn.errors import StudyError
from iskdyn.levers import run_arms
from iskdyn.levers.arms import reduce
from iskdyn.reports.page.data import Sources
from iskdyn.reports.page.links import told_links
from iskdyn.reports.story import Link
from iskdyn.study.inputs import Inputs

CHAIN = """
const { chainOf, measured, typicalOf } = await import("./chain.js");
const globals = {}; new Function("DATA", "globalThis", given.model)(data, globals);
const { MODEL } = globals;
return given.cases.map(({ changes, outcome, told }) => {
  const one = data.outcomes[outcome], end = data.clock.history;
  const { version, values } = typicalOf(MODEL.simulate, data, changes, end, one, told);
  const { sizes, carried } = measured(MODEL.explain, data, values, changes, end, one);
  const chain = chainOf(carried).map((i) => ({ i, size: sizes[i], part: carried[i].at(-1) }));
  return { version, chain, end: sizes.at(-1) };
});
"""


def inputs_of(data: dict[str, Any], changes: dict[str, Any], own: tuple[str, ...] = ()) -> Inputs:
    """Changes of the page as those of Python, with some variables on their own path."""
    values = {name: one for name, one in changes.items() if not isinstance(one, list)}
    series = {name: pd.Series(dict(one)) for name, one in changes.items() if isinstance(one, list)}
    return Inputs(values, series, frozenset(own))


def test_the_steps_of_a_chain_are_those_of_runs_with_and_without_them_in_python(
    node: Callable[..., Any], sources: Sources, data: dict[str, Any], html: str
) -> None:
    tactics = {one["title"]: one["name"] for one in data["levers"] if one["group"] == "tactic"}
    names = [one["name"] for one in data["outcomes"]]
    wave = next(one["changes"] for one in data["scenarios"] if one["name"] == "no-autumn-wave")
    cases = [
        {"changes": {tactics["Choking-off"]: 0}, "outcome": names.index("guerrilla attacks"), "told": 0.31},
        {"changes": {tactics["Selective repression"]: 0}, "outcome": names.index("bombs"), "told": 0.64},
        {"changes": wave, "outcome": names.index("guerrilla attacks"), "told": 0.05},
    ]  # fmt: skip
    model = html.split('<script id="model">')[1].split("</script>")[0]
    found = node(CHAIN, {"model": model, "cases": cases})
    versions = [one["version"] for one in found]
    drawn = replace(
        sources.around, draws=sources.around.draws[versions], structure=sources.around.structure[versions]
    )
    arms = {f"{k}": inputs_of(data, case["changes"]) for k, case in enumerate(cases)}
    steps = {
        (k, one["i"]): data["links"][one["i"]]["of"] for k, told in enumerate(found) for one in told["chain"]
    }
    arms |= {f"{k} {i}": inputs_of(data, cases[k]["changes"], tuple(of)) for (k, i), of in steps.items()}
    wanted = dict.fromkeys([*names, *(name for of in steps.values() for name in of)])
    runs = run_arms(sources.study, drawn, arms, list(wanted), sources.study.end_time())
    for k, (case, told) in enumerate(zip(cases, found, strict=True)):
        outcome = data["outcomes"][case["outcome"]]
        ended = {
            arm: runs.measured(outcome["measure"], arm, outcome["name"])[1][k] for arm in ("history", *arms)
        }
        whole = ended[f"{k}"] - ended["history"]
        assert told["chain"]
        assert told["end"] == pytest.approx(whole / ended["history"], rel=1e-6)
        for step in told["chain"]:
            was, now = (
                reduce("mean", sum(runs.series(arm, name)[1][k] for name in steps[k, step["i"]]), runs.times)
                for arm in ("history", f"{k}")
            )
            held = ended[f"{k} {step['i']}"] - ended["history"]
            assert step["size"] == pytest.approx(float((now - was) / was), rel=1e-6)
            assert step["part"] == pytest.approx(1 - held / whole, abs=1e-5)


def test_a_chain_holds_the_strongest_step_and_only_steps_that_carry_half(node: Callable[..., Any]) -> None:
    code = """const { chainOf } = await import("./chain.js"); return given.map(chainOf);"""
    along = [[0, 0.9, 0.8, 0.9], [0, 0, 0.9, 0.8], [0, 0, 0, 0.7]]
    apart = [[0, 0, 0.6], [0, 0, 0.9]]
    weak = [[0, 0.9, 0.4], [0, 0, 0.3]]
    backwards = [[0, 0.6, 0.7], [0.9, 0, 0.8]]
    longer = [[0 if j <= i else 0.9 for j in range(6)] for i in range(5)]
    assert node(code, [along, apart, weak, backwards]) == [[0, 1, 2], [1], [], [1, 0]]
    assert len(node(code, [longer])[0]) == 3


def test_where_no_step_carries_half_or_no_direction_is_told_the_words_say_so(
    node: Callable[..., Any],
) -> None:
    code = """const { chainWords } = await import("./chain.js");
        const told = { ...data, links: [{ words: "grievance", of: ["a"], counted: false }] };
        const outcome = { label: "attacks", digits: 0, counted: true };
        const effect = (difference, lower, agreed) =>
          ({ base: [80, 90, 100, 110, 120], difference, lower, higher: 1 - lower, agreed });
        const measure = (part) => () => ({ sizes: [-0.12, -0.09], carried: [[0, part]] });
        const fewer = effect([-12, -10, -9, -8, -6], 1, true);
        return [chainWords(told, outcome, fewer, measure(0.62)), chainWords(told, outcome, fewer, measure(0.2)),
          chainWords(told, outcome, effect([-9, -5, 1, 5, 9], 0.5, false), null),
          chainWords(told, outcome, effect([0, 0, 0, 0, 0], 0, true), null)];"""
    whole, small, open_, nothing = node(code)
    assert whole[0] == "12 % less grievance, so 9 % fewer attacks."
    assert "62 %" in whole[1]
    assert small[0].startswith("9 % fewer attacks")
    assert "many small links" in small[0]
    assert "20 %" in small[1]
    assert "open" in open_[0]
    assert "hardly" in nothing[0]
    assert not re.search(r"\d", open_[0] + nothing[0])


@pytest.mark.slow
def test_every_chain_ends_in_the_verdict_of_its_outcome_and_is_short(
    opened: Callable[..., Any], data: dict[str, Any]
) -> None:
    page = opened()
    page.locator("#why > summary").click()
    told = 0
    ready = [one["name"] for one in data["scenarios"]]
    for name in ("no-autumn-wave", "no-eastern-presence", "promises-kept", "deals-reach-further"):
        before = page.evaluate("() => document.documentElement.dataset.settled")
        page.select_option("#preset", str(ready.index(name)))
        until(page, f"() => document.documentElement.dataset.settled !== {json.dumps(before)}")
        rows = page.evaluate(
            "() => [...document.querySelectorAll('#words li')].map((one) => one.textContent)"
        )
        for i, outcome in enumerate(data["outcomes"]):
            page.select_option("#why-outcome", str(i))
            until(page, "() => !document.getElementById('why-chain').textContent.includes('computing')")
            sentence = page.inner_text("#why-chain .chain")
            verdict = next(
                one for one in rows if one.casefold().startswith(outcome["label"].casefold() + ":")
            )
            assert all(len(one.split()) <= 25 for one in re.split(r"(?<=\.) ", sentence))
            size = re.search(r"(fewer|more|lower|higher), (\d+) %", verdict)
            assert (size is None) == ("is open" in sentence or "hardly" in sentence), (verdict, sentence)
            if size is not None:
                last = re.split(r", so |: |That comes to ", sentence)[
                    0 if "many small" in sentence else -1
                ].rstrip(".")
                way = "more" if size[1] in ("more", "higher") else "fewer" if outcome["counted"] else "less"
                assert last.casefold() in (
                    f"{size[2]} % {way} {outcome['label']}".casefold(),
                    f"no {outcome['label']}".casefold(),
                )
                told += 1
    assert told > 15
    assert page.messages == []


def test_a_step_that_names_nothing_of_the_model_is_refused(sources: Sources) -> None:
    story = replace(sources.story, links=(Link("grievance", ("Grievances",)),))
    with pytest.raises(StudyError, match=r"'Grievances' is no stock or computed variable"):
        told_links(sources.study, story)


def test_a_study_without_steps_has_its_stocks(sources: Sources) -> None:
    links = told_links(sources.study, replace(sources.story, links=()))
    assert links
    assert {sources.study.program[link.of[0]].kind for link in links} == {"stock"}
    assert np.unique([link.words for link in links]).size == len(links)
