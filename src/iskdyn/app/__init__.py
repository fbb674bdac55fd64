"""Every verb of the command line as a function: a study in, a `Result` with table, text and HTML out."""

from iskdyn.app.answers import compare, effects
from iskdyn.app.asking import ask, claims, failures, sensitivity
from iskdyn.app.checking import check, check_model, confidence, conformance, idle, verify
from iskdyn.app.facts import assimilate, freeze, recover, score, score_frozen
from iskdyn.app.fitting import fit, posterior, profile, variants
from iskdyn.app.looping import loops, model_loops
from iskdyn.app.result import Progress, Result
from iskdyn.app.running import ensemble, init, read, run, run_model
from iskdyn.app.structures import cuts, nulls, rules, screen, weights
from iskdyn.app.writing import brief, doc, page, report, schemas

__all__ = [
    "Progress",
    "Result",
    "ask",
    "assimilate",
    "brief",
    "check",
    "check_model",
    "claims",
    "compare",
    "confidence",
    "conformance",
    "cuts",
    "doc",
    "effects",
    "ensemble",
    "failures",
    "fit",
    "freeze",
    "idle",
    "init",
    "loops",
    "model_loops",
    "nulls",
    "page",
    "posterior",
    "profile",
    "read",
    "recover",
    "report",
    "rules",
    "run",
    "run_model",
    "schemas",
    "score",
    "score_frozen",
    "screen",
    "sensitivity",
    "variants",
    "verify",
    "weights",
]
