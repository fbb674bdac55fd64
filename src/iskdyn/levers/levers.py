"""What a policy may move: `models/levers.toml`, read and checked against the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from iskdyn.errors import Problem, StudyError
from iskdyn.model.names import suggest
from iskdyn.study.form_check import read_form
from iskdyn.study.settings import toml_place

if TYPE_CHECKING:
    from iskdyn.study import Study

Group = Literal["tactic", "sub-lever", "assumption"]
_TEXTS = ("title", "says", "off_means", "needs", "costs", "harms")


@dataclass(frozen=True)
class Lever:
    """One thing that a policy, or an assumption about others, may move.

    Attributes
    ----------
    name : of the constant in the model
    group : "tactic"; "sub-lever": a part of one; "assumption": what others do, or how the model works
    tactic : the tactic that it is or belongs to, as study.toml names it; empty for an assumption
    unit, low, high, default : unit and default are the model's, the default is the history
    off : the value at which it is absent
    off_means : what that stands for and from when, also where the actors follow rules
    needs, costs, harms : what it takes, what it costs, and whom it hurts
    path : the variable that shows over time what was done of it; empty where there is none
    """

    name: str
    title: str
    group: Group
    tactic: str
    unit: str
    low: float
    high: float
    default: float
    off: float
    says: str
    off_means: str
    needs: str
    costs: str
    harms: str
    path: str = ""


def read_levers(study: Study) -> tuple[Lever, ...]:
    """The levers of a study, in the order of its file: first each tactic, then its parts.

    A study without tactics may be without the file: it has no levers.

    Raises
    ------
    StudyError : the file is missing or wrong, with every problem at once
    """
    shown = study.settings.levers
    if not study.settings.tactics and not study.path_of("levers").is_file():
        return ()
    problems: list[Problem] = []
    found, text = read_form(study.path_of("levers"), "levers", shown)
    levers = [_lever(study, row, text, shown, problems) for row in found["lever"]]
    _check_whole(study, [one for one in levers if one], shown, problems)
    if problems:
        raise StudyError(problems)
    return tuple(one for one in levers if one is not None)


def _lever(study: Study, row: dict[str, Any], text: str, shown: str, problems: list[Problem]) -> Lever | None:
    """A lever of the file, whose form is right (`iskdyn.study.forms`); None with its problems added."""
    name = row["name"]
    place = toml_place(text, shown, name)
    bad = _check_numbers(study, name, row, place)
    path = str(row.get("path", ""))
    if path and path not in study.program:
        known = [one.name for one in study.program]
        bad.append(Problem(place, f"path: '{path}' is not a variable of the model{suggest(path, known)}"))
    problems.extend(bad)
    if bad:
        return None
    variable = study.program[name]
    low, high = map(float, row["range"])
    return Lever(
        name=variable.name,
        group=cast("Group", row["group"]),
        tactic=str(row.get("tactic", "")),
        unit=variable.units,
        low=low,
        high=high,
        default=variable.value,
        off=float(row["off"]),
        path=study.program[path].name if path else "",
        **{key: str(row[key]) for key in _TEXTS},
    )


def _check_numbers(study: Study, name: str, row: dict[str, Any], place: str) -> list[Problem]:
    """Problems of the name, the range and the value for off."""
    program = study.program
    if name not in program or program[name].kind != "constant":
        constants = [one.name for one in program.constants]
        return [Problem(place, f"'{name}' is not a constant of the model{suggest(name, constants)}")]
    bad = []
    low, high = map(float, row["range"])
    for value, what in ((float(row["off"]), "off"), (program[name].value, "the model's value")):
        if not low <= value <= high:
            bad.append(Problem(place, f"{what} {value:g} is outside of the range, {low:g} to {high:g}"))
    least, most = program[name].limits
    if low > high or (least is not None and low < least) or (most is not None and high > most):
        limits = f"{program.place(name)}: {least} to {most}"
        bad.append(
            Problem(place, f"range {low:g} to {high:g} is not inside of the model's limits ({limits})")
        )
    return bad


def _check_whole(study: Study, levers: list[Lever], shown: str, problems: list[Problem]) -> None:
    """Each lever once, and one of the group tactic for each tactic of the study."""
    names = [one.name for one in levers]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.append(Problem(shown, f"'{name}' stands there twice"))
    tactics = study.settings.tactics
    for one in levers:
        if one.tactic not in tactics and (one.tactic or one.group != "assumption"):
            hint = suggest(one.tactic, tactics)
            problems.append(Problem(shown, f"'{one.name}': the study has no tactic '{one.tactic}'{hint}"))
        elif one.group == "tactic" and tactics[one.tactic] != one.name:
            message = f"'{one.name}' is not what study.toml says removes {one.tactic}"
            problems.append(Problem(shown, message))
    if not problems:
        told = {one.tactic for one in levers if one.group == "tactic"}
        problems += [
            Problem(shown, f"the tactic '{name}' has no lever") for name in tactics if name not in told
        ]
