"""Why it could not be read whether CAR-T was given, for the 412 or the card that says so."""

from __future__ import annotations

from collections.abc import Mapping

from fhir_mappings.record import INFUSION_KEYS, keys_short_of
from service.call import Call
from service.chart import Chart, window_start
from service.errors import MissingData

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
    "redirects": "the FHIR server redirects again and again",
    "bad-link": "the link to the next page cannot be read",
    "page-loop": "the link to the next page leads back",
    "too-large": "a page is larger than is read",
    "too-many": "there are more pages than are read",
}
_HTTP = "http-"


def reasons(call: Call, chart: Chart) -> dict[str, str]:
    """Why each key falls short that can say whether CAR-T was given."""
    short = {*keys_short_of(chart.record, window_start(call)), *chart.record.unsure_keys}
    return {key: _reason(key, chart) for key in INFUSION_KEYS if key in short}


def _reason(key: str, chart: Chart) -> str:
    if key in chart.record.unsure_keys:
        return _UNSURE
    if key in chart.failures:
        return chart.failures[key]
    if key not in chart.reads:
        return _ABSENT
    return chart.reads[key].not_read or _TRUNCATED


def reason_text(why: Mapping[str, str]) -> str:
    """The reasons in one phrase."""
    return "; ".join(f"{key}: {_words(kind)}" for key, kind in why.items())


def missing_data(why: Mapping[str, str]) -> MissingData:
    """The 412 that names the keys (PREF-15)."""
    told = (f"prefetch key {key}: {_words(kind)}" for key, kind in why.items())
    return MissingData(*told)


def _words(kind: str) -> str:
    if kind.startswith(_HTTP):
        return f"the FHIR server answered with status {kind.removeprefix(_HTTP)}"
    return _WORDS[kind]
