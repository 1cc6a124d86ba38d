"""Oxygen devices in charted words (CRS-O), none that is denied, was left or is only ready."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
        r"|\bvent\b|\bimv\b|intubat|endotracheal|\bett\b|\bet[ -]?tube|bag[ /-]?valve|\bbvm\b"
        r"|\bambu(?:[ -]?bag)?\b|t-?piece",
    ),
    (Device.MASK, r"masks?\b"),
    (Device.NASAL_CANNULA, r"cannula|\bnc\b|nasal prong|binasal"),
    (Device.ROOM_AIR, r"room[ -]air|\bra\b|\bnone\b"),
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
_KIND = r"(?:the|a|any|his|her|home|nasal|simple|full|face|mechanical(?:ly)?|invasive|oxygen|o2)"
_USE = (
    r"(?:on|of|to|for|via|longer|currently|yet|use|using|wear\w*|tolerat\w*|requir\w*|need\w*"
    r"|been|supplemental)"
)
_DENIED_BEFORE = re.compile(
    r"\b(?:(?:no|not|without|off|never|declin\w*|refus\w*|denies|denied|discontinu\w*|remov\w*"
    rf"|stopp\w*)\b|d/?c'?d\b)\W+(?:(?:{_KIND}|{_USE})\W+){{0,4}}$"
)
_LEFT_BEFORE = re.compile(
    rf"\b(?:from|(?:previous\w*|former\w*|was)(?: on)?|prior(?: to)?)\W+(?:{_KIND}\W+){{0,2}}$"
)
_DENIED_AFTER = re.compile(
    r"^[\w-]*\W*(?:\d+(?:\.\d+)?\s*(?:l(?:/?p?m|/min)?\b|%)?\W*)?"
    r"(?:(?:use|patient|pt|is|was|has|been|taken)\W+){0,3}"
    r"(?:off|remov\w*|discontinu\w*|d/?c'?d|stopped|refus\w*|declin\w*|denie[ds]"
    r"|not (?:worn|in use|used|on|tolerat\w*|need\w*|requir\w*|indicated|applied|in place))\b"
)
"""What denies a device, or tells that it was left, stands next to it: "NC 2L no distress"."""
_AS_NEEDED = r"(?:prn|p\.r\.n|(?:if|as|when) needed)"
_PLANNED_BEFORE = re.compile(
    r"\b(?:stand-?by|back-?up|prn|consider\w*|plan\w*|anticipat\w*|await\w*|pending|discuss\w*"
    r"|(?:may|might|will|would)(?: soon)? (?:need|require|go)|possibl[ey]|potential\w*|prepar\w*"
    r"|ready|low threshold|if worse\w*|to (?:start|be (?:placed|put|started)))"
    rf"\W+(?:(?:{_KIND}|{_USE}|start\w*|initiat\w*)\W+){{0,4}}$"
)
_PLANNED_AFTER = re.compile(
    r"^(?!(?:ed|ion)\W+(?:at|by|in)\b|\W*(?:is )?in use\b)[\w-]*\W*"
    r"(?:(?:masks?|machine|kit|tray|cart|equipment)\W+)?"
    r"(?:\d+(?:\.\d+)?\s*(?:l(?:/?p?m|/min)?\b|%)?\W*)?(?:(?:is|are|kept|use|on|in|to be)\W+){0,3}"
    r"(?:stand-?by|back-?up(?! (?:rate|mode|rr)\b)|available|(?:at|by) (?:the )?bedside"
    r"|in (?:the )?room(?![ -]air)"
    rf"|{_AS_NEEDED}|ordered(?! and)|pending(?!\W*\w)|planned|anticipated|considered|discussed)\b"
)
"""A device that is ready or intended stands beside the one in use: "NC 2L, BiPAP on standby"."""
_END_AHEAD = re.compile(
    r"^(?!ion\b)[\w-]*\W+(?:(?:is|planned|for|to)\W+)*"
    r"(?:wean|extubat|liberat|sbt\b|trach(?:eo\w*)?\b|(?<=for )(?:the )?or\b)"
)
"""What is planned is not the device but its end: "plan BiPAP wean", "intubated, planned for OR"."""
_USED = re.compile(
    rf"\b(?:ordered|stand-?by|available|(?:at|by) (?:the )?bedside|in (?:the )?room|{_AS_NEEDED})"
    r"\s*[,;]\s*(?:(?:and|but|patient|pt|he|she|is|currently) )*(?:wearing|using|on|in use)"
    r"(?: (?:it|now|currently))*(?=\s*(?:[,;.]|$))"
)
"""A device that was ready, and that the next clause says is in use."""
_AS_NEEDED_ALONE = re.compile(_AS_NEEDED)
_NEVER = re.compile(r"(?!)")
_DENIED = ((_DENIED_BEFORE, _DENIED_AFTER), (_LEFT_BEFORE, _NEVER))
_PLANNED = ((_PLANNED_BEFORE, _PLANNED_AFTER),)
_LOW = frozenset({Device.NASAL_CANNULA, Device.ROOM_AIR})
_PLANNED_ALONE = re.compile(
    rf"^\W*(?:on |is )?(?:stand-?by|back-?up|available|at bedside|{_AS_NEEDED}|ordered)\W*$"
)
_LARYNGEAL = re.compile(r"\b(?:laryngeal mask|lma|supraglottic)\b(?: airway)?")
"""An airway that tells neither of oxygen nor of ventilation."""
_AIRWAY = "airway"
_TO_LARYNGEAL = re.compile(
    rf"\b(?:exchang|chang|switch|convert|replac)\w* (?:for|to|by|with) (?:an? )?{_AIRWAY}\b"
)
_LEFT = re.compile(r"\bfrom\b|\bprevious|\bprior\b|\bwas\b|\bformer")
_CHANGED = re.compile(r"\bwean|\btransition|\bswitch|\bchanged?\b|\bstep|->|\u2192")
_ONE_DEVICE = re.compile(
    r"(hi(?:gh)?[ -]?flow|\bcpap|\bbi-?pap|\bniv\b|\bnippv\b|non[ -]?invasive)(?: (?:via|by|with))?"
    r"(?: (?:nasal|full|face|heated|humidified))*[ -](?:cannula|nc\b|masks?\b|prongs|ventilat\w*)"
)
"""Two names of one device, as "high flow nasal cannula"."""


@lru_cache(maxsize=1024)
def device_from_text(text: str) -> Device | None:
    """The device that a charted text names, the more specific first; None: none is recognized.

    None too where a device is denied or was left for another, or is all that is ready: which one
    is in use is not certain.
    """
    return None if is_unclear(text) else next(_named(_in_use(_plain(text))), None)


@lru_cache(maxsize=1024)
def is_unclear(text: str) -> bool:
    """Whether a text denies a device, tells of a change of it, or of none but a planned one."""
    words = _in_use(_plain(text))
    is_laryngeal = _LARYNGEAL.search(text.lower()) and _is_all_there_is(words)
    return bool(is_laryngeal) or any(map(_leaves_open, _CLAUSE.split(words)))


def _is_all_there_is(words: str) -> bool:
    """Whether beside a laryngeal mask no device is named, or one that was left for it.

    Room air beside one that was not removed may be what is blown through it.
    """
    others = set(_named(words)) - (set() if "remov" in words else {Device.ROOM_AIR})
    return not others or bool(_TO_LARYNGEAL.search(words))


def _in_use(lowered: str) -> str:
    """The text without the clauses of devices that are ready or intended, if others are left."""
    clauses: list[str] = []
    for clause in _CLAUSE.split(lowered):
        if clauses and _PLANNED_ALONE.search(clause):
            clauses[-1] += clause
        else:
            clauses.append(clause)
    kept = [clause for clause in clauses if not _says_of_one(clause, _PLANNED)]
    is_named = any(True for clause in kept for _ in _named(clause))
    return ", ".join(kept if is_named else clauses)


def _plain(text: str) -> str:
    """The text in lower case, without masks that carry no oxygen; no oxygen is room air."""
    words = _LARYNGEAL.sub(_AIRWAY, _NO_OXYGEN_MASK.sub("", text.lower()))
    return _USED.sub(" in use", _NO_OXYGEN.sub("room air", words))


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
    """Whether a clause denies or only plans a device, or tells of a change to or from one.

    A cannula as needed is read as a cannula, beside room air too.
    """
    devices = set(_named(_ONE_DEVICE.sub(r"\1", clause)))
    if "none" in clause and devices - {Device.ROOM_AIR}:
        return True
    if len(devices) > 1 and (_CHANGED.search(clause) or _LEFT.search(clause)):
        return True
    if _says_of_one(clause, _DENIED):
        return True
    is_cannula = Device.NASAL_CANNULA in devices and devices <= _LOW
    is_as_needed = is_cannula and _AS_NEEDED_ALONE.search(clause)
    return not is_as_needed and _says_of_one(clause, _PLANNED)


def _says_of_one(clause: str, told: Sequence[tuple[re.Pattern[str], re.Pattern[str]]]) -> bool:
    """Whether what stands before, or behind, one of the devices of a clause says so of it."""
    around = [
        (clause[: found.start()], clause[found.end() :])
        for _, pattern in _DEVICE_PATTERNS
        for found in pattern.finditer(clause)
    ]
    return any(
        before.search(ahead) or after.search(behind)
        for ahead, behind in around
        for before, after in told
        if told is not _PLANNED or not _END_AHEAD.search(behind)
    )
