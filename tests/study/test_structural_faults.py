"""Faults planted in the structure of the study's model do not pass `iskdyn check`."""

from __future__ import annotations

import pytest
from structural_faults import FAULTS, plant

from iskdyn.confidence import run_model_checks
from iskdyn.confidence.people import check_ends, check_first_order, check_nothing_hidden
from iskdyn.model import read_model
from iskdyn.study import open_study

SEEN_BY_READING = {
    "leak": check_ends,
    "double entry": check_ends,
    "wrong stock": check_ends,
    "no first-order control": check_first_order,
    "people on their way unseen": check_nothing_hidden,
}
SEEN_IN_UNITS = ("unit slip", "hidden number")


def test_there_are_twenty_faults_of_many_kinds():
    assert len({fault.words for fault in FAULTS}) == 20
    assert len({fault.kind for fault in FAULTS}) >= 10


@pytest.mark.parametrize("kind", SEEN_BY_READING)
def test_faults_of_conservation_are_seen_without_a_run(kind, tmp_path):
    for fault in FAULTS:
        if fault.kind == kind:
            assert not SEEN_BY_READING[kind](open_study(plant(fault, tmp_path))).passed, fault.words


@pytest.mark.parametrize("kind", SEEN_IN_UNITS)
def test_faults_of_units_and_numbers_are_seen_without_a_run(kind, tmp_path):
    for fault in FAULTS:
        if fault.kind == kind:
            program = read_model(plant(fault, tmp_path) / "models" / "isk.mdl")
            assert not all(check.passed for check in run_model_checks(program)), fault.words
