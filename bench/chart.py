"""The reference chart, and the request that an EHR would make of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

Resource = dict[str, Any]

SHARED = Path(__file__).resolve().parents[2] / "shared" / "bench" / "resources.json"
_NOW = "2026-11-22T14:00:00+00:00"
_PATIENT = "bench-pat-1"
_LOINC = "http://loinc.org"
_LOCAL = "https://cart-toxicity-cds.example.org/fhir/CodeSystem/bedside"
_HOURS = 48


class Chart(NamedTuple):
    """A chart with its instant and patient, and what it is."""

    now: str
    patient_id: str
    resources: Sequence[Resource]
    name: str


def reference_chart(path: Path = SHARED) -> Chart:
    """The chart at `path` where it is, else one of the same shape made here."""
    if path.exists():
        data = json.loads(path.read_text("utf-8"))
        return Chart(data["now"], data["patientId"], data["resources"], "reference request")
    return generated_chart()


def generated_chart() -> Chart:
    """48 h of hourly vitals with ICE, labs, drugs and orders: about 240 resources."""
    resources = [
        {"resourceType": "Patient", "id": _PATIENT, "birthDate": "1968-04-12"},
        {
            "resourceType": "Procedure",
            "id": "cells",
            "status": "completed",
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "1156961008"}]},
            "subject": {"reference": f"Patient/{_PATIENT}"},
            "performedDateTime": "2026-11-18T11:00:00+00:00",
        },
    ]
    for hour in range(_HOURS):
        resources += _hour(hour)
    for index in range(28):
        resources.append(_given(index))
    return Chart(_NOW, _PATIENT, resources, "request of its shape, made here")


def _time(hour: int) -> str:
    return f"2026-11-{22 - (hour + 10) // 24:02}T{(13 - hour) % 24:02}:57:00+00:00"


def _observation(name: str, hour: int, category: str, code: Resource, **value: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": f"{name}-{hour}",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": category,
                    }
                ]
            }
        ],
        "code": {"coding": [code, {"system": _LOINC, "code": "8716-3", "display": "Vital signs"}]},
        "subject": {"reference": f"Patient/{_PATIENT}", "display": "Patient A"},
        "encounter": {"reference": "Encounter/enc-1"},
        "effectiveDateTime": _time(hour),
        "issued": _time(hour),
        "performer": [{"reference": "Practitioner/nurse-1"}],
        **value,
    }


def _quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def _hour(hour: int) -> list[Resource]:
    def loinc(code: str) -> Resource:
        return {"system": _LOINC, "code": code}

    parts = [("8480-6", 104.0), ("8462-4", 58.0)]
    pressure = [
        {"code": {"coding": [loinc(code)]}, "valueQuantity": _quantity(value, "mm[Hg]")}
        for code, value in parts
    ]
    flow = {"code": {"coding": [loinc("3151-8")]}, "valueQuantity": _quantity(2, "L/min")}
    rows = [
        _observation(
            "t", hour, "vital-signs", loinc("8310-5"), valueQuantity=_quantity(38.4, "Cel")
        ),
        _observation("bp", hour, "vital-signs", loinc("85354-9"), component=pressure),
        _observation(
            "o",
            hour,
            "vital-signs",
            loinc("59408-5"),
            valueQuantity=_quantity(95, "%"),
            component=[flow],
        ),
    ]
    if hour % 2 == 0:
        rows.append(
            _observation(
                "hr", hour, "vital-signs", loinc("8867-4"), valueQuantity=_quantity(104, "/min")
            )
        )
    if hour % 8 == 0:
        ice = {"system": _LOCAL, "code": "ice-total"}
        rows.append(_observation("ice", hour, "survey", ice, valueInteger=9))
        crp = _observation(
            "crp", hour, "laboratory", loinc("1988-5"), valueQuantity=_quantity(88, "mg/L")
        )
        rows.append(crp)
    return rows


def _given(index: int) -> Resource:
    drug = ("161", "acetaminophen") if index % 2 else ("20481", "cefepime")
    return {
        "resourceType": "MedicationAdministration",
        "id": f"given-{index}",
        "status": "completed",
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": drug[0]}],
            "text": drug[1],
        },
        "subject": {"reference": f"Patient/{_PATIENT}"},
        "effectiveDateTime": _time(index),
        "dosage": {"text": "as ordered", "dose": _quantity(650, "mg")},
    }


def many(chart: Chart, observations: int) -> Chart:
    """The chart with so many Observations, ever more densely charted over the same time.

    Each is a copy of one of its own, of the first round as it was and of each later one a minute
    earlier.
    """
    own = [each for each in chart.resources if each["resourceType"] == "Observation"]
    rest = [each for each in chart.resources if each["resourceType"] != "Observation"]
    rounds = [divmod(number, len(own)) for number in range(observations)]
    copies = [
        _earlier(own[place], number) | {"id": f"copy-{number}-{place}"} for number, place in rounds
    ]
    return chart._replace(resources=[*rest, *copies])


def _earlier(resource: Resource, minutes: int) -> Resource:
    moved = datetime.fromisoformat(_when(resource)) - timedelta(minutes=minutes)
    return resource | {"effectiveDateTime": moved.isoformat()}


# --- the request ---------------------------------------------------------------------------------


def request_body(chart: Chart, templates: Mapping[str, str], *, whole: bool = False) -> bytes:
    """A patient-view call with every advertised key, evaluated at the chart's instant.

    `whole`: without the limit of a page, so that the call grows with the chart.
    """
    limit = ("_count=200", "_count=100000") if whole else ("", "")
    prefetch = {
        key: answer(
            chart, template.replace("{{context.patientId}}", chart.patient_id).replace(*limit)
        )
        for key, template in templates.items()
    }
    call = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/nurse-1", "patientId": chart.patient_id},
        "extension": {"org.cart-toxicity-cds.evaluate-at": chart.now},
        "prefetch": prefetch,
    }
    return json.dumps(call).encode()


def order_body(body: bytes, chart: Chart) -> bytes:
    """The same chart at order-select, with one draft of G-CSF selected."""
    call = json.loads(body)
    draft = {
        "resourceType": "MedicationRequest",
        "id": "d1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{chart.patient_id}"},
        "medicationCodeableConcept": {"text": "filgrastim-aafi 300 mcg"},
    }
    orders = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]}
    context = call["context"] | {"selections": ["MedicationRequest/d1"], "draftOrders": orders}
    return json.dumps(call | {"hook": "order-select", "context": context}).encode()


def answer(chart: Chart, query: str) -> Resource | None:
    """What a FHIR server answers to a query without base and leading slash."""
    path, is_search, parameters = query.partition("?")
    if not is_search:
        return next((r for r in chart.resources if f"{r['resourceType']}/{r['id']}" == path), None)
    wanted = dict(parse_qsl(parameters))
    found = [r for r in chart.resources if r["resourceType"] == path and _meets(r, wanted)]
    found.sort(key=_when, reverse=True)
    entries = [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in found]
    page = entries[: int(wanted.get("_count", "200"))]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": page}


def _meets(resource: Resource, wanted: Mapping[str, str]) -> bool:
    concept = resource.get("code") or resource.get("medicationCodeableConcept") or {}
    codes = {coding.get("code") for coding in concept.get("coding", ())}
    listed = resource.get("category") or []
    listed = [listed] if isinstance(listed, dict) else listed
    categories = {c["code"] for concept in listed for c in concept.get("coding", ())}
    return all(
        bool(found & set(wanted[name].split(",")))
        for name, found in (
            ("code", codes),
            ("category", categories),
            ("status", {resource.get("status")}),
        )
        if name in wanted
    )


def _when(resource: Resource) -> str:
    names = ("effectiveDateTime", "performedDateTime", "authoredOn", "recordedDate")
    return next((str(resource[name]) for name in names if name in resource), "")
