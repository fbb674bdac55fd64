"""A study's other files read before long work begins, so that none is found wrong minutes later."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from iskdyn.errors import IskdynError, Problem, StudyError

if TYPE_CHECKING:
    from iskdyn.study import Study

Options = ParamSpec("Options")
Given = TypeVar("Given")


def reads_whole(
    verb: Callable[Concatenate[Study, Options], Given],
) -> Callable[Concatenate[Study, Options], Given]:
    """A verb that reads every file of its study before it begins; see `read_whole`."""

    @wraps(verb)
    def reading(study: Study, /, *more: Options.args, **options: Options.kwargs) -> Given:
        read_whole(study)
        return verb(study, *more, **options)

    return reading


def read_whole(study: Study) -> None:
    """Read every file that study.toml names and opening does not: levers, claims, loops, trials, words and the rest.

    Raises
    ------
    StudyError : with every problem of every file
    """
    problems: list[Problem] = []
    for read in _readers(study):
        try:
            read()
        except IskdynError as error:
            problems += error.problems
    if problems:
        raise StudyError(list(dict.fromkeys(problems)))


def _readers(study: Study) -> list[Callable[[], object]]:
    from iskdyn.calibration.cuts import read_cuts
    from iskdyn.calibration.rules import read_rules
    from iskdyn.calibration.variants import read_variants
    from iskdyn.confidence.battery import read_judgements
    from iskdyn.confidence.cases import read_cases
    from iskdyn.confidence.conditions import read_conditions
    from iskdyn.confidence.loops.named import read_names
    from iskdyn.levers import read_levers
    from iskdyn.levers.claims import read_claims
    from iskdyn.reports.brief import read_brief
    from iskdyn.reports.compliance import read_answers
    from iskdyn.reports.story import story_of

    readers: dict[str, Callable[[Study], object]] = {
        "levers": read_levers, "claims": read_claims, "loops": read_names, "trials": read_cases,
        "judgements": read_judgements, "rules": read_rules,
    }  # fmt: skip
    always = (read_variants, read_cuts, read_conditions, read_answers)
    there = (read for part, read in readers.items() if study.path_of(part).is_file())
    found: list[Callable[[], object]] = [partial(read, study) for read in (*there, *always)]
    if study.settings.story:
        found.append(lambda: read_brief(study, story_of(study)))
    return found
