"""The order rules as written a second time (`second_reading_orders.py`) against the core."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grading import KNOWLEDGE, Draft, assess, prepare, review_orders
from grading.model import (
    DAY,
    HOUR,
    NEVER,
    Device,
    DoseStatus,
    LabResult,
    Measured,
    Order,
    Reach,
    Risk,
    RiskKind,
    Seizure,
    SeizureKind,
    Snapshot,
    Support,
)
from grading.order_model import Alert, OrderReason, Vaccine
from tests.grading.drug_charts import (
    PRODUCTS,
    Phase,
    a_steroid,
    ago,
    born,
    numbered,
    rarely,
    tocilizumab,
)
from tests.grading.drug_charts import chart as charted
from tests.grading.second_reading_orders import ANTIFUNGALS, IL6, STEROIDS, Lines, read_draft
from tests.grading.second_reading_sedating import ALL as SEDATING
from tests.grading.second_reading_sedating import LONG_TERM
from tests.snapshot_strategies import NOW

POLICY = KNOWLEDGE.policy
SAME = {"OT-CNS-3": "OT-CNS-1"}
GROWTH = ("filgrastim", "pegfilgrastim", "sargramostim", "plerixafor")
OTHERS = ("anakinra", "ruxolitinib", "levetiracetam", "ondansetron")


def lines_of(alerts: list[Alert]) -> dict[str, str]:
    """Indicator by rule."""
    found: dict[str, str] = {}
    for line in (line for alert in alerts for line in alert.lines):
        found[SAME.get(line.rule.id, line.rule.id)] = line.indicator.value
    return found


def compared(chart: Snapshot, *calls: tuple[Draft, ...]) -> Iterator[tuple[Any, Any]]:
    """What the core and the text say of each draft, without what the text leaves open."""
    course = prepare(chart, POLICY)
    verdict = assess(course)
    for drafts in calls:
        review = review_orders(course, verdict, drafts)
        for draft in drafts:
            said = read_draft(chart, verdict, POLICY, drafts, draft)
            core = lines_of([alert for alert in review.alerts if alert.draft == draft])
            yield (draft.text, closed(core, said)), (draft.text, closed(said.found, said))


def closed(found: dict[str, str], said: Lines) -> list[str]:
    return sorted(f"{how} {rule}" for rule, how in found.items() if rule not in said.open)


def draft(name: str, **words: Any) -> Draft:
    return Draft("draft/0", name, ingredients=(name,), **words)


# --- a dense strategy -----------------------------------------------------------------------------

MG = (None, "4", "9.9", "10", "125", "250", "264", "264.1", "500", "504", "503.9", "560", "616")
MORE_MG = ("616.1", "720", "719.9", "800", "800.1", "880", "880.1", "1000")
EVERY = (None, "6", "8", "12", "24")


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


states = st.sampled_from(("active", "active", "active", "held"))
an_amount = st.sampled_from((*MG, *MORE_MG)).map(number)
an_interval = st.sampled_from(EVERY).map(number)


def an_order(name: str, hours: int, mg: Any, every: Any, state: str) -> Order:
    return Order(name, ago(hours), "", mg=mg, every_h=every, on_hold=state == "held")


orders = st.builds(
    an_order,
    st.sampled_from((*STEROIDS[:3], *STEROIDS[:2], "tocilizumab", *OTHERS, *ANTIFUNGALS[:1]))
    | st.sampled_from(("clobazam", "gabapentin", "tacrolimus")),
    st.sampled_from((1, 20, 3000)),
    an_amount,
    an_interval,
    states,
)
steroid_doses = st.builds(
    a_steroid,
    st.sampled_from(("1", "23.9", "24", "24.1", "30")),
    st.sampled_from(STEROIDS[:3]),
    st.sampled_from((10, 500)),
)
tocilizumab_doses = st.builds(
    tocilizumab,
    st.sampled_from(("1", "7", "7.9", "8", "8.1", "16", "17", "23.9", "24", "24.1", "40")),
    st.sampled_from((DoseStatus.GIVEN, DoseStatus.GIVEN, DoseStatus.HELD)),
    st.sampled_from((True, True, None, False)),
)
drugs = st.sampled_from((*GROWTH, *IL6, *IL6[:1] * 4, *STEROIDS, *STEROIDS[:2] * 2, *OTHERS)) | (
    st.sampled_from(SEDATING)
)


@st.composite
def drafts(draw: Callable[[st.SearchStrategy[Any]], Any], index: int) -> Draft:
    """One draft order of any class."""
    if draw(st.integers(0, 9)) == 0:
        vaccine = Vaccine("vaccine", draw(st.booleans()), draw(st.booleans()))
        return Draft(f"draft/{index}", "vaccine", vaccine=vaccine)
    unclear, per_kg = draw(st.sampled_from(((False, False), (False, True), (True, False))))
    reasons = draw(st.sampled_from(((), (), (OrderReason.SEIZURE,), (OrderReason.AGITATION,))))
    return draft(
        draw(drugs),
        mg=None if unclear or per_kg else draw(an_amount),
        mg_per_kg=draw(st.sampled_from(("7.2", "7.1", "8", "8.8", "8.9", "12")))
        if per_kg
        else None,
        dose_unclear=unclear,
        every_h=draw(an_interval),
        start=draw(st.sampled_from((None, None, NOW - HOUR, NOW + HOUR, NOW + 2 * HOUR))),
        intravenous=draw(st.sampled_from((True, True, None, False))),
        stops=draw(st.sampled_from((False, False, False, False, True))),
        has_reason=bool(reasons),
        reasons=frozenset(reasons),
    )._replace(ref=f"draft/{index}")


def per_kg(found: Draft) -> Draft:
    amount = found.mg_per_kg
    return found if amount is None else found._replace(mg_per_kg=Decimal(str(amount)))


days = st.sampled_from((1, 2, 3, 10, 14, 15, 30, 31, 90, 91, 92, 93, 180, 182, 364, 366))
gaps = st.sampled_from(((), (), (), ("temperatures",), ("ice", "arousal")))
HOURS = ((1,), (1,), (30, 9, 1), (26, 1))


@st.composite
def charts(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Snapshot:
    """A chart of any pair of grades with what bears on an order."""
    hours = draw(st.sampled_from(HOURS))
    grade = st.sampled_from((0, 0, 1, 2, 3, 4))
    steady = (draw(grade), draw(grade), draw(st.booleans()))
    phases = tuple(Phase(at, *steady) for at in hours)
    if len(phases) == 2:
        phases = (Phase(hours[0], draw(grade), draw(grade)), phases[1])
    infused = draw(days) * 24 + draw(st.sampled_from((1, 12)))
    found = charted(phases, infused, draw(st.sampled_from(PRODUCTS)))
    gone = dict.fromkeys(draw(gaps), ())
    kg = draw(st.sampled_from(("29.9", "30", "70", "100", "110")))
    weighed = (Measured(NOW - draw(st.sampled_from((1, 29, 31))) * DAY, Decimal(kg), ""),)
    tube = Support(ago(1), Device.VENTILATOR, "", "")
    neutrophils = LabResult(ago(2), Decimal(draw(st.sampled_from((499, 500)))), "", "/uL")
    return numbered(
        replace(
            found,
            **gone,
            birth=born(draw(st.sampled_from((17 * 365, *[60 * 365] * 4)))),
            weights=weighed,
            labs={"anc": (neutrophils,)} if draw(st.booleans()) else {},
            supports=(tube,) if draw(st.integers(0, 5)) == 0 else found.supports,
            doses=found.doses + draw(rarely(tocilizumab_doses, 4)) + draw(rarely(steroid_doses, 2)),
            orders=draw(rarely(orders, 2)),
            risks=draw(
                rarely(st.sampled_from(RiskKind).map(lambda kind: Risk(None, kind, "", "")), 1)
            ),
            seizures=draw(
                rarely(
                    st.builds(
                        lambda hours, kind: Seizure(ago(hours), kind, Decimal(2), ""),
                        st.sampled_from(("1", "24", "24.1")),
                        st.sampled_from((SeizureKind.RESOLVED, SeizureKind.UNSPECIFIED)),
                    ),
                    1,
                )
            ),
            reach=draw(st.sampled_from((*[Reach()] * 6, Reach(doses=ago(10)), Reach(doses=NEVER)))),
        )
    )


pairs_of_drafts = st.tuples(drafts(0), drafts(1)) | st.tuples(drafts(0))


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(charts(), pairs_of_drafts)
def test_the_text_and_the_core_say_the_same(chart: Snapshot, both: tuple[Draft, ...]) -> None:
    for core, said in compared(chart, tuple(map(per_kg, both))):
        assert core == said


# --- every drug of every class by both grades -----------------------------------------------------

NAMES = (*GROWTH, *IL6, *STEROIDS, *OTHERS, *SEDATING)


@pytest.mark.parametrize("crs", range(5))
@pytest.mark.parametrize("icans", range(5))
@pytest.mark.parametrize("infused", [40, 31 * 24])
def test_every_drug_by_grade(crs: int, icans: int, infused: int) -> None:
    chart = charted((Phase(1, crs, icans),), infused, "axi-cel")
    words = {"mg": Decimal(500), "every_h": Decimal(12), "intravenous": True}
    for core, said in compared(chart, *((draft(name, **words),) for name in NAMES)):
        assert core == said


@pytest.mark.parametrize("gone", [("temperatures",), ("ice", "arousal")])
@pytest.mark.parametrize(("crs", "icans"), [(0, 0), (0, 2), (2, 0), (0, 4)])
def test_every_drug_where_charting_is_missing(gone: list[str], crs: int, icans: int) -> None:
    """OT-0b: softened on an upper bound up to day 30, not after."""
    words = {"mg": Decimal(500), "every_h": Decimal(12), "intravenous": True}
    for infused in (30 * 24 + 23, 31 * 24):
        full = charted((Phase(1, crs, icans),), infused, "axi-cel")
        chart = replace(full, **dict.fromkeys(gone, ()))
        for core, said in compared(chart, *((draft(name, **words),) for name in NAMES)):
            assert core == said


@pytest.mark.parametrize("kg", ["29.9", "30", "70", "100", "110"])
def test_tocilizumab_at_its_edges(kg: str) -> None:
    """Amount by weight, and interval and count by the time of earlier doses."""
    full = charted((Phase(1, 2, 1),), 100, "axi-cel")
    weighed = replace(full, weights=(Measured(NOW - DAY, Decimal(kg), ""),))
    amounts = [(draft("tocilizumab", mg=number(mg)),) for mg in (*MG, *MORE_MG)]
    for last in ((), ("8",), ("7.9",), ("24", "16", "8"), ("23.9", "16", "8"), ("50", "40", "30")):
        doses = tuple(tocilizumab(hours, DoseStatus.GIVEN, True) for hours in last)
        for core, said in compared(numbered(replace(weighed, doses=doses)), *amounts):
            assert core == said


def test_no_long_term_medicine_is_removed() -> None:
    """OT-CNS-6: never a delete or stop action."""
    chart = charted((Phase(1, 0, 3),), 100, "axi-cel")
    course = prepare(chart, POLICY)
    for name in LONG_TERM:
        review = review_orders(course, assess(course), [draft(name)])
        assert [alert.acts for alert in review.alerts] == [()]
