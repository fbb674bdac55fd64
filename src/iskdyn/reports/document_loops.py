"""The feedback loops of a model as its document lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iskdyn.study import Study


@dataclass(frozen=True)
class Loop:
    """One loop: the variables along it, and "reinforcing", "balancing" or "changing"."""

    names: tuple[str, ...]
    polarity: str


@dataclass(frozen=True)
class Loops:
    """What is said of the loops, and those that are listed."""

    words: str
    listed: tuple[Loop, ...]


def read_loops(study: Study) -> Loops | None:
    """The loops of the study's model."""
    return None
