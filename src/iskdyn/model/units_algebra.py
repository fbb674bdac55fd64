"""Units as powers of base units, read from the modeller's text.

General libraries of units do not serve: a model's units are its own words (Person, Payroll, Attack),
which they do not know or take for something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

Synonyms = tuple[tuple[str, ...], ...]
"""Groups of spellings of one unit, as a Vensim file declares them: (('Person', 'People'), ...)."""

NO_DIMENSION = ("dmnl", "dimensionless", "fraction", "radian", "unitless", "1")
"""Spellings of 'no unit'."""

USUAL: Synonyms = (
    ("Person", "People"),
    ("Second", "s", "sec"),
    ("Minute", "min"),
    ("Hour", "hr"),
    ("Year", "yr"),
    ("Dollar", "$"),
)
"""Spellings that are taken for one everywhere; so are singular and plural, and small and large letters."""

_SETTING = re.compile(r"^22:(.+?)\s*$", re.MULTILINE)
_SIGNS = ("*", "/", "^", "**", "(", ")")
_HYPHEN = re.compile(r"(?<=\w)-(?=[^\W\d])")
_TOKEN = re.compile(r"\s*(\*\*|[*/^()]|[^\s*/^()]+)")


@dataclass(frozen=True)
class Unit:
    """A product of base units.

    powers : (name, exponent) by name, no exponent 0; empty for a pure number
    """

    powers: tuple[tuple[str, Fraction], ...] = ()

    def __mul__(self, other: Unit) -> Unit:
        total = dict(self.powers)
        for name, power in other.powers:
            total[name] = total.get(name, Fraction(0)) + power
        return Unit(tuple(sorted((name, power) for name, power in total.items() if power)))

    def __truediv__(self, other: Unit) -> Unit:
        return self * other ** Fraction(-1)

    def __pow__(self, power: Fraction) -> Unit:
        return Unit(tuple((name, one * power) for name, one in self.powers)) if power else Unit()

    def __str__(self) -> str:
        above = [_shown(name, power) for name, power in self.powers if power > 0]
        below = [_shown(name, -power) for name, power in self.powers if power < 0]
        if not below:
            return "*".join(above) or "Dmnl"
        divisor = below[0] if len(below) == 1 else f"({'*'.join(below)})"
        return f"{'*'.join(above) or '1'}/{divisor}"


def _shown(name: str, power: Fraction) -> str:
    return name if power == 1 else f"{name}^{power}"


def read_synonyms(text: str) -> Synonyms:
    """The synonyms in the settings of a Vensim file: lines such as '22:Person,People' below the sketch."""
    settings = text.rpartition("///---\\\\\\")[2]
    groups = (
        tuple(word.strip() for word in match[1].split(",") if word.strip())
        for match in _SETTING.finditer(settings)
    )
    return tuple(group for group in groups if group)


class UnitReader:
    """Reads units of one model, with its synonyms; shows each as it is first spelled."""

    def __init__(self, synonyms: Synonyms = ()) -> None:
        self._bases: dict[str, Unit] = {key: Unit() for key in NO_DIMENSION}
        groups = (*synonyms, *USUAL)
        # A group that says a unit by others (kWh, kW*Hour) comes last, when those have their meaning.
        for group in sorted(groups, key=lambda group: any(_made_of_others(word) for word in group)):
            unit = self._meaning(group)
            for word in group:
                self._bases.setdefault(_key(word), unit)

    def _meaning(self, group: tuple[str, ...]) -> Unit:
        """What all words of a group are: a unit known already, one made of others, or a new one."""
        known = (self._bases[_key(word)] for word in group if _key(word) in self._bases)
        made = (self.read(word) for word in group if _made_of_others(word))
        try:
            return next(known, None) or next(made)
        except (StopIteration, ValueError):
            return Unit(((group[0], Fraction(1)),))

    def read(self, text: str) -> Unit:
        """The unit of a text such as 'Person/Month' or 'USD/(Person*Month)'; two words are a product.

        Raises
        ------
        ValueError : the text is no unit; says why.
        """
        if _key(text) in self._bases:
            return self._bases[_key(text)]
        tokens = [match[1] for match in _TOKEN.finditer(_with_blanks(text))]
        if tokens and tokens[0].casefold() == "per":
            tokens = ["1", "/", *tokens[1:]]
        unit, rest = self._product(tokens)
        if rest:
            raise ValueError(f"{rest[0]!r} stands without its partner")
        return unit

    def _product(self, tokens: list[str]) -> tuple[Unit, list[str]]:
        """Terms joined by * and /, from left to right."""
        unit, tokens = self._words(tokens)
        while tokens and tokens[0].casefold() in ("*", "/", "per"):
            factor, rest = self._words(tokens[1:])
            unit = unit * factor if tokens[0] == "*" else unit / factor
            tokens = rest
        return unit, tokens

    def _words(self, tokens: list[str]) -> tuple[Unit, list[str]]:
        """Words side by side: 'Person Hours'."""
        unit, tokens = self._factor(tokens)
        while tokens and (tokens[0] == "(" or tokens[0].casefold() not in ("*", "/", "^", "**", ")", "per")):
            factor, tokens = self._factor(tokens)
            unit = unit * factor
        return unit, tokens

    def _factor(self, tokens: list[str]) -> tuple[Unit, list[str]]:
        if not tokens or (tokens[0] in _SIGNS and tokens[0] != "("):
            raise ValueError(f"a name is missing{f' before {tokens[0]!r}' if tokens else ' at the end'}")
        if tokens[0] == "(":
            unit, tokens = self._product(tokens[1:])
            if tokens[:1] != [")"]:
                raise ValueError("a bracket is not closed")
            tokens = tokens[1:]
        else:
            unit, tokens = self._name(tokens)
        if tokens[:1] in (["^"], ["**"]):
            power, tokens = _exponent(tokens[1:])
            unit = unit**power
        return unit, tokens

    def _name(self, tokens: list[str]) -> tuple[Unit, list[str]]:
        """The longest name of several words that was declared ('Resource units'), else the first word."""
        n_words = next((i for i, token in enumerate(tokens) if token in _SIGNS), len(tokens))
        for n in range(n_words, 1, -1):
            unit = self._bases.get(_key(" ".join(tokens[:n])))
            if unit is not None:
                return unit, tokens[n:]
        return self._bases.setdefault(_key(tokens[0]), Unit(((tokens[0], Fraction(1)),))), tokens[1:]


def _with_blanks(text: str) -> str:
    """The text with a blank for each _ and each hyphen between words: person-month is person*month, as in Stella."""
    return _HYPHEN.sub(" ", text.replace("_", " "))


def _made_of_others(word: str) -> bool:
    return any(sign in word for sign in _SIGNS)


def _exponent(tokens: list[str]) -> tuple[Fraction, list[str]]:
    """A number, or a fraction in brackets."""
    if tokens[:1] == ["("] and ")" in tokens:
        end = tokens.index(")")
        written, rest = "".join(tokens[1:end]), tokens[end + 1 :]
    else:
        written, rest = "".join(tokens[:1]), tokens[1:]
    try:
        return Fraction(written), rest
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"the power {written!r} is not a number") from None


def _key(word: str) -> str:
    """The form in which spellings of one word are equal: no capitals, no plural, one space."""
    key = " ".join(_with_blanks(word).casefold().split())
    if len(key) > 4 and key.endswith("ies"):
        return key[:-3] + "y"
    if key.endswith(("sses", "xes", "ches", "shes")):
        return key[:-2]
    return key[:-1] if len(key) > 3 and key.endswith("s") and not key.endswith(("ss", "us", "is")) else key
