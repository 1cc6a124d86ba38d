"""Builders of Observations and forms: vital signs, oxygen, scores, neurological findings."""

from __future__ import annotations

from typing import Any

from tests.fhir_basics import at_text, concept, filled, identified, quantity, subject
from tests.fhir_codes import AROUSAL, DEVICES, ICE_ITEMS, LABS, Resource

ICE_FORM = "https://cart-toxicity-cds.example.org/fhir/Questionnaire/ice"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def observation(code: str, at: str | None, category: str, **elements: Any) -> Resource:
    """An Observation of one concept with the given category."""
    return identified(
        {
            "resourceType": "Observation",
            "status": "final",
            "category": [{"coding": [{"system": _CATEGORY, "code": category}]}],
            "code": concept(code),
            "subject": subject(),
            "effectiveDateTime": None if at is None else at_text(at),
        }
        | elements
    )


def _component(code: str, value: Resource) -> Resource:
    return {"code": concept(code), "valueQuantity": value}


def _oxygen_components(flow: float | None, fio2: float | None) -> list[Resource] | None:
    written = [("loinc|3151-8", flow, "L/min"), ("loinc|3150-0", fio2, "%")]
    return [_component(c, quantity(v, unit)) for c, v, unit in written if v is not None] or None


def temperature(
    value: float,
    at: str | None = "1h",
    unit: str | None = "Cel",
    code: str = "loinc|8310-5",
    **elements: Any,
) -> Resource:
    """A body temperature."""
    measured = {"valueQuantity": quantity(value, unit)}
    return observation(code, at, "vital-signs", **measured | elements)


def pressure(
    sbp: float | None,
    dbp: float | None = None,
    mean: float | None = None,
    at: str = "1h",
    **more: Any,
) -> Resource:
    """A blood pressure panel with the components that were measured."""
    written = [("loinc|8480-6", sbp), ("loinc|8462-4", dbp), ("loinc|8478-0", mean)]
    parts = [_component(c, quantity(v, "mm[Hg]")) for c, v in written if v is not None]
    return observation("loinc|85354-9", at, "vital-signs", **{"component": parts} | more)


def mean_pressure(value: float, at: str = "1h", **elements: Any) -> Resource:
    """A charted mean arterial pressure on its own."""
    measured = {"valueQuantity": quantity(value, "mm[Hg]")}
    return observation("loinc|8478-0", at, "vital-signs", **measured | elements)


def spo2(
    value: float, at: str = "1h", flow: float | None = None, fio2: float | None = None, **more: Any
) -> Resource:
    """A pulse oximetry reading, with oxygen flow and FiO2 as its components."""
    measured = {
        "valueQuantity": quantity(value, "%"),
        "component": _oxygen_components(flow, fio2),
    }
    return observation(
        more.pop("code", "loinc|59408-5 loinc|2708-6"), at, "vital-signs", **measured | more
    )


def device(
    value: str, at: str = "1h", flow: float | None = None, fio2: float | None = None, **more: Any
) -> Resource:
    """A charted oxygen device: a name of `DEVICES`, or "text|words"."""
    charted = {
        "valueCodeableConcept": concept(DEVICES.get(value, value)),
        "component": _oxygen_components(flow, fio2),
    }
    return observation("local|oxygen-delivery-device", at, "vital-signs", **charted | more)


def flow(value: float, at: str = "1h", unit: str | None = "L/min", **elements: Any) -> Resource:
    """An oxygen flow on its own."""
    measured = {"valueQuantity": quantity(value, unit)}
    return observation("loinc|3151-8", at, "vital-signs", **measured | elements)


def fio2(value: float, at: str = "1h", unit: str | None = "%", **elements: Any) -> Resource:
    """An inspired oxygen concentration on its own."""
    measured = {"valueQuantity": quantity(value, unit)}
    return observation("loinc|3150-0", at, "vital-signs", **measured | elements)


def weight(value: float, at: str = "20h", unit: str | None = "kg", **elements: Any) -> Resource:
    """A body weight."""
    measured = {"valueQuantity": quantity(value, unit)}
    code = elements.pop("code", "loinc|29463-7")
    return observation(code, at, "vital-signs", **measured | elements)


def lab(name: str, value: float, at: str = "6h", **elements: Any) -> Resource:
    """A laboratory result by its name in `LABS`; `low` and `high` are its normal range."""
    code, unit = LABS[name]
    limits = {key: elements.pop(key) for key in ("low", "high") if key in elements}
    measured: Resource = {"valueQuantity": quantity(value, unit)}
    if limits:
        measured["referenceRange"] = [{key: quantity(each, unit) for key, each in limits.items()}]
    return observation(f"loinc|{code}", at, "laboratory", **measured | elements)


def ice(
    total: int | None = None, items: Resource | None = None, at: str = "2h", shape: str = "total"
) -> list[Resource]:
    """One ICE test as a total, as components, as one Observation per item, or as a form."""
    return _score("ice", {"ice-total": total} | (items or {}), at, shape)


def full_ice() -> Resource:
    """All ICE items at their maximum."""
    return dict(ICE_ITEMS)


def capd(
    total: int | None = None, items: Resource | None = None, at: str = "2h", shape: str = "total"
) -> list[Resource]:
    """One CAPD in the same four shapes."""
    return _score("capd", {"capd-total": total} | (items or {}), at, shape)


def _score(kind: str, values: Resource, at: str, shape: str) -> list[Resource]:
    known = filled(values)
    if shape == "form":
        return [_form(known, at)]
    if shape == "separate":
        return [_integer(f"local|{code}", n, at) for code, n in known.items()]
    total = known.pop(f"{kind}-total", None)
    parts = [{"code": concept(f"local|{c}"), "valueInteger": n} for c, n in known.items()]
    return [_integer(f"local|{kind}-total", total, at, component=parts or None)]


def _integer(code: str, value: int | None, at: str, **elements: Any) -> Resource:
    return observation(code, at, "survey", **{"valueInteger": value} | elements)


def _form(values: Resource, at: str) -> Resource:
    answers = [{"linkId": c, "answer": [{"valueInteger": n}]} for c, n in values.items()]
    return identified(
        {
            "resourceType": "QuestionnaireResponse",
            "status": "completed",
            "questionnaire": ICE_FORM,
            "subject": subject(),
            "authored": at_text(at),
            "item": answers,
        }
    )


def consciousness(value: str, at: str = "2h", **elements: Any) -> Resource:
    """Arousal by a name of `AROUSAL`, or on a scale: "avpu:V", "rass:-1", "gcs:15", "eye:3"."""
    scale, _, score = value.rpartition(":")
    if scale == "avpu":
        charted = {"valueCodeableConcept": concept(f"text|{score}")}
        return observation("loinc|67775-7", at, "exam", **charted | elements)
    if scale == "arousal":
        charted = {"valueCodeableConcept": concept(f"loinc|{score}")}
        return observation("loinc|80294-2", at, "exam", **charted | elements)
    if scale:
        code = {"rass": "snomed|1345050000", "gcs": "loinc|9269-2", "eye": "loinc|9267-6"}[scale]
        return observation(code, at, "exam", **{"valueInteger": int(score)} | elements)
    return finding("consciousness", AROUSAL[value], at, **elements)


def finding(code: str, value: str | None, at: str = "2h", **elements: Any) -> Resource:
    """A finding: `seizure`, `motor`, `icp-edema`, `iec-hs-finding`, with its answer."""
    answer = concept(value if value and "|" in value else f"local|{value or 'none'}")
    return observation(f"local|{code}", at, "exam", **{"valueCodeableConcept": answer} | elements)


def grade(syndrome: str, value: int, at: str = "1h", **elements: Any) -> Resource:
    """A grade that a clinician charted: `crs` or `icans`."""
    return observation(
        f"local|{syndrome}-grade", at, "survey", **{"valueInteger": value} | elements
    )
