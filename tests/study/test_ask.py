"""`iskdyn ask`: questions in the story's words and in the model's own, most worth first."""

from __future__ import annotations

import json
from pathlib import Path

QUESTIONS = """
[[questions]]
text = "How many were taken?"
asks = ["arrest hazard"]
who = "Officers"
leaning = "they boast"
lean = 0.5
"""


def story_of(study: Path, questions: str) -> None:
    outcomes = "".join(
        f'[outcomes."{name}"]\nlabel = "{name}"\nmeasure = "at_end"\n'
        for name in ("detained", "members", "recruitment")
    )
    (study / "story.toml").write_text(f'title = "Tiny"\n{questions}{outcomes}')
    settings = study / "study.toml"
    settings.write_text('story = "story.toml"\n' + settings.read_text())


def test_questions_of_the_story_stand_beside_those_of_the_model(sampled: Path, iskdyn) -> None:
    story_of(sampled, QUESTIONS)
    found = json.loads(iskdyn("ask", "--study", sampled, "--json").stdout)
    assert [one["points"] for one in found] == sorted((one["points"] for one in found), reverse=True)
    worded = [one for one in found if one["worded"]]
    assert [one["question"]["who"] for one in worded] == ["Officers"]
    others = [one["question"]["asks"] for one in found if not one["worded"]]
    assert ["arrest hazard"] not in others  # the story asks of it
    assert ["recruits per month"] in others
    assert ["detained"] in others
    (own,) = [one for one in found if one["question"]["asks"] == ["recruits per month"]]
    assert "Joining with full access" in own["question"]["text"]  # the model's own words


def test_without_a_story_all_words_are_the_models(sampled: Path, iskdyn) -> None:
    result = iskdyn("ask", "--study", sampled)
    assert result.exit_code == 0, result.stderr
    assert "What would settle most" in result.stdout


def test_an_error_of_nothing_is_refused(sampled: Path, iskdyn) -> None:
    story_of(sampled, QUESTIONS + "error = 0\n")
    result = iskdyn("ask", "--study", sampled)
    assert result.exit_code == 2
    assert "a number above 0" in result.stderr
