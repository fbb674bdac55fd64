"""The command line: `app` holds what all verbs share; each verb is a file."""

from iskdyn.cli import check, claims, conformance, doc, fit, loops, posterior, report, run, variants
from iskdyn.cli.app import main

__all__ = [
    "check",
    "claims",
    "conformance",
    "doc",
    "fit",
    "loops",
    "main",
    "posterior",
    "report",
    "run",
    "variants",
]
