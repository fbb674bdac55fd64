"""The command line: `app` holds what all verbs share; each verb is a file."""

from iskdyn.cli import (
    check,
    claims,
    compare,
    conformance,
    doc,
    fit,
    loops,
    page,
    posterior,
    report,
    run,
    sensitivity,
    variants,
)
from iskdyn.cli.app import main

__all__ = [
    "check",
    "claims",
    "compare",
    "conformance",
    "doc",
    "fit",
    "loops",
    "main",
    "page",
    "posterior",
    "report",
    "run",
    "sensitivity",
    "variants",
]
