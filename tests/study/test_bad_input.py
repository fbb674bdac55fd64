"""Each kind of bad file is one clear message with its place, and exit code 2."""

from __future__ import annotations

import pytest
from whole_tiny import LEVER

STUDY = "study.toml"
MODEL = "models/tiny.mdl"
EVIDENCE = "models/evidence.csv"
DRIVERS = "models/drivers.csv"
SCENARIO = "models/scenarios/no-arrests.toml"
OBSERVATIONS = "calibration/observations.csv"
PARAMETERS = "calibration/parameters.csv"

BAD_FILES = {
    # what is wrong: (file, text, its replacement, place, words of the message)
    "broken model": (
        MODEL,
        "members*arrest hazard*",
        "members*(arrest hazard*",
        "tiny.mdl:24",
        "')' is missing",
    ),
    "equation without end": (MODEL, "FINAL TIME  = 12", "FINAL TIME  = ", "tiny.mdl", ""),
    "unknown key": (STUDY, "headline =", "headlines =", "study.toml:13:headlines", "did you mean 'headline'"),
    "missing key": (STUDY, 'model = "models/tiny.mdl"', "", STUDY, "the key 'model' is missing"),
    "dates without a start": (
        STUDY,
        'start = "2021-07"',
        "",
        "study.toml:3:history_end",
        "give the key 'start'",
    ),
    "key of a wrong kind": (STUDY, 'human_cost = ["detained"]', "human_cost = 3", "study.toml:14", "a list"),
    "not TOML": (STUDY, "headline = [", "headline = [[", "study.toml:14:1", "is not TOML"),
    "bad start month": (STUDY, '"2021-07"', '"2021-13"', "study.toml:2:start", "YYYY-MM"),
    "unknown headline": (STUDY, '"members"', '"member"', "study.toml:13:member", "did you mean 'members'"),
    "human cost not first": (
        STUDY,
        '["detained", "members"',
        '["members", "detained"',
        "study.toml:13",
        "begin",
    ),
    "tactic is no constant": (
        STUDY,
        '"selective repression switch"',
        '"arrest"',
        "study.toml:15",
        "constant",
    ),
    "missing table": (STUDY, "models/drivers.csv", "models/driver.csv", "models/driver.csv", "is missing"),
    "missing column": (
        PARAMETERS,
        "name,kind,unit",
        "name,kind,units",
        f"{PARAMETERS}:1",
        "'unit' is missing",
    ),
    "unknown column": (PARAMETERS, ",note", ",notes", f"{PARAMETERS}:1", "did you mean 'note'"),
    "column twice": (DRIVERS, "basis,spread", "basis,basis,spread", f"{DRIVERS}:1", "twice"),
    "semicolons": (DRIVERS, ",", ";", f"{DRIVERS}:1", "separate them by ','"),
    "too few cells": (DRIVERS, "2021-07,1,Dmnl,E02,0.1", "2021-07,1,Dmnl,E02", f"{DRIVERS}:2", "6 cells; 7"),
    "broken quotes": (DRIVERS, "ACCESS,access table,2021-07", 'ACCESS,"access"x,2021-07', f"{DRIVERS}:2", ""),
    "NaN": (PARAMETERS, "Person/Month,0,200", "Person/Month,nan,200", f"{PARAMETERS}:2:lower", "'nan'"),
    "infinity": (PARAMETERS, "Person/Month,0,200", "Person/Month,0,inf", f"{PARAMETERS}:2:upper", "'inf'"),
    "a word for a number": (DRIVERS, "2021-08,0.9", "2021-08,many", f"{DRIVERS}:3:value", "'many'"),
    "empty cell": (
        PARAMETERS,
        "Person/Month,0,200",
        "Person/Month,,200",
        f"{PARAMETERS}:2:lower",
        "is empty",
    ),
    "reversed range": (
        PARAMETERS,
        "1/Month,0,0.5,l",
        "1/Month,0.5,0,l",
        f"{PARAMETERS}:3:lower",
        "swap them",
    ),
    "reversed interval": (OBSERVATIONS, "900,1100", "1100,900", f"{OBSERVATIONS}:2:low", "swap them"),
    "reversed window": (
        OBSERVATIONS,
        "2021-09,2022-06,,",
        "2022-06,2021-09,,",
        f"{OBSERVATIONS}:3:start",
        "swap",
    ),
    "bad month": (OBSERVATIONS, "2021-09", "Sept 2021", f"{OBSERVATIONS}:3:start", "YYYY-MM"),
    "date outside the horizon": (
        OBSERVATIONS,
        "2022-06,2022-06",
        "2022-06,2024-06",
        f"{OBSERVATIONS}:4:end",
        "2021-07 to 2023-06",
    ),
    "driver outside the horizon": (DRIVERS, "2021-07", "2021-06", f"{DRIVERS}:2:month", "2021-07 to 2023-06"),
    "duplicate id": (OBSERVATIONS, "\nO2,", "\nO1,", f"{OBSERVATIONS}:3:id", "already stands in line 2"),
    "duplicate month": (DRIVERS, "2021-08", "2021-07", f"{DRIVERS}:3:driver", "already stands in line 2"),
    "unknown choice": (OBSERVATIONS, ",mean,", ",average,", f"{OBSERVATIONS}:3:operation", "none of mean"),
    "unknown evidence": (OBSERVATIONS, "O1,E01", "O1,E91", f"{OBSERVATIONS}:2:evidence", "no evidence 'E91'"),
    "fitted to held evidence": (OBSERVATIONS, "O1,E01", "O1,E03", f"{OBSERVATIONS}:2:evidence", "held out"),
    "prior from held evidence": (PARAMETERS, "yes,E04", "yes,E03", f"{PARAMETERS}:2:source", "held out"),
    "a prediction of what was seen": (
        EVIDENCE,
        "Two,1,held",
        "Two,1,seen",
        f"{OBSERVATIONS}:4:fold",
        "evidence E03 was seen while the model was made",
    ),
    "fitted after the split": (
        STUDY,
        "start =",
        'split = "2021-08"\nstart =',
        f"{OBSERVATIONS}:3:fold",
        "2021-08",
    ),
    "unknown output": (
        OBSERVATIONS,
        ",members,",
        ",member,",
        f"{OBSERVATIONS}:2:output",
        "did you mean 'members'",
    ),
    "unknown bias": (OBSERVATIONS, "claim over truth", "claim", f"{OBSERVATIONS}:2:bias", "kind bias"),
    "no spread": (OBSERVATIONS, "log,0.1,claim", "log,0,claim", f"{OBSERVATIONS}:2:spread", "not above 0"),
    "no base window": (
        OBSERVATIONS,
        ",2021-07,2021-07,1.1",
        ",,,1.1",
        f"{OBSERVATIONS}:5:base_start",
        "base window",
    ),
    "unknown parameter": (
        PARAMETERS,
        "arrest hazard",
        "arest hazard",
        f"{PARAMETERS}:3:name",
        "'arrest hazard'",
    ),
    "unit differs": (PARAMETERS, "Person/Month", "Person", f"{PARAMETERS}:2:unit", "tiny.mdl:40"),
    "range differs": (PARAMETERS, "Month,0,200", "Month,0,300", f"{PARAMETERS}:2:upper", "200 in the model"),
    "default outside": (MODEL, "\t0.02\n", "\t0.7\n", f"{PARAMETERS}:3:lower", "the model's value 0.7"),
    "prior outside": (
        PARAMETERS,
        "lognormal,50,",
        "lognormal,500,",
        f"{PARAMETERS}:2:a",
        "outside of its range",
    ),
    "prior without numbers": (
        PARAMETERS,
        "lognormal,50,0.5",
        "lognormal,,0.5",
        f"{PARAMETERS}:2:a",
        "needs a and b",
    ),
    "driver differs": (DRIVERS, "2021-08,0.9", "2021-08,0.8", f"{DRIVERS}:3:value", "0.9 in 'access table'"),
    "driver without table": (
        DRIVERS,
        "access table",
        "acces table",
        f"{DRIVERS}:2:variable",
        "'access table'",
    ),
    "driver without point": (MODEL, "(1.5,0.9),", "", f"{DRIVERS}:3:month", "no point at time 1.5"),
    "point without driver": (MODEL, "(1.5,0.9),", "(1.5,0.9),(2,0.7),", "tiny.mdl:34", "a point at 2"),
    "scenario: unknown lever": (
        SCENARIO,
        '"selective repression switch"',
        '"switch"',
        f"{SCENARIO}:5:switch",
        "the model has no variable 'switch'",
    ),
    "scenario: out of range": (
        SCENARIO,
        'switch" = 0',
        'switch" = 2',
        SCENARIO,
        "outside of its range, 0 to 1",
    ),
    "scenario: outside the horizon": (SCENARIO, "2022-01", "2032-01", SCENARIO, "outside of the horizon"),
    "scenario: bad month": (SCENARIO, "2022-01", "2022-1", f"{SCENARIO}:9:2022-1", "YYYY-MM"),
    "scenario: a word": (SCENARIO, "= 0.8", '= "high"', f"{SCENARIO}:9:2022-01", "expected a number"),
    "scenario: NaN": (SCENARIO, "= 0.8", "= nan", f"{SCENARIO}:9:2022-01", "expected a number, got nan"),
    "scenario: unknown key": (SCENARIO, "title", "titel", f"{SCENARIO}:1:titel", "did you mean 'title'"),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_bad_file_is_refused_with_its_place(what, tiny, iskdyn):
    file, old, new, place, words = BAD_FILES[what]
    text = (tiny / file).read_text()
    assert old in text
    (tiny / file).write_text(text.replace(old, new, -1 if old == "," else 1))
    result = iskdyn("run", "--study", tiny)
    assert result.exit_code == 2, result.output
    assert any(line.startswith(place) and words in line for line in result.stderr.splitlines()), result.stderr


@pytest.mark.parametrize("file", [STUDY, MODEL, EVIDENCE, DRIVERS, SCENARIO, OBSERVATIONS, PARAMETERS])
@pytest.mark.parametrize("content", [b"", b" \n\n", b"\x00\xff\xfe\x00"], ids=["empty", "blank", "binary"])
def test_file_that_is_no_text_is_refused(file, content, tiny, iskdyn):
    (tiny / file).write_bytes(content)
    result = iskdyn("run", "--study", tiny)
    assert result.exit_code == 2, result.output
    assert file.rsplit("/", 1)[-1] in result.stderr


def test_header_without_rows_is_refused(tiny, iskdyn):
    (tiny / DRIVERS).write_text("driver,variable,month,value,unit,basis,spread\n")
    result = iskdyn("run", "--study", tiny)
    assert (result.exit_code, "no rows" in result.stderr) == (2, True)


def test_huge_file_is_refused(tiny, iskdyn):
    (tiny / DRIVERS).write_text("x" * 4_000_001)
    result = iskdyn("run", "--study", tiny)
    assert (result.exit_code, "4,000,001 bytes" in result.stderr) == (2, True)


def test_all_problems_are_reported_at_once(tiny, iskdyn):
    for file, old, new in ((PARAMETERS, "0,200", "0,nan"), (OBSERVATIONS, ",mean,", ",average,")):
        text = (tiny / file).read_text()
        (tiny / file).write_text(text.replace(old, new))
    result = iskdyn("run", "--study", tiny)
    assert f"{PARAMETERS}:2:upper" in result.stderr
    assert f"{OBSERVATIONS}:3:operation" in result.stderr
    assert f"{OBSERVATIONS}:5:operation" in result.stderr


WINDOWS = "2022-01,2022-06,2021-07,2021-07"


@pytest.mark.parametrize(
    ("windows", "fold", "opens"),
    [
        (WINDOWS, "fit", "2022-01"),
        (WINDOWS, "held", ""),
        (WINDOWS, "seen", ""),
        ("2021-07,2021-08,2022-05,2022-06", "fit", "2022-05"),
        ("2021-07,2021-08,2022-05,2022-06", "seen", ""),
        ("2021-12,2022-06,2021-07,2021-07", "fit", ""),
    ],
)
def test_a_row_is_fitted_only_if_no_window_of_it_opens_after_the_split(windows, fold, opens, tiny, iskdyn):
    text = (tiny / OBSERVATIONS).read_text()
    row = next(line for line in text.splitlines() if line.startswith("O4"))
    changed = row.replace(WINDOWS, windows).replace(",author,fit,", f",author,{fold},")
    (tiny / OBSERVATIONS).write_text(text.replace(row, changed))
    (tiny / STUDY).write_text('split = "2021-12"\n' + (tiny / STUDY).read_text())
    result = iskdyn("run", "--study", tiny)
    assert result.exit_code == (2 if opens else 0), result.stderr
    if opens:
        assert f"{OBSERVATIONS}:5:fold: a window opens after the split, 2021-12: {opens}" in result.stderr


def test_utf8_mark_and_windows_line_ends_are_read(tiny, iskdyn):
    text = (tiny / DRIVERS).read_text()
    (tiny / DRIVERS).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert iskdyn("run", "--study", tiny).exit_code == 0


@pytest.mark.parametrize("verb", ["read", "run"])
def test_bad_data_of_a_model_is_refused_and_what_they_leave_open_is_told(verb, tmp_path, iskdyn):
    clock = "FINAL TIME = 4~~|\nINITIAL TIME = 0~~|\nTIME STEP = 1~~|\nSAVEPER = 1~~|\n"
    model, data = tmp_path / "a model.mdl", tmp_path / "its data.csv"
    model.write_text("{UTF-8}\noil price~~|\n" + clock)
    data.write_text("time,oil price\n0,1\n2,dear\n")
    result = iskdyn(verb, model, "--data", data)
    assert (result.exit_code, "its data.csv:3: 'oil price' is 'dear'" in result.stderr) == (2, True)
    data.write_text("time,oil price\n0,1\n2,3\n")
    result = iskdyn(verb, model, "--data", data)
    assert (result.exit_code, "note: its data.csv: 'oil price' has times 0 to 2" in result.stderr) == (
        0,
        True,
    )


def test_pysd_is_not_given_data_that_it_cannot_take(tiny, iskdyn):
    result = iskdyn("run", tiny / MODEL, "--data", tiny / DRIVERS, "--engine", "pysd")
    assert (result.exit_code, "PySD reads the file by itself" in result.stderr) == (2, True)


def test_folder_without_a_study_is_refused(tmp_path, iskdyn):
    result = iskdyn("run", "--study", tmp_path)
    assert (result.exit_code, "holds no study.toml" in result.stderr) == (2, True)


def test_json_carries_the_problems(tiny, iskdyn):
    import json

    result = iskdyn("run", "--study", tiny, "--json", "--set", "arest hazard=1")
    problems = json.loads(result.stdout)["problems"]
    assert [set(problem) for problem in problems] == [{"place", "message"}]


LONG = [
    "ask", "assimilate --facts x.csv", "brief", "check", "check --idle", "claims", "compare no-arrests", "confidence",
    "cuts", "doc", "effects", "ensemble --draws 9 --out x", "fit", "freeze", "loops", "nulls", "page", "posterior",
    "profile", "recover", "report", "rules", "score", "sensitivity", "variants", "weights",
]  # fmt: skip
"""Verbs of a study that take long, or that need its files later."""


@pytest.mark.parametrize("verb", LONG)
def test_every_file_is_read_before_long_work_begins(tiny, iskdyn, verb):
    """The study opens; names that other files do not have are told at once, of all of them."""
    (tiny / "models" / "trials.toml").write_text(
        '[[case]]\nname = "a"\nset = { "no such number" = 1 }\nexpect = [{ of = "members", at_most = 1 }]\n'
    )
    (tiny / "models" / "levers.toml").write_text(
        LEVER.replace('name = "selective repression switch"', 'name = "no such lever"')
    )
    (tiny / "calibration" / "variants.toml").write_text(
        '[[variant]]\nname = "a"\n[[variant]]\nname = "b"\nset = { "no such constant" = 1 }\n'
    )
    result = iskdyn(*verb.split(), "--study", tiny)
    assert result.exit_code == 2
    for word in ("no such number", "no such lever", "no such constant"):
        assert word in result.stderr


@pytest.mark.parametrize("verb", ["run", "verify", "effects"])
def test_the_form_of_every_file_is_checked_at_opening(tiny, iskdyn, verb):
    """Misspelt keys and wrong kinds of all files at once, each at its line, whatever is asked."""
    (tiny / "models" / "trials.toml").write_text(
        '[[case]]\nname = "a"\nset = {}\nexpect = [\n  { of = "members", at_mots = 1 },\n]\n'
    )
    (tiny / "models" / "levers.toml").write_text('[[levers]]\nname = "a"\n')
    (tiny / "models" / "conditions.toml").write_text('[[conditions]]\nsays = "a"\n')
    (tiny / "calibration" / "variants.toml").write_text(
        '[[variant]]\nname = "a"\n[[variant]]\nname = "b"\nset = { "arrest hazard" = "high" }\n'
    )
    result = iskdyn(verb, "--study", tiny)
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "models/levers.toml: the key 'lever' is missing",
        "models/levers.toml:1:levers: the key 'levers' is not known; did you mean 'lever'?",
        "models/trials.toml:5:at_mots: the key 'at_mots' is not known; did you mean 'at_most'?",
        "calibration/variants.toml:5:arrest hazard: expected a number, got 'high'",
        "models/conditions.toml:1:conditions: the key 'conditions' is not known; did you mean 'condition'?",
    ]


def test_never_more_names_tactics(tiny, iskdyn):
    settings = tiny / "study.toml"
    settings.write_text('never_more = ["selective repressions"]\n' + settings.read_text())
    result = iskdyn("run", "--study", tiny)
    assert result.exit_code == 2
    assert (
        "the study has no tactic 'selective repressions'; did you mean 'selective repression'"
        in result.stderr
    )


def test_hidden_files_beside_the_scenarios_are_none(tiny, iskdyn):
    scenarios = tiny / "models" / "scenarios"
    for name in ("._no-arrests.toml", ".#later.toml"):
        (scenarios / name).write_bytes(b"\x00\x05\x16\x07")
    assert iskdyn("run", "--study", tiny).exit_code == 0


def test_a_damaged_table_is_told_in_few_lines(tiny, iskdyn):
    rows = (tiny / DRIVERS).read_text().splitlines()
    rows += [f"X{i},access table,2021-07,many,Dmnl,E02,0.1" for i in range(1000)]
    (tiny / DRIVERS).write_text("\n".join(rows))
    lines = iskdyn("run", "--study", tiny).stderr.splitlines()
    assert lines[0].startswith(f"{DRIVERS}:")
    assert len(lines) == 21
    assert lines[-1] == f"{DRIVERS}: 980 problems more like these"


def test_evidence_that_cannot_be_read_is_not_told_of_every_row_that_cites_it(tiny, iskdyn):
    (tiny / EVIDENCE).write_text("idd," + (tiny / EVIDENCE).read_text().partition(",")[2])
    lines = iskdyn("run", "--study", tiny).stderr.splitlines()
    assert lines == [
        f"{EVIDENCE}:1: the column 'id' is missing",
        f"{EVIDENCE}:1: the column 'idd' is not known; did you mean 'id'?",
    ]
