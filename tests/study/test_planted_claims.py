"""The claims notice when the opposite of a mechanism is planted in the model."""

from __future__ import annotations

from pathlib import Path

import pytest
from plants import PLANTS, Plant, seen

from iskdyn import open_study
from iskdyn.levers import prior_spread
from iskdyn.levers.claims import read_claims

ROOT = Path(__file__).parents[2]
N_DRAWS = 100


def test_at_least_eight_plants_name_what_rests_on_them():
    claims = {claim.id: len(claim.parts) for claim in read_claims(open_study(ROOT)).claims}
    assert len(PLANTS) >= 8
    assert all(1 <= part <= claims[name] for plant in PLANTS for name, part in plant.flips)


SAMPLE = 2
"""Plants tried here; `make exam` tries all, which takes half an hour."""


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTS[1:SAMPLE], ids=lambda plant: plant.says)
def test_a_plant_moves_every_claim_that_rests_on_it(plant: Plant, tmp_path: Path):
    """On draws of the prior, so that the test needs no stored result: the share moves by a third or more."""
    study = open_study(ROOT)
    rows = seen(study, read_claims(study), prior_spread(study, N_DRAWS, 1), tmp_path, (plant,))
    assert rows
    assert all(abs(row.after - row.before) > 1 / 3 for row in rows), rows
