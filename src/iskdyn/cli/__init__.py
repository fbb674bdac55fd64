"""The command line: `app` holds what all verbs share; each verb is a file."""

from iskdyn.cli import check, conformance, fit, posterior, report, run, variants
from iskdyn.cli.app import main

__all__ = ["check", "conformance", "fit", "main", "posterior", "report", "run", "variants"]
