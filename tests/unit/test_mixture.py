"""The sampled structures as one set of draws: each as often as it weighs, each draw with what its structure fixes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from claims_of_tiny import TINY, some_draws

from iskdyn import open_study
from iskdyn.calibration import (
    Variant,
    VariantDraws,
    mixture,
    model_values,
    parts,
    predicted,
    prior_mixture,
    weighty,
)
from iskdyn.calibration.mixture import OTHERS, apportioned
from iskdyn.calibration.result import FitResult
from iskdyn.levers import run_arms
from iskdyn.levers.draws import BITS, shortened
from iskdyn.study import Inputs, Study

RIVALS = """
[[variant]]
name = "as told"
[[variant]]
name = "no arrests"
set = { "arrest hazard" = 0.0 }
[[variant]]
name = "few at first"
set = { "initial members" = 600.0 }
"""
FIXED = {"as told": {}, "no arrests": {"arrest hazard": 0.0}, "few at first": {"initial members": 600.0}}
FREE = ("recruits per month", "quiet exit hazard", "claim over truth", "arrest hazard")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    import shutil

    root = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    (root / "calibration" / "variants.toml").write_text(RIVALS)
    (root / "study.toml").write_text(
        'variants = "calibration/variants.toml"\n' + (root / "study.toml").read_text()
    )
    return open_study(root)


@pytest.fixture
def fit() -> FitResult:
    """All that a mixture reads of a fit: its values."""
    from types import SimpleNamespace

    values = {"recruits per month": 55.0, "arrest hazard": 0.03}
    return SimpleNamespace(constants=values, biases={"claim over truth": 1.2})  # type: ignore[return-value]


def sampled(name: str, weight: float, first: float, contraction: float = 0.0) -> VariantDraws:
    """A structure with 100 draws whose recruits are first, first + 1, ...; what it fixes is no column."""
    fixed = FIXED[name]
    drawn = some_draws([{"recruits per month": first + i} for i in range(100)])
    kept = [i for i, one in enumerate(drawn.names) if one not in fixed]
    spread = type(drawn)(
        "posterior",
        tuple(drawn.names[i] for i in kept),
        drawn.in_model[kept],
        drawn.centre[kept],
        np.full(len(kept), contraction),
        drawn.draws[:, kept],
    )
    return VariantDraws(Variant(name, name, fixed), None, None, spread, 0.0, 0.0, weight)  # type: ignore[arg-type]


@pytest.fixture
def found() -> dict[str, VariantDraws]:
    return {
        "as told": sampled("as told", 0.7, 1000, contraction=0.5),
        "no arrests": sampled("no arrests", 0.27, 2000, contraction=0.1),
        "few at first": sampled("few at first", 0.03, 3000),
    }


def column(spread, name: str) -> np.ndarray:
    return np.asarray(spread.draws[:, spread.names.index(name)])


def test_each_structure_has_the_draws_that_it_weighs(study, fit, found):
    mixed = mixture(study, fit, found, 100, 1)
    assert mixed.structures == tuple(found)
    assert np.bincount(mixed.structure).tolist() == [70, 27, 3]
    recruits = column(mixed, "recruits per month")
    assert np.array_equal(recruits // 1000 - 1, mixed.structure)
    assert sorted(recruits[mixed.structure == 1] - 2000) == list(range(27))
    assert (
        len(set(mixed.structure[:20])) > 1
    )  # in an order by chance, so that the first ones are a mixture too


def test_a_draw_holds_what_its_structure_fixes_and_else_the_models_own(study, fit, found):
    mixed = mixture(study, fit, found, 100, 1)
    own = study.program["initial members"].value
    assert set(column(mixed, "arrest hazard")[mixed.structure == 1]) == {0.0}
    assert set(column(mixed, "arrest hazard")[mixed.structure != 1]) == {0.02}
    assert set(column(mixed, "initial members")[mixed.structure == 2]) == {600.0}
    assert set(column(mixed, "initial members")[mixed.structure != 2]) == {own}
    centre = dict(zip(mixed.names, mixed.centre, strict=True))
    assert (centre["recruits per month"], centre["initial members"]) == (55.0, own)


def test_a_run_of_the_mixture_is_the_run_of_each_structure(study, fit, found):
    mixed = mixture(study, fit, found, 100, 1)
    together = run_arms(study, mixed, {}, ("members", "detained")).draws["history"]
    for i, (name, one) in enumerate(found.items()):
        alone = run_arms(study, one.spread, {}, ("members", "detained"), base=Inputs(FIXED[name]))
        chosen = np.flatnonzero(mixed.structure == i)
        place = (column(mixed, "recruits per month")[chosen] % 1000).astype(int)
        assert np.array_equal(together[chosen], alone.draws["history"][place])


def test_observations_are_read_in_each_draws_structure(study, fit, found):
    mixed = mixture(study, fit, found, 100, 1)
    objective, values = model_values(study, mixed)
    detained = values[:, list(objective.sheet.table["id"]).index("O3")]
    assert np.array_equal(detained == 0.0, mixed.structure == 1)
    assert predicted(objective, values).loc["O3", "low"] == 0.0


def test_what_is_learned_is_a_mean_over_the_structures_that_leave_a_number_free(study, fit, found):
    mixed = mixture(study, fit, found, 100, 1)
    learned = dict(zip(mixed.names, mixed.contraction, strict=True))
    assert learned["recruits per month"] == pytest.approx(0.7 * 0.5 + 0.27 * 0.1)
    assert learned["arrest hazard"] == pytest.approx(0.7 * 0.5 / 0.73)
    assert learned["initial members"] == 0.0


def test_the_first_draws_keep_their_structure(study, fit, found):
    mixed = mixture(study, fit, found, 100, 1)
    few = mixed.first(10)
    assert np.array_equal(few.structure, mixed.structure[:10])
    assert np.array_equal(few.draws, mixed.draws[:10])


def test_parts_are_the_heavy_structures_and_all_light_ones_together(study, fit, found):
    heavy, second, rest = parts(study, fit, found, 100, 1)
    assert [one.name for one in (heavy, second, rest)] == ["as told", "no arrests", OTHERS]
    assert [one.weight for one in (heavy, second, rest)] == pytest.approx([0.7, 0.27, 0.03])
    assert heavy.spread.structures == ("as told",)
    assert rest.spread.structures == ("few at first",)
    assert len(rest.spread.draws) == 100
    assert set(column(second.spread, "arrest hazard")) == {0.0}


def test_before_the_evidence_all_structures_are_equally_many(study):
    variants = [Variant(name, name, fixed) for name, fixed in FIXED.items()]
    mixed = prior_mixture(study, variants, 300, 1)
    assert np.bincount(mixed.structure).tolist() == [100, 100, 100]
    assert set(column(mixed, "arrest hazard")[mixed.structure == 1]) == {0.0}
    assert len(set(column(mixed, "arrest hazard")[mixed.structure != 1])) == 200
    assert set(column(mixed, "initial members")[mixed.structure == 2]) == {600.0}


@pytest.mark.parametrize(
    ("shares", "n", "counts"),
    [([0.5, 0.5], 3, [2, 1]), ([0.883, 0.1, 0.017], 400, [353, 40, 7]), ([1.0], 7, [7]), ([0.999, 0.001], 10, [10, 0])],
)  # fmt: skip
def test_shares_become_whole_numbers_that_add_up(shares, n, counts):
    assert apportioned(np.array(shares), n).tolist() == counts


def test_a_draw_has_few_bits_and_hardly_moves():
    values = np.concatenate([10.0 ** np.linspace(-8, 8, 999), [0.0, -3.3]])
    short = shortened(values)
    assert np.all(np.abs(short - values) <= np.abs(values) * 2.0**-BITS)
    mantissa, _ = np.frexp(short)
    assert np.array_equal(mantissa * 2**BITS, np.round(mantissa * 2**BITS))
    assert np.array_equal(shortened(short), short)


def test_weighty_parts_share_out_the_draws_of_a_mixture(study, fit, found):
    mixed = mixture(study, fit, found, 100, 1)
    told = weighty(mixed)
    assert {name: int(chosen.sum()) for name, chosen in told.items()} == {"as told": 70, "no arrests": 27}
    weights = (0.9, 0.05, 0.05)
    light = {
        name: replace(one, weight=weight) for (name, one), weight in zip(found.items(), weights, strict=True)
    }
    told = weighty(mixture(study, fit, light, 100, 1))
    assert {name: int(chosen.sum()) for name, chosen in told.items()} == {"as told": 90, OTHERS: 10}
    assert weighty(found["as told"].spread) == {}
