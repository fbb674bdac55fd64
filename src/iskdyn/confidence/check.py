"""What one check of a model or study found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iskdyn.errors import Problem
from iskdyn.written import JsonObject


@dataclass(frozen=True)
class Check:
    """One check's verdict.

    Attributes
    ----------
    name : what must hold, in few words
    passed : whether it does
    figure, bar : what was found, and what is allowed
    words : how it was looked at
    problems : each thing that fails, with its place; empty where passed
    """

    name: str
    passed: bool
    figure: str
    bar: str
    words: str
    problems: tuple[Problem, ...] = ()

    def as_dict(self) -> JsonObject:
        """The check for JSON."""
        problems = [{"place": one.place, "message": one.message} for one in self.problems]
        return {
            "name": self.name,
            "passed": self.passed,
            "figure": self.figure,
            "bar": self.bar,
            "words": self.words,
            "problems": problems,
        }


def counted(name: str, words: str, n_looked_at: int, problems: Sequence[Problem]) -> Check:
    """A check that passes where nothing fails.

    Parameters
    ----------
    name, words : of the check
    n_looked_at : how many things were looked at
    problems : those that fail, each with its place
    """
    return Check(name, not problems, f"{len(problems)} of {n_looked_at}", "0", words, tuple(problems))
