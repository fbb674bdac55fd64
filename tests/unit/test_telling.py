"""A threshold and its words live in one place: no copy of either elsewhere, and words that follow when it is moved."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from iskdyn.calibration import frozen, moved_structures
from iskdyn.calibration.mixture import LIGHT
from iskdyn.confidence import behaviour, idle
from iskdyn.reports.page.bundle import FOLDER
from iskdyn.simulate.node import node_command
from iskdyn.telling import threshold_words, thresholds

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "iskdyn"
TELLING = ("levers", "reports", "app", "sensitivity", "cli")
"""Where readers are told something."""
WORDS = re.compile(
    r"\bnine\b|\bone version of ten\b|\btrebled\b|\b(?:a|one) twentieth of the weight|\bone per cent\b|\babout nil\b"
    r"|\bhardly any difference\b|\bour (?:equations|judgement)\b|\bhalf of the versions\b",
    re.IGNORECASE,
)
NUMBERS = re.compile(
    r"[(\[]0\.05, (?:0\.5, )?0\.95[)\]]|\b(?:AGREE|SMALL|NARROW|PUT_IN|LEARNED|ASKED|EDGES) = [\d(\[]"
)
WORDED = {"reports/templates/answer_table.html", "reports/section_loops.py"}
"""Where a mark's words stand in a sentence that explains it, held to the lexicon by a test below; and where a loop is
the largest in half of the versions, which is no range."""
OTHERS = {
    ("brief_chart.py", "NARROW = ("),
    ("section_sensitivity.py", "ASKED = 1"),
    ("section_sensitivity_policies.py", "(0.05, 0.95)"),
}
"""Of the same name or value, and of another meaning: inches, questions, and shares of failing runs."""
MOVED = {
    "AGREE": "0.8",
    "EDGES": "(0.1, 0.5, 0.9)",
    "HALF": "(0.4, 0.6)",
    "SMALL": "0.03",
    "NARROW": "0.04",
    "NOTABLY": "0.2",
    "PUT_IN": "0.95",
    "LEARNED": "2.0",
    "ASKED": "3.0",
    "LIGHT": "0.1",
}
TOLD = """
import json
import numpy as np
from iskdyn.levers.verdict import verdict
from iskdyn.levers.marks import mark
from iskdyn.levers.measured import Shares
from iskdyn.app.answers import speaks_text
from iskdyn.reports.compared import compare_text
from iskdyn.reports.section_claims import LEADS
from iskdyn.reports.sections import render
from iskdyn.telling import for_page, threshold_words
empty = {"found": {}, "tellings": [], "outcomes": [], "human_names": [], "end": "", "speaks": {}}
change = np.array([-1.0] * 85 + [1.0] * 15)
print(json.dumps({
    "words": threshold_words(), "page": for_page(), "speaks": speaks_text(), "claims": list(LEADS.values()),
    "annex": render("tactics.html", empty),
    "85 of 100": verdict(100 * change, np.full(100, 100.0)),
    "odds doubled": mark(Shares(0, 0, 1, 400), [], [Shares(0.3, 0, 0.7, 400)], 3.0),
}))
"""


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """The text of a module that a reader may see: its strings, but for docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.lineno, node.value


def seen() -> Iterator[tuple[str, int, str]]:
    """Everything under src that may be told: strings of modules, templates, the page and its scripts."""
    for room in TELLING:
        for path in sorted((SOURCE / room).rglob("*.py")):
            yield from ((path.relative_to(SOURCE).as_posix(), line, text) for line, text in strings(path))
        for ending in ("html", "js"):
            for path in sorted((SOURCE / room).rglob(f"*.{ending}")):
                text = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
                yield path.relative_to(SOURCE).as_posix(), 0, text


def test_no_words_of_a_threshold_stand_outside_the_lexicon() -> None:
    wrong = [
        f"{name}:{line}: {found[0]}"
        for name, line, text in seen()
        if name not in WORDED and (found := WORDS.search(text))
    ]
    assert wrong == []


def test_no_threshold_has_a_copy() -> None:
    wrong = [
        f"{path.relative_to(SOURCE)}: {found[0]}"
        for room in TELLING
        for path in sorted(path for ending in ("py", "js") for path in (SOURCE / room).rglob(f"*.{ending}"))
        for found in NUMBERS.finditer(path.read_text(encoding="utf-8"))
        if (path.name, found[0]) not in OTHERS
    ]
    assert wrong == []


def test_rooms_that_have_numbers_of_their_own_have_the_same() -> None:
    assert LIGHT == moved_structures.LIGHT == thresholds.LIGHT
    assert frozen.BAND == thresholds.EDGES
    assert behaviour.AGREEING == thresholds.AGREE
    assert idle.LEAST == thresholds.SMALL
    assert (idle.LOW, idle.HIGH) == thresholds.RANGE


def test_what_documents_and_the_story_say_of_a_threshold_is_so() -> None:
    said = threshold_words()
    method = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
    for words in (
        f"fewer than {said['agree_draws']} agree",
        f"more than {said['light']} of them",
        f"in {said['put_in']} of 2,000 draws",
        f"at least {said['learned']} its odds",
        f"{said['asked']} nats or more behind",
    ):
        assert words in method
    story = (ROOT / "reports" / "story.toml").read_text(encoding="utf-8")
    for word, means in (
        (said["range_versions"], f"The range that holds the middle {said['range_parts']} of the versions."),
        ("notably", f"By {said['notably']} or more."),
        ("surely", f"In {said['agree_versions']}, in every structure that is asked."),
    ):
        assert f'word = "{word}"\nmeans = "{means}"' in story
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"more than {said['light']} of the weight" in readme


def test_the_key_of_the_first_table_has_the_words_of_the_marks() -> None:
    from iskdyn.reports.effect_words import SPEAKS

    key = (SOURCE / "reports" / "templates" / "answer_table.html").read_text(encoding="utf-8")
    assert {*SPEAKS.values()} - {"open"} == set(re.findall(r"<b>([a-z ]+)</b>", key))


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a copy of the package tells in which every threshold is another."""
    folder = tmp_path_factory.mktemp("moved")
    shutil.copytree(SOURCE, folder / "iskdyn", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "iskdyn" / "telling" / "thresholds.py"
    text = path.read_text(encoding="utf-8")
    for name, value in MOVED.items():
        text, n = re.subn(rf"^{name} = [\d.(][^\n]*", f"{name} = {value}", text, flags=re.MULTILINE)
        assert n == 1, name
    path.write_text(text, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-c", TOLD], env={**os.environ, "PYTHONPATH": str(folder)}, cwd=folder,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def test_words_and_verdicts_follow_a_threshold_that_is_moved(moved) -> None:
    unchanged = {name for name, words in threshold_words().items() if moved["words"][name] == words}
    assert unchanged == set()
    assert moved["85 of 100"] == "lower"
    assert moved["odds doubled"] == "evidence"
    assert "fewer than eight draws of ten agree" in moved["speaks"]
    assert "at least doubled its odds" in moved["speaks"]
    assert "in 95 % of the draws" in moved["speaks"].replace("the same in", "in")
    assert "Bold: eight versions of ten agree" in moved["annex"]
    assert "at least three per cent" in moved["annex"]
    assert any(
        "holds in eight versions of ten, and the evidence at least doubled" in one for one in moved["claims"]
    )
    assert any("holds in two versions of ten or fewer" in one for one in moved["claims"])


def test_the_page_follows_as_well(moved, tmp_path) -> None:
    command = node_command()
    if command is None:
        pytest.skip("node is not installed")
    shutil.copytree(FOLDER / "js", tmp_path / "js")
    (tmp_path / "js" / "package.json").write_text('{"type": "module"}')
    (tmp_path / "js" / "case.js").write_text(
        f"globalThis.DATA = {{ lexicon: {json.dumps(moved['page'])} }};\n"
        'const { agreed, spreadOf } = await import("./statistics.js");\n'
        'const { verdictOf, differenceText, resultWords } = await import("./words.js");\n'
        "const change = Array.from({ length: 100 }, (_, i) => (i < 85 ? -100 : 100));\n"
        "const base = [100, 100, 100, 100, 100];\n"
        "const effect = { difference: spreadOf(change), base, agreed: agreed(change, []) };\n"
        'const words = resultWords({ clock: { start: "2021-07" }, outcomes: [] }, { until: 1 }, { n: 9 }, ["x"]);\n'
        "const small = { ...effect, agreed: true, difference: [-2.5, -2.5, -2.5, -2.5, -2.5] };\n"
        'const label = { label: "x", digits: 1 };\n'
        "console.log(JSON.stringify([verdictOf(label, effect), differenceText(label, small).text, words.opening]));\n"
    )
    done = subprocess.run(
        [command, "case.js"], cwd=tmp_path / "js", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    verdict, small, opening = json.loads(done.stdout)
    assert (verdict, small) == ("fewer", "about nil")
    assert "where eight of ten of them lie" in opening
