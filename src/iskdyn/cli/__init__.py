"""The command line: `app` holds what all verbs share; each verb is a file."""

from iskdyn.cli import (
    check,
    claims,
    compare,
    confidence,
    conformance,
    doc,
    fit,
    loops,
    page,
    posterior,
    recover,
    report,
    run,
    sensitivity,
    variants,
    verify,
)
from iskdyn.cli.app import main

__all__ = [
    "check",
    "claims",
    "compare",
    "confidence",
    "conformance",
    "doc",
    "fit",
    "loops",
    "main",
    "page",
    "posterior",
    "recover",
    "report",
    "run",
    "sensitivity",
    "variants",
    "verify",
]
