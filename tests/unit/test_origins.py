"""Where a value that is not finite comes from: the first equation that makes one, and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from iskdyn.model import read_model
from iskdyn.simulate import NonFiniteError, simulate


def fails(tmp_path: Path, equations: str, step: float, expected: str, output: str) -> None:
    """That a run of the equations to time 4 ends with this message."""
    path = tmp_path / "origin.mdl"
    clock = f"FINAL TIME = 4 ~~|\nINITIAL TIME = 0 ~~|\nTIME STEP = {step} ~~|\nSAVEPER = 1 ~~|\n"
    path.write_text(f"{{UTF-8}}\n{equations}\n{clock}")
    with pytest.raises(NonFiniteError, match=expected):
        simulate(read_model(path), outputs=[output])


def test_the_origin_of_a_value_that_is_not_finite_is_found_even_between_saved_times(tmp_path: Path) -> None:
    equations = "last = first * 2 ~~|\nfirst = 1 / (1.5 - Time) ~~|\nsum = INTEG(last, 0) ~~|"
    expected = r"origin.mdl:3: 'first' is not a finite number at time 1.5; from it 'sum' is not either"
    fails(tmp_path, equations, 0.5, expected, "sum")


def test_what_no_start_needs_is_found_there_too(tmp_path: Path) -> None:
    equations = "x = 1 / (Time * 0) ~~|\ns = INTEG(1, 0) ~~|"
    fails(tmp_path, equations, 1, r"origin.mdl:2: 'x' is not a finite number at time 0", "x")


def test_at_the_start_the_input_of_a_delay_is_the_origin_and_not_its_output(tmp_path: Path) -> None:
    equations = "late = DELAY3(rate, 3) ~~|\nrate = 1 / (Time * 0) ~~|"
    fails(tmp_path, equations, 1, r"origin.mdl:3: 'rate' is not a finite number at time 0", "late")
