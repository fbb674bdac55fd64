"""The page's tools and what can be taken from it: ranking, sketch, files, paper."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from driving import move, tactics, until

from iskdyn.cli import main
from iskdyn.errors import Problem
from iskdyn.levers import run_arms
from iskdyn.reports.page.browser import find_browser, print_pdf
from iskdyn.reports.page.build import page_text
from iskdyn.reports.page.data import Sources
from iskdyn.study.inputs import Inputs


def test_the_outcomes_are_those_of_paired_runs_in_python(
    node: Callable[..., Any], sources: Sources, data: dict[str, Any], html: str
) -> None:
    lever = data["levers"][0]["name"]
    model = html.split('<script id="model">')[1].split("</script>")[0]
    code = """const globals = {}; new Function("DATA", "globalThis", given.model)(data, globals);
        const { MODEL } = globals;
        const request = { changes: given.changes, base: {}, until: given.until, n: data.n, view: "level" };
        const part = MODEL.makePart(data, MODEL.simulate, 0, 1);
        return MODEL.makeAnalysis(data, 1)(request, [part.answer(request)]).effects;"""
    until_ = sources.study.end_time()
    found = node(code, {"model": model, "changes": {lever: 0.2}, "until": until_})
    names = sources.study.settings.headline
    arms = run_arms(sources.study, sources.around, {"less": Inputs({lever: 0.2})}, names, until_)
    for effect, name in zip(found, names, strict=True):
        measure = sources.story.outcomes[name].measure
        before, after = (arms.measured(measure, arm, name)[1] for arm in ("history", "less"))
        levels = [0.05, 0.25, 0.5, 0.75, 0.95]
        assert effect["difference"] == pytest.approx(
            list(np.quantile(after - before, levels)), rel=1e-6, abs=1e-7
        )
        assert effect["lower"] == pytest.approx(float(np.mean(after < before)))


@pytest.mark.slow
def test_every_ready_scenario_is_told_as_in_python(
    opened: Callable[..., Any], sources: Sources, data: dict[str, Any]
) -> None:
    """Assumptions about others are changes like all others: history, which is compared with, never moves."""
    page = opened()
    names = sources.study.settings.headline
    until_ = sources.study.end_time()
    columns = """() => [...document.querySelectorAll('#table tbody tr')]
        .map((row) => [...row.cells].map((cell) => cell.textContent))"""
    history = [row[1] for row in page.evaluate(columns)]
    told = {i: one["name"] for i, one in enumerate(data["scenarios"]) if one["changes"]}
    arms = run_arms(
        sources.study,
        sources.around,
        {name: sources.study.scenarios[name].inputs for name in told.values()},
        names,
        until_,
    )
    moved = 0
    for i, name in told.items():
        before = page.evaluate("() => document.documentElement.dataset.settled")
        page.select_option("#preset", str(i))
        until(page, f"() => document.documentElement.dataset.settled !== {json.dumps(before)}")
        rows = page.evaluate(columns)
        assert [row[1] for row in rows] == history
        for row, output in zip(rows, names, strict=True):
            outcome = sources.story.outcomes[output]
            was, is_now = (arms.measured(outcome.measure, arm, output)[1] for arm in ("history", name))
            shown = float(row[3].replace(",", "").replace("\u2212", "-"))
            assert shown == pytest.approx(
                float(np.median(is_now - was)), abs=0.51 * 10.0**-outcome.digits, rel=1e-4
            )
            moved += shown != 0
    assert moved > 50


def test_a_sentence_says_how_sure_it_is_and_when_the_versions_disagree(node: Callable[..., Any]) -> None:
    code = """const { effectSentence } = await import("./words.js");
        const outcome = { label: "people killed", unit: "people", digits: 0 };
        const effect = (difference, lower, higher) =>
          ({ base: [0, 0, 200, 0, 0], difference, lower, higher, agreed: Math.max(lower, higher) >= 0.9 });
        const cases = [effect([-90, -60, -50, -40, -10], 1, 0), effect([3, 10, 20, 30, 40], 0.04, 0.96),
          effect([-30, -10, 1, 20, 40], 0.4, 0.6), effect([-3, -1, 0, 1, 2], 0.5, 0.5), effect([0, 0, 0, 0, 0], 0, 0)];
        return cases.map((one) => effectSentence(outcome, one));"""
    assert node(code) == [
        "People killed: 50 fewer, 25 % (\u221290 to \u221210), in all versions.",
        "People killed: 20 more, 10 % (+3 to +40), in 19 of 20 versions.",
        "People killed: open. Fewer or lower in 40 % of the versions, more or higher in 60 %.",
        "People killed: hardly any difference.",
        "People killed: hardly any difference.",
    ]


def test_the_tools_answer_with_human_cost_first(opened: Callable[..., Any]) -> None:
    page = opened()
    page.click("#ranking-run")
    until(
        page,
        "() => document.querySelectorAll('#ranking-run')[0].closest('section').querySelectorAll('tbody tr').length > 9",
        60,
    )
    heads = page.evaluate("() => [...document.querySelectorAll('#tools thead')][0].innerText")
    assert heads.index("killed") < heads.index("members")
    assert page.messages == []


def test_the_sketch_shows_where_it_moved_and_opens_a_variable(opened: Callable[..., Any]) -> None:
    page = opened()
    page.locator("#why > summary").click()
    until(page, "() => document.querySelector('.diagram') !== null")
    assert page.locator(".diagram .t3").count() == 0
    move(page, tactics(page)[2], 0)
    until(page, "() => document.querySelectorAll('.diagram .t3').length > 0")
    page.locator(".diagram .variable").first.focus()
    page.keyboard.press("Enter")
    card = page.locator("#why-card")
    until(page, "() => document.getElementById('why-card').innerText.includes(' = ')")
    assert "Unit:" in card.inner_text()
    page.fill("#why-name", "claim inflation")
    page.locator("#why-name").dispatch_event("change")
    until(page, "() => document.getElementById('why-card').innerText.includes('Before the evidence')")
    assert "What it rests on" in card.inner_text()
    assert page.messages == []


def test_the_numbers_as_a_file_are_tidy_and_named(opened: Callable[..., Any], data: dict[str, Any]) -> None:
    page = opened()
    move(page, tactics(page)[0], 0.5)
    with page.expect_download() as waiting:
        page.click("#save-csv")
    table = pd.read_csv(waiting.value.path())
    assert list(table) == [
        "model",
        "scenario",
        "run",
        "output",
        "unit",
        "time",
        "month",
        "statistic",
        "value",
    ]
    assert set(table["output"]) == {one["name"] for one in data["outcomes"]}
    assert set(table["model"]) == {data["model"]}
    assert table["scenario"].nunique() == 1
    assert table["run"].nunique() == 4
    assert table["value"].notna().all()


def test_a_chart_as_a_picture_is_a_png_with_something_on_it(opened: Callable[..., Any]) -> None:
    page = opened()
    with page.expect_download() as waiting:
        page.click("#save-png")
    from matplotlib import image

    pixels = image.imread(io.BytesIO(Path(waiting.value.path()).read_bytes()), format="png")
    assert pixels.shape[1] > 400
    assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 20


def test_a_chart_is_copied_as_a_picture_with_its_title_and_its_source(opened: Callable[..., Any]) -> None:
    page = opened()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    move(page, tactics(page)[2], 0)
    page.select_option("#png-chart", "5")
    page.evaluate("""() => { window.written = []; const write = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
            window.written.push(text); return write.call(this, text, ...at); }; }""")
    page.click("#copy-png")
    until(page, "() => document.getElementById('share-said').textContent.includes('on the clipboard')")
    size = page.evaluate("""async () => { const [item] = await navigator.clipboard.read();
        const picture = await createImageBitmap(await item.getType('image/png'));
        return [picture.width, picture.height]; }""")
    assert size[0] == 2 * 680
    assert size[1] > 2 * 320
    written = " ".join(page.evaluate("() => window.written"))
    data = page.evaluate("() => [DATA.outcomes[5].label, DATA.model, DATA.source]")
    for words in (data[0][1:], "Choking-off: none", f"model {data[1]}, after {data[2]}", "not a forecast"):
        assert words in written
    page.evaluate("() => { navigator.clipboard.write = () => Promise.reject(new Error('refused')); }")
    page.click("#copy-png")
    until(page, "() => document.getElementById('share-said').textContent.includes('Picture (.png)')")
    assert page.messages == []


def test_what_speaks_against_the_numbers_is_announced(
    sources: Sources, opened: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "stale.html"
    path.write_text(page_text(replace(sources, stale=(Problem("model", "has changed"),))))
    page = opened(path=path)
    assert "earlier state of the model" in page.locator("#warnings").inner_text()


@pytest.mark.slow
def test_paper_holds_scenario_hash_and_sources_on_at_most_six_sheets(
    browser: Any, opened: Callable[..., Any], tmp_path: Path, data: dict[str, Any]
) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    page = opened()
    page.select_option("#preset", "none")
    until(page, "() => document.getElementById('words').innerText.includes('against the same')")
    with page.expect_download() as waiting:
        page.click("#save-page")
    copy, paper = tmp_path / "copy.html", tmp_path / "copy.pdf"
    waiting.value.save_as(copy)
    chromium = find_browser()
    assert chromium is not None
    print_pdf(chromium, copy, paper)
    text = Paper(paper)
    assert text.pages <= 6
    for wanted in (
        data["model"],
        "counterfactual, not a forecast",
        "Indiscriminate repression: none",
        "Limits",
    ):
        assert wanted in text.text
    assert data["reported"]["bombs"][0]["says"][:30] in " ".join(text.text.split())
    code = page.input_value("#code")
    assert code.split(".")[0] in text.text


class Paper:
    """Text and number of sheets of a PDF."""

    def __init__(self, path: Path) -> None:
        import subprocess

        done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True)
        self.text, self.pages = done.stdout, done.stdout.count("\f")


@pytest.mark.slow
def test_the_verb_writes_page_archive_checksums_and_says_when_there_is_no_paper(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iskdyn.reports.page.build.find_browser", lambda: None)
    result = CliRunner().invoke(
        main, ["page", "--study", str(sources.study.root), "--out", str(tmp_path), "--json"]
    )
    assert result.exit_code == 0, result.output
    assert "no PDF" in result.stderr
    files = [Path(one) for one in json.loads(result.stdout)["files"]]
    assert [one.suffix for one in files] == [".html", ".zip", ".sha256"]
    with zipfile.ZipFile(files[1]) as archive:
        assert archive.read("levers.html") == files[0].read_bytes()
    sums = dict(line.split("  ")[::-1] for line in files[2].read_text().splitlines())
    assert sums == {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in files[:2]}
