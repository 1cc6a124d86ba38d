"""Recognition of medicines."""

from __future__ import annotations

import pytest

from fhir_mappings.codes import CodeableConcept, Coding, ndc_prefix, system_url
from fhir_mappings.drugs import (
    NOTHING,
    RXNORM,
    form_in_text,
    names_in_text,
    recognize,
)

NDC, ATC = system_url("ndc"), system_url("atc")


def coded(*codings: tuple[str, str], text: str | None = None) -> CodeableConcept:
    return CodeableConcept(tuple(Coding(system, code) for system, code in codings), text)


@pytest.mark.parametrize(
    ("concept", "ingredients", "form", "by"),
    [
        (coded((RXNORM, "7512")), ("norepinephrine",), "", "rxnorm"),
        (coded((RXNORM, "1745276")), ("norepinephrine",), "parenteral", "rxnorm"),
        (
            coded(("urn:oid:9", "1"), (RXNORM, "1191"), (RXNORM, "212033")),
            ("aspirin",),
            "oral",
            "rxnorm",
        ),
        (
            coded((RXNORM, "7512"), text="norepinephrine drip"),
            ("norepinephrine",),
            "parenteral",
            "rxnorm",
        ),
        (coded((NDC, "43825-200")), ("terlipressin",), "", "ndc"),
        (coded((NDC, "43825-0200-01")), ("terlipressin",), "", "ndc"),
        (coded((NDC, "43825020001")), ("terlipressin",), "", "ndc"),
        (coded((ATC, "C01CA03")), ("norepinephrine",), "", "atc"),
        (
            coded(text="Norepinephrine 4 mg in 250 mL infusion"),
            ("norepinephrine",),
            "parenteral",
            "text",
        ),
        (
            coded(text="METHYLPREDNISOLONE sodium succinate inj"),
            ("methylprednisolone",),
            "",
            "text",
        ),
        (coded(text="pegfilgrastim-jmdb"), ("pegfilgrastim",), "", "text"),
        (coded(text="filgrastim-aafi"), ("filgrastim",), "", "text"),
        (coded(text="Tocilizumab-bavi IV"), ("tocilizumab",), "parenteral", "text"),
        (coded(text="carbidopa-levodopa tablet"), (), "oral", ""),
        (coded(text="desmopressin nasal spray"), (), "nasal", ""),
        (coded(text="racepinephrine nebulized"), (), "inhalation", ""),
        (coded(text="dexamethasone ophthalmic drops"), ("dexamethasone",), "ophthalmic", "text"),
        (coded(text="hydrocortisone 1 % cream"), ("hydrocortisone",), "topical", "text"),
        (coded((RXNORM, "0")), (), "", ""),
    ],
)
def test_what_a_medicine_is_recognized_as(
    concept: CodeableConcept, ingredients: tuple[str, ...], form: str, by: str
) -> None:
    found = recognize((concept,), ())
    assert (found.ingredients, found.form, found.by) == (ingredients, form, by)
    assert found.is_known is bool(by)


def test_a_class_is_told_by_the_prefix_of_its_atc_code() -> None:
    found = recognize((coded((ATC, "N02AA59")),), ())
    assert (found.ingredients, found.classes, found.by) == ((), ("sedative",), "atc")


@pytest.mark.parametrize(
    ("group", "text", "ingredient"),
    [
        ("C01CA", "Norepinephrine 8 mg/250 mL", "norepinephrine"),
        ("H02AB", "dexamethasone 10 mg", "dexamethasone"),
        ("N05CD", "Midazolam infusion", "midazolam"),
    ],
)
def test_the_code_of_a_group_does_not_hide_the_name(group: str, text: str, ingredient: str) -> None:
    found = recognize((coded((ATC, group), text=text),), ())

    assert (found.ingredients, found.classes, found.by) == ((ingredient,), (), "text")


@pytest.mark.parametrize(
    ("concepts", "ingredients"),
    [
        ((coded((RXNORM, "8782")), coded(text="norepinephrine")), ("propofol", "norepinephrine")),
        ((coded((ATC, "C01CA03")), coded((RXNORM, "8782"))), ("norepinephrine", "propofol")),
        ((coded(text="Premix"), coded((RXNORM, "8782"))), ("propofol",)),
        ((coded((RXNORM, "8782")), coded(text="sodium chloride 0.9 %")), ("propofol",)),
        ((coded((ATC, "C01CA")), coded((RXNORM, "8782"))), ("propofol",)),
    ],
)
def test_every_part_of_a_mixture_is_recognized_in_its_own_way(
    concepts: tuple[CodeableConcept, ...], ingredients: tuple[str, ...]
) -> None:
    assert recognize(concepts, ()).ingredients == ingredients


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("tocilizumab 640 mg IV, history of CRS grade 2", ("tocilizumab",)),
        ("tocilizumab 640 mg IV; allergic to penicillin G", ("tocilizumab",)),
        ("tocilizumab 640 mg IV, no adverse reaction", ("tocilizumab",)),
        ("tocilizumab 640 mg IV, no known drug allergies", ("tocilizumab",)),
        ("hydrocortisone 100 mg before contrast, for iodine allergy", ("hydrocortisone",)),
        ("history of tocilizumab", ()),
        ("Hx of dexamethasone use; tocilizumab 640 mg", ("tocilizumab",)),
        ("tocilizumab allergy", ()),
        ("tocilizumab intolerance", ()),
        ("Benadryl Allergy 25 mg", ("diphenhydramine",)),
    ],
)
def test_a_medicine_is_not_taken_only_where_the_words_say_so_of_it(
    text: str, ingredients: tuple[str, ...]
) -> None:
    assert names_in_text(text) == ingredients


def test_a_combination_has_every_ingredient() -> None:
    found = recognize((CodeableConcept(text="acetaminophen / hydrocodone tablet"),), ())
    assert set(found.ingredients) == {"acetaminophen", "hydrocodone"}


def test_the_display_of_a_site_code_is_read_as_text() -> None:
    concept = CodeableConcept((Coding("urn:oid:1.2.3", "77", "VASOPRESSIN 20 unit/mL injection"),))
    found = recognize((concept,), ())
    assert (found.ingredients, found.form, found.by) == (("vasopressin",), "parenteral", "text")


def test_nothing_is_recognized_from_nothing() -> None:
    assert recognize((), ()) == NOTHING


@pytest.mark.parametrize(
    ("concept", "products"),
    [
        (coded((RXNORM, "1987398")), ("axi-cel",)),
        (coded((ATC, "L01XL06")), ("brexu-cel",)),
        (coded((system_url("icd10pcs"), "XW043J7")), ("tisa-cel",)),
        (coded((NDC, "0078-0846-19")), ("tisa-cel",)),
        (coded(text="Lisocabtagene maraleucel infusion"), ("liso-cel",)),
        (coded(text="CAR-T cell infusion"), ("",)),
        (coded((system_url("hcpcs"), "Q2041")), ("axi-cel",)),
        (coded((system_url("hcpcs"), "J3262")), ()),
        (coded(text="CAR-T cell collection"), ()),
        (coded(text="lifileucel"), ()),
        (coded(text="blinatumomab"), ()),
    ],
)
def test_car_t_products(concept: CodeableConcept, products: tuple[str, ...]) -> None:
    assert recognize((concept,), ()).products == products


def test_a_product_alone_is_recognized() -> None:
    assert recognize((coded((RXNORM, "1987398")),), ()).by == "product"


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("0078-0846-19", "000780846"),
        ("43825-200", "438250200"),
        ("12345678901", "123456789"),
        ("123", ""),
        ("a-b-c", ""),
        ("1-2-3-4", ""),
    ],
)
def test_ndc_prefixes(code: str, prefix: str) -> None:
    assert ndc_prefix(code) == prefix


def test_names_and_forms_in_text() -> None:
    assert names_in_text("norepinephrine and vasopressin") == ("norepinephrine", "vasopressin")
    assert form_in_text("tablet") == "oral"
    assert form_in_text("thing") == ""


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("norepi drip", ("norepinephrine",)),
        ("NE gtt", ("norepinephrine",)),
        ("Levarterenol", ("norepinephrine",)),
        ("Neosynephrine", ("phenylephrine",)),
        ("Pitressin", ("vasopressin",)),
        ("Intropin", ("dopamine",)),
        ("Aleve", ("naproxen",)),
        ("Solucortef 100 mg", ("hydrocortisone",)),
        ("Saline gtt", ()),
        ("NE consult", ()),
    ],
)
def test_older_and_shorter_names(text: str, ingredients: tuple[str, ...]) -> None:
    assert names_in_text(text) == ingredients
