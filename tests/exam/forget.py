"""A plugin of pytest for mutants.py: no test takes the code of a model that was made before the change."""

from __future__ import annotations


def pytest_runtest_setup() -> None:
    """Forget what is kept by the digest of a model."""
    from iskdyn.compile import block_gradient, kernels

    for kept in (kernels._lower, kernels._compile, block_gradient._compile):
        kept.cache_clear()
