"""Property tests give the same verdict on every machine, however busy it is; tests in an order by chance."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shuffle", type=int, metavar="SEED", help="Run files, and tests in them, in an order by chance."
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shuffle the files, then the tests of each: what a file prepares for its tests is prepared once."""
    seed = config.getoption("--shuffle")
    if seed is None:
        return
    order = random.Random(seed)  # noqa: S311 - an order of tests, no secret
    places = sorted({item.path for item in items})
    order.shuffle(places)
    rank = {path: i for i, path in enumerate(places)}
    items[:] = sorted(order.sample(items, len(items)), key=lambda item: rank[item.path])
