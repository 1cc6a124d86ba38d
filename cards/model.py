"""The objects of a CDS Hooks answer, as named by its specification.

All are frozen and hold only what was decided; `cards.schemas` turns them into JSON and leaves out
what has no value. Texts are final: `summary` is plain, `detail` is GitHub Flavored Markdown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import Any

import msgspec

from grading.knowledge import AS_SHIPPED, KNOWLEDGE, Overrides, Policy

SUMMARY_LIMIT = 139
"""Code points of a summary: the specification asks for fewer than 140."""


class Indicator(StrEnum):
    """Urgency of a card."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of a topic or of an override reason; without the members that only FHIR has."""

    code: str
    system: str
    display: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The primary source of a card's guidance."""

    label: str
    url: str | None = None
    topic: Coding | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A page to open as it is (`type` absolute), or an app that the EHR launches (`smart`).

    `app_context` is what a launched app is told; never with `absolute` (LINK-4).
    """

    label: str
    url: str
    type: str = "absolute"
    app_context: str | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """What is to become of one resource: create or update `resource`, or delete `resource_id`.

    `resource` is the whole of a validated FHIR model, or the JSON of the order that it replaces;
    `resource_id` is a reference (`MedicationRequest/1`), for a delete alone (ACT-5).
    """

    description: str
    resource: Mapping[str, Any] | msgspec.Raw | None = None
    type: str = "create"
    resource_id: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One draft on offer, with one action; `is_recommended` None: offered without preference."""

    label: str
    uuid: str
    actions: tuple[Action, ...]
    is_recommended: bool | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One card.

    Raises:
        ValueError: the summary is empty, has more than one line or more than `SUMMARY_LIMIT` code
            points.
    """

    uuid: str
    summary: str
    indicator: Indicator
    source: Source
    detail: str
    suggestions: tuple[Suggestion, ...] = ()
    links: tuple[Link, ...] = ()
    override_reasons: tuple[Coding, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a summary that clients would cut or break."""
        if not self.summary.isprintable() or not 0 < len(self.summary) <= SUMMARY_LIMIT:
            raise ValueError(f"summary must be one line of 1 to {SUMMARY_LIMIT} code points")

    @property
    def selection_behavior(self) -> str | None:
        """`any`, the one value that every client knows; None without suggestions."""
        return "any" if self.suggestions else None


@dataclass(frozen=True, slots=True)
class CardContext:
    """What a card needs to know of the request: whom it is for and how to show times.

    `origin`: what else tells the call from those of other services and users, whatever hook
    instance they carry. `encounter_id` None: no encounter in the request. `base_url`
    None: no link to our own pages. `policy` is the one in force, whose numbers the sentences name;
    `overrides`: what of it the site chose. `replay`: the instant was chosen by the caller, so that
    what is charted after it is no issue. `orders`: the JSON of active orders by reference, as far
    as it was delivered, for a suggestion that updates one. `unread`: prefetch keys that were not
    read, or not whole, each with the kind of reason. `unmapped`: inputs that the site's code map
    has nothing for.
    """

    patient_id: str
    encounter_id: str | None
    hook_instance: str
    origin: tuple[str, ...] = ()
    zone: tzinfo = UTC
    base_url: str | None = None
    policy: Policy = KNOWLEDGE.policy
    replay: bool = False
    overrides: Overrides = AS_SHIPPED
    orders: Mapping[str, bytes] = field(default_factory=dict)
    unread: tuple[tuple[str, str], ...] = ()
    unmapped: tuple[str, ...] = ()

    def rule_url(self, rule: str = "") -> str | None:
        """The page of a rule, or of all, where the base URL is known."""
        if self.base_url is None:
            return None
        return "/".join(part for part in (self.base_url.rstrip("/"), "rules", rule) if part)
