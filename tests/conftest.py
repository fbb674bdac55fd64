"""Property tests give the same verdict on every machine, however busy it is; tests in an order by chance."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")

SHORT = ("unit", "equivalence", "semantics")
"""Folders whose files are done in seconds, so that they fill what the others leave."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shuffle", type=int, metavar="SEED", help="Run files, and tests in them, in an order by chance."
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long files first, so that no core is left with one at the end; or the files, and the tests of each, shuffled."""
    seed = config.getoption("--shuffle")
    if seed is None:
        items.sort(key=lambda item: item.path.parent.name in SHORT)
        return
    order = random.Random(seed)  # noqa: S311 - an order of tests, no secret
    places = sorted({item.path for item in items})
    order.shuffle(places)
    rank = {path: i for i, path in enumerate(places)}
    items[:] = sorted(order.sample(items, len(items)), key=lambda item: rank[item.path])


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium; tests that need it are skipped, saying so, where it or Playwright is missing."""
    from iskdyn.reports.page.browser import find_browser

    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium or Chrome is installed")
    with playwright.sync_playwright() as tools:
        started = tools.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()
