"""The shapes of answers, as JSON Schema: our reading of CDS Hooks 2.0 to 3.0.

They are closed, so that a member that CDS Hooks does not name cannot slip in (CARD-16, RESP-8).
"""

from __future__ import annotations

from typing import Final

from cards.extension import EXTENSION_NAME
from cards.model import SUMMARY_LIMIT, Indicator
from grading.model import State
from service.json_shapes import (
    COUNT,
    EXTENSION,
    REFERENCE,
    URL,
    UUID,
    Shape,
    closed_object,
    items,
    one_of,
    open_object,
    ref,
    text,
    texts,
)

_CARDS: Final[Shape] = {
    "Coding": closed_object("code system", {"code": text(), "system": URL, "display": text()}),
    "ShownCoding": closed_object(
        "code system display", {"code": text(), "system": URL, "display": text()}
    ),
    "Topic": closed_object(
        "code system display",
        {"code": text(pattern="^[A-Za-z0-9]{1,100}$"), "system": URL, "display": text()},
    ),
    "Source": closed_object(
        "label topic", {"label": text(), "url": URL, "icon": URL, "topic": ref("Topic")}
    ),
    "Link": closed_object(
        "label url type",
        {
            "label": text(),
            "url": URL,
            "type": one_of(("absolute", "smart")),
            "appContext": text(),
            "autolaunchable": {"type": "boolean"},
        },
        **{
            "if": open_object("appContext", {}),
            "then": {"properties": {"type": {"const": "smart"}}},
        },
    ),
    "Resource": open_object("resourceType", {"resourceType": text(pattern="^[A-Z][A-Za-z]+$")}),
    "Action": {
        "oneOf": [
            closed_object(
                "type description resource",
                {
                    "type": one_of(("create", "update")),
                    "description": text(),
                    "resource": ref("Resource"),
                    "extension": EXTENSION,
                },
            ),
            closed_object(
                "type description resourceId",
                {
                    "type": {"const": "delete"},
                    "description": text(),
                    "resourceId": text(pattern=REFERENCE),
                    "extension": EXTENSION,
                },
            ),
        ]
    },
    "Suggestion": closed_object(
        "label uuid actions",
        {
            "label": text(),
            "uuid": UUID,
            "isRecommended": {"type": "boolean"},
            "actions": items(ref("Action"), maxItems=1),
            "extension": EXTENSION,
        },
    ),
    "Card": closed_object(
        "uuid summary indicator source",
        {
            "uuid": UUID,
            "summary": text(maxLength=SUMMARY_LIMIT, pattern=r"^[^\r\n]+$"),
            "detail": text(),
            "indicator": one_of(Indicator),
            "source": ref("Source"),
            "suggestions": items(ref("Suggestion")),
            "selectionBehavior": one_of(("any", "at-most-one")),
            "overrideReasons": items(ref("ShownCoding"), uniqueItems=True),
            "links": items(ref("Link")),
            "extension": EXTENSION,
        },
        dependentRequired={
            "suggestions": ["selectionBehavior"],
            "selectionBehavior": ["suggestions"],
        },
    ),
}

_GRADE: Final[Shape] = {"type": "integer", "minimum": 0, "maximum": 4}
_BODIES: Final[Shape] = {
    "CardsResponse": closed_object(
        "cards extension",
        {
            "cards": {"type": "array", "items": ref("Card")},
            "extension": closed_object(EXTENSION_NAME, {EXTENSION_NAME: ref("Assessment")}),
        },
    ),
    "Assessment": open_object(
        "crs icans evaluatedAt contentEdition",
        {
            "crs": ref("Syndrome"),
            "icans": ref("Syndrome"),
            "evaluatedAt": text(format="date-time"),
            "contentEdition": text(),
            "infusion": open_object(
                "time day", {"product": text(), "time": text(), "day": {"type": "integer"}}
            ),
            "orders": items(
                open_object(
                    "",
                    {"order": text(), "ingredients": texts(), "rules": texts()},
                    minProperties=1,
                )
            ),
        },
    ),
    "Syndrome": closed_object(
        "state",
        {
            "lo": _GRADE,
            "hi": _GRADE,
            "state": one_of(State),
            "missing": texts(),
            "stale": texts(),
            "rules": texts(),
        },
        dependentRequired={"lo": ["hi"], "hi": ["lo"]},
    ),
    "TimelineResponse": closed_object("points", {"points": items(ref("Assessment"))}),
    "FeedbackResponse": open_object("", {}, minProperties=1),
    "OperationOutcome": closed_object(
        "resourceType issue",
        {
            "resourceType": {"const": "OperationOutcome"},
            "issue": items(
                closed_object(
                    "severity code diagnostics",
                    {
                        "severity": one_of(("fatal", "error", "warning", "information")),
                        "code": text(),
                        "diagnostics": text(),
                    },
                )
            ),
        },
    ),
    "Discovery": closed_object(
        "services", {"services": {"type": "array", "items": ref("Service")}}
    ),
    "Service": closed_object(
        "hook id title description version hookVersion usageRequirements prefetch",
        {
            "hook": text(),
            "id": text(pattern="^[A-Za-z0-9._~-]{1,64}$"),
            "title": text(),
            "description": text(),
            "version": text(pattern=r"^\d+\.\d+\.\d+$"),
            "hookVersion": text(),
            "usageRequirements": text(),
            "prefetch": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": text(pattern="^[A-Z][A-Za-z]+[/?]"),
            },
            "extension": EXTENSION,
        },
    ),
    "Status": open_object("status", {"status": text()}),
    "Analytics": closed_object(
        "since unmatchedFeedback rows",
        {
            "since": text(format="date-time"),
            "unmatchedFeedback": COUNT,
            "rows": {"type": "array", "items": ref("CardUse")},
        },
    ),
    "CardUse": closed_object(
        "rule",
        {
            "rule": text(),
            "week": text(format="date"),
            "contentEditions": texts(),
            "reasons": {"type": "object", "minProperties": 1, "additionalProperties": COUNT},
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
                COUNT,
            ),
        },
    ),
}

ANSWERS: Final[Shape] = _CARDS | _BODIES
"""Every shape of an answer, by name."""
