"""The one card for what is missing: syndromes without a grade, old checks, odd chart data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cards.basis import basis_table, cited
from cards.case import NAMES, Case
from cards.gaps import gap_reason, gap_text, stale_text
from cards.issues import issue_text
from cards.markdown import bullets
from cards.model import Card, Indicator
from cards.references import References
from cards.sections import CLOSING, joined, titled
from cards.site_policy import rules_of, site_section
from cards.summaries import ungraded_summary
from cards.topics import DATA_GAP, source_of, stable_uuid
from cards.unread import Unread, is_gap, unread_lines
from cards.wording import grade_text, listed, missing_name
from fhir_mappings.issues import DataIssue, IssueKind
from grading.dosing import weigh
from grading.model import Advice, Assessment, Missing, Recommendation

_GAP_RULES = ("IN-10", "MON-7")
"""What the lines on old checks and on a missing weight rest on."""
_MONITORED = (Missing.TEMPERATURE, Missing.ICE, Missing.CAPD)
"""Inputs whose age alone asks for a new check (MON-7)."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """What the card is about; with nothing in any of them there is no card.

    `ungraded`: syndromes of a range, without a card of their own. `stale`: checks older than their
    interval. `missing`: what no grade rests on but a dose or an age band does. `unread`: what of
    the chart could not be read.
    """

    ungraded: tuple[Assessment, ...]
    stale: tuple[str, ...]
    missing: tuple[str, ...]
    issues: tuple[DataIssue, ...]
    unread: Unread = ()

    def __bool__(self) -> bool:
        """Whether there is anything to say."""
        gaps = (self.ungraded, self.stale, self.missing, self.issues)
        return any(gaps) or is_gap(self.unread)


def gaps_of(
    case: Case,
    uncarded: Sequence[Assessment],
    recommendations: Sequence[Recommendation],
    issues: Sequence[DataIssue],
) -> Gaps:
    """The gaps that no other card names; `uncarded`: the syndromes without a card of their own."""
    ungraded = tuple(item for item in uncarded if not item.grade.exact)
    return Gaps(
        ungraded,
        tuple(_stale(case, uncarded)),
        tuple(_unsaid(case, uncarded, recommendations)),
        tuple(item for item in issues if not _is_replayed(case, item)),
        case.context.unread,
    )


def gap_card(case: Case, gaps: Gaps) -> Card:
    """The data-gap card; a warning while a syndrome cannot be graded in the usual time for it."""
    references = References(case.context)
    references.mark(["astct-2019"])
    for assessment in gaps.ungraded:
        references.mark(cited(assessment))
    sections = (
        _lead(case, gaps),
        *(_ungraded(case, assessment) for assessment in gaps.ungraded),
        bullets(_lines(case, gaps)),
        titled("Not read, so not known", bullets(unread_lines(gaps.unread))),
        titled("Chart data not used", bullets(issue_text(issue) for issue in gaps.issues)),
        site_section(case.context, {*rules_of(gaps.ungraded), *_GAP_RULES}),
        references.section(),
        CLOSING,
    )
    return Card(
        uuid=stable_uuid(case.context, DATA_GAP.code),
        summary=_summary(case, gaps),
        indicator=Indicator.WARNING if gaps.ungraded and _is_usual(case) else Indicator.INFO,
        source=source_of(DATA_GAP, case.context),
        detail=joined(sections),
        links=references.links(),
    )


def _stale(case: Case, uncarded: Sequence[Assessment]) -> Iterator[str]:
    if _day(case) <= case.context.policy.mon_max_day:
        for assessment in uncarded:
            yield from (key for key in assessment.stale if key in _MONITORED)


def _unsaid(
    case: Case, uncarded: Sequence[Assessment], recommendations: Sequence[Recommendation]
) -> Iterator[str]:
    """Age and weight, where no other card names them as missing."""
    if case.verdict.age_y is None and case.verdict.crs in uncarded:
        yield Missing.AGE
    said = any(
        item.drug is not None and item.drug.why_no_dose == Advice.WEIGHT_MISSING
        for item in recommendations
    )
    dosing = _is_usual(case) or case.verdict.crs.grade.hi >= 1
    if dosing and not said and weigh(case.snapshot, case.context.policy).used is None:
        yield Missing.WEIGHT


def _is_replayed(case: Case, issue: DataIssue) -> bool:
    """Whether it lies after an instant that was chosen: left out on purpose, so no issue."""
    return case.context.replay and issue.kind is IssueKind.FUTURE


def _day(case: Case) -> int:
    return case.verdict.infusion.day if case.verdict.infusion else 0


def _is_usual(case: Case) -> bool:
    """Whether CRS and ICANS are still usual: a gap later on is told without a warning."""
    return _day(case) <= case.context.policy.soften_max_day


def _summary(case: Case, gaps: Gaps) -> str:
    if gaps.ungraded:
        names = [NAMES[item.syndrome] for item in gaps.ungraded]
        missing = tuple(dict.fromkeys(key for item in gaps.ungraded for key in _widening(item)))
        reason = gap_reason(missing[0], case.snapshot, case.words) if missing else ""
        return ungraded_summary(names, missing, reason)
    if gaps.stale:
        names = [missing_name(key) for key in gaps.stale]
        return f"New check is due by the monitoring interval: {listed(names)}"
    if gaps.missing:
        return f"Missing for CRS and ICANS care: {listed(map(missing_name, gaps.missing))}"
    if gaps.issues:
        return "Some chart data could not be used for CRS and ICANS grading"
    return "A part of the chart could not be read for CRS and ICANS grading"


def _lead(case: Case, gaps: Gaps) -> str:
    """The first line: what cannot be graded between which bounds, and where the patient stands."""
    grades = [
        f"**{NAMES[item.syndrome]} cannot be graded: could be {grade_text(item.grade)}.**"
        for item in gaps.ungraded
    ]
    return " ".join((*(grades or ["**Data gaps.**"]), case.infusion_text()))


def _ungraded(case: Case, assessment: Assessment) -> str:
    """What is missing for one syndrome, its notes, and the basis of what is known."""
    missing = [gap_text(key, case.snapshot, case.words) for key in _widening(assessment)]
    lines = [f"Missing: {', '.join(missing)}."] if missing else []
    lines += [case.words.say(key) for key in (*assessment.notes, *assessment.assumptions)]
    body = joined((bullets(lines), basis_table(assessment, case.words)))
    return titled(NAMES[assessment.syndrome], body)


def _lines(case: Case, gaps: Gaps) -> Iterator[str]:
    policy = case.context.policy
    for key in gaps.stale:
        hours = policy.mon_temperature_h if key == Missing.TEMPERATURE else policy.ice_interval_h
        stale = stale_text(key, case.snapshot, case.words)
        yield f"**Older than {hours} h:** {stale}; a new check is due."
    if gaps.missing:
        missing = (gap_text(key, case.snapshot, case.words) for key in gaps.missing)
        yield f"**Missing:** {', '.join(missing)}."


def _widening(assessment: Assessment) -> tuple[str, ...]:
    """What is missing, without the age, which is told apart."""
    return tuple(key for key in assessment.missing if key != Missing.AGE)
