"""Ranges of elements, and the one question about them: which element is meant here?"""

from __future__ import annotations

from collections.abc import Sequence

from iskdyn.model.names import name_key, suggest
from iskdyn.model.reading.definitions import Range, Reading


class Dimensions:
    """All ranges of a model.

    Attributes
    ----------
    elements : range key -> keys of its elements, in order; nested ranges and aliases are written out
    spelling : key of an element or range -> as its author wrote it
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.spelling: dict[str, str] = {}
        self.elements: dict[str, tuple[str, ...]] = {}
        self._ranges = {name_key(one.name): one for one in reading.ranges}
        for one in reading.ranges:
            self.spelling[name_key(one.name)] = one.name
        for key in self._ranges:
            self._expand(key, ())
        self.maps: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {}
        for key, one in self._ranges.items():
            self.maps[key] = self._mappings(key, one)
        self._alias_maps()
        self.families = self._families()

    def _expand(self, key: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if key in self.elements:
            return self.elements[key]
        one = self._ranges[key]
        if key in path:
            self.reading.refuse(one.at, f"the range {one.name!r} holds itself", one.text)
            return ()
        if one.alias_of:
            other = name_key(one.alias_of)
            if other not in self._ranges:
                self.reading.refuse(
                    one.at, f"{one.alias_of!r} is no range{suggest(one.alias_of, self._names())}", one.text
                )
            else:
                self.elements[key] = self._expand(other, (*path, key))
            return self.elements.setdefault(key, ())
        found: dict[str, None] = {}
        for member in one.members:
            inner = name_key(member)
            if inner in self._ranges and (self.reading.dialect == "vensim") and inner != key:
                found.update(dict.fromkeys(self._expand(inner, (*path, key))))
            else:
                self.spelling.setdefault(inner, member.strip('"'))
                found[inner] = None
        self.elements[key] = tuple(found)
        return self.elements[key]

    def _names(self) -> list[str]:
        return [one.name for one in self._ranges.values()]

    def _mappings(self, key: str, one: Range) -> dict[str, dict[str, tuple[str, ...]]]:
        """target range -> own element -> the target's elements."""
        found = {}
        for mapping in one.mappings:
            target = name_key(mapping.target)
            if target not in self.elements:
                self.reading.refuse(
                    one.at, f"{one.name!r} is mapped to {mapping.target!r}, which is no range", one.text
                )
                continue
            own, others = self.elements[key], self.elements[target]
            listed = [name_key(name) for name in mapping.listed] or list(others)
            if len(listed) != len(own):
                message = (
                    f"{one.name!r} has {len(own)} elements, its mapping to {mapping.target!r} {len(listed)}"
                )
                self.reading.refuse(one.at, message, one.text)
                continue
            found[target] = {mine: self.elements.get(to, (to,)) for mine, to in zip(own, listed, strict=True)}
        return found

    def _alias_maps(self) -> None:
        """Two names of one range have each other's mappings."""
        for key, one in self._ranges.items():
            if one.alias_of:
                self.maps[key] = {**self.maps.get(name_key(one.alias_of), {}), **self.maps[key]}

    def _families(self) -> dict[str, str]:
        """element -> the largest range that holds it (the first of them)."""
        found: dict[str, str] = {}
        for key in sorted(self.elements, key=lambda key: -len(self.elements[key])):
            for element in self.elements[key]:
                found.setdefault(element, key)
        return found

    def is_element(self, key: str) -> bool:
        """Whether a name is an element of some range."""
        return key in self.families

    def qualified(self, key: str) -> str:
        """The element of 'range.element', as XMILE writes it where a name alone would not do; '' for another name."""
        family, _, element = key.partition(".")
        return element if element in self.elements.get(family, ()) else ""

    def position(self, element: str, within: str | None = None) -> int:
        """The number of an element in a range (from 1), by default in its family."""
        return self.elements[within or self.families[element]].index(element) + 1

    def bound(self, wanted: str, left: Sequence[tuple[str, str]], occurrence: int) -> str | None:
        """The element that a range on the right means, given (range, element) of each place on the left.

        By name, the n-th occurrence by the n-th; else by a mapping of the range on the right to one on the left;
        else as the sub- or superrange of one that holds the present element.

        Parameters
        ----------
        wanted : key of the range on the right
        left : key of a range and the element that is written out, for each place on the left
        occurrence : how often the range stands before this place, from 0
        """
        same = [element for key, element in left if key == wanted]
        if same:
            return same[min(occurrence, len(same) - 1)]
        for mapping in self.maps.get(wanted, {}).values():
            for _, element in left:
                mapped = [mine for mine, to in mapping.items() if element in to]
                if len(mapped) == 1:
                    return mapped[0]
        own = self.elements[wanted]
        return next((element for _, element in left if element in own), None)
