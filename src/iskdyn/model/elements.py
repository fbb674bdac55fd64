"""Arrays from outside: 'Population[north,*]', or 'Population' for all of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from iskdyn.model.names import name_key
from iskdyn.model.program import Program

if TYPE_CHECKING:
    import xarray


def split_names(text: str) -> list[str]:
    """The names of a list with commas, those between brackets left alone.

    >>> split_names("a, b[x,y]")
    ['a', 'b[x,y]']
    """
    return [name.strip() for name in re.split(r",(?![^\[]*\])", text) if name.strip()]


def elements_named(program: Program, names: Iterable[str]) -> list[str]:
    """The names with those of arrays written out; a name that means nothing stays for the caller to refuse."""
    return [scalar for name in names for scalar in (_scalars(program, name) or [name])]


def of_elements(program: Program, values: Mapping[str, float]) -> dict[str, float]:
    """Values by name, those of arrays given to each of their elements."""
    return {scalar: value for name, value in values.items() for scalar in (_scalars(program, name) or [name])}


def _scalars(program: Program, name: str) -> list[str]:
    """The scalars of an array that a name with '*' or without subscripts means."""
    if name in program:
        return [name]
    base, _, inside = name_key(name).removesuffix("]").partition("[")
    wanted = [part for part in inside.split(",") if part]
    return [
        variable.name
        for variable in program
        if variable.array == base
        and (not wanted or len(wanted) == len(variable.elements))
        and all(
            part in ("*", name_key(element)) for part, element in zip(wanted, variable.elements, strict=False)
        )
    ]


def with_dimensions(program: Program, result: xarray.Dataset) -> xarray.Dataset:
    """A run's result with its arrays whole: 'Population' over region and age instead of one variable a scalar.

    An array that is not complete in the result stays as scalars.
    """
    import numpy as np
    import xarray

    arrays: dict[str, list[str]] = {}
    for name in map(str, result):
        if (array := program[name].array) != "":
            arrays.setdefault(array, []).append(name)
    whole = result.drop_vars([name for names in arrays.values() for name in names])
    for array, names in arrays.items():
        places = list(zip(*(program[name].elements for name in names), strict=True))
        axes = [list(dict.fromkeys(place)) for place in places]
        if np.prod([len(axis) for axis in axes]) != len(names):
            whole = whole.assign({name: result[name] for name in names})
            continue
        names.sort(
            key=lambda name: [axis.index(e) for axis, e in zip(axes, program[name].elements, strict=True)]
        )
        stacked = np.stack([result[name].values for name in names])
        shaped = stacked.reshape(*(len(axis) for axis in axes), *stacked.shape[1:])
        first = result[names[0]]
        dims: list[str] = []
        for axis in axes:
            dims.append(_dimension(program, array, axis, dims))
        coordinates = dict(zip(dims, axes, strict=True))
        name = names[0].partition("[")[0]
        whole = whole.merge(
            {name: xarray.DataArray(shaped, dims=(*dims, *first.dims), coords=coordinates, attrs=first.attrs)}
        )
    return whole


def _dimension(program: Program, array: str, axis: list[str], taken: list[str]) -> str:
    """The range that holds just these elements, numbered where it stands twice; else a name of the array's own."""
    named = [name for name, elements in program.dimensions if set(elements) == set(axis)]
    name = next((name for name in named if name not in taken), named[0] if named else f"{array} elements")
    return name if name not in taken else f"{name} {len(taken) + 1}"
