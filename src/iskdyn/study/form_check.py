"""A TOML file held to its form: every key that is missing or not known and every wrong kind, at its true line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from iskdyn.errors import Problem, StudyError
from iskdyn.model.names import suggest
from iskdyn.study.forms import FORMS, Form
from iskdyn.study.places import Path, place_of, toml_lines
from iskdyn.study.settings import Settings, read_toml
from iskdyn.study.tables import read_text

CONDITIONS = "conditions.toml"
"""Beside the model; no key of study.toml names it."""
SHOWN = 60
"""Characters of a wrong value that are shown."""
_KINDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "a text"),
    "number": ((int, float), "a number"),
    "integer": ((int,), "a whole number"),
    "boolean": ((bool,), "true or false"),
    "array": ((list,), "a list"),
    "object": ((dict,), "a table"),
}


def check_files(root: FilePath, settings: Settings) -> list[Problem]:
    """Every problem of form in the TOML files of a study that are there, but study.toml and the scenarios."""
    files = {kind: str(getattr(settings, kind)) for kind in FORMS if hasattr(settings, kind)}
    files["conditions"] = (FilePath(settings.model).parent / CONDITIONS).as_posix()
    problems: list[Problem] = []
    for kind, shown in files.items():
        if shown and (root / shown).is_file():
            try:
                read_form(root / shown, kind, shown)
            except StudyError as error:
                problems += error.problems
    return problems


def read_form(path: FilePath, kind: str, shown: str) -> tuple[dict[str, Any], str]:
    """What a file of this kind (of `FORMS`) says, and its text.

    Raises
    ------
    StudyError : it cannot be read, or is not of its form, which may be since the study was opened
    """
    problems: list[Problem] = []
    text = read_text(path, shown, problems)
    found = read_toml(text, shown, problems) if text is not None else None
    if text is None or found is None or (problems := misfits(found, kind, text, shown)):
        raise StudyError(problems)
    return found, text


def misfits(found: Mapping[str, Any], kind: str, text: str, shown: str) -> list[Problem]:
    """Every problem of form of one file.

    Parameters
    ----------
    found : what the file says
    kind : of `FORMS`
    text, shown : the file's text, and how messages name it
    """
    wrong = list(_misfits(found, FORMS[kind], ()))
    lines = toml_lines(text) if wrong else {}
    return [Problem(place_of(lines, path, shown), message) for path, message in wrong]


def _misfits(value: Any, form: Form, path: Path) -> Iterator[tuple[Path, str]]:
    if "anyOf" in form:
        yield from _of_any(value, form["anyOf"], path)
        return
    good, words = _KINDS.get(form.get("type", ""), ((object,), ""))
    if "type" in form and (not isinstance(value, good) or (isinstance(value, bool) and bool not in good)):
        yield path, _expected(form, value)
    elif words == "a table":
        yield from _of_table(value, form, path)
    elif words == "a list":
        for i, item in enumerate(value):
            yield from _misfits(item, form["items"], (*path, i))
        if not form.get("minItems", 0) <= len(value) <= form.get("maxItems", len(value)):
            yield path, _expected(form, value)
    elif not _fits(value, form):
        yield path, _expected(form, value)


def _of_table(value: Mapping[str, Any], form: Form, path: Path) -> Iterator[tuple[Path, str]]:
    known = form.get("properties", {})
    missing = [f"'{key}'" for key in form.get("required", ()) if key not in value]
    if missing:
        yield (
            path,
            f"the key{'s' * (len(missing) > 1)} {', '.join(missing)} {'are' if missing[1:] else 'is'} missing",
        )
    for key, item in value.items():
        if key in known:
            yield from _misfits(item, known[key], (*path, key))
        elif form["additionalProperties"] is False:
            yield (*path, key), f"the key '{key}' is not known{suggest(key, known)}"
        else:
            yield from _misfits(item, form["additionalProperties"], (*path, key))


def _of_any(value: Any, forms: list[Form], path: Path) -> Iterator[tuple[Path, str]]:
    """Nothing where one of the forms fits; else what is wrong with the only one of the value's own kind."""
    tried = [list(_misfits(value, form, path)) for form in forms]
    if not all(tried):
        return
    own = [
        wrong
        for form, wrong in zip(forms, tried, strict=True)
        if isinstance(value, _KINDS[form["type"]][0] if "type" in form else str)
    ]
    if len(own) == 1 and isinstance(value, dict | list):
        yield from own[0]
    else:
        yield path, _expected({"anyOf": forms}, value)


def _fits(value: Any, form: Form) -> bool:
    """Whether a value that is no table or list is within what the form allows."""
    if "enum" in form:
        return value in form["enum"]
    if isinstance(value, str):
        return len(value.strip()) >= form.get("minLength", 0) and bool(
            re.search(form.get("pattern", ""), value)
        )
    low, high = form.get("minimum", -math.inf), form.get("maximum", math.inf)
    above = form.get("exclusiveMinimum")
    return bool(low <= value <= high and (above is None or value > above))


def _expected(form: Form, value: Any) -> str:
    shown = repr(value)
    return f"expected {words_of(form)}, got {shown if len(shown) <= SHOWN else shown[:SHOWN] + '…'}"


def words_of(form: Form, plural: bool = False) -> str:
    """What a form allows, for a message.

    >>> words_of({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2})
    'two texts'
    """
    if "anyOf" in form:
        return ", or ".join(words_of(one, plural) for one in form["anyOf"])
    if "enum" in form:
        return f"one of {', '.join(form['enum'])}"
    words = _KINDS[form["type"]][1]
    if words == "a list":
        inner = words_of(form["items"], plural=True)
        least, most = form.get("minItems"), form.get("maxItems")
        if least == most == 2:
            return f"two {inner}"
        few = f", at most {'two' if most == 2 else most}" if most else ""
        return f"a list of {'one or more ' if least else ''}{inner}{few}"
    if isinstance(form.get("additionalProperties"), Mapping):
        return f"a table of {words_of(form['additionalProperties'], plural=True)}"
    if form.get("minLength"):
        words = "a text that says something"
    if "pattern" in form:
        words += f" of the form {form['pattern']}"
    if "maximum" in form:
        words += f" from {form['minimum']} to {form['maximum']}"
    if "exclusiveMinimum" in form:
        words += f" above {form['exclusiveMinimum']}"
    return f"{words.removeprefix('a ')}s" if plural and " that " not in words else words
