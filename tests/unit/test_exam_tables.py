"""The tables of the exams are there, dated, and not older than what they were made from."""

import csv
from datetime import date
from pathlib import Path

import made_from
import pytest
from plants import PLANTS
from structural_faults import FAULTS

EXAM = Path(__file__).parents[1] / "exam"

# A table that is not there says nothing; `make exam` makes it.
THERE = sorted(table for table in made_from.DEPENDS if (EXAM / table).exists())


@pytest.mark.parametrize("table", THERE)
def test_no_table_is_stale(table):
    changed = made_from.changed(table)
    assert not changed, f"{table} is older than {', '.join(changed)}; `make exam` makes it again"


@pytest.mark.parametrize("table", THERE)
def test_every_row_is_dated(table):
    with (EXAM / table).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        assert date.fromisoformat(row["date"]) >= date(2026, 1, 1)


WHOLE = {
    "structural_faults.csv": ("fault", {fault.words for fault in FAULTS}),
    "planted_claims.csv": ("planted", {plant.says for plant in PLANTS}),
}


@pytest.mark.parametrize("table", sorted(WHOLE.keys() & set(THERE)))
def test_a_table_that_was_stopped_is_not_taken_for_whole(table):
    column, wanted = WHOLE[table]
    with (EXAM / table).open(encoding="utf-8") as file:
        assert {row[column] for row in csv.DictReader(file)} == wanted


def test_rows_are_gone_on_from_only_if_nothing_has_changed(monkeypatch, tmp_path):
    for name in ("tests/semantics/random_models.py", "tests/semantics/compared.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    functions = tmp_path / "src/iskdyn/compile/functions.py"
    functions.parent.mkdir(parents=True)
    functions.write_text("one")
    monkeypatch.setattr(made_from, "ROOT", tmp_path)
    monkeypatch.setattr(made_from, "RECORD", tmp_path / "made_from.json")
    table = tmp_path / "random_meanings.csv"
    made_from.write_rows(table, ["date", "models"], [{"date": "2026-11-30", "models": 50}])
    assert made_from.begun(table, ["date", "models"]) == []
    made_from.record(table)
    assert made_from.begun(table, ["date", "models"]) == [{"date": "2026-11-30", "models": "50"}]
    functions.write_text("two")
    assert made_from.begun(table, ["date", "models"]) == []


def test_a_change_makes_a_table_stale(monkeypatch, tmp_path):
    for name in made_from.DEPENDS["known_targets.csv"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    monkeypatch.setattr(made_from, "ROOT", tmp_path)
    monkeypatch.setattr(made_from, "RECORD", tmp_path / "made_from.json")
    assert made_from.changed("known_targets.csv") == ["never recorded"]
    made_from.record(EXAM / "known_targets.csv")
    assert made_from.changed("known_targets.csv") == []
    (tmp_path / made_from.SAMPLER[0]).write_text("two")
    assert made_from.changed("known_targets.csv") == [made_from.SAMPLER[0]]


def test_what_a_table_rests_on_is_there():
    for names in made_from.DEPENDS.values():
        assert [name for name in names if not (made_from.ROOT / name).exists()] == []
