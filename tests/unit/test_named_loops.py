"""The names of loops: which loop bears which, and the file that they are read from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from iskdyn.confidence.loops import ALONE, UNNAMED, Cut, Name, Names, read_names
from iskdyn.errors import StudyError
from iskdyn.study import Change, Expectation, open_study

TINY = Path(__file__).parents[1] / "data" / "tiny"
FILE = """\
outcomes = ["members", "Quiet_Exit"]

[kinds]
people = ["members", "Detained"]

[[loop]]
name = "held"
words = "Members are taken and are missing."
through = ["members", "people"]
without = ["people", "recruitment"]

[loop.cut]
set = { "arrest hazard" = 0.0 }
with = { set = { "Quiet Exit Hazard" = 1 } }
expect = [{ of = "members", is = "higher" }]
why = "Nobody is taken."

[[loop]]
name = "joining"
words = "Members bring members."
through = ["detained"]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return open_study(shutil.copytree(TINY, tmp_path_factory.mktemp("named") / "tiny"))


@pytest.fixture
def read(study):
    """The names that a file of this text gives."""

    def call(text: str | bytes) -> Names:
        path = study.path_of("loops")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_names(study)

    yield call
    study.path_of("loops").unlink()


def problems_of(read, text):
    with pytest.raises(StudyError) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


def named(name, *through, without=()):
    return Name(name, "", tuple(frozenset(one) for one in through), frozenset(without), None)


def test_a_loop_bears_a_name_if_it_passes_one_of_each_part_and_none_that_it_must_not():
    name = named("n", {"a", "b"}, {"c"}, without={"x", "y"})
    assert name.fits(("a", "c"))
    assert name.fits(("b", "z", "c"))
    assert not name.fits(("a", "b"))
    assert not name.fits(("c", "z"))
    assert not name.fits(("a", "c", "y"))


def test_a_loop_through_one_stock_alone_bears_no_name():
    assert not named("n", {"a"}).fits(("a",))
    assert Names((), (named("n", {"a"}),)).of(("a",)) == ALONE


def test_the_first_name_that_fits_counts():
    names = Names((), (named("narrow", {"a"}, {"b"}), named("wide", {"a"})))
    assert names.of(("a", "b")) == "narrow"
    assert names.of(("a", "c")) == "wide"
    assert names.of(("c", "d")) == UNNAMED


def test_a_study_without_the_file_has_no_names(study):
    assert read_names(study) == Names((), ())


def test_a_file_is_read_whole_with_keys_as_the_model_has_them(read):
    people = frozenset(["members", "detained"])
    cut = Cut(
        (Change("set", "arrest hazard", 0.0),),
        (Change("set", "quiet exit hazard", 1.0),),
        (Expectation("members", "higher"),),
        "Nobody is taken.",
    )
    held = Name(
        "held",
        "Members are taken and are missing.",
        (frozenset(["members"]), people),
        people | {"recruitment"},
        cut,
    )
    joining = Name("joining", "Members bring members.", (frozenset(["detained"]),), frozenset(), None)
    assert read(FILE) == Names(("members", "Quiet_Exit"), (held, joining))


def test_a_cut_may_be_expected_to_lower_something(read):
    cut = read(FILE.replace('"higher"', '"lower"')).names[0].cut
    assert cut is not None
    assert cut.expect == (Expectation("members", "lower"),)


def test_a_file_without_loops_has_no_names(read):
    assert read("outcomes = []") == Names((), ())


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('["members", "Quiet', '["member", "Quiet',
         "models/loops.toml:1:outcomes: the model has no variable 'member'; did you mean 'members'?"),
        ('["members", "Detained"]', '["members", "zzz"]',
         "models/loops.toml:4:people: the model has no variable 'zzz'"),
        ('"Members bring members."', '""',
         "models/loops.toml:20:words: expected a text that says something, got ''"),
        ('through = ["detained"]', "", "models/loops.toml:18:loop: the key 'through' is missing"),
        ('through = ["detained"]', 'through = [["detained"]]',
         "models/loops.toml:21:through: expected a text, got ['detained']"),
        ("without =", "whithout =",
         "models/loops.toml:10:whithout: the key 'whithout' is not known; did you mean 'without'?"),
        ('"higher"', '"up"', "models/loops.toml:15:is: expected one of lower, higher, got 'up'"),
        ('why = "Nobody is taken."', "", "models/loops.toml:12:cut: the key 'why' is missing"),
        ('set = { "arrest hazard" = 0.0 }', "", "models/loops.toml:12:cut: changes nothing"),
        ("[{ of", "[{ of = 3 }, { of", ("models/loops.toml:15:of: expected a text that says something, "
         "or a list of one or more texts, got 3")),
        ('of = "members"', 'of = "nobody"', "models/loops.toml:15:of: the model has no variable 'nobody'"),
        ('"arrest hazard" =', '"arrest hasard" =',
         [("models/loops.toml:13:arrest hasard: the model has no variable 'arrest hasard'; "
         "did you mean 'arrest hazard', 'arrest'?"), "models/loops.toml:12:cut: changes nothing"]),
        ("= 0.0 }", '= "none" }', "models/loops.toml:13:arrest hazard: expected a number, got 'none'"),
        ('"Quiet Exit Hazard"', '"qqq"', "models/loops.toml:14:qqq: the model has no variable 'qqq'"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_place(read, old, new, expected):
    assert old in FILE
    assert problems_of(read, FILE.replace(old, new)) == (
        [expected] if isinstance(expected, str) else expected
    )


def test_every_problem_is_told_at_once(read):
    text = FILE.replace('"arrest hazard"', '"qqq"').replace('["detained"]', '["detaned"]')
    assert problems_of(read, text) == [
        "models/loops.toml:13:qqq: the model has no variable 'qqq'",
        "models/loops.toml:12:cut: changes nothing",
        "models/loops.toml:21:through: the model has no variable 'detaned'; did you mean 'detained'?",
    ]


def test_a_file_that_is_no_text_or_no_toml_is_refused(read):
    (told,) = problems_of(read, "\noutcomes = = 1")
    assert told.startswith("models/loops.toml:2:")
    assert "is not TOML" in told
    assert problems_of(read, b"\xff\xfe\xff") == ["models/loops.toml:1: is not UTF-8 text"]
