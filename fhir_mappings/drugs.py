"""Recognition of medicines by every coding, then by name (terminology.md 6.2)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from fhir_mappings.codes import CONCEPT_SYSTEM, SHIPPED, CodeableConcept, canonical, system_url
from fhir_mappings.naming import words_of

RXNORM = system_url("rxnorm")
NDC = system_url("ndc")
ATC = system_url("atc")
PREFIX = "drug."
_NDC_PARTS = (5, 4, 2)
_NDC_PREFIX = 9


class Recognized(NamedTuple):
    """What a medicine was recognized as.

    `ingredients`: names without `drug.`. `form`: of the product (`parenteral`, `oral`, `topical`,
    ...), empty where it is not told. `by`: `rxnorm`, `ndc`, `atc`, `site`, `text`, `product` or
    empty. `products`: CAR-T short names; empty string: CAR-T without a name. `classes`: of an ATC
    prefix.
    """

    ingredients: tuple[str, ...] = ()
    form: str = ""
    by: str = ""
    products: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether anything at all was recognized."""
        return bool(self.by)


NOTHING = Recognized()


def _rollup() -> dict[str, tuple[tuple[str, ...], str]]:
    """RxNorm code to ingredients and form."""
    text = (files("fhir_mappings") / "value_sets" / "rxnorm_rollup.csv").read_text("utf-8")
    shared: dict[str, tuple[str, ...]] = {}
    found = {}
    for code, form, names, *_ in list(csv.reader(text.splitlines()))[1:]:
        ingredients = shared.setdefault(names, tuple(names.split(" ")))
        found[code] = (ingredients, form)
    return found


_ROLLUP = _rollup()


def _of_system(system: str) -> dict[str, str]:
    """Code to ingredient for one system of the drug concepts."""
    return {
        entry.code: key.removeprefix(PREFIX)
        for key, each in SHIPPED.sets.items()
        if key.startswith(PREFIX)
        for entry in each.entries
        if entry.system == system and entry.verified
    }


_BY_ATC = _of_system(ATC)


def ndc_prefix(code: str) -> str:
    """The labeler and product of an NDC as 9 digits; empty: not an NDC.

    10 digits with hyphens are padded to 5-4-2; 11 digits are taken as they are.
    """
    parts = code.split("-")
    if len(parts) == 1 and code.isdigit() and len(code) == sum(_NDC_PARTS):
        return code[:_NDC_PREFIX]
    if len(parts) in {2, 3} and all(part.isdigit() for part in parts):
        return parts[0].zfill(_NDC_PARTS[0]) + parts[1].zfill(_NDC_PARTS[1])
    return ""


_BY_NDC = {ndc_prefix(code): name for code, name in _of_system(NDC).items()}

_CLASS_PREFIXES = {
    "H02AB": "corticosteroid",
    "N03A": "antiseizure",
    "C01CA": "vasopressor",
    "N05BA": "sedative",
    "N05CD": "sedative",
    "N05CF": "sedative",
    "N05CJ": "sedative",
    "N05CM": "sedative",
    "N02A": "sedative",
    "N02BF": "sedative",
    "R06AA": "sedative",
    "R06AD": "sedative",
    "M03B": "sedative",
    "N01AH": "sedative",
    "N01AX": "sedative",
}

_CART = {key: each for key, each in SHIPPED.sets.items() if key.startswith("cart.")}


def _product(key: str) -> str:
    return str(_CART[key].attributes["product"])


_CART_NDC = {
    ndc_prefix(entry.code): _product(key)
    for key, each in _CART.items()
    for entry in each.entries
    if entry.system == NDC and entry.verified
}
_CART_WORDS = re.compile(
    r"\bcar[ -]?t\b|\bcar[ -]t[ -]cell|chimeric antigen receptor|autoleucel|ciloleucel|maraleucel"
    r"|vicleucel|lecleucel",
    re.IGNORECASE,
)
_OTHER_CELLS = re.compile(r"lifileucel|afamitresgene|afami-cel|tecelra|amtagvi", re.IGNORECASE)
_NOT_GIVEN = re.compile(
    r"collect|apheresis|harvest|prepar|consult|history|evaluat|planned|lymphodeplet|chemother"
    r"|referral|screening|education|follow[ -]?up|monitor|clinic\b|assess|eligib",
    re.IGNORECASE,
)


def cart_product(text: str) -> str | None:
    """The CAR-T short name in a text, empty for CAR-T unnamed, None for no CAR-T infusion."""
    if _OTHER_CELLS.search(text) or _NOT_GIVEN.search(text):
        return None
    lowered = text.lower()
    for key, each in _CART.items():
        if any(word.lower() in lowered for word in each.text):
            return _product(key)
    return "" if _CART_WORDS.search(text) else None


# --- by name -------------------------------------------------------------------------------------


class _Name(NamedTuple):
    """An ingredient with the words that name it; in `pattern` they are group 1.

    What `except` lists only looks like one of them, and is matched outside the group.
    """

    ingredient: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]

    def is_in(self, lowered: str) -> bool:
        if not any(word in lowered for word in self.words):  # quick, and nearly always the answer
            return False
        return any(found[1] for found in self.pattern.finditer(lowered))


def _names() -> Iterator[_Name]:
    for key, each in SHIPPED.sets.items():
        if key.startswith(PREFIX) and each.text:
            words = tuple(word.lower() for word in each.text)
            inside = "|".join(map(re.escape, words))
            others = "".join(f"{re.escape(word)}|" for word in each.attributes.get("except", ()))
            pattern = re.compile(rf"(?<![a-z])(?:{others}({inside}))")
            yield _Name(key.removeprefix(PREFIX), words, pattern)


_NAMES = tuple(_names())
_STEM = re.compile(r"[a-z-]*(?:grastim|gramostim)")
"""An ingredient of a class of growth factors that no row names (OT-GCSF, OT-GMCSF)."""
_NOT_TAKEN = re.compile(
    r"\b(?:history|hx|h/o) of\b|\ballerg(?:y|ies|ic) to\b|\b(?:intoleran|adverse reaction)"
    r"|\ballerg(?:y|ies)\b\W*$"
)
_ALLERGY_RELIEF = re.compile(r"benadryl|advil|tylenol|sudafed|relief|cold")
_FORM_WORDS = (
    ("ophthalmic", re.compile(r"ophth|(?<![a-z])eyes?(?![a-z])|%.*\bdrops?\b|intravitreal")),
    ("otic", re.compile(r"(?<![a-z])(?:otic|ears?)(?![a-z])")),
    ("nasal", re.compile(r"(?<![a-z])(?:nasal|intranasal)")),
    (
        "topical",
        re.compile(
            r"cream|ointment|topical|patch|lotion|(?<![a-z])gel(?![a-z])|transderm|shampoo"
            r"|mouth ?wash|swish and spit"
        ),
    ),
    ("inhalation", re.compile(r"inhal|nebul")),
    ("intrathecal", re.compile(r"intrathecal|intra-?articular|epidural")),
    ("parenteral_depot", re.compile(r"depo-?medrol|methylprednisolone acetate")),
    ("subcutaneous", re.compile(r"subcut|auto-?injector|(?<![a-z])pen(?![a-z])|actpen")),
    ("parenteral", re.compile(r"inject|infusion|(?<![a-z])iv(?![a-z])|intraven|ivpb|drip")),
    ("oral", re.compile(r"tablet|capsule|oral|(?<![a-z])po(?![a-z])|syrup|suspension")),
)


def form_in_text(text: str) -> str:
    """The form that a text names; empty: none."""
    lowered = text.lower()
    return next((form for form, pattern in _FORM_WORDS if pattern.search(lowered)), "")


def names_in_text(text: str) -> tuple[str, ...]:
    """Ingredients that a text names at the start of a word, so that no name matches inside another.

    "methylprednisolone" is not prednisolone, "norepinephrine" not epinephrine, "pegfilgrastim" not
    filgrastim, "levodopa" not dopa. An allergy or a history of a medicine is no medicine.
    """
    lowered = text.lower()
    if _is_not_taken(lowered):
        return ()
    named = tuple(each.ingredient for each in _NAMES if each.is_in(lowered))
    return named or tuple(dict.fromkeys(_STEM.findall(lowered)))


def _is_not_taken(lowered: str) -> bool:
    """Whether it speaks of a medicine without giving it; "Benadryl Allergy" is given."""
    return _NOT_TAKEN.search(lowered) is not None and not _ALLERGY_RELIEF.search(lowered)


# --- a medicine ----------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def recognize(concepts: tuple[CodeableConcept, ...], texts: tuple[str, ...]) -> Recognized:
    """What a medicine is: RxNorm, NDC, ATC of any coding, the site's map, then texts and displays.

    `concepts`: of the resource, its Medication and that one's ingredients, in that order.
    """
    pairs = tuple(
        canonical(coding.system, coding.code) for concept in concepts for coding in concept.coding
    )
    words = tuple(words_in(concepts, texts))
    products = _products(concepts, words)
    form = next((found for text in words if (found := form_in_text(text))), "")
    ways = (
        ("rxnorm", _rxnorm(pairs)),
        ("ndc", _ndc(pairs)),
        ("atc", _atc(pairs)),
        ("site", _site(pairs)),
    )
    for by, coded in ways:
        if coded.ingredients or coded.classes:
            return coded._replace(form=coded.form or form, by=by, products=products)
    names = dict.fromkeys(name for text in words for name in names_in_text(text))
    if names:
        return Recognized(_without_carrier(tuple(names)), form, "text", products)
    return Recognized((), form, "product" if products else "", products)


_CARRIERS = frozenset({"crystalloid", "albumin"})


def _without_carrier(names: tuple[str, ...]) -> tuple[str, ...]:
    """Without the fluid that another medicine is dissolved in."""
    return tuple(name for name in names if name not in _CARRIERS) or names


def words_in(concepts: Iterable[CodeableConcept], texts: Iterable[str]) -> Iterator[str]:
    """The texts, then the text and displays of each concept."""
    yield from texts
    for concept in concepts:
        yield from words_of(concept)


def _rxnorm(pairs: Iterable[tuple[str, str]]) -> Recognized:
    found = [_ROLLUP[code] for system, code in pairs if system == RXNORM and code in _ROLLUP]
    ingredients = tuple(dict.fromkeys(name for names, _ in found for name in names))
    return Recognized(ingredients, next((form for _, form in found if form), ""))


def _ndc(pairs: Iterable[tuple[str, str]]) -> Recognized:
    prefixes = (ndc_prefix(code) for system, code in pairs if system == NDC)
    return Recognized(tuple(_BY_NDC[prefix] for prefix in prefixes if prefix in _BY_NDC))


def _atc(pairs: Iterable[tuple[str, str]]) -> Recognized:
    codes = [code for system, code in pairs if system == ATC]
    exact = tuple(dict.fromkeys(_BY_ATC[code] for code in codes if code in _BY_ATC))
    if exact:
        return Recognized(exact)
    classes = {
        name
        for code in codes
        for prefix, name in _CLASS_PREFIXES.items()
        if code.startswith(prefix)
    }
    return Recognized(classes=tuple(sorted(classes)))


def _site(pairs: Iterable[tuple[str, str]]) -> Recognized:
    """By the code map of the site, which names the ingredient."""
    keys = (key for system, key in pairs if system == CONCEPT_SYSTEM and key.startswith(PREFIX))
    return Recognized(tuple(key.removeprefix(PREFIX) for key in keys))


def _products(concepts: Sequence[CodeableConcept], words: Iterable[str]) -> tuple[str, ...]:
    keys = (key for concept in concepts for key in SHIPPED.concepts(concept))
    named = [_product(key) for key in keys if key in _CART]
    codings = (coding for concept in concepts for coding in concept.coding)
    named += [
        _CART_NDC[prefix]
        for coding in codings
        if canonical(coding.system, "")[0] == NDC
        and (prefix := ndc_prefix(coding.code or "")) in _CART_NDC
    ]
    if not named:
        named = [found for text in words if (found := cart_product(text)) is not None]
    return tuple(dict.fromkeys(named))
