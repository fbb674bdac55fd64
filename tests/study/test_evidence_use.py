"""What is fitted is no ground of a prior, and one sentence counts once."""

from __future__ import annotations

import pytest

from iskdyn import open_study
from iskdyn.confidence.evidence_use import check_evidence_once

OBSERVATIONS = "calibration/observations.csv"
PARAMETERS = "calibration/parameters.csv"


def problems(tiny, *changes):
    for file, old, new in changes:
        text = (tiny / file).read_text()
        assert old in text
        (tiny / file).write_text(text.replace(old, new, 1))
    return [str(one) for one in check_evidence_once(open_study(tiny)).problems]


ROW = (
    "{},E02,recruits a month,recruitment,mean,"
    "2021-09,2022-06,,,20,60,Person/Month,interval,log,0.1,,author,fit,no,\n"
)
TWIN = ROW.format("O2")


def test_the_tiny_study_uses_nothing_twice(tiny):
    assert problems(tiny) == []


@pytest.mark.parametrize("fold", ["fit", "seen"])
def test_a_prior_on_a_fitted_row_is_told_with_its_line(fold, tiny):
    found = problems(tiny, (PARAMETERS, "0.02,0.5,yes,assumption", "0.02,0.5,yes,E01; assumption"),
                     (OBSERVATIONS, "truth,author,fit", f"truth,author,{fold}"))  # fmt: skip
    (message,) = found
    place = f"{PARAMETERS}:3:source"
    assert message.startswith(
        f"{place}: the prior of 'arrest hazard' rests on E01, which O1 fits: give it another"
    )


def test_a_row_that_is_held_fits_nothing(tiny):
    changes = (PARAMETERS, "0.02,0.5,yes,assumption", "0.02,0.5,yes,E01")
    assert problems(tiny, changes, (OBSERVATIONS, "truth,author,fit", "truth,author,held")) == []


@pytest.mark.parametrize(
    ("twin", "told"),
    [
        (TWIN.replace("O2", "O9"), True),
        (TWIN.replace("O2", "O9").replace("E02", "E01"), False),
        (TWIN.replace("O2", "O9").replace("2022-06", "2022-05"), False),
        (TWIN.replace("O2", "O9").replace(",no,", ",no,shares:O2"), False),
        (TWIN.replace("O2", "O9").replace(",fit,", ",held,"), False),
        (TWIN.replace("O2", "O9").replace(",fit,", ",seen,"), True),
        (TWIN.replace("O2", "O9").replace(",20,60,", ",,60,").replace("interval", "at_most"), True),
    ],
)
def test_one_paragraph_on_one_reading_must_share_its_weight(twin, told, tiny):
    found = problems(tiny, (OBSERVATIONS, TWIN, TWIN + twin))
    message = "note: reads the same as O2 and rests on the same paragraph; note shares:O2"
    assert found == ([f"{OBSERVATIONS}:4:{message}"] if told else [])
