"""What a card is about: its topic coding, its source and its stable identifiers."""

from __future__ import annotations

import json
import uuid

from cards.model import CardContext, Coding, Source
from grading.knowledge import KNOWLEDGE

SYSTEM = "https://cart-toxicity-cds.example.org/fhir/CodeSystem/card-topic"
CRS = Coding("CRSGrade", SYSTEM, "CRS grade")
ICANS = Coding("ICANSGrade", SYSTEM, "ICANS grade")
IEC_HS = Coding("IECHSOverlap", SYSTEM, "Possible IEC-HS (HLH-like) overlap")
DATA_GAP = Coding("DataGap", SYSTEM, "Data missing for CRS and ICANS grading")
SCOPE = Coding("ScopeUnknown", SYSTEM, "CAR-T infusion record not read")
UNKNOWN_ORDER = Coding("OrderUnknown", SYSTEM, "Order that could not be recognized")

_SOURCE_LABEL = "ASTCT consensus grading 2019"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, SYSTEM)


def source_of(topic: Coding, context: CardContext, rule: str = "") -> Source:
    """The source of every card: the consensus that grades are made by.

    It leads to our page of `rule`, or of all rules, and from there to the publication; without a
    base URL to the publication itself.
    """
    url = context.rule_url(rule) or KNOWLEDGE.sources["astct-2019"].url
    return Source(_SOURCE_LABEL, url, topic)


def source_named(key: str, topic: Coding, context: CardContext, rule: str) -> Source:
    """A source of the knowledge files as that of a card; it leads to our page of `rule`."""
    source = KNOWLEDGE.sources[key]
    return Source(source.label, context.rule_url(rule) or source.url, topic)


def stable_uuid(context: CardContext, *names: str) -> str:
    """UUIDv5 of the call, its patient, and what is identified: the same call gives the same one.

    The hook instance alone does not tell calls apart: clients have sent one for many patients.
    """
    said = (context.hook_instance, context.patient_id, *context.origin, "", *names)
    return str(uuid.uuid5(_NAMESPACE, json.dumps(said)))
