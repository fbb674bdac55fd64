"""A damaged model either runs or is refused with a place; nothing else comes out, and nothing hangs."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from damage import DAMAGES, SMALL, XMILE, cases, try_case

from iskdyn.errors import IskdynError, ModelError
from iskdyn.model import read_model
from iskdyn.simulate import simulate

N_EACH = 5


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISKDYN_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_model_runs_or_is_refused_with_a_place(kind: str, tmp_path: Path) -> None:
    damaged = [case for case in cases(N_EACH * len(DAMAGES)) if case.kind == kind]
    faults = [outcome for case in damaged if (outcome := try_case(case, tmp_path)).fault]
    assert not faults


@pytest.mark.parametrize(("suffix", "text"), [(".mdl", SMALL), (".xmile", XMILE)])
def test_the_models_that_are_damaged_are_sound(suffix: str, text: str, tmp_path: Path) -> None:
    (tmp_path / f"sound{suffix}").write_text(text)
    assert "stock" in read_model(tmp_path / f"sound{suffix}")


@pytest.mark.parametrize(
    ("equation", "reason"),
    [
        ("(" * 400 + "1" + ")" * 400, "400 brackets inside one another"),
        (" + ".join(["1"] * 5000), "4,999 operators"),
        (" + ".join(["gain"] * 200), "more than 150 operations inside one another"),
        ("1e999", "a number is too large"),
        ("9" * 400, "a number is too large"),
        ("bent(1", "cannot be parsed"),
        ("nothing * 2", "nothing"),
        ("added + 1", "circle of equations"),
    ],
    ids=["brackets", "terms", "chain", "infinite", "long number", "unclosed", "unknown", "circle"],
)
def test_a_bad_equation_is_refused_at_its_line(equation: str, reason: str, tmp_path: Path) -> None:
    text = SMALL.replace("delay = 4 ", f"added = {equation} ~ ~ |\ndelay = 4 ")
    line = text[: text.index("added = ")].count("\n") + 1
    (tmp_path / "bad.mdl").write_text(text)
    with pytest.raises(ModelError) as refused:
        read_model(tmp_path / "bad.mdl")
    assert any(p.place.split(":")[1] == str(line) and reason in p.message for p in refused.value.problems), (
        refused.value.problems
    )


def test_a_macro_without_its_own_equation_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.mdl").write_text(SMALL.replace("GROWING = INTEG(GROWING", "GROWTH = INTEG(GROWTH"))
    with pytest.raises(ModelError, match="the macro growing has no equation"):
        read_model(tmp_path / "bad.mdl")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[(0,0)-(3,2)]", "[(0,0)-(open({file!r}, 'w').fileno(),2)]"),
        ("([(0,0)-(9,9)]", "([(0,0)-(open({file!r}, 'w').fileno(),9)]"),
        ("Joining.", 'Joining. """ + str(open({file!r}, "w")) + """'),
        ("Person/Month ~ Joining", "Person' + str(open({file!r}, 'w')) + ' ~ Joining"),
    ],
    ids=["limits of a table", "limits of a lookup", "documentation", "unit"],
)
def test_text_of_a_model_is_never_run(old: str, new: str, tmp_path: Path) -> None:
    file, model = tmp_path / "written", tmp_path / "bad.mdl"
    assert old in SMALL
    model.write_text(SMALL.replace(old, new.format(file=str(file)), 1))
    with contextlib.suppress(IskdynError):
        program = read_model(model)
        simulate(program, engine="pysd")
    assert not file.exists()
