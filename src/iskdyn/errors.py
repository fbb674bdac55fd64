"""Every error a user can meet, by who must act on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, and what was expected, what came, what to do."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


MOST = 20
"""Problems of one file that are printed: a table with its cells shifted has thousands, and the first say why."""


def told(problems: Iterable[Problem], most: int = MOST) -> list[str]:
    """The problems as lines; of one file the first of them, and how many more it has.

    >>> told([Problem("a.csv:1", "x"), Problem("a.csv:2", "y"), Problem("b.csv", "z")], most=1)
    ['a.csv:1: x', 'a.csv: 1 problem more like these', 'b.csv: z']
    """
    by_file: dict[str, list[str]] = {}
    for problem in problems:
        by_file.setdefault(problem.place.partition(":")[0], []).append(str(problem))
    lines = []
    for file, its in by_file.items():
        left = len(its) - most
        lines += its[:most]
        lines += [f"{file}: {left:,} problem{'s' * (left > 1)} more like these"] if left > 0 else []
    return lines


class ModelWarning(UserWarning):
    """Something of a model is run, but not as its text may lead one to expect; the message says what."""


class IskdynError(Exception):
    """Base of all errors raised on purpose; carries every problem found, not only the first.

    Parameters
    ----------
    problems : one `Problem`, or an iterable of them
    """

    exit_code = 2

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[IskdynError], tuple[tuple[Problem, ...]]]:
        """Errors travel whole between processes."""
        return type(self), (self.problems,)


class ModelError(IskdynError):
    """The model file is wrong: its author must act."""


class StudyError(IskdynError):
    """A table or setting of the study is wrong: its author must act."""


class InputError(IskdynError):
    """An argument is wrong: the caller must act."""


class GateError(IskdynError):
    """Input was fine, but a check or a gate failed; the result says which."""

    exit_code = 1


class InternalError(IskdynError):
    """The program contradicts itself: we must act."""

    exit_code = 1
