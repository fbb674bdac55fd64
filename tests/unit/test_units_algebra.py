"""The algebra of units: text that is one, text that is not, and how units multiply."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iskdyn.model.units_algebra import Unit, UnitReader, read_synonyms

SETTINGS = "\\\\\\---/// Sketch\n///---\\\\\\\n:L<%^E!@\n22:Person,People\n22:Ruble, Rbl ,\n22:,\n15:0,0\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Person", "Person"),
        ("Person/Month", "Person/Month"),
        ("1/Month", "1/Month"),
        ("Dmnl", "Dmnl"),
        ("dimensionless", "Dmnl"),
        ("fraction/Month", "1/Month"),
        ("Radians", "Dmnl"),
        ("USD/(Person*Month)", "USD/(Month*Person)"),
        ("USD/Person/Month", "USD/(Month*Person)"),
        ("USD/Person*Month", "Month*USD/Person"),
        ("Person Hours", "Hour*Person"),
        ("Task/Person Hours", "Task/(Hour*Person)"),
        ("people per month", "Person/month"),
        ("m^2", "m^2"),
        ("m**2/m", "m"),
        ("m^-1", "1/m"),
        ("m^(1/2)", "m^1/2"),
        ("(Person)", "Person"),
        ("(Person)/Month", "Person/Month"),
        ("Person (Hours)", "Hour*Person"),
        ("m^(1/2)/Month", "m^1/2/Month"),
        ("Foxes/Fox", "Dmnl"),
        ("$/Dollars", "Dmnl"),
        ("kPerson/Person", "kPerson/Person"),
        ("1000 Person", "1000*Person"),
        ("Per Year", "1/Year"),
        ("per (Person*Year)", "1/(Person*Year)"),
        ("Widget/(Person-Month)", "Widget/(Month*Person)"),
        ("m/(s-s)", "m/Second^2"),
        ("m^-2", "1/m^2"),
    ],
)
def test_text_is_read_as_a_unit(text, shown):
    assert str(UnitReader().read(text)).casefold() == shown.casefold()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Person", "people"),
        ("Month", " MONTHS "),
        ("Company", "Companies"),
        ("Box", "boxes"),
        ("Class", "classes"),
        ("Batch", "Batches"),
        ("Bush", "bushes"),
        ("m/s", "m/Second"),
        ("Net Person", "net_persons"),
        ("Ruble", "Rbl"),
    ],
)
def test_spellings_of_one_unit_are_equal(one, other):
    reader = UnitReader((("Ruble", "Rbl"),))
    assert reader.read(one) == reader.read(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Gas", "Ga"), ("Rs", "R"), ("kPerson", "Person"), ("Bus", "Bu"), ("Glass", "Glas"), ("ties", "ty")],
)
def test_different_words_stay_different(one, other):
    reader = UnitReader()
    assert reader.read(one) != reader.read(other)


def test_a_synonym_of_dimensionless_has_no_dimension():
    assert UnitReader((("Index", "Dmnl"),)).read("index") == Unit()


def test_a_spelling_declared_twice_keeps_its_first_meaning():
    reader = UnitReader((("Man", "Person"), ("Woman", "Person", "Lady")))
    assert reader.read("Man") == reader.read("People") == reader.read("Lady") == reader.read("woman")
    assert str(reader.read("people")) == "Man"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Goods units/Year", "Goods unit/Year"),
        ("1/Goods unit", "1/Goods unit"),
        ("Goods_units^2", "Goods unit^2"),
        ("Year*Goods units", "Goods unit*Year"),
        ("Ton CO2-equivalent/Year", "CO2-eq*Ton/Year"),
        ("Goods", "Goods"),
    ],
)
def test_a_declared_name_of_several_words_is_one_name_inside_compounds(text, shown):
    declared = (("Goods unit", "Goods units"), ("CO2-eq", "CO2-equivalent"))
    assert str(UnitReader(declared).read(text)) == shown


def test_a_unit_may_be_declared_by_others():
    declared = (
        ("kWh", "kW*Hour"),
        ("Kilowatt", "kW"),
        ("Rate", "1/Year"),
        ("widgets per person per month", "widget/(person-mo)"),
        ("Month", "mo"),
        ("broken", "a//b"),
    )
    reader = UnitReader(declared)
    assert reader.read("kWh/Year") == reader.read("Hour*Kilowatt/Year")
    assert reader.read("Person*Rate") == reader.read("People/yr")
    assert reader.read("widgets per person per month") == reader.read("Widget/Person/Month")
    assert str(reader.read("broken")) == "broken"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("per", "a name is missing at the end"),
        ("Person/", "a name is missing at the end"),
        ("Person/*Month", r"a name is missing before '\*'"),
        ("(Person", "a bracket is not closed"),
        ("Person)", r"'\)' stands without its partner"),
        ("m^x", "the power 'x' is not a number"),
        ("m^", "the power '' is not a number"),
        ("m^(1/0)", "the power '1/0' is not a number"),
        ("^2", r"a name is missing before '\^'"),
        ("**2", r"a name is missing before '\*\*'"),
        ("Person//Month", "a name is missing before '/'"),
        ("()", r"a name is missing before '\)'"),
        ("m^2^3", r"'\^' stands without its partner"),
        ("m**2**3", r"'\*\*' stands without its partner"),
    ],
)
def test_text_that_is_no_unit_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        UnitReader().read(text)


def test_synonyms_are_read_from_below_the_sketch_only():
    text = "x=\n22:Not,This\n" + SETTINGS
    assert read_synonyms(text) == (("Person", "People"), ("Ruble", "Rbl"))
    assert read_synonyms("no settings at all") == ()
    assert read_synonyms("///---\\\\\\\n22:Not,This\n" + SETTINGS) == (("Person", "People"), ("Ruble", "Rbl"))


_units = st.dictionaries(st.sampled_from("abcd"), st.integers(-3, 3)).map(
    lambda powers: UnitReader().read("*".join(["1", *(f"{name}^{power}" for name, power in powers.items())]))
)


@given(_units, _units)
def test_units_multiply_as_powers_do(one, other):
    reader = UnitReader()
    assert one * other == other * one
    assert one * other / other == one
    assert one ** Fraction(2) == one * one
    assert (one * one) ** Fraction(1, 2) == one
    assert one ** Fraction(0) == one / one == Unit()
    assert reader.read(str(one / other)) == one / other
