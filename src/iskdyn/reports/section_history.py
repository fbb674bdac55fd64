"""The history as fitted, beside the reports, and what was otherwise without each tactic or cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.draws import N_DRAWS, SEED
from iskdyn.levers import HISTORY, Arms, Mark, prior_draws, prior_of, run_arms
from iskdyn.levers.verdict import Mask
from iskdyn.reports.effect_words import SPEAKS
from iskdyn.reports.effects import Effect, effects, without_each
from iskdyn.reports.figures import marks_of, tick_times, trajectory
from iskdyn.reports.rivals import Decline, arm_names, arm_of, declines
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.reports.tellings import Telling, other_tellings
from iskdyn.study import Inputs
from iskdyn.telling import mark_glyph, threshold_words
from iskdyn.telling.thresholds import EDGES

if TYPE_CHECKING:
    from iskdyn.reports.story import Rivals, Story
    from iskdyn.study import Study


def changes(study: Study, story: Story) -> dict[str, Inputs]:
    """Per arm what differs from history: each tactic absent, and the rivals of each decline."""
    return without_each(study) | rival_arms(story)


def rival_arms(story: Story) -> dict[str, Inputs]:
    """Per arm of each decline the causes that are off."""
    return {
        arm_of(rivals, words): Inputs(change)
        for rivals in story.rivals
        for words, change in arm_names(rivals).items()
    }


def limits_section(materials: Materials) -> Section | None:
    """What the story says that the model cannot say; None where it says nothing of it."""
    if not materials.story.limits:
        return None
    own = materials.own
    finding = (
        f"{materials.fit.holding[1]} fitted facts narrow {len(own.learned)} of {len(own.names)} numbers by a tenth or "
        "more; the rest, and every equation, is judgement."
    )
    limits = render("limits.html", {"limits": materials.story.limits})
    return Section("limits", "What the model cannot say", finding, limits)


def trajectories_section(materials: Materials) -> Section:
    """A chart for each outcome, human cost first, with what is reported of it."""
    study, story = materials.study, materials.story
    human = study.settings.human_cost
    prior = prior_draws(study, N_DRAWS, SEED)
    before = run_arms(study, prior, {}, tuple(story.outcomes)) if materials.parts else None
    charts = [
        (outcome, _chart(materials, name, before), _reported(study, name))
        for name, outcome in story.outcomes.items()
    ]
    contents = {
        "human": [one for one in charts if one[0].name in human],
        "others": [one for one in charts if one[0].name not in human],
    }
    html = render("trajectories.html", contents)
    return Section("trajectories", "What happened, and what is reported of it", _level(materials), html)


def _level(materials: Materials) -> str:
    """The first human cost at the end of history."""
    study = materials.study
    told = study.settings.human_cost or study.settings.headline
    if not told:
        return "The study names no outcome."
    outcome = materials.story.outcomes[told[0]]
    _, draws = materials.arms.measured(outcome.measure, HISTORY, outcome.name)
    low, middle, high = np.quantile(draws, EDGES)
    end = study.month(materials.arms.times[-1] - 0.5)
    return (
        f"{outcome.heading} by the end of {end}: {outcome.text(middle)} {outcome.unit}, "
        f"{outcome.text(low)} to {outcome.text(high)} in {threshold_words()['range_versions']}."
    )


def _chart(materials: Materials, name: str, before: Arms | None) -> str:
    study, arms, outcome = materials.study, materials.arms, materials.story.outcomes[name]
    return trajectory(
        arms.times,
        arms.series(HISTORY, name)[1],
        marks_of(study, name, {**materials.fit.biases}),
        title=outcome.label,
        unit=outcome.rate,
        months={t: study.month(t) for t in tick_times(arms.times[0], arms.times[-1])},
        split=study.time(study.settings.split) + 1 if study.settings.split else None,
        before=None if before is None else before.series(HISTORY, name)[1],
    )


def _reported(study: Study, output: str) -> list[tuple[str, str]]:
    """Code and words of each mark in the chart of an output."""
    says = dict(zip(study.observations["id"].astype(str), study.observations["says"], strict=True))
    return [(mark.label, str(says[mark.label])) for mark in marks_of(study, output, {})]


def tactics_section(materials: Materials) -> Section | None:
    """The differences without each tactic, here and in the other readings; None where the study has none."""
    study, story, arms = materials.study, materials.story, materials.arms
    if not study.settings.tactics:
        return None
    found = effects(story, arms, tuple(study.settings.tactics))
    listed = [one for by_name in found.values() for one in by_name.values()]
    speaks = {(one.tactic, one.outcome): one.speaks for one in materials.marked}
    tellings = other_tellings(materials)
    firm = [one for one in listed if one.sure]
    everywhere = [one for one in firm if _agreed(one, tellings)]
    contents = {
        "found": found,
        "speaks": speaks,
        "tellings": tellings,
        "outcomes": list(story.outcomes.values()),
        "human_names": study.settings.human_cost,
        "end": study.month(arms.times[-1] - 0.5),
    }
    said = threshold_words()["agree_versions"]
    by = _deciding([speaks.get((one.tactic, one.outcome.name)) for one in listed])
    counted = f"{len(listed)} differences ({len(found)} tactics, {len(story.outcomes)} outcomes)"
    finding = (
        f"Of {counted} {len(firm)} have a sign on which {said} agree, in each structure "
        f"of weight{f'; {len(everywhere)} of these hold in the other readings too' if tellings else ''}.{by}"
    )
    return Section("tactics", "Each tactic removed in turn", finding, render("tactics.html", contents))


def _deciding(marks: Sequence[Mark | None]) -> str:
    """How many signs each decides, in a sentence; empty where that was not asked."""
    counts = [(words, sum(one == mark for one in marks)) for mark, words in SPEAKS.items()]
    told = ", ".join(f"{words} {n}" for words, n in counts if n)
    return f" Who decides: {told}." if any(marks) else ""


def _agreed(effect: Effect, tellings: list[Telling]) -> bool:
    """Whether each of these readings has the effect, with the same sign."""
    return all(effect.agrees(one.effects[effect.tactic][effect.outcome.name]) for one in tellings)


def declines_section(materials: Materials) -> Section | None:
    """How far each outcome falls with causes switched off; None where the story names no rivals."""
    if not materials.story.rivals:
        return None
    before = _before(materials) if materials.parts else None
    found = [
        (rivals, _declines(materials.study, rivals, materials.arms, before))
        for rivals in materials.story.rivals
    ]
    told = [_fall_words(materials, rivals, rows) for rivals, rows in found]
    html = render("declines.html", {"declines": found, "history": HISTORY})
    return Section("declines", "Rival causes of what fell", " ".join(told), html)


def _before(materials: Materials) -> tuple[Arms, tuple[Mask, ...]]:
    """History and the rivals of each decline before the evidence, and which of the draws are of each structure."""
    study, story = materials.study, materials.story
    spread, structures = prior_of(study, SEED)
    outputs = tuple(dict.fromkeys(one.outcome for one in story.rivals))
    return run_arms(study, spread, rival_arms(story), outputs, progress=materials.tell), structures


def _declines(
    study: Study, rivals: Rivals, arms: Arms, before: tuple[Arms, tuple[Mask, ...]] | None
) -> list[Decline]:
    return declines(rivals, arms, study.window(*rivals.before), study.window(*rivals.after), before)


def _fall_words(materials: Materials, rivals: Rivals, rows: list[Decline]) -> str:
    """The fall as fitted, and the cause without which it changes most."""
    whole, *others = rows
    single = [one for one in others if one.words.startswith("without ")]
    most = max(single, key=lambda one: abs(one.fall - whole.fall))
    label = materials.story.outcomes[rivals.outcome].heading
    sign = mark_glyph(most.speaks)
    return f"{label} fall by {whole.fall:.0%}; {most.words} they would fall by {most.fall:.0%}{sign}."
