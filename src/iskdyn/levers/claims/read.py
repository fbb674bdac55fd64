"""The claims of a study, read and checked: every problem at once, with its line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from iskdyn.errors import InputError, Problem, StudyError
from iskdyn.levers.claims.form import (
    BASE,
    Arm,
    Band,
    Claim,
    Claims,
    Contrast,
    Part,
    Relation,
    Role,
    Sign,
)
from iskdyn.model.names import suggest
from iskdyn.study.readings import OF_ONE_WINDOW, Reading, Window
from iskdyn.study.settings import read_toml
from iskdyn.study.tables import read_text

if TYPE_CHECKING:
    from iskdyn.study import Study

_NUMBER = (int, float)
_TOP = {"arms": dict, "claim": list, "contrast": dict}
_CONTRAST = {"title": str, "words": list, "claims": list, "did": dict, "could": dict, "did_window": list,
             "could_window": list, "outcomes": list}  # fmt: skip
_ARM = {"says": str, "from": str, "to": str, "set": dict, "keep": list}
_CLAIM = {"id": str, "says": str, "place": str, "role": str, "note": str, "why": str, "needs": str, "control": dict,
          "expect": list}  # fmt: skip
_EXPECT = {"of": str, "statistic": str, "window": list, "against": list, "share_of": str, "times": str,
           "relation": (str, list), "by_percent": _NUMBER, "within_percent": _NUMBER, "between": list,
           "arm": str}  # fmt: skip


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
    problems: list[Problem] = []
    text = read_text(path, shown, problems)
    found = read_toml(text, shown, problems) if text is not None else None
    if text is None or found is None:
        raise StudyError(problems)
    return _Reader(study, shown, text.splitlines(), problems).read(found)


@dataclass(frozen=True)
class _Reader:
    study: Study
    shown: str
    lines: list[str]
    problems: list[Problem]

    def read(self, found: Mapping[str, Any]) -> Claims:
        found = self._known(found, _TOP, "")
        arms = {BASE: Arm(BASE, "the history as it was")}
        arms |= {name: self._arm(name, table) for name, table in found.get("arms", {}).items()}
        claims = [self._claim(number, table, arms) for number, table in enumerate(found.get("claim", []), 1)]
        self._repeats([claim.id for claim in claims])
        if not claims:
            self.problems.append(Problem(self.shown, "holds no [[claim]]"))
        contrast = self._contrast(found["contrast"], arms, claims) if "contrast" in found else None
        used = {arm for claim in claims for arm, _ in claim.needed()}
        used |= {*contrast.did.values(), *contrast.could.values()} if contrast else set()
        for name in arms:
            if name not in {BASE, *used}:
                self._say(name, "arms", "no claim uses this arm")
        if self.problems:
            raise StudyError(sorted(dict.fromkeys(self.problems), key=lambda one: _line(one.place)))
        return Claims(tuple(claims), arms, contrast)

    def _arm(self, name: str, given: Any) -> Arm:
        table = self._known(given, _ARM, name)
        values = {
            key: float(value) for key, value in table.get("set", {}).items() if self._number(value, name, key)
        }
        keep = self._texts(table.get("keep", []), name, "keep")
        for variable, value in [*values.items(), *((kept, math.nan) for kept in keep)]:
            self._variable(variable, name, value)
        if not values and not keep:
            self._say(name, "set", "changes nothing: give set or keep")
        window = None
        if "from" in table or "to" in table:
            end = self.study.month(self.study.end_time(self.study.horizon[1]) - 0.5)
            window = self._window(
                [table.get("from", self.study.horizon[0]), table.get("to", end)], name, "from"
            )
        return Arm(name, str(table.get("says", "")), values, keep, window)

    def _claim(self, number: int, given: Any, arms: Mapping[str, Arm]) -> Claim:
        name = str(given.get("id", "")) if isinstance(given, dict) else f"claim {number}"
        table = self._known(given, _CLAIM, name)
        for key in ("id", "says", "place", "role"):
            if not table.get(key):
                self._say(name, key, f"'{key}' is missing")
        self._choice(table.get("role", "fitted"), get_args(Role), name, "role")
        self._choice(table.get("needs", "all"), ("all", "any"), name, "needs")
        parts = tuple(part for one in table.get("expect", []) for part in self._parts(one, name))
        if not parts:
            self._say(name, "expect", "expects nothing: give [[claim.expect]]")
        control = self._control(table, parts, name)
        for arm in sorted({arm for part in parts for arm in part.test.arms} | {*control, *control.values()}):
            if arm not in arms:
                self._say(name, arm, f"there is no arm '{arm}'{suggest(arm, arms)}")
        return Claim(
            id=name,
            says=str(table.get("says", "")),
            place=str(table.get("place", "")),
            role=table.get("role", "fitted"),
            parts=parts,
            control=control,
            note=table.get("note", ""),
            why=table.get("why", ""),
            any_part=table.get("needs") == "any",
        )

    def _contrast(self, given: Any, arms: Mapping[str, Arm], claims: list[Claim]) -> Contrast:
        name = "contrast"
        table = self._known(given, _CONTRAST, name)
        for key in _CONTRAST:
            if key not in table:
                self._say(name, name, f"'{key}' is missing")
        texts = {key: self._texts(table.get(key, []), name, key) for key in ("words", "claims", "outcomes")}
        for one in texts["outcomes"]:
            self._variable(one, name)
        for one in texts["claims"]:
            if one not in {claim.id for claim in claims}:
                self._say(name, one, f"there is no claim '{one}'")
        sides = {}
        for key in ("did", "could"):
            arm_of = table.get(key, {})
            named = self._texts([*arm_of.values()], name, key)
            sides[key] = dict(zip(arm_of, named, strict=False))
            self._check_tactics(arm_of, name, key)
            for arm in (one for one in named if one not in arms):
                self._say(name, arm, f"there is no arm '{arm}'{suggest(arm, arms)}")
        windows = {
            f"{key}_window": self._window(table.get(f"{key}_window"), name, f"{key}_window") for key in sides
        }
        return Contrast(title=table.get("title", ""), **texts, **sides, **windows)  # type: ignore[arg-type]

    def _check_tactics(self, given: Mapping[str, Any], name: str, key: str) -> None:
        if set(given) != set(self.study.settings.tactics):
            self._say(
                name, key, f"'{key}' must name an arm for each of {', '.join(self.study.settings.tactics)}"
            )

    def _control(self, table: Mapping[str, Any], parts: tuple[Part, ...], name: str) -> dict[str, str]:
        """As given, else the base arm and the only other one exchanged."""
        if "control" in table:
            return dict(
                zip(
                    table["control"], self._texts([*table["control"].values()], name, "control"), strict=False
                )
            )
        others = sorted({arm for part in parts for arm in part.test.arms} - {BASE})
        if len(others) == 1:
            return {BASE: others[0], others[0]: BASE}
        self._say(
            name, "control", "say which arm stands in for which so that the claim must fail: control = {…}"
        )
        return {}

    def _parts(self, given: Any, name: str) -> Iterator[Part]:
        table = self._known(given, _EXPECT, name)
        self._choice(table.get("statistic", ""), OF_ONE_WINDOW, name, "statistic")
        for key in ("of", "share_of"):
            if key in table or key == "of":
                self._variable(str(table.get(key, "")), name)
        times = str(table.get("times", ""))
        known = [*self.study.parameters["name"], *(one.name for one in self.study.program.constants)]
        if times and times not in known:
            self._say(name, times, f"'{times}' is neither a parameter nor a constant{suggest(times, known)}")
        reading = Reading(
            output=str(table.get("of", "")),
            statistic=table.get("statistic", "mean"),
            window=self._window(table.get("window"), name, "window"),
            against=self._window(table["against"], name, "against") if "against" in table else None,
            share_of=str(table.get("share_of", "")),
            times=times,
        )
        if ("relation" in table) == ("between" in table):
            self._say(name, "relation", "give either relation or between")
        elif "between" in table:
            yield Part(reading, self._band(table, name))
        else:
            told = table["relation"]
            for text in [told] if isinstance(told, str) else self._texts(told, name, "relation"):
                yield from (Part(reading, relation) for relation in self._relation(text, table, name))

    def _relation(self, text: str, table: Mapping[str, Any], name: str) -> Iterator[Relation]:
        signs = [sign for sign in get_args(Sign) if f" {sign} " in text]
        if len(signs) != 1 or text.count(f" {signs[0]} ") != 1:
            self._say(name, text, f"'{text}' is not of the form 'arm > arm', 'arm < arm' or 'arm ~ arm'")
            return
        left, right = (
            tuple(arm.strip() for arm in side.split(" + ")) for side in text.split(f" {signs[0]} ")
        )
        if len(left) != len(right):
            self._say(
                name, text, f"'{text}' adds up {len(left)} arms on the left and {len(right)} on the right"
            )
        key, other = ("within_percent", "by_percent") if signs == ["~"] else ("by_percent", "within_percent")
        if other in table or (signs == ["~"] and key not in table):
            self._say(name, text, f"'{text}' needs {key}, and not {other}")
        percent = table.get(key, 0.0)
        if self._number(percent, name, key):
            yield Relation(left, signs[0], right, float(percent))

    def _band(self, table: Mapping[str, Any], name: str) -> Band:
        given = table["between"]
        arm = str(table.get("arm", BASE))
        if len(given) != 2:
            self._say(name, "between", f"expected two bounds, got {given!r}")
        elif all(isinstance(one, str) for one in given):
            return Band(arm, *self._window(given, name, "between"))
        elif all(self._number(one, name, "between", finite=False) for one in given):
            if not given[0] < given[1]:
                self._say(name, "between", f"{given[0]:g} is not below {given[1]:g}")
            return Band(arm, float(given[0]), float(given[1]))
        return Band(arm, 0.0, 1.0)

    @property
    def _expected(self) -> str:
        """What a period looks like: "month written YYYY-MM"."""
        return self.study.calendar.expected.removeprefix("a ").partition(",")[0]

    def _window(self, given: Any, name: str, key: str) -> Window:
        """Model time of the start of the first and the end of the last period."""
        try:
            first, last = given
            start, end = self.study.window(first, last)
        except (TypeError, ValueError, InputError):
            self._say(name, key, f"expected a first and a last {self._expected}, got {given!r}")
            return 0.0, 1.0
        low, high = self.study.horizon
        if not self.study.time(low) <= start < end <= self.study.time(high) + 1:
            self._say(
                name, key, f"{first} to {last} does not rise within the study's horizon, {low} to {high}"
            )
            return 0.0, 1.0
        return start, end

    def _variable(self, variable: str, name: str, value: float = math.nan) -> None:
        program = self.study.program
        if variable not in program or program[variable].kind in ("table", "control"):
            hint = suggest(variable, [one.name for one in program if one.kind not in ("table", "control")])
            self._say(name, variable, f"the model has no variable '{variable}' that can be set or read{hint}")
            return
        low, high = program[variable].limits
        if (low is not None and value < low) or (high is not None and value > high):
            self._say(name, variable, f"{value:g} is outside of the range of '{variable}', {low} to {high}")

    def _number(self, value: Any, name: str, key: str, *, finite: bool = True) -> bool:
        good = isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
        good = good and (math.isfinite(value) or not finite)
        if not good:
            self._say(name, key, f"expected a number for '{key}', got {value!r}")
        return good

    def _choice(self, value: Any, choices: tuple[str, ...], name: str, key: str) -> None:
        if value not in choices:
            self._say(name, key, f"'{value}' is none of {', '.join(choices)}")

    def _known(self, table: Any, known: Mapping[str, Any], name: str) -> dict[str, Any]:
        """The keys of a table that are known and of the right kind; the others become problems."""
        if not isinstance(table, dict):
            self._say(name, name, f"expected a table, got {table!r}")
            return {}
        for key, value in table.items():
            if key not in known:
                self._say(name, key, f"the key '{key}' is not known{suggest(key, known)}")
            elif not isinstance(value, known[key]):
                self._say(name, key, f"'{key}' cannot be {value!r}")
        return {key: value for key, value in table.items() if key in known and isinstance(value, known[key])}

    def _texts(self, given: list[Any], name: str, key: str) -> tuple[str, ...]:
        """The texts of a list; anything else in it becomes a problem."""
        for one in given:
            if not isinstance(one, str):
                self._say(name, key, f"expected a name in '{key}', got {one!r}")
        return tuple(one for one in given if isinstance(one, str))

    def _repeats(self, names: list[str]) -> None:
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._say(name, "id", f"'{name}' stands there {names.count(name)} times")

    def _say(self, name: str, key: str, message: str) -> None:
        """Add a problem at the first line of the claim or arm that holds the key, else at its own first line."""
        owns = (f'id = "{name}"', f'[arms."{name}"]', f"[arms.{name}]", f"[{name}]")
        start = next((i for i, line in enumerate(self.lines) if line.strip() in owns), 0)
        later = range(start + 1, len(self.lines))
        stop = next(
            (i for i in later if self.lines[i].startswith(("[arms", "[[claim]]", "[contrast]"))),
            len(self.lines),
        )
        line = next((i for i in range(start, stop) if key in self.lines[i]), start)
        place = f"{self.shown}:{line + 1}"
        self.problems.append(Problem(f"{place}:{name}" if name else place, message))


def _line(place: str) -> int:
    """The line of a place; 0 where it has none."""
    return int(place.split(":")[1]) if ":" in place else 0
