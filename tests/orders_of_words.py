"""Finds sentences that order something; a card states and offers (house rule on wording).

An order is a sentence, or a part of one, that begins with a verb in the imperative, or that says
"must" or "do not". What begins a sentence is looked at after every full stop, colon, semicolon and
mark of a list.
"""

from __future__ import annotations

import re

_WORDS = """
    abort add administer admit adjust apply arrange ask assess assure avoid begin
    bring call cease change check confirm continue correct decrease delay
    discontinue do don't draw ensure escalate evaluate exclude follow get give go
    halt hold increase initiate insert keep look lower maintain make measure monitor
    never notify obtain omit order perform place prepare prescribe reassess recheck
    reduce refer remove repeat replace request rule run search see send set speed
    start stop switch take taper tell transfer treat try turn use wait wean withdraw
    withhold
"""
_VERBS = frozenset(_WORDS.split())
_ANYWHERE = re.compile(
    r"\b(?:must|do not (?:give|use|start|stop|order|delay)|don't|give now|have to|at once"
    r"|immediately|urgently)\b"
)
_PARTS = re.compile(r"[.:;!?|\n]|\s-\s|^\s*-\s", re.MULTILINE)
_MARKS = re.compile(r"^[\s*_>#\\\-(\"'0-9]+")
ALLOWED = (
    "look for another cause",  # quoted by the specification (CRS-W1)
    "order for",  # a noun: the order for a drug
    "order of",
    "adjust for renal function",  # quoted by the specification (DOSE-LEV)
    "stop date",  # a noun
    "never gm-csf",  # quoted by the specification (MGMT-CRS-04)
    "set the dose of",  # on a button: what the click of the clinician does
    "remove the order for",
    "care that goes with the grade",
    "confirm with hematology",  # quoted by the specification (0.5)
    "severe, not immediately life-threatening",  # quoted by the specification (IECHS-6)
)
"""How a part may begin though its first word is a verb."""


def commands(text: str) -> list[str]:
    """The parts of a text that order something, in lower case."""
    plain = text.replace("*", "")
    parts = (_MARKS.sub("", part).strip().lower() for part in _PARTS.split(plain))
    return [part for part in parts if _is_command(part)]


def _is_command(part: str) -> bool:
    if part.startswith(ALLOWED):
        return False
    if _ANYWHERE.search(part):
        return True
    first = re.split(r"[\s,]", part, maxsplit=1)[0]
    return first in _VERBS and part != "order"
