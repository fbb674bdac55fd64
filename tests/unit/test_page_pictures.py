"""A drawing as the address of a picture: the same drawing, shorter."""

from __future__ import annotations

import re
from urllib.parse import unquote
from xml.etree import ElementTree as Tree

import pytest

from iskdyn.reports.figures import drawing, svg_text
from iskdyn.reports.page.build import _as_address


def test_a_picture_of_the_page_is_the_drawing_to_a_hundredth_of_a_point() -> None:
    with drawing() as pyplot:
        figure, axes = pyplot.subplots(figsize=(3, 2))
        axes.plot([i / 7 for i in range(90)], [1 / (i + 3) for i in range(90)])
        axes.set_title('Lone, "Max, z" & 50 % # 1.2345')
        text = svg_text(figure, "a label")
        pyplot.close(figure)
    address = _as_address(text)
    assert address.startswith("data:image/svg+xml,")
    assert not re.search(r"[\s\"<>#&]", address)
    assert len(address) < 1.15 * len(text)  # base64 is 1.33
    whole, dense = (list(Tree.fromstring(one).iter()) for one in (text, unquote(address.partition(",")[2])))  # noqa: S314
    assert [one.tag for one in dense] == [one.tag for one in whole]
    for one, other in zip(whole, dense, strict=True):
        for name, value in one.attrib.items():
            if name == "d":
                before, after = (
                    re.findall(r"[A-Za-z]|-?[\d.]+", path) for path in (value, other.get(name, ""))
                )
                assert [word for word in before if word.isalpha()] == [
                    word for word in after if word.isalpha()
                ]
                numbers = [[float(word) for word in path if not word.isalpha()] for path in (before, after)]
                assert numbers[1] == pytest.approx(numbers[0], abs=0.00501)
    assert "".join(unquote(address)).count('Lone, "Max, z"') == text.count('Lone, "Max, z"')
