"""What was fitted, sampled and cut, as the command line prints it."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iskdyn.output import number, text_table

if TYPE_CHECKING:
    import pandas as pd

    from iskdyn.calibration import FitResult, Posterior, VariantDraws
    from iskdyn.calibration.recovered import Recovered
    from iskdyn.calibration.screen import Screening
    from iskdyn.calibration.table_store import StoredTable
    from iskdyn.study import Study


MOST_NATS = 50
"""More than these nobody can doubt, and no sampler tells apart."""


FAR = 4.0
"""Spreads of a prior from its middle at which data and prior say different things: one draw of 30,000 lies there."""


def posterior_text(found: Posterior, path: Path) -> str:
    """What the evidence informs, most first, and whether the draws are accepted."""
    from iskdyn.calibration.laplace import NOT_LEARNED

    missed = found.gates[~found.gates["passes"]]
    order = sorted(zip(found.contraction, found.names, strict=True), reverse=True)
    rows = [[name, number(float(one))] for one, name in order if one >= NOT_LEARNED]
    names = ", ".join(missed["quantity"])
    verdict = "every gate is passed" if found.accepted else f"NOT ACCEPTED: a gate is missed by {names}"
    gaps = zip(found.names, found.z.reshape(-1, len(found.names)).mean(axis=0), strict=True)
    far = [f"'{name}' by {abs(gap):.0f} sd" for name, gap in gaps if abs(gap) > FAR]
    hint = "; the draws lie far out in the priors of {}: look at these rows of the parameters"
    verdict += hint.format(", ".join(far)) if far and not found.accepted else ""
    return "\n\n".join(
        [
            text_table(["informed by the paper", "narrowed by"], rows),
            f"{len(rows)} of {len(found.names)} numbers are narrowed by {NOT_LEARNED:.0%} or more",
            f"{verdict} ({len(found.gates)} quantities, {found.n_runs:,} runs); stored in {path}",
        ]
    )


def posterior_json(found: Posterior) -> str:
    """The same for a machine."""
    contraction = {name: float(one) for name, one in zip(found.names, found.contraction, strict=True)}
    return json.dumps(
        {"accepted": found.accepted, "runs": found.n_runs, "contraction": contraction}, indent=1
    )


def variants_text(found: Mapping[str, VariantDraws]) -> str:
    """Each sampled structure with how well it fits and how far the evidence puts it behind the best."""
    rows = []
    for one in found.values():
        holding, fitted = one.fit.holding
        behind, weight = f"{one.behind:.2f} +- {one.behind_error:.2f}", f"{one.weight:.1%}"
        rows.append([one.variant.name, one.variant.title, f"{holding} of {fitted}", behind, weight])
    return text_table(["structure", "says", "rows that hold", "nats behind", "weight"], rows, left=2)


def variants_json(found: Mapping[str, VariantDraws]) -> str:
    """The same for a machine."""
    rows = [
        {
            "name": one.variant.name,
            "title": one.variant.title,
            "fixed": dict(one.variant.set),
            "holding": one.fit.holding[0],
            "log_evidence": one.log_evidence,
            "behind": one.behind,
            "behind_error": one.behind_error,
            "weight": one.weight,
        }
        for one in found.values()
    ]
    return json.dumps(rows, indent=1)


def weights_text(table: pd.DataFrame) -> str:
    """Each structure's weight by the evidence and by stacking, with the least and the most over all settings."""
    from iskdyn.calibration.weights import SETTINGS, weight_bands

    def band(found: tuple[float, float, float]) -> list[str]:
        return [f"{found[0]:.1%}", f"{found[1]:.1%} to {found[2]:.1%}"]

    rows = [
        [name, *band(one["evidence"]), *band(one["stacking"])] for name, one in weight_bands(table).items()
    ]
    header = ["structure", "by evidence", "over settings", "by stacking", "over settings"]
    settings = "; ".join(f"priors x {priors:g}, errors x {errors:g}" for priors, errors in SETTINGS)
    return text_table(header, rows, left=1) + f"\n\nsettings: {settings}"


def weights_json(table: pd.DataFrame) -> str:
    """The same for a machine, with every row that was sampled."""
    from iskdyn.calibration.weights import weight_bands

    keys = ("as_set", "least", "most")
    bands = {
        name: {kind: dict(zip(keys, band, strict=True)) for kind, band in one.items()}
        for name, one in weight_bands(table).items()
    }
    rows = table.drop(columns="left_out").to_dict("records")
    return json.dumps({"bands": bands, "sampled": rows}, indent=1)


def screen_text(found: Screening, path: Path) -> str:
    """How far the screening is off where a structure is sampled, and which others come near the best."""
    from iskdyn.calibration.screen import NEAR

    table = found.table.set_index("name")
    rows = [
        [name, f"{level:.2f}", f"{table['laplace'][name]:.2f}",
         f"{table['weighed'][name]:.2f} +- {table['error'][name]:.2f}"]
        for name, level in found.sampled.items()
    ]  # fmt: skip
    checked = text_table(["log evidence", "sampled", "curvature", "by draws"], rows)
    off = {name: found.off(name) for name in ("laplace", "weighed")}
    n_weighed = int(table["weighed"].notna().sum())
    told = [f"{len(table)} structures, {found.n_impossible} of them impossible, {n_weighed} weighed by draws"]
    if rows:
        laplace, weighed = (
            f"{one.mean():+.2f} (from {one.min():+.2f} to {one.max():+.2f})" for one in off.values()
        )
        told.append(f"against those sampled the curvature is off by {laplace} nats, the draws by {weighed}")
        told.append(f"the sampled structures hold {found.share:.0%} of the weight of all that were weighed")
    if found.worth:
        near = [[name, f"{table['behind'][name]:.2f} +- {table['error'][name]:.2f}"] for name in found.worth]
        told.append(f"not sampled, less than {NEAR:g} nats behind the best, so that sampling would tell:")
        told.append(text_table(["structure", "nats behind"], near))
    else:
        told.append(f"none that is not sampled comes within {NEAR:g} nats of the best")
    return "\n\n".join([*([checked] if rows else []), "\n".join(told), f"stored in {path}"])


def screen_json(found: Screening) -> str:
    """The same for a machine, with every structure."""
    from iskdyn.calibration.store import plain

    content = {
        "worth_sampling": list(found.worth),
        "sampled": dict(found.sampled),
        "share_sampled": found.share,
        "structures": found.table,
    }
    return json.dumps(plain(content), indent=1)


def cuts_text(table: pd.DataFrame, path: Path) -> str:
    """Each link cut, the one that the evidence asks for most first, and the observations that suffer."""
    from iskdyn.calibration.cuts import FIRM, WEAK, asked, pooled_error

    cuts = table[table["set"].map(bool)].sort_values("nats")
    rows = [
        [
            row["name"],
            row["title"],
            ", ".join(f"{name} -{lost:.1f}" for name, lost in row["suffers"].items()) or "-",
            f"{row['nats']:+.1f} +- {row['nats_error']:.1f}",
            asked(row["nats"]),
        ]
        for row in cuts.to_dict("records")
    ]
    header = ["link cut", "says", "who suffers", "nats", "the link is"]
    told = (
        f"nats of log evidence against the model as written: below {FIRM:g} asked for firmly, to {WEAK:g} weakly; "
        f"one of them errs by about {pooled_error(table):.2f}\nstored in {path}"
    )
    return text_table(header, rows, left=3) + f"\n\n{told}"


def nulls_text(study: Study, table: pd.DataFrame, path: Path) -> str:
    """Nats by which each path's null lies behind the model as written: a row a tactic, a column a group.

    Parameters
    ----------
    table : as of `sample_nulls`; a dash stands for a null that it has no row of
    path : where the table lies, for the last line
    """
    from iskdyn.calibration.cuts import pooled_error
    from iskdyn.calibration.nulls import null_name

    nats = dict(zip(table["name"], table["nats"], strict=True))

    def behind(tactic: str, group: str) -> str:
        name = null_name(tactic, group)
        if name not in nats:
            return "-"
        return f"{-nats[name]:.1f}" if -nats[name] < MOST_NATS else f"over {MOST_NATS}"

    groups = study.settings.groups
    rows = [[tactic, *(behind(tactic, group) for group in groups)] for tactic in study.settings.tactics]
    told = (
        "nats by which the facts speak against a model in which the tactic does not reach these outcomes;\n"
        f"about 0: they do not tell. One of them errs by about {pooled_error(table):.2f}\nstored in {path}"
    )
    return text_table(["does not reach", *groups], rows) + f"\n\n{told}"


def cuts_json(table: pd.DataFrame) -> str:
    """The same for a machine; the model as written first."""
    from iskdyn.calibration.cuts import asked

    rows = [{**row, "asked": asked(row["nats"])} for row in table.to_dict("records")]
    for row in rows:
        if not row["set"]:
            del row["asked"]
    return json.dumps(rows, indent=1)


def rules_text(table: pd.DataFrame, path: Path) -> str:
    """Each rule fitted alone, then the loops closed one by one."""
    alone, closing = (table[table["kind"] == kind].to_dict("records") for kind in ("alone", "closing"))
    measures = ("median", "log_likelihood", "best")
    holds = ("median_holding", "holding", "best_holding")
    first = [
        [
            row["name"],
            str(row["n_rows"]),
            *(str(row[name]) for name in holds),
            *(f"{row[name]:.2f}" for name in measures),
        ]
        for row in alone
    ]
    second = [
        [
            row["name"] if i_row in (0, len(closing) - 1) else f"+ {row['name']}",
            f"{row['log_likelihood']:.2f}",
            f"{row['holding']} of {row['n_rows']}",
            f"{row['best']:.2f}",
            f"{row['best_holding']}",
        ]
        for i_row, row in enumerate(closing)
    ]
    columns = ["at medians", "alone", "whole fit"]
    told = (
        "At medians, alone, whole fit: weighted log-likelihood of the rule's own rows with its numbers at their prior "
        "medians, fitted alone with their priors, and as in the whole fit.\n"
        "Free so far: that of all fitted rows, with the numbers of the rules named so far as fitted alone, and with "
        "those of the whole fit, where it must not move.\n"
        f"Stored in {path}"
    )
    return "\n\n".join(
        [
            text_table(["rule", "rows", *(f"hold {one}" for one in columns), *columns], first),
            text_table(["free so far", "alone", "hold", "fit's numbers", "hold"], second),
            told,
        ]
    )


def scores_text(found: StoredTable) -> str:
    """What was left out with its scores, and whether the model beats its rivals."""
    from iskdyn.calibration.leave_out import gain

    names = ["score", "error", "prior", "constant", "trend"]
    rows = [
        [str(row["kind"]), str(row["name"]), *(f"{row[name]:.2f}" for name in names)]
        for row in found.rows.to_dict("records")
    ]
    totals = {name: gain(found.rows, name) for name in names[2:]}
    told = "; ".join(
        f"{total:+.1f} +- {error:.1f} against the {name}" for name, (total, error) in totals.items()
    )
    return text_table(["left out", "name", *names], rows, left=2) + f"\n\nrows in all, in nats: {told}"


def fit_text(result: FitResult, path: Path) -> str:
    """Every observation with its status, every fitted number, and a line that sums up."""
    rows = [
        [
            row["id"],
            row["output"],
            number(row["model"]),
            _edges(row),
            "yes" if row["holds"] else "NO",
            row["fold"],
        ]
        for row in result.rows.to_dict("records")
    ]
    values = [
        [row["name"], number(row["prior_median"]), number(row["value"]), row["learned"]]
        for row in result.parameters.to_dict("records")
    ]
    holding, fitted = result.holding
    summary = (
        f"{holding} of {fitted} fitted observations hold; objective {result.objective:.3f}, "
        f"{result.status} after {result.n_runs:,} runs in {result.seconds:.1f} s\nstored in {path}"
    )
    summary += (
        f"\n{result.share_of_starts_at_best:.0%} of {len(result.starts)} starts end at the best; "
        + "; ".join(f"{one['by']} reach {float(str(one['objective'])):.3f}" for one in result.challenges)
    )
    return "\n\n".join(
        [
            text_table(["observation", "output", "model", "reported", "holds", "fold"], rows, left=2),
            text_table(["parameter", "prior median", "value", "learned"], values),
            summary,
        ]
    )


def _edges(row: Mapping[Hashable, Any]) -> str:
    low, high = row["low"], row["high"]
    if low != low or high != high:
        return f">= {number(low)}" if low == low else f"<= {number(high)}"
    return f"{number(low)} to {number(high)}"


def recovered_text(found: Recovered, path: Path) -> str:
    """What the reports narrow, whether intervals hold, and every fault that was or was not seen."""
    from iskdyn.calibration.laplace import NOT_LEARNED
    from iskdyn.calibration.ranks import LEVELS

    table = found.table()
    informed = table[(table["contraction"] >= NOT_LEARNED) & (table["kind"] != "direction")]
    informed = informed.sort_values("contraction", ascending=False)
    columns = ["contraction", "error", "bias", "spread", "correlation", "coverage"]
    rows = [[row["quantity"], *(number(row[c]) for c in columns)] for row in informed.to_dict("records")]
    shares = [
        [arm, str(len(found.of(arm))), *(f"{share:.1%}" for share in found.pooled(arm))] for arm in found.arms
    ]
    lines = [
        f"{arm}: {'; '.join(found.wrong(arm)[:3]) or 'every rank inside its band, coverage as it should be'}"
        for arm in found.arms
    ]
    return "\n\n".join(
        [
            text_table(["narrowed by the reports", "by", "error/sd", *columns[2:]], rows),
            text_table(["intervals hold", "n", *(f"{level:.0%}" for level in LEVELS)], shares),
            "\n".join(lines),
            f"{'passed' if found.passes else 'FAILED'}; {found.seconds.sum() / 3600:.1f} hours; stored in {path}",
        ]
    )


def recovered_json(found: Recovered) -> str:
    """The same for a machine."""
    content = {
        "passes": found.passes,
        "recovery": dict(found.recovery),
        "wrong": {arm: found.wrong(arm) for arm in found.arms},
        "coverage": {arm: found.pooled(arm).tolist() for arm in found.arms},
        "hours": float(found.seconds.sum() / 3600),
    }
    return json.dumps(content, indent=1)
