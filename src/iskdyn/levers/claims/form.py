"""What a claim is: arms that change the model, readings of them, and what is expected of those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from iskdyn.study import Arm, Expectation, Reading, Window

Role = Literal["fitted", "held_out", "structural", "contested"]
_SIGNS = {"higher": ">", "lower": "<", "not lower": ">", "not higher": "<", "same": "~"}


def words_of(part: Expectation) -> str:
    """An expectation of a claim in short."""
    read = f"{part.statistic.replace('_', ' ')} of {part.output}"
    if part.share_of:
        read += f" as a share of {part.share_of}"
    arms = " + ".join(part.arms)
    if part.kind == "within":
        return f"{read}: {arms}, {part.bounds}"
    percent = -100 * part.by if part.kind.startswith("not") else 100 * part.by
    by = f" by {percent:g} %" if part.kind != "same" else f" within {percent:g} %"
    return f"{read}: {arms} {_SIGNS[part.kind]} {' + '.join(part.than)}{by if percent else ''}"


@dataclass(frozen=True)
class Claim:
    """A claim of the source as a test.

    Attributes
    ----------
    says, place : in our words, and where a reader of the published source finds it
    role : fitted (the model was calibrated on it), held_out, structural (follows from the form of the
        equations), contested (the source contradicts itself)
    note : what in the test is our judgement
    why : why the model may not bear it out, told only where it does not
    parts : all of which must hold, or any where `any_part`
    control : arms that stand in for others so that the claim must fail
    """

    id: str
    says: str
    place: str
    role: Role
    parts: tuple[Expectation, ...]
    control: Mapping[str, str]
    note: str = ""
    why: str = ""
    any_part: bool = False

    def needed(self) -> Iterator[tuple[str, Reading]]:
        """Each arm and reading that the claim or its control reads."""
        for part in self.parts:
            for arm in part.named:
                yield arm, part.reading
                yield self.control.get(arm, arm), part.reading


@dataclass(frozen=True)
class Contrast:
    """What each tactic did against what it could do, where two claims pull against each other.

    Attributes
    ----------
    claims : ids of the two claims
    did, could : per tactic the arm without it, and the arm with it in full
    did_window, could_window : over which outcomes are read, at the end or in all
    outcomes : variables beside the human cost
    """

    title: str
    words: tuple[str, ...]
    claims: tuple[str, ...]
    did: Mapping[str, str]
    could: Mapping[str, str]
    did_window: Window
    could_window: Window
    outcomes: tuple[str, ...]


@dataclass(frozen=True)
class Claims:
    """The claims of a study and their arms by name, the base arm among them."""

    claims: tuple[Claim, ...]
    arms: Mapping[str, Arm]
    contrast: Contrast | None = None

    @property
    def end(self) -> float:
        """Model time to which the claims must be followed."""
        return max(reading.end for claim in self.claims for _, reading in claim.needed())
