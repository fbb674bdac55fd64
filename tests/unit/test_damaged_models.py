"""A damaged model either runs or is refused with a place; nothing else comes out, and nothing hangs."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from iskdyn.errors import IskdynError, ModelError
from iskdyn.model import read_model
from iskdyn.model.parse import Parser
from iskdyn.simulate import simulate

sys.path.insert(0, str(Path(__file__).parents[1] / "exam"))
from damage import DAMAGES, SMALL, XMILE, cases, try_case

N_EACH = 5


@pytest.fixture(scope="module")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parser]:
    path = tmp_path_factory.mktemp("sound") / "sound.mdl"
    path.write_text(SMALL)
    with Parser(60) as running:
        running.read(path)
        yield running


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISKDYN_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_model_runs_or_is_refused_with_a_place(kind: str, tmp_path: Path, parser: Parser) -> None:
    damaged = [case for case in cases(N_EACH * len(DAMAGES)) if case.kind == kind]
    faults = [outcome for case in damaged if (outcome := try_case(case, tmp_path, parser)).fault]
    assert not faults


@pytest.mark.parametrize(("suffix", "text"), [(".mdl", SMALL), (".xmile", XMILE)])
def test_the_models_that_are_damaged_are_sound(
    suffix: str, text: str, tmp_path: Path, parser: Parser
) -> None:
    (tmp_path / f"sound{suffix}").write_text(text)
    assert "stock" in read_model(tmp_path / f"sound{suffix}", parser=parser)


@pytest.mark.parametrize(
    ("equation", "reason"),
    [
        ("(" * 400 + "1" + ")" * 400, "400 brackets inside one another"),
        (" + ".join(["1"] * 5000), "5,000 operators"),
        (" + ".join(["gain"] * 200), "more than 150 operations inside one another"),
        ("1e999", "a number is too large"),
        ("9" * 400, "a number is too large"),
        ("bent(1", "cannot be parsed"),
        ("nothing * 2", "nothing"),
        ("added + 1", "circle of equations"),
    ],
    ids=["brackets", "terms", "chain", "infinite", "long number", "unclosed", "unknown", "circle"],
)
def test_a_bad_equation_is_refused_at_its_line(
    equation: str, reason: str, tmp_path: Path, parser: Parser
) -> None:
    text = SMALL.replace("delay = 4 ", f"added = {equation} ~ ~ |\ndelay = 4 ")
    line = text[: text.index("added = ")].count("\n") + 1
    (tmp_path / "bad.mdl").write_text(text)
    with pytest.raises(ModelError) as refused:
        read_model(tmp_path / "bad.mdl", parser=parser)
    assert any(p.place == f"bad.mdl:{line}" and reason in p.message for p in refused.value.problems), (
        refused.value.problems
    )


def test_a_macro_without_its_own_equation_is_refused(tmp_path: Path, parser: Parser) -> None:
    (tmp_path / "bad.mdl").write_text(SMALL.replace("GROWING = INTEG(GROWING", "GROWTH = INTEG(GROWTH"))
    with pytest.raises(ModelError, match="the macro growing has no equation"):
        read_model(tmp_path / "bad.mdl", parser=parser)


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
def test_text_of_a_model_is_never_run(old: str, new: str, tmp_path: Path, parser: Parser) -> None:
    file, model = tmp_path / "written", tmp_path / "bad.mdl"
    assert old in SMALL
    model.write_text(SMALL.replace(old, new.format(file=str(file)), 1))
    with contextlib.suppress(IskdynError):
        program = read_model(model, parser=parser)
        simulate(program, engine="pysd")
    assert not file.exists()
