from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from iskdyn.errors import InputError
from iskdyn.reports.views import draw_view, parse_views, read_views

MODEL = r"""{UTF-8}
Prey= INTEG(births - kills, 10) ~ Animal ~ Food of the predators. |
\\\---/// Sketch information - do not modify anything except names
V300  Do not put anything below this section - it will be ignored
*Prey & predators
$192-192-192,0,Arial|10||0-0-0|0-0-0|0-0-0|-1--1--1|-1--1--1|96,96,100,0
10,1,Prey,300,100,40,20,3,3,0,0,0,0,0,0
10,2,"Predators, all",600,100,40,20,3,3,0,0,0,0,0,0
12,3,48,100,100,10,8,0,3,0,0,-1,0,0,0
11,4,48,200,100,6,8,34,3,0,0,1,0,0,0
10,5,births,200,120,30,11,40,3,0,0,-1,0,0,0
10,6,Time,450,200,26,11,8,2,0,3,-1,0,0,0,128-128-128,0-0-0,|12||128-128-128
12,7,0,300,200,20,20,4,7,0,0,-1,0,0,0
R1
12,8,0,300,250,200,20,8,7,0,0,-1,0,0,0
R1 more prey, more births
1,9,4,1,4,0,0,22,0,0,0,-1--1--1,,1|(230,100)|
1,10,4,3,100,0,0,22,0,0,0,-1--1--1,,1|(150,100)|
1,11,1,5,0,0,43,0,0,128,0,-1--1--1,,1|(260,150)|
1,12,6,2,0,0,45,0,0,64,0,-1--1--1,,1|(0,0)|
\\\---/// Sketch information - do not modify anything except names
V300  Do not put anything below this section - it will be ignored
*Second
$192-192-192,0,Arial|10||0-0-0|0-0-0|0-0-0|-1--1--1|-1--1--1|96,96,100,0
10,1,Prey,300,100,40,20,3,2,0,3,-1,0,0,0,128-128-128,0-0-0,|10||128-128-128
///---\\\
:L<%^E!@
10,9,not a symbol,1,1,1,1,3,3,0,0
"""


def test_a_sketch_is_read_view_by_view() -> None:
    first, second = parse_views(MODEL)
    assert (first.name, second.name) == ("Prey & predators", "Second")
    assert [symbol.name for symbol in first.symbols if symbol.boxed] == ["Prey", "Predators, all"]
    assert [symbol.kind for symbol in first.symbols].count("cloud") == 1
    assert [symbol.name for symbol in (*first.symbols, *second.symbols) if symbol.ghost] == ["Time", "Prey"]


def test_pipes_and_links_are_told_apart() -> None:
    view = parse_views(MODEL)[0]
    pipes = [arrow for arrow in view.arrows if arrow.pipe]
    assert [(arrow.start, arrow.end, arrow.head) for arrow in pipes] == [(4, 1, True), (4, 3, False)]
    assert [arrow.polarity for arrow in view.arrows if not arrow.pipe] == ["+", "-"]


def test_the_picture_is_well_formed_and_names_every_symbol() -> None:
    for view in parse_views(MODEL):
        picture = ElementTree.fromstring(draw_view(view))  # noqa: S314 - our own text
        assert picture.get("role") == "img"
        assert view.name in (picture.get("aria-label") or "")
        words = " ".join(
            "".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")
        )
        titles = "".join(
            "".join(title.itertext()) for title in picture.iter("{http://www.w3.org/2000/svg}title")
        )
        for symbol in view.symbols:
            assert symbol.name.split(" ")[0] in words
            assert symbol.kind != "variable" or symbol.name in titles


def test_titles_carry_unit_words_and_equation_of_the_model(tmp_path: Path) -> None:
    from iskdyn.model import read_model

    path = tmp_path / "prey.mdl"
    clock = "".join(
        f"{name}= {value} ~ Month ~ |\n"
        for name, value in [("INITIAL TIME", 0), ("FINAL TIME", 1), ("TIME STEP", 1), ("SAVEPER", 1)]
    )
    equations = f"births= 1 ~ Animal/Month ~ |\nkills= 1 ~ Animal/Month ~ |\n{clock}"
    path.write_text(MODEL.replace("{UTF-8}\n", "{UTF-8}\n" + equations))
    drawn = draw_view(read_views(path)[0], read_model(path).variables)
    assert "Prey [Animal]\nFood of the predators.\n= INTEG" in drawn


def test_ghosts_stand_in_brackets_except_where_all_are_ghosts() -> None:
    first, second = (draw_view(view) for view in parse_views(MODEL))
    assert "‹Time›" in first
    assert "‹" not in second


@pytest.mark.parametrize(
    "damage",
    [
        ("10,1,Prey,300", "10,1,Prey"),
        ("11,4,48,200,100,6,8", "11,four,48"),
        ("1,9,4,1,4,0", "1,9,99"),
        ("12,8,0,300,250,200", "12,8"),
        ("|(260,150)|", ""),
        ("*Second", "10,Second"),
        ("///---\\\\\\", ""),
        ("10,5,births,200,120,30,11,40,3", "77,5,births"),
    ],
)
def test_a_damaged_sketch_is_drawn_as_far_as_it_goes(damage: tuple[str, str]) -> None:
    views = parse_views(MODEL.replace(*damage))
    assert views
    for view in views:
        ElementTree.fromstring(draw_view(view))  # noqa: S314 - our own text


@pytest.mark.parametrize("text", ["", "x = 1 ~ Dmnl ~ |", "\\\\\\---/// Sketch", "\\\\\\---///\n*Empty"])
def test_a_model_without_symbols_gives_no_or_empty_pictures(text: str) -> None:
    for view in parse_views(text):
        ElementTree.fromstring(draw_view(view))  # noqa: S314 - our own text


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.mdl: cannot be read"):
        read_views(tmp_path / "nowhere.mdl")
