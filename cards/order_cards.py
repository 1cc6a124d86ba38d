"""The cards of order entry: one for each alert, with grade, reasons, sources and suggestions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cards.basis import deciding
from cards.case import NAMES, Case
from cards.gaps import gap_text
from cards.ledger import ledger_text
from cards.markdown import bullets, escape, lowered, own_text
from cards.model import SUMMARY_LIMIT, Card, CardContext, Coding, Indicator, Source
from cards.order_acts import name_of, suggestions_of
from cards.order_sentences import headline, note_text
from cards.override import reasons_for
from cards.references import References
from cards.sections import CLOSING, joined, titled
from cards.site_policy import rules_of, site_section
from cards.topics import SYSTEM, stable_uuid
from cards.wording import Words, grade_text
from grading.knowledge import KNOWLEDGE
from grading.model import Snapshot, Urgency, Verdict
from grading.order_model import Alert, Family, OrderReview

_TOPICS: Mapping[Family, Coding] = {
    family: Coding(f"Order{code}", SYSTEM, display)
    for family, code, display in (
        (Family.GCSF, "GCSF", "G-CSF order after CAR-T"),
        (Family.GMCSF, "GMCSF", "GM-CSF order after CAR-T"),
        (Family.IL6, "IL6Blocker", "IL-6 blocker order after CAR-T"),
        (Family.STEROID, "Steroid", "Steroid order after CAR-T"),
        (Family.CNS, "CNS", "Sedating or threshold-lowering order in ICANS"),
        (Family.VACCINE, "Vaccine", "Vaccine order after CAR-T"),
        (Family.SECOND_LINE, "SecondLine", "Second-line order after CAR-T"),
        (Family.LEVETIRACETAM, "Levetiracetam", "Levetiracetam order after CAR-T"),
    )
}
_SEVERITIES: Mapping[Urgency, str] = {
    Urgency.INFO: "Note",
    Urgency.WARNING: "Warning",
    Urgency.CRITICAL: "Critical",
}
_NO_SOURCE = "Unverified rule, turned on by this site"


def compose_order_cards(
    review: OrderReview,
    verdict: Verdict,
    snapshot: Snapshot,
    context: CardContext,
    resources: Mapping[str, bytes],
) -> tuple[Card, ...]:
    """One card for each alert, the most urgent first; none where nothing fired.

    `resources`: the raw drafts by reference, for what changes one of them.
    """
    case = Case(verdict, snapshot, context, Words(context.zone, context.policy))
    numbered = enumerate(review.alerts)
    return tuple(_card(case, alert, review, resources, place) for place, alert in numbered)


def order_rows(review: OrderReview) -> list[dict[str, Any]]:
    """The `orders` of the assessment extension: a row for each draft that was checked.

    A draft without an id that was not recognized either leaves nothing to say, and no row (GEN-3).
    """
    rows = (
        {
            "order": draft.ref,
            "ingredients": [draft.vaccine.name] if draft.vaccine else list(draft.ingredients),
            "rules": list(rules),
        }
        for draft, rules in review.checked
    )
    told = ({name: value for name, value in row.items() if value} for row in rows)
    return [row for row in told if row]


def _card(
    case: Case, alert: Alert, review: OrderReview, resources: Mapping[str, bytes], place: int
) -> Card:
    references = References(case.context)
    indicator = Indicator(alert.indicator.value)
    name = name_of(alert.draft)
    names = _names(alert, place)
    lines = bullets(_lines(case, alert, references))
    sections = (
        _lead(case, alert, name),
        lines,
        ledger_text(case) if alert.family is Family.IL6 else "",
        _missing(case, alert),
        _unrecognized(review),
        site_section(case.context, _rules(case, alert)),
        references.section(),
        CLOSING,
    )
    return Card(
        uuid=stable_uuid(case.context, *names),
        summary=_summary(case, alert, name),
        indicator=indicator,
        source=_source(case.context, alert),
        detail=joined(sections),
        suggestions=suggestions_of(case, alert, names, resources),
        links=references.links(),
        override_reasons=reasons_for(indicator),
    )


def _names(alert: Alert, place: int) -> tuple[str, ...]:
    """What tells an alert from every other of its call: drafts may have no id, or the same one."""
    draft = alert.draft
    return "order", draft.ref, alert.family, *alert.rules, *draft.ingredients, str(place)


def _grades(case: Case, alert: Alert) -> str:
    grades = (
        f"{NAMES[name]} {grade_text(case.assessment(name).grade)}" for name in alert.syndromes
    )
    return ", ".join(grades)


def _summary(case: Case, alert: Alert, name: str) -> str:
    """Drug, hazard and grade on one line; without the grade where that would be too long."""
    stem = f"{name[:1].upper()}{name[1:]}: {headline(alert)}"
    grades = _grades(case, alert)
    whole = f"{stem} ({grades})" if grades else stem
    return whole if len(whole) <= SUMMARY_LIMIT else stem


def _source(context: CardContext, alert: Alert) -> Source:
    """The first source of the rule that decides; its link leads to our page of that rule."""
    rule = alert.lines[0].rule
    cited = [KNOWLEDGE.sources[cite] for cite in rule.cites[:1]]
    label = cited[0].label if cited else _NO_SOURCE
    published = cited[0].url if cited else ""
    secure = published if published.startswith("https://") else None
    return Source(label, context.rule_url(rule.id) or secure, _TOPICS[alert.family])


def _rules(case: Case, alert: Alert) -> set[str]:
    """The ids that an alert rests on: its own, the general ones, and those of the grades."""
    grades = (case.assessment(name) for name in alert.syndromes)
    return {*alert.rules, *KNOWLEDGE.order_principles, *rules_of(grades)}


def _lead(case: Case, alert: Alert, name: str) -> str:
    """The order as it was written, the grade and why, day and product."""
    shown = escape(alert.draft.text) if alert.draft.text else own_text(name)
    parts = [f"**Order: {shown}.**"]
    for syndrome in alert.syndromes:
        found = case.assessment(syndrome)
        why = "; ".join(lowered(own_text(text)) for text in deciding(found))
        told = f": {why}" if why else ""
        parts.append(f"{NAMES[syndrome]} {grade_text(found.grade)}{told}.")
    parts.append(case.infusion_text() or _last_infusion(case))
    return " ".join(part for part in parts if part)


def _last_infusion(case: Case) -> str:
    """The day of the last infusion, where it is too long ago for a grade."""
    charted = [record.t for record in case.snapshot.infusions]
    return f"CAR-T infusion on {case.words.date(max(charted))}." if charted else ""


def _lines(case: Case, alert: Alert, references: References) -> Iterator[str]:
    for line in alert.lines:
        notes = " ".join(note_text(key, case.words) for key in line.notes)
        text = f"{own_text(line.rule.says)} {notes}".strip()
        marks = references.mark(line.rule.cites)
        yield f"**{_SEVERITIES[line.indicator]}:** {text}{marks}"


def _missing(case: Case, alert: Alert) -> str:
    """What would settle the grade that the alert rests on."""
    names = [gap_text(key, case.snapshot, case.words) for key in alert.missing]
    return titled("Missing", bullets(names)) if names else ""


def _unrecognized(review: OrderReview) -> str:
    count = sum(not draft.is_recognized for draft, _ in review.checked)
    return not_checked(count) if count else ""


def not_checked(count: int) -> str:
    """How many orders of the call are not known, 1 or more."""
    orders, were = ("order", "was") if count == 1 else ("orders", "were")
    return f"{count} {orders} of this call could not be recognized and {were} not checked."
