"""A slip in the units of the study's model does not pass unseen."""

from __future__ import annotations

import pytest
from unit_slips import KINDS, MODEL, N_SLIPS, slips

from iskdyn.confidence import run_model_checks
from iskdyn.model import read_model

LEAST_FOUND = 0.98


def test_the_study_has_no_mistake_of_units_and_no_hidden_number():
    assert [(check.name, check.problems) for check in run_model_checks(read_model(MODEL))] == [
        ("units agree everywhere", ()),
        ("no number hides in an equation", ()),
    ]


def test_one_slip_of_each_kind_is_found():
    made = list(slips(len(KINDS), seed=1))
    assert {slip.kind for slip in made} == set(KINDS)
    assert [slip.words for slip in made if not slip.found] == []


@pytest.mark.slow
def test_nearly_all_random_slips_are_found():
    missed = [slip.words for slip in slips() if not slip.found]
    assert len(missed) <= (1 - LEAST_FOUND) * N_SLIPS, missed
