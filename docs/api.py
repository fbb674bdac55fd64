"""Write the reference of the public names from their docstrings: `python docs/api.py FOLDER`, for `make api`."""

from __future__ import annotations

import re
import sys
import warnings
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import iskdyn

SECTION = re.compile(r"^([A-Z]\w+)\n-{3,}\n((?:.+\n?)*)", re.MULTILINE)
ENTRY = re.compile(r"^([\w.*, ]+?) : ", re.MULTILINE)


def main(folder: str) -> int:
    """Write a page for each package that lists public names, and say how much was written."""
    import pdoc.docstrings
    import pdoc.render

    # pandas is imported for types only, and its Series takes its type in them alone
    warnings.filterwarnings("ignore", message="Error parsing type annotation pd.Series")
    pdoc.docstrings.numpy = as_markdown  # type: ignore[assignment]
    pdoc.render.configure(docformat="numpy", show_source=False)
    pdoc.pdoc(*public_packages(), output_directory=Path(folder))
    size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    print(f"{folder}/index.html; {size / 1e6:.1f} MB in all")
    return 0


def public_packages() -> list[str]:
    """The package and those inside it with public names; verbs of the command line tell theirs by --help."""
    names = [
        found.name
        for found in walk_packages(iskdyn.__path__, "iskdyn.")
        if found.ispkg and found.name != "iskdyn.cli"
    ]
    return ["iskdyn", *(name for name in names if getattr(import_module(name), "__all__", ()))]


def as_markdown(docstring: str) -> str:
    """A docstring with its sections as headings and `name : words` as lists.

    pdoc's own reading of these sections takes the words for a type and puts them into brackets.
    """
    return SECTION.sub(
        lambda part: f"###### {part[1]}\n\n" + ENTRY.sub(r"- **\1**: ", part[2]) + "\n", docstring
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
