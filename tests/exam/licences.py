"""Write docs/licences.md and docs/iskdyn.cdx.json: what the project installs, for what, under which licence.

Run from the root of the project, in an environment that has everything of constraints.txt:
python tests/exam/licences.py. Licences are those that each package states of itself in its metadata; none was
read by a lawyer. The second file is a bill of materials (CycloneDX 1.6) of what an installed iskdyn runs on,
extras for other machines included; the wheel carries it.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "licences.md"
BILL = ROOT / "docs" / "iskdyn.cdx.json"

RUNS = ("run", "simlin", "cluster", "arviz")
"""What an installed wheel may need; all else serves whoever changes the project."""
NOT_IN_THE_METADATA = {"axe-playwright-python": "MIT License"}
"""Packages whose metadata state no licence, and what their own files say."""
MACHINES = [
    {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system}
    for python in ("3.11", "3.12", "3.13")
    for system in ("linux", "darwin", "win32")
]

HEAD = """# Licences of what is installed

Written by `make licences` from what each package says of itself in its metadata; do not edit by hand.
Nothing of these packages is copied into iskdyn or its wheel; all are installed beside it.

`run`: every use. `simlin`, `cluster`, `arviz`, `dev`, `mutants`, `api`: the extra of that name.
`build`: making the wheel. A package that another one needs stands under what that one is for.

| package | version | licence | for |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Package:
    """A package of constraints.txt as it is installed."""

    name: str
    version: str
    licence: str
    uses: tuple[str, ...]
    """Of run, the extras and build, those that need it."""
    needs: tuple[str, ...]
    """Packages that it needs itself on some machine, by their plain names."""


def main() -> int:
    """0 once both files are written; 2 where the environment is not that of constraints.txt."""
    wanted = constraints()
    wrong = [f"{name}=={version}" for name, version in wanted.items() if installed(name) != version]
    if wrong:
        print(f"not installed, or in another version: {', '.join(wrong)}", file=sys.stderr)
        print(
            "pip install -c constraints.txt -e '.[dev,simlin,cluster,arviz,mutants,api]' editables",
            file=sys.stderr,
        )
        return 2
    found = packages(wanted)
    idle = [package.name for package in found if not package.uses]
    if idle:
        print(f"constraints.txt names what nothing needs: {', '.join(idle)}", file=sys.stderr)
    TABLE.write_text(HEAD + "".join(f"{row(package)}\n" for package in found), encoding="utf-8")
    BILL.write_text(json.dumps(bill(found), indent=1) + "\n", encoding="utf-8")
    return 0


def constraints() -> dict[str, str]:
    """The version of each package, by its name as constraints.txt writes it."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def plain(name: str) -> str:
    """A package's name as every tool compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(name: str) -> str | None:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return None


def packages(wanted: dict[str, str]) -> list[Package]:
    """Every package of constraints.txt, in its order, with who needs it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    roots = {"run": project["project"]["dependencies"], **project["project"]["optional-dependencies"]}
    # hatchling asks for editables itself when the project is installed in place; odfpy is built by setuptools.
    roots["build"] = [*project["build-system"]["requires"], "editables", "setuptools"]
    reached = {use: closure(requirements) for use, requirements in roots.items()}
    asked = set().union(*reached.values())
    uses = {use: {name for name, _ in pairs} for use, pairs in reached.items()}
    return [
        Package(
            name,
            version,
            licence(name),
            tuple(use for use, names in uses.items() if plain(name) in names),
            tuple(sorted({other for pair in asked if pair[0] == plain(name) for other, _ in needs(*pair)})),
        )
        for name, version in wanted.items()
    ]


def closure(requirements: list[str]) -> set[tuple[str, frozenset[str]]]:
    """All that some requirements bring, on any machine: plain names, and the extras asked of each."""
    waiting = [(plain(one.name), frozenset(one.extras)) for one in map(Requirement, requirements)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        package = waiting.pop()
        if package not in seen:
            seen.add(package)
            waiting.extend(needs(*package))
    return seen


def needs(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """What an installed package needs on any machine; nothing of one that is not installed here."""
    if installed(name) is None:
        return
    for line in distribution(name).requires or []:
        one = Requirement(line)
        asked = [{**machine, "extra": extra} for machine in MACHINES for extra in (extras or {""})]
        if one.marker is None or any(one.marker.evaluate(case) for case in asked):
            yield plain(one.name), frozenset(one.extras)


def licence(name: str) -> str:
    """What a package states: an expression, else its classifiers, else a line of text."""
    metadata = distribution(name).metadata
    if metadata.get("License-Expression"):
        return str(metadata["License-Expression"])
    text = (metadata.get("License") or "").strip()
    stated = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License :: OSI Approved :: ")
    ]
    # Some put the whole text of the licence into a field meant for its name, or a word that names none.
    if stated and ("\n" in text or len(text) < len("MIT") or text in ("BSD", "LICENSE")):
        text = ""
    return text or "; ".join(stated) or NOT_IN_THE_METADATA.get(name, "not stated")


def row(package: Package) -> str:
    return f"| {package.name} | {package.version} | {package.licence} | {', '.join(package.uses)} |"


def bill(found: list[Package]) -> dict[str, object]:
    """The bill of materials of an installed iskdyn; without a date, so that it changes with its contents only."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parts = [package for package in found if set(package.uses) & set(RUNS)]
    names = {plain(package.name) for package in parts}
    roots = {plain(Requirement(line).name) for line in project["dependencies"]}
    for extra in set(RUNS) - {"run"}:
        roots |= {plain(Requirement(line).name) for line in project["optional-dependencies"][extra]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": project["name"],
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"name": project["license"]}}],
            }
        },
        "components": [
            {
                "type": "library",
                "bom-ref": plain(package.name),
                "name": package.name,
                "version": package.version,
                "scope": "required" if "run" in package.uses else "optional",
                "licenses": [{"license": {"name": package.licence}}],
            }
            for package in parts
        ],
        "dependencies": [
            {"ref": project["name"], "dependsOn": sorted(roots)},
            *(
                {"ref": plain(package.name), "dependsOn": sorted(set(package.needs) & names)}
                for package in parts
            ),
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
