"""The page's own modules as one script, and a page whose policy names each script by its hash."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

from iskdyn.errors import InternalError, Problem

FOLDER = Path(__file__).parent
_IMPORT = re.compile(r"^import\s+\{[^}]*\}\s+from\s+\"\./([\w.]+)\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|let|function|class)\b)", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*\*.*?\*/)\n", re.MULTILINE | re.DOTALL)


def bundle(entry: str, folder: Path | None = None) -> str:
    """The module `js/<entry>` and all it imports as one script, each module after those that it needs.

    Modules are joined into one scope, so a name may stand at the top of one module only. Whole-line
    comments are left out.

    Raises
    ------
    InternalError : modules that import each other, or a name that two of them declare
    """
    folder = folder or FOLDER / "js"
    texts: dict[str, str] = {}
    _collect(entry, folder, texts, ())
    _check_names(texts)
    joined = "\n".join(f"// {name}\n{text.strip()}" for name, text in texts.items())
    return f'(() => {{\n"use strict";\n{joined}\n}})();\n'


def _collect(name: str, folder: Path, texts: dict[str, str], above: tuple[str, ...]) -> None:
    if name in above:
        raise InternalError(Problem(name, f"imports itself by way of {' and '.join(above)}"))
    if name in texts:
        return
    text = (folder / name).read_text(encoding="utf-8")
    for needed in _IMPORT.findall(text):
        _collect(needed, folder, texts, (*above, name))
    texts[name] = _COMMENT.sub("", _EXPORT.sub("", _IMPORT.sub("", text)))


def _check_names(texts: dict[str, str]) -> None:
    places: dict[str, str] = {}
    for module, text in texts.items():
        for name in re.findall(r"^(?:async )?(?:const|let|function|class) (\w+)", text, re.MULTILINE):
            if name in places:
                message = f"'{name}' is declared in {places[name]} too; scripts share one scope"
                raise InternalError(Problem(module, message))
            places[name] = module


def stylesheet(folder: Path | None = None) -> str:
    """All style sheets of the page, in the order of their names."""
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((folder or FOLDER / "css").glob("*.css"))
    )


def policy(scripts: list[str], style: str) -> str:
    """A content security policy that runs these scripts and styles and nothing else, and lets nothing out.

    'wasm-unsafe-eval' lets these scripts compile WebAssembly, which they carry; text they still cannot run.
    """
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed} 'wasm-unsafe-eval'; style-src {_hash(style)}; worker-src blob:; "
        "img-src blob: data:; connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def script_json(value: object) -> str:
    """A value as a literal that may stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
