"""What is installed: versions, hashes, licences and the bill of materials agree; the audit says what it did."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AUDIT = ROOT / "tests" / "exam" / "audit.py"
FIRST, _, LAST = (ROOT / "constraints.txt").read_text(encoding="utf-8").partition("# Only for the extra")
TABLE = [
    [cell.strip() for cell in line.strip("| \n").split("|")]
    for line in (ROOT / "docs" / "licences.md").read_text(encoding="utf-8").splitlines()[10:]
]
BILL = json.loads((ROOT / "docs" / "iskdyn.cdx.json").read_text(encoding="utf-8"))


def test_each_package_of_the_first_part_has_hashes_of_its_version_and_no_other_has():
    hashes = (ROOT / "hashes.txt").read_text(encoding="utf-8")
    entries = re.findall(
        r"^(\S+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", hashes, re.MULTILINE
    )
    rebuilt = "".join(f"{name}=={version} \\\n{lines}" for name, version, lines in entries)
    assert hashes.partition("\n")[2] == rebuilt, "something else stands in it"
    assert {_plain(name): version for name, version, _ in entries} == _versions(FIRST)


def test_licences_name_every_package_in_its_version():
    assert {_plain(name): version for name, version, _, _ in TABLE} == _versions(FIRST) | _versions(LAST)


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_every_package_has_a_licence_and_a_use(row):
    name, _, licence, uses = row
    assert licence not in ("", "not stated")
    assert uses
    assert (uses in ("mutants", "arviz", "api")) == (_plain(name) in _versions(LAST))


def test_the_bill_lists_what_an_installed_iskdyn_may_need():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (BILL["bomFormat"], BILL["specVersion"]) == ("CycloneDX", "1.6")
    assert BILL["metadata"]["component"]["version"] == project["version"]
    wanted = {
        (name, version, licence, "required" if "run" in uses.split(", ") else "optional")
        for name, version, licence, uses in TABLE
        if {"run", "simlin", "cluster", "arviz"} & set(uses.split(", "))
    }
    assert wanted == {
        (part["name"], part["version"], part["licenses"][0]["license"]["name"], part["scope"])
        for part in BILL["components"]
    }


def test_the_bill_refers_to_nothing_that_it_does_not_list():
    listed = {part["bom-ref"] for part in BILL["components"]} | {BILL["metadata"]["component"]["bom-ref"]}
    refers = {entry["ref"]: entry["dependsOn"] for entry in BILL["dependencies"]}
    assert set(refers) == listed
    assert {name for names in refers.values() for name in names} == listed - {"iskdyn"}


@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("hatchling") is None, reason="hatchling is not installed: no wheel can be built"
)
def test_the_wheel_carries_the_bill(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = archive.read("iskdyn-0.1.0.dist-info/sboms/iskdyn.cdx.json")
    assert json.loads(inside) == BILL


def test_without_a_list_the_audit_is_skipped_aloud():
    done = _audit()
    assert done.returncode == 0
    assert done.stdout.startswith("audit: skipped")
    assert len(done.stdout.splitlines()) == 1


AFFECTED = {
    "listed": {"versions": ["1.0", "USED"]},
    "in a range": {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]}]},
    "up to it": {
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "USED"}]}]
    },
    "beyond compare": {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "a-word"}]}]},
}
NOT_AFFECTED = {
    "another version": {"versions": ["1.0"]},
    "fixed in it": {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "USED"}]}]},
    "later": {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "999"}]}]},
    "commits only": {"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]},
}


@pytest.mark.parametrize("case", AFFECTED)
def test_a_record_that_speaks_of_a_version_in_use_is_told(case, tmp_path):
    done = _audit(_list(tmp_path, AFFECTED[case]))
    assert done.returncode == 1
    assert f"Jinja2=={_versions(FIRST)['jinja2']}: MADE-UP-1, an invented hole" in done.stdout
    assert "1 records, the newest of 2026-11-01: 1 findings" in done.stdout


@pytest.mark.parametrize("case", NOT_AFFECTED)
def test_a_record_of_other_versions_is_no_finding(case, tmp_path):
    done = _audit(_list(tmp_path, NOT_AFFECTED[case]))
    assert (done.returncode, "0 findings" in done.stdout) == (0, True)


def test_a_withdrawn_record_is_no_finding(tmp_path):
    assert _audit(_list(tmp_path, AFFECTED["listed"], withdrawn="2026-11-02T00:00:00Z")).returncode == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": "MADE-UP-1"}'])
def test_a_list_that_cannot_be_used_is_refused(text, tmp_path):
    if text:
        (tmp_path / "record.json").write_text(text, encoding="utf-8")
    done = _audit(tmp_path)
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr


def _list(folder: Path, affected: dict[str, object], **more: str) -> Path:
    """A list with one invented record about a package in use, its name spelled otherwise."""
    text = json.dumps({"package": {"name": "JINJA2"}, **affected}).replace("USED", _versions(FIRST)["jinja2"])
    record = {
        "id": "MADE-UP-1",
        "summary": "an invented hole",
        "modified": "2026-11-01T00:00:00Z",
        "affected": [json.loads(text)],
        **more,
    }
    (folder / "MADE-UP-1.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def _audit(*arguments: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(AUDIT), *map(str, arguments)], capture_output=True, text=True, check=False
    )


def _versions(text: str) -> dict[str, str]:
    """The version of each package that a part of constraints.txt names, by its plain name."""
    return {_plain(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)$", text, re.MULTILINE)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
