"""What every page of the reports has in common once it is written: dates, per cents, words explained, marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from iskdyn.study.months import in_words

if TYPE_CHECKING:
    from iskdyn.reports.story import Term

_TAG = re.compile(r"(<!--.*?-->|<[^>]+>)", re.DOTALL)
_DATE = re.compile(r"(?<![\d.-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-\d\d)?(?![\d-])")
"""A month or a day; one behind a point is part of a row's id."""
_MINUS = re.compile(r"(?<![\w.)\]-])-(?=\.?\d)")
"""Before a number and behind nothing that it could join."""
_VERBATIM = ("style", "script", "code", "title")
_UNLINKED = (
    *_VERBATIM,
    "svg",
    "a",
    "h1",
    "h2",
    "h3",
    "h4",
    "summary",
    "nav",
    "thead",
    "button",
    "dt",
    "header",
)


LONG_WORD = 10
"""Letters from which a word may not fit a narrow column."""
_BREAKS = re.compile(r"(?<=[aeiouy])(?=[^aeiouy\W][aeiouy]\w)|(?<=([^aeiouy\W]))(?=\1)")
"""Between a vowel and a syllable that begins with one consonant, and between two of the same letter."""


def softened(text: str) -> str:
    """The same with places where a long word may be hyphenated: not every browser has a dictionary.

    >>> softened("bomb attacks, repression").replace("\N{SOFT HYPHEN}", "|")
    'bomb attacks, repres|sion'
    """
    return re.sub(rf"\w{{{LONG_WORD},}}", lambda word: _BREAKS.sub("\N{SOFT HYPHEN}", word[0]), text)


def plain(html: str) -> str:
    """The page with dates in words, a space before each per cent sign and minus signs that are; code stays as it is.

    >>> plain("<p>34% by 2023-04</p><code>2023-04</code>") == (
    ...     "<p>34\\N{NO-BREAK SPACE}% by April 2023</p><code>2023-04</code>"
    ... )
    True
    """
    return _over_text(html, _VERBATIM, _said)


def explained(html: str, terms: Sequence[Term]) -> str:
    """A section in which the first use of each word of the glossary leads there."""
    forms = {form.casefold(): term for term in terms for form in (term.word, *term.also)}
    if not forms:
        return html
    listed = sorted(map(re.escape, forms), key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(listed)})(?![\w-])", re.IGNORECASE)
    linked: set[str] = set()

    def link(match: re.Match[str]) -> str:
        term = forms[match[0].casefold()]
        if term.anchor in linked:
            return match[0]
        linked.add(term.anchor)
        return f'<a class="term" href="#{term.anchor}">{match[0]}</a>'

    return _over_text(html, _UNLINKED, lambda text: pattern.sub(link, text))


def marked(html: str, run: str) -> str:
    """The page with the run's id on every figure and table, so that one taken out of it still carries it.

    >>> print(marked("<svg width='1'></svg>", "0a1b2c3d4e5f"))
    <svg data-run="0a1b2c3d4e5f" width='1'></svg>
    """
    return re.sub(r"<(svg|table)(?=[\s>])", rf'<\1 data-run="{run}"', html)


def _said(text: str) -> str:
    spaced = re.sub(r"(?<=\d)[ \N{NO-BREAK SPACE}]?%", "\N{NO-BREAK SPACE}%", text)
    spaced = _MINUS.sub("\N{MINUS SIGN}", spaced)
    return _DATE.sub(lambda match: in_words(match[0]), spaced)


def _over_text(html: str, skipped: Sequence[str], change: Callable[[str], str]) -> str:
    """Text between tags changed, but for what stands in the tags that are skipped."""
    inside: list[str] = []
    parts = _TAG.split(html)
    for i, part in enumerate(parts):
        if i % 2 == 0:
            parts[i] = part if inside else change(part)
            continue
        name = re.match(r"</?\s*(\w*)", part)
        tag = name[1].lower() if name else ""
        if tag in skipped and not part.endswith("/>"):
            if not part.startswith("</"):
                inside.append(tag)
            elif inside and inside[-1] == tag:
                inside.pop()
    return "".join(parts)
