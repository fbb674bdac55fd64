"""One fact has one number: what the command line prints of a scenario and what the page shows of it, as strings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from driving import until

from iskdyn.cli import main
from iskdyn.reports.effect_words import NIL
from iskdyn.reports.page.data import Sources

ROOT = Path(__file__).parents[2]
ROWS = """() => [...document.querySelectorAll('#table tbody tr')]
    .map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"""
SENTENCES = "() => [...document.querySelectorAll('#words li')].map((line) => line.textContent)"


def printed(study: Any, names: list[str]) -> dict[str, dict[str, list[str]]]:
    """By title of a scenario and label of an outcome: history, difference, half of draws, nine of ten, shares.

    Under the label "" the sentences.
    """
    month = study.month(study.end_time() - 0.5)
    result = CliRunner().invoke(
        main, ["compare", "history", *names, "--until", month, "--study", str(ROOT), "--quiet"]
    )
    assert result.exit_code == 0, result.output
    tables: dict[str, dict[str, list[str]]] = {}
    for line in result.stdout.splitlines():
        if ", compared with " in line:
            rows = tables.setdefault(line.partition(", compared with ")[0], {})
        elif len(cells := re.split(r"\s{2,}", line.strip())) == 9 and cells[0] != "outcome":
            rows[cells[0]] = cells[2:7]
        elif line.endswith("."):
            rows[""] = [line]
    return tables


@pytest.mark.slow
def test_every_ready_scenario_has_the_numbers_of_the_command_line(
    opened: Callable[..., Any], sources: Sources, data: dict[str, Any]
) -> None:
    ready = {i: one for i, one in enumerate(data["scenarios"]) if one["changes"]}
    tables = printed(sources.study, [one["name"] for one in ready.values()])
    assert len(tables) == len(ready) >= 6
    page = opened()
    labels = [sources.story.outcomes[name].label for name in sources.study.settings.headline]
    for i, one in ready.items():
        before = page.evaluate("() => document.documentElement.dataset.settled")
        page.select_option("#preset", str(i))
        until(page, f"() => document.documentElement.dataset.settled !== {json.dumps(before)}")
        sentences = page.evaluate(SENTENCES)
        for label, row, sentence in zip(labels, page.evaluate(ROWS), sentences, strict=True):
            told = re.search(
                rf"{re.escape(label)} (\d+% )?(lower|higher)", tables[one["title"]][""][0], re.IGNORECASE
            )
            assert bool(told) == (
                not sentence.endswith(": hardly any difference.") and ": open. " not in sentence
            )
            history, difference, half, nine, shares = tables[one["title"]][label]
            shown = [row[1].split(" (")[0], *row[3:6], re.sub(" %", "", row[6])]
            assert shown == [history, difference, half, nine, re.sub(" %", "", shares)], (one["title"], label)


@pytest.mark.slow
def test_the_questions_to_people_are_those_of_ask(opened: Callable[..., Any], sources: Sources) -> None:
    result = CliRunner().invoke(main, ["ask", "--study", str(ROOT)])
    assert result.exit_code == 0, result.output
    told = dict(re.findall(r"^\d+\. (.+)\n {3}(.+)$", result.stdout, re.MULTILINE))
    page = opened(hash="#v=ask")
    items = """() => [...document.querySelectorAll('#settle li')]
        .map((item) => [item.firstChild.textContent, item.querySelector('small').textContent])"""
    shown = page.evaluate(items)
    own = {one.whole for one in sources.story.questions}
    assert len(shown) == 5
    assert shown == [[text, worth] for text, worth in told.items() if text in own][:5]


@pytest.mark.slow
def test_table_words_verdict_comparison_and_memo_print_a_difference_as_one_string(
    opened: Callable[..., Any], sources: Sources, data: dict[str, Any]
) -> None:
    titles = {one["name"]: one["title"] for one in data["scenarios"]}
    asked = [titles[one.scenario] for one in sources.story.asked]
    page, told = opened(), {}
    for title in asked:
        before = page.evaluate("() => document.documentElement.dataset.settled")
        page.select_option("#preset", label=title)
        until(page, f"() => document.documentElement.dataset.settled !== {json.dumps(before)}")
        told[title] = list(zip(page.evaluate(ROWS), page.evaluate(SENTENCES), strict=True))
        verdict = page.evaluate(
            "() => [...document.querySelectorAll('#verdict p')].map((one) => one.textContent)"
        )
        assert verdict[1] == told[title][0][1]
        assert verdict[2] in [sentence for _, sentence in told[title]]
        page.click("#keep")
    page.click("[data-view=compare]")
    until(page, f"() => document.querySelectorAll('#compared thead th').length === {1 + len(asked)}")
    cells = page.evaluate(
        """() => [...document.querySelectorAll('#compared tbody tr')]
        .map((row) => [...row.cells].slice(1).map((cell) => cell.innerText))"""
    )
    page.click("#copy-memo")
    memos = page.inner_text("#memo").split("\n\n")
    for place, title in enumerate(asked):
        assert memos[place].startswith(title)
        for (row, sentence), compared in zip(told[title], cells, strict=True):
            number, shares, *_ = re.split(r"\n", compared[place])
            assert shares == row[6]
            if ": open." in sentence or ": hardly any " in sentence:
                assert number in ("open", NIL)
                continue
            assert number == f"{row[3]} {row[5]}"
            size, span = re.search(r": (\S+) .*?\((.*?)\)", sentence).groups()  # type: ignore[union-attr]
            assert (size, span) == (row[3].lstrip("+\N{MINUS SIGN}"), row[5])
            assert sentence in memos[place]
