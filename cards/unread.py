"""What of the chart could not be read, and why, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cards.wording import listed

Unread = tuple[tuple[str, str], ...]
"""Prefetch keys with the kind of reason: `timeout`, `http-403`, `absent`, ..."""

_NAMES: Mapping[str, str] = {
    "patient": "the patient's own record",
    "procedures": "procedures",
    "infusions": "CAR-T products given",
    "given": "medication administrations",
    "medicationOrders": "medication orders",
    "testOrders": "test orders",
    "bedside": "bedside observations",
    "trends": "temperature, weight and laboratory values",
    "conditions": "problems and diagnoses",
    "reports": "imaging and EEG reports",
    "questionnaires": "ICE and CAPD forms",
    "vitals": "bedside observations without a category",
    "medications": "medicines behind references",
}
_WORDS: Mapping[str, str] = {
    "": "",
    "absent": "not delivered, and no FHIR server to read from",
    "truncated": "does not reach back far enough",
    "unsure": "holds a record that may be the infusion, but cannot be used as charted",
    "outcome": "the server answered with an error",
    "left-out": "the server says that results were left out",
    "everyone": "the server searched without the patient",
    "not-authorized": "the token does not authorize reading it",
    "partly-authorized": "the token authorizes reading only a part of it",
    "server-not-allowed": "not delivered, and the FHIR server may not be read",
    "token-expired": "not delivered, and the token has expired",
    "token-of-other-patient": "not delivered, and the token is of another patient",
    "timeout": "the FHIR server did not answer in time",
    "connection": "the FHIR server cannot be reached",
    "broken-answer": "the FHIR server's answer broke off",
    "not-json": "the FHIR server answered with something else than JSON",
    "not-fhir": "the FHIR server answered with something else than FHIR",
    "other-type": "the FHIR server answered with resources of another type",
    "other-origin": "the FHIR server leads to another server",
    "redirects": "the FHIR server redirects, which is not followed",
    "bad-link": "the link to the next page cannot be read",
    "page-loop": "the link to the next page leads back",
    "too-large": "a page is larger than is read",
    "too-many": "there are more pages than are read",
}
_HTTP = "http-"
_BESIDE = frozenset({("questionnaires", "absent"), ("questionnaires", "everyone")})
"""What is told beside other gaps, and is none by itself.

Many systems offer no forms to search; their scores are charted as observations.
"""


def reason_text(kind: str) -> str:
    """Why something was not read; empty for nothing."""
    if kind.startswith(_HTTP):
        return f"the FHIR server answered with status {kind.removeprefix(_HTTP)}"
    return _WORDS[kind]


def is_gap(unread: Unread) -> bool:
    """Whether what was not read is to be told even where nothing else is."""
    return any(each not in _BESIDE for each in unread)


def unread_lines(unread: Unread) -> Iterator[str]:
    """A line for each reason, with all that was not read for it."""
    for kind in dict.fromkeys(kind for _, kind in unread):
        names = [_NAMES[key] for key, why in unread if why == kind]
        yield f"{listed(names)}: {reason_text(kind)}"
