"""Others hold still: the page's frozen reading in the numbers of `iskdyn effects --frozen`."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from driving import until
from test_compare_ask import REQUEST

from iskdyn.cli import main
from iskdyn.levers import run_arms
from iskdyn.levers.effects import tactic_arms
from iskdyn.reports.page.data import Sources
from iskdyn.reports.page.levers import STILL

ROOT = Path(__file__).parents[2]
AT = (0.0, 0.5)


@pytest.fixture(scope="module")
def ask(node: Callable[..., Any], html: str) -> Callable[..., Any]:
    """`ask(code, **given)`: what code makes of the page's own model."""
    model = html.split('<script id="model">')[1].split("</script>")[0]
    return lambda code, **given: node(REQUEST + code, {"model": model, **given})


@pytest.fixture(scope="module")
def found(ask: Callable[..., Any], sources: Sources) -> dict[tuple[str, float], list[Any]]:
    """The page's effects of each tactic at each intensity, outcome by outcome."""
    study = sources.study
    arms = [(tactic, at) for tactic in study.settings.tactics for at in AT]
    changes = [{study.settings.tactics[tactic]: at, STILL: 1} for tactic, at in arms]
    code = "return given.changes.map((changes) => ask({ changes, until: given.until }).effects);"
    return dict(zip(arms, ask(code, changes=changes, until=study.end_time()), strict=True))


def test_every_tactic_has_the_effects_of_pythons_frozen_runs(
    found: dict[tuple[str, float], list[Any]], sources: Sources
) -> None:
    study, names = sources.study, sources.study.settings.headline
    frozen = {f"{tactic} {at}": one for (tactic, at), one in tactic_arms(study, AT, frozen=True).items()}
    arms = run_arms(study, sources.around, frozen, names)
    for (tactic, at), effects in found.items():
        for name, effect in zip(names, effects, strict=True):
            outcome = sources.story.outcomes[name]
            difference = arms.difference(outcome.measure, f"{tactic} {at}", name)
            five = np.quantile(difference, [0.05, 0.25, 0.5, 0.75, 0.95])
            assert effect["difference"] == pytest.approx(list(five), rel=1e-9, abs=1e-9), (tactic, name)
            assert [outcome.text(v) for v in effect["difference"]] == [outcome.text(v) for v in five]
            assert [effect["lower"], effect["higher"]] == [np.mean(difference < 0), np.mean(difference > 0)]


def test_it_is_another_reading_than_with_answers(
    found: dict[tuple[str, float], list[Any]], ask: Callable[..., Any], sources: Sources
) -> None:
    lever = sources.study.settings.tactics["choking-off"]
    code = "return ask({ changes: given.changes, until: given.until }).effects;"
    answered = ask(code, changes={lever: 0.0}, until=sources.study.end_time())
    held = found["choking-off", 0.0]
    assert any(abs(a["difference"][2] - h["difference"][2]) > 0.05 * abs(a["difference"][2])
               for a, h in zip(answered, held, strict=True))  # fmt: skip


@pytest.mark.slow
def test_every_share_and_difference_is_that_of_effects_frozen(
    found: dict[tuple[str, float], list[Any]], sources: Sources
) -> None:
    """The command's own output."""
    args = ["effects", "--frozen", "--at", ",".join(map(str, AT)), "--json", "--quiet", "--study", str(ROOT)]
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 0, result.output
    headline = list(sources.study.settings.headline)
    rows = [row for row in json.loads(result.stdout) if row["outcome"] in headline]
    assert len(rows) == len(found) * len(headline)
    for row in rows:
        effect = found[row["tactic"], row["at"]][headline.index(row["outcome"])]
        assert [effect["lower"], effect["higher"]] == [row["lower"], row["higher"]]
        told = [effect["difference"][i] for i in (0, 2, 4)]
        assert told == pytest.approx([row[name] for name in ("low", "median", "high")], rel=1e-9, abs=1e-9)


def test_a_downloaded_scenario_holds_what_the_page_holds(node: Callable[..., Any], sources: Sources) -> None:
    study = sources.study
    lever = study.settings.tactics["choking-off"]
    code = """const { scenarioToml } = await import("./files.js");
        return scenarioToml({ changes: given, until: data.clock.history }, data, "Held");"""
    held = tomllib.loads(node(code, {lever: 0, STILL: 1}))
    own = set(study.settings.tactic_decisions["choking-off"])
    assert set(held["freeze"]) == set(study.settings.decisions) - own
    assert held["set"] == {lever: 0}
    assert "freeze" not in tomllib.loads(node(code, {lever: 0}))


def test_the_reading_is_a_chip_in_explorer_and_comparison_and_comes_back_with_the_code(
    opened: Callable[..., Any],
) -> None:
    page = opened()
    assert page.get_attribute("#still", "aria-pressed") == "false"
    page.locator(".tactic").nth(2).get_by_role("button", name=": none").first.click()
    answered = "() => document.querySelector('#verdict .changed').textContent.includes('none')"
    until(page, answered)
    free = page.inner_text("#verdict")
    page.click("#still")
    until(page, "() => document.querySelector('#verdict .changed').textContent.includes('Others hold still')")
    held = page.inner_text("#verdict")
    assert held.splitlines()[1:] != free.splitlines()[1:]
    assert page.get_attribute("#still", "aria-pressed") == "true"
    assert "nobody answers" in page.inner_text("#said")
    page.click("#keep")
    code = page.input_value("#code")
    page.click("[data-view=compare]")
    until(page, "() => document.querySelectorAll('#compared thead th').length === 2")
    assert "others hold still" in page.inner_text(".chips .chip")
    linked = opened(hash=f"#s={code}")
    until(linked, "() => document.querySelector('#verdict .changed')?.textContent.includes('hold still')")
    assert linked.inner_text("#verdict") == held
    assert page.messages == []
