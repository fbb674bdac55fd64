"""The source's claims as tests of the model, and the two of them that pull against each other."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.levers.claims import (
    COULD,
    DID,
    VERDICTS,
    Contrast,
    Contrasted,
    Judged,
    Judgement,
    Verdict,
    chosen,
    contrasted,
    counts,
    judge,
    known_draws,
    read_claims,
    together,
)
from iskdyn.reports.figures import drawing, svg_text
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.reports.story import Outcome
from iskdyn.telling import lexicon, threshold_words
from iskdyn.telling.thresholds import AGREE, EDGES, FAIL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTABLE = 0.1
"""Difference of shares from which a rival structure is said to settle a claim otherwise: several times its Monte
Carlo error."""
SURE = 0.99
"""Share of draws from which a claim is counted as holding nearly always: no more than one in a hundred speaks
against it."""
LEADS: Mapping[Verdict, str] = {
    verdict: one["lead"].format(**threshold_words()) for verdict, one in lexicon()["claims"].items()
}
SHOWN = ("confirmed", "undecided", "failed")
"""What a reader sees without opening a fold: the others say how the model was made."""
COLOURS = {DID: "#1b1b1b", COULD: "#b3541e"}


@dataclass(frozen=True)
class Group:
    """The claims with one verdict."""

    lead: str
    claims: tuple[Judged, ...]
    open: bool


def claims_section(materials: Materials) -> Section | None:
    """How many claims stand where, each with its probabilities; None where the study has no claims."""
    study = materials.study
    if not study.path_of("claims").is_file():
        return None
    materials.tell("claims")
    around, structures = known_draws(study)
    found = judge(study, read_claims(study), around, structures)
    contents = {
        "found": found,
        "groups": [Group(lead, found.of(verdict), verdict in SHOWN) for verdict, lead in LEADS.items()],
        "verdicts": VERDICTS,
        "sure": _sure_words(found),
        "together": together(found),
        "controls": _control_words(found),
        "structures": {name: materials.variants[name].weight for name in structures},
        "differ": _differing(found),
    }
    html = render("claims.html", contents)
    return Section("claims", "The paper's claims, tested", f"{counts(found)}.", html)


def _sure_words(found: Judgement) -> str:
    """Whether the table is a row of ones, and why."""
    tests = [one for one in found.claims if one.claim.role != "fitted"]
    sure = [one for one in tests if one.posterior >= SURE]
    assumed = sum(one.verdict == "assumed" for one in sure)
    return (
        f"{len(sure)} of the {len(tests)} claims that are tests hold in {SURE:.0%} of the versions or more; "
        f"{assumed} of these {len(sure)} did so before any evidence: there the equations speak, not the facts."
    )


def _control_words(found: Judgement) -> str:
    """Whether the tests can fail."""
    blind = [one.claim.id for one in found.claims if one.control > 0.5 and one.posterior > 0.5]
    told = f"except {', '.join(blind)}, which therefore shows nothing" if blind else "without exception"
    most = max(one.control for one in found.claims)
    return (
        f"Every claim was also run with its arms exchanged. A test that can fail must then fail, and does, {told}; "
        f"the highest share that still held is {most:.1%}."
    )


def _differing(found: Judgement) -> list[Judged]:
    """The claims that some structure settles the other way."""
    return [
        one
        for one in found.claims
        if one.verdict != "fitted"
        and any(
            _settled(share) != _settled(one.posterior) and abs(share - one.posterior) > NOTABLE
            for share in one.structures.values()
        )
    ]


def _settled(share: float) -> int:
    """1 borne out, -1 failed, 0 open."""
    return int(share >= AGREE) - int(share <= FAIL)


# -- what the tactics did, and what they could do


def contrast_section(materials: Materials) -> Section | None:
    """Realised and potential effects beside each other; None where the claims name no such contrast."""
    study = materials.study
    if not study.path_of("claims").is_file():
        return None
    claims = read_claims(study)
    contrast = claims.contrast
    if contrast is None:
        return None
    materials.tell("claims that pull against each other")
    names = (*study.settings.human_cost, *contrast.outcomes)
    outcomes = {name: materials.story.outcomes[name] for name in names}
    found = contrasted(
        study, claims, contrast, {n: one.measure for n, one in outcomes.items()}, materials.around
    )
    judged = judge(study, chosen(claims, contrast.claims), materials.around)
    contents = {
        "contrast": contrast,
        "harm": [_harm_words(materials, contrast, found, outcomes)],
        "words": [_most_words(materials, contrast, found, outcomes[name]) for name in contrast.outcomes],
        "figure": _figure(contrast, found, list(outcomes.values())),
        "outcomes": list(outcomes.values()),
        "human_names": study.settings.human_cost,
        "sides": {"What it did": (DID, contrast.did), "What it could have done": (COULD, contrast.could)},
        "cell": lambda side, tactic, outcome: _cell(found, side, tactic, outcome),
        "history": lambda side, outcome: outcome.text(float(np.median(found.history[side, outcome.name]))),
    }
    finding = "; ".join(f"“{one.claim.says}”: {VERDICTS[one.verdict]}" for one in judged.claims)
    return Section("contrast", contrast.title, f"{finding}.", render("contrast.html", contents))


def _harm_words(
    materials: Materials, contrast: Contrast, found: Contrasted, outcomes: Mapping[str, Outcome]
) -> str:
    """Which tactics in full cost lives or other harm, the first measure of it."""
    name = materials.study.settings.human_cost[0]
    told = [f"{tactic} {_cell(found, COULD, tactic, outcomes[name])}" for tactic in contrast.could]
    return (
        f"{outcomes[name].heading}, if a tactic were used in full, against the history of "
        f"{outcomes[name].text(float(np.median(found.history[COULD, name])))}: {'; '.join(told)}."
    )


def _most_words(materials: Materials, contrast: Contrast, found: Contrasted, outcome: Outcome) -> str:
    told = []
    for words, side in (("as used", DID), ("in full", COULD)):
        tactic, share = found.lowest(side, outcome.name)
        low, middle, high = np.quantile(found.percent(side, tactic, outcome.name), EDGES)
        sized = f"by {-middle:.0f} %, {-high:.0f} to {-low:.0f} % in {threshold_words()['range_versions']}".replace(
            "-", "\u2212"
        )
        told.append(f"{words}, {tactic} lowered it most in {share:.0%} of the versions ({sized})")
    return f"{outcome.heading}: {'; '.join(told)}."


def _cell(found: Contrasted, side: str, tactic: str, outcome: Outcome) -> str:
    low, middle, high = np.quantile(found.effects[side, tactic, outcome.name], EDGES)
    sign = "+" if middle > 0 and outcome.text(middle).strip("0.,") else ""
    return f"{sign}{outcome.text(float(middle))} ({outcome.text(float(low))} to {outcome.text(float(high))})"


def _figure(contrast: Contrast, found: Contrasted, outcomes: Sequence[Outcome]) -> str:
    """A panel an outcome, a row a tactic: what it did and could have done, in per cent."""
    rows = -(-len(outcomes) // 4)
    with drawing() as pyplot:
        figure, grid = pyplot.subplots(
            rows, 4, figsize=(9.6, 2.1 * rows + 0.3), layout="constrained", sharey=True, squeeze=False
        )
        for axes, outcome in zip(grid.flat, outcomes, strict=False):
            _panel(axes, contrast, found, outcome)
        for axes in grid.flat[len(outcomes) :]:
            axes.remove()
        text = svg_text(figure, "Effect of each tactic as used and in full, in per cent")
        pyplot.close(figure)
    return text


def _panel(axes: Axes, contrast: Contrast, found: Contrasted, outcome: Outcome) -> None:
    tactics = list(contrast.did)
    for side, offset, mark in ((DID, -0.16, "o"), (COULD, 0.16, "D")):
        for row, tactic in enumerate(tactics):
            low, middle, high = np.quantile(found.percent(side, tactic, outcome.name), EDGES)
            axes.plot([low, high], [row + offset] * 2, color=COLOURS[side], linewidth=1.4)
            axes.plot([middle], [row + offset], mark, color=COLOURS[side], markersize=4)
    axes.axvline(0, color="#888888", linewidth=0.8)
    axes.set_yticks(range(len(tactics)), tactics)
    axes.set_ylim(len(tactics) - 0.5, -0.5)
    axes.set_title(textwrap.fill(outcome.label, 26), loc="left", fontsize=9)
