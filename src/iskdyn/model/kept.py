"""A `Program` as JSON and back, for the cache: text that can be read without running any code."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from iskdyn.model.expression import Call, Lookup, Number, Reference, Table
from iskdyn.model.program import Program, Variable

_CLASSES = {one.__name__: one for one in (Call, Lookup, Number, Reference, Table, Variable, Program)}


def program_json(program: Program) -> bytes:
    """The program without its path."""
    return json.dumps(_plain(program), separators=(",", ":")).encode()


def read_program(text: bytes, path: Path) -> Program:
    """The program of this JSON, as if read from `path`.

    Raises
    ------
    ValueError, TypeError, KeyError : it is not that of a program of this version
    """
    found = _object(json.loads(text), path)
    if not isinstance(found, Program):
        raise TypeError(f"expected a Program, got {type(found).__name__}")
    return found


def _plain(value: Any) -> Any:
    """Objects as {"": class, field: value …}, sequences as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"": type(value).__name__, **parts}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, Path) else value


def _object(value: Any, path: Path) -> Any:
    if isinstance(value, list):
        return tuple(_object(part, path) for part in value)
    if not isinstance(value, dict):
        return value
    parts = {name: _object(part, path) for name, part in value.items() if name}
    if value[""] == Program.__name__:
        parts["path"] = path
    return _CLASSES[value[""]](**parts)
