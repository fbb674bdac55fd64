"""What the model predicts: reports it was fitted to, reports kept from it, and each from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from iskdyn.calibration import every_number, expected_inside, gain, load_table, model_values, predictive_table
from iskdyn.calibration.leave_out import SCORES
from iskdyn.draws import SEED
from iskdyn.reports.compared import join
from iskdyn.reports.policy import ALL
from iskdyn.reports.sections import Materials, Section, render
from iskdyn.telling import threshold_words

if TYPE_CHECKING:
    from iskdyn.calibration import StoredTable
    from iskdyn.study import Study


def prediction_section(materials: Materials) -> Section:
    """Predicted reports of every row, held rows under each telling of the actors, and what was left out."""
    study = materials.study
    materials.tell("predicted reports")
    tables = {ALL: materials.predictive}
    if study.settings.split and (held_still := frozen_drivers(study)):
        tables[f"with what comes from outside held after {study.settings.split}"] = predictive_table(
            *model_values(study, materials.around, held_still), SEED
        )
    coded = tables[ALL]
    fitted = coded[coded["fold"] != "held"]
    rows = every_number(study).sheet.table
    says = dict(zip(rows["id"].astype(str), rows["says"], strict=True))
    held = [id_ for id_, fold in zip(coded["id"], coded["fold"], strict=True) if fold == "held"]
    n_held = {name: int(table[table["fold"] == "held"]["inside"].sum()) for name, table in tables.items()}
    expected = expected_inside(len(held))
    contents = {
        "n_fitted": len(fitted),
        "n_one_edge": int(coded["chance"][coded["fold"] == "held"].notna().sum()),
        "n_inside": int(fitted["inside"].sum()),
        "outside": [says[id_] for id_ in fitted["id"][~fitted["inside"]]],
        "says": says,
        "tables": {name: table.set_index("id") for name, table in tables.items()},
        "held": held,
        "n_held": n_held,
        "expected": expected,
        "missed": [id_ for id_ in held if not coded.set_index("id")["inside"][id_]],
        "why": _reasons(study),
        "scores": _scores(study),
    }
    said = threshold_words()["range_reports"]
    finding = (
        "No fact was kept out of the fit."
        if not held
        else f"Of {len(held)} facts kept out of the fit {n_held[ALL]} lie where {said} are expected; "
        f"by chance alone it would be {expected[0]} to {expected[1]}."
    )
    return Section("prediction", "What the model predicts", finding, render("prediction.html", contents))


def frozen_drivers(study: Study) -> dict[str, pd.Series]:
    """Every outside series as it was, held after the fitted period at its value in the last fitted month."""
    drivers = study.drivers
    last = study.time(study.settings.split) + 0.5
    series = {}
    for name, rows in drivers.groupby("variable"):
        times = [study.time(str(month)) + 0.5 for month in rows["month"]]
        if rows["month"].nunique() > 1:
            known = pd.Series(
                rows["value"].to_numpy(dtype=float), index=pd.Index(times, dtype=float)
            ).sort_index()
            series[str(name)] = known[known.index <= last]
    return {name: one for name, one in series.items() if len(one) > 1}


def _reasons(study: Study) -> dict[str, str]:
    table = study.observations
    notes = dict(zip(table["id"].astype(str), table["note"].astype(str), strict=True))
    return {id_: note for id_, note in notes.items() if note and not note.startswith("shares:")}


def _scores(study: Study) -> dict[str, object] | None:
    """The scores of what was left out; None where none of the study as it stands are stored."""
    path = study.stored(SCORES)
    if not path.is_file() or (stored := load_table(study, path, "score table")).changed:
        return None
    sources = stored.rows[stored.rows["kind"] == "source"].to_dict("records")
    flagged = [one["name"] for one in sources if one["score"] + 2 * one["error"] < one["prior"]]
    return {
        "settings": stored.settings,
        "sources": sources,
        "gains": _gains(stored),
        "flagged": flagged,
        "flagged_words": join(flagged) if flagged else "",
    }


def _gains(stored: StoredTable) -> list[dict[str, object]]:
    rivals = {
        "prior": "the model before any fitting",
        "constant": "constant outputs",
        "trend": "straight lines",
    }
    found = []
    for name, words in rivals.items():
        total, error = gain(stored.rows, name)
        found.append({"words": words, "total": total, "error": error, "clear": total > 2 * error})
    return found
