"""CAR-T products: by code, by name, and what only speaks of CAR-T (terminology.md 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from fhir_mappings.codes import SHIPPED, CodeableConcept, canonical, ndc_prefix, system_url

NDC = system_url("ndc")
_CART = {key: each for key, each in SHIPPED.sets.items() if key.startswith("cart.")}


def _product(key: str) -> str:
    return str(_CART[key].attributes["product"])


_BY_NDC = {
    ndc_prefix(entry.code): _product(key)
    for key, each in _CART.items()
    for entry in each.entries
    if entry.system == NDC and entry.verified
}
_HCPCS = system_url("hcpcs")
_BILLED = {
    (_HCPCS, entry.code): _product(key)
    for key, each in _CART.items()
    for entry in each.entries
    if entry.system == _HCPCS
}
"""Codes that bill a product, its collection included: only of a medicine do they name it."""
_NAMES = re.compile(
    "|".join(re.escape(word) for each in _CART.values() for word in each.text), re.IGNORECASE
)
_UNNAMED = re.compile(
    r"(?i:\bcar[ -]ts?\b|\bcart[ -]cells?\b|chimeric antigen receptor|autoleucel|ciloleucel"
    r"|maraleucel|vicleucel|lecleucel)|\bCART\b(?=-\d|[ -](?:infusion|therapy|product))"
)
"""CAR-T without a name; a cart is none, nor is cART, the treatment of HIV."""
_OTHER = re.compile(r"lifileucel|afamitresgene|afami-cel|tecelra|amtagvi", re.IGNORECASE)
"""Other cells."""
_BEFORE = re.compile(r"fludarabine|cyclophosphamide|bendamustine|pre-?med", re.IGNORECASE)
"""Medicines that are given before CAR-T: named before it, they are what was given."""
_CALLED_OFF = re.compile(
    rf"(?:{_NAMES.pattern}|leucel|\b(?:infusion|administration|cells?|car[ -]?ts?))"
    r"\W{0,3}(?:was |were |has been )?"
    r"(?:cancel|postpone|deferred|declined"
    r"|not (?:yet )?(?:given|done|performed|administered|infused))"
    r"|(?:cancel\w*|postponed?|deferred|declined) (?:\w+ ){0,2}(?:infusion|car[ -]?t)",
    re.IGNORECASE,
)
_OFF = re.compile(r"cancel|postpone|deferred|declined|aborted", re.IGNORECASE)
"""Words of an infusion that was none, where they do not speak of something beside it."""
_SPACED = re.compile(r"\b(axi|brexu|tisa|liso|ide|cilta|obe) ?cel\b", re.IGNORECASE)
_PURPOSE = re.compile(
    r"(?:\bfor(?! (?:iv |intravenous )?in(?:fus|ject))"
    r"|\b(?:before|prior to|pre|during|after|following)"
    r"|\b(?:post|awaiting)|\b(?:history|hx) of|\bh/o|s/p)"
    r"[ -]+(?:\w+[ -]+){0,2}$",
    re.IGNORECASE,
)
"""What stands before CAR-T where something else was done because of it."""
_NEVER = re.compile(
    r"collect|apheresis|harvest|consult|evaluat|planned|referral|screening|education|eligib|receipt"
    r"|\bconsent(?: (?:form|visit|discussion|conference))?\W*$|\bconsent (?:for|to)\b|history\W*$",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"prepar|lymphodeplet|chemother|follow[ -]?up|monitor|clinic\b|assess", re.IGNORECASE
)
_INFUSED = re.compile(r"infus|administ|\bgiven\b", re.IGNORECASE)
_DAY_0 = r"\b(?:day ?|d)[+-]?(?:0|zero)\b"
_PERHAPS = re.compile(
    rf"(?<!\bpre[ -])(?<!\bpost[ -])(?:infus|administ)|\badm(?:in|n)\b|{_DAY_0}", re.IGNORECASE
)
"""Beside words of something else, it may be of the infusion all the same."""
_DONE = r"(?:re-?)?(?:infus|administ|adm(?:in|n)\b|transfus|inject|introduc|given\b)"
_CALLS = (
    rf"(?:{_NAMES.pattern}|{_UNNAMED.pattern}|\b\w*(?:auto|ci|mara|vic|lec)leucel"
    r"|\b(?:t|cells?|therapy|immunotherapy|treatment|product|car-?t|thaw\w*|and|was|were)\b)"
)
_DONE_WITH_IT = re.compile(
    rf"{_CALLS}[^\w.;]{{0,3}}(?:(?:was|were|iv|intravenous)\W{{1,3}})?{_DONE}"
    rf"|\b{_DONE}\w*[ -]+(?:[\w-]+ +){{0,5}}\(?(?:{_NAMES.pattern}|{_UNNAMED.pattern})",
    re.IGNORECASE,
)
"""Words next to CAR-T that say that it was given."""
_NEUTRAL = re.compile(
    r"\b(?:t|cells?|lymphocytes?|therapy|immunotherapy|treatment|product|suspension|dispersion"
    r"|(?:trans|in)fus\w*|cellular|gene|bags?|components?|doses?|first|second|iv|intravenous|injection|vial"
    r"|autologous|allogeneic|engineered|genetically|modified|anti|bcma|inpatient|outpatient"
    r"|procedure|regime|the|of|a|an|with|via|by|no|and|done|completed|performed|million|kg|ml|x)\b"
    r"|\b(?:for|cycle|protocol|adult|pediatric|lymphoma|leuk(?:a)?emia|myeloma|multiple|large|b"
    r"|relapsed|refractory|mantle|follicular|dlbcl|mcl|all|cll|sll|mm|rrmm)\b"
    rf"|{_DAY_0}|\bcd-?\d+\w*|\bcar\+"
    r"|(?<!day )\b[\d.,*^]+(?: ?x ?10)?(?:e\d+)?(?:ml|kg)?\b|[^\w]",
    re.IGNORECASE,
)
"""What may stand beside CAR-T where nothing else than CAR-T is named."""
_HOW_INFUSED = re.compile(
    r"\b(?:bedside|central|peripheral|line|unit|bmt|initial|single|repeat|commercial|clinical|trial"
    r"|research|investigational|positive|then|autol)\b|\bafter flu ?/ ?cy\b",
    re.IGNORECASE,
)
"""What may stand beside an infusion of CAR-T; without that word it is of anything else."""
_NO_REACTION = re.compile(
    r"\b(?:no|without|w/o|denies)(?:[ /-]+\w+){0,5}?[ /-]+reactions?\b(?! to\b)", re.IGNORECASE
)
_SECOND_DOSE = re.compile(
    r"^(?=.*(?:infus|administ))(.*(?:obe-?cel|obecabtagene|aucatzyl).*)\bday \+?10\b",
    re.IGNORECASE | re.DOTALL,
)
"""Obe-cel is given on day 1 and about day 10 (terminology.md 5)."""
_NO_CART = (
    r"(?:prbcs?|rbcs?|red (?:blood )?cells?|platelets?|plts?|plasma|ffp|cryo\w*|ivig|immunoglobulin"
    r"|albumin|(?:iv )?fluids?|saline|antibiotics?)"
)
_OTHER_INFUSION = re.compile(
    rf"\b(?:{_NO_CART}|blood(?: products?)?(?= transfus))[ -]+(?:trans|in)fus\w*"
    rf"|\b(?:trans|in)fus\w*,?[ -]+(?:of )?{_NO_CART}\b",
    re.IGNORECASE,
)
"""The infusion of something else, to a patient of CAR-T or on its ward."""
_ABOUT = re.compile(
    r"teach|educat|orient|wallet|\bcards?\b|\bpet\b|\bct\b|\bmri?\b|\bscan|\bechoc|\bekg\b|\becg\b"
    r"|biops|aspirat|imaging|restag|persist|\btest|\blevels?\b|\blabs?\b|\bassay|enrol|\brems\b"
    r"|authori[sz]|insur|financ|discuss|candida|simulat|work[ -]?up|clearance|bridging|counsel"
    r"|meeting|tumor board|referred|referring|\bvisit|\bday [+-]?(?:[2-9]|\d\d+)\b"
    r"|\bday -(?!0\b| *\d+/)|\bd[+-](?!0\b)\d|(?<!as )schedule(?!d from\b)|scheduling|to be "
    r"|\bwill\b|reaction",
    re.IGNORECASE,
)
"""Words of what is done around CAR-T and is not the infusion."""
_CELLS_FOR = re.compile(
    r"^(?!.*(?:\bred\b|blood|platelet|plasma|rbc|stem|manufactur))"
    r".*(?:\bcells?\b|transfusion)[^,;.]{0,30}\bfor\b[^,;.]*$",
    re.IGNORECASE | re.DOTALL,
)
"""What stands before CAR-T where the cells that were given may be those of CAR-T."""


def coded_products(concepts: Sequence[CodeableConcept]) -> tuple[str, ...]:
    """Short names of the CAR-T products that codes name, each once."""
    keys = (key for concept in concepts for key in SHIPPED.concepts(concept))
    named = [_product(key) for key in keys if key in _CART]
    named += [
        _BY_NDC[prefix]
        for concept in concepts
        for coding in concept.coding
        if canonical(coding.system, "")[0] == NDC
        and (prefix := ndc_prefix(coding.code or "")) in _BY_NDC
    ]
    return tuple(dict.fromkeys(named))


def products_of(concepts: Sequence[CodeableConcept], words: Iterable[str]) -> tuple[str, ...]:
    """CAR-T products of a medicine: by code, else by words; an empty one has no name."""
    pairs = (canonical(each.system, each.code) for concept in concepts for each in concept.coding)
    if coded := coded_products(concepts) or tuple(
        _BILLED[pair] for pair in pairs if pair in _BILLED
    ):
        return coded
    named = (cart_product(text) for text in words)
    return tuple(dict.fromkeys(name for name in named if name is not None))


def cart_product(text: str) -> str | None:
    """The CAR-T short name that a medicine has, empty for CAR-T unnamed; None: it is no CAR-T.

    A name is enough, whatever stands beside it; CAR-T unnamed is not where other words say that it
    was collected, prepared, monitored and so on.
    """
    text = _plain(text)
    name = _named_in(text)
    speaks = _NEVER.search(text) or _BESIDE.search(text)
    return None if name == "" and speaks else name


def procedure_product(text: str) -> str | None:
    """The CAR-T product that a procedure infused, as `cart_product`; None: it infused none.

    A text that says that it was given, or names CAR-T and nothing else.
    """
    text = _plain(text)
    return _named_in(text) if _is_infusion(text) is True else None


def may_be_procedure(text: str) -> bool:
    """Whether a procedure that infused no product may be the infusion all the same (READ-9).

    So too one that is only of CAR-T, as "CAR-T admission"; not "CAR-T teaching".
    """
    text = _plain(text)
    return may_be_infusion(text) or (_is_infusion(text) is None and _named_in(text) is not None)


def _is_infusion(text: str) -> bool | None:
    """Whether a text of CAR-T is of its infusion; None: it may be, and may be something else."""
    if _NEVER.search(text) or _BESIDE.search(text):
        return False
    text = _OTHER_INFUSION.sub("", all_of_it := _of_the_infusion(text))
    if text != all_of_it and not _PERHAPS.search(text):
        return False
    is_about, is_done = _ABOUT.search(text), _DONE_WITH_IT.search(text)
    if is_about:
        return None if is_done or _PERHAPS.search(text) else False
    if is_done:
        return True
    rest = _UNNAMED.sub("", _NAMES.sub("", text))
    if _INFUSED.search(text):
        rest = _HOW_INFUSED.sub("", rest)
    return None if _NEUTRAL.sub("", rest) else True


def _of_the_infusion(text: str) -> str:
    """The text without a reaction that it denies, and the day of the second dose of obe-cel."""
    text = _SECOND_DOSE.sub(r"\1", text)
    without = _NO_REACTION.sub("", text)
    return without if _found_in(without) else text


@lru_cache(maxsize=4096)
def may_be_infusion(text: str) -> bool:
    """Whether it speaks of an infusion of CAR-T, but also of something that goes with one.

    "CAR-T cell infusion (post lymphodepleting chemotherapy)" may be the infusion (READ-9), and so
    may be "Premedicated. CAR-T infusion" and "Cell infusion for CAR-T".
    """
    text = _plain(text)
    found = _found_in(text)
    if found is None or _NEVER.search(text) or _CALLED_OFF.search(text):
        return False
    ahead = text[: found.start()]
    if _CELLS_FOR.search(ahead) and not _BEFORE.search(ahead):
        return True
    if _PURPOSE.search(ahead) or not _INFUSED.search(text):
        return False
    sentence = re.split(r"[.;]", ahead)[-1]
    is_beside = any(words.search(text) for words in (_BESIDE, _OFF)) or _BEFORE.search(ahead)
    return bool(is_beside) and not _BEFORE.search(sentence)


def _plain(text: str) -> str:
    """The text with the short names of products in one spelling: "axi cel" is axi-cel."""
    return _SPACED.sub(r"\1-cel", text)


def _found_in(text: str) -> re.Match[str] | None:
    """Where a text first speaks of CAR-T; None: nowhere, or of other cells."""
    return None if _OTHER.search(text) else _NAMES.search(text) or _UNNAMED.search(text)


def _named_in(text: str) -> str | None:
    found = _found_in(text)
    if not found or _CALLED_OFF.search(text) or _OFF.search(text):
        return None
    ahead = text[: found.start()]
    if _PURPOSE.search(ahead) or _BEFORE.search(ahead):
        return None
    lowered = text.lower()
    named = (
        _product(key)
        for key, each in _CART.items()
        if any(word.lower() in lowered for word in each.text)
    )
    return next(named, "")
