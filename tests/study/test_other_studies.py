"""An epidemic by days and an arms race by years go through the verbs, and neither is told in another study's words."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from iskdyn.cli import main
from iskdyn.study import find_study, open_study
from iskdyn.study.months import NAMES

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
STUDIES = {"conflict": ROOT, "epidemic": DATA / "epidemic", "arms race": DATA / "arms_race"}

VERBS = (
    ("run",), ("check",), ("fit", "--starts", "2"), ("profile",), ("posterior", "--draws", "4000", "--runs", "2"),
    ("variants",), ("score", "--draws", "200", "--runs", "2"), ("run", "--fitted"), ("check", "--idle"),
    ("effects", "--draws", "50"), ("compare", "late-isolation", "--draws", "50"), ("nulls",), ("cuts",),
    ("rules",), ("claims",), ("sensitivity", "--samples", "16"), ("ensemble", "--draws", "50", "--out", "{folder}"),
    ("loops",), ("confidence",), ("brief",), ("page",), ("doc",), ("report",), ("verify",),
)  # fmt: skip
"""In the order in which a user meets them; `recover`, which needs minutes, is left out."""
WITHOUT_PROGRESS = ("run", "loops", "doc", "verify", "--idle")

LACKING = {
    ("epidemic", "nulls"): "names no [groups]",
    ("epidemic", "cuts"): "calibration/cuts.toml: is not there",
    ("epidemic", "rules"): "calibration/rules.toml: is not there",
    ("epidemic", "claims"): "this study has no claims",
    ("arms race", "nulls"): "names no [groups]",
    ("arms race", "cuts"): "calibration/cuts.toml: is not there",
    ("arms race", "rules"): "calibration/rules.toml: is not there",
    ("arms race", "claims"): "this study has no claims",
    ("arms race", "effects"): "names no tactics",
    ("arms race", "compare"): "has no scenario",
    ("arms race", "brief"): "has no [brief]",
}
"""What a study has nothing of: the verb says so in one line."""
FAILING = {"--idle": {"epidemic"}, "confidence": set(STUDIES), "doc": set(STUDIES)}
"""Verbs, and the studies in which they find something to blame: a number that moves nothing, a misfit."""

EVERYDAY = {"against", "ever", "fall", "people", "state", "the", "those", "total", "money", "harm"}
"""Words of the studies' names that any text may use."""


@dataclass(frozen=True)
class Driven:
    """A study after all verbs: what each of them said, and its folder."""

    name: str
    folder: Path
    results: dict[tuple[str, ...], Result]


@pytest.fixture(scope="module", params=["epidemic", "arms race"])
def driven(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Driven:
    folder = tmp_path_factory.mktemp("study") / "copy"
    shutil.copytree(STUDIES[request.param], folder)
    results = {}
    for verb in VERBS:
        quiet = [] if set(verb) & set(WITHOUT_PROGRESS) else ["--quiet"]
        words = [word.format(folder=folder.with_name("runs")) for word in verb]
        results[verb] = CliRunner().invoke(main, [*words, *quiet, "--study", str(folder)])
    return Driven(request.param, folder, results)


@pytest.mark.slow
def test_every_verb_works_or_says_in_one_line_what_the_study_lacks(driven):
    for verb, result in driven.results.items():
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        lacking = LACKING.get((driven.name, verb[0]))
        if lacking:
            assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), (verb, result.stderr)
            assert lacking in result.stderr
        else:
            assert result.exit_code == int(any(driven.name in FAILING.get(word, ()) for word in verb)), (
                verb,
                result.stderr,
            )


@pytest.mark.slow
def test_no_output_holds_a_noun_of_another_study(driven):
    own = {word.lower() for text in _texts(STUDIES[driven.name]) for word in _words(text)}
    shown = [*_built(driven.folder), *(result.output for result in driven.results.values())]
    said = {word.lower() for text in shown for word in _words(text)}
    for name, root in STUDIES.items():
        if name != driven.name:
            found = sorted((_nouns(root) - own) & said)
            assert found == [], f"words of the {name} in the {driven.name}"


def test_no_template_and_no_module_of_the_page_holds_a_noun_of_a_study():
    nouns = set().union(*map(_nouns, STUDIES.values()))
    reports = ROOT / "src" / "iskdyn" / "reports"
    for path in (path for ending in ("html", "md", "js") for path in reports.rglob(f"*.{ending}")):
        text = re.sub(r"/\*.*?\*/|\{\{.*?\}\}|\{%.*?%\}|<[^>]*>", " ", path.read_text(), flags=re.DOTALL)
        found = ({word.lower() for word in _words(text)} & nouns) - {
            "arms"
        }  # arms are what a comparison runs
        assert sorted(found) == [], path.name


@pytest.mark.slow
def test_results_speak_of_the_studys_own_periods(driven):
    table = driven.results["run",].stdout.splitlines()[0]
    report = (driven.folder / "reports/out/index.html").read_text()
    if driven.name == "epidemic":
        assert table.split()[2:4] == ["1978-01-22", "1978-01-24"]
        assert "22 January 1978" in (driven.folder / "reports/out/brief.html").read_text()
        assert "4 February 1978" in report
    else:
        assert table.split()[2:5] == ["1909", "1910", "1911"]
        assert ">1909<" in report
    assert not re.search(r"\b20\d\d-\d\d\b", report)


@pytest.mark.slow
def test_the_fits_are_those_that_were_published(driven):
    from iskdyn.calibration import load_fit
    from iskdyn.study import FIT

    study = open_study(driven.folder)
    values = load_fit(study.stored(FIT), {}).constants
    if driven.name == "epidemic":
        # published fits of this model to these counts: 1.66 to 1.79 contacts a day, 1.85 to 2.3 days in bed
        assert 1.6 < values["contacts from bed"] < 1.8
        assert 1.8 < values["days in bed"] < 2.4
    else:
        # Richardson's line through the growth of the sum: 0.73 a year, nothing at a sum of 194; his is a
        # difference from year to year, so that the rate of the equation is near log(1 + 0.73 / (1 - 0.73 / 2)) = 0.76
        assert values["fear of the other"] - values["weariness"] == pytest.approx(0.76, abs=0.1)
        borne = values["Entente level borne"] + values["Alliance level borne"]
        assert borne == pytest.approx(194, abs=6)


def test_the_studies_are_found_by_their_folders():
    for root in STUDIES.values():
        assert find_study(root) == root


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z][A-Za-z'-]+", text)


def _nouns(root: Path) -> set[str]:
    """What a study alone speaks of: the words of its tactics, outcomes and groups, and its proper names."""
    settings = tomllib.loads((root / "study.toml").read_text())
    story = tomllib.loads((root / settings["story"]).read_text())
    names = [
        name for key in ("headline", "human_cost", "tactics", "groups") for name in settings.get(key, ())
    ]
    names += [outcome["label"] for outcome in story["outcomes"].values()]
    told = " ".join([settings["name"], settings["source"], *story["context"], *story["limits"]])
    proper = re.findall(r"(?<=[a-z,;] )[A-Z][A-Za-z-]{2,}", told)
    words = {word.lower() for name in names for word in _words(name) if len(word) > 3}
    return (words | {word.lower() for word in proper}) - EVERYDAY - {name.lower() for name in NAMES}


def _texts(root: Path) -> Iterator[str]:
    """The files of a study that its author wrote."""
    for path in root.rglob("*"):
        if path.suffix in (".toml", ".csv", ".mdl"):
            yield path.read_text(encoding="utf-8")


def _built(folder: Path) -> Iterator[str]:
    """What a reader sees of the files that were built."""
    for path in (folder / "reports" / "out").iterdir():
        if path.suffix in (".html", ".md"):
            seen = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", path.read_text(), flags=re.DOTALL)
            yield unescape(seen)
