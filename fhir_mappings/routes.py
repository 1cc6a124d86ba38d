"""Form and route: whether a medicine acts on the whole body, and whether into a vein."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.codes import SHIPPED, CodeableConcept
from fhir_mappings.drugs import PREFIX, Recognized, form_in_text

_VEIN = re.compile(
    r"(?<![a-z])p?iv(?!it|es|ent)|(?<![a-z])i[. ]{1,2}v(?![a-z])|intra-?ven(?!tric)"
    r"|(?<![a-z])(?:cv[cl]|picc|port|midline|hickman|broviac)(?![a-z])|port-?a-?cath"
    r"|(?:central|peripheral) (?:venous|vein|line)"
)
_LOCAL_WORDS = re.compile(
    r"topical|oph?thal|eye|otic|(?<![a-z])ears?(?![a-z])|nasal|nares?(?![a-z])|nostril|inhal|inhl|nebul"
    r"|intrathec|itinj|intra-?artic|epidur|perineur|infiltrat|intra-?les|intra-?pleur|intravitreal"
    r"|intracamer|retrobulb|intracavern|icavinj|cutaneous(?<!subcutaneous)|mucous|mucosa"
    r"|external(?! jug)|dental|swish(?! and swallow)|gargle|mouth ?wash|vagin|irrigat|bladder"
    r"|intravesic|intraventric|conjunctiv|endotrach|intratrach"
)
_LOCAL_CODES = frozenset(
    {"ou", "od", "os", "it", "inh", "ih", "op", "ot", "tp", "ep", "skin", "patch", "drop", "drops"}
)
"""Short for a local route where nothing else is written; "per os" is by mouth."""
_LOCAL_FORMS = frozenset(
    {"topical", "ophthalmic", "otic", "nasal", "inhalation", "intrathecal", "vaginal", "implant"}
)
_DEPOT = "parenteral_depot"
ANY_INJECTION = frozenset({"parenteral", ""})
"""Forms that may go into a vein: one for injection, or none that is told."""
_OTHER_INJECTION = re.compile(
    r"sub[- ]?cut|(?<![a-z])s\.?[cq](?![a-z])|sub[- ]?q|intramusc|(?<![a-z])i\.?m(?![a-z])"
)
_ELSEWHERE = re.compile(
    r"(?<![a-z])(?:p\.?o|per os|sl|pr|[no]gt?|gt|nj|peg|dht)(?![a-z])|(?<![a-z])(?:per)?oral"
    r"|mouth|swallow|gastric|gastrostomy|jejun|(?<!par)enteral|feeding|\btube|pegtube|dob-?hoff|rectal|rectum|sublingual"
    r"|buccal|transderm|intraderm|intraperiton"
)
_ROUTE_WORDS = {"IV": "iv", "PO": "oral", "SC": "sc", "IM": "im"}


class Gate(NamedTuple):
    """Whether a medicine acts on the whole body, and whether into a vein; None: cannot be told."""

    systemic: bool
    intravenous: bool | None


@lru_cache(maxsize=4096)
def gate(form: str, route: CodeableConcept | None, *, has_rate: bool) -> Gate:
    """The form and route gate by itself (terminology.md 1, item 10).

    A charted route decides, also against a rate: an epidural or nebulizer runs at a rate too. Else
    a rate says intravenous, and a local form is not systemic. A route that is not known says as
    little as none: a form for injection, or none, is then systemic and whether it went into a vein
    cannot be told (DOSE-TOCI counts it).
    """
    word = route_words(route)
    if _VEIN.search(word):
        return Gate(systemic=True, intravenous=True)
    if _LOCAL_WORDS.search(word) or (word and _LOCAL_CODES.issuperset(word.split())):
        return Gate(systemic=False, intravenous=False)
    if _OTHER_INJECTION.search(word):
        return Gate(systemic=True, intravenous=False)
    if _ELSEWHERE.search(word):
        return Gate(systemic=form not in _LOCAL_FORMS, intravenous=False)
    if has_rate or "infusion" in word:
        return Gate(systemic=True, intravenous=True)
    return _by_form(form)


def _by_form(form: str) -> Gate:
    if form in _LOCAL_FORMS or form == _DEPOT:
        return Gate(systemic=False, intravenous=False)
    return Gate(systemic=True, intravenous=None if form in ANY_INJECTION else False)


_ABSORBED: Mapping[str, frozenset[str]] = {
    key.removeprefix(PREFIX): frozenset(each.attributes["absorbed"])
    for key, each in SHIPPED.sets.items()
    if "absorbed" in each.attributes
}
"""Local forms by which an ingredient acts on the whole body: a fentanyl patch, midazolam spray."""


def passage(found: Recognized, route: CodeableConcept | None, *, has_rate: bool) -> Gate:
    """The gate of a medicine, which lets a local form through where it is meant to be absorbed."""
    passed = gate(found.form, route, has_rate=has_rate)
    if passed.systemic:
        return passed
    way = form_in_text(route_words(route)) or found.form
    is_absorbed = any(way in _ABSORBED.get(name, ()) for name in found.ingredients)
    return Gate(systemic=is_absorbed, intravenous=False)


def route_words(route: CodeableConcept | None) -> str:
    """The route in lower-case words; empty: not charted."""
    if route is None:
        return ""
    for coding in route.coding:
        value = SHIPPED.attribute(coding.system, coding.code, "value")
        if value:
            return _ROUTE_WORDS.get(value, str(value))
    words = [route.text or "", *(coding.display or coding.code or "" for coding in route.coding)]
    return " ".join(words).strip().lower()
