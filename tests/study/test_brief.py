"""The one page: its numbers are the command line's, its words few, its human cost first, its errors named."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from surfaces import Surface
from whole_tiny import TOLD
from wording import FAULTS, faults, moulds, too_long

from iskdyn.reports.brief import print_brief
from iskdyn.reports.page.browser import find_browser

ROOT = Path(__file__).parents[2]
MOST_WORDS = 600
STORY = f"""{TOLD}
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
            data = data.replace("\N{SOFT HYPHEN}", "")
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
    assert len(rows) == 5 + 1
    assert rows.pop()[0] == "any of them"  # not of the command's: see test_first_screen.py
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
    narrow = re.search(r'<div class="narrow">.*?</div>', page.read_text(encoding="utf-8"), re.DOTALL)
    again = Text()  # the chart for a phone stands there in place of the other, never beside it
    again.feed(narrow[0])
    assert len(text.words) - len(again.words) <= MOST_WORDS
    told = " ".join(text.words)
    assert told.index("Human cost") < told.index("What would have been")
    assert "not a forecast" in told
    assert re.search(r"\d{4}-\d{2}\b", re.sub(r"20\d\d-\d\d\b(?!-)", "", told)) is None


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_nothing_is_scrolled_sideways(page: Path, browser, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700}, is_mobile=True)
    screen = context.new_page()
    screen.goto(page.as_uri())
    assert screen.evaluate("() => document.documentElement.scrollWidth") == width
    context.close()


@pytest.mark.slow
def test_its_words_are_plain(page: Path) -> None:
    blocks = Surface(page.read_text(encoding="utf-8")).blocks
    assert {name: found for name in FAULTS if (found := faults(blocks, name))} == {}
    assert (too_long(blocks), moulds(blocks)) == ([], {})


@pytest.mark.slow
@pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome is installed: nothing prints")
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_its_pdf_is_one_a4_page_that_holds_what_the_page_does(page: Path) -> None:
    printed = print_brief(page)
    assert printed == page.with_suffix(".pdf")
    told = subprocess.run(["pdfinfo", str(printed)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"^Pages:\s+1$", told, re.MULTILINE)
    width, height = map(float, re.search(r"Page size:\s+([\d.]+) x ([\d.]+) pts", told).groups())
    assert (width, height) == (pytest.approx(595.3, abs=1), pytest.approx(841.9, abs=1))  # 210 by 297 mm
    words = subprocess.run(
        ["pdftotext", str(printed), "-"], capture_output=True, text=True, check=True
    ).stdout
    on_paper, on_screen = (set(re.findall(r"\d+", text)) for text in (words, " ".join(seen(page).words)))
    assert on_paper == on_screen


@pytest.mark.slow
def test_it_reads_without_colour(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    text_colours = set(re.findall(r"[^-]color: (#[0-9a-f]{6})", html)) | {"#15202b", "#55606b"}
    assert all(contrast(colour, "#fcfbf8") >= 4.5 for colour in text_colours)  # WCAG 2.2, 1.4.3, by luminance
    chart = html[html.index("<svg") : html.index("</svg>")]
    lines = re.findall(r'<path [^>]*style="(fill: none; stroke[^"]*stroke-width: 2.2[^"]*)"', chart)
    assert [("dasharray" in line) for line in lines] == [False, True]
    assert "as it was" in chart
    assert ">without " in chart


@pytest.mark.slow
def test_its_chart_names_what_happened_in_the_order_of_time(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    broad, narrow = (one for one in re.findall(r"<svg.*?</svg>", html, re.DOTALL) if "as it was" in one)
    events = tomllib.loads((ROOT / "reports" / "story.toml").read_text(encoding="utf-8"))["events"]
    places = [re.search(rf'<text [^>]*x="([\d.]+)"[^>]*>{one["words"]}</text>', broad) for one in events]
    assert all(places)
    assert [one["month"] for one in events] == sorted(one["month"] for one in events)
    starts = [float(place[1]) for place in places if place]
    letters = [len(one["words"]) for one in events]
    gaps = [(b - a) / n for a, b, n in zip(starts, starts[1:], letters, strict=False)]
    assert min(gaps) > 6.5  # points a letter: at 12 points a broad typeface has less
    assert not any(one["words"] in narrow for one in events)


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of the luminances of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_without_a_browser_there_is_no_pdf_and_one_line_says_how_to_print(
    monkeypatch, tmp_path: Path, iskdyn
) -> None:
    page = tmp_path / "brief.html"
    page.write_text("a page")
    page.with_suffix(".pdf").write_text("of an earlier page")
    monkeypatch.setattr("iskdyn.reports.brief.build_brief", lambda *_: (page, []))
    monkeypatch.setattr("iskdyn.reports.page.browser.find_browser", lambda: None)
    result = iskdyn("brief", "--study", ROOT, "--quiet")
    assert (result.exit_code, result.stdout) == (0, f"{page}\n")
    assert len(result.stderr.splitlines()) == 1
    assert "open brief.html in a browser and print" in result.stderr
    assert not page.with_suffix(".pdf").exists()


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
        (
            "[brief]",
            '[[events]]\nmonth = "August"\nwords = "takeover"\n[brief]',
            "events: 'August' of 'takeover' is not",
        ),
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
