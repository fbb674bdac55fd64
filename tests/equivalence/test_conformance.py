"""Models beside their expected output: what passes, what is refused and why, which errors are PySD's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from iskdyn.simulate.conformance import conformance, summary
from iskdyn.simulate.expected import read_expected
from iskdyn.simulate.pysd_repairs import INTEGERS, MIXED_LOGIC, NEGATIVE_BASE, READ_LATE

OTHERS = Path(__file__).parents[3] / "shared" / "test-models"
CONTROLS = "FINAL TIME = 4 ~~|\nINITIAL TIME = 0 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n"
GROWTH = "{UTF-8}\ns = INTEG(0.1 * s, 1.0) ~~|\n"
ERRORS_OF_PYSD = {
    INTEGERS: "y = SMOOTHI(5.7, 2, 1) ~~|\n",
    READ_LATE: "y = SAMPLE IF TRUE(MODULO(Time, 2) = 1, a stock * 2, -1.0) ~~|\na stock = INTEG(1, 0.0) ~~|\n"
    "FINAL TIME = 4 ~~|\nINITIAL TIME = 0 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 2 ~~|\n",
    MIXED_LOGIC: "y = IF THEN ELSE(0 > 1 :AND: 1 > 0 :OR: 1 > 0, 1, 0) ~~|\n",
    NEGATIVE_BASE: "y = (-2) ^ 2 ~~|\n",
}


def write(folder: Path, text: str, expected: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model.mdl").write_text(text if "SAVEPER" in text else text + CONTROLS)
    if expected:
        (folder / "output.tab").write_text(expected)
    return folder


def test_a_model_passes_within_the_printed_precision(tmp_path: Path) -> None:
    write(tmp_path / "good", GROWTH, "Time\ts\n0\t1\n1\t1.1\n2\t1.21\n3\t1.331\n4\t1.4641\n")
    write(tmp_path / "rounded", GROWTH, "Time\tS\n0\t1\n1\t1.1\n2\t1.2\n3\t1.3\n4\t1.5\n")
    table = conformance(tmp_path, ["numpy"])
    assert table["outcome"].tolist() == ["passed", "passed"]
    assert (table["to_expected"] < 1e-6).all()
    assert summary(table) == "passed 2 of 2, refused 0, failed 0"


def test_a_refused_model_says_why(tmp_path: Path) -> None:
    write(tmp_path / "odd", "{UTF-8}\na[x] = 1 ~~|\n")
    row = conformance(tmp_path, ["numpy"]).iloc[0]
    assert row["outcome"] == "refused"
    assert "model.mdl:2:3: 'x' on the left side of 'a' is neither a range nor an element" in row["remark"]


def test_an_expected_output_that_only_pysd_and_we_agree_against_is_remarked(tmp_path: Path) -> None:
    write(tmp_path / "other", GROWTH, "Time\ts\n0\t1\n1\t1.5\n2\t1.21\n3\t1.331\n4\t1.4641\n")
    row = conformance(tmp_path, ["numpy"]).iloc[0]
    assert row["outcome"] == "passed"
    assert row["remark"] == "the expected output differs; PySD agrees with ours"


@pytest.mark.parametrize("error", ERRORS_OF_PYSD)
def test_an_error_of_pysd_is_named(tmp_path: Path, error: str) -> None:
    if error in (MIXED_LOGIC, NEGATIVE_BASE):
        pytest.importorskip("simlin", reason="pysimlin, which agrees with ours here, is not installed")
    write(tmp_path / "model", "{UTF-8}\n" + ERRORS_OF_PYSD[error])
    row = conformance(tmp_path, ["numpy"]).iloc[0]
    assert row["to_pysd"] > 1e-9
    assert (row["outcome"], row["remark"]) == ("passed", error)


def test_the_integer_error_has_the_value_that_the_formula_gives(tmp_path: Path) -> None:
    """SMOOTHI(5.7, 2, 1): 1 + (5.7 - 1) / 2 after a step of 1; PySD has the whole part of it."""
    from iskdyn.model import read_model
    from iskdyn.simulate import simulate

    program = read_model(write(tmp_path / "m", "{UTF-8}\n" + ERRORS_OF_PYSD[INTEGERS]) / "model.mdl")
    assert float(simulate(program, engine="numpy")["y"][1]) == pytest.approx(3.35)
    assert float(simulate(program, engine="pysd")["y"][1]) == 3.0


def test_the_last_printed_digit_sets_the_precision(tmp_path: Path) -> None:
    path = tmp_path / "output.csv"
    path.write_text("Time,a,b,c\n0,1.25,3e-4,7\n1,,2.5E+3,8\n")
    values = read_expected(path).values
    np.testing.assert_allclose(values["a"][1], [0.01, 0.0])
    np.testing.assert_allclose(values["b"][1], [1e-4, 100.0])
    np.testing.assert_allclose(values["c"][1], [0.0, 0.0])


@pytest.mark.slow
@pytest.mark.skipif(not OTHERS.is_dir(), reason=f"the models of others are not at {OTHERS}")
def test_every_model_of_others_passes_in_every_target() -> None:
    table = conformance(OTHERS)
    failed = table[table["outcome"] != "passed"]
    assert failed.empty, failed.to_string()
    assert table["model"].nunique() >= 60
