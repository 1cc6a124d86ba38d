"""Builders of everything beside Observations: patient, drugs, procedures, conditions, reports."""

from __future__ import annotations

from typing import Any

from tests.fhir_basics import PATIENT_ID, at_text, concept, filled, identified, period, subject
from tests.fhir_codes import DRUGS, PROCEDURES, PRODUCTS, ROUTES, TESTS, Resource


def patient(birth: str | None = "1966-04-10", **elements: Any) -> Resource:
    """The patient; born as written, alive unless told otherwise."""
    return filled({"resourceType": "Patient", "id": PATIENT_ID, "birthDate": birth} | elements)


def medication(drug: str) -> Resource:
    """CodeableConcept of a drug by its name in `DRUGS`, a CAR-T product, or "text|words"."""
    if drug in PRODUCTS:
        code, words = PRODUCTS[drug]
        return concept(f"{code} text|{words}")
    return concept(f"{DRUGS[drug]} text|{drug}" if drug in DRUGS else drug)


def _dosage(route: str, more: Resource) -> Resource:
    code, words = ROUTES[route]
    mg, rate, ml = (more.pop(name, None) for name in ("mg", "rate", "ml"))
    unit = more.pop("unit", "ug/min")
    dose = {"value": mg, "unit": "mg"} if ml is None else {"value": ml, "unit": "mL"}
    return filled(
        {
            "route": concept(f"{code} text|{words}"),
            "dose": None if mg is None and ml is None else dose,
            "rateQuantity": None if rate is None else {"value": rate, "unit": unit},
        }
    )


def given(drug: str, at: str = "1h", route: str = "iv", **more: Any) -> Resource:
    """An administration at one time; `mg`, `ml` or `rate` say how much."""
    dosage = _dosage(route, more)
    return identified(
        {
            "resourceType": "MedicationAdministration",
            "status": "completed",
            "medicationCodeableConcept": medication(drug),
            "subject": subject(),
            "effectiveDateTime": at_text(at),
            "dosage": dosage,
        }
        | more
    )


def infused(
    drug: str, start: str = "3h", end: str | None = None, route: str = "iv", **more: Any
) -> Resource:
    """An administration over a period, running on where it has no end."""
    dosage = _dosage(route, more)
    return identified(
        {
            "resourceType": "MedicationAdministration",
            "status": "in-progress" if end is None else "completed",
            "medicationCodeableConcept": medication(drug),
            "subject": subject(),
            "effectivePeriod": period(start, end),
            "dosage": dosage,
        }
        | more
    )


def cells(product: str = "axi-cel", at: str = "75h", **elements: Any) -> Resource:
    """A CAR-T infusion charted as the administration of a product."""
    return given(product, at, **elements)


def ordered(drug: str, at: str = "2h", route: str = "iv", **more: Any) -> Resource:
    """An active MedicationRequest; `mg` and `every_h` make its dosage."""
    code, words = ROUTES[route]
    mg, hours = more.pop("mg", None), more.pop("every_h", None)
    dosage = {
        "route": concept(f"{code} text|{words}"),
        "doseAndRate": None if mg is None else [{"doseQuantity": {"value": mg, "unit": "mg"}}],
        "timing": None
        if hours is None
        else {"repeat": {"frequency": 1, "period": hours, "periodUnit": "h"}},
    }
    return identified(
        {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": medication(drug),
            "subject": subject(),
            "authoredOn": at_text(at),
            "dosageInstruction": [filled(dosage)],
        }
        | more
    )


def order_test(test: str, at: str = "2h", **elements: Any) -> Resource:
    """An active ServiceRequest for a test of `TESTS`, or for another code."""
    return identified(
        {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "code": concept(TESTS.get(test, test)),
            "subject": subject(),
            "authoredOn": at_text(at),
        }
        | elements
    )


def procedure(code: str, at: str = "3h", **elements: Any) -> Resource:
    """A procedure of `PROCEDURES` done at one time."""
    return identified(
        {
            "resourceType": "Procedure",
            "status": "completed",
            "code": concept(PROCEDURES.get(code, code)),
            "subject": subject(),
            "performedDateTime": at_text(at),
        }
        | elements
    )


def ongoing(code: str, start: str = "3h", end: str | None = None, **elements: Any) -> Resource:
    """A procedure of `PROCEDURES` over a period, in progress where it has no end."""
    return identified(
        {
            "resourceType": "Procedure",
            "status": "in-progress" if end is None else "completed",
            "code": concept(PROCEDURES.get(code, code)),
            "subject": subject(),
            "performedPeriod": period(start, end),
        }
        | elements
    )


def condition(code: str, onset: str | None = None, **elements: Any) -> Resource:
    """A confirmed condition; `abated` and `recorded` are further moments."""
    abated, recorded = elements.pop("abated", None), elements.pop("recorded", None)
    verified = elements.pop("verified", "confirmed")
    status = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    return identified(
        {
            "resourceType": "Condition",
            "code": concept(code),
            "subject": subject(),
            "verificationStatus": {"coding": [{"system": status, "code": verified}]},
            "onsetDateTime": None if onset is None else at_text(onset),
            "abatementDateTime": None if abated is None else at_text(abated),
            "recordedDate": None if recorded is None else at_text(recorded),
        }
        | elements
    )


def report(code: str, conclusions: list[str], at: str = "3h", **elements: Any) -> Resource:
    """A final diagnostic report with coded conclusions."""
    return identified(
        {
            "resourceType": "DiagnosticReport",
            "status": "final",
            "code": concept(TESTS.get(code, code)),
            "subject": subject(),
            "effectiveDateTime": at_text(at),
            "conclusionCode": [concept(conclusion) for conclusion in conclusions] or None,
        }
        | elements
    )
