"""Subscripts: which element of an array a name on the right means."""

from __future__ import annotations

from iskdyn.model.names import name_key, suggest
from iskdyn.model.reading.text import ReadError
from iskdyn.model.reading.tree import Apply, Name, Num, Tree, Wild
from iskdyn.model.write_out.cells import Shape
from iskdyn.model.write_out.dimensions import Dimensions
from iskdyn.model.write_out.scope import Here


def elements_of(dimensions: Dimensions, node: Name | Apply, shape: Shape, here: Here) -> tuple[str, ...]:
    """Which element of a variable is meant at each of its places."""
    text = node.text if isinstance(node, Name) else node.name
    if not shape.n_places:
        if node.subscripts:
            raise ReadError(node.at, f"{text!r} has no subscripts")
        return ()
    if not node.subscripts and shape.ranges:
        return _whole(dimensions, node.at, text, shape, here)
    if len(node.subscripts) != shape.n_places:
        raise ReadError(node.at, f"{text!r} has {shape.n_places} subscripts, {len(node.subscripts)} given")
    found: list[str] = []
    seen: list[str] = []
    for i, sub in enumerate(node.subscripts):
        key = name_key(sub.text) if isinstance(sub, Name) else ""
        declared = shape.ranges[i] if shape.ranges else ""
        mark = f"*{name_key(sub.within) or declared}" if isinstance(sub, Wild) else key
        found.append(_element(dimensions, sub, declared, seen.count(mark), text, here))
        seen.append(mark)
    return tuple(found)


def position(dimensions: Dimensions, node: Name, here: Here) -> int | None:
    """A range stands for the number of the present element: in Vensim in its family, in XMILE in the range itself.

    That a subrange counts by the family is published output of Vensim: SDXorg/test-models, tests/subscript_definition.
    """
    key = name_key(node.text)
    if key in dimensions.elements:
        element = here.bangs.get(key) or dimensions.bound(key, here.cell.left, 0)
        if element is None:
            raise ReadError(node.at, f"the range {node.text!r} is on the right but not on the left")
        return dimensions.position(element, key if dimensions.reading.dialect == "xmile" else None)
    return dimensions.position(key) if dimensions.is_element(key) else None


def _whole(dimensions: Dimensions, at: int, text: str, shape: Shape, here: Here) -> tuple[str, ...]:
    """XMILE: an array without subscripts is read at the present elements."""
    found = []
    for i, key in enumerate(shape.ranges):
        occurrence = shape.ranges[:i].count(key)
        element = here.stars.get((key, occurrence)) or dimensions.bound(key, here.cell.left, occurrence)
        if element is None:
            spelled = dimensions.spelling.get(key, key)
            raise ReadError(
                at, f"the array {text!r} needs subscripts: {spelled!r} is on the right but not on the left"
            )
        found.append(element)
    return tuple(found)


def _element(dimensions: Dimensions, sub: Tree, declared: str, occurrence: int, text: str, here: Here) -> str:
    """The element that one subscript means.

    Parameters
    ----------
    declared : the range of this place, empty where none is
    occurrence : how often the same subscript stands at a place before
    text : the array's name, for what is told
    """
    if isinstance(sub, Wild):
        element = here.stars.get((name_key(sub.within) or declared, occurrence))
        if element is None:
            raise ReadError(sub.at, f"'*' of {text!r} stands outside of SUM, MEAN and the like")
        return element
    if isinstance(sub, Name) and sub.bang:
        if name_key(sub.text) not in here.bangs:
            raise ReadError(sub.at, f"'{sub.text}!' stands outside of SUM, VMIN and the like")
        return here.bangs[name_key(sub.text)]
    key = f"{sub.value:g}" if isinstance(sub, Num) else name_key(sub.text) if isinstance(sub, Name) else ""
    key = dimensions.qualified(key) or key
    if key in dimensions.elements.get(declared, ()) or (not declared and dimensions.is_element(key)):
        return key
    if key in dimensions.elements:
        return _present(dimensions, sub, key, occurrence, here)
    if isinstance(sub, Name):
        known = [dimensions.spelling[k] for k in (*dimensions.elements, *dimensions.families)]
        raise ReadError(sub.at, f"{sub.text!r} is neither a range nor an element{suggest(sub.text, known)}")
    raise ReadError(sub.at, f"a subscript of {text!r} is computed, which cannot be run; name the element")


def _present(dimensions: Dimensions, sub: Tree, key: str, occurrence: int, here: Here) -> str:
    """The element at which a range stands, by the left side or by a reducer around."""
    own = any(name == key for name, _ in here.cell.left)
    bound = (not own and here.stars.get((key, 0))) or dimensions.bound(key, here.cell.left, occurrence)
    if bound is None:
        raise ReadError(sub.at, f"the range {dimensions.spelling[key]!r} is on the right but not on the left")
    return bound
