"""What every hook makes of a chart: the grades, the assessment beside the cards, the log line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cards import Card, assessment, dump_cards, with_app_link
from cards.extension import EXTENSION_NAME
from fhir_mappings.issues import DataIssue
from grading import assess, recommend
from grading.model import Recommendation, Scope, Verdict
from service.call import Answer, Call
from service.chart import Chart, read_chart
from service.log import Fields
from service.site import SiteEdition, site_member
from service.wanted import GRADING_ONLY, Wanted


@dataclass(frozen=True, slots=True)
class Graded:
    """A call's chart with its grades, the options that they give, and what is wrong with it."""

    chart: Chart
    verdict: Verdict
    recommendations: Sequence[Recommendation]
    issues: tuple[DataIssue, ...]
    site: SiteEdition | None = None
    app_url: str = ""

    def answer(
        self, cards: Sequence[Card], more: Mapping[str, Any], rules: Iterable[str], facts: Fields
    ) -> Answer:
        """The cards beside the assessment that they were made from.

        `more` is added to the assessment, `rules` and `facts` to what is logged.
        """
        verdict, snapshot = self.verdict, self.chart.course.snapshot
        told = assessment(verdict, snapshot, self.recommendations) | site_member(self.site)
        told |= more
        linked = with_app_link(cards, self.app_url, snapshot.now)
        body = {"cards": dump_cards(linked), "extension": {EXTENSION_NAME: told}}
        fired = (*verdict.crs.rules, *verdict.icans.rules, *verdict.overlap_rules, *rules)
        logged: Fields = {
            **facts,
            "scope": verdict.scope,
            "rules": tuple(dict.fromkeys(fired)),
            "cards": len(cards),
            "card_uuids": tuple(card.uuid for card in cards),
            "issues": _counts(self.issues),
            "keys": self.chart.absent,
            "reads_ms": self.chart.reads_ms,
        }
        return Answer(body, logged)


def grade(call: Call, wanted: Wanted = GRADING_ONLY) -> Graded:
    """Read the patient's chart and grade it.

    Raises:
        Unprocessable: the Patient that was delivered is another one.
        Unavailable: the time was over before anything was graded.
    """
    chart = read_chart(call, wanted)
    call.check_time()
    verdict = assess(chart.course)
    recommendations = recommend(chart.course, verdict) if verdict.scope is Scope.IN else ()
    issues = chart.record.issues_at(call.now)
    site, app_url = call.runtime.site.edition, call.runtime.settings.smart_url
    return Graded(chart, verdict, recommendations, issues, site, app_url)


def _counts(issues: Iterable[DataIssue]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for issue in issues:
        counts[issue.kind] = counts.get(issue.kind, 0) + issue.count
    return counts
