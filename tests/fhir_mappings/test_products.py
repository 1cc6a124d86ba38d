"""CAR-T in words and codes: what was infused, what may have been, and what only speaks of it."""

from __future__ import annotations

import pytest

from fhir_mappings.products import cart_product, may_be_infusion, procedure_product
from tests.builders import given, procedure
from tests.fhir_mappings.reading import record_of


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("Kymriah", "tisa-cel"),
        ("axi cel", "axi-cel"),
        ("Liso cel CD8 component", "liso-cel"),
        ("axicel 2 x 10^6/kg", "axi-cel"),
        ("Cells from outside celiac center", None),
        ("chimeric antigen receptor T-cell immunotherapy", ""),
        ("CAR-T cell infusion", ""),
        ("CAR T cells", ""),
        ("CART infusion", ""),
        ("CART cells", ""),
        ("CART-19 infusion", ""),
        ("axicabtagene ciloleucel infusion (monitor VS q15min)", "axi-cel"),
        ("Abecma 450 million cells, clinic administered", "ide-cel"),
        ("tisagenlecleucel, prepared bag 1 of 1", "tisa-cel"),
        ("Yescarta (collected 2026-10-01)", "axi-cel"),
        ("dispersion for infusion tisagenlecleucel", "tisa-cel"),
        ("leukapheresis for axicabtagene", None),
        ("CAR-T cell collection", None),
        ("CAR-T cells infusion cancelled", None),
        ("Kymriah not given", None),
        ("Fludarabine, Yescarta protocol", None),
        ("tisagenlecleucel (KYMRIAH) not given", None),
        (
            "axicabtagene ciloleucel (YESCARTA) infusion - premedicate with acetaminophen",
            "axi-cel",
        ),
        ("tisagenlecleucel (KYMRIAH) IV after fludarabine", "tisa-cel"),
        ("Premedication for CAR-T", None),
        ("Lymphodepletion before CAR-T", None),
        ("Crash cart checked", None),
        ("Code cart opened", None),
        ("Anesthesia cart", None),
        ("Emergency cart epinephrine 1 mg", None),
        ("Initiation of cART (antiretroviral therapy)", None),
        ("cART therapy", None),
        ("lifileucel", None),
        ("red cells", None),
    ],
)
def test_car_t_as_the_name_of_a_medicine(text: str, product: str | None) -> None:
    """A product that is named is one, whatever else the name of the bag says."""
    assert cart_product(text) == product


@pytest.mark.parametrize(
    ("text", "product", "is_possible"),
    [
        ("Infusion of Breyanzi", "liso-cel", False),
        ("CAR-T cell infusion", "", False),
        ("CAR-T cell infusion (post lymphodepleting chemotherapy)", None, True),
        ("Yescarta infusion, monitored", None, True),
        ("Consent for infusion of CAR-T cells", None, False),
        ("Yescarta clinic visit", None, False),
        ("Monitoring after CAR-T infusion", None, False),
        ("Lymphodepleting chemotherapy before CAR-T", None, False),
        ("Education, CAR-T infusion clinic", None, False),
        ("History of CAR-T infusion", None, False),
        ("CAR-T infusion with premedication", "", False),
        ("CAR-T infusion (steroids not given)", "", False),
        ("Yescarta infusion with premedication", "axi-cel", False),
        ("Kymriah infusion. Premedicated with acetaminophen", "tisa-cel", False),
        ("Tecartus infusion after fludarabine/cyclophosphamide", "brexu-cel", False),
        ("Breyanzi infusion, consent on file", "liso-cel", False),
        ("Informed consent obtained; CAR-T infusion", "", False),
        ("CAR-T infusion consent", None, False),
        ("CAR-T infusion not given", None, False),
        ("CAR-T infusion was cancelled", None, False),
        ("Declined CAR-T infusion", None, False),
        ("CAR-T infusion; MRI deferred", None, True),
        ("CAR-T infusion, aborted for fever", None, True),
        ("Premedicated with acetaminophen. CAR-T infusion", None, True),
        ("Acetaminophen premedication, CAR-T infusion", None, False),
        ("Fludarabine infusion, Yescarta protocol", None, False),
        ("Fludarabine infusion for CAR-T cells", None, False),
        ("Cell infusion for CAR-T therapy", None, True),
        ("IV infusion of cells for CAR-T", None, True),
        ("Transfusion for CAR-T", None, True),
        ("autologous T cells for CAR-T infusion", None, True),
        ("Transfusion of red cells for CAR-T patient", None, False),
        ("Collection of cells for CAR-T", None, False),
        ("Receipt and preparation of CAR-T cells for administration", None, False),
        ("CAR-T infusion, history of ALL", "", False),
        ("Emergency cart, infusion pump prepared", None, False),
    ],
)
def test_car_t_as_what_was_done(text: str, product: str | None, is_possible: bool) -> None:
    """Words of what goes with an infusion make it possible, no more; else it is none."""
    assert procedure_product(text) == product
    assert may_be_infusion(text) is is_possible


@pytest.mark.parametrize(
    ("text", "infusions", "is_unsure"),
    [
        ("Crash cart checked", 0, False),
        ("CAR-T cell infusion", 1, False),
        ("CAR-T cell infusion (post lymphodepleting chemotherapy)", 0, True),
        ("Lymphodepleting chemotherapy before CAR-T", 0, False),
        ("CAR-T infusion with premedication", 1, False),
        ("IV infusion of cells for CAR-T", 0, True),
    ],
)
def test_a_procedure_that_may_be_the_infusion_leaves_the_scope_open(
    text: str, infusions: int, is_unsure: bool
) -> None:
    record = record_of(procedure(f"text|{text}"), key="procedures")

    assert len(record.facts["infusions"]) == infusions
    assert bool(record.unsure_keys) is is_unsure


INFUSED, UNSURE, NONE = "infused", "unsure", "none"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("CAR-T", INFUSED),
        ("CAR-T cells", INFUSED),
        ("CAR-T cell therapy", INFUSED),
        ("CAR T-cell immunotherapy (procedure)", INFUSED),
        ("Chimeric antigen receptor T-cell therapy", INFUSED),
        ("Autologous anti-CD19 CAR-T", INFUSED),
        ("CAR-T Day 0", INFUSED),
        ("Yescarta", INFUSED),
        ("Axi cel", INFUSED),
        ("Liso cel infusion", INFUSED),
        ("Cilta cel teaching", NONE),
        ("Breyanzi 110 x 10^6 CAR-T cells IV", INFUSED),
        ("axicabtagene ciloleucel (YESCARTA) dose 1", INFUSED),
        ("CAR-T infusion", INFUSED),
        ("CAR-T infusion #1", INFUSED),
        ("CAR-T cells given", INFUSED),
        ("CAR-T cells were administered", INFUSED),
        ("CAR-T cell thawing and infusion", INFUSED),
        ("CAR-T reinfusion", INFUSED),
        ("Infusion of autologous genetically modified CAR-T cells", INFUSED),
        ("Administration of Yescarta", INFUSED),
        ("CAR-T infusion for lymphoma, tolerated well", INFUSED),
        ("CAR-T infusion, no infusion reaction", INFUSED),
        ("CAR-T infusion without reaction", INFUSED),
        ("CAR-T infusion by bedside nurse, vital signs stable", INFUSED),
        ("CAR-T admission", UNSURE),
        ("CAR-T therapy admission", UNSURE),
        ("CAR-T cells thaw", UNSURE),
        ("CAR-T for relapsed B-cell lymphoma", INFUSED),
        ("Carvykti, multiple myeloma protocol", INFUSED),
        ("Yescarta admission", UNSURE),
        ("CAR-T Day 1", UNSURE),
        ("CAR-T infusion scheduled", UNSURE),
        ("Scheduled CAR-T infusion", UNSURE),
        ("CAR-T infusion (to be given 11/30)", UNSURE),
        ("CAR-T infusion reaction", UNSURE),
        ("CAR-T cell infusion, monitoring", UNSURE),
        ("CAR-T infusion; REMS enrollment completed", UNSURE),
        ("CAR-T discharge teaching", NONE),
        ("Yescarta discharge teaching", NONE),
        ("CAR-T wallet card given", NONE),
        ("PET/CT CAR-T day 30", NONE),
        ("CAR-T Day 30 PET/CT", NONE),
        ("CAR-T day 28 visit", NONE),
        ("CAR-T clearance echocardiogram", NONE),
        ("CAR-T bridging therapy", NONE),
        ("CAR-T work-up", NONE),
        ("CAR-T discussion", NONE),
        ("CAR-T simulation", NONE),
        ("CAR-T candidate", NONE),
        ("CAR-T REMS enrollment", NONE),
        ("CAR-T persistence testing", NONE),
        ("CAR-T insurance authorization", NONE),
        ("Bone marrow biopsy day 30 CAR-T", NONE),
        ("Vital signs during CAR-T infusion", NONE),
        ("Admission for CAR-T", NONE),
        ("CAR-T D+0", INFUSED),
        ("CAR-T (D+0)", INFUSED),
        ("Yescarta D+0", INFUSED),
        ("Kymriah (tisagenlecleucel) D+0", INFUSED),
        ("CAR-T Day 0 infusion, no adverse reaction", INFUSED),
        ("Yescarta day 0, no adverse reaction", INFUSED),
        ("CAR-T bedside infusion, no adverse reaction", INFUSED),
        ("Liso-cel CD8/CD4 component infusion, no adverse reaction", INFUSED),
        ("Breyanzi CD8 and CD4 component infusion", INFUSED),
        ("Lisocabtagene maraleucel (CD8+ component) infusion", INFUSED),
        ("liso-cel CD8 component", INFUSED),
        ("CAR-T Infusion D+0", INFUSED),
        ("Day 0 (D+0) CAR-T infusion", INFUSED),
        ("CAR-T infusion, no adverse reaction", INFUSED),
        ("CAR-T infusion, no immediate reaction", INFUSED),
        ("CAR-T infusion, no transfusion reaction", INFUSED),
        ("CAR-T infusion, no hypersensitivity reaction", INFUSED),
        ("CAR-T infusion, no s/s of reaction", INFUSED),
        ("CAR-T infusion without any evidence of infusion reaction", INFUSED),
        ("PR CAR-T THERAPY AUTOL CELL ADMN", INFUSED),
        ("CAR-T CELL ADMN", INFUSED),
        ("Admin CAR-T cells", INFUSED),
        ("CAR-T bedside infusion", INFUSED),
        ("CAR-T central line infusion", INFUSED),
        ("CAR-T peripheral IV infusion", INFUSED),
        ("CAR-T BMT infusion", INFUSED),
        ("CAR-T inpatient unit infusion", INFUSED),
        ("CAR-T initial infusion", INFUSED),
        ("CAR-T single infusion", INFUSED),
        ("CAR-T commercial infusion", INFUSED),
        ("CAR-T clinical trial infusion", INFUSED),
        ("CAR-T research infusion", INFUSED),
        ("Infusion, CAR-T cells (investigational)", INFUSED),
        ("Transfusion, CAR-T cells", INFUSED),
        ("CAR-T Day Zero infusion", INFUSED),
        ("CAR-T infused as scheduled", INFUSED),
        ("CAR-T infusion (rescheduled from 11/24)", INFUSED),
        ("CAR-T Infusion Day - 11/25", INFUSED),
        ("Abecma 450 x 10^6 CAR+ T cells", INFUSED),
        ("Kymriah 3.0x10E8 cells", INFUSED),
        ("Kymriah 3.0 x 10E8 cells", INFUSED),
        ("Yescarta 68mL bag", INFUSED),
        ("Breyanzi CLL", INFUSED),
        ("Carvykti RRMM", INFUSED),
        ("CAR-T Day 0 infusion after Flu/Cy", INFUSED),
        ("CAR-T infusion, no reaction", INFUSED),
        ("CAR-T cell infusion via central line", INFUSED),
        ("HC CAR-T CELL INFUSION", INFUSED),
        ("CAR-T Day 0 infusion, wallet card given", UNSURE),
        ("CAR-T central line infusion, MRI baseline done", UNSURE),
        ("Aucatzyl dose 2 infusion day 10", INFUSED),
        ("Aucatzyl infusion day 10", INFUSED),
        ("Reaction to CAR-T infusion", UNSURE),
        ("No reaction to CAR-T infusion", UNSURE),
        ("No CAR-T infusion reaction", UNSURE),
        ("CAR-T infusion rescheduled", UNSURE),
        ("CAR-T infusion rescheduled to 11/30", UNSURE),
        ("PRBC transfusion on CAR-T unit", NONE),
        ("Blood transfusion CAR-T unit", NONE),
        ("IV fluids infusion CAR-T unit", NONE),
        ("Platelet transfusion after CAR-T", NONE),
        ("Transfusion of platelets, CAR-T patient", NONE),
        ("CAR-T infusion, then platelet transfusion", INFUSED),
        ("CAR-T infusion with saline flush", INFUSED),
        ("Transfusion of CAR-T cells", INFUSED),
        ("Central line placement CAR-T", UNSURE),
        ("CAR-T line removal", UNSURE),
        ("CAR-T BMT", UNSURE),
        ("CAR-T unit", UNSURE),
        ("CAR-T clinical trial", UNSURE),
        ("CAR-T Day 0 labs", UNSURE),
        ("CAR-T initial visit", NONE),
        ("CAR-T bedside infusion reaction", UNSURE),
        ("CAR-T infusion, no fever, reaction to platelets", UNSURE),
        ("CAR-T D+7", NONE),
        ("CAR-T D-5", NONE),
        ("CAR-T day -5", NONE),
        ("CAR-T post-infusion day 7 visit", NONE),
        ("Pre-infusion MRI, CAR-T", NONE),
        ("CAR-T pre-infusion labs", NONE),
        ("CAR-T clinical trial enrollment", NONE),
        ("CAR-T line infection labs", NONE),
        ("Aucatzyl day 10 labs", NONE),
        ("Aucatzyl infusion day 10 visit", UNSURE),
        ("Yescarta infusion day 10", UNSURE),
        ("Day 0 central line, CAR-T", UNSURE),
    ],
)
def test_a_procedure_that_is_the_infusion_may_be_it_or_only_belongs_to_it(
    text: str, told: str
) -> None:
    record = record_of(procedure(f"text|{text}"), key="procedures")

    found = INFUSED if record.facts["infusions"] else UNSURE if record.unsure_keys else NONE
    assert found == told


def test_what_is_done_after_car_t_does_not_move_its_day_0() -> None:
    teaching = procedure("text|CAR-T discharge teaching", at="20h")
    (infusion,) = record_of(procedure("text|Yescarta infusion", at="75h"), teaching).facts[
        "infusions"
    ]

    assert infusion.product == "axi-cel"


def test_an_administration_of_unnamed_cells_that_may_be_the_infusion_leaves_the_scope_open() -> (
    None
):
    text = "CAR-T cells infusion, monitor VS q15min"
    record = record_of(given(f"text|{text}"), key="given")

    assert record.facts["infusions"] == ()
    assert record.unsure_keys == ("given",)


@pytest.mark.parametrize("code", ["38227", "0539T"])
def test_the_receipt_and_preparation_of_the_cells_leaves_nothing_open(code: str) -> None:
    text = "CAR-T therapy; receipt and preparation of CAR-T cells for administration"
    record = record_of(procedure(f"cpt|{code} text|{text}"), key="procedures")

    assert record.facts["infusions"] == ()
    assert record.unsure_keys == ()


def test_two_products_in_one_procedure_are_both_told() -> None:
    """READ-9: two different named products make the product unknown, in whichever order."""
    codes = ("XW033H7", "XW033J7")
    system = "http://hl7.org/fhir/sid/icd-10-pcs"
    records = [
        record_of(procedure(" ".join(f"{system}|{code}" for code in order)))
        for order in (codes, codes[::-1])
    ]

    assert {frozenset(each.product for each in r.facts["infusions"]) for r in records} == {
        frozenset({"axi-cel", "tisa-cel"})
    }


def test_a_billing_code_names_the_product_of_a_medicine_and_no_procedure() -> None:
    """HCPCS Q2041 is billed with leukapheresis too, which is no infusion (terminology.md 5)."""
    code = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets|Q2041"

    assert [each.product for each in record_of(given(code)).facts["infusions"]] == ["axi-cel"]
    assert record_of(procedure(code)).facts["infusions"] == ()
