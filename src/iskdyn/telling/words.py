"""Thresholds in words, and the words of the lexicon: the same on every surface."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from iskdyn.telling import thresholds

OF = (10, 20, 100)
"""A share is told of the first of these of which it is a whole number, as nine of ten, 19 of 20 and 99 of 100."""


@cache
def lexicon() -> dict[str, Any]:
    """The lexicon file as it stands: tables of words by name."""
    return tomllib.loads(files("iskdyn.telling").joinpath("lexicon.toml").read_text(encoding="utf-8"))


def number_words(n: int) -> str:
    """A small whole number in letters, a larger one in digits.

    >>> number_words(9), number_words(19)
    ('nine', '19')
    """
    known = lexicon()["numbers"]["words"]
    return str(known[n]) if n < len(known) else str(n)


def share_words(share: float, noun: str = "") -> str:
    """A share of many in words.

    Parameters
    ----------
    share : from 0 to 1
    noun : plural, of the lexicon; none for numbers alone

    >>> share_words(0.9), share_words(0.9, "versions"), share_words(0.1, "versions"), share_words(0.95, "draws")
    ('nine of ten', 'nine versions of ten', 'one version of ten', '19 draws of 20')
    """
    (n, of), patterns = _of(share), lexicon()["patterns"]
    # two numbers of one clause are both in letters or both in digits
    told = (number_words(n), number_words(of)) if number_words(of) != str(of) else (str(n), str(of))
    if not noun:
        return str(patterns["share"]).format(n=told[0], of=told[1])
    one, several = lexicon()["nouns"][noun]
    return str(patterns["share_of"]).format(n=told[0], noun=one if n == 1 else several, of=told[1])


def part_words(share: float) -> str:
    """A small share as a fraction.

    >>> part_words(0.05), part_words(0.1), part_words(0.02)
    ('a twentieth', 'a tenth', 'a fiftieth')
    """
    exact, known = Fraction(share).limit_denominator(1000), lexicon()["fractions"]
    of = exact.denominator if str(exact.denominator) in known else 100
    n, part = exact * of, known[str(of)]
    if n == 1:
        return str(lexicon()["patterns"]["part"]).format(part=part)
    return str(lexicon()["patterns"]["parts"]).format(n=number_words(round(n)), part=part)


def per_cent_words(share: float) -> str:
    """A share in per cent, in letters.

    >>> per_cent_words(0.01), per_cent_words(0.02)
    ('one per cent', 'two per cent')
    """
    return str(lexicon()["patterns"]["per_cent"]).format(n=number_words(round(100 * share)))


def factor_words(factor: float) -> str:
    """What was done to something by a factor.

    >>> factor_words(3.0), factor_words(2.5)
    ('trebled', 'multiplied by 2.5')
    """
    return str(lexicon()["factors"].get(f"{factor:g}", f"multiplied by {factor:g}"))


def threshold_words() -> dict[str, str]:
    """Each threshold in the words that sentences, tables and templates use for it.

    >>> threshold_words()["range_versions"], threshold_words()["learned"]
    ('nine versions of ten', 'trebled')
    """
    low, _, high = thresholds.EDGES
    inside = round(high - low, 12)
    return {
        "range": share_words(inside),
        "range_versions": share_words(inside, "versions"),
        "range_reports": share_words(inside, "reports"),
        "range_parts": parts_words(inside),
        "agree": share_words(thresholds.AGREE),
        "agree_versions": share_words(thresholds.AGREE, "versions"),
        "agree_draws": share_words(thresholds.AGREE, "draws"),
        "fail_versions": share_words(thresholds.FAIL, "versions"),
        "half": part_words(round(thresholds.HALF[1] - thresholds.HALF[0], 12)).removeprefix("a "),
        "small": per_cent_words(thresholds.SMALL),
        "narrow": per_cent_words(thresholds.NARROW),
        "notably": part_words(thresholds.NOTABLY),
        "put_in": f"{100 * thresholds.PUT_IN:g} %",
        "learned": factor_words(thresholds.LEARNED),
        "asked": number_words(round(thresholds.ASKED)),
        "light": part_words(thresholds.LIGHT),
    }


def parts_words(share: float) -> str:
    """A large share as parts.

    >>> parts_words(0.9)
    'nine tenths'
    """
    n, of = _of(share)
    part = lexicon()["fractions"].get(str(of), f"{of}th")
    return str(lexicon()["patterns"]["parts"]).format(n=number_words(n), part=part)


def _of(share: float) -> tuple[int, int]:
    """A share as so many of `OF`, or of its own denominator."""
    exact = Fraction(share).limit_denominator(1000)
    of = next((one for one in OF if (exact * one).denominator == 1), exact.denominator)
    return int(exact * of), of


def mark_words(mark: str | None) -> str:
    """Who speaks, for a reader; empty where that was not asked."""
    return str(lexicon()["marks"][mark]["words"]) if mark else ""


def mark_glyph(mark: str | None) -> str:
    """The same where there is no room for words; what is open has none."""
    return str(lexicon()["marks"][mark]["glyph"]) if mark else ""


def mark_meanings() -> dict[str, str]:
    """By the words of each mark what it means."""
    filled = threshold_words()
    return {one["words"]: str(one["means"]).format(**filled) for one in lexicon()["marks"].values()}


def for_page() -> dict[str, Any]:
    """What the page's scripts take: thresholds, their words, and words of verdicts and directions."""
    low, middle, high = thresholds.EDGES
    return {
        "agree": thresholds.AGREE,
        "small": thresholds.SMALL,
        "narrow": thresholds.NARROW,
        "levels": [low, thresholds.HALF[0], middle, thresholds.HALF[1], high],
        "in_all": thresholds.IN_ALL,
        "words": threshold_words(),
        "verdicts": lexicon()["verdicts"],
        "directions": lexicon()["directions"],
        "months": lexicon()["dates"]["short"],
    }
