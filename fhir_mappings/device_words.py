"""Oxygen devices in charted words (CRS-O); a device that is denied or was left is not read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from grading.model import Device

_DEVICE_WORDS: tuple[tuple[Device, str], ...] = (
    (Device.ECMO, r"\becmo\b|extracorporeal"),
    (Device.HIGH_FLOW_CANNULA, r"hi(?:gh)?[ -]?flow|\bhf ?nc\b|\bhhf|optiflow|airvo|vapotherm"),
    (Device.MASK, r"non[ -]?re-?breath|\bnrb|partial[ -]re-?breath|re-?breather"),
    (Device.BLOW_BY, r"blow[ -]?by"),
    (Device.MASK, r"\btrach(eostomy)?[ -]?(mask|collar)|\bvent[iu]|\baerosol|face[ -]?tent"),
    (Device.BIPAP, r"\bbi-?(pap|level)|\bnippv|\bniv\b|non[ -]?invasive"),
    (Device.CPAP, r"\bcpap"),
    (
        Device.VENTILATOR,
        r"(?<!self[ -])(?<!spontaneous )(?<!spontaneously )ventilat(?!ing)|mechanically ventilating"
        r"|\bvent\b|\bimv\b|intubat|endotracheal|\bett\b|\bet[ -]?tube|bag[ -]?valve|\bbvm\b"
        r"|\bambu(?:[ -]?bag)?\b|t-?piece",
    ),
    (Device.MASK, r"masks?\b"),
    (Device.NASAL_CANNULA, r"cannula|\bnc\b|nasal prong|binasal"),
    (Device.ROOM_AIR, r"room air|\bra\b|\bnone\b"),
)
_DEVICE_PATTERNS = tuple((device, re.compile(words)) for device, words in _DEVICE_WORDS)
_VENTURI = re.compile(r"\bvent[iu]\w*[ -]?mask|\bventuri")
_NO_OXYGEN = re.compile(
    r"\b(?:no|not on|without)(?: any| supplemental| additional)* (?:oxygen|o2)\b"
)
_NO_OXYGEN_MASK = re.compile(
    r"\b(?:surgical|n95|cloth|procedure|isolation)[ -](?:face[ -]?)?masks?\b"
    r"|\bmask (?:on )?for (?:isolation|precautions?)\b"
)
"""Masks that are worn against infection."""

_CLAUSE = re.compile(r"[,;()\n]|\.(?!\d)|\b(?:but|now)\b")
_DENIED = re.compile(
    r"\b(?:no|not|without|off|never|declin\w*|refus\w*|denies|denied|discontinu\w*|remov\w*"
    r"|stopp\w*)\b|\bd/?c'?d\b"
)
_LEFT = re.compile(r"\bfrom\b|\bprevious|\bprior\b|\bwas\b|\bformer")
_CHANGED = re.compile(r"\bwean|\btransition|\bswitch|\bchanged?\b|\bstep|->|\u2192")


@lru_cache(maxsize=1024)
def device_from_text(text: str) -> Device | None:
    """The device that a charted text names, the more specific first; None: none is recognized.

    None too where a device is denied or was left for another: which one is in use is not certain.
    """
    return None if is_unclear(text) else next(_named(_plain(text)), None)


@lru_cache(maxsize=1024)
def is_unclear(text: str) -> bool:
    """Whether a text denies a device, or tells of a change from one to another."""
    return any(_leaves_open(clause) for clause in _CLAUSE.split(_plain(text)))


def _plain(text: str) -> str:
    """The text in lower case, without masks that carry no oxygen; no oxygen is room air."""
    return _NO_OXYGEN.sub("room air", _NO_OXYGEN_MASK.sub("", text.lower()))


def _named(lowered: str) -> Iterator[Device]:
    """The devices that a text names, in the order in which they are looked for."""
    if _VENTURI.search(lowered):
        yield Device.MASK
    for device, pattern in _DEVICE_PATTERNS:
        if device is Device.MASK and "ventil" in lowered and "mask" not in lowered:
            continue
        if pattern.search(lowered):
            yield device


def _leaves_open(clause: str) -> bool:
    """Whether a clause denies a device, or tells of a change to or from one."""
    devices = set(_named(clause))
    is_denied = bool(_DENIED.search(clause)) or (
        "none" in clause and bool(devices - {Device.ROOM_AIR})
    )
    is_changed = len(devices) > 1 and bool(_CHANGED.search(clause))
    return bool(devices) and (is_denied or is_changed or bool(_LEFT.search(clause)))
