"""What each TOML file of a study may hold: files that are right, every key misspelt, and the same as JSON Schema."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from whole_tiny import FILES

from iskdyn.app.writing import schemas
from iskdyn.levers import levers
from iskdyn.levers.claims import form as claims
from iskdyn.study.form_check import misfits
from iskdyn.study.forms import FORMS
from iskdyn.study.places import toml_lines

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT, ROOT / "models", ROOT / "calibration", ROOT / "reports", *ROOT.glob("tests/data/*"))
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for folder in FOLDERS
    for path in sorted(folder.rglob("*.toml") if folder != ROOT else folder.glob("study.toml"))
} | {f"whole tiny, {name}": text for name, text in FILES.items() if name.endswith(".toml")}

CHANGED = {"set", "series", "level", "ramp", "pulse", "scale", "freeze"}
NAMES = {
    "study": {"tactics", "tactic_decisions", "groups", "outcomes"},
    "scenario": CHANGED,
    "conditions": CHANGED,
    "claims": {"arms", "control", "did", "could", *CHANGED},
    "loops": {"kinds", *CHANGED},
    "trials": CHANGED,
    "variants": {"set"},
    "cuts": {"set"},
    "story": {"outcomes", "switches", "set"},
}
"""Tables whose keys are names, of variables or of whatever the author likes: any key may stand there."""


def kind_of(name: str) -> str:
    return "scenario" if "/scenarios/" in name else Path(name).stem


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every key and list entry, as `tomllib` reads the text."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield (*path, key)
        yield from paths(part, (*path, key))


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_is_used_has_its_form(name: str) -> None:
    assert misfits(tomllib.loads(TEXTS[name]), kind_of(name), TEXTS[name], name) == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_key_has_its_line(name: str) -> None:
    text = TEXTS[name]
    lines, found = toml_lines(text), tomllib.loads(text)
    assert set(lines) == set(paths(found))
    rows = text.splitlines()
    assert [
        path for path, line in lines.items() if isinstance(path[-1], str) and path[-1] not in rows[line - 1]
    ] == []


def test_lines_of_what_is_seldom_written() -> None:
    text = "\n".join(
        [
            'a.b = """', r'[x]\"""', '""""', """"c d" . 'e' = { f = [""", "1, # ]", "[2]], g = 1979-05-27 07:32:00 }",
            "[h]", "[[h.i]]", "[[h.i]]", r"j = '\'",
        ]
    )  # fmt: skip
    found = tomllib.loads(text)
    lines = toml_lines(text)
    assert set(lines) == set(paths(found))
    assert [
        lines["a", "b"],
        lines["c d", "e", "f", 1, 0],
        lines["c d", "e", "g"],
        lines["h", "i", 1, "j"],
    ] == [1, 6, 6, 10]


@pytest.mark.parametrize("name", TEXTS)
def test_a_misspelt_key_of_every_table_is_named_with_its_line(name: str) -> None:
    text, kind = TEXTS[name], kind_of(name)
    tried = set()
    for path, line in toml_lines(text).items():
        *around, key = path
        table = tuple(part for part in around if isinstance(part, str))
        named = (around and around[-1] in NAMES.get(kind, ())) or around[:1] == ["series"]
        if isinstance(key, int) or named or table in tried:
            continue
        rows = text.splitlines()
        if len(re.findall(rf"\b{re.escape(key)}\b", rows[line - 1])) != 1:
            continue
        rows[line - 1] = re.sub(rf"\b{re.escape(key)}\b", f"{key}x", rows[line - 1])
        wrong = "\n".join(rows)
        told = [str(problem) for problem in misfits(tomllib.loads(wrong), kind, wrong, "f")]
        assert any(one.startswith(f"f:{line}:{key}x: the key '{key}x' is not known") for one in told), (
            path,
            told,
        )
        tried.add(table)
    assert tried


def test_choices_are_those_of_the_readers() -> None:
    def choices(kind: str, *path: str) -> set[str]:
        form: Any = FORMS[kind]
        for key in path:
            form = form[int(key)] if key.isdigit() else form[key]
        return set(form["enum"])

    of_lever = ("properties", "lever", "items", "properties", "group")
    assert choices("levers", *of_lever) == set(get_args(levers.Group))
    of_claim = ("properties", "claim", "items", "properties")
    assert choices("claims", *of_claim, "role") == set(get_args(claims.Role))


WRONG = {
    "a list of lists": ("loops", "outcomes = [['a']]", "f:1:outcomes: expected a text, got ['a']"),
    "a truth for a number": ("trials", '[[case]]\nname = "a"\nset = { x = true }\nexpect = [{of = "v"}]',
                             "f:3:x: expected a number, got True"),
    "a table for a list": ("levers", "[lever]", "f:1:lever: expected a list of tables, got {}"),
    "one month": ("story", '[brief]\nlead = []\ndoubt = ["a"]\ncolumns = []\nmethod = ""\ncaution = ""\ncost_note = ""',
                  "f:3:doubt: expected two texts, got ['a']"),
    "no digits": ("story", '[outcomes.x]\nmeasure = "mean"\ndigits = 12',
                  "f:3:digits: expected a whole number from 0 to 9, got 12"),
    "an empty name": ("cuts", '[[variant]]\nname = " "', "f:2:name: expected a text that says something, got ' '"),
    "neither": ("conditions", 'draws = "often"', "f:1:draws: expected true or false, or one of prior, got 'often'"),
    "missing keys": ("rules", '[[rule]]\nname = "a"', "f:1:rule: the keys 'decisions', 'numbers' are missing"),
    "another address": ("story", 'address = "http://x"',
                        "f:1:address: expected a text of the form ^https://\\S+$, got 'http://x'"),
    "a factor of nothing": ("story", '[[questions]]\ntext = "a"\nasks = []\nerror = 0',
                            "f:4:error: expected a number above 0, got 0"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_value_is_told_with_what_was_expected(case: str) -> None:
    kind, text, message = WRONG[case]
    assert [str(one) for one in misfits(tomllib.loads(text), kind, text, "f")] == [message]


def test_schemas_are_written_for_editors(tmp_path: Path) -> None:
    found = schemas(tmp_path)
    assert sorted(path.name for path in found.found) == sorted(f"{kind}.schema.json" for kind in FORMS)
    for kind in FORMS:
        schema = json.loads((tmp_path / f"{kind}.schema.json").read_text(encoding="utf-8"))
        assert schema["$schema"].startswith("https://json-schema.org/")
        assert set(schema["properties"]) == set(FORMS[kind]["properties"])
        assert schema["additionalProperties"] is False
