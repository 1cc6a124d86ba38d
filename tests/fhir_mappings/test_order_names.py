"""What is ordered, by every code, generic name, brand and biosimilar that the rules ask for."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fhir_mappings.codes import SHIPPED, system_url
from fhir_mappings.vaccines import vaccine_in
from grading.order_model import Vaccine
from tests.fhir_mappings.drafting import dosed, draft_order, the_draft

HERE = Path(__file__).parent
ROLLUP = HERE.parents[1] / "fhir_mappings" / "value_sets" / "rxnorm_rollup.csv"
COMMON = tomllib.loads((HERE / "common_orders.toml").read_text("utf-8"))["orders"]

FACTORS = {
    "filgrastim": "Neupogen|Zarxio|Nivestym|Releuko|Granix|Nypozi|G-CSF|filgrastim-sndz"
    "|filgrastim-aafi|filgrastim-ayow|filgrastim-txid|tbo-filgrastim|Filgrastim-zzzz 480 mcg"
    "|Grastofil 30 MU|Zefylti",
    "pegfilgrastim": "Neulasta|Neulasta Onpro|Fulphila|Udenyca|Ziextenzo|Nyvepria|Fylnetra"
    "|Stimufend|pegfilgrastim-jmdb|pegfilgrastim-cbqv|pegfilgrastim-bmez|pegfilgrastim-apgf"
    "|pegfilgrastim-fpgk|pegfilgrastim-pbbk|PEG-filgrastim|peg filgrastim 6 mg"
    "|Lapelga 6 mg|Dyrupeg|Cegfila|Armlupeg|Grasustek|Vivlipeg|Niopeg",
    "eflapegrastim": "Rolvedon|eflapegrastim-xnst",
    "efbemalenograstim": "Ryzneuta|efbemalenograstim alfa|efbemalenograstim alfa-vuxw",
    "lenograstim": "Granocyte",
    "lipegfilgrastim": "Lonquex",
    "mecapegfilgrastim": "mecapegfilgrastim 6 mg injection",
    "empegfilgrastim": "Extimia",
    "telpegfilgrastim": "telpegfilgrastim injection",
    "sargramostim": "Leukine|GM-CSF",
    "molgramostim": "Molgradex",
    "balugrastim": "balugrastim-abcd 40 mg",
    "ratiograstim": "Ratiograstim 48 MIU",
}
OTHERS = {
    "tocilizumab": "Actemra|tocilizumab-bavi|tocilizumab-aazg|tocilizumab-anoh",
    "sarilumab": "Kevzara",
    "siltuximab": "Sylvant",
    "anakinra": "Kineret",
    "ruxolitinib": "Jakafi",
    "dexamethasone": "Decadron",
    "methylprednisolone": "Solu-Medrol",
    "prednisone": "Deltasone",
    "prednisolone": "Orapred",
    "hydrocortisone": "Solu-Cortef",
    "levetiracetam": "Keppra",
    "bupropion": "Wellbutrin",
    "tramadol": "Ultram",
    "meperidine": "Demerol|pethidine",
    "clozapine": "Clozaril",
    "chlorpromazine": "Thorazine",
    "imipramine": "Tofranil",
    "amitriptyline": "Elavil",
    "clomipramine": "Anafranil",
    "nortriptyline": "Pamelor",
    "doxepin": "Silenor",
    "desipramine": "Norpramin",
    "imipenem": "Primaxin|imipenem-cilastatin",
    "cefepime": "Maxipime",
    "theophylline": "Uniphyl",
    "aminophylline": "Truphylline",
    "isoniazid": "Nydrazid",
    "flumazenil": "Romazicon",
    "tapentadol": "Nucynta",
    "ciprofloxacin": "Cipro",
    "levofloxacin": "Levaquin",
    "moxifloxacin": "Avelox",
    "penicillin_g": "penicillin G potassium|Pfizerpen",
    "ampicillin": "Unasyn",
    "piperacillin": "Zosyn",
    "meropenem": "Merrem",
    "ertapenem": "Invanz",
    "doripenem": "Doribax",
    "linezolid": "Zyvox",
    "olanzapine": "Zyprexa",
    "haloperidol": "Haldol",
    "quetiapine": "Seroquel",
    "risperidone": "Risperdal",
    "selegiline": "Emsam",
    "rasagiline": "Azilect",
    "methylphenidate": "Ritalin|dexmethylphenidate",
    "amphetamine": "Adderall|lisdexamfetamine|dextroamphetamine",
    "pseudoephedrine": "Sudafed 12 Hour",
    "phenylephrine": "Sudafed PE",
    "alprazolam": "Xanax",
    "clonazepam": "Klonopin",
    "diazepam": "Valium",
    "lorazepam": "Ativan",
    "midazolam": "Versed",
    "temazepam": "Restoril",
    "clobazam": "Onfi",
    "zolpidem": "Ambien",
    "eszopiclone": "Lunesta",
    "zopiclone": "Imovane",
    "zaleplon": "Sonata",
    "morphine": "MS Contin",
    "hydromorphone": "Dilaudid",
    "oxycodone": "OxyContin",
    "fentanyl": "Duragesic",
    "methadone": "Dolophine",
    "hydrocodone": "Hysingla",
    "codeine": "codeine sulfate",
    "diphenhydramine": "Benadryl|Benadryl Allergy",
    "hydroxyzine": "Vistaril",
    "promethazine": "Phenergan",
    "gabapentin": "Neurontin",
    "pregabalin": "Lyrica",
    "baclofen": "Lioresal",
    "tizanidine": "Zanaflex",
    "cyclobenzaprine": "Flexeril",
    "methocarbamol": "Robaxin",
    "trazodone": "Desyrel",
    "mirtazapine": "Remeron",
    "phenobarbital": "Luminal",
    "propofol": "Diprivan",
    "dexmedetomidine": "Precedex",
    "ketamine": "Ketalar",
    "fluconazole": "Diflucan",
    "voriconazole": "Vfend",
    "posaconazole": "Noxafil",
    "isavuconazole": "Cresemba|isavuconazonium sulfate",
    "itraconazole": "Sporanox",
    "micafungin": "Mycamine",
    "caspofungin": "Cancidas",
    "anidulafungin": "Eraxis",
    "amphotericin_b": "amphotericin B liposomal|AmBisome",
    "tacrolimus": "Prograf",
    "cyclosporine": "Neoral",
    "mycophenolate": "CellCept|mycophenolic acid",
    "sirolimus": "Rapamune",
    "methotrexate": "Trexall",
    "azathioprine": "Imuran",
}


def by_words() -> Iterator[tuple[str, str]]:
    for name, texts in (FACTORS | OTHERS).items():
        yield name, name.replace("_", " ")
        for text in texts.split("|"):
            yield name, text


def by_code() -> Iterator[tuple[str, str]]:
    """Every RxNorm code (ingredient, brand, SCD, SBD, ...) and ATC code of a growth factor."""
    for code, _, names, *_ in csv.reader(ROLLUP.read_text("utf-8").splitlines()):
        if names in FACTORS:
            yield names, f"rxnorm|{code}"
    for name in FACTORS:
        for entry in SHIPPED.sets[f"drug.{name}"].entries if f"drug.{name}" in SHIPPED.sets else ():
            if entry.system == system_url("atc"):
                yield name, f"atc|{entry.code}"


@pytest.mark.parametrize(("name", "text"), [*by_words()])
def test_an_ingredient_by_its_words(name: str, text: str) -> None:
    assert the_draft(draft_order(f"text|{text}")).ingredients == (name,)


@pytest.mark.parametrize(("name", "code"), [*by_code()])
def test_a_growth_factor_by_each_code(name: str, code: str) -> None:
    assert the_draft(draft_order(code)).ingredients == (name,)


def test_growth_factors_have_codes_of_every_kind() -> None:
    rows = csv.DictReader(ROLLUP.read_text("utf-8").splitlines())
    kinds = {(row["ingredients"], row["kind"]) for row in rows if row["ingredients"] in FACTORS}

    assert {(name, kind) for name, kind in kinds if kind in {"IN", "BN", "SCD", "SBD"}} == {
        *(
            (name, kind)
            for name in ("filgrastim", "pegfilgrastim")
            for kind in ("IN", "BN", "SCD", "SBD")
        ),
        ("lenograstim", "IN"),
        ("sargramostim", "IN"),
        ("efbemalenograstim", "SBD"),
        ("lipegfilgrastim", "SCD"),
    }


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("acetaminophen-codeine 300-30 mg", {"acetaminophen", "codeine"}),
        ("Tylenol #3", {"acetaminophen", "codeine"}),
        ("Norco 5-325", {"acetaminophen", "hydrocodone"}),
        ("Percocet 5-325", {"acetaminophen", "oxycodone"}),
    ],
)
def test_a_combination_by_its_words(text: str, ingredients: set[str]) -> None:
    assert set(the_draft(draft_order(f"text|{text}")).ingredients) == ingredients


@pytest.mark.parametrize(
    ("code", "ingredients"),
    [
        ("135095", {"aspirin", "codeine"}),
        ("214255", {"aspirin", "methocarbamol"}),
        ("214631", {"hydrocodone", "pseudoephedrine"}),
    ],
)
def test_a_combination_by_its_code(code: str, ingredients: set[str]) -> None:
    assert set(the_draft(draft_order(f"rxnorm|{code}")).ingredients) == ingredients


@pytest.mark.parametrize(
    "text",
    [
        "plerixafor",
        "Mozobil",
        "motixafortide",
        "epoetin alfa",
        "darbepoetin",
        "eltrombopag",
        "romiplostim",
        "history of filgrastim allergy",
        "filgrastim allergy",
        "Allergy to filgrastim",
        "Allergic to pegfilgrastim (bone pain)",
        "Filgrastim intolerance",
        "hx of GM-CSF use",
        "anti-GM-CSF antibody",
    ],
)
def test_what_is_no_growth_factor(text: str) -> None:
    assert set(the_draft(draft_order(f"text|{text}")).ingredients) <= {"plerixafor"}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("methylprednisolone", "prednisolone"),
        ("norepinephrine", "epinephrine"),
        ("desmopressin", "vasopressin"),
        ("racepinephrine", "epinephrine"),
        ("carbidopa-levodopa", "dopamine"),
        ("pegfilgrastim", "filgrastim"),
        ("lipegfilgrastim", "pegfilgrastim"),
        ("eszopiclone", "zopiclone"),
        ("trimipramine", "imipramine"),
        ("temsirolimus", "sirolimus"),
        ("Sudafed PE", "pseudoephedrine"),
        ("Ciprodex", "ciprofloxacin"),
        ("penicillin G benzathine", "penicillin_g"),
        ("oxazepam", "diazepam"),
    ],
)
def test_a_name_does_not_match_inside_another(text: str, other: str) -> None:
    assert other not in the_draft(draft_order(f"text|{text}")).ingredients


# --- common orders -------------------------------------------------------------------------------


def test_there_are_at_least_150_common_orders() -> None:
    assert len({order["text"] for order in COMMON}) == len(COMMON) >= 150


@pytest.mark.parametrize("order", COMMON, ids=lambda order: order["text"])
def test_a_common_order(order: dict[str, Any]) -> None:
    code, route = order.get("code", ""), order.get("route")
    drug = f"{code} text|{order['text']}".strip()
    draft = the_draft(draft_order(drug, dosageInstruction=[dosed(route)] if route else None))

    assert sorted(draft.ingredients) == sorted(order.get("is", ()))
    assert (draft.vaccine.name if draft.vaccine else None) == order.get("vaccine")
    assert draft.systemic is not order.get("local", False)


# --- vaccines ------------------------------------------------------------------------------------

LIVE = {
    "MMR vaccine": "MMR|M-M-R II|ProQuad|measles, mumps and rubella virus vaccine live"
    "|measles virus vaccine live|rubella vaccine|MEASLES, MUMPS & RUBELLA VAC SUBCUTANEOUS"
    "|measles,mumps&rubella vacc(PF) 1,000-12,500 unit/0.5 mL subcut|MEASLES-MUMPS-RUBELLA VAC LIVE"
    "|MMR vaccine - immunity status unknown|MMR vaccine, egg allergy noted"
    "|measles-mumps-rubella vaccine (history of incomplete series)",
    "varicella vaccine": "Varivax|varicella virus vaccine live|chickenpox vaccine"
    "|varicella vac live (PF) 1350 unit/0.5 mL|chickenpox vax"
    "|Varivax - allergy to neomycin denied|Varivax, status due",
    "live zoster vaccine": "Zostavax|zoster vaccine live|zoster vac live (PF)",
    "yellow fever vaccine": "YF-Vax|Stamaril|yellow fever vaccine|yellow fever vac live",
    "oral typhoid vaccine": "Vivotif|typhoid vaccine live oral Ty21a|Salmonella typhi live Ty21a"
    "|typhoid vac, live, attenuated|typhoid, live attenuated, capsule",
    "live nasal influenza vaccine": "FluMist|influenza virus vaccine live, intranasal|LAIV"
    "|influenza vac live quad nasal",
    "rotavirus vaccine": "Rotarix|RotaTeq|rotavirus vaccine live oral"
    "|ROTAVIRUS VAC LIVE PENTAVALENT",
    "BCG vaccine": "BCG vaccine|BCG vac live",
    "oral polio vaccine": "OPV|poliovirus vaccine live oral",
    "dengue vaccine": "Dengvaxia|Qdenga|dengue vaccine|dengue tetravalent vaccine, live",
    "Ebola vaccine": "Ervebo|Ebola Zaire vaccine, live",
    "live cholera vaccine": "Vaxchora|cholera vaccine",
    "live chikungunya vaccine": "Ixchiq|chikungunya vaccine live",
    "smallpox vaccine": "ACAM2000|smallpox vaccine",
    "adenovirus vaccine": "adenovirus type 4 and type 7 vaccine live oral",
}
NOT_LIVE = {
    "recombinant zoster vaccine": "Shingrix|zoster vaccine recombinant adjuvanted|zoster vaccine",
    "Haemophilus influenzae type b vaccine": "ActHIB|Haemophilus influenzae b conjugate vaccine",
    "pneumococcal vaccine": "Prevnar 20|Pneumovax 23|pneumococcal conjugate vaccine",
    "tetanus, diphtheria and pertussis vaccine": "Boostrix|Tdap|tetanus toxoid",
    "DTaP combination vaccine": "Pediarix|Infanrix hexa",
    "inactivated polio vaccine": "IPOL|poliovirus vaccine inactivated",
    "hepatitis A vaccine": "Havrix|hepatitis A vaccine",
    "hepatitis B vaccine": "Heplisav-B|hepatitis B vaccine recombinant",
    "hepatitis A and B vaccine": "Twinrix",
    "meningococcal vaccine": "Menveo|Bexsero|meningococcal ACWY conjugate vaccine",
    "HPV vaccine": "Gardasil 9|human papillomavirus vaccine",
    "RSV vaccine": "Abrysvo|respiratory syncytial virus vaccine",
    "rabies vaccine": "RabAvert|rabies vaccine",
    "Japanese encephalitis vaccine": "Ixiaro",
    "tick-borne encephalitis vaccine": "Ticovac",
    "injected typhoid vaccine": "Typhim Vi|typhoid Vi polysaccharide vaccine",
    "inactivated cholera vaccine": "Dukoral|cholera vaccine inactivated",
    "recombinant chikungunya vaccine": "Vimkunya|chikungunya vaccine recombinant",
    "non-replicating smallpox and mpox vaccine": "Jynneos|smallpox vaccine non-replicating",
    "anthrax vaccine": "Biothrax",
}
EARLY = {
    "influenza vaccine": "Fluzone|Flublok|influenza virus vaccine inactivated|flu shot",
    "COVID-19 vaccine": "Comirnaty|SARS-CoV-2 mRNA vaccine",
}


def vaccines() -> Iterator[tuple[str, Vaccine]]:
    for rows, live, early in ((LIVE, True, False), (NOT_LIVE, False, False), (EARLY, False, True)):
        for name, texts in rows.items():
            for text in texts.split("|"):
                yield text, Vaccine(name, live, early)


@pytest.mark.parametrize(("text", "vaccine"), [*vaccines()])
def test_a_vaccine_by_its_words(text: str, vaccine: Vaccine) -> None:
    assert the_draft(draft_order(f"text|{text}")).vaccine == vaccine


@pytest.mark.parametrize(
    ("text", "route", "name"),
    [
        ("influenza virus vaccine", "nasal", "live nasal influenza vaccine"),
        ("typhoid vaccine", "oral", "oral typhoid vaccine"),
        ("poliovirus vaccine", "oral", "oral polio vaccine"),
        ("poliovirus vaccine", "sc", "inactivated polio vaccine"),
    ],
)
def test_a_vaccine_is_told_by_its_route(text: str, route: str, name: str) -> None:
    vaccine = the_draft(draft_order(f"text|{text}", dosageInstruction=[dosed(route)])).vaccine

    assert vaccine is not None
    assert vaccine.name == name


@pytest.mark.parametrize(
    "text",
    [
        "varicella zoster immune globulin",
        "hepatitis B immune globulin",
        "varicella IgG titer",
        "rubella antibody, vaccine response",
        "measles virus RNA",
        "mismatch repair (MMR) protein stain",
        "BCG live intravesical 50 mg",
        "history of MMR vaccine",
        "influenza A and B PCR",
        "fluconazole",
        "fludarabine",
        "COVID-19 antigen",
        "wound vac, shingles",
        "vacuum dressing, zoster",
        "varicella IgG, vaccine status",
        "measles, mumps, rubella vaccination status",
        "Immunization status: MMR",
        "MMR immunity status",
        "MMR, immunity status",
        "Varivax status",
        "History of Varivax, live vaccine",
        "allergy to MMR vaccine",
        "Vaccine allergies: influenza, egg",
        "MMR vaccine, patient refused",
        "MMR vaccine - titer first",
        "BCG vac live (TICE), bladder",
        "Ebola MVA-BN-Filo vaccine",
        "Ebola virus PCR",
    ],
)
def test_what_is_no_vaccine(text: str) -> None:
    assert vaccine_in((text,), "") is None
