"""The report's numbers and words, on arms made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from iskdyn.errors import StudyError
from iskdyn.levers import HISTORY, Arms
from iskdyn.reports.effects import effects, without
from iskdyn.reports.figures import Mark, trajectory
from iskdyn.reports.observed import reading, why
from iskdyn.reports.rivals import arm_names, arm_of, declines
from iskdyn.reports.story import Outcome, Rivals, Story, read_story
from iskdyn.study import Calendar

TIMES = np.linspace(0.0, 4.0, 17)


def outcome(name: str, measure: str, digits: int = 0) -> Outcome:
    return Outcome(name, f"the {name}", measure, "units", "units a month", digits, "")  # type: ignore[arg-type]


STORY = Story("", (), (), {"harm": outcome("harm", "at_end"), "rate": outcome("rate", "sum", 1)})


def constant_arms(values: dict[str, tuple[float, float]], n_draws: int = 10) -> Arms:
    """Arms whose two outputs stay at a value; every draw is the best run."""
    best = {arm: np.outer(pair, np.ones(TIMES.size)) for arm, pair in values.items()}
    draws = {arm: np.broadcast_to(series, (n_draws, *series.shape)) for arm, series in best.items()}
    return Arms(TIMES, ("harm", "rate"), best, draws)


def test_a_rate_is_summed_over_the_run_and_a_level_read_at_its_end() -> None:
    arms = constant_arms({HISTORY: (7.0, 3.0)})
    assert arms.measured("at_end", HISTORY, "harm")[0] == 7.0
    assert arms.measured("sum", HISTORY, "rate")[0] == pytest.approx(12.0)


def test_an_effect_is_without_less_with_and_says_how_many_draws_agree() -> None:
    arms = constant_arms({HISTORY: (100.0, 1.0), without("force"): (40.0, 1.0)})
    effect = effects(STORY, arms, ("force",))["force"]["harm"]
    assert (effect.difference, effect.low, effect.high, effect.share_lower) == (-60.0, -60.0, -60.0, 1.0)


def test_draws_that_disagree_on_the_sign_make_no_claim() -> None:
    arms = constant_arms({HISTORY: (100.0, 1.0), without("force"): (150.0, 1.0)})
    draws = {**arms.draws, without("force"): arms.draws[without("force")].copy()}
    draws[without("force")][:5, 0] = 50.0
    effect = effects(STORY, Arms(TIMES, arms.outputs, arms.best, draws), ("force",))["force"]["harm"]
    assert not effect.sure


def test_a_change_below_a_per_cent_is_not_told() -> None:
    arms = constant_arms({HISTORY: (100.0, 1.0), without("force"): (100.9, 1.0)})
    assert not effects(STORY, arms, ("force",))["force"]["harm"].sure


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(1234.4, 0, "1,234"), (-0.4, 0, "0"), (-2.5, 1, "−2.5"), (0.004, 2, "0.00")]
)
def test_numbers_are_printed_with_their_digits_and_never_as_minus_nothing(
    value: float, digits: int, text: str
) -> None:
    assert outcome("harm", "at_end", digits).text(value) == text


def test_each_rival_is_run_alone_absent_alone_present_and_none() -> None:
    rivals = Rivals("", "", "rate", ("a", "a"), ("b", "b"), {"rain": "rain on", "wind": "wind on"})
    assert arm_names(rivals) == {
        "without rain": {"rain on": 0.0},
        "without wind": {"wind on": 0.0},
        "with rain alone": {"wind on": 0.0},
        "with wind alone": {"rain on": 0.0},
        "with none of them": {"rain on": 0.0, "wind on": 0.0},
    }


def test_a_fall_is_one_less_the_mean_after_over_the_mean_before() -> None:
    rivals = Rivals("", "", "rate", ("a", "a"), ("b", "b"), {"rain": "rain on"})
    series = np.where(TIMES <= 2.0, 8.0, 2.0)[None, :]
    both = np.vstack([np.zeros_like(series), series])
    names = [arm_of(rivals, words) for words in (HISTORY, *arm_names(rivals))]
    arms = Arms(
        TIMES,
        ("harm", "rate"),
        dict.fromkeys(names, both),
        dict.fromkeys(names, both[None, :, :]),
    )
    assert declines(rivals, arms, (0.0, 2.0), (2.25, 4.0))[0].fall == pytest.approx(0.75)


def test_where_nothing_was_before_nothing_falls() -> None:
    """Two of four draws without a single attack, as where no money comes in."""
    rivals = Rivals("", "", "rate", ("a", "a"), ("b", "b"), {"rain": "rain on"})
    series = np.where(TIMES <= 2.0, 8.0, 2.0)
    draws = np.array(
        [np.zeros((2, TIMES.size)), *[np.vstack([series, series])] * 2, np.zeros((2, TIMES.size))]
    )
    names = [arm_of(rivals, words) for words in (HISTORY, *arm_names(rivals))]
    arms = Arms(
        TIMES, ("harm", "rate"), dict.fromkeys(names, np.zeros((2, TIMES.size))), dict.fromkeys(names, draws)
    )
    found = declines(rivals, arms, (0.0, 2.0), (2.25, 4.0))[0]
    # Two draws fall by 0, two by 1 - 2/8: the middle of four lies halfway between them.
    assert (found.low, found.high) == (pytest.approx(0.0), pytest.approx(0.75))
    assert found.fall == pytest.approx(0.375)


def test_how_a_row_is_read_is_said_in_words() -> None:
    row = {
        "operation": "mean",
        "start": "2022-05",
        "end": "2022-08",
        "base_start": "",
        "base_end": "",
        "form": "",
    }
    assert reading(row) == "mean 2022-05 to 2022-08"
    order = {**row, "base_start": "2021-08", "base_end": "2021-08", "form": "order_lower"}
    assert reading(order) == "mean 2022-05 to 2022-08, lower than 2021-08: their ratio"


def test_the_reason_of_a_miss_leaves_out_remarks_to_the_program() -> None:
    assert why({"note": "shares:T09; one source alone"}) == "one source alone"


def test_a_chart_names_itself_and_holds_its_marks() -> None:
    marks = [Mark("T1", 1.0, 2.0, 0.5, 2.0, held=False), Mark("H1", 2.0, 3.0, float("nan"), 1.0, held=True)]
    draws = np.ones((3, TIMES.size))
    text = trajectory(TIMES, draws, marks, title="the harm", unit="units", months={0.0: "2021-07"}, split=2.0)
    assert text.startswith('<svg role="img" aria-label="the harm"')
    assert ">T1<" in text
    assert ">H1<" in text


def test_a_chart_is_the_same_text_every_time() -> None:
    draws = np.ones((3, TIMES.size))
    charts = [trajectory(TIMES, draws, [], title="t", unit="u", months={}, split=None) for _ in range(2)]
    assert charts[0] == charts[1]


def test_a_story_without_words_for_an_output_names_it(tmp_path: Path) -> None:
    story = tmp_path / "story.toml"
    story.write_text("[outcomes.harm]\nmeasure = 'sum'\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"has no \[outcomes\.'rate'\]"):
        read_story(story, ("harm", "rate"))


def test_a_measure_that_is_none_says_what_was_expected(tmp_path: Path) -> None:
    story = tmp_path / "story.toml"
    story.write_text("[outcomes.harm]\nmeasure = 'total'\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"story\.toml:2:.*expected one of at_end, mean, sum, got 'total'"):
        read_story(story, ("harm",))


@pytest.mark.parametrize(
    ("clock", "good"), [(Calendar("2021-07"), False), (Calendar("1978-01-22", "day"), True)]
)
def test_windows_of_rival_causes_are_periods_of_the_studys_clock(
    clock: Calendar, good: bool, tmp_path: Path
) -> None:
    rivals = '[[rivals]]\ntitle = "t"\nwords = "w"\noutcome = "x"\nswitches = {}\nafter = ["1978-01-25", "1978-01-26"]'
    story = tmp_path / "story.toml"
    story.write_text(f'{rivals}\nbefore = ["1978-01-22", "1978-01-23"]\n', encoding="utf-8")
    if good:
        assert read_story(story, (), clock).rivals[0].before == ("1978-01-22", "1978-01-23")
        return
    with pytest.raises(StudyError, match=r"story\.toml:7:.*'1978-01-22' is not a month written"):
        read_story(story, (), clock)


def test_a_story_that_is_not_toml_says_where(tmp_path: Path) -> None:
    story = tmp_path / "story.toml"
    story.write_text("title = \n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"story.toml:1:9: is not TOML"):
        read_story(story, ())


def test_what_only_the_tactic_does_is_no_finding() -> None:
    arms = constant_arms(
        {HISTORY: (100.0, 1.0), without("force"): (0.0, 1.0), without("talks"): (150.0, 1.0)}
    )
    found = effects(STORY, arms, ("force", "talks"))
    assert found["force"]["harm"].by_definition
    assert not found["talks"]["harm"].by_definition
