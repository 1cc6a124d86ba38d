"""FHIR R4 in, grading vocabulary out; no HTTP and no clock."""

from fhir_mappings.bundle import read_page
from fhir_mappings.drafts import DraftOrders, read_drafts
from fhir_mappings.issues import DataIssue, IssueKind
from fhir_mappings.keys import EXTRA_KEYS, KEYS, KeySpec
from fhir_mappings.pages import KeyRead, Page
from fhir_mappings.record import PatientRecord, build_record, keys_short_of
from fhir_mappings.snapshot import build_snapshot

__all__ = [
    "EXTRA_KEYS",
    "KEYS",
    "DataIssue",
    "DraftOrders",
    "IssueKind",
    "KeyRead",
    "KeySpec",
    "Page",
    "PatientRecord",
    "build_record",
    "build_snapshot",
    "keys_short_of",
    "read_drafts",
    "read_page",
]
