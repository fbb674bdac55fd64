"""How a frozen model did on later facts, in words and numbers."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from iskdyn.calibration.facts_scored import RIVALS, gains
from iskdyn.calibration.predictive import expected_inside
from iskdyn.calibration.store import plain
from iskdyn.output import number, rounded, text_table
from iskdyn.reports.observed import reading

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration.frozen import Frozen

Row = Mapping[Hashable, Any]
WORDS = {
    "prior": "the model before the evidence",
    "constant": "constant outputs",
    "trend": "straight lines",
}


def scorecard_text(frozen: Frozen, table: pd.DataFrame) -> str:
    """A sentence a fact, a table of scores, and what they come to."""
    sentences = [sentence(row) for row in table.to_dict("records")]
    rows = [
        [row["id"], "yes" if row["hit"] else "NO", *(_nats(row[name]) for name in ("score", *RIVALS))]
        for row in table.to_dict("records")
    ]
    code = (
        "" if frozen.same_code else "; read by other code than froze it (`iskdyn verify` says if it matters)"
    )
    head = f"{frozen.study.name}, frozen on {frozen.date}{code}"
    scores = text_table(["fact", "hit", "model", *RIVALS], rows, left=2)
    key = (
        "Scores: log of the probability that each gave the report, in nats; higher is better. A dash: no fitted "
        "fact reads that output."
    )
    return "\n\n".join([head, "\n".join(sentences), scores, "\n".join([*_totals(table), key])])


def scorecard_json(table: pd.DataFrame) -> str:
    """The same for a machine."""
    names = ("nats", "error", "facts")
    totals = {rival: dict(zip(names, one, strict=True)) for rival, one in gains(table).items()}
    band = expected_inside(len(table))
    told = {"facts": table.drop(columns="line"), "gain_over": totals, "hits": int(table["hit"].sum())}
    return json.dumps(plain({**told, "expected_hits": band}), indent=1)


def sentence(row: Row) -> str:
    """What was reported, what the model expected, and whether that was so."""
    low, middle, high = (rounded(row[name]) for name in ("from", "median", "to"))
    if row["chance"] == row["chance"]:
        expected = f"It gave this report a chance of {_percent(row['chance'])}."
    else:
        edges = (rounded(row[name]) for name in ("expected_low", "expected_high"))
        expected = f"It expected a report within {' to '.join(edges)}."
    verdict = "hit" if row["hit"] else "MISSED"
    return (
        f"{row['id']} {verdict}: {row['says']}.\n    {row['output']}, {reading(row)}: {_reported(row)} reported; "
        f"the model has {middle} ({low} to {high}). {expected}"
    )


def _reported(row: Row) -> str:
    """The edges as the source gave them, with their unit; an ordering says them in its reading."""
    low, high, form = row["low"], row["high"], str(row["form"])
    if form.startswith("order"):
        by = f" by {number(low)} or more" if low == low and low not in (0.0, 1.0) else ""
        return form.removeprefix("order_") + by
    if low != low or high != high:
        edge = f"at least {number(low)}" if high != high else f"at most {number(high)}"
    else:
        edge = f"{number(low)} to {number(high)}" if low < high else number(low)
    return edge if row["operation"] == "ratio" else f"{edge} {row['unit']}"


def _percent(share: float) -> str:
    """A chance that is not quite all or nothing is not told as if it were."""
    if share > 0.99:
        return "over 99 %"
    return f"{share:.0%}".replace("%", " %") if share >= 0.01 else "under 1 %"


def _totals(table: pd.DataFrame) -> list[str]:
    """How many facts were hit, and by how much the model beats each rival."""
    fewest, most = expected_inside(len(table))
    hits = int(table["hit"].sum())
    judged = (
        "as a model does whose bands are right"
        if fewest <= hits <= most
        else "outside of what right bands do"
    )
    lines = [f"{hits} of {len(table)} facts hit; expected {fewest} to {most}: {judged}."]
    for rival, (nats, error, n_facts) in gains(table).items():
        spread = f" +- {error:.1f}" if error == error else ""
        lines.append(f"{nats:+.1f}{spread} nats against {WORDS[rival]} ({n_facts} facts).")
    return lines


def _nats(score: float) -> str:
    return "-" if score != score else f"{score:.2f}"
