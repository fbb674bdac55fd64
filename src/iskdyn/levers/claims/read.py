"""The claims of a study, read and checked: every problem at once, with its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iskdyn.errors import InputError, Problem, StudyError
from iskdyn.levers.claims.form import Claim, Claims, Contrast
from iskdyn.levers.claims.measure import returns
from iskdyn.model.names import suggest
from iskdyn.study.changes import Arm, inputs_of, read_changes
from iskdyn.study.expectations import BASE, Expectation, read_expectations, read_window
from iskdyn.study.form_check import read_form
from iskdyn.study.inputs import check_inputs
from iskdyn.study.places import Page, Path

if TYPE_CHECKING:
    from iskdyn.study import Study


def read_claims(study: Study) -> Claims:
    """The claims in the file that the study names.

    Raises
    ------
    InputError : the study has no such file
    StudyError : with every problem of the file and its place
    """
    path = study.path_of("claims")
    shown = str(study.settings.claims)
    if not path.is_file():
        raise InputError(Problem(shown, "this study has no claims: the file is missing"))
    found, text = read_form(path, "claims", shown)
    return _Reader(study, Page(text, shown)).read(found)


@dataclass(frozen=True)
class _Reader:
    study: Study
    page: Page

    def read(self, found: Mapping[str, Any]) -> Claims:
        arms = {BASE: Arm(BASE, "the history as it was")}
        arms |= {name: self._arm(name, table) for name, table in found.get("arms", {}).items()}
        claims = tuple(self._claim(table, arms, ("claim", i)) for i, table in enumerate(found["claim"]))
        ids = [claim.id for claim in claims]
        for i, name in enumerate(ids):
            if name in ids[:i]:
                self.page.say(("claim", i, "id"), f"'{name}' stands there {ids.count(name)} times")
        contrast = self._contrast(found["contrast"], arms, ids) if "contrast" in found else None
        used = {BASE, *(arm for claim in claims for arm, _ in claim.needed())}
        used |= {*contrast.did.values(), *contrast.could.values()} if contrast else set()
        for name in arms:
            if name not in used:
                self.page.say(("arms", name), "no claim uses this arm")
        if self.page.problems:
            raise StudyError(list(dict.fromkeys(self.page.problems)))
        return Claims(claims, arms, contrast)

    def _arm(self, name: str, table: Mapping[str, Any]) -> Arm:
        at = ("arms", name)
        changes = read_changes(self.study.setting, table, self.page, at)
        if not changes:
            self.page.say(at, "changes nothing")
        for one in changes:
            if returns(one):
                first, last = self.study.horizon
                start, end = self.study.window(first, last)
                if (
                    one.window[0] >= end
                    or start > one.window[0]
                    or (one.kind == "pulse" and one.window[1] > end)
                ):
                    message = f"does not stay within the study's horizon, {first} to {last}"
                    self.page.say((*at, one.table, one.name), message)
                low, high = self.study.program[one.name].limits
                if (low is not None and one.value < low) or (high is not None and one.value > high):
                    message = f"{one.value:g} is outside of the range of '{one.name}', {low} to {high}"
                    self.page.say((*at, one.table, one.name), message)
                continue
            inputs = inputs_of(
                self.study.setting,
                [one],
                lambda one, message: self.page.say((*at, one.table, one.name), message),
            )
            for problem in check_inputs(self.study.program, inputs):
                self.page.say((*at, one.table, one.name), problem.message)
        return Arm(name, table.get("says", ""), changes)

    def _claim(self, table: Mapping[str, Any], arms: Mapping[str, Arm], at: Path) -> Claim:
        where = (*at, "expect")
        parts = read_expectations(self.study.setting, table["expect"], self.page, where)
        for i, row in enumerate(table["expect"]):
            if "window" not in row or "statistic" not in row:
                self.page.say((*where, i), "give a statistic and a window")
        for one in parts:
            self._check(one, where)
        others = sorted({arm for one in parts for arm in one.named} - {BASE})
        if "control" in table:
            control = dict(table["control"])
        elif len(others) == 1:
            control = {BASE: others[0], others[0]: BASE}
        else:
            control = {}
            message = "say which arm stands in for which so that the claim must fail: control = {…}"
            self.page.say(at, message)
        self._known({*others, *control, *control.values()}, arms, at)
        return Claim(
            id=table["id"],
            says=table["says"],
            place=table["place"],
            role=table["role"],
            parts=parts,
            control=control,
            note=table.get("note", ""),
            why=table.get("why", ""),
            any_part=table.get("needs") == "any",
        )

    def _check(self, one: Expectation, at: Path) -> None:
        known = [*self.study.parameters["name"], *(other.name for other in self.study.program.constants)]
        if one.times and one.times not in known:
            hint = suggest(one.times, known)
            self.page.say(at, f"'{one.times}' is neither a parameter nor a constant{hint}")
        if one.than and len(one.arms) != len(one.than):
            words = f"adds up {len(one.arms)} arms, and compares them with {len(one.than)}"
            self.page.say(at, f"'{' + '.join(one.arms)}' {words}")
        if one.kind != "within" and not one.than:
            self.page.say(at, f"'{one.output}': give an arm, and with than what it is compared with")

    def _known(self, names: Iterable[str], arms: Mapping[str, Arm], at: Path) -> None:
        for name in sorted(set(names) - set(arms)):
            self.page.say(at, f"there is no arm '{name}'{suggest(name, arms)}")

    def _contrast(self, table: Mapping[str, Any], arms: Mapping[str, Arm], ids: list[str]) -> Contrast:
        at, tactics, setting = ("contrast",), self.study.settings.tactics, self.study.setting
        for name in table["outcomes"]:
            if name not in self.study.program:
                self.page.say((*at, "outcomes"), setting.lacks(name))
        for name in table["claims"]:
            if name not in ids:
                self.page.say((*at, "claims"), f"there is no claim '{name}'")
        for key in ("did", "could"):
            if set(table[key]) != set(tactics):
                self.page.say((*at, key), f"'{key}' must name an arm for each of {', '.join(tactics)}")
            self._known(table[key].values(), arms, (*at, key))
        did, could = (
            read_window(setting, table[key], self.page, (*at, key)) for key in ("did_window", "could_window")
        )
        return Contrast(
            table["title"], tuple(table["words"]), tuple(table["claims"]), table["did"], table["could"],
            did, could, tuple(table["outcomes"]),
        )  # fmt: skip
