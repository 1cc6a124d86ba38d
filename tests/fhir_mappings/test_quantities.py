"""Units by how they are written, then the accepted range."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_mappings.errors import RangeError, UnitError
from fhir_mappings.quantities import is_usual, read_amount
from fhir_mappings.units import CANONICAL, KINDS
from grading.model import Remark


@pytest.mark.parametrize(
    ("kind", "value", "code", "unit", "expected"),
    [
        ("temperature", "38.0", "Cel", "C", "38.0"),
        ("temperature", "38.0", "Cel", "degC", "38.0"),
        ("temperature", "100.4", "[degF]", None, "38.00"),
        ("temperature", "100.3", "[degF]", None, "37.94"),
        ("temperature", "100.4", None, "F", "38.00"),
        ("temperature", "100.4", "F", "F", "38.00"),
        ("temperature", "37.2", "C", None, "37.2"),
        ("temperature", "98.6", None, "°F", "37.00"),
        ("temperature", "311.15", "K", None, "38.00"),
        ("systolic", "12", "kPa", None, "90.00744"),
        ("systolic", "90", "mm[Hg]", "mmHg", "90"),
        ("mean", "65", None, "millimeter Mercury column", "65"),
        ("opening_pressure", "26", "cm[H2O]", None, "19"),
        ("opening_pressure", "27", "cm[H2O]", None, "20"),
        ("opening_pressure", "100", "cm[H2O]", None, "74"),
        ("spo2", "0.97", "1", None, "97.00"),
        ("spo2", "97", "%", None, "97"),
        ("fio2", "0.4", "1", "", "40.0"),
        ("fio2", "40", "%", None, "40"),
        ("fio2", "0.4", "%", None, "40.0"),
        ("fio2", "40", None, "% FiO2", "40"),
        ("temperature", "101.3", None, "degrees F", "38.50"),
        ("temperature", "38.5", None, "Degrees Celsius", "38.5"),
        ("temperature", "101.3", None, "F°", "38.50"),
        ("systolic", "80", None, "millimeters of mercury", "80"),
        ("weight", "70", None, "kgs", "70"),
        ("weight", "154.3", None, "lbs.", "69.989302691"),
        ("cells", "0.4", None, "x10(3)/mcL", "400.0"),
        ("cells", "0.4", None, "Thousand/uL", "400.0"),
        ("cells", "0.4", None, "K/cumm", "400.0"),
        ("cells", "0.4", None, "/nL", "400.0"),
        ("cells", "400", None, "cell/uL", "400"),
        ("enzyme", "300", None, "unit/L", "300"),
        ("o2_flow", "500", None, "cc/min", "0.500"),
        ("fio2", "1", "%", None, "100"),
        ("fio2", "0.6", None, "fraction", "60.0"),
        ("o2_flow", "2", None, "LPM", "2"),
        ("o2_flow", "4", None, "L/minute", "4"),
        ("o2_flow", "4", None, "Liters/minute", "4"),
        ("o2_flow", "4", None, "litres per minute", "4"),
        ("o2_flow", "500", "mL/min", None, "0.500"),
        ("weight", "70", "kg", None, "70"),
        ("weight", "154.3", "[lb_av]", None, "69.989302691"),
        ("weight", "3200", "g", None, "3.200"),
        ("minutes", "90", "s", None, "1.5"),
        ("minutes", "1", "h", None, "60"),
        ("dose", "500", "ug", None, "0.500"),
        ("dose", "1", "g", None, "1000"),
        ("volume", "0.5", "L", None, "500.0"),
        ("crp", "2", "mg/dL", None, "20"),
        ("ferritin", "900", "ug/L", None, "900"),
        ("fibrinogen", "1.5", "g/L", None, "150.0"),
        ("fibrinogen", "149", "mg/dL", None, "149"),
        ("crp", "12", "ug/mL", None, "12"),
        ("ferritin", "900", None, "mcg/L", "900"),
        ("enzyme", "201", "[IU]/L", None, "201"),
        ("enzyme", "201", None, "U/L", "201"),
        ("bilirubin", "17.104", "umol/L", None, "1"),
        ("creatinine", "88.42", "umol/L", None, "1"),
        ("sodium", "140", "mmol/L", None, "140"),
        ("seconds", "14.2", "s", None, "14.2"),
        ("hemoglobin", "5", "mmol/L", None, "8.0570"),
        ("cells", "50", "10*3/uL", None, "50000"),
        ("cells", "400", "10*6/L", None, "400"),
        ("enzyme", "1", "ukat/L", None, "60"),
        ("triglycerides", "3", "mmol/L", None, "265.71"),
        ("hemoglobin", "80", "g/L", None, "8.0"),
        ("cells", "0.4", "10*3/uL", None, "400.0"),
        ("cells", "0.4", None, "K/uL", "400.0"),
        ("cells", "50", "10*9/L", None, "50000"),
        ("cells", "400", "/uL", None, "400"),
        ("cells", "400", "{cells}/uL", None, "400"),
        ("cells", "50", "10*3{platelets}/uL", None, "50000"),
        ("score", "10", "{score}", None, "10"),
        ("score", "10", "{0-10}", None, "10"),
    ],
)
def test_a_unit_is_read_by_its_writing(
    kind: str, value: str, code: str | None, unit: str | None, expected: str
) -> None:
    assert read_amount(kind, Decimal(value), code, unit) == (Decimal(expected), ())


@pytest.mark.parametrize(
    ("kind", "value", "unit", "expected"),
    [
        ("temperature", "38", "℃", "38"),
        ("temperature", "38", "º C", "38"),
        ("temperature", "38", "˚C", "38"),
        ("temperature", "38", "Deg C", "38"),
        ("temperature", "100.4", "° F", "38"),
        ("temperature", "100.4", "℉", "38"),
        ("ferritin", "900", "\u00b5g/L", "900"),  # micro sign
        ("ferritin", "900", "\u03bcg/L", "900"),  # Greek letter
        ("cells", "400", "/mcL", "400"),
        ("cells", "0.4", "10E9/L", "400"),
        ("cells", "0.4", "x10E3/uL", "400"),
        ("cells", "0.4", "10^3/mcL", "400"),
        ("cells", "0.4", "10*3/uL{cells}", "400"),
        ("cells", "400", "{cells}/uL", "400"),
        ("spo2", "97", "%{saturation}", "97"),
        ("spo2", "97", "% {O2}", "97"),
        ("score", "8", "{ICE score}", "8"),
        ("score", "8", "{score}", "8"),
        ("fio2", "0.4", "{fraction}", "40"),
        ("systolic", "90", "mm Hg", "90"),
        ("dose", "500", "mcg", "0.5"),
    ],
)
def test_one_unit_has_many_spellings(kind: str, value: str, unit: str, expected: str) -> None:
    for code, text in ((unit, None), (None, unit)):
        assert read_amount(kind, Decimal(value), code, text) == (Decimal(expected), ())


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        ("temperature", "{Cel}"),
        ("cells", "10E/L"),
        ("cells", "{10*3}/uL"),
        ("cells", "{K}/uL"),
        ("cells", "{thou}/uL"),
        ("cells", "{million}/uL"),
        ("ferritin", "mg/L"),
        ("systolic", "{mm[Hg]}"),
        ("weight", "{kg}"),
    ],
)
def test_what_is_no_spelling_of_a_unit_is_refused(kind: str, unit: str) -> None:
    with pytest.raises(UnitError):
        read_amount(kind, Decimal(38), unit, None)


@pytest.mark.parametrize(("kind", "factor"), [("bilirubin", "17.104"), ("creatinine", "88.42")])
def test_moles_are_converted_by_molar_mass(kind: str, factor: str) -> None:
    assert read_amount(kind, Decimal(factor), "umol/L", None).value == 1


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("temperature", "30", "30"),
        ("temperature", "43", "43"),
        ("temperature", "100.4", "38.00"),
        ("systolic", "90", "90"),
        ("spo2", "97", "97"),
        ("spo2", "0.97", "97.00"),
        ("o2_flow", "2", "2"),
    ],
)
def test_without_unit_a_value_is_taken_with_a_flag(kind: str, value: str, expected: str) -> None:
    assert read_amount(kind, Decimal(value), None, " ") == (Decimal(expected), (Remark.NO_UNIT,))


def test_a_score_needs_no_unit() -> None:
    assert read_amount("score", Decimal(8), None, None) == (Decimal(8), ())


@pytest.mark.parametrize(
    ("kind", "value", "unit"),
    [
        ("temperature", "60", None),
        ("temperature", "38", "mmHg"),
        ("weight", "70", None),
        ("ferritin", "900", None),
        ("ferritin", "900", "pmol/L"),
        ("opening_pressure", "20", None),
    ],
)
def test_a_unit_that_is_unknown_or_missing_is_refused(
    kind: str, value: str, unit: str | None
) -> None:
    with pytest.raises(UnitError):
        read_amount(kind, Decimal(value), None, unit)


@pytest.mark.parametrize(
    ("kind", "inside", "outside", "unit"),
    [
        ("temperature", "43", "43.1", "Cel"),
        ("temperature", "30", "29.9", "Cel"),
        ("temperature", "86", "85.9", "[degF]"),
        ("systolic", "300", "301", "mm[Hg]"),
        ("systolic", "30", "29", "mm[Hg]"),
        ("mean", "20", "19", "mm[Hg]"),
        ("spo2", "50", "49", "%"),
        ("spo2", "100", "101", "%"),
        ("fio2", "21", "20", "%"),
        ("o2_flow", "80", "81", "L/min"),
        ("weight", "2", "1.9", "kg"),
        ("weight", "350", "351", "kg"),
    ],
)
def test_both_ends_of_the_range_are_accepted(
    kind: str, inside: str, outside: str, unit: str
) -> None:
    read_amount(kind, Decimal(inside), unit, None)
    with pytest.raises(RangeError):
        read_amount(kind, Decimal(outside), unit, None)


def test_a_value_that_is_no_number_is_refused() -> None:
    with pytest.raises(RangeError):
        read_amount("temperature", Decimal("NaN"), "Cel", None)


ABSURD = ("1e30", "1e9999999", "-9e999999", "9e999999", "1e-30", "1e-9999999", "9" * 5_000)


@pytest.mark.parametrize("number", ABSURD)
@pytest.mark.parametrize("kind", KINDS)
def test_a_number_of_no_usual_size_is_refused_in_every_unit(kind: str, number: str) -> None:
    for unit in (*KINDS[kind].aliases, None):
        with pytest.raises(UnitError):
            read_amount(kind, Decimal(number), unit, None)


@pytest.mark.parametrize(
    ("number", "is_taken"),
    [("9e12", True), ("1e13", False), ("1e-12", True), ("9e-13", False), ("0", True)],
)
def test_the_size_of_a_number_is_bounded_on_both_sides(number: str, is_taken: bool) -> None:
    assert is_usual(Decimal(number)) is is_taken


def test_no_more_digits_are_kept_than_can_be_reckoned_with() -> None:
    found = read_amount("temperature", Decimal("38.5" + "0" * 5_000 + "1"), "Cel", None).value

    assert found == Decimal("38.5")
    assert len(str(found)) < 30


@given(
    st.decimals(min_value=86, max_value=109, places=1),
    st.decimals(min_value=0, max_value=9, places=1),
)
def test_a_higher_fahrenheit_value_is_never_a_lower_one_in_celsius(
    value: Decimal, more: Decimal
) -> None:
    low = read_amount("temperature", value, "[degF]", None).value
    assert low <= read_amount("temperature", min(value + more, Decimal(109)), "[degF]", None).value


def test_every_kind_reads_its_own_unit() -> None:
    for kind, unit in CANONICAL.items():
        value = max(KINDS[kind].low, Decimal(1))
        assert read_amount(kind, value, unit, None).value == value
