"""What the clinician sees: cards, drafts, the assessment object, published artifacts; no HTTP."""

from cards.compose import compose_cards, scope_unknown_card
from cards.extension import assessment
from cards.model import Card, CardContext
from cards.schemas import dump_cards

__all__ = [
    "Card",
    "CardContext",
    "assessment",
    "compose_cards",
    "dump_cards",
    "scope_unknown_card",
]
