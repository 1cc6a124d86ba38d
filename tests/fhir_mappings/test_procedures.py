"""Procedures to facts: infusions of CAR-T, support, and what is neither."""

from __future__ import annotations

import pytest

from grading.model import Device, Remark, StudyKind
from tests.builders import ongoing, procedure
from tests.fhir_codes import Resource
from tests.fhir_mappings.reading import ago, only, problems, record_of

# --- procedures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "product"),
    [
        ("cart-infusion", None),
        ("snomed|1156961008 text|Infusion of axicabtagene ciloleucel", "axi-cel"),
        ("text|CAR-T cell infusion, Breyanzi", "liso-cel"),
        ("text|Chimeric antigen receptor T-cell infusion", None),
    ],
)
def test_a_procedure_as_the_infusion(code: str, product: str | None) -> None:
    assert only("infusions", procedure(code, at="75h")).product == product


@pytest.mark.parametrize(
    "resource",
    [
        procedure("cart-harvest"),
        procedure("text|Leukapheresis for CAR-T"),
        procedure("text|Lymphodepleting chemotherapy before CAR-T"),
        procedure("cart-infusion", status="not-done"),
        procedure("cart-infusion", status="preparation"),
        procedure("cart-infusion", status="stopped"),
        procedure("text|Appendectomy"),
        procedure("cart-infusion") | {"code": None},
    ],
)
def test_what_is_no_infusion(resource: Resource) -> None:
    record = record_of(resource)

    assert record.facts["infusions"] == ()
    assert record.issues == ()


@pytest.mark.parametrize(
    ("resource", "device", "interval", "end"),
    [
        (procedure("intubation"), Device.VENTILATOR, False, None),
        (ongoing("ventilation"), Device.VENTILATOR, True, None),
        (ongoing("ventilation", "5h", "1h"), Device.VENTILATOR, True, "1h"),
        (ongoing("cpap", "5h", status="completed"), Device.CPAP, False, None),
        (ongoing("ventilation", "5h", "1h", status="stopped"), Device.VENTILATOR, True, "1h"),
        (procedure("text|Endotracheal intubation"), Device.VENTILATOR, False, None),
        (ongoing("text|Noninvasive ventilation"), Device.BIPAP, True, None),
        (ongoing("text|CPAP without humidifier"), Device.CPAP, True, None),
        (ongoing("text|CPAP not tolerated"), Device.UNRECOGNIZED, True, None),
        (procedure("text|Intubation prior to procedure"), Device.VENTILATOR, False, None),
        (
            ongoing("ventilation", "3h", performedPeriod={"end": "2026-11-22T11:00:00Z"}),
            Device.VENTILATOR,
            True,
            "3h",
        ),
    ],
)
def test_support_at_a_point_or_over_a_period(
    resource: Resource,
    device: Device,
    interval: bool,
    end: str | None,
) -> None:
    fact = only("supports", resource)

    assert (fact.device, fact.interval) == (device, interval)
    assert fact.end == (None if end is None else ago(end))


@pytest.mark.parametrize("words", ["Extubation after intubation", "Weaning from CPAP"])
def test_the_end_of_support_is_no_support(words: str) -> None:
    assert record_of(procedure(f"text|{words}")).facts["supports"] == ()


@pytest.mark.parametrize(
    ("reasons", "airway_only"),
    [
        ([], False),
        ([{"text": "Airway protection"}], True),
        ([{"text": "To protect the airway"}], True),
        ([{"text": "Procedural sedation"}], True),
        ([{"text": "Airway protection"}, {"text": "Hypoxia"}], False),
        ([{"text": "Respiratory failure"}], False),
    ],
)
def test_ventilation_only_for_the_airway(reasons: list[Resource], airway_only: bool) -> None:
    fact = only("supports", procedure("intubation", reasonCode=reasons or None))

    assert fact.airway_only is airway_only
    assert fact.procedure


@pytest.mark.parametrize(
    ("code", "kind"), [("eeg", StudyKind.EEG), ("mri-brain", StudyKind.MRI_BRAIN)]
)
def test_a_procedure_as_a_study(code: str, kind: StudyKind) -> None:
    assert only("studies", procedure(code)).kind is kind


@pytest.mark.parametrize(
    ("resource", "kinds"),
    [
        (procedure("intubation", performedDateTime=None), ["no-time"]),
        (procedure("intubation", performedDateTime=None, performedPeriod={}), ["no-time"]),
        (procedure("intubation", at="2026-11-31"), ["unreadable-time"]),
    ],
)
def test_a_procedure_without_a_time_is_named(resource: Resource, kinds: list[str]) -> None:
    record = record_of(resource)

    assert not any(record.facts.values())
    assert [kind for kind, _ in problems(record)] == kinds


def test_support_of_which_only_the_day_is_charted_is_marked() -> None:
    assert only("supports", procedure("intubation", at="2026-11-22")).flags == (Remark.DATE_ONLY,)
