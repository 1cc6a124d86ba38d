"""Cards as JSON: the members of the specification, without nulls and without empty values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields, post_dump

from cards.model import Card


class _LeanSchema(Schema):
    """Base of every schema here: a member without a value is left out (GEN-2 to GEN-4)."""

    @post_dump
    def _drop_empty(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value not in (None, "", [], {})}


class CodingSchema(_LeanSchema):
    """CDS Hooks Coding."""

    code = fields.String(required=True)
    system = fields.String(required=True)
    display = fields.String()


class SourceSchema(_LeanSchema):
    """Where the guidance comes from."""

    label = fields.String(required=True)
    url = fields.String()
    topic = fields.Nested(CodingSchema)


class LinkSchema(_LeanSchema):
    """A page to open."""

    label = fields.String(required=True)
    url = fields.String(required=True)
    type = fields.String(required=True)
    app_context = fields.String(data_key="appContext")


class ActionSchema(_LeanSchema):
    """A change on offer; `resource` is passed on as it was built."""

    type = fields.String(required=True)
    description = fields.String(required=True)
    resource = fields.Raw()
    resource_id = fields.String(data_key="resourceId")


class SuggestionSchema(_LeanSchema):
    """A set of actions to accept together."""

    label = fields.String(required=True)
    uuid = fields.String(required=True)
    is_recommended = fields.Boolean(data_key="isRecommended")
    actions = fields.List(fields.Nested(ActionSchema))


class CardSchema(_LeanSchema):
    """A card."""

    uuid = fields.String(required=True)
    summary = fields.String(required=True)
    detail = fields.String()
    indicator = fields.String(required=True)
    source = fields.Nested(SourceSchema, required=True)
    suggestions = fields.List(fields.Nested(SuggestionSchema))
    selection_behavior = fields.String(data_key="selectionBehavior")
    override_reasons = fields.List(fields.Nested(CodingSchema), data_key="overrideReasons")
    links = fields.List(fields.Nested(LinkSchema))


_CARDS = CardSchema(many=True)


def dump_cards(cards: Iterable[Card]) -> list[dict[str, Any]]:
    """Cards as the value of `cards` in a response; no cards give an empty list."""
    dumped: list[dict[str, Any]] = _CARDS.dump(list(cards))
    return dumped
