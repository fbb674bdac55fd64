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
DEEP = ("^".join(["1"] * 1000), "-" * 900 + "1", "1 = 1 + 1 * 1 ^ (" * 100 + "1" + ")" * 100)
"""Few enough operators and brackets each, and too many inside one another."""


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
        *((equation, "more than 150 operations inside one another") for equation in DEEP),
        ("1e999", "a number is too large"),
        ("9" * 400, "a number is too large"),
        ("bent(1", "cannot be parsed"),
        ("nothing * 2", "nothing"),
        ("added + 1", "circle of equations"),
    ],
    ids=[
        "brackets",
        "terms",
        "chain",
        "powers",
        "signs",
        "five a bracket",
        "infinite",
        "long number",
        "unclosed",
        "unknown",
        "circle",
    ],
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


@pytest.mark.parametrize(
    ("suffix", "content", "reason"),
    [
        (".mdl", b"\xff\xfe" + b"\x00\xdc" * 9, "begins as UTF-16-LE, but the characters at byte 2 cannot be read"),
        (".xmile", b"\xfe\xff" + b"\xdc\x00" * 9, "begins as UTF-16-BE, but the characters at byte 2 cannot be read"),
        (".xmile", XMILE.replace("utf-8", "idna").encode() + b"\xff", "not XML"),
        (".xmile", XMILE.replace("utf-8", "undefined").encode() + b"\xff", "not XML"),
        (".xmile", XMILE.replace('min="0"', 'min="0x10"').encode(), "the min of <xscale> is '0x10'; expected a number"),
        (".xmile", XMILE.replace('min="0"', "").encode(), "the min of <xscale> is ''; expected a number"),
    ],
    ids=["utf-16-le", "utf-16-be", "idna", "undefined", "no number", "no end"],
)  # fmt: skip
def test_a_bad_file_is_refused(suffix: str, content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / f"bad{suffix}").write_bytes(content)
    with pytest.raises(ModelError) as refused:
        read_model(tmp_path / f"bad{suffix}")
    assert reason in str(refused.value)


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
