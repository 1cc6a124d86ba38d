"""Orders that go back as they came, but for one thing: what is not changed stays byte for byte.

Numbers keep every digit and unknown extensions every member (ACT-4). Only what has no value is left
out, which no answer may hold (GEN-2, GEN-3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from cards.dose_words import Amount, with_amount
from cards.drafts import quantity
from cards.wording import number_text

_TOKEN: Final = re.compile(rb'[\s,:]*([{}\[\]]|"(?:[^"\\]+|\\.)*"|[^\s,:{}\[\]"]+)', re.DOTALL)
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_AMOUNT: Final = msgspec.json.Decoder(Amount)
_STRING: Final = msgspec.json.Decoder(str)
_DOSES: Final = frozenset({"doseQuantity", "doseRange"})
"""A dose of an instruction itself, as in STU3."""
_TIED: Final = ("rate", "maxDose")
_WORDS: Final = ("text", "patientInstruction")
_CLOSED: Final = {b"{": b"}", b"[": b"]"}
_NO_TEXT: Final = b'""'
_NULL: Final = b"null"
_LONGEST: Final = 1 << 18
"""Bytes of an order that is sent back: many times what any real one has."""


def with_status(order: bytes, status: str) -> msgspec.Raw | None:
    """The order with another status; None where it cannot be read, or is too long."""
    try:
        return _sent(_MEMBERS.decode(order) | {"status": _raw(status)})
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def with_dose(order: bytes, mg: Decimal) -> msgspec.Raw | None:
    """The order with `mg` as its dose; None where it has none or several, or as for a status.

    None, too, where something else hangs on the dose and would contradict it: a rate, a limit, or
    words that tell it in another way.
    """
    try:
        return _sent(_dosed(order, mg))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, LookupError):
        return None


def _dosed(order: bytes, mg: Decimal) -> Mapping[str, Any]:
    """The members of the order; raises where one that leads to the dose is not there."""
    members = _MEMBERS.decode(order)
    instructions = _ITEMS.decode(members["dosageInstruction"])
    first = _told(instructions[0])
    amounts = _ITEMS.decode(first["doseAndRate"])
    amount = _told(amounts[0])
    later = [name for each in instructions[1:] for name in _told(each)]
    if len(amounts) > 1 or "doseAndRate" in later or not _DOSES.isdisjoint((*first, *later)):
        raise LookupError("more than one dose")
    if any(name.startswith(_TIED) for name in (*amount, *first)):
        raise LookupError("a rate or a limit goes with the dose")
    old = _AMOUNT.decode(amount.get("doseQuantity", b"{}"))
    amount.pop("doseRange", None)
    amount["doseQuantity"] = _raw(quantity(mg, "mg", "mg"))
    first["doseAndRate"] = _raw([amount])
    first |= {name: _worded(first[name], old, mg) for name in _WORDS if name in first}
    return members | {"dosageInstruction": _raw([first, *instructions[1:]])}


def _told(member: msgspec.Raw) -> dict[str, msgspec.Raw]:
    """The members of an object that have a value: a null says nothing."""
    return {name: each for name, each in _MEMBERS.decode(member).items() if bytes(each) != _NULL}


def _worded(text: msgspec.Raw, old: Amount, mg: Decimal) -> msgspec.Raw:
    changed = with_amount(_STRING.decode(text), old, number_text(mg, "mg"))
    if changed is None:
        raise LookupError("words tell another amount")
    return _raw(changed)


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _sent(members: Mapping[str, Any]) -> msgspec.Raw | None:
    content = msgspec.json.encode(members)
    content.decode()
    return msgspec.Raw(lean(content)) if len(content) <= _LONGEST else None


class _Open(NamedTuple):
    """An object or a list whose end was not met yet; `keys` holds that of the next member."""

    mark: bytes
    keys: list[bytes]
    parts: list[bytes]

    def take(self, value: bytes) -> None:
        """A value, or the key of one: kept unless it is empty.

        A null in a list stays: it keeps the place of an element of which only extensions are told.
        """
        if self.mark == b"{":
            key = self.keys.pop()
            if value not in (_NO_TEXT, _NULL):
                self.parts.append(key + b":" + value)
        elif value != _NO_TEXT:
            self.parts.append(value)


def lean(content: bytes) -> bytes:
    """JSON without members and items that have no value; all else as it was written.

    However deep it is nested.
    """
    around = [_Open(b"", [], [])]
    for token in _TOKEN.findall(content):
        inner = around[-1]
        if token in _CLOSED:
            around.append(_Open(token, [], []))
        elif token == _CLOSED.get(inner.mark):
            around.pop()
            closed = inner.mark + b",".join(inner.parts) + token if inner.parts else _NO_TEXT
            around[-1].take(closed)
        elif inner.mark == b"{" and not inner.keys:
            inner.keys.append(token)
        else:
            inner.take(token)
    return b"".join(around[0].parts)
