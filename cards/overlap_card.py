"""The card of IEC-HS: what is possible or due, options, basis, drafts of the work-up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cards.case import Case
from cards.markdown import bullets, lowered, own_text, table
from cards.model import Card, Indicator
from cards.options import options_text
from cards.orderables import STUDIES
from cards.references import References
from cards.sections import CLOSING, joined, titled
from cards.site_policy import site_section
from cards.suggestions import suggestions_of
from cards.summaries import overlap_summary
from cards.topics import IEC_HS, source_named, stable_uuid
from cards.wording import Words, listed, missing_name
from grading.model import (
    Evidence,
    Offer,
    Overlap,
    OverlapCheck,
    Recommendation,
    Urgency,
)

_HEAD = ("Criterion", "Charted", "Result")
_RESULTS = {True: "met", False: "not met", None: "not known"}
_WEAKER = "weaker"
_LABS = "iec-hs-labs"
_HLH = "hlh-2004"
_URGENCY = (Urgency.INFO, Urgency.WARNING, Urgency.CRITICAL)
_SCREEN = {True: "positive", False: "negative", None: "not known"}


def overlap_card(case: Case, recommendations: Sequence[Recommendation]) -> Card:
    """The card of the rules of section 4 that fired, for a verdict that was screened."""
    found = case.verdict.overlap or Overlap(None)
    references = References(case.context)
    options = [item for item in recommendations if item.topic not in {_LABS, _HLH}]
    decisions = options_text(options, case.words, references).decisions
    labs = [item for item in recommendations if item.topic == _LABS]
    body = "\n".join(text for text in (decisions, bullets(_labs(labs, case.words))) if text)
    deciding = [item for item in found.checks if item.row.axis != _WEAKER]
    basis = table(_HEAD, (_row(case, item, references) for item in deciding))
    sections = (
        _headline(case, found),
        titled("Options", body),
        titled("Basis", basis),
        bullets(
            (
                *_remarks(found),
                *_weaker(case, found),
                *_hlh(found, recommendations, references),
            )
        ),
        site_section(case.context, _rules(found, recommendations)),
        references.section(),
        CLOSING,
    )
    first = recommendations[0]
    urgency = max((item.indicator for item in recommendations), key=_URGENCY.index)
    return Card(
        uuid=stable_uuid(case.context, IEC_HS.code),
        summary=overlap_summary(found.possible is True, found.missing),
        indicator=Indicator(urgency.value),
        source=source_named(first.cites[0], IEC_HS, case.context, first.rules[0]),
        detail=joined(sections),
        suggestions=suggestions_of(case, recommendations),
        links=references.links(),
    )


def _rules(found: Overlap, recommendations: Iterable[Recommendation]) -> set[str]:
    """The rules that the card rests on."""
    fired = {rule for item in recommendations for rule in item.rules}
    return fired | {item.row.id for item in found.checks}


def _headline(case: Case, found: Overlap) -> str:
    """What is possible, by how many features, and why it is critical; day and product."""
    count = str(found.least) if found.least == found.most else f"{found.least} to {found.most}"
    needed = case.context.policy.iechs_min_features
    what = "Possible IEC-HS (HLH-like) overlap" if found.possible else "IEC-HS: not assessable"
    parts = [
        f"**{what}**: ferritin screen {_SCREEN[found.trigger]}, "
        f"{count} of 5 supporting features ({needed} make it possible).",
        case.infusion_text(),
    ]
    if found.severe:
        parts.append(f"Critical because of: {_facts(case.words, found.severe)}.")
    return " ".join(part for part in parts if part)


def _labs(labs: Iterable[Recommendation], words: Words) -> Iterator[str]:
    """One line for the drafts of the work-up, one for what is ordered already."""
    by_offer: dict[Offer, list[Recommendation]] = {}
    for item in labs:
        by_offer.setdefault(item.offer, []).append(item)
    if offered := by_offer.get(Offer.SUGGEST):
        unread = " ".join(words.say(key) for key in offered[0].detail)
        yield f"**Consider, drafts below:** {_tests(offered)}, daily. {unread}".rstrip()
    if ordered := by_offer.get(Offer.ALREADY):
        yield f"**Already ordered:** {_tests(ordered)}."


def _tests(items: Iterable[Recommendation]) -> str:
    return listed(lowered(own_text(STUDIES[item.test.study].text)) for item in items if item.test)


def _row(case: Case, item: OverlapCheck, references: References) -> tuple[str, str, str]:
    """Criterion with rule and source, every value with its range, the result."""
    text = own_text(item.row.text.format(p=case.context.policy))
    criterion = f"{text}, {item.row.id}{references.mark(item.row.cites)}"
    return criterion, _facts(case.words, item.evidence) or "-", _result(item)


def _result(item: OverlapCheck) -> str:
    if item.missing:
        return f"not known: {listed(map(missing_name, item.missing))} missing"
    return _RESULTS[item.met] if item.evidence else "not charted"


def _facts(words: Words, evidence: Iterable[Evidence]) -> str:
    """Charted values, each with its time."""
    return "; ".join(map(words.evidence, evidence))


def _remarks(found: Overlap) -> Iterator[str]:
    """What is missing, and a mention in words that does not count."""
    if found.missing:
        yield f"**Missing:** {listed(map(missing_name, found.missing))}."
    if found.by_text:
        yield (
            "Hemophagocytosis is named in words, without a code: it is not counted, and the report "
            "tells whether it was seen."
        )


def _weaker(case: Case, found: Overlap) -> Iterator[str]:
    """The weaker features that are there and those not known; empty where none was looked at."""
    weaker = [item for item in found.checks if item.row.axis == _WEAKER]
    met = [
        f"{lowered(own_text(item.row.text))} ({_facts(case.words, item.evidence)})"
        for item in weaker
        if item.met
    ]
    missing = dict.fromkeys(name for item in weaker for name in item.missing)
    unknown = f" Not known: {listed(map(missing_name, missing))} missing." if missing else ""
    if weaker:
        yield f"**Weaker features:** {'; '.join(met) or 'none'}.{unknown}"


def _hlh(
    found: Overlap, recommendations: Iterable[Recommendation], references: References
) -> Iterator[str]:
    """HLH-2004 for information: how many of the eight are met by what is read (IECHS-7)."""
    for item in recommendations:
        if item.topic != _HLH:
            continue
        met = [own_text(each.row.text) for each in found.hlh_2004 if each.met]
        unknown = [own_text(each.row.text) for each in found.hlh_2004 if each.met is None]
        named = f": {'; '.join(met)}" if met else ""
        yield (
            f"**HLH-2004:** {len(met)} of 8 criteria met by what is charted (5 define it){named}. "
            f"Not known: {'; '.join(unknown)}. "
            f"{own_text(item.says)}{references.mark(item.cites)}"
        )
