"""Make 20 structural faults in copies of the study's model, one at a time, and see what `iskdyn check` says.

The faults were made after the checks were written, for the former model, and carried over to this one by one.
A check that fails on the study as it is counts for nothing. Run from the root of the project:
python tests/exam/structural_faults.py; writes the table beside this file.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from made_from import begun, record, today, write_rows

from iskdyn.confidence import CHECKS, Check
from iskdyn.errors import IskdynError
from iskdyn.study import Study, open_study

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_suffix(".csv")
COLUMNS = ["date", "kind of fault", "fault", "found", "first check that fails", "what it says"]
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
    Fault("leak", "hidden members who give up are not counted among those who gave up",
          "waverers Kunar surrendering + hidden Nangarhar surrendering + hidden Kunar surrendering + north",
          "waverers Kunar surrendering + hidden Kunar surrendering + north"),
    Fault("leak", "members of new cells begin to work and arrive nowhere",
          "INTEG(cells coming to work - working cells lapsing", "INTEG(0.0 - working cells lapsing"),
    Fault("double entry", "freed prisoners who come back are counted in the cities too",
          "hidden Kunar to cities + city recruits - cells coming",
          "hidden Kunar to cities + escapees rejoining + city recruits - cells coming"),
    Fault("wrong stock", "surrenders of Kunar are taken from Nangarhar",
          "INTEG(wavering Nangarhar - waverers Nangarhar surrendering",
          "INTEG(wavering Nangarhar - waverers Kunar surrendering"),
    Fault("wrong sign", "members killed or arrested in the cities are added to the cells",
          "working cells lapsing - working cells taken", "working cells lapsing + working cells taken"),
    Fault("no first-order control", "as many leave the north as if it still had its members of 2021",
          "\tlapse rate*North Afghans\n", "\tlapse rate*initial north\n"),
    Fault("no first-order control", "as many leave the bases as if all of them were still full",
          "share that waits*Open Afghans\n", "share that waits*initial open Afghans\n"),
    Fault("clip", "surrenders are held below what the village can give, by a MIN",
          "\tsurrender hazard Nangarhar*Waverers Nangarhar\n",
          "\tMIN(Waverers Nangarhar/shortest time, surrender hazard Nangarhar*Waverers Nangarhar)\n"),
    Fault("people on their way unseen", "hidden members who go north pass through a delay",
          "\tNangarhar hidden going north*money for moving*takeover*Hidden Nangarhar\n",
          "\tDELAY1(Nangarhar hidden going north*money for moving*takeover*Hidden Nangarhar, time to set up a cell)\n"),
    Fault("clip", "members in the cities leave only while there are more than at the start",
          "\tlapse rate*Working cells\n", "\tlapse rate*MAX(Working cells - initial cells, 0)\n"),
    Fault("unit slip", "those who set up a cell are multiplied by the time that it takes",
          "\tYoung cells/time to set up a cell\n", "\tYoung cells*time to set up a cell\n"),
    Fault("unit slip", "men are taken from thousands of men",
          "Attacks seen - men tied to cities)", "Attacks seen - men tied to cities - Surrendered)"),
    Fault("hidden number", "wages are raised by a tenth inside the equation",
          "one wage bill*(east base members", "1.1*one wage bill*(east base members"),
    Fault("wrong sign", "grievance keeps people from joining",
          "EXP(grievance on joining*(Grievance Nangarhar - ", "EXP(-grievance on joining*(Grievance Nangarhar - "),
    Fault("wrong sign", "short pay holds men",
          "EXP(pay on leaving*(1 - pay cover))", "EXP(-pay on leaving*(1 - pay cover))"),
    Fault("wrong sign", "elders who work with the Taliban bring recruits",
          "(1 - elders on joining*Elders Nangarhar)", "(1 + elders on joining*Elders Nangarhar)"),
    Fault("missing link", "threats keep nobody from giving up",
          "trust factor*EXP(-threat weight*threat felt Nangarhar)", "trust factor"),
    Fault("complement forgotten", "what is known of the cities is acted on in disorder only",
          "use of intelligence rest*(1 - takeover disorder)", "use of intelligence rest*takeover disorder"),
    Fault("wrong sign", "reopening closes schools",
          "INTEG(closing of madrasas - reopening, 0.0)", "INTEG(closing of madrasas + reopening, 0.0)"),
    Fault("step too long", "the model is run in steps of half a month",
          "TIME STEP=\n\t0.0625\n", "TIME STEP=\n\t0.5\n"),
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


def sound_checks() -> list[Callable[[Study], Check]]:
    """The checks that the study passes as it is: what fails without a fault finds none."""
    study = open_study(ROOT)
    return [check for check in CHECKS if check(study).passed]


def failing(study: Path, checks: Sequence[Callable[[Study], Check]]) -> Iterator[tuple[str, str]]:
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
    """0 if at least 18 of the 20 are found; goes on where it was stopped."""
    known = {row["fault"]: row for row in begun(TABLE, COLUMNS)}
    rows = [known[fault.words] for fault in FAULTS if fault.words in known]
    left = FAULTS[len(rows) :]
    checks = sound_checks() if left else []
    if left:
        silent = [check.__name__ for check in CHECKS if check not in checks]
        print("fail without a fault, so that they find none:", ", ".join(silent) or "none", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for fault in left:
            check, says = next(failing(plant(fault, Path(folder)), checks), ("", ""))
            cells = (today(), fault.kind, fault.words, "yes" if check else "no", check, says)
            rows.append(dict(zip(COLUMNS, cells, strict=True)))
            write_rows(TABLE, COLUMNS, rows)
            record(TABLE)
            print(fault.words, "|", check, flush=True)
    n_found = sum(row["found"] == "yes" for row in rows)
    print(f"{n_found} of {len(FAULTS)} found; {TABLE}")
    return int(n_found < LEAST_FOUND)


if __name__ == "__main__":
    sys.exit(main())
