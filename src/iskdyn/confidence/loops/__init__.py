"""Loops That Matter: which feedback loops make a model behave as it does."""

from iskdyn.confidence.loops.links import Link, LinkScores, Trace, link_scores, links_of, trace
from iskdyn.confidence.loops.loops import (
    Found,
    Loop,
    elementary_loops,
    find_loops,
    links_in,
    polarity,
    relative_scores,
)
from iskdyn.confidence.loops.paths import OUTSIDE, pushes, stock_links

__all__ = [
    "OUTSIDE",
    "Found",
    "Link",
    "LinkScores",
    "Loop",
    "Trace",
    "elementary_loops",
    "find_loops",
    "link_scores",
    "links_in",
    "links_of",
    "polarity",
    "pushes",
    "relative_scores",
    "stock_links",
    "trace",
]
