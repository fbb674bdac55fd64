"""PySD's own reading of a file, for running it in PySD; none of the file's text is evaluated."""

from __future__ import annotations

from ast import literal_eval
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pysd.translators.structures.abstract_model import AbstractModel


def abstract_model(path: Path) -> AbstractModel:
    """PySD's reading of a file.

    PySD calls `eval` on numbers, points and the limits of tables; of limits its grammar takes any text at all.
    """
    from pysd.translators.vensim import vensim_element
    from pysd.translators.vensim.vensim_file import VensimFile
    from pysd.translators.xmile import xmile_element
    from pysd.translators.xmile.xmile_file import XmileFile

    vensim_element.eval = xmile_element.eval = _literal  # found before the built-in function
    file = VensimFile(path) if path.suffix.lower() == ".mdl" else XmileFile(path)
    file.parse()
    return file.get_abstract_model()


def _literal(text: str) -> object:
    """The number, text or points written there."""
    try:
        return literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise ValueError(f"'{text.strip()[:60]}' is not a number, a text or points") from None
