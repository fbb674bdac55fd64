"""Make 20 structural faults in copies of the study's model, one at a time, and see what `iskdyn check` says.

The faults were made after the checks were written. Run from the root of the project:
python tests/exam/structural_faults.py; writes the table beside this file.
"""

from __future__ import annotations

import csv
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from made_from import record, today

from iskdyn.confidence import CHECKS, Check
from iskdyn.errors import IskdynError
from iskdyn.study import Study, open_study

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_suffix(".csv")
LEAST_FOUND = 18
PARTS = ("study.toml", "models", "calibration", "reports")


@dataclass(frozen=True)
class Fault:
    """One fault: its kind, what it is, and the text that is replaced."""

    kind: str
    words: str
    old: str
    new: str


FAULTS = (
    Fault("leak", "secret members who are killed are not counted among the dead",
          "INTEG(overt locals killed + non locals killed + hidden killed + underground killed",
          "INTEG(overt locals killed + non locals killed + hidden killed"),
    Fault("leak", "recruits for the cities leave training and arrive nowhere",
          "underground seeding cities + recruits to cities - urban arrested",
          "underground seeding cities - urban arrested"),
    Fault("double entry", "freed prisoners who come back are counted in the cities too",
          "underground seeding cities + recruits to cities - urban arrested",
          "underground seeding cities + escapees rejoining + recruits to cities - urban arrested"),
    Fault("wrong stock", "surrenders of Kunar are taken from Nangarhar",
          "recruits to militia Nangarhar - militia Nangarhar surrenders - militia Nangarhar arrested",
          "recruits to militia Nangarhar - militia Kunar surrenders - militia Nangarhar arrested"),
    Fault("wrong sign", "members killed in the cities are added to the cells",
          "- urban arrested - urban killed - urban quiet exits", "- urban arrested + urban killed - urban quiet exits"),
    Fault("no first-order control", "as many leave the north as if it still had its members of 2021",
          "North and thin provinces*quiet exit hazard",
          "claimed north and thin members/claim inflation*quiet exit hazard"),
    Fault("no first-order control", "as many hide as if all the bases were still full",
          "East overt locals*hiding hazard*Expected onslaught",
          "initial east overt locals*hiding hazard*Expected onslaught"),
    Fault("clip", "surrenders are held below what the village can give, by a MIN",
          "\tMilitia Nangarhar*surrender hazard Nangarhar\n",
          "\tMIN(Militia Nangarhar/presence time, Militia Nangarhar*surrender hazard Nangarhar)\n"),
    Fault("people on their way unseen", "recruits for the north pass through a delay",
          "\tassignments*(1 - city assignment)*northern assignment share\n",
          "\tDELAY1(assignments*(1 - city assignment)*northern assignment share, training time)\n"),
    Fault("clip", "members in the cities leave only while there are more than enough",
          "\tUrban cells*quiet exit hazard\n", "\tMAX(Urban cells - cells for full tempo, 0)*quiet exit hazard\n"),
    Fault("unit slip", "those in training are multiplied by the time of training",
          "\tRecruits in training/training time\n", "\tRecruits in training*training time\n"),
    Fault("unit slip", "men are taken from thousands of men",
          "MAX(least free force, Taliban force - diverted force)",
          "MAX(least free force, Taliban force - diverted force - Surrenderers at liberty)"),
    Fault("hidden number", "wages are raised by a tenth inside the equation",
          "initial paid members)*Pay level", "initial paid members)*Pay level*1.1"),
    Fault("wrong sign", "grievance keeps people from joining",
          "EXP(backlash*(Grievance - initial grievance))", "EXP(-backlash*(Grievance - initial grievance))"),
    Fault("wrong sign", "losses lift the spirits",
          "- morale from losses*ZIDZ(losses, total members)", "+ morale from losses*ZIDZ(losses, total members)"),
    Fault("wrong sign", "elders who work with the Taliban bring recruits",
          "(1 - elder influence*cooperating elders)", "(1 + elder influence*cooperating elders)"),
    Fault("missing link", "threats keep nobody from giving up",
          "(offer without promises + Credibility)*(1 - intimidation effect*threat to waverers)",
          "(offer without promises + Credibility)"),
    Fault("complement forgotten", "what is known is acted on in disorder only",
          "Intelligence east*MIN(1, intelligence effort)*(1 - takeover chaos)",
          "Intelligence east*MIN(1, intelligence effort)*takeover chaos"),
    Fault("wrong sign", "reopening closes schools",
          "(1 - Closed Nangarhar) - reopening elsewhere rate*Closed Nangarhar, 0.0)",
          "(1 - Closed Nangarhar) + reopening elsewhere rate*Closed Nangarhar, 0.0)"),
    Fault("step too long", "the model is run in steps of half a month",
          "TIME STEP=\n\t0.03125\n", "TIME STEP=\n\t0.5\n"),
)  # fmt: skip
"""Every text stands once in the model."""


def plant(fault: Fault, folder: Path) -> Path:
    """A copy of the study with one fault, in a new folder."""
    copy = folder / "study"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_file():
            shutil.copy(source, copy / part)
        else:
            shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("results", "out"))
    model = copy / "models" / "isk.mdl"
    text = model.read_text(encoding="utf-8")
    if text.count(fault.old) != 1:
        raise ValueError(f"{fault.words}: {text.count(fault.old)} places in the model, expected one")
    model.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    return copy


def failing(study: Path, checks: Sequence[Callable[[Study], Check]] = CHECKS) -> Iterator[tuple[str, str]]:
    """What each failing check says first, in the order of the checks."""
    opened = open_study(study)
    for check in checks:
        try:
            verdict: Check = check(opened)
        except IskdynError as error:
            yield check.__name__, str(error.problems[0])
            continue
        if not verdict.passed:
            yield verdict.name, str(verdict.problems[0])


def main() -> int:
    """0 if at least 18 of the 20 are found."""
    n_found = 0
    with TABLE.open("w", newline="", encoding="utf-8") as file, tempfile.TemporaryDirectory() as folder:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["date", "kind of fault", "fault", "found", "first check that fails", "what it says"])
        for fault in FAULTS:
            check, says = next(failing(plant(fault, Path(folder))), ("", ""))
            n_found += bool(check)
            rows.writerow([today(), fault.kind, fault.words, "yes" if check else "no", check, says])
            file.flush()
            print(fault.words, "|", check, flush=True)
    record(TABLE)
    print(f"{n_found} of {len(FAULTS)} found; {TABLE}")
    return int(n_found < LEAST_FOUND)


if __name__ == "__main__":
    sys.exit(main())
