"""Writes what was done and ordered: infusions, drugs, orders, conditions, procedures, reports."""

from __future__ import annotations

from typing import Final

from sandbox.catalog import Resource, amount, concept, entry
from sandbox.chart import Chart
from sandbox.medicines import Written, drug, order, route, test
from sandbox.story import Entry

_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFIED: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def write_infusion(chart: Chart, row: Entry) -> None:
    """Adds the CAR-T infusion as a Procedure, as an administration of a product, or as both."""
    product = entry("product", row.fields["product"])
    if row.fields["as"] in {"procedure", "both"}:
        codings = (entry("procedure", "CAR-T infusion"), product["procedure"])
        day_only = row.fields.get("day_only", False)
        when = chart.day(row.start) if day_only else chart.instant(row.start)
        code = concept(f"{product['name']} infusion", *codings)
        done = {"status": "completed", "code": code, "performedDateTime": when}
        chart.add("Procedure", done)
    if row.fields["as"] in {"administration", "both"}:
        body = {
            "status": "completed",
            "medicationCodeableConcept": concept(product["name"], product["drug"]),
            "effectiveDateTime": chart.instant(row.start),
            "dosage": {"text": "one bag IV", "route": route("IV"), "dose": amount("68 mL")},
        }
        chart.add("MedicationAdministration", body)


def write_given(chart: Chart, row: Entry) -> None:
    """Adds an administration: a dose at a time, or an infusion with its rate over a period."""
    when = (
        {"effectivePeriod": chart.period(row)}
        if row.lasting
        else {"effectiveDateTime": chart.instant(row.start)}
    )
    running = row.lasting and row.end is None
    fields = row.fields
    dosage: Resource = {"route": route(fields.get("route", "IV"))}
    if "dose" in fields:
        dosage["dose"] = amount(fields["dose"])
    if "rate" in fields:
        dosage["rateQuantity"] = amount(fields["rate"])
    body = {
        "status": fields.get("status", "in-progress" if running else "completed"),
        **_elements(chart, drug(chart.style.ehr, fields["drug"], "MedicationAdministration")),
        **when,
        "dosage": dosage,
    }
    chart.add("MedicationAdministration", body)


def write_order(chart: Chart, row: Entry) -> None:
    """Adds an active order for a drug or a test."""
    written = order(chart.style.ehr, row.fields)
    about = {"status": "active", "intent": "order", "authoredOn": chart.instant(row.start)}
    chart.add(written.resource_type, about | _elements(chart, written))


def write_condition(chart: Chart, row: Entry) -> None:
    """Adds a condition, over where the row says an end."""
    name = row.fields["name"]
    over = row.end is not None
    body: Resource = {
        "clinicalStatus": _status(_CLINICAL, "resolved" if over else "active"),
        "verificationStatus": _status(_VERIFIED, "confirmed"),
        "code": concept(name, *entry("condition", name)),
        "onsetDateTime": chart.instant(row.start),
        "recordedDate": chart.instant(row.start),
    }
    if row.end is not None:
        body["abatementDateTime"] = chart.instant(row.end)
    chart.add("Condition", body)


def write_procedure(chart: Chart, row: Entry) -> None:
    """Adds a procedure at a time."""
    name = row.fields["name"]
    code = concept(name, entry("procedure", name))
    when = chart.instant(row.start)
    chart.add("Procedure", {"status": "completed", "code": code, "performedDateTime": when})


def write_report(chart: Chart, row: Entry) -> None:
    """Adds a final report; `answer` codes its conclusion with an answer of a neurologic check."""
    when = chart.instant(row.start)
    report: Resource = {"status": "final", "code": test(row.fields["test"])}
    report.update(effectiveDateTime=when, issued=when, conclusion=row.fields["conclusion"])
    if "answer" in row.fields:
        answers = entry("exam", "pressure")["answers"]
        report["conclusionCode"] = [concept(row.fields["answer"], answers[row.fields["answer"]])]
    chart.add("DiagnosticReport", report)


def _elements(chart: Chart, written: Written) -> Resource:
    """What was written; the Medication that it refers to goes into the chart."""
    if written.medication is not None:
        chart.add_shared(written.medication)
    return written.elements


def _status(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}
