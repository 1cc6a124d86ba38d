"""What is answered where it could not be read whether CAR-T was given: a 412, or a card."""

from __future__ import annotations

from collections.abc import Mapping

from cards import Card, scope_unknown_card
from fhir_mappings.record import INFUSION_KEYS, keys_short_of
from service.call import Call
from service.chart import Chart
from service.errors import MissingData
from service.settings import ScopeUnknown

_ABSENT = "absent"
_TRUNCATED = "truncated"
_UNSURE = "unsure"
_WORDS: Mapping[str, str] = {
    _ABSENT: "not delivered, and no FHIR server to read from",
    _TRUNCATED: "does not reach back far enough",
    _UNSURE: "holds a record that may be the infusion, but cannot be used as charted",
    "outcome": "the server answered with an error",
    "everyone": "the server searched without the patient",
    "server-not-allowed": "not delivered, and the FHIR server may not be read",
    "token-expired": "not delivered, and the token has expired",
    "token-of-other-patient": "not delivered, and the token is of another patient",
    "timeout": "the FHIR server did not answer in time",
    "connection": "the FHIR server cannot be reached",
    "broken-answer": "the FHIR server's answer broke off",
    "not-json": "the FHIR server answered with something else than JSON",
    "not-fhir": "the FHIR server answered with something else than FHIR",
    "other-origin": "the FHIR server leads to another server",
    "redirects": "the FHIR server redirects, which is not followed",
    "bad-link": "the link to the next page cannot be read",
    "page-loop": "the link to the next page leads back",
    "too-large": "a page is larger than is read",
    "too-many": "there are more pages than are read",
}
_HTTP = "http-"


def scope_gap_card(call: Call, chart: Chart) -> Card:
    """The card that says why it is not known whether CAR-T was given.

    Raises:
        MissingData: a 412 that names the keys is wanted instead (PREF-15).
    """
    why = _reasons(chart)
    if call.runtime.settings.scope_unknown is ScopeUnknown.STATUS_412:
        raise MissingData(*(f"prefetch key {key}: {_words(kind)}" for key, kind in why.items()))
    told = "; ".join(f"{key}: {_words(kind)}" for key, kind in why.items())
    return scope_unknown_card(call.card_context(), told)


def _reasons(chart: Chart) -> dict[str, str]:
    """Why each key falls short that can say whether CAR-T was given."""
    short = {*keys_short_of(chart.record, chart.infusion_since), *chart.record.unsure_keys}
    return {key: _reason(key, chart) for key in INFUSION_KEYS if key in short}


def _reason(key: str, chart: Chart) -> str:
    if key in chart.record.unsure_keys:
        return _UNSURE
    if key in chart.failures:
        return chart.failures[key]
    if key not in chart.reads:
        return _ABSENT
    return chart.reads[key].not_read or _TRUNCATED


def _words(kind: str) -> str:
    if kind.startswith(_HTTP):
        return f"the FHIR server answered with status {kind.removeprefix(_HTTP)}"
    return _WORDS[kind]
