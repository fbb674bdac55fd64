"""The package's own code as a hash: a trial of another sampler says nothing of this one."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from functools import cache
from pathlib import Path

from iskdyn.seal import short_hash

SAMPLER = (
    "smc", "moves", "posterior", "laplace", "objective", "likelihood", "operators", "priors",
    "recover", "synthetic", "ranks",
)  # fmt: skip
"""The modules that decide the draws of a posterior and their ranks in a trial."""


@cache
def sampler_digest() -> str:
    """The start of the sha256 of the sampler's code."""
    folder = Path(__file__).parent / "calibration"
    texts = [(folder / f"{name}.py").read_text(encoding="utf-8") for name in SAMPLER]
    return short_hash("\n".join(map(bare_code, texts)).encode())


@cache
def package_digest() -> str:
    """The start of the sha256 of all Python code of this package, comments and all."""
    folder = Path(__file__).parent
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:12]


def bare_code(text: str) -> str:
    """Python text without comments, docstrings and blank lines: two that do the same are often equal.

    >>> bare_code('x = 1  # why\\n\\ndef f():\\n    "What."\\n    return x\\n')
    'x = 1\\ndef f():\\n    return x'
    """
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0] - 1] = lines[token.start[0] - 1][: token.start[1]]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines[node.lineno - 1 : node.end_lineno] = [""] * len(lines[node.lineno - 1 : node.end_lineno])
    return "\n".join(line.rstrip() for line in lines if line.strip())
