"""Recognition of medicines by every coding, then by name (terminology.md 6.2)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from fhir_mappings.codes import (
    CONCEPT_SYSTEM,
    SHIPPED,
    CodeableConcept,
    canonical,
    ndc_prefix,
    system_url,
)
from fhir_mappings.naming import words_of
from fhir_mappings.products import products_of

RXNORM = system_url("rxnorm")
NDC = system_url("ndc")
ATC = system_url("atc")
PREFIX = "drug."


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

    @property
    def class_keys(self) -> tuple[str, ...]:
        """The classes as the core names them."""
        return tuple(f"class:{name}" for name in self.classes)


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
READ_CLASSES = frozenset({"antiseizure"})
"""Of these it is enough to know the class: a maintenance antiseizure drug (SZ-6)."""

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
_NO_REACTION = re.compile(
    r"\b(?:no|without|denies|nil|for)\b[^,;.]{0,30}?(?:allerg\w*|adverse reactions?|intoleran\w*)"
)
_NOT_TAKEN = re.compile(r"\b(?:intoleran|adverse reaction)|\ballerg(?:y|ies)\b\W*$")
_OF_OLD = re.compile(r"(?:\b(?:history|hx) of\b|\bh/o\b|\ballerg(?:y|ies|ic) to\b)[^;\n]*")
"""What is said after such words was once taken, or never is."""
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
    filgrastim, "levodopa" not dopa. An allergy or a history of a medicine is no medicine, but what
    stands before "history of" is given.
    """
    lowered = _taken(text.lower())
    named = tuple(each.ingredient for each in _NAMES if each.is_in(lowered))
    return named or tuple(dict.fromkeys(_STEM.findall(lowered)))


def _taken(lowered: str) -> str:
    """What a text says without its allergies and histories; "Benadryl Allergy" is given."""
    if _ALLERGY_RELIEF.search(lowered):
        return lowered
    said = _NO_REACTION.sub(" ", lowered)
    return "" if _NOT_TAKEN.search(said) else _OF_OLD.sub(" ", said)


# --- a medicine ----------------------------------------------------------------------------------


_WAYS = ("rxnorm", "ndc", "atc", "site", "text", "product")
"""How a medicine is recognized, the surest first."""


@lru_cache(maxsize=4096)
def recognize(concepts: tuple[CodeableConcept, ...], texts: tuple[str, ...]) -> Recognized:
    """What a medicine is, concept by concept: RxNorm, NDC, ATC, the site's map, else its words.

    `concepts`: of the resource, its Medication and that one's ingredients, in that order. `texts`
    speak where no concept has a code that is known. A class stands only for a concept without name.
    """
    words = tuple(words_in(concepts, texts))
    products = products_of(concepts, words)
    found = [_of_concept(concept) for concept in concepts]
    if all(each.by in {"", "text"} or each.classes for each in found):
        found.append(_of_words(texts))
    names = tuple(dict.fromkeys(name for each in found for name in each.ingredients))
    classes = {name for each in found for name in each.classes}
    form = next((each.form for each in found if each.form), "")
    ways = {each.by for each in found} | ({"product"} if products else set())
    return Recognized(
        _without_carrier(names),
        form or next((told for text in words if (told := form_in_text(text))), ""),
        next((way for way in _WAYS if way in ways), ""),
        products,
        tuple(sorted(classes)),
    )


def _of_concept(concept: CodeableConcept) -> Recognized:
    pairs = [canonical(coding.system, coding.code) for coding in concept.coding]
    ways = (("rxnorm", _rxnorm), ("ndc", _ndc), ("atc", _atc), ("site", _site))
    for by, way in ways:
        coded = way(pairs)
        if coded.ingredients:
            return coded._replace(by=by)
    named, classes = _of_words(words_of(concept)), _atc_classes(pairs)
    return named if named.ingredients or not classes else Recognized(by="atc", classes=classes)


def _of_words(texts: Iterable[str]) -> Recognized:
    names = tuple(dict.fromkeys(name for text in texts for name in names_in_text(text)))
    return Recognized(names, by="text" if names else "")


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
    codes = (code for system, code in pairs if system == ATC and code in _BY_ATC)
    return Recognized(tuple(dict.fromkeys(_BY_ATC[code] for code in codes)))


def _atc_classes(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    classes = {
        name
        for system, code in pairs
        for prefix, name in _CLASS_PREFIXES.items()
        if system == ATC and code.startswith(prefix)
    }
    return tuple(sorted(classes))


def _site(pairs: Iterable[tuple[str, str]]) -> Recognized:
    """By the code map of the site, which names the ingredient."""
    keys = (key for system, key in pairs if system == CONCEPT_SYSTEM and key.startswith(PREFIX))
    return Recognized(tuple(key.removeprefix(PREFIX) for key in keys))
