"""What is answered where it could not be read whether CAR-T was given: a 412, or a card."""

from __future__ import annotations

from cards import Card, scope_unknown_card
from cards.unread import reason_text, unread_lines
from fhir_mappings.record import INFUSION_KEYS, keys_short_of
from service.call import Call
from service.chart import Chart
from service.errors import MissingData
from service.rounds import NO_PATIENT, PATIENT
from service.settings import ScopeUnknown
from service.unread import reason_of

_TRUNCATED = "truncated"
_UNSURE = "unsure"


def scope_gap_card(call: Call, chart: Chart) -> Card:
    """The card that says why it is not known whether CAR-T was given.

    Raises:
        MissingData: a 412 that names the keys is wanted instead (PREF-15).
    """
    why = _reasons(chart)
    if call.scope_unknown is ScopeUnknown.STATUS_412:
        raise MissingData(
            *(f"prefetch key {key}: {reason_text(kind)}" for key, kind in why.items())
        )
    return scope_unknown_card(call.card_context(), "; ".join(unread_lines(tuple(why.items()))))


def _reasons(chart: Chart) -> dict[str, str]:
    """Why each key falls short that can say whether CAR-T was given."""
    short = {*keys_short_of(chart.record, chart.infusion_since), *chart.record.unsure_keys}
    why = {key: _reason(key, chart) for key in INFUSION_KEYS if key in short}
    unknown = chart.failures.get(PATIENT) in NO_PATIENT
    return ({PATIENT: chart.failures[PATIENT]} if unknown else {}) | why


def _reason(key: str, chart: Chart) -> str:
    if key in chart.record.unsure_keys:
        return _UNSURE
    return chart.failures.get(key) or reason_of(chart.reads.get(key)) or _TRUNCATED
