"""The annex in a browser: search and folds by hand, print with page numbers, nothing for axe to find."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iskdyn.reports.page.browser import find_browser, print_pdf

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome is installed"),
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def file(quick_annex: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("annex") / "index.html"
    path.write_text(quick_annex, encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Any, file: Path) -> Iterator[Any]:
    found = browser.new_page(viewport={"width": 1440, "height": 900})
    found.goto(file.as_uri())
    yield found
    found.close()


def n_open(page: Any) -> int:
    return int(page.evaluate("() => document.querySelectorAll('details[open]').length"))


def test_search_opens_the_fold_in_which_the_words_stand(page: Any) -> None:
    """The name of a fitted number stands in the folded table of section "learning" and nowhere in sight."""
    page.fill("#sought", "Jalalabad attacks per member")
    page.press("#sought", "Enter")
    assert re.fullmatch(r"1 of \d+", page.inner_text("#hits"))
    assert n_open(page) >= 1
    assert page.locator(".hit").is_visible()
    page.fill("#sought", "no such words as these")
    page.press("#sought", "Enter")
    assert page.inner_text("#hits") == "nothing found"


def test_one_button_opens_all_folds_and_closes_them(page: Any) -> None:
    n_folds = page.locator("details").count()
    assert n_open(page) == 0 < n_folds
    page.click("#unfold")
    assert n_open(page) == n_folds
    page.click("#unfold")
    assert n_open(page) == 0


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_every_printed_page_has_its_number(file: Path, tmp_path: Path) -> None:
    printed = tmp_path / "annex.pdf"
    print_pdf(str(find_browser()), file, printed)
    text = subprocess.run(
        ["pdftotext", "-layout", str(printed), "-"], capture_output=True, text=True, check=True
    )
    pages = text.stdout.rstrip("\f").split("\f")
    assert len(pages) > 3
    for number, words in enumerate(pages, 1):
        assert re.search(rf"^\s*{number} of {len(pages)}\s*$", words, re.MULTILINE), number


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_axe_finds_nothing_and_nothing_runs_over_the_side(page: Any, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page.set_viewport_size({"width": width, "height": 900})
    result = axe.Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    found = [
        f"{one['id']}: {node['html'][:120]}" for one in result.response["violations"] for node in one["nodes"]
    ]
    assert found == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
