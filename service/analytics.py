"""How cards are used, per rule and week: counted from the store, without a row of any patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, func, select

from fhir_mappings.times import iso
from grading.model import DAY, Instant
from service.card_store import SHADOW, SUPPRESSED
from service.feedback_body import ACCEPTED
from service.feedback_store import SHOWN
from service.settings import Settings
from service.store import Store
from service.tables import FEEDBACK, FIRED_CARD

WEEK: Final = 7 * DAY
_MONDAY: Final = 3 * DAY
"""1970-01-01 was a Thursday."""
_LONGEST_REASON: Final = 80
_NO_REASON: Final = "no reason"
_UNCODED: Final = "a reason without a code"
ALL_WEEKS: Final = ""
"""The week of a row that sums all weeks."""


@dataclass(slots=True)
class Use:
    """What became of the cards of one rule in one week."""

    fired: int = 0
    states: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    delays_s: list[float] = field(default_factory=list)
    editions: set[str] = field(default_factory=set)

    @property
    def overridden(self) -> int:
        """Cards whose last outcome was to be overridden."""
        return self.reasons.total()

    @property
    def ignored(self) -> int:
        """Cards that were shown, and of which nothing was heard so far."""
        return self.states[SHOWN] - self.accepted - self.overridden


class Report(NamedTuple):
    """The use of every rule in every week since `since`, and over all of them.

    Keys are rule and first day of the week (a Monday, UTC), or `ALL_WEEKS`. `unmatched`: feedback
    on cards that are not known. `small`: rows of fewer cards are not told.
    """

    since: Instant
    uses: Mapping[tuple[str, str], Use]
    unmatched: int
    small: int


def report(store: Store, now: Instant, weeks: int, settings: Settings) -> Report:
    """The use of cards in the current week and the ones before it, `weeks` in all.

    Never from before cards and feedback are both kept: a card of which the answer is deleted would
    count as ignored, and an answer of which the card is deleted as one that is not known.

    Raises:
        StoreError: the store failed.
    """
    kept = min(settings.keep_fired_days, settings.keep_feedback_days) * DAY
    since = max(_week_start(_week(now) - weeks + 1), now - kept)
    with store.transaction("the record of cards could not be read") as connection:
        uses = _uses(connection, since)
        late = FEEDBACK.c.received >= since
        lost = select(func.count()).where(late, FEEDBACK.c.fired_card.is_(None))
        unmatched = connection.execute(lost.select_from(FEEDBACK)).scalar_one()
    small = settings.analytics_small_cell
    return Report(since, dict(sorted(uses.items())), unmatched, small)


def _uses(connection: Connection, since: Instant) -> dict[tuple[str, str], Use]:
    uses: dict[tuple[str, str], Use] = {}
    for row in connection.execute(_counted(since)):
        for use in _each(uses, row):
            use.fired += row.cards
            use.states[row.state] += row.cards
            use.editions.add(row.content_edition)
    for answer in _answers(connection, since):
        for use in _each(uses, answer.card):
            use.delays_s.append(answer.delay_s)
            if answer.last.outcome == ACCEPTED:
                use.accepted += 1
            else:
                use.reasons[_reason(answer.last)] += 1
    return uses


def _each(uses: dict[tuple[str, str], Use], row: Any) -> Iterator[Use]:
    """The uses that a card counts for: each of its rules, in its week and over all."""
    for rule in row.rules.split() or [row.topic]:
        for week in (iso(_week_start(row.week))[:10], ALL_WEEKS):
            yield uses.setdefault((rule, week), Use())


def _counted(since: Instant) -> Any:
    fired = FIRED_CARD.c
    week = ((fired.fired + _MONDAY) // WEEK).label("week")
    group = (week, fired.rules, fired.topic, fired.state, fired.content_edition)
    counted = select(*group, func.count().label("cards"))
    return counted.where(fired.fired >= since).group_by(*group)


class _Answer(NamedTuple):
    """The feedback on one card: how long until the first, and what the last one says."""

    card: Any
    delay_s: float
    last: Any


def _answers(connection: Connection, since: Instant) -> Iterable[_Answer]:
    """One for each card that was answered, however often."""
    fired, told = FIRED_CARD.c, FEEDBACK.c
    found = (
        select(
            fired.id,
            ((fired.fired + _MONDAY) // WEEK).label("week"),
            fired.rules,
            fired.topic,
            (told.outcome_at - fired.fired).label("delay"),
            told.outcome,
            told.reason_code,
            told.reason_title,
            told.reason_display,
        )
        .join(FEEDBACK, told.fired_card == fired.id)
        .where(fired.fired >= since)
        .order_by(told.outcome_at, told.id)
    )
    answers: dict[int, _Answer] = {}
    for row in connection.execute(found):
        before = answers.get(row.id)
        delay = max(row.delay, 0) / 1000 if before is None else before.delay_s
        answers[row.id] = _Answer(row, delay, row)
    return answers.values()


def _reason(row: Any) -> str:
    """What was picked, by its code, or by the title that the site gave it.

    Never the user's own words, which some clients send as a code, or as a display without one.
    """
    code = row.reason_code or ""
    if code and not any(map(str.isspace, code)):
        return str(code)[:_LONGEST_REASON]
    if row.reason_title:
        return str(row.reason_title)[:_LONGEST_REASON]
    return _UNCODED if code or row.reason_display else _NO_REASON


def _week(t: Instant) -> int:
    return (t + _MONDAY) // WEEK


def _week_start(week: int) -> Instant:
    return week * WEEK - _MONDAY


# --- rows ----------------------------------------------------------------------------------------


def rows(found: Report) -> list[dict[str, Any]]:
    """A row for each rule and week, and one for each rule over all weeks, which has no `week`.

    Of a row of few cards nothing is told but that they were few.
    """
    return [_row(rule, week, use, found.small) for (rule, week), use in found.uses.items()]


def _row(rule: str, week: str, use: Use, small: int) -> dict[str, Any]:
    named: dict[str, Any] = {"rule": rule} | ({"week": week} if week else {})
    if use.fired < small:
        return named | {"fewerThan": small}
    told: dict[str, Any] = {
        "fired": use.fired,
        "shown": use.states[SHOWN],
        "suppressed": use.states[SUPPRESSED],
        "shadow": use.states[SHADOW],
        "accepted": use.accepted,
        "overridden": use.overridden,
        "ignored": use.ignored,
        "contentEditions": sorted(use.editions),
    }
    if use.reasons:
        told["reasons"] = _reasons(use.reasons, small)
    if use.delays_s:
        told["medianSeconds"] = quantile(use.delays_s, 0.5)
        told["p90Seconds"] = quantile(use.delays_s, 0.9)
    return named | told


def _reasons(counted: Mapping[str, int], small: int) -> dict[str, int]:
    """How often each reason was given; those that were given seldom are told together."""
    told = {reason: count for reason, count in sorted(counted.items()) if count >= small}
    rest = sum(counted.values()) - sum(told.values())
    return told | ({f"reasons given fewer than {small} times": rest} if rest else {})


def quantile(values: Iterable[float], share: float) -> float:
    """The value that `share` of all are not above: one of them, by nearest rank.

    Raises:
        ValueError: there are none.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    rank = -int(-share * len(ordered) // 1)
    return ordered[min(len(ordered), max(rank, 1)) - 1]
