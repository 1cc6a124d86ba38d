"""Why an order alert may be overridden: the reasons that every warning offers (OT-0c, OVR-2)."""

from __future__ import annotations

from cards.model import Coding, Indicator

SYSTEM = "https://cart-toxicity-cds.example.org/fhir/CodeSystem/override-reason"
REASONS = tuple(
    Coding(code, SYSTEM, display)
    for code, display in (
        ("benefit-outweighs-risk", "Benefit outweighs risk"),
        ("crs-resolved-clinically", "CRS resolved clinically"),
        ("alternative-cause", "Alternative cause"),
        ("institution-protocol", "Institution protocol"),
        ("other", "Other (text)"),
    )
)


def reasons_for(indicator: Indicator) -> tuple[Coding, ...]:
    """The reasons on a card of that urgency; none where there is nothing to override."""
    return () if indicator is Indicator.INFO else REASONS
