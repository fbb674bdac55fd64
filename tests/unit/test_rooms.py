"""Imports run one way: a package takes from those above it in docs/architecture.md, never from one below."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "iskdyn"
TABLE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("## From study.toml")[0]
ROOMS = [
    name for row in re.findall(r"^\| (`.*?) \|", TABLE, re.MULTILINE) for name in re.findall(r"`(\w+)/`", row)
]
"""In the order of the table: a later one may take from an earlier one."""


def test_every_package_has_its_row() -> None:
    assert sorted(ROOMS) == sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))


def test_no_package_takes_from_a_later_one() -> None:
    wrong = []
    for path in sorted(SOURCE.rglob("*.py")):
        inside = path.relative_to(SOURCE)
        own = ROOMS.index(inside.parts[0]) if len(inside.parts) > 1 else -1
        if inside.as_posix() == "__init__.py":
            own = ROOMS.index("study")  # `iskdyn.open_study`
        wrong += [f"{inside} takes from {room}" for room in _taken(path) if ROOMS.index(room) > own]
    assert wrong == []


def _taken(path: Path) -> Iterator[str]:
    """The packages that a module imports when it is loaded or run; types alone make no circle."""
    pending: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        pending += ast.iter_child_nodes(node)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "iskdyn":
            names = [node.module] if "." in node.module else [f"iskdyn.{one.name}" for one in node.names]
            yield from (name.split(".")[1] for name in names if name.split(".")[1] in ROOMS)
        if isinstance(node, ast.Import):
            assert not any(one.name.startswith("iskdyn.") for one in node.names), path
