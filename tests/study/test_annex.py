"""The annex as built: few words in sight, numbered sections with their finding first, nothing told twice."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from pathlib import Path

import pytest
from surfaces import Surface, sentences

from iskdyn.confidence.provenance import verify_file
from iskdyn.study import open_study

ROOT = Path(__file__).parents[2]
MOST_SEEN, MOST_WORDS, MOST_TERMS = 15_000, 35_000, 30
BUILT = ROOT / "reports" / "out" / "index.html"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole() -> str:
    """The annex as `make report` writes it, if it is of this study and these words."""
    if not BUILT.is_file() or verify_file(open_study(ROOT), BUILT).changed:
        pytest.skip("no annex of the study as it stands: `make report` writes it")
    return BUILT.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def html(quick_annex: str) -> str:
    return quick_annex


def test_few_words_are_in_sight_and_not_many_in_all(whole: str) -> None:
    annex = Surface(whole)
    assert annex.count(folded=False) <= MOST_SEEN
    assert annex.count(folded=True) <= MOST_WORDS


def test_every_section_is_numbered_named_in_the_contents_and_opens_with_its_finding(html: str) -> None:
    sections = re.findall(
        r'<section id="([\w-]+)">\s*<h2><a href="#([\w-]+)">(\d+)</a> (.*?)</h2>\s*<p class="finding">(.+?)</p>',
        html,
    )
    assert len(sections) == html.count("<section") >= 10
    assert [int(number) for _, _, number, _, _ in sections] == list(range(1, len(sections) + 1))
    assert all(place == target for place, target, *_ in sections)
    listed = re.findall(r'<li><a href="#([\w-]+)">(.*?)</a></li>', html[: html.index("<main>")])
    assert listed == [(place, title) for place, _, _, title, _ in sections]
    assert all(1 <= len(re.findall(r"[.;]", finding)) <= 4 for *_, finding in sections)


def test_every_anchor_leads_somewhere(html: str) -> None:
    targets = set(re.findall(r'<a [^>]*href="#([\w-]+)"', html))
    assert targets <= set(re.findall(r' id="([\w.-]+)"', html))


def test_no_sentence_is_told_in_two_sections(whole: str) -> None:
    annex = Surface(whole)
    where: dict[str, set[str]] = {}
    for block in annex.blocks:
        for sentence in sentences([block]):
            if len(sentence.split()) >= 8:
                where.setdefault(sentence, set()).add(block.section)
    assert {sentence: places for sentence, places in where.items() if len(places) > 1} == {}


def test_most_of_what_is_in_sight_is_prose(whole: str) -> None:
    annex = Surface(whole)
    in_sight = sum(len(one.text.split()) for one in annex.runs if "table" in one.tags and not one.folded)
    assert in_sight < 0.3 * annex.count(folded=False)


def test_the_one_script_is_the_one_that_the_page_allows(html: str) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"|"http://[^"]*\.dtd"', "", script)


def test_the_glossary_is_short_and_every_word_of_it_is_used(whole: str) -> None:
    terms = re.findall(r'<dt id="(word-[\w-]+)">', whole)
    assert 10 <= len(terms) <= MOST_TERMS
    assert set(terms) == set(re.findall(r'<a class="term" href="#(word-[\w-]+)">', whole))
