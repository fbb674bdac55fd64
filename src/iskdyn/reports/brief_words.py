"""The sentences of the one page: its title, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from iskdyn.calibration.cuts import WEAK
from iskdyn.calibration.nulls import nulls_behind
from iskdyn.levers.measured import largest_error
from iskdyn.reports.effect_words import SPEAKS
from iskdyn.telling.thresholds import ASKED

if TYPE_CHECKING:
    from iskdyn.calibration import FitResult, Part, Spread
    from iskdyn.levers import Effect
    from iskdyn.reports.story import Brief, Outcome, Story
    from iskdyn.study import Study


def unasked(effect: Effect) -> bool:
    """Whether the facts fit about as well where the tactic does not reach the outcome: less is a bare mention."""
    return effect.null is not None and effect.null < -WEAK


def leading(study: Study, found: Sequence[Effect], outcomes: Sequence[str]) -> Effect:
    """The largest effect on these outcomes: of those that the facts ask for, else of those that are not open.

    What no search ever asks more of is no title either, lest its gain be read as advice.

    Parameters
    ----------
    found : effects, each with who speaks and its null, where these were asked
    outcomes : those that may lead; one of `found` at least is on one of them
    """
    on_them = [one for one in found if one.outcome in outcomes]
    proper = [one for one in on_them if one.tactic not in study.settings.never_more] or on_them
    sure = [one for one in proper if one.speaks != "open"] or proper
    asked = [one for one in sure if one.null is not None and one.null >= ASKED] or sure
    return max(asked, key=lambda one: abs(one.relative[1]))


def title(story: Story, words: Brief, found: Sequence[Effect], lead: Effect) -> list[str]:
    """The leading effect, then what the doubted tactic did, each in a sentence.

    Parameters
    ----------
    words : of the story's [brief]
    found : effects, the doubted one among them
    lead : as of `leading`
    """
    tactic, outcome = words.doubt
    doubt = next(one for one in found if (one.tactic, one.outcome) == (tactic, outcome))
    return [sentence(lead, story.outcomes[lead.outcome]), sentence(doubt, story.outcomes[outcome])]


def sentence(effect: Effect, outcome: Outcome) -> str:
    """What would have been without a tactic; an open direction gets the word, no number."""
    if effect.speaks == "open":
        return f"What {effect.tactic} did to the number of {outcome.label} is open."
    if effect.about_nil:
        return f"Without {effect.tactic}, there would have been about as many {outcome.label}."
    low, middle, high = (100 * value for value in effect.relative)
    more, (near, far) = "more" if middle > 0 else "fewer", sorted((abs(low), abs(high)))
    return (
        f"Without {effect.tactic}, there would have been {abs(middle):.0f} % {more} {outcome.label} "
        f"({near:.0f} to {far:.0f} %){_asked_for(effect)}."
    )


def _asked_for(effect: Effect) -> str:
    """Who puts the direction in, and how far the facts ask for it where they do not do so firmly."""
    told = [f"{SPEAKS['structure']} put the direction in"] if effect.speaks == "structure" else []
    if effect.null is not None and effect.null < ASKED:
        it = "it" if told else "that"
        told.append(
            f"the facts fit as well without {it}"
            if unasked(effect)
            else f"the facts ask for {it} only weakly"
        )
    return f"; {', and '.join(told)}" if told else ""


def unknown(
    study: Study, found: Sequence[Effect], lead: Effect, label: str, parts: Sequence[Part], fit: FitResult,
    spread: Spread,
) -> list[str]:  # fmt: skip
    """What is not known, each in a sentence: directions, the title's, structures, misses, what is missing.

    Parameters
    ----------
    lead, label : the effect of the title, and the words for its outcome
    parts : the structures by weight
    """
    counts = {speaks: sum(one.speaks == speaks for one in found) for speaks in SPEAKS}
    sentences = []
    if parts:
        sentences.append(
            f"Of {counted(found)} {SPEAKS['structure']} put in {counts['structure']}, {SPEAKS['judgement']} "
            f"{counts['judgement']}, {SPEAKS['evidence']} {counts['evidence']}; {counts['open']} are open."
        )
    if len(parts) > 1:
        sentences.append(_structures(parts))
    if missed := _missed(fit, lead.outcome):
        sentences.append(f"{missed} of {label}.")
    return sentences + _missing(study, parts, spread)


def counted(found: Sequence[Effect]) -> str:
    """How many directions there are, and of what: other tables count others.

    Parameters
    ----------
    found : each tactic's effect on each outcome
    """
    n_tactics, n_outcomes = len({one.tactic for one in found}), len({one.outcome for one in found})
    return f"{len(found)} directions ({n_tactics} tactics, {n_outcomes} outcomes)"


def _structures(parts: Sequence[Part]) -> str:
    """Over which structures the numbers are, and how the evidence weighs them."""
    n_structures = len({name for one in parts for name in one.spread.structures})
    likely = max(parts, key=lambda one: one.weight)
    return (
        f"All are over {n_structures} structures, as the facts weigh them: {likely.weight:.0%} "
        f"“{likely.name}”."
    )


def chance(found: Sequence[Effect]) -> str:
    """By how much a middle that is printed errs by chance at most; empty where that is not known."""
    medians = [(one.median_error, one.low, one.high) for one in found if one.median_error is not None]
    largest = largest_error(medians)
    return "" if largest is None else f"{100 * largest:.0f} %"


def _missed(fit: FitResult, output: str) -> str:
    """How many fitted reports of an output the best fit does not hold; empty where it holds all."""
    rows = fit.rows
    fitted = rows[(rows["output"] == output) & rows["fold"].isin(["fit", "seen"])]
    n_missed = int((~fitted["holds"].astype(bool)).sum())
    return f"The best fit misses {n_missed} of {len(fitted)} reports" if n_missed else ""


def _missing(study: Study, parts: Sequence[Part], spread: Spread) -> list[str]:
    """What was not there to be used, so that nobody takes its absence for an answer."""
    sentences = []
    if spread.kind != "posterior":
        sentences.append(
            "No accepted posterior is stored: the versions only approximate one (iskdyn posterior)."
        )
    if not parts:
        sentences.append(
            "No rival structure is sampled: nobody says who decides a direction (iskdyn variants)."
        )
    if study.settings.groups and not nulls_behind(study):
        sentences.append(
            "No nulls of the study as it stands are stored: no direction is the facts' (iskdyn nulls)."
        )
    return sentences
