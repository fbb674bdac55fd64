"""Which engine runs a model: machine code where it pays, and a word to who waits for it."""

import warnings

import pytest

from iskdyn.errors import ModelWarning
from iskdyn.simulate.memory import tell_time
from iskdyn.simulate.runner import choose


@pytest.mark.parametrize(
    ("n_variables", "n_steps", "target"),
    [
        (100, 999, "numpy"),  # 99,900 values
        (100, 1001, "ensemble"),
        (20_000, 10, "numpy"),  # a second against minutes of compiling
        (20_000, 10_000, "ensemble"),  # ten minutes against seven
    ],
)
def test_machine_code_is_made_where_it_pays(n_variables, n_steps, target):
    pytest.importorskip("llvmlite")
    assert choose("auto", range(n_variables), n_steps, 1) == target
    assert choose("numpy", range(n_variables), n_steps, 1) == "numpy"


def test_a_large_model_says_how_long_its_machine_code_may_take():
    with pytest.warns(ModelWarning, match="of 20,000 variables may take 7 minutes"):
        tell_time(20_000, 10, "ensemble")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tell_time(20_000, 10, "numpy")
