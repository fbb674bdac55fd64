"""Every file says which study it was made from, and `iskdyn verify` says what has changed since."""

from __future__ import annotations

import json

import pytest

from iskdyn.files import write_text_whole
from iskdyn.seal import read_stamp
from iskdyn.study import open_study
from iskdyn.study.stamp import PARTS, run_id, stamp

CHANGES = {
    # part: (file, text, its replacement); each leaves the study sound
    "model": ("models/tiny.mdl", "{UTF-8}", "{UTF-8}\n"),
    "settings": ("study.toml", "one group", "a group"),
    "evidence": ("models/evidence.csv", ",900,", ",901,"),
    "drivers": ("models/drivers.csv", ",0.1\n", ",0.2\n"),
    "observations": ("calibration/observations.csv", ",900,", ",901,"),
    "parameters": ("calibration/parameters.csv", "0.5,yes", "0.6,yes"),
    "scenarios": ("models/scenarios/no-arrests.toml", "never used", "not used"),
}
SAME = {
    "a blank line at the end": lambda text: text + "\n",
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "no line end at the end": lambda text: text.rstrip("\n"),
    "a mark of UTF-8": lambda text: "\ufeff" + text,
}
FILES = sorted({file for file, _, _ in CHANGES.values()} - {"models/tiny.mdl"})


@pytest.fixture
def written(tiny):
    """A file with a stamp of everything that the tiny study has."""
    file = tiny / "told.md"
    write_text_whole(file, f"<!-- {stamp(open_study(tiny))} -->\nsomething\n")
    return file


def test_a_file_of_the_study_as_it_is_verifies(tiny, written, iskdyn):
    assert iskdyn("verify", written, "--study", tiny).exit_code == 0


@pytest.mark.parametrize("part", CHANGES)
def test_what_has_changed_is_named(part, tiny, written, iskdyn):
    file, old, new = CHANGES[part]
    text = (tiny / file).read_text()
    assert old in text
    (tiny / file).write_text(text.replace(old, new, 1))
    result = iskdyn("verify", written, "--study", tiny, "--json")
    assert (result.exit_code, json.loads(result.stdout)[0]["changed"]) == (1, [part])


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("how", SAME)
def test_what_says_the_same_is_no_change(how, file, tiny, written, iskdyn):
    text = (tiny / file).read_text()
    changed = SAME[how](text)
    assert changed != text
    (tiny / file).write_bytes(changed.encode())
    result = iskdyn("verify", written, "--study", tiny, "--json")
    assert (result.exit_code, json.loads(result.stdout)[0]["changed"]) == (0, [])


def test_a_file_that_was_edited_is_seen(tiny, written, iskdyn):
    written.write_text(written.read_text().replace("something", "something else"))
    result = iskdyn("verify", written, "--study", tiny)
    assert (result.exit_code, "its own content" in result.stderr) == (1, True)


@pytest.mark.parametrize("content", [b"", b"none", b"iskdyn run 12: model", b"\x89HDF\r\n", b'{"status": 1}'])
@pytest.mark.parametrize("name", ["other.html", "other.json", "other.nc"])
def test_a_file_of_others_is_refused(name, content, tiny, iskdyn):
    (tiny / name).write_bytes(content)
    result = iskdyn("verify", tiny / name, "--study", tiny)
    assert (result.exit_code, "not ours" in result.stderr) == (2, True)


def test_a_missing_file_is_refused(tiny, iskdyn):
    assert iskdyn("verify", tiny / "none.csv", "--study", tiny).exit_code == 2


@pytest.mark.parametrize("ending", ["csv", "nc", "json"])
def test_a_run_carries_its_id(ending, tiny, iskdyn):
    file = tiny / f"run.{ending}"
    iskdyn("run", "--study", tiny, "--out", file)
    assert iskdyn("verify", file, "--study", tiny).exit_code == 0
    (tiny / "models/tiny.mdl").write_text((tiny / "models/tiny.mdl").read_text().replace("0.02", "0.03", 1))
    result = iskdyn("verify", file, "--study", tiny)
    assert (result.exit_code, "model has changed" in result.stderr) == (1, True)


def test_another_request_has_another_id(tiny, iskdyn):
    first, second = tiny / "a.csv", tiny / "b.csv"
    iskdyn("run", "--study", tiny, "--out", first)
    iskdyn("run", "--study", tiny, "--out", second, "--set", "arrest hazard=0.1")
    ids = [read_stamp(file).id for file in (first, second)]
    assert ids[0] != ids[1]


def test_the_same_request_has_the_same_id(tiny, iskdyn):
    files = tiny / "a.csv", tiny / "b.csv"
    for file in files:
        iskdyn("run", "--study", tiny, "--out", file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_table_with_an_id_is_still_a_table(tiny, iskdyn):
    import pandas as pd

    iskdyn("run", "--study", tiny, "--out", tiny / "a.csv")
    table = pd.read_csv(tiny / "a.csv")
    assert table["members [Person]"].dtype == float
    assert run_id(table["run"][0]) == read_stamp(tiny / "a.csv").id


def test_a_stored_fit_is_computed_again(tiny, iskdyn):
    iskdyn("fit", "--study", tiny, "--starts", "2", "--quiet")
    file = tiny / "calibration/results/fit.json"
    assert iskdyn("verify", file, "--study", tiny).exit_code == 0
    content = json.loads(file.read_text())
    content["objective"] -= 0.1
    file.write_text(json.dumps(content))
    result = iskdyn("verify", file, "--study", tiny)
    assert (result.exit_code, "its own content" in result.stderr) == (1, True)


def test_a_stored_fit_names_what_changed(tiny, iskdyn):
    iskdyn("fit", "--study", tiny, "--starts", "2", "--quiet")
    table = tiny / "calibration/observations.csv"
    table.write_text(table.read_text().replace(",900,", ",901,", 1))
    result = iskdyn("verify", "--study", tiny)
    assert (result.exit_code, "observations has changed" in result.stderr) == (1, True)


def test_without_a_file_everything_written_is_looked_at(tiny, iskdyn):
    iskdyn("fit", "--study", tiny, "--starts", "2", "--quiet")
    iskdyn("doc", "--study", tiny)
    rows = json.loads(iskdyn("verify", "--study", tiny, "--json").stdout)
    assert [row["file"].rpartition("/")[2] for row in rows] == ["fit.json", "model.html", "model.md"]
    assert not any(row["changed"] for row in rows)


def test_every_figure_and_table_of_a_page_carries_the_id(tiny, iskdyn):
    iskdyn("doc", "--study", tiny)
    page = (tiny / "reports/out/model.html").read_text()
    marked = page.count(f'data-run="{read_stamp(tiny / "reports/out/model.html").id}"')
    assert marked == page.count("<table") + page.count("<svg") > 0


def test_parts_that_a_study_lacks_are_left_out(tiny):
    line = stamp(open_study(tiny))
    told = [part.split(" ")[0] for part in line.partition(": ")[2].split(", ")]
    assert set(told) - {"content"} < set(PARTS)
    assert "posterior" not in told
