"""What is told: the report, its figures and its words."""

from iskdyn.reports.build import build

__all__ = ["build"]
