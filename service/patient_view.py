"""The patient-view service: from a call to its cards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cards import assessment, compose_cards, dump_cards, scope_unknown_card
from cards.extension import EXTENSION_NAME
from cards.model import Card
from fhir_mappings.issues import DataIssue
from grading import assess, recommend
from grading.model import Recommendation, Scope, Verdict
from service.call import Answer, Call
from service.chart import Chart, read_chart
from service.log import Fields
from service.scope_gap import missing_data, reason_text, reasons
from service.settings import ScopeUnknown


def answer(call: Call) -> Answer:
    """The cards and the assessment they were made from.

    Raises:
        MissingData: whether the patient is in scope could not be read, and no card is wanted.
        Unprocessable: the Patient that was delivered is another one.
        Unavailable: the time was over before anything was graded.
    """
    chart = read_chart(call)
    call.check_time()
    verdict = assess(chart.course)
    issues = chart.record.issues_at(call.now)
    recommendations = recommend(chart.course, verdict) if verdict.scope is Scope.IN else ()
    cards = _cards(call, chart, verdict, recommendations, issues)
    body: dict[str, Any] = {
        "cards": dump_cards(cards),
        "extension": {EXTENSION_NAME: assessment(verdict, chart.course.snapshot, recommendations)},
    }
    return Answer(body, _facts(chart, verdict, issues, len(cards)))


def _cards(
    call: Call,
    chart: Chart,
    verdict: Verdict,
    recommendations: Sequence[Recommendation],
    issues: tuple[DataIssue, ...],
) -> tuple[Card, ...]:
    context = call.card_context()
    if verdict.scope is Scope.UNKNOWN:
        why = reasons(call, chart)
        if call.runtime.settings.scope_unknown is ScopeUnknown.STATUS_412:
            raise missing_data(why)
        return (scope_unknown_card(context, reason_text(why)),)
    return compose_cards(verdict, recommendations, issues, chart.course.snapshot, context)


def _facts(chart: Chart, verdict: Verdict, issues: tuple[DataIssue, ...], cards: int) -> Fields:
    counts: dict[str, int] = {}
    for issue in issues:
        counts[issue.kind] = counts.get(issue.kind, 0) + issue.count
    return {
        "scope": verdict.scope,
        "rules": tuple(dict.fromkeys((*verdict.crs.rules, *verdict.icans.rules))),
        "cards": cards,
        "issues": counts,
        "keys": chart.absent,
        "reads_ms": chart.reads_ms,
    }
