"""The value sets: complete rows, valid check digits, words that fit, and what they match."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from fhir_mappings.codes import (
    LOCAL_SYSTEM,
    SHIPPED,
    CodeableConcept,
    Coding,
    Entry,
    ValueSets,
    _concept,
    canonical,
    canonical_system,
    concept_sets,
    system_url,
)
from fhir_mappings.errors import CodeError
from fhir_mappings.units import KINDS

LOINC, SNOMED = system_url("loinc"), system_url("snomed")
DO_NOT_USE = [
    (LOINC, "3150-6"),
    (LOINC, "28642-9"),
    (LOINC, "95157-3"),
    (system_url("icd10cm"), "G41"),
    (SNOMED, "450740000"),
    (LOINC, "8716-3"),
    (LOINC, "85353-1"),
]


def entries() -> Iterator[tuple[str, Entry]]:
    return ((each.key, entry) for each in concept_sets() for entry in each.entries)


def loinc_digit(code: str) -> int:
    """Modulus 10 check digit of the number before the hyphen."""
    digits = code.partition("-")[0][::-1]
    doubled = "".join(digits[0::2])
    total = sum(int(d) for d in str(int(doubled[::-1]) * 2)) + sum(int(d) for d in digits[1::2])
    return -total % 10


_D = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
]
_D += [
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
]
_D += [
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
]
_D += [[9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]
_P = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
]
_P += [
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
]
_P += [[2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8]]


def verhoeff(code: str) -> int:
    """0 for a number whose check digit fits."""
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = _D[check][_P[place % 8][int(digit)]]
    return check


def test_every_verified_loinc_code_has_its_check_digit() -> None:
    wrong = [
        entry.code
        for _, entry in entries()
        if entry.system == LOINC
        and entry.verified
        and loinc_digit(entry.code) != int(entry.code[-1])
    ]
    assert wrong == []


def test_every_verified_snomed_code_has_its_check_digit() -> None:
    wrong = [
        entry.code
        for _, entry in entries()
        if entry.system == SNOMED and entry.verified and verhoeff(entry.code)
    ]
    assert wrong == []


def test_displays_name_what_the_concept_is() -> None:
    strange = [
        (each.key, entry.display)
        for each in concept_sets()
        if "words" in each.attributes
        for entry in each.entries
        if entry.verified
        and not any(
            word.lower() in entry.display.lower() or entry.system.startswith("urn:iso")
            for word in each.attributes["words"]
        )
    ]
    assert strange == []


def test_every_kind_of_quantity_can_be_converted() -> None:
    unknown = {each.kind for each in concept_sets() if each.kind} - KINDS.keys()
    assert unknown == {"height", "rate"}


@pytest.mark.parametrize(("system", "code"), DO_NOT_USE)
def test_codes_that_are_not_to_be_used_match_nothing(system: str, code: str) -> None:
    assert SHIPPED.of_code(system, code) == ()


def test_unverified_codes_match_nothing() -> None:
    for key, entry in entries():
        if not entry.verified:
            assert key not in SHIPPED.of_code(entry.system, entry.code)


def test_no_observation_code_belongs_to_two_observations() -> None:
    for _, entry in entries():
        found = [k for k in SHIPPED.of_code(entry.system, entry.code) if k.startswith("obs.")]
        assert len(found) <= 1, found


@pytest.mark.parametrize(
    ("codings", "keys"),
    [
        ([("http://loinc.org", "8310-5")], ("obs.body_temperature",)),
        ([("urn:oid:1.2.3", "6"), ("http://loinc.org", "8310-5")], ("obs.body_temperature",)),
        (
            [("http://loinc.org", "8716-3"), ("urn:oid:2.16.840.1.113883.6.1", "8480-6")],
            ("obs.bp_systolic",),
        ),
        ([("https://loinc.org", "55284-4"), (LOINC, "85354-9")], ("obs.bp_panel",)),
        ([(LOCAL_SYSTEM, "ice-total")], ("obs.ice_score",)),
        ([(LOCAL_SYSTEM, "ice-naming-2")], ("obs.ice_item.naming",)),
        ([("http://hl7.org/fhir/sid/icd-10", "R56.9")], ("cond.seizure",)),
        ([("http://hl7.org/fhir/sid/icd-10-cm", "R569")], ("cond.seizure",)),
        ([(None, "8310-5")], ()),
        ([("http://loinc.org", None)], ()),
        ([], ()),
    ],
)
def test_any_coding_is_matched_by_system_and_code(
    codings: list[tuple[str | None, str | None]], keys: tuple[str, ...]
) -> None:
    concept = CodeableConcept(tuple(Coding(system, code) for system, code in codings))
    assert SHIPPED.concepts(concept) == keys


def test_our_own_codes_follow_the_base_url() -> None:
    moved = ValueSets("https://cds.example.com/fhir/CodeSystem/bedside")
    assert moved.of_code("https://cds.example.com/fhir/CodeSystem/bedside", "ice-total")
    assert not moved.of_code(LOCAL_SYSTEM, "ice-total")


@pytest.mark.parametrize(
    ("text", "family", "keys"),
    [
        ("Temp (oral)", "obs", ("obs.body_temperature",)),
        ("Temporal artery pulse", "obs", ()),
        ("O2 Device", "obs", ("obs.o2_device",)),
        ("RASS", "obs", ("obs.rass",)),
        ("Right hemiparesis", "cond", ("cond.focal_weakness",)),
        ("Right hemiparesis", "obs", ()),
    ],
)
def test_a_text_names_concepts_of_a_family(text: str, family: str, keys: tuple[str, ...]) -> None:
    assert SHIPPED.text_concepts(text, family) == keys


def test_codes_are_listed_in_file_order_for_the_templates() -> None:
    assert SHIPPED.codes("obs.body_temperature", "loinc")[:3] == ("8310-5", "8331-1", "8332-9")
    assert "8330-3" not in SHIPPED.codes("obs.body_temperature", "loinc")


def test_attributes_and_displays_come_from_the_files() -> None:
    assert SHIPPED.attribute(LOINC, "9267-6", "role") == "eye"
    assert SHIPPED.attribute(LOINC, "9267-6", "nothing") is None
    assert SHIPPED.attribute(LOCAL_SYSTEM, "ice-orientation", "max") == 4
    assert SHIPPED.display(LOINC, "11523-8") == "EEG study"
    with pytest.raises(CodeError):
        SHIPPED.display(LOINC, "0-0")


def test_systems_are_known_by_their_aliases() -> None:
    assert canonical_system("urn:oid:2.16.840.1.113883.6.96") == SNOMED
    assert canonical_system("urn:oid:1.2.3") == "urn:oid:1.2.3"
    assert canonical(None, None) == ("", "")
    with pytest.raises(CodeError):
        system_url("icd9")


def test_a_row_that_lacks_something_is_named() -> None:
    with pytest.raises(CodeError, match=re.escape("x.toml: obs.x: lacks 'label'")):
        _concept("x.toml", {"key": "obs.x"}, LOCAL_SYSTEM)
