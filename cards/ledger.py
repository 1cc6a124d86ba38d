"""The tocilizumab doses since the infusion in one sentence, for every card that asks for them."""

from __future__ import annotations

from cards.case import Case
from cards.wording import number_text
from grading.model import Dose


def ledger_text(case: Case) -> str:
    """Number, times and amounts of the doses, and how many fall in the last 24 h; empty: none."""
    ledger = case.verdict.ledger
    if ledger is None or not ledger.doses:
        return ""
    count = len(ledger.doses)
    least = "at least " if ledger.at_least else ""
    doses = ", ".join(_dose(case, dose) for dose in ledger.doses)
    noun = "dose" if count == 1 else "doses"
    return (
        f"Tocilizumab since the infusion: {least}{count} {noun} ({doses}), "
        f"{ledger.in_24h} of them in the last 24 h."
    )


def _dose(case: Case, dose: Dose) -> str:
    amount = "" if dose.mg is None else f" {number_text(dose.mg, 'mg')}"
    return f"{case.words.time(dose.start)}{amount}"
