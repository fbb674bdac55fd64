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
        (
            ("grievance fading", "Grievance/grievance memory", "(0.2*repression felt/one month + 1/grievance memory)"),
            ("grievance fading", "*(1 + talks", "*Grievance*(1 + talks"),
        ),
        (("CL14", 1),),
    ),
    Plant(
        "grievance drives recruits tenfold",
        (("grievance effect", "backlash*", "10*"),),
        (("CL14", 2), ("CL14", 3)),
    ),
    Plant(
        "fear keeps men from surrendering",
        (
            ("pressure Nangarhar", "1 - EXP(-fear weight*Fear Nangarhar -", "(1 - EXP(-"),
            ("pressure Nangarhar", "weight*Presence)", "weight*Presence))*EXP(-fear weight*Fear Nangarhar)"),
            ("pressure Kunar", "1 - EXP(-fear weight*Fear Kunar -", "(1 - EXP(-"),
            ("pressure Kunar", "weight*Presence)", "weight*Presence))*EXP(-fear weight*Fear Kunar)"),
        ),
        (("CL16", 1), ("CL30", 2)),
    ),
    Plant(
        "presence, and hiding from it, open the villages to recruiters",
        (
            ("village access", "1 - access loss*Presence", "1 + access loss*Presence"),
            ("profile", "*overt ratio", "*(2 - overt ratio)"),
        ),
        (("CL08", 1), ("CL07a", 1)),
    ),
    Plant(
        "pressure makes traders willing",
        (("receiving capacity", "*Willing traders", "*(1 - Willing traders)"),),
        (("CL08", 2), ("CL07a", 6)),
    ),
    Plant(
        "deals put men off surrendering",
        (
            ("surrender hazard Nangarhar", "*deals Nangarhar", "*MAX(0, 1 - deals Nangarhar)"),
            ("surrender hazard Kunar", "*deals Kunar", "*MAX(0, 1 - deals Kunar)"),
            ("Elders Nangarhar", "elder gain*deals Nangarhar", "elder gain*MAX(0, 1 - deals Nangarhar)"),
            ("Elders Kunar", "elder gain*deals Kunar", "elder gain*MAX(0, 1 - deals Kunar)"),
        ),
        (("CL05", 1), ("CL05", 2), ("CL31", 1)),
    ),
    Plant(
        "informers blind the raids",
        (
            ("intelligence in use", "Intelligence east*", "(1 - Intelligence east)*"),
            ("intelligence in use", "MIN(1, intelligence effort)", "MAX(0, 1 - intelligence effort)"),
        ),
        (("CL17", 1), ("CL17", 2), ("CL28", 1)),
    ),
    Plant(
        "presence on the ground dries up intelligence",
        (("network building", "mapping by presence*Presence", "mapping by presence*(1 - Presence)"),),
        (("CL20", 1), ("CL20", 2)),
    ),
    Plant(
        "a delivered promise costs credit",
        (("Credibility", "delivered - Credibility", "1 - delivered - Credibility"),),
        (("CL21", 1),),
    ),
    Plant(
        "threats push elders and men into deals",
        (
            ("elders lost", "*threat to waverers", "*(1 - threat to waverers)"),
            ("willingness to surrender", "effect*threat to waverers", "effect*(1 - threat to waverers)"),
        ),
        (("CL22", 1),),
    ),
    Plant(
        "sharing power feeds grievance",
        (("grievance rising", "exclusion gain*(1 - inclusion)", "exclusion gain*(1 + inclusion)"),),
        (("CL23", 1), ("CL23", 3)),
    ),
    Plant(
        "talks loosen Kabul's restraint",
        (("restraint", "(1 - talks share of restraint", "(1 + talks share of restraint"),),
        (("CL32", 1),),
    ),
    Plant(
        "an urban campaign frees men for the east",
        (("diverted force", "(1 - city share of diversion", "(1 + city share of diversion"),),
        (("CL27", 1),),
    ),
    Plant(
        "hiding raises more money than showing oneself",
        (("profile", "*overt ratio", "*(1 - overt ratio)"),),
        (("CL25", 3),),
    ),
    Plant(
        "raids reach open bases tenfold",
        (("overt locals arrested", "East overt locals*", "10*East overt locals*"),),
        (("CL25", 1),),
    ),
    Plant(
        "deals reach nobody",
        (
            ("surrender hazard Nangarhar", "willingness to surrender*", "0*willingness to surrender*"),
            ("surrender hazard Kunar", "willingness to surrender*", "0*willingness to surrender*"),
        ),
        (("CL07b", 5),),
    ),
    Plant(
        "Taliban go over ten times as often",
        (("defectors at takeover", "60", "600"),),
        (("CL26", 1),),
    ),
    Plant(
        "a sweep angers a hundred times as much",
        (("grievance rising", "sweep gain*", "100*sweep gain*"),),
        (("CL09", 1),),
    ),
    Plant(
        "men go north only as far as traders carry money",
        (("northern share", "*pay cover", "*receiving capacity^3"),),
        (("CL10", 1),),
    ),
    Plant(
        "IS-K leaves its bases where it is repressed, not where ground is threatened",
        (
            ("Expected onslaught", "takeover*choking off intensity*territorial hold intensity", "5*Fear Nangarhar"),
            ("non locals leaving for Pakistan", "choking off intensity*territorial hold intensity", "5*Fear Nangarhar"),
        ),
        (("CL15", 1), ("CL15", 2)),
    ),
    Plant(
        "money needs no traders, and unpaid men leave ten times as fast",
        (
            ("central money", "MIN(central money offered, pipe capacity)", "central money offered"),
            ("quiet exit hazard", "pay effect on exit*", "10*pay effect on exit*"),
        ),
        (("CL12", 1),),
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
