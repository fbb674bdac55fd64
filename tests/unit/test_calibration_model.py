"""A fit through the compiled engine: a two-line model whose constants are known."""

from types import SimpleNamespace

import pandas as pd
import pytest

from iskdyn.calibration import fit
from iskdyn.calibration.sheet import shared_weights
from iskdyn.model import read_model
from iskdyn.simulate import simulate

MODEL = """{UTF-8}
members= INTEG (joining - leaving rate*members, 1500) ~ person [0,?] ~ Those who are in. |
joining= 100 ~ person/Month [10,1000] ~ Those who come. |
leaving rate= 0.1 ~ 1/Month [0.001,1] ~ Share that goes. |
leavers= leaving rate*members ~ person/Month ~ Those who go. |
INITIAL TIME = 0 ~ Month ~ |
FINAL TIME = 24 ~ Month ~ |
TIME STEP = 0.125 ~ Month ~ |
SAVEPER = 0.25 ~ Month ~ |
"""
TRUTH = {"joining": 120.0, "leaving rate": 0.05}


@pytest.fixture
def study(tmp_path):
    (tmp_path / "toy.mdl").write_text(MODEL, encoding="utf-8")
    program = read_model(tmp_path / "toy.mdl")
    run = simulate(program, TRUTH, outputs=["members", "joining"])
    edges = [("members", float(run["members"][-1])), ("joining", 120.0)]
    observations = pd.DataFrame(
        [
            {
                "id": f"T{i}", "evidence": "", "says": "", "output": output, "operation": "at_end",
                "start": "2022-01", "end": "2022-12", "base_start": "", "base_end": "",
                "low": value / 1.02, "high": value * 1.02, "unit": "", "form": "interval", "scale": "log",
                "spread": 0.01, "bias": "", "source": "", "fold": "fit", "headline": "no", "note": "",
            }
            for i, (output, value) in enumerate(edges)
        ]
    )  # fmt: skip
    parameters = pd.DataFrame(
        [
            {
                "name": name, "kind": "constant", "unit": "", "lower": lower, "upper": upper,
                "prior": "lognormal", "a": a, "b": 0.7, "free": "yes", "source": "", "note": "",
            }
            for name, lower, upper, a in [("joining", 10, 1000, 100), ("leaving rate", 0.001, 1, 0.1)]
        ]
    )  # fmt: skip
    return SimpleNamespace(
        program=program,
        observations=observations,
        windowed=observations,
        parameters=parameters,
        time=lambda month: float(month[-2:]) - 1 + 12 * (int(month[:4]) - 2021),
    )


def test_known_constants_are_recovered_through_the_engine(study):
    result = fit(study, starts=4)
    assert result.status == "converged"
    assert result.constants == pytest.approx(TRUTH, rel=0.02)
    assert result.holding == (2, 2)


def test_the_fitted_constants_run_the_model(study):
    result = fit(study, starts=4)
    run = simulate(study.program, result.constants, outputs=["members"])
    assert float(run["members"][-1]) == pytest.approx(result.rows["model"][0], rel=1e-9)


def test_a_row_that_was_seen_is_fitted_and_one_that_is_held_is_not(study):
    seen = fit(
        SimpleNamespace(**{**vars(study), "windowed": study.observations.assign(fold="seen")}), starts=4
    )
    assert seen.constants == pytest.approx(TRUTH, rel=0.02)
    assert seen.holding == (2, 2)
    half = study.observations.assign(fold=["seen", "held"])
    assert fit(SimpleNamespace(**{**vars(study), "windowed": half}), starts=4).holding == (1, 1)


def test_rows_of_one_sentence_share_its_weight_whether_fitted_or_seen(study):
    rows = study.observations.assign(fold=["seen", "fit"], note=["", "shares:T0"])
    assert list(shared_weights(rows.to_dict("records"))) == [0.5, 0.5]
    rows = rows.assign(fold=["seen", "held"])
    assert list(shared_weights(rows.to_dict("records"))) == [1.0, 1.0]
