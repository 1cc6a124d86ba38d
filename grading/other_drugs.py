"""Levetiracetam as seizure prophylaxis, and the second line in refractory disease (6.3, 5.3)."""

from __future__ import annotations

from collections.abc import Sequence

from grading.claims import Fired, cites_of, most_urgent
from grading.dedup import (
    ANTISEIZURE,
    Found,
    antiseizure_drug,
    are_orders_read,
    first_found,
    on_hold,
)
from grading.knowledge import KNOWLEDGE
from grading.model import Advice, DrugPlan, Offer, Recommendation, Rule, Strength
from grading.overlap_advice import overlap_remark
from grading.situation import Situation

_LEVETIRACETAM = {
    "500-750 mg q12h": KNOWLEDGE.regimens["lev"],
    "500 mg q12h": KNOWLEDGE.regimens["lev-500"],
    "750 mg q12h": KNOWLEDGE.regimens["lev-750"],
}
"""The regimen by `lev_dose_text` (DOSE-LEV)."""
_PROPHYLAXIS = ("SZ-1", "SZ-2", "SZ-3", "SZ-4", "SZ-5", "MGMT-CRS-08")
_SUPPRESSED = KNOWLEDGE.rules["SZ-6"]
_SECOND_LINE = frozenset({"anakinra", "ruxolitinib", "siltuximab"})
_SECOND_LINE_H = 24
_CRS_REFRACTORY = "MGMT-CRS-R"
_ICANS_REFRACTORY = "MGMT-ICANS-R"


def levetiracetam(s: Situation, fired: Sequence[Fired]) -> Recommendation | None:
    """Prophylaxis by the first rule that asks for it; said as there where one is active (SZ-6)."""
    asking = [item.rule for item in fired if item.rule.id in _PROPHYLAXIS]
    rules = sorted(asking, key=lambda rule: _PROPHYLAXIS.index(rule.id))
    if not rules:
        return None
    found = antiseizure_drug(s)
    offer, why = _offer(s, found)
    regimen = _LEVETIRACETAM[s.policy.lev_dose_text]
    mg = regimen.steps[0].mg if offer is Offer.SUGGEST else None
    says = regimen.text if s.prints_flat_dose else regimen.without_dose
    named = [*rules, _SUPPRESSED] if found else rules
    return Recommendation(
        rules=tuple(rule.id for rule in named),
        topic="levetiracetam",
        strength=Strength.CONSIDER,
        indicator=most_urgent(rules),
        offer=offer,
        says=f"{says}.",
        cites=cites_of(rules, *regimen.cites),
        drug=DrugPlan(regimen.drug, regimen.id, mg, why_no_dose=why),
        already=found.order if found else None,
        already_at=found.at if found else None,
        detail=() if found else (*on_hold(s, ANTISEIZURE), *_remarks(s, why)),
    )


def _offer(s: Situation, found: Found | None) -> tuple[Offer, str]:
    if found is not None:
        return Offer.ALREADY, ""
    why = s.why_no_flat_dose
    return (Offer.TEXT if why else Offer.SUGGEST), why


def _remarks(s: Situation, why: str) -> tuple[str, ...]:
    said = {
        why: bool(why),
        Advice.ADJUST_RENAL: True,
        Advice.LEVETIRACETAM_RENAL: s.policy.renal_doses,
        Advice.STOP_DAY_30: True,
        Advice.ORDERS_NOT_READ: not are_orders_read(s),
    }
    return tuple(str(key) for key, holds in said.items() if holds)


def second_line(s: Situation, fired: Sequence[Fired]) -> Recommendation | None:
    """Anakinra or ruxolitinib where CRS or ICANS is refractory: a text, never a draft (D-19)."""
    rules = [item.rule for item in fired if item.rule.topic == "second-line"]
    if not rules:
        return None
    found = first_found(s, _SECOND_LINE, _SECOND_LINE_H)
    unread = () if are_orders_read(s) else (Advice.ORDERS_NOT_READ,)
    return Recommendation(
        rules=tuple(rule.id for rule in rules),
        topic="second-line",
        strength=Strength.CONSIDER,
        indicator=most_urgent(rules),
        offer=Offer.TEXT if found is None else Offer.ALREADY,
        says=" ".join(rule.says for rule in rules),
        cites=cites_of(rules),
        already=found.order if found else None,
        already_at=found.at if found else None,
        detail=(
            *_second_line_doses(s, rules),
            *unread,
            *(overlap_remark(s) if _CRS_REFRACTORY in {rule.id for rule in rules} else ()),
        ),
    )


def _second_line_doses(s: Situation, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Adult doses and limits: anakinra's for ICANS was read, the rest a site turns on (0.5)."""
    if not s.prints_flat_dose:
        return ()
    refractory_icans = any(rule.id == _ICANS_REFRACTORY for rule in rules)
    said = {
        Advice.ANAKINRA_DOSE: refractory_icans,
        Advice.ANAKINRA_DOSE_CRS: s.policy.crs_anakinra_dose and not refractory_icans,
        Advice.ANAKINRA_RENAL: s.policy.renal_doses,
        Advice.RUXOLITINIB_DOSE: s.policy.ruxolitinib_dose,
    }
    return tuple(str(key) for key, holds in said.items() if holds)
