"""What docstrings say of arguments is of the arguments that are there; every name that a package lists has it."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "iskdyn"
# Verbs of the command line tell their arguments by --help. The sampler's files are left as they were when the
# stored results were made; this is the only one that a package lists a function of.
LEFT_OUT = {"calibration/laplace.py"}


def _functions(path: Path) -> dict[str, ast.FunctionDef]:
    """Functions and methods of a file by their names, the methods' with that of their class."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    places = [("", tree.body)] + [
        (f"{one.name}.", one.body) for one in tree.body if isinstance(one, ast.ClassDef)
    ]
    return {
        before + one.name: one for before, body in places for one in body if isinstance(one, ast.FunctionDef)
    }


def _arguments(function: ast.FunctionDef) -> set[str]:
    given = function.args
    names = {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)} - {"self", "cls"}
    return names | {one.arg for one in (given.vararg, given.kwarg) if one}


def _described(function: ast.FunctionDef) -> set[str]:
    """The names in its section Parameters; empty where it has none."""
    section = re.search(r"^Parameters\n-+\n((?:.+\n?)+)", ast.get_docstring(function) or "", re.MULTILINE)
    lines = section[1].splitlines() if section else []
    heads = [line.partition(" : ")[0] for line in lines if " : " in line and not line.startswith(" ")]
    return {name.strip("*") for head in heads for name in head.split(", ")}


FUNCTIONS = {
    (path.relative_to(SOURCE).as_posix(), name): function
    for path in sorted(SOURCE.rglob("*.py"))
    for name, function in _functions(path).items()
}


def _listed() -> list[tuple[str, str]]:
    """Functions of three arguments and more that some package's __init__.py takes from its files."""
    found = []
    for init in sorted(SOURCE.rglob("__init__.py")):
        for node in ast.parse(init.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith("iskdyn.cli"):
                path = f"{node.module.removeprefix('iskdyn.').replace('.', '/')}.py"
                found += [(path, alias.name) for alias in node.names]
    return [
        place
        for place in dict.fromkeys(found)
        if place in FUNCTIONS and place[0] not in LEFT_OUT and len(_arguments(FUNCTIONS[place])) >= 3
    ]


LISTED = _listed()


def test_sections_name_only_arguments_that_are_there() -> None:
    assert sum(bool(_described(function)) for function in FUNCTIONS.values()) > 200
    wrong = {place: _described(function) - _arguments(function) for place, function in FUNCTIONS.items()}
    assert {place: names for place, names in wrong.items() if names} == {}


@pytest.mark.parametrize("place", LISTED, ids=lambda place: place[1])
def test_what_a_package_lists_describes_its_arguments(place: tuple[str, str]) -> None:
    assert _described(FUNCTIONS[place]), "three arguments or more, and no section Parameters"


def test_the_list_is_that_of_the_packages() -> None:
    assert len(LISTED) > 40
    assert ("calibration/fit.py", "fit") in LISTED


def test_the_reference_has_every_package_with_public_names_and_reads_sections_as_lists() -> None:
    spec = importlib.util.spec_from_file_location("api", SOURCE.parents[1] / "docs" / "api.py")
    assert spec is not None
    assert spec.loader is not None
    api = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(api)
    assert {"iskdyn", "iskdyn.study", "iskdyn.levers.claims"} <= set(api.public_packages())
    assert "iskdyn.cli" not in api.public_packages()
    text = "What.\n\nParameters\n----------\na, b : (n,) of one: two\n    lines\n\nMore."
    assert (
        api.as_markdown(text)
        == "What.\n\n###### Parameters\n\n- **a, b**: (n,) of one: two\n    lines\n\n\nMore."
    )
