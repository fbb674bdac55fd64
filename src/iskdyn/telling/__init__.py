"""What every surface tells alike: thresholds, and the words for them."""

from iskdyn.telling.words import (
    factor_words,
    for_page,
    lexicon,
    mark_glyph,
    mark_meanings,
    mark_words,
    number_words,
    part_words,
    per_cent_words,
    share_words,
    threshold_words,
)

__all__ = [
    "factor_words",
    "for_page",
    "lexicon",
    "mark_glyph",
    "mark_meanings",
    "mark_words",
    "number_words",
    "part_words",
    "per_cent_words",
    "share_words",
    "threshold_words",
]
