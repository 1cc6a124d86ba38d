"""What the clinician sees: cards, drafts, the assessment object, published artifacts; no HTTP."""

from cards.app_link import with_app_link
from cards.compose import compose_cards, scope_unknown_card
from cards.extension import assessment
from cards.model import Card, CardContext
from cards.order_cards import compose_order_cards, order_rows
from cards.schemas import dump_cards
from cards.unknown_order_card import unknown_order_card

__all__ = [
    "Card",
    "CardContext",
    "assessment",
    "compose_cards",
    "compose_order_cards",
    "dump_cards",
    "order_rows",
    "scope_unknown_card",
    "unknown_order_card",
    "with_app_link",
]
