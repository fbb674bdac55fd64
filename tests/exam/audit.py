"""Look up every package of constraints.txt in a list of known vulnerabilities that lies at hand.

Run from the root of the project: python tests/exam/audit.py [LIST]. LIST is a folder of records in the OSV format
(JSON, one a file), of Python packages. Nothing is asked of a network and no list comes with the project: without
one the audit is skipped, and says so. Exit code 1 with every record that speaks of a version in use, 2 where the
list cannot be used.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from licences import constraints, plain
from packaging.version import InvalidVersion, Version


def main(arguments: list[str]) -> int:
    """The exit code, after one line a finding and one line in all."""
    if not arguments:
        print("audit: skipped, no list of vulnerabilities at hand; `make audit LIST=FOLDER` reads one")
        return 0
    try:
        records = read(Path(arguments[0]))
    except ValueError as problem:
        print(f"audit: {problem}", file=sys.stderr)
        return 2
    used = constraints()
    found = sorted(set(findings(records, used)))
    print("".join(f"{line}\n" for line in found), end="")
    newest = max(str(record.get("modified", "")) for record in records)[:10] or "unknown"
    print(
        f"audit: {len(used)} packages, {len(records)} records, the newest of {newest}: {len(found)} findings"
    )
    return int(bool(found))


def read(folder: Path) -> list[dict[str, Any]]:
    """Every record of a list."""
    records = []
    for path in sorted(folder.rglob("*.json")):
        try:
            record = json.loads(path.read_bytes())
        except ValueError as problem:
            raise ValueError(f"{path} is not JSON: {problem}") from None
        if not isinstance(record, dict) or "affected" not in record:
            raise ValueError(f"{path} is no record in the OSV format: it has no 'affected'")
        records.append(record)
    if not records:
        raise ValueError(f"{folder} holds no record (*.json)")
    return records


def findings(records: list[dict[str, Any]], used: dict[str, str]) -> Iterator[str]:
    """A line for each record that names a version in use and was not withdrawn."""
    versions = {plain(name): (name, version) for name, version in used.items()}
    for record in records:
        for affected in record["affected"]:
            name, version = versions.get(plain(affected.get("package", {}).get("name", "")), ("", ""))
            if name and "withdrawn" not in record and is_affected(version, affected):
                yield f"{name}=={version}: {record.get('id')}, {record.get('summary', 'no summary')}"


def is_affected(version: str, affected: dict[str, Any]) -> bool:
    """Whether a record lists a version, or has it in one of its ranges."""
    if version in affected.get("versions", []):
        return True
    ranges = [each for each in affected.get("ranges", []) if each.get("type") != "GIT"]
    return any(is_within(Version(version), each.get("events", [])) for each in ranges)


def is_within(version: Version, events: list[dict[str, str]]) -> bool:
    """Whether the last event at or before a version says that it is affected.

    Examples
    --------
    >>> is_within(Version("1.4"), [{"introduced": "0"}, {"fixed": "1.4"}])
    False
    >>> is_within(Version("1.4"), [{"introduced": "0"}, {"last_affected": "1.4"}])
    True
    """
    inside = False
    for kind, text in sorted((pair for event in events for pair in event.items()), key=_order):
        try:
            bound = Version(text)
        except InvalidVersion:
            return True  # what cannot be compared is for a person to look at
        if kind == "introduced" and bound <= version:
            inside = True
        elif (kind == "fixed" and bound <= version) or (kind == "last_affected" and bound < version):
            inside = False
    return inside


def _order(event: tuple[str, str]) -> tuple[Version, bool]:
    """By version; an end before a beginning at the same one."""
    try:
        return Version(event[1]), event[0] == "introduced"
    except InvalidVersion:
        return Version("0"), False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
