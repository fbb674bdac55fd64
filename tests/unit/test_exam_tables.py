"""The tables of the exams are there, dated, and not older than what they were made from."""

import csv
from datetime import date
from pathlib import Path

import made_from
import pytest

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


def test_a_change_makes_a_table_stale(monkeypatch, tmp_path):
    for name in made_from.DEPENDS["known_targets.csv"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    monkeypatch.setattr(made_from, "ROOT", tmp_path)
    monkeypatch.setattr(made_from, "RECORD", tmp_path / "made_from.json")
    assert made_from.changed("known_targets.csv") == ["never recorded"]
    made_from.record(EXAM / "known_targets.csv")
    assert made_from.changed("known_targets.csv") == []
    (tmp_path / made_from.SAMPLER).write_text("two")
    assert made_from.changed("known_targets.csv") == [made_from.SAMPLER]


def test_what_a_table_rests_on_is_there():
    for names in made_from.DEPENDS.values():
        assert [name for name in names if not (made_from.ROOT / name).exists()] == []
