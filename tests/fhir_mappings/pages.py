"""Bundles as a server sends them, in bytes, and what is read from them."""

from __future__ import annotations

import json
from typing import Any

from fhir_mappings.bundle import read_page
from fhir_mappings.pages import KeyRead, Page
from fhir_mappings.record import PatientRecord, build_record
from fhir_mappings.times import UTC_ZONE
from tests.fhir_basics import PATIENT_ID
from tests.fhir_codes import Resource


def as_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def entry(resource: Any, mode: str | None = None) -> Resource:
    return {"resource": resource} | ({"search": {"mode": mode}} if mode else {})


def searchset(*entries: Any, **elements: Any) -> Resource:
    return {"resourceType": "Bundle", "type": "searchset", "entry": list(entries)} | elements


def outcome(severity: str, code: str = "processing", detail: str | None = None) -> Resource:
    details = {} if detail is None else {"details": {"coding": [{"code": detail}]}}
    issue = {"severity": severity, "code": code} | details
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def page_of(value: Any) -> Page:
    return read_page(as_bytes(value))


def record_of(*pages: Page, patient_id: str = PATIENT_ID) -> PatientRecord:
    return build_record({"bedside": KeyRead(pages)}, patient_id, UTC_ZONE)
