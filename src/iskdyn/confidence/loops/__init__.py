"""Loops That Matter: which feedback loops make a model behave as it does."""

from iskdyn.confidence.loops.dominance import Difference, Driven, Drives, Phase, differences, drives, phases
from iskdyn.confidence.loops.links import Link, LinkScores, Trace, link_scores, links_of, scored_step, trace
from iskdyn.confidence.loops.loops import (
    Found,
    Loop,
    elementary_loops,
    find_loops,
    find_stock_loops,
    links_in,
    polarity,
    relative_scores,
    shares,
)
from iskdyn.confidence.loops.memory import spelled_out
from iskdyn.confidence.loops.named import ALONE, UNNAMED, Cut, Name, Names, read_names
from iskdyn.confidence.loops.paths import OUTSIDE, pushes, stock_links
from iskdyn.confidence.loops.strong import Strong, strong_loops

__all__ = [
    "ALONE",
    "OUTSIDE",
    "UNNAMED",
    "Cut",
    "Difference",
    "Driven",
    "Drives",
    "Found",
    "Link",
    "LinkScores",
    "Loop",
    "Name",
    "Names",
    "Phase",
    "Strong",
    "Trace",
    "differences",
    "drives",
    "elementary_loops",
    "find_loops",
    "find_stock_loops",
    "link_scores",
    "links_in",
    "links_of",
    "phases",
    "polarity",
    "pushes",
    "read_names",
    "relative_scores",
    "scored_step",
    "shares",
    "spelled_out",
    "stock_links",
    "strong_loops",
    "trace",
]
