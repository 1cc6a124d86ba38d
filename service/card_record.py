"""Which cards of a call are shown, and the record of them all: after composing, before the answer.

A card that was accepted or overridden is quiet while nothing changed and the window runs
(design.md section 8). Where the store fails every card is shown.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import msgspec
from flask import g

from cards import Card
from cards.wording import held_text
from grading.knowledge import EDITION
from grading.model import HOUR, Instant
from service import metrics
from service.auth import Caller
from service.call import Call
from service.card_store import SHADOW, SUPPRESSED, CardStore, OpenCards, Quiet
from service.feedback_store import SHOWN
from service.fired import Fired
from service.log import Event, write
from service.metrics import StoreUse
from service.store import StoreError
from service.vault import Vault

_NOT_RECORDED: Final = "fired cards were not recorded"


class Settled(NamedTuple):
    """The cards that are shown, how many are held back, and how many could not be recorded."""

    cards: Sequence[Card]
    suppressed: int = 0
    unrecorded: int = 0


class Timing(NamedTuple):
    """Milliseconds of a call: of its reads, and until its cards were composed."""

    reads: float
    total: float


@dataclass(frozen=True, slots=True)
class Heard:
    """A call whose cards are to be settled: who makes it, and how long it took so far."""

    call: Call
    caller: Caller | None
    service: str
    timing: Timing

    @property
    def shadow(self) -> bool:
        """Whether its client is answered without cards."""
        return bool(self.caller and self.caller.client.shadow)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A card with the keys of its subject, newest first, and what is kept of that subject."""

    fired: Fired
    subjects: Sequence[bytes]
    signature: bytes
    kept: Quiet | None = None
    state: str = SHOWN


@dataclass(slots=True)
class CardRecord:
    """The record of one process; `window_h`: how long a card that was answered is quiet.

    `unrecorded` counts the cards that were shown and could not be recorded.
    """

    store: CardStore
    vault: Vault
    window_h: int
    unrecorded: int = field(default=0, init=False)

    def settle(self, heard: Heard, fired: Sequence[Fired]) -> Settled:
        """Decide what is shown, and record all; nothing is done where no card fired."""
        if not fired:
            return Settled(())
        now = heard.call.runtime.clock()
        choices = [self._choice(heard, each) for each in fired]
        try:
            with self.store.opened(_NOT_RECORDED) as cards:
                decided = self._decided(cards, choices, heard, now)
                cards.record([_row(heard, each, now) for each in decided])
        except StoreError as error:
            return self._failed(heard, fired, error)
        return _settled(heard, decided)

    def _failed(self, heard: Heard, fired: Sequence[Fired], error: StoreError) -> Settled:
        self.unrecorded += len(fired)
        metrics.store_failed(StoreUse.CARDS)
        write(Event.STORE_FAILED, logging.ERROR, reason=str(error), **g.get("call", {}))
        shown = () if heard.shadow else tuple(each.card for each in fired)
        return Settled(shown, unrecorded=len(fired))

    def _choice(self, heard: Heard, fired: Fired) -> _Choice:
        """The card with a keyed hash of client, tenant, FHIR base, patient, user and topic."""
        call, caller = heard.call, heard.caller
        context = call.request.context
        said = (
            "quiet",
            (caller.client.name, caller.tenant) if caller else (),
            (call.request.fhir_server or "").rstrip("/"),
            context.patient_id,
            context.user_id,
            fired.topic,
        )
        keys = self.vault.fingerprints(msgspec.json.encode(said)) if fired.may_be_quiet else ()
        return _Choice(fired, keys, fired.signature())

    def _decided(
        self, cards: OpenCards, choices: Sequence[_Choice], heard: Heard, now: Instant
    ) -> Sequence[_Choice]:
        if heard.shadow:
            return [replace(each, state=SHADOW) for each in choices]
        subjects = {key for each in choices for key in each.subjects} if self.window_h else ()
        if not subjects:
            return choices
        kept = cards.quiet(subjects)
        if not kept:
            return choices
        decided = [self._judged(each, kept, now) for each in choices]
        rows = [(each.state, each.kept) for each in decided if each.kept]
        cards.count_held(
            [row.subject for state, row in rows if state == SUPPRESSED],
            [row.subject for state, row in rows if state == SHOWN and row.held],
        )
        return decided

    def _judged(self, choice: _Choice, kept: Mapping[bytes, Quiet], now: Instant) -> _Choice:
        """Quiet only while the signature is equal and the window runs."""
        found = [kept[key] for key in choice.subjects if key in kept]
        if not found:
            return choice
        latest = max(found, key=lambda row: row.since)
        runs = now < latest.since + self.window_h * HOUR
        quiet = runs and latest.signature == choice.signature
        return replace(choice, kept=latest, state=SUPPRESSED if quiet else SHOWN)


def _settled(heard: Heard, decided: Sequence[_Choice]) -> Settled:
    if heard.shadow:
        return Settled(())
    held = [each.fired.card for each in decided if each.state == SUPPRESSED]
    for card in held:
        metrics.suppressed(card.source.topic.code if card.source.topic else "")
    shown = [each for each in decided if each.state == SHOWN]
    cards = [_told(each, held if index == 0 else ()) for index, each in enumerate(shown)]
    return Settled(cards, suppressed=len(held))


def _told(choice: _Choice, held: Collection[Card]) -> Card:
    """The card, with one line on what was held back beside it, and of itself before."""
    card = choice.fired.card
    topics = [each.source.topic.display or "" for each in held if each.source.topic]
    times = choice.kept.held if choice.kept else 0
    if not topics and not times:
        return card
    return replace(card, detail=f"{card.detail}\n\n{held_text(times, topics)}")


def _row(heard: Heard, choice: _Choice, now: Instant) -> Mapping[str, Any]:
    fired, caller, site = choice.fired, heard.caller, heard.call.runtime.site.edition
    return {
        "card": fired.card.uuid,
        "fired": now,
        "hook_instance": heard.call.request.instance,
        "client": caller.client.name if caller else "",
        "tenant": caller.tenant if caller else None,
        "service": heard.service,
        "topic": fired.topic,
        "rules": " ".join(fired.rules),
        "indicator": fired.card.indicator.value,
        **dict(zip(("crs_lo", "crs_hi", "icans_lo", "icans_hi"), fired.bounds, strict=True)),
        "content_edition": EDITION,
        "site_edition": None if site is None else str(site),
        "state": choice.state,
        "reads_ms": heard.timing.reads,
        "total_ms": heard.timing.total,
        "subject": choice.subjects[0] if choice.subjects else None,
        "signature": choice.signature,
    }
