"""The shapes of requests, as JSON Schema: our reading of CDS Hooks 2.0 to 3.0.

They are open, because unknown members are ignored (GEN-9).
"""

from __future__ import annotations

from typing import Final

from service.json_shapes import EXTENSION, Shape, items, open_object, or_null, ref, text

_WHO: Final[Shape] = {
    "userId": text(maxLength=2048, description="Type/id of who is at the screen"),
    "patientId": text(
        maxLength=512,
        pattern=r"^[\w~:@+=-][\w.~:@+=-]*$",
        description="bare id of the Patient",
    ),
    "encounterId": or_null(
        {
            "type": "string",
            "maxLength": 512,
            "pattern": r"^((Encounter/)?[\w~:@+=-][\w.~:@+=-]*)?$",
            "description": "bare id of the Encounter; empty outside of one",
        }
    ),
}
_DRAFTS: Final[Shape] = {"draftOrders": ref("Bundle")}
_SELECTIONS: Final[Shape] = {"selections": {"type": "array", "items": {"type": "string"}}}

_CONTEXTS: Final[Shape] = {
    "PatientViewContext": open_object("userId patientId", _WHO),
    "OrderSelectContext": open_object(
        "userId patientId selections draftOrders", {**_WHO, **_SELECTIONS, **_DRAFTS}
    ),
    "OrderSignContext": open_object("userId patientId draftOrders", {**_WHO, **_DRAFTS}),
}


def _feedback(outcome: str) -> Shape:
    named = " acceptedSuggestions" if outcome == "accepted" else ""
    return open_object(
        f"card outcome outcomeTimestamp{named}",
        {
            "card": text(),
            "outcome": {"const": outcome},
            "acceptedSuggestions": {"type": "array", "items": open_object("id", {"id": text()})},
            "overrideReason": ref("OverrideReason"),
            "overrideReasons": ref("OverrideReason"),
            "outcomeTimestamp": text(format="date-time"),
            "extension": EXTENSION,
        },
    )


_BODIES: Final[Shape] = {
    "Bundle": open_object("resourceType", {"resourceType": {"const": "Bundle"}}),
    "FhirAuthorization": open_object(
        "access_token token_type expires_in scope subject",
        {
            "access_token": text(maxLength=16_384, pattern="^[!-~]+$"),
            "token_type": {"const": "Bearer"},
            "expires_in": {"type": "integer", "description": "seconds"},
            "scope": {"type": "string"},
            "subject": {"type": "string"},
            "patient": or_null({"type": "string"}),
        },
    ),
    "Prefetch": {
        "type": "object",
        "description": "values of advertised keys; null: asked for, and nothing found",
        "additionalProperties": {"type": ["object", "null"]},
    },
    "FeedbackRequest": open_object("feedback", {"feedback": items(ref("Feedback"))}),
    "Feedback": {"anyOf": [_feedback("accepted"), _feedback("overridden")]},
    "OverrideReason": {
        "type": "object",
        "properties": {"reason": {"type": "object"}, "userComment": {"type": "string"}},
    },
    "TimelineRequest": open_object(
        "request from to",
        {
            "request": ref("PatientViewRequest"),
            "from": text(format="date-time"),
            "to": text(format="date-time"),
            "stepMinutes": {"type": "integer", "minimum": 1, "default": 60},
        },
    ),
}


def _envelope(hook: str, context: str) -> Shape:
    return open_object(
        "hook hookInstance context",
        {
            "hook": {"const": hook},
            "hookInstance": text(
                maxLength=2048, pattern=r"\S", description="a UUID, of any version and case"
            ),
            "context": ref(context),
            "prefetch": or_null(ref("Prefetch")),
            "fhirServer": or_null(text(maxLength=2048, pattern=r"\S")),
            "fhirAuthorization": or_null(ref("FhirAuthorization")),
            "extension": or_null({"type": "object"}),
        },
    )


_ENVELOPES: Final[Shape] = {
    "PatientViewRequest": _envelope("patient-view", "PatientViewContext"),
    "OrderSelectRequest": _envelope("order-select", "OrderSelectContext"),
    "OrderSignRequest": _envelope("order-sign", "OrderSignContext"),
}

REQUESTS: Final[Shape] = _CONTEXTS | _BODIES | _ENVELOPES
"""Every shape of a request, by name."""
