"""Copies of the model with the opposite of a mechanism planted, and the claims that must notice."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from iskdyn.calibration import Spread
from iskdyn.levers.claims import Claims, chosen, measure, part_margin
from iskdyn.model import read_model
from iskdyn.study import Study


@dataclass(frozen=True)
class Plant:
    """An edit of the model.

    Attributes
    ----------
    says : the mechanism that is planted
    edits : per variable the part of its equation that is replaced, and by what
    flips : claims, and which of their parts (from 1), that must pass from one side of a half to the other
    """

    says: str
    edits: tuple[tuple[str, str, str], ...]
    flips: tuple[tuple[str, int], ...]


PLANTS = (
    Plant(
        "repression soothes grievance",
        tuple(
            (
                f"Grievance {place}",
                (f"(grievance from repression*violence felt {place} + grievance from closures*Closed)"
                f"*(1 - Grievance {place})"),
                (f"grievance from closures*Closed*(1 - Grievance {place})"
                f" - grievance from repression*violence felt {place}*Grievance {place}"),
            )
            for place in ("Nangarhar", "Kunar")
        ),
        (("CL14", 1), ("CL40", 2)),
    ),
    Plant(
        "protest and talks loosen Kabul's restraint",
        (("Restraint", "(1 - EXP(-protest - talks on restraint*talks)", "(EXP(-protest - talks on restraint*talks)"),),
        (("CL32", 1), ("CL41", 1)),
    ),
    Plant(
        "what the service knows makes violence",
        (("held back by intelligence", "1 - intelligence for violence*", "intelligence for violence*"),),
        (("CL46", 1),),
    ),
    Plant(
        "fear keeps men from surrendering",
        (("stick Nangarhar", "(1 - EXP(-fear in the stick*Fear - raids", "EXP(-5*Fear)*(1 - EXP(-raids"),),
        (("CL16", 1),),
    ),
    Plant(
        "presence opens the villages to recruiters",
        (
            ("access Nangarhar", "1 - access lost", "1 + access lost"),
            ("village access", "1 - access lost", "1 + access lost"),
        ),
        (("CL08", 1), ("CL07a", 1)),
    ),
    Plant(
        "pressure makes traders willing",
        (("Willing traders", "1/(1 + pressure on traders*hawala pressure)", "hawala pressure/(1 + hawala pressure)"),),
        (("CL08", 2), ("CL07a", 6), ("CL49", 2)),
    ),
    Plant(
        "deals put men off surrendering",
        (
            ("will to surrender Nangarhar", "*Deal effort*", "*MAX(0, 1 - Deal effort)*"),
            ("will to surrender Kunar", "*deal effort Kunar*", "*MAX(0, 1 - deal effort Kunar)*"),
            ("winning of elders Nangarhar", "*Deal effort*", "*MAX(0, 1 - Deal effort)*"),
            ("winning of elders Kunar", "*deal effort Kunar*", "*MAX(0, 1 - deal effort Kunar)*"),
        ),
        (("CL05", 1), ("CL31", 1)),
    ),
    Plant(
        "informers shield the cells",
        tuple(
            (f"use of intelligence {place}", "selective repression intensity*", "(1 - selective repression intensity)*")
            for place in ("east", "rest")
        ),
        (("CL17", 1), ("CL17", 2), ("CL35", 1)),
    ),
    Plant(
        "presence on the ground dries up intelligence",
        (("network building", "presence in building*Presence", "presence in building*(1 - Presence)"),),
        (("CL20", 1),),
    ),
    Plant(
        "bombs loosen tongues twenty times as much",
        (("network building", "brutality in tips*bombs", "20*brutality in tips*bombs"),),
        (("CL45", 1),),
    ),
    Plant(
        "a delivered promise costs credit",
        (("Credibility", "served - Credibility", "1 - served - Credibility"),),
        (("CL21", 1),),
    ),
    Plant(
        "threats push elders and men into deals",
        tuple(
            edit
            for place in ("Nangarhar", "Kunar")
            for edit in (
                (f"will to surrender {place}", "EXP(-threat weight*", "EXP(threat weight*"),
                (f"Elders {place}", f"*threat felt {place}", f"*(1 - threat felt {place})"),
            )
        ),
        (("CL22", 1),),
    ),
    Plant(
        "sharing power feeds grievance",
        tuple(
            (f"Grievance {place}", "+ inclusion on grievance*inclusion", "- inclusion on grievance*inclusion")
            for place in ("Nangarhar", "Kunar")
        ),
        (("CL23", 1),),
    ),
    Plant(
        "hiding raises more money than showing oneself",
        (("local money", "(east overt members + Militia Nangarhar + Militia Kunar)", "hidden members"),),
        (("CL25", 3),),
    ),
    Plant(
        "raids never find a hidden man",
        tuple((f"hidden {place} taken", "exposure of the hidden*", "0.0*") for place in ("Nangarhar", "Kunar")),
        (("CL25", 1),),
    ),
    Plant(
        "the hold of the ground angers people",
        tuple(
            (f"Grievance {place}", "closures*Closed)", "closures*Closed + 0.5*Presence/one month)")
            for place in ("Nangarhar", "Kunar")
        ),
        (("CL09", 1),),
    ),
    Plant(
        "IS-K leaves its bases where it is repressed, not where ground is threatened",
        (
            (
                "expectation",
                "(1 + presence at half expectation)*Presence/(presence at half expectation + Presence)",
                "4*Fear",
            ),
        ),
        (("CL15", 1), ("CL15", 3)),
    ),
    Plant(
        "the cut of the budget brings more money",
        (("offered", "(1 - (1 - budget of 2022)*budget cut)", "(1 + budget cut)"),),
        (("CL12", 1), ("CL50", 1)),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What one part of a claim makes of a planted copy: the shares of draws in which it holds."""

    plant: str
    claim: str
    part: int
    before: float
    after: float

    @property
    def flipped(self) -> bool:
        """Whether the share passed from one side of a half to the other."""
        return (self.before >= 0.5) != (self.after >= 0.5)


def planted(study: Study, plant: Plant, folder: Path) -> Study:
    """The study with the plant in a copy of its model."""
    text = study.path_of("model").read_text(encoding="utf-8")
    for variable, old, new in plant.edits:
        text = _edited(text, variable, old, new)
    path = folder / "planted.mdl"
    path.write_text(text, encoding="utf-8")
    return replace(study, program=read_model(path))


def _edited(text: str, variable: str, old: str, new: str) -> str:
    """The text with one part of one equation replaced; a ValueError where it does not stand there once."""
    equation = re.search(rf"(?m)^{re.escape(variable)}\s*=[^~]*", text)
    if equation is None or equation[0].count(old) != 1:
        raise ValueError(f"'{old}' does not stand once in the equation of '{variable}'")
    return text[: equation.start()] + equation[0].replace(old, new) + text[equation.end() :]


def seen(
    study: Study, claims: Claims, spread: Spread, folder: Path, plants: tuple[Plant, ...] = PLANTS,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Seen]:  # fmt: skip
    """Each part that must flip, on the same draws with and without the plant."""
    rows = []
    for plant in plants:
        tell(plant.says)
        some = chosen(claims, sorted({name for name, _ in plant.flips}))
        without = measure(study, some, spread)
        with_it = measure(planted(study, plant, folder), some, without_drawn(spread, plant))
        for name, number in plant.flips:
            part = next(claim for claim in some.claims if claim.id == name).parts[number - 1]
            shares = [float(np.mean(part_margin(part, run) > 0)) for run in (without, with_it)]
            rows.append(Seen(plant.says, name, number, *shares))
    return rows


def without_drawn(spread: Spread, plant: Plant) -> Spread:
    """The draws, without the parameters whose value the plant sets."""
    kept = [i for i, name in enumerate(spread.names) if name not in {name for name, _, _ in plant.edits}]
    return replace(
        spread,
        names=tuple(spread.names[i] for i in kept),
        in_model=spread.in_model[kept],
        centre=spread.centre[kept],
        contraction=spread.contraction[kept],
        draws=spread.draws[:, kept],
    )
