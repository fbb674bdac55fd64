"""Change the code in small ways, one at a time, and see whether its tests notice.

Run from the root of the project: python tests/exam/mutants.py units [seconds]; writes two tables beside this
file: how many were noticed, and each that was not. Nothing is changed on disk: each process imports the changed
module from memory. Changes are tried in a random order of a fixed seed until the time is over.
"""

from __future__ import annotations

import ast
import copy
import csv
import importlib.abc
import importlib.util
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_suffix(".csv")
SETS = {
    "units": (
        ("src/iskdyn/model/units_*.py", "src/iskdyn/model/spelling.py"),
        ("tests/unit/test_units.py",),
    ),
    "conditions": (("src/iskdyn/confidence/conditions.py",), ("tests/study/test_conditions.py",)),
    "loops": (("src/iskdyn/confidence/loops/*.py",), ("tests/unit/test_loops.py",)),
    "claims": (("src/iskdyn/levers/claims/*.py",), ("tests/unit/test_claims.py",)),
    "compile": (("src/iskdyn/compile/lower.py", "src/iskdyn/compile/derivatives.py"),
                ("tests/unit/test_compile.py", "tests/equivalence/test_functions.py")),
}  # fmt: skip
"""What is changed, and the tests that must notice."""
SEED = 1
LONGEST = 60
"""Seconds of the processor after which a change counts as noticed: it hangs."""
N_AT_ONCE = 2

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.Continue: ast.Break, ast.Break: ast.Continue,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the file, the line, the words, and the changed source."""

    path: Path
    line: int
    words: str
    source: str


def mutants(path: Path) -> Iterator[Mutant]:
    """Every change of one file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    places = [place for place in _places(tree) if _changed(place) is not None]
    for i_place in range(len(places)):
        again = copy.deepcopy(tree)
        place = [one for one in _places(again) if _changed(one) is not None][i_place]
        parent, name, index, node = place
        new = _changed(place)
        line = getattr(node, "lineno", None) or getattr(parent, "lineno", 0)
        words = f"{_words(parent)}: {type(node).__name__} -> {type(new).__name__}"
        if isinstance(node, ast.Constant) and isinstance(new, ast.Constant):
            words = f"{node.value!r} -> {new.value!r}"
        value = getattr(parent, name)
        if index is None:
            setattr(parent, name, new)
        else:
            value[index] = new
        yield Mutant(path, line, words, ast.unparse(ast.fix_missing_locations(again)))


Place = tuple[ast.AST, str, int | None, ast.AST]


def _places(tree: ast.AST) -> Iterator[Place]:
    """Every node with its parent; no annotations and no docstrings."""
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if (
                isinstance(node, ast.AST)
                and not is_text
                and not isinstance(node, (ast.ImportFrom, ast.Import))
            ):
                yield tree, name, index, node
                yield from _places(node)


def _changed(place: Place) -> ast.AST | None:
    """The node that stands there in the mutant; None for a place that is left alone."""
    parent, name, _, node = place
    if type(node) in _SWAPS:
        return _SWAPS[type(node)]()
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        return node.operand
    if isinstance(node, ast.Constant) and not isinstance(parent, ast.JoinedStr):
        return _another(node)
    if name == "test" and isinstance(parent, (ast.If, ast.IfExp, ast.While)):
        return ast.UnaryOp(ast.Not(), node)
    if isinstance(node, ast.Return) and node.value is not None:
        return ast.Return(ast.Constant(None)) if not isinstance(node.value, ast.Constant) else None
    return ast.Pass() if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None


def _another(node: ast.Constant) -> ast.Constant | None:
    if isinstance(node.value, bool):
        return ast.Constant(not node.value)
    if isinstance(node.value, (int, float)):
        return ast.Constant(node.value + 1)
    return ast.Constant(f"XX{node.value}") if isinstance(node.value, str) else None


def _words(node: ast.AST) -> str:
    text = ast.unparse(node) if isinstance(node, (ast.expr, ast.stmt)) else type(node).__name__
    return text.splitlines()[0][:70]


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the changed source where its module is imported."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = ".".join(mutant.path.relative_to(ROOT / "src").with_suffix("").parts)

    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        """The spec of the changed module only."""
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source as the module."""
        module.__file__ = str(self.mutant.path)
        exec(compile(self.mutant.source, str(self.mutant.path), "exec"), module.__dict__)  # noqa: S102


def noticed(mutant: Mutant, tests: Sequence[str]) -> bool:
    """Whether a test fails or hangs with this change; in a process of its own."""
    child = os.fork()
    if child == 0:
        import pytest

        resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))
        with open(os.devnull, "w") as nothing:
            os.dup2(nothing.fileno(), 1)
            os.dup2(nothing.fileno(), 2)
        if mutant.source:
            sys.meta_path.insert(0, _Changed(mutant))
        quiet = ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        os._exit(int(pytest.main([*quiet, *tests])) != 0)
    return os.waitpid(child, 0)[1] != 0


def main() -> int:
    """0 if at least 80 of 100 changes are noticed."""
    import pysd  # noqa: F401 - what all tests need, once, before the children part
    import pytest  # noqa: F401

    name, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 600.0
    patterns, tests = SETS[name]
    made = [one for pattern in patterns for path in sorted(ROOT.glob(pattern)) for one in mutants(path)]
    random.Random(SEED).shuffle(made)  # noqa: S311 - no secret
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ISKDYN_CACHE": folder, "HYPOTHESIS_STORAGE_DIRECTORY": folder}
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        if noticed(Mutant(made[0].path, 0, "unchanged", ""), tests):
            raise SystemExit("the tests fail without any change")
        until = time.monotonic() + seconds

        def try_one(mutant: Mutant) -> bool | None:
            return noticed(mutant, tests) if time.monotonic() < until else None

        with ThreadPoolExecutor(N_AT_ONCE) as pool:
            verdicts = list(zip(made, pool.map(try_one, made), strict=True))
    return _write(name, verdicts)


def _write(name: str, verdicts: list[tuple[Mutant, bool | None]]) -> int:
    tried = [one for one in verdicts if one[1] is not None]
    missed = [mutant for mutant, was_noticed in tried if not was_noticed]
    score, today = 1 - len(missed) / len(tried), datetime.now(UTC).date().isoformat()
    header = ["date", "code", "changes", "tried", "noticed", "score"]
    old = list(csv.reader(TABLE.open(encoding="utf-8")))[1:] if TABLE.exists() else []
    row = [today, name, str(len(verdicts)), str(len(tried)), str(len(tried) - len(missed)), f"{score:.3f}"]
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [header, *sorted([*(one for one in old if one[1] != name), row], key=lambda one: one[1])]
        )
    with TABLE.with_name(f"mutants_{name}.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["file", "line", "change that no test notices"])
        rows.writerows(sorted((str(one.path.relative_to(ROOT)), one.line, one.words) for one in missed))
    print(f"{name}: {len(tried) - len(missed)} of {len(tried)} noticed ({len(verdicts)} made): {score:.1%}")
    return int(score < 0.8)


if __name__ == "__main__":
    sys.exit(main())
