"""The analyst's page: one file in which the model lives."""

from iskdyn.reports.page.build import build_page

__all__ = ["build_page"]
