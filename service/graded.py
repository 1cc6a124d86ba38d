"""What every hook makes of a chart: the grades, the assessment beside the cards, the log line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cards import assessment
from cards.extension import EXTENSION_NAME
from fhir_mappings.issues import DataIssue
from grading import assess, recommend
from grading.model import Recommendation, Scope, Verdict
from service import metrics
from service.call import Answer, Call
from service.chart import Chart, read_chart
from service.fired import Fired
from service.log import Fields
from service.metrics import Stage
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

    @metrics.stage(Stage.COMPOSE)
    def answer(
        self, fired: Sequence[Fired], more: Mapping[str, Any], rules: Iterable[str], facts: Fields
    ) -> Answer:
        """The cards beside the assessment that they were made from.

        `more` is added to the assessment, `rules` and `facts` to what is logged.
        """
        verdict, snapshot = self.verdict, self.chart.course.snapshot
        told = assessment(verdict, snapshot, self.recommendations) | site_member(self.site)
        told |= more
        rules_held = (*verdict.crs.rules, *verdict.icans.rules, *verdict.overlap_rules, *rules)
        logged: Fields = {
            **facts,
            "scope": verdict.scope,
            "rules": tuple(dict.fromkeys(rules_held)),
            "cards": len(fired),
            "card_uuids": tuple(each.card.uuid for each in fired),
            "issues": _counts(self.issues),
            "keys": self.chart.absent,
            "reads_ms": self.chart.reads_ms,
        }
        return Answer(fired, {EXTENSION_NAME: told}, logged)


def grade(call: Call, wanted: Wanted = GRADING_ONLY) -> Graded:
    """Read the patient's chart and grade it.

    Raises:
        Unprocessable: the Patient that was delivered is another one.
        Unavailable: the time was over before anything was graded.
    """
    chart = read_chart(call, wanted)
    call.check_time()
    with metrics.stage(Stage.GRADE):
        verdict = assess(chart.course)
        recommendations = recommend(chart.course, verdict) if verdict.scope is Scope.IN else ()
    issues = chart.record.issues_at(call.now)
    return Graded(chart, verdict, recommendations, issues, call.runtime.site.edition)


def _counts(issues: Iterable[DataIssue]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for issue in issues:
        counts[issue.kind] = counts.get(issue.kind, 0) + issue.count
    return counts
