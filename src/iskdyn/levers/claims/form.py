"""What a claim is: arms that change the model, readings of them, and what is expected of those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from iskdyn.study.readings import Reading, Window

Role = Literal["fitted", "held_out", "structural", "contested"]
Sign = Literal[">", "<", "~"]

BASE = "base"
"""The arm in which nothing is changed: the history as drawn."""


@dataclass(frozen=True)
class Arm:
    """A change to the model; any variable may be set, and what points at it is then cut.

    Attributes
    ----------
    set : value of each variable within the window; outside of it, its value in the base arm, draw by draw
    keep : variables that have their values of the base arm throughout, whatever else is changed
    window : model time of the start and the end of `set`; None for the whole run
    """

    name: str
    says: str = ""
    set: Mapping[str, float] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    window: Window | None = None


@dataclass(frozen=True)
class Relation:
    """A reading's sum over some arms against its sum over others: above or below by per cent, or within it."""

    left: tuple[str, ...]
    sign: Sign
    right: tuple[str, ...]
    percent: float

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms that are compared."""
        return (*self.left, *self.right)


@dataclass(frozen=True)
class Band:
    """A reading of one arm within two bounds; either may be infinite."""

    arm: str
    low: float
    high: float

    @property
    def arms(self) -> tuple[str, ...]:
        """The arm that is read."""
        return (self.arm,)


@dataclass(frozen=True)
class Part:
    """One expectation of a claim."""

    reading: Reading
    test: Relation | Band

    @property
    def words(self) -> str:
        """The expectation in short."""
        reading, test = self.reading, self.test
        read = f"{reading.statistic.replace('_', ' ')} of {reading.output}"
        if reading.share_of:
            read += f" as a share of {reading.share_of}"
        if isinstance(test, Band):
            span = f"at least {test.low:g}" if test.high == float("inf") else f"{test.low:g} to {test.high:g}"
            span = f"at most {test.high:g}" if test.low == -float("inf") else span
            return f"{read}: {test.arm}, {span}"
        by = f" by {test.percent:g} %" if test.sign != "~" else f" within {test.percent:g} %"
        return f"{read}: {' + '.join(test.left)} {test.sign} {' + '.join(test.right)}{by if test.percent else ''}"


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
    parts: tuple[Part, ...]
    control: Mapping[str, str]
    note: str = ""
    why: str = ""
    any_part: bool = False

    def needed(self) -> Iterator[tuple[str, Reading]]:
        """Each arm and reading that the claim or its control reads."""
        for part in self.parts:
            for arm in part.test.arms:
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
