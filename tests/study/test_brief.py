"""The one page: its numbers are the command line's, its words few, its human cost first, its errors named."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_WORDS = 600
STORY = """
title = "A tiny story"
[brief]
lead = ["members"]
doubt = ["selective repression", "recruitment"]
columns = ["detained", "members"]
method = "A tiny model."
caution = "Read it with care."
cost_note = "Indices."
[[questions]]
text = "How many were taken?"
asks = ["arrest hazard"]
[outcomes.detained]
label = "people held"
measure = "at_end"
[outcomes.members]
label = "members"
measure = "at_end"
[outcomes.recruitment]
label = "recruits"
measure = "sum"
"""


class Text(HTMLParser):
    """What a reader sees, and the cells of its tables."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.rows: list[list[str]] = []
        self.skipped = ""
        self.in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "title"):
            self.skipped = tag
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag == self.skipped:
            self.skipped = ""
        if tag in ("td", "th"):
            self.in_cell = False

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.words += data.split()
            if self.in_cell:
                self.rows[-1][-1] += data


def seen(path: Path) -> Text:
    text = Text()
    text.feed(path.read_text(encoding="utf-8"))
    return text


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    from iskdyn.reports.brief import build_brief
    from iskdyn.study import open_study

    return build_brief(open_study(ROOT), tmp_path_factory.mktemp("brief"))[0]


@pytest.mark.slow
def test_every_number_of_the_table_is_the_command_lines(page: Path, iskdyn) -> None:
    printed = iskdyn("effects", "--study", ROOT, "--quiet").stdout
    columns = ("killed by repression", "total members", "bombs", "guerrilla attacks")
    rows = [row for row in seen(page).rows if len(row) == len(columns) + 1][1:]
    assert len(rows) == 5
    for tactic, *cells in rows:
        table = printed.split(f"{tactic}\n", 1)[1].split("\n\n", 1)[0]
        for outcome, cell in zip(columns, cells, strict=True):
            line = next(one for one in table.splitlines() if one.startswith(outcome))
            cell = cell.replace("\N{NO-BREAK SPACE}", " ").replace("*", "").strip()
            assert (cell == "open") == line.endswith(" open")
            if cell != "open":
                text, span = re.fullmatch(r"(\S+ %|about nil)(?: \((.*)\))?[a-z ]*", cell).groups()
                assert f" {text} " in line
                assert (span or "") in line


@pytest.mark.slow
def test_human_cost_comes_first_and_the_words_are_few(page: Path) -> None:
    text = seen(page)
    assert len(text.words) <= MOST_WORDS
    told = " ".join(text.words)
    assert told.index("Human cost") < told.index("What would have been")
    assert "not a forecast" in told
    assert re.search(r"\d{4}-\d{2}\b", re.sub(r"20\d\d-\d\d\b(?!-)", "", told)) is None


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed: nothing prints")
@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="pdfinfo is not installed")
def test_it_prints_on_one_page(page: Path) -> None:
    out = page.with_suffix(".pdf")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    command = ["chromium", *options, f"--print-to-pdf={out}", page.as_uri()]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    told = subprocess.run(["pdfinfo", str(out)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"^Pages:\s+1$", told, re.MULTILINE)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[brief]", "[brief2]", "the key 'brief2' is not known"),
        (
            'lead = ["members"]',
            'lead = ["member"]',
            "there is no [outcomes.'member']; did you mean 'members'",
        ),
        ('"selective repression", "rec', '"selective", "rec', "there is no tactic 'selective'"),
        ('"arrest hazard"', '"arrests"', "'arrests' is no parameter of the study"),
        ('doubt = ["selective repression", "recruitment"]', 'doubt = ["a"]', "two texts"),
        ('text = "How many were taken?"', "", "text"),
    ],
)
def test_a_wrong_story_is_told_before_anything_runs(
    tiny: Path, iskdyn, old: str, new: str, message: str
) -> None:
    assert old in STORY
    with (tiny / "study.toml").open("r+") as file:
        text = file.read()
        file.seek(0)
        file.write('story = "story.toml"\n' + text)
    (tiny / "story.toml").write_text(STORY.replace(old, new))
    result = iskdyn("brief", "--study", tiny, "--quiet")
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
