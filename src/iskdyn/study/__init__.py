"""A study: the folder of text that a modeller edits, read and checked whole."""

from iskdyn.study.changes import Arm, Change, Setting, inputs_of, read_changes
from iskdyn.study.expectations import Direction, Expectation, goes, margin, read_expectations
from iskdyn.study.inputs import Inputs, check_inputs, check_outputs, read_series
from iskdyn.study.months import Calendar
from iskdyn.study.opening import find_study, open_as, open_study
from iskdyn.study.readings import Reading, Statistic, Window
from iskdyn.study.scenarios import Scenario, read_scenario
from iskdyn.study.settings import Settings
from iskdyn.study.study import FIT, POSTERIOR, Study

__all__ = [
    "FIT",
    "POSTERIOR",
    "Arm",
    "Calendar",
    "Change",
    "Direction",
    "Expectation",
    "Inputs",
    "Reading",
    "Scenario",
    "Setting",
    "Settings",
    "Statistic",
    "Study",
    "Window",
    "check_inputs",
    "check_outputs",
    "find_study",
    "goes",
    "inputs_of",
    "margin",
    "open_as",
    "open_study",
    "read_changes",
    "read_expectations",
    "read_scenario",
    "read_series",
]
