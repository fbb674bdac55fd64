"""Each confidence test goes red on the defect that it is there for, unless a reason is written down."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from iskdyn.calibration import fit, load_fit, spread, store_fit
from iskdyn.confidence import behaviour, extremes, parameters, steps
from iskdyn.confidence.battery import TESTS, read_judgements, run_battery
from iskdyn.confidence.behaviour import Subject
from iskdyn.errors import StudyError
from iskdyn.study import open_study

MODEL = "models/tiny.mdl"
TRIALS = """
[[case]]
name = "nobody is sought: nobody is held"
set = { "selective repression switch" = 0.0 }
expect = [{ of = "arrest", at_most = 0.0 }, { of = "members", at_least = 0.0 }]
[family]
name = "a shop"
set = { "selective repression switch" = 0.0, "recruits per month" = 0.0 }
stock = "members"
inflow = "recruitment"
hazard = "quiet exit hazard"
"""
LOOPS = """
outcomes = ["members"]
[[loop]]
name = "arrests"
words = "Members are taken."
through = ["members"]
[loop.cut]
set = { "arrest hazard" = 0.0 }
expect = [{ of = "members", is = "higher" }]
why = "Nobody is taken."
"""
JUDGEMENTS = """test,check,reason
structure assessment,,read by two people
surprise behaviour,,none filed
system improvement,,open
"""


@pytest.fixture
def trial(tiny):
    """The tiny study with an extreme case, a plain instance, a cut and judgements."""
    (tiny / "models/trials.toml").write_text(TRIALS)
    (tiny / "models/loops.toml").write_text(LOOPS)
    (tiny / "reports").mkdir()
    (tiny / "reports/judgements.csv").write_text(JUDGEMENTS)
    return tiny


@pytest.fixture(scope="module")
def fitted_file(tmp_path_factory) -> Path:
    """A stored fit of the tiny study."""
    root = tmp_path_factory.mktemp("fitted") / "tiny"
    shutil.copytree(Path(__file__).parent.parent / "data/tiny", root)
    study = open_study(root)

    path = root / "fit.json"
    store_fit(fit(study, starts=2), path, study)
    return path


@pytest.fixture
def subject(trial, fitted_file):
    """The trial study with a fit and draws."""
    study = open_study(trial)
    fit = load_fit(fitted_file)
    return Subject(study, fit, spread(study, fit, 30, 1))


def changed(root: Path, file: str, old: str, new: str):
    text = (root / file).read_text()
    assert old in text
    (root / file).write_text(text.replace(old, new, 1))
    return open_study(root)


STUDY_DEFECTS = {
    extremes.check_equations: (
        MODEL,
        "members*quiet exit hazard",
        "members*quiet exit hazard*members/members",
    ),
    extremes.check_cases: (MODEL, "members*arrest hazard*", "1+members*arrest hazard*"),
    extremes.check_family: (MODEL, "\tmembers*quiet exit hazard", "\t2*members*quiet exit hazard"),
    steps.check_order: (MODEL, "recruits per month*access table(Time)", "recruits per month*STEP(1, 3.01)"),
    steps.check_drains: (MODEL, "members*quiet exit hazard", "members*quiet exit hazard*900"),
    steps.check_fading: (MODEL, "members*quiet exit hazard", "SQRT(members)*quiet exit hazard"),
}


@pytest.mark.parametrize("check", STUDY_DEFECTS, ids=lambda check: check.__name__)
def test_a_check_of_the_model_passes_and_fails_on_its_defect(check, trial):
    sound = check(open_study(trial))
    assert sound.passed, sound.problems
    broken = check(changed(trial, *STUDY_DEFECTS[check]))
    assert not broken.passed
    assert broken.problems


def test_a_study_without_a_plain_instance_fails_the_family_test(tiny):
    assert not extremes.check_family(open_study(tiny)).passed


def test_a_case_says_what_was_said_and_what_came(trial):
    study = changed(trial, "models/trials.toml", "at_least = 0.0", "at_least = 5000.0")
    (problem,) = extremes.check_cases(study).problems
    assert problem.place == "models/trials.toml: nobody is sought: nobody is held"
    assert "'members' should be at least 5000" in problem.message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('of = "arrest"', 'of = "arrests"', "did you mean 'arrest'"),
        ("at_most = 0.0", "atmost = 0.0", "the key 'atmost' is not known"),
        ('set = { "selective repression switch" = 0.0 }\n', "", "changes nothing"),
        ("[family]", "[families]", "the key 'families' is not known"),
    ],
)
def test_a_wrong_file_of_cases_is_refused_with_its_place(trial, old, new, words):
    with pytest.raises(StudyError, match=words) as caught:
        extremes.check_cases(changed(trial, "models/trials.toml", old, new))
    assert all(one.place.startswith("models/trials.toml") for one in caught.value.problems)


def test_cut_loops_must_go_the_expected_way(subject):
    assert behaviour.check_cuts(subject).passed
    study = changed(subject.study.root, "models/loops.toml", '"higher"', '"lower"')
    check = behaviour.check_cuts(Subject(study, subject.fit, subject.around))
    assert not check.passed
    assert "'members' is lower in 0% of the versions" in check.problems[0].message


def test_draws_at_a_bound_are_told(subject):
    """The tiny study does not say how many leave, so that many draws lie near none."""
    around = subject.around
    hazard = around.names.index("quiet exit hazard")
    (problem,) = parameters.check_learned(subject).problems
    assert "of the draws of 'quiet exit hazard' lie at the low end of its range (0)" in problem.message
    around.draws[:, hazard] = np.linspace(0.1, 0.4, len(around.draws))
    assert parameters.check_learned(subject).passed
    around.draws[:, hazard] = 0.6
    assert "30 draws leave the prior's support" in parameters.check_learned(subject).problems[-1].message


def test_a_constant_out_of_its_range_is_told(subject):
    assert parameters.check_ranges(subject).passed
    study = changed(subject.study.root, MODEL, "\t1\n\t~\tDmnl [0,1]", "\t3\n\t~\tDmnl [0,1]")
    check = parameters.check_ranges(Subject(study, subject.fit, subject.around))
    assert "is 3, outside of its range 0 to 1" in check.problems[0].message


def test_estimates_far_from_what_was_judged_are_told(subject):
    subject.fit.parameters["z"] = 0.5
    assert parameters.check_estimates(subject).passed
    subject.fit.parameters.loc[subject.fit.parameters.index[0], "z"] = -2.5
    assert not parameters.check_estimates(subject).passed


def test_reproduction_counts_intervals(subject):
    rows = subject.fit.rows
    rows["holds"] = True
    assert behaviour.check_reproduction(subject).passed
    rows.loc[rows["fold"] == "fit", "holds"] = False
    assert not behaviour.check_reproduction(subject).passed


def test_few_values_make_no_pattern(subject):
    check = behaviour.check_patterns(subject)
    assert check.passed
    assert check.figure.startswith("not applicable: n=")


def test_the_order_of_tactics_and_the_modes_are_counted_over_draws(subject):
    effects = behaviour.tactic_effects(subject)
    assert list(effects) == list(subject.study.settings.headline)
    assert all(effect.shape == (1, 31) for effect in effects.values())
    assert np.all(effects["members"] > 0)  # without arrests there are more
    assert np.all(effects["detained"] < 0)
    assert behaviour.check_policy(subject).passed


def test_an_outcome_that_turns_within_the_draws_is_told(subject):
    around, recruits = subject.around, subject.around.names.index("recruits per month")
    around.draws[:] = around.centre
    assert behaviour.check_modes(subject).passed
    around.centre[recruits], around.draws[:, recruits] = 200.0, 1.0
    (problem,) = behaviour.check_modes(subject).problems
    assert problem.place == "members"
    assert "in 0% of the draws" in problem.message


FEEDBACK = """alarm= INTEG ((arrest-alarm)/alarm time, 20.0)
	~	Person/Month [0,?]
	~	What arrests leave behind; assumption.
	|

alarm time=
	1
	~	Month
	~	How fast; assumption.
	|

detained="""


def test_a_conclusion_that_rests_on_a_feedback_is_told(subject):
    """Alarm at arrests keeps so many away that arrests lower recruitment; held at its course it cannot."""
    assert behaviour.check_boundary(subject).passed
    root = subject.study.root
    changed(root, MODEL, "detained=", FEEDBACK)
    changed(root, MODEL, "recruits per month*access table(Time)", "recruits per month + arrest - 3*alarm")
    study = open_study(root)
    check = behaviour.check_boundary(Subject(study, subject.fit, subject.around))
    assert not check.passed
    assert "'alarm': without selective repression, 'recruitment' changes by" in check.problems[0].message


def test_verdicts_are_green_judged_or_red(subject):
    rows = {row.test.name: row for row in run_battery(subject)}
    assert set(rows) == {test.name for test in TESTS}
    assert rows["conservation of people"].verdict == "green"
    assert rows["structure assessment"].verdict == "judged"
    assert rows["structure assessment"].reasons == ("read by two people",)
    (subject.study.root / "reports/judgements.csv").unlink()
    assert {row.test.name: row.verdict for row in run_battery(subject)}["structure assessment"] == "red"


def test_a_failed_check_is_judged_only_by_a_reason_for_it(subject):
    study = changed(subject.study.root, *STUDY_DEFECTS[extremes.check_cases])
    broken = Subject(study, subject.fit, subject.around)
    verdict = {row.test.name: row.verdict for row in run_battery(broken)}
    assert verdict["extreme conditions"] == "red"
    with (study.root / "reports/judgements.csv").open("a") as file:
        file.write("extreme conditions,extreme cases end as said,known and small\n")
    row = next(row for row in run_battery(broken) if row.test.name == "extreme conditions")
    assert (row.verdict, row.reasons) == ("judged", ("known and small",))


def test_a_judgement_of_no_check_is_refused(subject):
    with (subject.study.root / "reports/judgements.csv").open("a") as file:
        file.write("extreme conditions,extreme cases,known\n")
    with pytest.raises(StudyError, match="there is no check 'extreme cases'"):
        run_battery(subject)


def test_a_judgement_without_a_reason_is_refused(trial):
    (trial / "reports/judgements.csv").write_text("test,check,reason\nsystem improvement,,\n")
    with pytest.raises(StudyError, match=r"judgements\.csv:2"):
        read_judgements(open_study(trial))


def test_the_verb_and_the_report_show_every_test(trial, iskdyn):
    assert iskdyn("fit", "--study", trial, "--starts", "2", "--quiet").exit_code == 0
    result = iskdyn("confidence", "--study", trial, "--json", "--quiet")
    rows = json.loads(result.stdout)
    assert [row["test"] for row in rows] == [test.name for test in TESTS]
    red = [row["test"] for row in rows if row["verdict"] == "red"]
    assert result.exit_code == (1 if red else 0)
    from iskdyn.reports.section_confidence import confidence_section
    from iskdyn.reports.sections import Materials
    from iskdyn.reports.story import Story

    study = open_study(trial)
    fit = load_fit(study.path_of("results") / "fit.json")
    around = spread(study, fit, 30, 1)
    materials = Materials(study, fit, Story("", (), (), {}), around, around, None, lambda _: None)
    html = confidence_section(materials).html
    assert all(test.asks in html for test in TESTS)
    assert "read by two people" in html
