"""The verbs as a user types them, on the tiny study and on plain models."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import xarray as xr

import iskdyn as package
from iskdyn import calibration
from iskdyn.cli import main
from iskdyn.cli.run import ENGINES

VERBS = sorted(main.commands)
TEST_MODELS = Path(__file__).parents[3] / "shared" / "test-models"
COMMAND = [sys.executable, "-m", "iskdyn.cli"]


def test_run_shows_human_cost_first(tiny, iskdyn):
    result = iskdyn("run", "--study", tiny)
    assert result.exit_code == 0
    names = [line.split("  ")[0] for line in result.stdout.splitlines()]
    assert names == ["output", "detained", "members", "recruitment"]


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree(engine, tiny, iskdyn):
    result = iskdyn("run", "--study", tiny, "--engine", engine, "--json")
    found = json.loads(result.stdout)
    assert found["month"][:2] == ["2021-07", "2021-08"]
    assert found["outputs"]["detained"]["unit"] == "Person"
    assert found["outputs"]["detained"]["values"][-1] == pytest.approx(242.1160, abs=1e-3)


def test_set_changes_a_constant_and_a_first_value(tiny, iskdyn):
    result = iskdyn("run", "--study", tiny, "--json", "--set", "Arrest_Hazard=0", "--set", "members = 10")
    outputs = json.loads(result.stdout)["outputs"]
    assert max(outputs["detained"]["values"]) == 0
    assert outputs["members"]["values"][0] == 10


def test_series_replaces_a_variable_over_time(tiny, iskdyn):
    file = tiny / "series.csv"
    file.write_text("time,value\n2021-07,10\n2021-09,30\n")
    result = iskdyn("run", "--study", tiny, "--json", "--series", f"recruitment={file}")
    values = json.loads(result.stdout)["outputs"]["recruitment"]["values"]
    assert values[:5] == pytest.approx([10, 15, 25, 30, 30])


def test_scenario_by_name_equals_scenario_by_file(tiny, iskdyn):
    named = iskdyn("run", "--study", tiny, "--json", "--scenario", "no-arrests")
    file = shutil.copy(tiny / "models/scenarios/no-arrests.toml", tiny / "mine.toml")
    assert iskdyn("run", "--study", tiny, "--json", "--scenario", file).stdout == named.stdout
    outputs = json.loads(named.stdout)["outputs"]
    assert max(outputs["detained"]["values"]) == 0
    assert outputs["recruitment"]["values"][-1] == pytest.approx(40)


def test_set_goes_over_the_scenario(tiny, iskdyn):
    change = ("--scenario", "no-arrests", "--set", "Selective_Repression switch=1")
    result = iskdyn("run", "--study", tiny, "--json", *change)
    assert json.loads(result.stdout)["outputs"]["detained"]["values"][-1] > 0


@pytest.mark.parametrize(("until", "last"), [("2021-09", 3.0), ("2023-06", 24.0), ("4", 4.0)])
def test_until_ends_the_run_after_the_month(until, last, tiny, iskdyn):
    result = iskdyn("run", "--study", tiny, "--json", "--until", until)
    assert json.loads(result.stdout)["time"][-1] == last


@pytest.mark.parametrize("ending", ["csv", "nc", "json"])
def test_out_writes_the_whole_run(ending, tiny, iskdyn):
    file = tiny / "new" / f"run.{ending}"
    assert iskdyn("run", "--study", tiny, "--out", file).exit_code == 0
    if ending == "nc":
        with xr.open_dataset(file) as found:
            assert found["members"].attrs["units"] == "Person"
            assert found.sizes == {"time": 13}
    else:
        text = file.read_text()
        start = {"csv": "time,month,detained [Person],members [Person]", "json": "{"}[ending]
        assert text.startswith(start)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_failed_run_leaves_the_old_file(tiny, iskdyn):
    file = tiny / "run.csv"
    file.write_text("old")
    assert iskdyn("run", "--study", tiny, "--out", file, "--set", "arrest hazard=9").exit_code == 2
    assert file.read_text() == "old"


def test_model_without_a_study_runs_in_its_own_time(tiny, iskdyn):
    model = tiny / "models/tiny.mdl"
    result = iskdyn("run", model, "--until", "2", "--set", "arrest hazard=0.1", "--json")
    found = json.loads(result.stdout)
    assert found["time"] == [0, 1, 2]
    assert list(found["outputs"]) == ["members", "detained"]
    assert "month" not in found


def test_model_without_a_study_takes_series_and_scenario_in_model_time(tiny, iskdyn):
    series, scenario = tiny / "s.csv", tiny / "s.toml"
    series.write_text("time,value\n0,0\n2,4\n")
    scenario.write_text('[set]\n"arrest hazard" = 0\n')
    change = ("--series", f"recruitment={series}", "--scenario", scenario, "--outputs", "recruitment,arrest")
    result = iskdyn("run", tiny / "models/tiny.mdl", *change, "--until", "3", "--json")
    outputs = json.loads(result.stdout)["outputs"]
    assert outputs["recruitment"]["values"] == pytest.approx([0, 2, 4, 4])
    assert outputs["arrest"]["values"] == [0, 0, 0, 0]


@pytest.mark.parametrize("ending", ["mdl", "xmile"])
def test_any_vensim_or_xmile_model_runs(ending, iskdyn):
    if not TEST_MODELS.is_dir():
        pytest.skip(f"{TEST_MODELS} is not here")
    result = iskdyn("run", TEST_MODELS / "samples/SIR" / f"SIR.{ending}", "--json")
    assert result.exit_code == 0, result.stderr
    outputs = {name.lower(): one["values"] for name, one in json.loads(result.stdout)["outputs"].items()}
    # The last row of the output that comes with the model, to its printed precision.
    assert outputs["recovered"][-1] == pytest.approx(590.771, abs=1e-3)
    assert outputs["susceptible"][-1] == pytest.approx(412.158, abs=1e-3)


# A stock that loses half of itself each month, by Euler steps of a month: 100, 50, 25, 12.5.
HALVING = {
    "mdl": """s = INTEG(-loss, 100) ~ Person ~|
loss = s*share ~ Person/Month ~|
share = 0.5 ~ 1/Month ~|
INITIAL TIME = 0 ~ Month ~|
FINAL TIME = 3 ~ Month ~|
TIME STEP = 1 ~ Month ~|
SAVEPER = 1 ~ Month ~|
""",
    "xmile": """<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><vendor>by hand</vendor><product version="1.0">by hand</product></header>
<sim_specs method="euler" time_units="Month"><start>0</start><stop>3</stop><dt>1</dt></sim_specs>
<model><variables>
<stock name="s"><eqn>100</eqn><outflow>loss</outflow><units>Person</units></stock>
<flow name="loss"><eqn>s*share</eqn><units>Person/Month</units></flow>
<aux name="share"><eqn>0.5</eqn><units>1/Month</units></aux>
</variables></model></xmile>
""",
}


@pytest.mark.parametrize("ending", HALVING)
def test_a_model_written_by_hand_runs(ending, tmp_path, iskdyn):
    path = tmp_path / f"halving.{ending}"
    path.write_text(HALVING[ending])
    result = iskdyn("run", path, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["outputs"]["s"]["values"] == [100.0, 50.0, 25.0, 12.5]


@pytest.mark.parametrize(
    ("last", "counts"), [("12.5", "agree 2 of 3, {}, disputed 0"), ("15.5", "{}, disputed 2")]
)
def test_conformance_holds_models_written_by_hand_against_their_output(last, counts, tmp_path, iskdyn):
    for ending, text in HALVING.items():
        (tmp_path / ending).mkdir()
        (tmp_path / ending / f"halving.{ending}").write_text(text)
        (tmp_path / ending / "output.tab").write_text(f"Time\ts\n0\t100\n1\t50\n2\t25\n3\t{last}\n")
    (tmp_path / "broken.mdl").write_text("x = (1\n~~|\n")
    result = iskdyn("conformance", tmp_path)
    assert counts.format("judged 0, refused 1") in result.stdout
    assert result.exit_code == (0 if last == "12.5" else 1)


def test_missing_model_is_refused(tmp_path, iskdyn):
    result = iskdyn("run", tmp_path / "none.mdl")
    assert (result.exit_code, "none.mdl" in result.stderr) == (2, True)


def test_check_passes_on_a_good_study(tiny, iskdyn):
    result = iskdyn("check", "--study", tiny, "--json")
    assert result.exit_code == 0, result.stderr
    assert all(check["passed"] for check in json.loads(result.stdout))


def test_fit_stores_its_result(tiny, iskdyn):
    result = iskdyn("fit", "--study", tiny, "--starts", "2")
    assert result.exit_code == 0, result.stderr
    assert "3 of 3 fitted observations hold" in result.stdout
    stored = json.loads((tiny / "calibration/results/fit.json").read_text())
    assert stored["status"] == "converged"


def test_fitted_run_starts_from_the_stored_fit(tiny, iskdyn):
    assert iskdyn("run", "--study", tiny, "--fitted").exit_code == 2
    iskdyn("fit", "--study", tiny, "--starts", "2")
    stored = json.loads((tiny / "calibration/results/fit.json").read_text())
    (value,) = (row["value"] for row in stored["parameters"] if row["name"] == "recruits per month")
    found = json.loads(iskdyn("run", "--study", tiny, "--fitted", "--json").stdout)
    assert found["outputs"]["recruitment"]["values"][0] == pytest.approx(value)


def test_fitted_run_refuses_a_fit_of_another_study(tiny, iskdyn):
    iskdyn("fit", "--study", tiny, "--starts", "2")
    drivers = tiny / "models/drivers.csv"
    drivers.write_text(drivers.read_text().replace("E02,0.1", "E02,0.2"))
    result = iskdyn("run", "--study", tiny, "--fitted")
    assert (result.exit_code, "has changed since the fit" in result.stderr) == (2, True)


def test_fit_refuses_an_unknown_parameter(tiny, iskdyn):
    result = iskdyn("fit", "--study", tiny, "--free", "arest hazard")
    assert (result.exit_code, "arest hazard" in result.stderr) == (2, True)


GROWTH = "{UTF-8}\ns = INTEG(s, 1) ~~|\nFINAL TIME = 1 ~~|\nINITIAL TIME = 0 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n"


@pytest.mark.parametrize(
    ("method", "value"), [("euler", 2.0), ("rk2", 2.5), ("rk4", 2 + 1 / 2 + 1 / 6 + 1 / 24)]
)
def test_the_method_of_integration_can_be_chosen(method, value, tmp_path, iskdyn):
    (tmp_path / "growth.mdl").write_text(GROWTH)
    found = json.loads(iskdyn("run", tmp_path / "growth.mdl", "--method", method, "--json").stdout)
    assert found["outputs"]["s"]["values"] == [1.0, pytest.approx(value)]
    assert found["attributes"]["method"] == method


def test_every_verb_that_runs_the_model_has_the_method():
    without = {name for name in VERBS if "method" not in {one.name for one in main.commands[name].params}}
    assert without == {"conformance", "freeze", "init", "read", "verify"}


def test_results_of_one_method_do_not_belong_to_another(tiny, iskdyn):
    iskdyn("fit", "--study", tiny, "--starts", "2")
    assert iskdyn("run", "--study", tiny, "--fitted").exit_code == 0
    result = iskdyn("run", "--study", tiny, "--fitted", "--method", "rk4")
    assert (result.exit_code, "has changed since the fit" in result.stderr) == (2, True)


def test_the_seed_chooses_the_random_numbers(tmp_path, iskdyn):
    path = tmp_path / "noise.mdl"
    path.write_text(GROWTH + "r = RANDOM UNIFORM(0, 1, 0) ~~|\n")

    def drawn(*more):
        return json.loads(iskdyn("run", path, "--outputs", "r", "--json", *more).stdout)["outputs"]["r"][
            "values"
        ]

    assert drawn() == drawn("--seed", "1") != drawn("--seed", "0")
    path.write_text(path.read_text() + "NOISE SEED = 7 ~~|\n")
    assert drawn() == drawn("--seed", "7") != drawn("--set", "NOISE SEED=8")


def test_what_is_run_otherwise_is_told_in_one_line(tmp_path, iskdyn):
    path = tmp_path / "late.mdl"
    path.write_text(GROWTH + "late = DELAY N(s, 2, 0, 3) ~~|\n")
    result = iskdyn("run", path)
    assert result.exit_code == 0
    assert "note: late.mdl:7: 'late': DELAY N of 3 stages in 2 runs with 2" in result.stderr


def test_conformance_names_what_passes_and_what_is_refused(tmp_path, iskdyn):
    if not TEST_MODELS.is_dir():
        pytest.skip(f"{TEST_MODELS} is not here")
    shutil.copytree(TEST_MODELS / "samples/simple_harmonic_oscillator", tmp_path / "good")
    (tmp_path / "broken.mdl").write_text("x = (1\n~~|\n")
    result = iskdyn("conformance", tmp_path)
    assert result.exit_code == 0, result.stderr
    assert "agree 1 of 2, judged 0, refused 1, disputed 0, failed 0" in result.stdout


def test_conformance_refuses_a_folder_without_models(tmp_path, iskdyn):
    result = iskdyn("conformance", tmp_path)
    assert (result.exit_code, "holds no model" in result.stderr) == (2, True)


def test_python_does_what_the_command_does(tiny, iskdyn):
    study = package.open_study(tiny)
    run = study.run({"arrest hazard": 0.1}, outputs=["members"], until="2021-12")
    change = ("--set", "arrest hazard=0.1", "--outputs", "members", "--until", "2021-12")
    found = json.loads(iskdyn("run", "--study", tiny, "--json", *change).stdout)
    assert run["members"].values.tolist() == found["outputs"]["members"]["values"]
    assert run["members"].attrs["units"] == "Person"


def test_study_is_found_upward(tiny, monkeypatch):
    monkeypatch.chdir(tiny / "models" / "scenarios")
    assert package.open_study().root == tiny


HELP = """
import sys
from click.testing import CliRunner
from iskdyn.cli import main
for verb in sys.argv[1:]:
    found = CliRunner().invoke(main, [verb, "--help"] if verb != "iskdyn" else ["--help"])
    assert found.exit_code == 0 and "--help" in found.output, verb
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_help_answers_at_once_since_nothing_slow_is_imported():
    """What takes a tenth of a second and more to import; by hand the help takes 0.18 s of processor."""
    done = subprocess.run(
        [sys.executable, "-c", HELP, "iskdyn", *VERBS], capture_output=True, text=True, check=True
    )
    slow = {
        "numpy",
        "scipy",
        "pandas",
        "xarray",
        "numba",
        "pysd",
        "matplotlib",
        "sklearn",
        "jinja2",
        "networkx",
    }
    assert slow & set(done.stdout.split()) == set()


def test_command_in_its_own_process(tiny):
    done = subprocess.run(
        [*COMMAND, "run", "--set", "arest hazard=1"], cwd=tiny, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert (
        done.stderr
        == "'arest hazard' is not a lever of tiny; did you mean 'arrest hazard', 'quiet exit hazard'?\n"
    )


def test_interrupted_fit_keeps_the_best_and_exits_130(tiny, iskdyn, monkeypatch):
    """Ctrl-C comes when the second start is reported; a shell may have started the tests with it ignored."""

    class Bar(contextlib.nullcontext):
        n, total, starts = 0, None, 0

        def __enter__(self):
            return self

        def set_postfix_str(self, text, refresh):
            self.starts += 1

        def update(self, by):
            if self.starts == 2:
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("iskdyn.output.progress_bar", lambda *_, **__: Bar())
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        result = iskdyn("fit", "--study", tiny, "--starts", "1000")
    finally:
        signal.signal(signal.SIGINT, before)
    assert result.exit_code == 130
    assert "interrupted after" in result.stdout
    stored = json.loads((tiny / "calibration/results/fit.json").read_text())
    assert (stored["status"], len(stored["starts"])) == ("interrupted", 2)


def test_an_interrupted_fit_does_not_replace_a_finished_one(tiny, iskdyn, monkeypatch):
    results = tiny / "calibration" / "results"
    assert iskdyn("fit", "--study", tiny, "--starts", "2").exit_code == 0
    finished = (results / "fit.json").read_text()
    whole = calibration.fit
    monkeypatch.setattr(
        calibration, "fit", lambda study, **kw: replace(whole(study, **kw), status="interrupted")
    )
    assert iskdyn("fit", "--study", tiny, "--starts", "1").exit_code == 130
    assert (results / "fit.json").read_text() == finished
    assert json.loads((results / "fit-interrupted.json").read_text())["status"] == "interrupted"


def test_a_fit_stopped_before_anything_was_reached_stores_nothing(tiny, iskdyn, monkeypatch):
    def stopped(study, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(calibration, "fit", stopped)
    assert iskdyn("fit", "--study", tiny).exit_code == 130
    assert list((tiny / "calibration" / "results").glob("**/*.*")) == []


def test_a_run_says_which_values_it_starts_from(tiny, iskdyn):
    assert "before any fit" in iskdyn("run", "--study", tiny).stderr


@pytest.mark.parametrize(("text", "value"), [("x=100-20-5~~|", "75"), ("a=3~~|x=a*Time/Time~~|", "3")])
def test_a_model_without_stocks_shows_what_it_has(text, value, tmp_path, iskdyn):
    clock = "INITIAL TIME=1~~|FINAL TIME=3~~|TIME STEP=1~~|SAVEPER=TIME STEP~~|"
    (tmp_path / "flat.mdl").write_text(text + clock)
    result = iskdyn("run", tmp_path / "flat.mdl")
    assert result.stdout.splitlines()[1].split() == ["x", value, value, value]
