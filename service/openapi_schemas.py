"""The shapes of requests and answers, as JSON Schema: our reading of CDS Hooks 2.0 to 3.0.

Requests are open, because unknown members are ignored (GEN-9); answers are closed, so that a
member that CDS Hooks does not name cannot slip in (CARD-16, RESP-8).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cards.extension import EXTENSION_NAME
from cards.model import SUMMARY_LIMIT, Indicator
from grading.model import State

Shape = dict[str, Any]
_ABSOLUTE: Final = "^https?://[^/?#]+"
_REFERENCE: Final = "^[A-Za-z]+/.+$"


def ref(name: str) -> Shape:
    """A reference to a shape of `SHAPES`."""
    return {"$ref": f"#/components/schemas/{name}"}


def _text(**rules: Any) -> Shape:
    return {"type": "string", "minLength": 1, **rules}


def _texts() -> Shape:
    return _list(_text())


def _list(item: Shape, **rules: Any) -> Shape:
    return {"type": "array", "minItems": 1, "items": item, **rules}


def _object(required: str, members: Shape, **rules: Any) -> Shape:
    return {"type": "object", "required": required.split(), "properties": members, **rules}


def _closed(required: str, members: Shape, **rules: Any) -> Shape:
    return _object(required, members, additionalProperties=False, **rules)


def _or_null(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]}


def _enum(values: Iterable[str]) -> Shape:
    return {"type": "string", "enum": [str(each) for each in values]}


_UUID: Final = _text(format="uuid")
_EXTENSION: Final[Shape] = {"type": "object"}
_COUNT: Final[Shape] = {"type": "integer", "minimum": 0}
_URL: Final = _text(pattern=_ABSOLUTE)
_WHO: Final[Shape] = {
    "userId": _text(maxLength=2048, description="Type/id of who is at the screen"),
    "patientId": _text(
        maxLength=512,
        pattern=r"^[\w~:@+=-][\w.~:@+=-]*$",
        description="bare id of the Patient",
    ),
    "encounterId": _or_null(
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
    "PatientViewContext": _object("userId patientId", _WHO),
    "OrderSelectContext": _object(
        "userId patientId selections draftOrders", {**_WHO, **_SELECTIONS, **_DRAFTS}
    ),
    "OrderSignContext": _object("userId patientId draftOrders", {**_WHO, **_DRAFTS}),
}


def _feedback(outcome: str) -> Shape:
    named = " acceptedSuggestions" if outcome == "accepted" else ""
    return _object(
        f"card outcome outcomeTimestamp{named}",
        {
            "card": _text(),
            "outcome": {"const": outcome},
            "acceptedSuggestions": {"type": "array", "items": _object("id", {"id": _text()})},
            "overrideReason": ref("OverrideReason"),
            "overrideReasons": ref("OverrideReason"),
            "outcomeTimestamp": _text(format="date-time"),
            "extension": _EXTENSION,
        },
    )


_REQUESTS: Final[Shape] = {
    "Bundle": _object("resourceType", {"resourceType": {"const": "Bundle"}}),
    "FhirAuthorization": _object(
        "access_token token_type expires_in scope subject",
        {
            "access_token": _text(maxLength=16_384, pattern="^[!-~]+$"),
            "token_type": {"const": "Bearer"},
            "expires_in": {"type": "integer", "description": "seconds"},
            "scope": {"type": "string"},
            "subject": {"type": "string"},
            "patient": _or_null({"type": "string"}),
        },
    ),
    "Prefetch": {
        "type": "object",
        "description": "values of advertised keys; null: asked for, and nothing found",
        "additionalProperties": {"type": ["object", "null"]},
    },
    "FeedbackRequest": _object("feedback", {"feedback": _list(ref("Feedback"))}),
    "Feedback": {"anyOf": [_feedback("accepted"), _feedback("overridden")]},
    "OverrideReason": {
        "type": "object",
        "properties": {"reason": {"type": "object"}, "userComment": {"type": "string"}},
    },
    "TimelineRequest": _object(
        "request from to",
        {
            "request": ref("PatientViewRequest"),
            "from": _text(format="date-time"),
            "to": _text(format="date-time"),
            "stepMinutes": {"type": "integer", "minimum": 1, "default": 60},
        },
    ),
}


def _envelope(hook: str, context: str) -> Shape:
    return _object(
        "hook hookInstance context",
        {
            "hook": {"const": hook},
            "hookInstance": _text(
                maxLength=2048, pattern=r"\S", description="a UUID, of any version and case"
            ),
            "context": ref(context),
            "prefetch": _or_null(ref("Prefetch")),
            "fhirServer": _or_null(_text(maxLength=2048, pattern=r"\S")),
            "fhirAuthorization": _or_null(ref("FhirAuthorization")),
            "extension": _or_null({"type": "object"}),
        },
    )


_ENVELOPES: Final[Shape] = {
    "PatientViewRequest": _envelope("patient-view", "PatientViewContext"),
    "OrderSelectRequest": _envelope("order-select", "OrderSelectContext"),
    "OrderSignRequest": _envelope("order-sign", "OrderSignContext"),
}

_CARDS: Final[Shape] = {
    "Coding": _closed("code system", {"code": _text(), "system": _URL, "display": _text()}),
    "ShownCoding": _closed(
        "code system display", {"code": _text(), "system": _URL, "display": _text()}
    ),
    "Topic": _closed(
        "code system display",
        {"code": _text(pattern="^[A-Za-z0-9]{1,100}$"), "system": _URL, "display": _text()},
    ),
    "Source": _closed(
        "label topic", {"label": _text(), "url": _URL, "icon": _URL, "topic": ref("Topic")}
    ),
    "Link": _closed(
        "label url type",
        {
            "label": _text(),
            "url": _URL,
            "type": _enum(("absolute", "smart")),
            "appContext": _text(),
            "autolaunchable": {"type": "boolean"},
        },
        **{
            "if": _object("appContext", {}),
            "then": {"properties": {"type": {"const": "smart"}}},
        },
    ),
    "Resource": _object("resourceType", {"resourceType": _text(pattern="^[A-Z][A-Za-z]+$")}),
    "Action": {
        "oneOf": [
            _closed(
                "type description resource",
                {
                    "type": _enum(("create", "update")),
                    "description": _text(),
                    "resource": ref("Resource"),
                    "extension": _EXTENSION,
                },
            ),
            _closed(
                "type description resourceId",
                {
                    "type": {"const": "delete"},
                    "description": _text(),
                    "resourceId": _text(pattern=_REFERENCE),
                    "extension": _EXTENSION,
                },
            ),
        ]
    },
    "Suggestion": _closed(
        "label uuid actions",
        {
            "label": _text(),
            "uuid": _UUID,
            "isRecommended": {"type": "boolean"},
            "actions": _list(ref("Action"), maxItems=1),
            "extension": _EXTENSION,
        },
    ),
    "Card": _closed(
        "uuid summary indicator source",
        {
            "uuid": _UUID,
            "summary": _text(maxLength=SUMMARY_LIMIT, pattern=r"^[^\r\n]+$"),
            "detail": _text(),
            "indicator": _enum(Indicator),
            "source": ref("Source"),
            "suggestions": _list(ref("Suggestion")),
            "selectionBehavior": _enum(("any", "at-most-one")),
            "overrideReasons": _list(ref("ShownCoding"), uniqueItems=True),
            "links": _list(ref("Link")),
            "extension": _EXTENSION,
        },
        dependentRequired={
            "suggestions": ["selectionBehavior"],
            "selectionBehavior": ["suggestions"],
        },
    ),
}

_GRADE: Final[Shape] = {"type": "integer", "minimum": 0, "maximum": 4}
_ANSWERS: Final[Shape] = {
    "CardsResponse": _closed(
        "cards extension",
        {
            "cards": {"type": "array", "items": ref("Card")},
            "extension": _closed(EXTENSION_NAME, {EXTENSION_NAME: ref("Assessment")}),
        },
    ),
    "Assessment": _object(
        "crs icans evaluatedAt contentEdition",
        {
            "crs": ref("Syndrome"),
            "icans": ref("Syndrome"),
            "evaluatedAt": _text(format="date-time"),
            "contentEdition": _text(),
            "infusion": _object(
                "time day", {"product": _text(), "time": _text(), "day": {"type": "integer"}}
            ),
            "orders": _list(
                _object(
                    "",
                    {"order": _text(), "ingredients": _texts(), "rules": _texts()},
                    minProperties=1,
                )
            ),
        },
    ),
    "Syndrome": _closed(
        "state",
        {
            "lo": _GRADE,
            "hi": _GRADE,
            "state": _enum(State),
            "missing": _texts(),
            "stale": _texts(),
            "rules": _texts(),
        },
        dependentRequired={"lo": ["hi"], "hi": ["lo"]},
    ),
    "TimelineResponse": _closed("points", {"points": _list(ref("Assessment"))}),
    "FeedbackResponse": _object("", {}, minProperties=1),
    "OperationOutcome": _closed(
        "resourceType issue",
        {
            "resourceType": {"const": "OperationOutcome"},
            "issue": _list(
                _closed(
                    "severity code diagnostics",
                    {
                        "severity": _enum(("fatal", "error", "warning", "information")),
                        "code": _text(),
                        "diagnostics": _text(),
                    },
                )
            ),
        },
    ),
    "Discovery": _closed("services", {"services": {"type": "array", "items": ref("Service")}}),
    "Service": _closed(
        "hook id title description version hookVersion usageRequirements prefetch",
        {
            "hook": _text(),
            "id": _text(pattern="^[A-Za-z0-9._~-]{1,64}$"),
            "title": _text(),
            "description": _text(),
            "version": _text(pattern=r"^\d+\.\d+\.\d+$"),
            "hookVersion": _text(),
            "usageRequirements": _text(),
            "prefetch": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": _text(pattern="^[A-Z][A-Za-z]+[/?]"),
            },
            "extension": _EXTENSION,
        },
    ),
    "Status": _object("status", {"status": _text()}),
    "Analytics": _closed(
        "since unmatchedFeedback rows",
        {
            "since": _text(format="date-time"),
            "unmatchedFeedback": _COUNT,
            "rows": {"type": "array", "items": ref("CardUse")},
        },
    ),
    "CardUse": _closed(
        "rule",
        {
            "rule": _text(),
            "week": _text(format="date"),
            "contentEditions": _texts(),
            "reasons": {"type": "object", "minProperties": 1, "additionalProperties": _COUNT},
            "medianSeconds": {"type": "number", "minimum": 0},
            "p90Seconds": {"type": "number", "minimum": 0},
            **dict.fromkeys(
                (
                    "fewerThan",
                    "fired",
                    "shown",
                    "suppressed",
                    "shadow",
                    "accepted",
                    "overridden",
                    "ignored",
                ),
                _COUNT,
            ),
        },
    ),
}

SHAPES: Final[Shape] = _CONTEXTS | _REQUESTS | _ENVELOPES | _CARDS | _ANSWERS
"""Every shape, by name."""
