"""The card of one syndrome: grade and why, options, basis, gaps and sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cards.basis import basis_table, cited, deciding, deciding_rule
from cards.case import NAMES, Case, syndromes_of
from cards.gaps import gap_text, stale_text
from cards.ledger import ledger_text
from cards.markdown import bullets, lowered, own_text
from cards.model import Card, Indicator
from cards.options import options_text, ranked
from cards.references import References
from cards.sections import CLOSING, joined, titled
from cards.site_policy import rules_of, site_section
from cards.suggestions import suggestions_of, within_limit
from cards.summaries import speaking_note, syndrome_summary
from cards.topics import CRS, ICANS, source_of, stable_uuid
from cards.wording import grade_text
from grading.model import DAY, Assessment, Note, Recommendation, State, Urgency

_TOPICS = {"crs": CRS, "icans": ICANS}
_OWN_STATES = (State.RESOLVING, State.POSSIBLE_MASKED)
_URGENCY = (Urgency.INFO, Urgency.WARNING, Urgency.CRITICAL)
_FIRST: tuple[str, ...] = (Note.LATE_CRS, Note.LATE_ICANS)
"""Said before the grade (CRS-W1, ICANS-W1)."""
_LEADING: tuple[str, ...] = (
    Note.OPENING_PRESSURE,
    Note.HEMORRHAGE_EXCLUDED,
    Note.FEVER_MASKED,
    Note.FEVER_WAIVED,
    Note.NOT_CRS_WITHOUT_FEVER,
    Note.AFTER_WINDOW_FEVER,
    Note.SEDATED,
    Note.VENTILATED_FOR_HYPOXIA,
    Note.AT_THRESHOLD,
    Note.CHARTED_DIFFERS,
)
"""Said right after the grade; every other note stands with the gaps."""


def has_own_card(assessment: Assessment, recommendations: Sequence[Recommendation]) -> bool:
    """Whether a syndrome has a card; without one its gaps go to the data-gap card.

    So it is with a grade of at least 1, while an episode resolves or may be masked, with a
    recommendation, and with a note that has to be said even at grade 0.
    """
    graded = assessment.grade.lo >= 1 or assessment.state in _OWN_STATES
    return graded or bool(recommendations) or speaking_note(assessment) is not None


def syndrome_card(
    case: Case,
    assessment: Assessment,
    recommendations: Sequence[Recommendation],
    elsewhere: Sequence[Recommendation] = (),
) -> Card:
    """The card of `assessment`.

    `elsewhere`: recommendations that rest on it too, on the card of the other syndrome.
    """
    references = References(case.context)
    references.mark(["astct-2019"])
    offered = within_limit(ranked(recommendations))
    name = NAMES[assessment.syndrome]
    topic = _TOPICS[assessment.syndrome]
    return Card(
        uuid=stable_uuid(case.context, topic.code),
        summary=syndrome_summary(name, assessment),
        indicator=_indicator(assessment, recommendations),
        source=source_of(topic, case.context, deciding_rule(assessment)),
        detail=_detail(case, assessment, offered, elsewhere, references),
        suggestions=suggestions_of(case, offered),
        links=references.links(),
    )


def _indicator(assessment: Assessment, recommendations: Iterable[Recommendation]) -> Indicator:
    """The most urgent recommendation; at least a warning where no grade can be told."""
    urgencies = [Urgency.INFO, *(item.indicator for item in recommendations)]
    if assessment.grade.lo == 0 and not assessment.grade.exact:
        urgencies.append(Urgency.WARNING)
    if speaking_note(assessment) == Note.OPENING_PRESSURE:
        urgencies.append(Urgency.CRITICAL)
    return Indicator(max(urgencies, key=_URGENCY.index).value)


def _detail(
    case: Case,
    assessment: Assessment,
    recommendations: Sequence[Recommendation],
    elsewhere: Sequence[Recommendation],
    references: References,
) -> str:
    options = options_text(recommendations, case.words, references)
    pointers = bullets(_pointer(item) for item in elsewhere)
    references.mark(cited(assessment))
    sections = (
        _headline(case, assessment),
        _course(case, assessment),
        titled("Options", "\n".join(text for text in (options.decisions, pointers) if text)),
        titled("Care that goes with the grade", options.care),
        titled("Basis", basis_table(assessment, case.words)),
        bullets(_gaps(case, assessment)),
        site_section(case.context, rules_of([assessment], [*recommendations, *elsewhere])),
        references.section(),
        CLOSING,
    )
    return joined(sections)


def _headline(case: Case, assessment: Assessment) -> str:
    """The first line: grade or range, why, day and product; what must be said before it first."""
    why = "; ".join(lowered(own_text(text)) for text in deciding(assessment))
    grade = f"**{_grade(assessment)}**{f': {why}' if why else ''}."
    parts = (
        *_notes(case, assessment, _FIRST),
        grade,
        case.infusion_text(),
        *_notes(case, assessment, _LEADING),
    )
    return " ".join(part for part in parts if part)


def _grade(assessment: Assessment) -> str:
    name, text = NAMES[assessment.syndrome], grade_text(assessment.grade)
    match assessment.state:
        case State.RESOLVING:
            return f"{name} resolving, {text} now, episode open"
        case State.POSSIBLE_MASKED:
            return f"Possible {name}, {text}"
        case _:
            return f"{name} {text}"


def _course(case: Case, assessment: Assessment) -> str:
    """Onset, peak, what a clinician charted, and the tocilizumab given: one short paragraph."""
    parts = (_onset(case, assessment), _peak(case, assessment), _charted(case, assessment))
    given = ledger_text(case) if assessment.syndrome == "crs" else ""
    return " ".join(part for part in (*parts, given) if part)


def _onset(case: Case, assessment: Assessment) -> str:
    if assessment.onset is None or not assessment.onset_known:
        return ""
    hours = assessment.onset_hours
    after = "" if hours is None else f", {int(hours)} h after the infusion"
    return f"Onset {case.words.time(assessment.onset)}{after}."


def _peak(case: Case, assessment: Assessment) -> str:
    if assessment.peak <= assessment.grade.lo or assessment.peak_at is None:
        return ""
    least = "at least " if assessment.peak_at_least else ""
    return f"Peak {least}grade {assessment.peak} ({case.words.time(assessment.peak_at)})."


def _charted(case: Case, assessment: Assessment) -> str:
    charted = assessment.charted
    if charted is None or charted.grade is None or case.verdict.now - charted.t > DAY:
        return ""
    return f"Charted by a clinician: grade {charted.grade} ({case.words.time(charted.t)})."


def _gaps(case: Case, assessment: Assessment) -> Iterator[str]:
    """What is missing, stale and assumed, then the other notes."""
    missing = [gap_text(key, case.snapshot, case.words) for key in assessment.missing]
    stale = [stale_text(key, case.snapshot, case.words) for key in assessment.stale]
    assumed = [case.words.say(key) for key in assessment.assumptions]
    if missing:
        yield f"**Missing:** {', '.join(missing)}."
    if stale:
        yield f"**Stale:** {', '.join(stale)}."
    if assumed:
        yield f"**Assumed:** {' '.join(assumed)}"
    for key in assessment.notes:
        if _name(key) not in (*_FIRST, *_LEADING):
            yield case.words.say(key)


def _notes(case: Case, assessment: Assessment, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        for key in assessment.notes:
            if _name(key) == name:
                yield case.words.say(key)


def _pointer(item: Recommendation) -> str:
    home = syndromes_of(item)[0]
    return f"{item.topic.capitalize()}: one offer for both syndromes, on the {NAMES[home]} card."


def _name(key: str) -> str:
    return key.partition(":")[0]
