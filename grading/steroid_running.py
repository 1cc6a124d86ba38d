"""How a steroid that is due stands to those ordered and given (GEN-DEDUP, READ-13)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from grading.claims import Standing
from grading.dedup import orders_of
from grading.improvement import Change
from grading.ledger import merge_doses
from grading.model import DAY, HOUR, Advice, Dose, Instant, Offer, Order, Regimen
from grading.regimen import (
    COMPANIONS,
    METHYLPREDNISOLONE,
    Cover,
    Need,
    dose_cover,
    mg_in_day,
    need_of,
    order_cover,
    step_on,
)
from grading.situation import Situation
from grading.taper import high_dose_daily, taper_day

_CHANGES = {
    Change.NOT_IMPROVED: Advice.STEROID_NO_IMPROVEMENT,
    Change.IMPROVED: Advice.STEROID_IMPROVED,
    Change.CANNOT_TELL: Advice.STEROID_CANNOT_TELL,
}
_DUE_AGAIN = {
    Cover.WEAKER: Advice.WEAKER_STEROID_GIVEN,
    Cover.LATE: Advice.STEROID_DUE_AGAIN,
}
_NOT_READABLE = Standing(
    Offer.TEXT,
    (Advice.RUNNING_NOT_READABLE,),
    why_no_dose=Advice.RUNNING_NOT_READABLE,
)


def standing_of(s: Situation, regimen: Regimen, *, crs: bool) -> Standing:
    """Whether `regimen` is to be offered; `crs`: CRS asks for it, not ICANS.

    Orders speak before doses, because they say what is to come.
    """
    judge = _Judge(s, regimen, crs=crs)
    standing = _by_orders(judge) or _by_doses(judge)
    course = s.steroid_course
    if standing.offer is not Offer.SUGGEST or course is None:
        return standing
    if crs and _is_weaned(s, course.start):
        improved = f"{Advice.STEROID_IMPROVED}:{course.start}"
        return Standing(Offer.WAIT, (improved,), already_at=course.last.start)
    return _next_step(judge, standing) if judge.runs_taper else standing


def _is_weaned(s: Situation, since: Instant) -> bool:
    """Whether only trailing windows hold the grade up, and CRS improved: no step up (READ-13)."""
    return s.crs_untrailed_lo < s.crs_lo and s.crs_change(since, 0) is Change.IMPROVED


class _Judge:
    """Compares orders and doses with one regimen.

    Amounts are compared in adults only: in a child, or where age is not known, drug and frequency
    decide (PED-1). Methylprednisolone that is given less often than dexamethasone is due is then
    not judged: it need not be weaker.
    """

    def __init__(self, s: Situation, regimen: Regimen, *, crs: bool) -> None:
        """Prepare for `regimen`; `crs`: see `standing_of`."""
        self.s = s
        self.regimen = regimen
        self.day = taper_day(s, regimen, crs=crs)
        self.flat = s.prints_flat_dose
        self.step = step_on(regimen, self.day)
        self.doses = s.steroid_course.doses if s.steroid_course else ()
        self.orders = self._open_orders()

    def need(self, drug: str, since: Instant | None) -> Need | None:
        """What `drug`, ordered or given at `since`, must reach to stand for the regimen."""
        return need_of(self.regimen, drug, self.day, high_dose_daily(self.s, since))

    @property
    def runs_taper(self) -> bool:
        """Whether the taper of the regimen runs since a day or more, in an adult (PED-1)."""
        return self.flat and self.day > 0 and len(self.regimen.steps) > 1

    @property
    def days(self) -> int:
        """Days of the regimen, up to and with this one where it has no end."""
        return sum(step.days or self.day + 1 for step in self.regimen.steps)

    @property
    def is_over(self) -> bool:
        """Whether the last day of the regimen has passed."""
        return self.day >= self.days

    def order(self, order: Order) -> Cover:
        """How an order stands to the regimen."""
        need = self.need(order.key, order.t)
        if self.flat or need is None:
            return order_cover(order, need)
        if self.step.every_h is None:
            return Cover.EQUAL
        if not order.every_h:
            return Cover.NOT_READABLE
        often = order.every_h <= Decimal(self.step.every_max_h or self.step.every_h)
        if not often and self._is_stronger_drug(order.key):
            return Cover.NOT_READABLE
        return Cover.EQUAL if often else Cover.WEAKER

    def dose(self, dose: Dose) -> Cover:
        """How a given dose stands to the regimen."""
        need = self.need(dose.drug, dose.start)
        if self.flat or need is None:
            age_h = Decimal(self.s.now - dose.start) / HOUR
            day = mg_in_day(self.doses, dose, self.s.policy)
            return dose_cover(dose, need, self.regimen.covers_h, age_h, day)
        age = self.s.now - dose.start
        if age <= self.regimen.covers_h * HOUR:
            return Cover.EQUAL
        if age > DAY or not self._is_stronger_drug(dose.drug):
            return Cover.NONE
        return Cover.EQUAL if self.step.every_h is None else Cover.NOT_READABLE

    def _is_stronger_drug(self, drug: str) -> bool:
        """Whether `drug` is methylprednisolone and dexamethasone is due (the ranks of 5.5)."""
        return drug == METHYLPREDNISOLONE != self.regimen.drug

    def _open_orders(self) -> tuple[Order, ...]:
        """Orders that still stand for doses to come.

        A single order from before the last dose is taken as given, whenever that was; where more
        than one dose is asked for and a course runs, it may be of that course.
        """
        found = orders_of(self.s, COMPANIONS)
        given = self.s.course.given(COMPANIONS)
        if not given or (self.doses and self.step.every_h is not None):
            return found
        last = given[-1].start
        return tuple(
            item for item in found if item.every_h is not None or item.t is None or item.t > last
        )


def _by_orders(judge: _Judge) -> Standing | None:
    """What the orders say; None: they leave it to the doses."""
    covers = [(order, judge.order(order)) for order in judge.orders]
    for order, cover in covers:
        if cover is Cover.EQUAL:
            return Standing(Offer.ALREADY, already=order, already_at=order.t)
    if any(cover is Cover.NOT_READABLE for _, cover in covers):
        return _equal_given(judge) or _NOT_READABLE
    if covers and judge.step.every_h is not None:
        return _beside_weaker(judge) or _replacing(judge.orders)
    return None


def _beside_weaker(judge: _Judge) -> Standing | None:
    """A dose that stands for the regimen now, beside orders that do not: these are named.

    A draft would give the dose twice. Not in a child, whose amounts are not compared (PED-1), nor
    after the last day of a taper.
    """
    given = _equal_given(judge) if judge.flat and not judge.is_over else None
    if given is None:
        return None
    step = (f"{Advice.TAPER_DAY}:{_step_text(judge)}",) if judge.runs_taper else ()
    drugs = dict.fromkeys(order.key for order in judge.orders)
    return given._replace(detail=(*step, *(f"{Advice.WEAKER_ORDER}:{drug}" for drug in drugs)))


def _by_doses(judge: _Judge) -> Standing:
    """What the given doses say."""
    doses = judge.doses
    given = _course_given(judge) or _equal_given(judge)
    if given is not None:
        return given
    covers = [judge.dose(dose) for dose in doses]
    if Cover.NOT_READABLE in covers:
        return _NOT_READABLE
    if judge.orders:
        return _replacing(judge.orders)
    return _begun(judge) or _due(judge, covers)


def _due(judge: _Judge, covers: Sequence[Cover]) -> Standing:
    """A dose is due; of doses given before it the last one is named."""
    doses = judge.doses
    if covers and covers[-1] in _DUE_AGAIN:
        return Standing(Offer.SUGGEST, (f"{_DUE_AGAIN[covers[-1]]}:{doses[-1].start}",))
    if judge.regimen.repeat and doses:
        return _repeat(judge.s, doses[-1].start)
    return Standing(Offer.SUGGEST)


def _course_given(judge: _Judge) -> Standing | None:
    """A course of a fixed number of doses that was given in full (MGMT-ICANS-G1L)."""
    number = judge.step.doses
    merged = merge_doses(judge.doses, judge.s.policy.dose_merge_h * HOUR)
    if number is None or len(merged) < number:
        return None
    return Standing(Offer.WAIT, (Advice.TWO_DOSES_GIVEN,), already_at=merged[-1].start)


def _begun(judge: _Judge) -> Standing | None:
    """A course of two doses that began with one that was enough, or of unknown amount."""
    if judge.step.doses is None or not judge.doses:
        return None
    last = judge.doses[-1]
    need = judge.need(last.drug, last.start) if judge.flat else None
    if need is not None and last.mg is not None and last.mg < need.single:
        return None
    why = Advice.ONE_DOSE_GIVEN
    return Standing(Offer.TEXT, (why, f"{Advice.STEROID_DUE_AGAIN}:{last.start}"), why_no_dose=why)


def _equal_given(judge: _Judge) -> Standing | None:
    """The last dose that stands for the regimen at this moment."""
    for dose in reversed(judge.doses):
        if judge.dose(dose) is Cover.EQUAL:
            return Standing(Offer.ALREADY, already_at=dose.start)
    return None


def _next_step(judge: _Judge, standing: Standing) -> Standing:
    """The step of a running taper that is due, as a text: a draft would begin it anew.

    After its last day nothing of it is due, and nothing is replaced.
    """
    if judge.is_over:
        over = (Advice.TAPER_RUNS, f"{Advice.TAPER_OVER}:{judge.days}")
        return Standing(Offer.TEXT, over, why_no_dose=Advice.TAPER_RUNS)
    detail = (Advice.TAPER_RUNS, f"{Advice.TAPER_STEP}:{_step_text(judge)}", *standing.detail)
    return standing._replace(offer=Offer.TEXT, detail=detail, why_no_dose=Advice.TAPER_RUNS)


def _step_text(judge: _Judge) -> str:
    """The step of the day in words: "250 mg every 12 h (day 4)"."""
    return f"{judge.step.mg} mg every {judge.step.every_h} h (day {judge.day + 1})"


def _replacing(orders: Sequence[Order]) -> Standing:
    """A weaker running order is named and replaced, the newest of several."""
    order = orders[0]
    key = Advice.REPLACES if order.t is None else f"{Advice.REPLACES}:{order.t}"
    return Standing(Offer.SUGGEST, (key,), replaces=order)


def _repeat(s: Situation, last: Instant) -> Standing:
    """A further dose only without improvement of ICANS since the last one (MGMT-ICANS-G2)."""
    change = s.icans_change(last, s.policy.dex_once_response_h)
    judged = tuple(f"{key}:{last}" for found, key in _CHANGES.items() if found is change)
    if change is Change.NOT_IMPROVED:
        return Standing(Offer.SUGGEST, judged)
    due = last + s.policy.dex_once_response_h * HOUR
    next_at = due if change is Change.TOO_EARLY else None
    return Standing(Offer.WAIT, judged, next_at, already_at=last)
