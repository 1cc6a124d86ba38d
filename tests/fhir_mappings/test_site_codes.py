"""A site's own codes, names and answers: what they mean, and what a wrong map is told."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from fhir_mappings.codes import SHIPPED
from fhir_mappings.drafts import read_drafts
from fhir_mappings.errors import CodeError
from fhir_mappings.keys import EXTRA_KEYS, KEYS, keys_of_site
from fhir_mappings.pages import KeyRead
from fhir_mappings.record import PatientRecord, build_record
from fhir_mappings.site_codes import NO_SITE_CODES, SiteCodes
from fhir_mappings.site_map import read_site_map
from fhir_mappings.times import UTC_ZONE
from grading.model import Device, Level, Remark, SeizureKind, SignKind, StudyKind
from tests.builders import PATIENT_ID, identified
from tests.fhir_basics import at_text, subject
from tests.fhir_codes import Resource
from tests.fhir_mappings.pages import as_bytes, entry, page_of, searchset

ROWS = "urn:oid:1.2.3"
MAP = f"""
[systems]
rows = "{ROWS}"

[[concept]]
key = "obs.body_temperature"
codes = ["rows|6"]
text = ['(core|bladder) probe']

[[concept]]
key = "obs.bp_systolic"
codes = ["rows|5s"]

[[concept]]
key = "obs.o2_device"
codes = ["rows|30"]
[concept.answers]
"rows|30-4" = "high_flow_nasal_cannula"
"heated circuit" = "high_flow_nasal_cannula"

[[concept]]
key = "obs.consciousness"
codes = ["rows|31"]
[concept.answers]
"2" = "awakens-to-voice"
"Sleepy, wakes when called" = "awakens-to-voice"

[[concept]]
key = "obs.seizure"
codes = ["rows|32"]
[concept.answers]
"Tonic" = "prolonged"

[[concept]]
key = "obs.motor"
codes = ["rows|33"]

[[concept]]
key = "local|ice-naming"
codes = ["rows|40"]

[[concept]]
key = "loinc|9267-6"
codes = ["rows|41"]

[[concept]]
key = "lab.ferritin"
codes = ["rows|FERR"]

[[concept]]
key = "drug.tocilizumab"
codes = ["rows|T1"]
text = ["actemra infusion kit"]

[[concept]]
key = "cart.axi_cel"
codes = ["rows|C7"]

[[concept]]
key = "order.eeg"
codes = ["rows|E1"]

[[concept]]
key = "cond.cerebral_edema"
codes = ["rows|D1"]
"""
SITE = read_site_map(MAP, "codes.local.toml")


def coded(code: str, text: str | None = None, **more: Any) -> Resource:
    return {"coding": [{"system": ROWS, "code": code} | more]} | ({"text": text} if text else {})


def observed(code: Resource, **value: Any) -> Resource:
    return identified(
        {
            "resourceType": "Observation",
            "status": "final",
            "subject": subject(),
            "effectiveDateTime": at_text("1h"),
            "code": code,
        }
        | value
    )


def quantity(value: float, unit: str) -> Resource:
    return {"valueQuantity": {"value": value, "unit": unit}}


def dated(kind: str, **elements: Any) -> Resource:
    found = {"resourceType": kind, "status": "completed", "subject": subject()}
    return identified(found | elements)


def record_of(resources: Iterable[Resource], site: SiteCodes = SITE) -> PatientRecord:
    page = page_of(searchset(*map(entry, resources)))
    return build_record({"bedside": KeyRead((page,))}, PATIENT_ID, UTC_ZONE, site)


TEMPERATURE = quantity(38.5, "Cel")


@pytest.mark.parametrize(
    ("code", "marks"),
    [
        (coded("6"), ()),
        (coded("6", text="anything"), ()),
        ({"text": "Core probe"}, (Remark.BY_TEXT,)),
        ({"text": " bladder  PROBE "}, (Remark.BY_TEXT,)),
        (coded("7", display="Core probe"), (Remark.BY_TEXT,)),
    ],
)
def test_a_code_of_the_site_or_a_whole_name_is_enough(code: Resource, marks: Any) -> None:
    (found,) = record_of([observed(code, **TEMPERATURE)]).facts["temperatures"]

    assert (found.value, found.flags) == (Decimal("38.5"), marks)


@pytest.mark.parametrize(
    "code",
    [
        coded("7"),
        {"coding": [{"system": "urn:oid:9", "code": "6"}]},
        {"text": "core probe cable"},
        {"coding": [{"system": "http://loinc.org", "code": "8867-4"}], "text": "core probe"},
        {"coding": [{"system": "http://loinc.org", "code": "0-0", "display": "core probe"}]},
    ],
)
def test_another_code_or_a_part_of_a_name_is_not(code: Resource) -> None:
    assert record_of([observed(code, **TEMPERATURE)]).facts["temperatures"] == ()


def test_without_a_map_the_code_of_a_site_says_nothing() -> None:
    assert record_of([observed(coded("6"), **TEMPERATURE)], NO_SITE_CODES).facts == (
        record_of([]).facts
    )


def test_a_shipped_code_beside_a_code_of_the_site_comes_first() -> None:
    code = {"coding": [*coded("6")["coding"], {"system": "http://loinc.org", "code": "8480-6"}]}
    facts = record_of([observed(code, **quantity(120, "mmHg"))]).facts

    assert [each.sbp for each in facts["pressures"]] == [120]
    assert facts["temperatures"] == ()


def test_components_are_read_by_the_codes_of_the_site() -> None:
    component = {"code": coded("5s")} | quantity(95, "mmHg")
    (found,) = record_of([observed(coded("panel"), component=[component, {}])]).facts["pressures"]

    assert found.sbp == 95


@pytest.mark.parametrize(
    "value",
    [
        {"valueCodeableConcept": coded("30-4")},
        {"valueCodeableConcept": {"text": "Heated circuit"}},
        {"valueString": "heated circuit "},
    ],
)
def test_an_answer_means_what_the_map_says(value: Resource) -> None:
    (found,) = record_of([observed(coded("30"), **value)]).facts["supports"]

    assert found.device is Device.HIGH_FLOW_CANNULA


@pytest.mark.parametrize(
    "value", [{"valueInteger": 2}, {"valueString": "sleepy, wakes when called"}]
)
def test_a_level_may_be_a_number_or_words(value: Resource) -> None:
    (found,) = record_of([observed(coded("31"), **value)]).facts["arousal"]

    assert found.level is Level.VOICE


def test_an_answer_that_the_map_does_not_list_is_read_as_before() -> None:
    facts = record_of(
        [
            observed(coded("31"), valueString="unresponsive"),
            observed(coded("32"), valueString="tonic"),
            observed(coded("33"), valueString="no deficit"),
        ]
    ).facts

    assert [each.level for each in facts["arousal"]] == [Level.UNAROUSABLE]
    assert [each.kind for each in facts["seizures"]] == [SeizureKind.PROLONGED]
    assert [each.kind for each in facts["signs"]] == [SignKind.MOTOR_NONE]


def test_items_and_variants_keep_what_the_shipped_code_says_of_them() -> None:
    facts = record_of(
        [observed(coded("40"), valueInteger=3), observed(coded("41"), valueInteger=3)]
    ).facts

    assert (facts["ice"][0].worst, facts["ice"][0].best) == (3, 10)
    assert [each.level for each in facts["arousal"]] == [Level.VOICE]


def test_a_lab_is_read() -> None:
    found = record_of([observed(coded("FERR"), **quantity(900, "ng/mL"))]).labs["ferritin"]

    assert [each.value for each in found] == [900]


PACK = {"resourceType": "Medication", "id": "m1", "code": coded("T1")}
MIXED = {
    "resourceType": "Medication",
    "id": "m1",
    "ingredient": [{"itemCodeableConcept": coded("T1")}, {"itemReference": {"reference": "#x"}}],
}


@pytest.mark.parametrize(
    ("medicine", "others"),
    [
        ({"medicationCodeableConcept": coded("T1")}, ()),
        ({"medicationCodeableConcept": {"text": "Actemra infusion kit"}}, ()),
        ({"medicationReference": {"reference": "Medication/m1"}}, (PACK,)),
        ({"medicationReference": {"reference": "Medication/m1"}}, (MIXED,)),
        ({"medicationReference": {"reference": "#m1"}, "contained": [PACK]}, ()),
    ],
)
def test_a_medicine_is_known_by_the_code_of_the_formulary(
    medicine: Resource, others: tuple[Resource, ...]
) -> None:
    given = dated("MedicationAdministration", effectiveDateTime=at_text("5h"), **medicine)
    ordered = dated("MedicationRequest", **medicine) | {"status": "active", "intent": "order"}
    facts = record_of([given, ordered, *others]).facts

    assert [each.drug for each in facts["doses"]] == ["tocilizumab"]
    assert [each.key for each in facts["orders"]] == ["tocilizumab"]


def test_a_draft_is_known_by_the_code_of_the_formulary() -> None:
    draft = dated("MedicationRequest", medicationReference={"reference": "Medication/m1"})
    raw = as_bytes(searchset(entry(draft | {"status": "draft"}), entry(PACK), entry({"id": "x"})))
    found = read_drafts(raw, PATIENT_ID, UTC_ZONE, None, codes=SITE)

    assert [each.ingredients for each in found.drafts] == [("tocilizumab",)]


def test_a_broken_draft_stays_with_a_map_too() -> None:
    broken = {"resourceType": "MedicationRequest", "id": "d1", "status": 7, "subject": 7}
    found = read_drafts(as_bytes(searchset(entry(broken))), PATIENT_ID, UTC_ZONE, None, codes=SITE)

    assert [each.ref for each in found.drafts] == ["MedicationRequest/d1"]


def test_products_tests_and_conclusions_are_known() -> None:
    cells = dated(
        "MedicationAdministration",
        effectiveDateTime=at_text("75h"),
        medicationCodeableConcept=coded("C7"),
    )
    report = dated(
        "DiagnosticReport",
        code=coded("E1"),
        effectiveDateTime=at_text("2h"),
        conclusionCode=[coded("D1")],
    ) | {"status": "final"}
    nameless = [dated("Procedure"), dated("MedicationAdministration"), dated("Condition")]
    facts = record_of([cells, report, *nameless, observed({}), dated("Patient")]).facts

    assert [each.product for each in facts["infusions"]] == ["axi-cel"]
    assert [each.kind for each in facts["studies"]] == [StudyKind.EEG]
    assert [each.kind for each in facts["signs"]] == [SignKind.EDEMA_EXTENT_UNKNOWN]


def test_an_observation_without_a_code_is_left_as_it_is() -> None:
    nameless = {key: value for key, value in observed({}).items() if key != "code"}

    assert record_of([nameless]).facts == record_of([]).facts


# --- in searches ---------------------------------------------------------------------------------


def codes_of(name: str) -> list[str]:
    return dict(keys_of_site(SITE)[name].query)["code"].split(",")


def test_the_codes_of_the_site_join_the_searches_by_code() -> None:
    assert codes_of("trends")[-2:] == ["6", "FERR"]
    assert codes_of("infusions")[-1] == "C7"
    assert {"6", "5s", "30", "31", "40"} <= set(codes_of("vitals"))
    assert ("6", ROWS) in keys_of_site(SITE)["trends"].systems


def test_without_a_map_the_searches_are_as_shipped() -> None:
    assert keys_of_site(NO_SITE_CODES) == {**KEYS, **EXTRA_KEYS}


def test_inputs_without_a_code_are_named_where_there_is_a_map() -> None:
    assert SITE.unmapped() == ("ice", "capd")
    assert NO_SITE_CODES.unmapped() == ()


# --- a wrong map ---------------------------------------------------------------------------------

TEMP = '[[concept]]\nkey = "obs.body_temperature"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[concept]", "m.toml: this is no TOML"),
        ("[concepts]", "m.toml, line 1: no such section concepts"),
        ("[concept]\nkey = 1", "m.toml, line 1: concepts are tables"),
        ("concept = [{ key = 1 }]", "m.toml, line 1: concepts are tables"),
        (TEMP + "code = []", "m.toml, line 3: no such member code; use key, codes"),
        (TEMP + 'codes = "x"', "m.toml, line 3: codes must be a list of texts"),
        (TEMP + "text = [1]", "m.toml, line 3: text must be a list of texts"),
        ('\n[[concept]]\nkey = "obs.spo"', "m.toml, line 3: no such concept 'obs.spo'; the near"),
        ("[[concept]]\nkey = 7", "m.toml, line 2: no such concept 7"),
        ("[[concept]]\ncodes = []", "m.toml, line 1: no such concept ''"),
        ('[[concept]]\nkey = "obs.capd_item"', "line 2: obs.capd_item: name the item, from local"),
        ('[[concept]]\nkey = "obs.vital_signs_panel"', "line 2: no such concept"),
        ('[[concept]]\nkey = "loinc|0-0"', "m.toml, line 2: loinc|0-0: no file of the service"),
        (TEMP + 'codes = [\n"6"]', "m.toml, line 4: '6' must be system|code"),
        (TEMP + 'codes = ["urn:x|a b"]', "m.toml, line 3: 'urn:x|a b' must be system|code"),
        (TEMP + 'codes = ["urn:x|a,b"]', "m.toml, line 3: 'urn:x|a,b' must be system|code"),
        (TEMP + 'codes = ["epic|6"]', "m.toml, line 3: no such system 'epic': give it an address"),
        (TEMP + "text = ['temp(']", "m.toml, line 3: text 'temp(' is no pattern"),
        (TEMP + 'text = ["a", "\\\\p"]', "m.toml, line 3: text '\\\\p' is no pattern"),
        (TEMP + 'text = [".*"]', "m.toml, line 3: text '.*' matches any name"),
        (TEMP + 'text = ["x?"]', "m.toml, line 3: text 'x?' matches any name"),
        (TEMP + '[concept.answers]\n"a" = "x"', "m.toml, line 4: 'a' is 'x': allowed are none"),
        (
            '[[concept]]\nkey = "obs.seizure"\n[concept.answers]\n"a" = "x"',
            "m.toml, line 4: 'a' is 'x': allowed are none, resolved-rapidly, nonconvulsive-res",
        ),
        (
            TEMP + 'codes = ["urn:x|6"]\n[[concept]]\nkey = "obs.spo2"\ncodes = ["urn:x|6"]',
            "m.toml, line 6: 6 of urn:x stands for obs.body_temperature and for obs.spo2",
        ),
        (TEMP + 'codes = ["loinc|2708-6"]', "m.toml, line 3: 2708-6 of http://loinc.org is known"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(text: str, told: str) -> None:
    with pytest.raises(CodeError) as refused:
        read_site_map(text, "m.toml")

    assert told in str(refused.value)


def test_a_code_that_the_service_knows_the_same_way_is_no_mistake() -> None:
    assert read_site_map(TEMP + 'codes = ["loinc|8310-5"]', "m.toml").rows


def test_every_concept_with_answers_is_one_that_matches() -> None:
    assert {"obs.consciousness", "obs.o2_device"} <= SHIPPED.names
