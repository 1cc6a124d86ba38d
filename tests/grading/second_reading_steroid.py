"""The steroid rules of clinical-rules.md read a second time: what is due, and what is there."""

from __future__ import annotations

from decimal import Decimal

from grading.model import DAY, HOUR, Dose, Instant, Order
from tests.grading import second_reading_drugs as drugs
from tests.grading.second_reading_drugs import NONE, Patient

RANKS = (
    *("dex-10-once", "dex-10-q24h", "dex-10-q12-24h-x2", "dex-10-q12-24h", "dex-10-reassess"),
    *("dex-10-q6h", "mp-crs4", "mp-icans4"),
)
"""The regimens of 5.1, 5.3 and 6.2, the weaker first ("the stronger of CRS and ICANS needs")."""
STEROIDS = ("dexamethasone", "methylprednisolone")
HIGH_MG = {"mp-crs4": 500, "mp-icans4": 1000}
"""The first dose of each taper; dexamethasone never stands for it."""
Need = tuple[str, str]
"""A regimen and its strength."""


# --------------------------------------------------------------------------- 5.3, 5.5, 6.2: steroid
def crs_needs(p: Patient) -> list[Need]:
    """What CRS asks for: 5.3, and 5.5 for a companion of tocilizumab."""
    if p.crs == 4 or (p.crs == 3 and is_refractory(p)):  # MGMT-CRS-4, MGMT-CRS-3E
        return [("mp-crs4", drugs.capped(p, "recommended"))]
    if p.crs == 3 or (p.crs == 2 and stays_at_2(p)):  # MGMT-CRS-3, MGMT-CRS-2E
        return [("dex-10-q6h", drugs.capped(p, "recommended"))]
    if p.crs == 2:
        wanted = "recommended" if is_dexamethasone_due_at_2(p) else "consider"
        return [("dex-10-q12-24h", drugs.capped(p, wanted))]
    needs = []
    if p.crs == 1 and (drugs.is_persistent(p) or p.icans == 1):  # MGMT-CRS-1B, G1C and cell 1/1
        needs.append(("dex-10-once", "consider"))
    if p.crs == 1 and drugs.is_early(p):  # MGMT-CRS-1C
        needs.append(("dex-10-q24h", "consider"))
    return needs


def doubtful_needs(p: Patient) -> list[Need]:
    """What an onset asks for that may be early: as text, where nothing certain asks (READ-14)."""
    needs = []
    if p.crs == 1 and drugs.is_early(p) is None:
        needs.append(("dex-10-q24h", "consider"))
    if is_icans_early(p) is None and p.icans == 1 and is_of_early_products(p):
        needs.append(("dex-10-q12-24h-x2", "consider"))
    return needs


def is_dexamethasone_due_at_2(p: Patient) -> bool:
    """MGMT-CRS-2: any of ICANS, product, early onset, no improvement, persisting hypotension."""
    if p.icans >= 1 or p.product in p.policy.early_steroid_products or drugs.is_early(p) is True:
        return True
    waited = p.policy.toci_response_h * HOUR
    blockers = drugs.given(p, ("tocilizumab",))  # of any route
    if is_low(p) and blockers and p.now - blockers[0].start >= waited:
        return True
    starts = drugs.tocilizumab_starts(p)
    judged = bool(starts) and p.now - starts[-1] >= waited
    return judged and drugs.improvement(p, starts[-1], 0) == "no improvement"


def is_low(p: Patient) -> bool:
    """The latest systolic pressure is low (DEF-4 a, adult line): all that the charts here hold."""
    last = max((r for r in p.chart.pressures if r.sbp is not None), default=None)
    return last is not None and last.sbp is not None and last.sbp < p.policy.sbp_adult


def starts_in_episode(p: Patient) -> list[Instant]:
    """Tocilizumab since the onset; none where doses may be missing before the first (READ-14)."""
    onset = p.verdict.crs.onset
    if onset is None or p.chart.reach.doses > p.course:
        return []
    return [t for t in drugs.tocilizumab_starts(p) if t >= onset]


def stays_at_2(p: Patient) -> bool:
    """MGMT-CRS-2E: at least grade 2 at every point since the first dose, 24 h ago or more."""
    starts = starts_in_episode(p)
    if not starts or p.now - starts[0] < 24 * HOUR or drugs.bare_crs(p) < 2:
        return False
    return all(drugs.grades_at(p, t)[0] >= 2 for t in drugs.points(p) if t >= starts[0])


def is_refractory(p: Patient) -> bool:
    """MGMT-CRS-3E: no improvement 24 h after the later of both starts; no step up (READ-13)."""
    starts, course = starts_in_episode(p), running_course(p)
    if not starts or not course or is_held_up(p):
        return False
    since = max(starts[0], course[0].start)
    waited = p.now - since >= p.policy.refractory_h * HOUR
    return waited and drugs.improvement(p, since, 0) == "no improvement"


def running_course(p: Patient, names: tuple[str, ...] = STEROIDS) -> list[Dose]:
    """Doses of the running course, at most 36 h apart (READ-13)."""
    gap = p.policy.steroid_course_gap_h * HOUR
    course: list[Dose] = []
    for dose in drugs.given(p, names):
        course = [*course, dose] if course and dose.start - course[-1].start <= gap else [dose]
    return course if course and p.now - course[-1].start <= gap else []


def icans_needs(p: Patient) -> list[Need]:
    """What ICANS asks for by grade (6.2)."""
    if p.icans == 1 and is_icans_early(p) and is_of_early_products(p):
        return [("dex-10-q12-24h-x2", "consider")]
    regimens = {2: "dex-10-reassess", 3: "dex-10-q6h", 4: "mp-icans4"}
    return [(regimens[p.icans], "recommended")] if p.icans >= 2 else []


def is_of_early_products(p: Patient) -> bool:
    """MGMT-ICANS-G1L: liso-cel or ide-cel."""
    return p.product in p.policy.icans1_early_products


def is_icans_early(p: Patient) -> bool | None:
    """Onset of ICANS less than 72.0 h after the infusion; None: not known (READ-14)."""
    icans = p.verdict.icans
    if not icans.onset_known or icans.onset_hours is None:
        return None
    return icans.onset_hours < p.policy.early_onset_h


def steroid(p: Patient) -> str:
    """The stronger of both needs, and what becomes of it where the text says that."""
    certain = [*crs_needs(p), *icans_needs(p)]
    needs = certain or doubtful_needs(p)
    if not needs:
        return early_product(p)
    needs.sort(key=lambda need: RANKS.index(need[0]), reverse=True)
    if len(needs) > 1 and is_waiting(p, needs[0][0]):
        needs = needs[1:]  # a repeat that is not due leaves the other need as it is
    regimen = needs[0][0]
    strength = max(
        how for what, how in needs if what == regimen
    )  # recommended goes before consider
    offer = standing(p, regimen)
    doubted = offer == "suggest" and not certain
    return f"{strength} {'text' if doubted else offer} {regimen}"


def is_waiting(p: Patient, regimen: str) -> bool:
    """A repeat at ICANS 2 without "no improvement", or two doses of two (G2, G1L, READ-13)."""
    course = running_course(p)
    if not course or drugs.active_orders(p, STEROIDS):
        return False
    if regimen == "dex-10-q12-24h-x2":
        return course[-1].start - course[0].start > p.policy.dose_merge_h * HOUR
    strong = [d for d in course if d.drug == "methylprednisolone" and p.now - d.start <= DAY]
    if regimen != "dex-10-reassess" or strong or standing(p, regimen) != "?":
        return False
    return repeated(p, course[-1].start) == "?"


def early_product(p: Patient) -> str:
    """MGMT-CRS-1D: as text alone, where no other row asks; not beside a steroid (GEN-DEDUP)."""
    if not (p.crs == 1 and p.icans == 0 and p.product in p.policy.early_steroid_products):
        return NONE
    since = p.now - p.policy.steroid_companion_h * HOUR
    there = bool(drugs.active_orders(p, STEROIDS)) or any(
        d.start >= since for d in drugs.given(p, STEROIDS)
    )
    return "consider already" if there else "consider text"


def standing(p: Patient, regimen: str) -> str:
    """GEN-DEDUP and PED-1 where amounts and times leave no doubt, `?` where the text is silent."""
    orders = drugs.active_orders(p, STEROIDS)
    course = running_course(p)
    if not drugs.is_surely_adult(p):
        return "?" if orders or course else "text"
    covers = [order_stands(o, regimen) for o in orders if is_to_come(o, course)]
    if True in covers and len(covers) == len(orders):
        return "already"
    if len(covers) < len(orders) or None in covers:
        return "?"
    if not course:
        return "suggest"
    return "?" if orders else by_doses(p, regimen, course)


def is_to_come(order: Order, course: list[Dose]) -> bool:
    """Whether an order is newer than every dose given: what it asks for is not given yet."""
    return not course or order.t is None or order.t > course[-1].start


def by_doses(p: Patient, regimen: str, course: list[Dose]) -> str:
    """What doses without an order leave to do: inside the interval nothing, after a day all."""
    strong = regimen in HIGH_MG
    if regimen == "dex-10-q12-24h-x2" and len(course) > 1:
        return "?"
    enough = [d for d in course if is_enough(d, regimen)]
    if enough and p.now - enough[-1].start <= covers_h(regimen, enough[-1]) * HOUR:
        return "already"
    if regimen == "dex-10-reassess" and enough:
        return repeated(p, course[-1].start)
    aged = p.now - course[-1].start > DAY
    begun = strong and any(d.drug == "methylprednisolone" for d in course)
    return (
        "?" if begun or not aged or regimen == "dex-10-q12-24h-x2" or is_held_up(p) else "suggest"
    )


def repeated(p: Patient, since: Instant) -> str:
    """MGMT-ICANS-G2: a further dose from 6 h on, only on no improvement of ICANS (READ-13)."""
    return "suggest" if drugs.improvement(p, since, 1) == "no improvement" else "?"


def is_held_up(p: Patient) -> bool:
    """Whether only trailing windows hold CRS up: no step up (READ-13)."""
    return drugs.bare_crs(p) < p.crs


def covers_h(regimen: str, dose: Dose) -> int:
    """Hours that one dose surely covers: the shortest interval of the regimen, or of its drug."""
    if dose.drug == "methylprednisolone" and regimen not in HIGH_MG:
        return 24  # the charts hold 500 mg and more
    hours = {"dex-10-q6h": 6, "dex-10-reassess": 6, "dex-10-q12-24h": 12, "dex-10-q12-24h-x2": 12}
    return {**hours, "mp-crs4": 12}.get(regimen, 24)


def is_enough(dose: Dose, regimen: str) -> bool:
    """Whether one dose given is at least one of the regimen (GEN-DEDUP)."""
    mg = dose.mg or Decimal(0)
    if regimen in HIGH_MG:
        return dose.drug == "methylprednisolone" and mg >= HIGH_MG[regimen]
    return mg >= (10 if dose.drug == "dexamethasone" else 500)


def order_stands(order: Order, regimen: str) -> bool | None:
    """Whether an order is at least as strong as the regimen; None: not to be judged."""
    once = regimen in ("dex-10-once", "dex-10-reassess")
    if order.mg is None or (order.every_h is None and not once):
        return None
    if once:
        return True if order.mg >= 10 else None
    assert order.every_h is not None
    daily = order.mg * 24 / order.every_h
    if order.key == "methylprednisolone":
        return daily >= 1000 or (None if regimen in HIGH_MG else True)
    return regimen not in HIGH_MG and daily >= (40 if regimen == "dex-10-q6h" else 10)
