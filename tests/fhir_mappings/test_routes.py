"""The gate of form and route: what acts on the whole body, and what went into a vein."""

from __future__ import annotations

import pytest

from fhir_mappings.codes import CodeableConcept, Coding, system_url
from fhir_mappings.routes import Gate, gate
from tests.builders import given
from tests.fhir_mappings.reading import only

SNOMED = system_url("snomed")
EDQM, NCIT = "urn:oid:0.4.0.127.0.16.1.1.2.1", "http://ncimeta.nci.nih.gov"


def coded(*codings: tuple[str, str], text: str | None = None) -> CodeableConcept:
    return CodeableConcept(tuple(Coding(system, code) for system, code in codings), text)


@pytest.mark.parametrize(
    ("form", "route", "has_rate", "expected"),
    [
        ("", coded((SNOMED, "47625008")), False, Gate(True, True)),
        ("", coded(text="Intravenous"), False, Gate(True, True)),
        ("", coded(text="IVPB"), False, Gate(True, True)),
        ("", None, True, Gate(True, True)),
        ("ophthalmic", None, True, Gate(True, True)),
        ("", coded((SNOMED, "26643006")), False, Gate(True, False)),
        ("", coded((SNOMED, "34206005")), False, Gate(True, False)),
        ("parenteral", coded(text="Intramuscular"), False, Gate(True, False)),
        ("", coded(text="Subcutaneous"), False, Gate(True, False)),
        ("", coded((SNOMED, "6064005")), False, Gate(False, False)),
        ("", coded((SNOMED, "46713006")), False, Gate(False, False)),
        ("", coded(text="Intrathecal"), False, Gate(False, False)),
        ("topical", coded(text="oral"), False, Gate(False, False)),
        ("parenteral", None, False, Gate(True, None)),
        ("", None, False, Gate(True, None)),
        ("oral", None, False, Gate(True, False)),
        ("ophthalmic", None, False, Gate(False, False)),
        ("parenteral_depot", None, False, Gate(False, False)),
        ("", coded(("urn:x", "PO")), False, Gate(True, False)),
        ("topical", coded(text="Other"), False, Gate(False, False)),
        ("parenteral_depot", coded(text="Injection"), False, Gate(False, False)),
        ("oral", coded(text="Other"), False, Gate(True, False)),
        ("", CodeableConcept(), False, Gate(True, None)),
    ],
)
def test_the_gate(form: str, route: CodeableConcept | None, has_rate: bool, expected: Gate) -> None:
    assert gate(form, route, has_rate=has_rate) == expected


@pytest.mark.parametrize(
    ("route", "intravenous"),
    [
        *(
            (coded(text=words), True)
            for words in (
                "IV",
                "I.V.",
                "i.v. bolus",
                "IV push",
                "PIV",
                "Intravenous use",
                "Intra-venous",
                "CVC",
                "PICC line",
                "Port",
                "Port-a-Cath",
                "Central line",
                "Peripheral vein",
                "Infusion",
                "IV/PO",
            )
        ),
        (coded((SNOMED, "418114005")), True),
        (coded((SNOMED, "419993007")), True),
        (coded((EDQM, "20045000")), True),
        (coded((NCIT, "C38276")), True),
        *((coded(text=words), None) for words in ("Injection", "Parenteral", "Other", "Unknown")),
        (coded((SNOMED, "999999999")), None),
        (None, None),
        *(
            (coded(text=words), False)
            for words in (
                "SC",
                "S.C.",
                "Subcutaneous infusion",
                "IM",
                "PO",
                "Orally",
                "By mouth",
                "Enteral",
                "NG tube",
                "NGT",
                "OGT",
                "PEGtube",
                "Dobhoff",
                "DHT",
                "Sub-Q",
                "Sub Q",
                "Sub-cut",
                "Rectal",
                "Sublingual",
                "Transdermal",
                "Intraventricular",
                "IVITINJ",
                "Nebulized",
            )
        ),
        (coded((SNOMED, "72607000")), False),
        (coded((EDQM, "20066000")), False),
        (coded((NCIT, "C38299")), False),
    ],
)
def test_only_a_known_other_route_says_that_it_went_into_no_vein(
    route: CodeableConcept | None, intravenous: bool | None
) -> None:
    """A route that nobody knows is as none: DOSE-TOCI counts a dose of unknown route."""
    assert gate("parenteral", route, has_rate=False).intravenous is intravenous


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Epidural", Gate(False, False)),
        ("Perineural", Gate(False, False)),
        ("Inhalation", Gate(False, False)),
        ("Nebulization", Gate(False, False)),
        ("Subcutaneous infusion", Gate(True, False)),
        ("Intramuscular", Gate(True, False)),
        ("NG tube", Gate(True, False)),
        ("Intravenous", Gate(True, True)),
        ("Central line", Gate(True, True)),
        ("Intraosseous", Gate(True, True)),
        ("Continuous infusion", Gate(True, True)),
        ("Other", Gate(True, True)),
        ("", Gate(True, True)),
    ],
)
def test_a_charted_route_decides_also_against_a_rate(words: str, expected: Gate) -> None:
    assert gate("parenteral", coded(text=words), has_rate=True) == expected


@pytest.mark.parametrize(
    ("words", "counts"),
    [
        ("IV", True),
        ("I.V.", True),
        ("PIV", True),
        ("Injection", True),
        ("Subcutaneous", False),
        ("Sub-Q", False),
    ],
)
def test_a_tocilizumab_dose_counts_unless_its_route_is_another(words: str, counts: bool) -> None:
    dose = only("doses", given("tocilizumab", mg=560, dosage={"route": {"text": words}}))

    assert (dose.intravenous is not False) is counts


@pytest.mark.parametrize(
    "words",
    [
        "Infiltration",
        "Perineural",
        "Intracameral",
        "Retrobulbar",
        "Intracavernosal",
        "Intralesional",
        "Intrapleural",
        "Each Nare",
        "Both nares",
        "Left nostril",
        "OU",
        "OD",
        "OS",
        "OU drops",
        "IT",
        "Inh",
        "Skin",
        "External",
        "Mucous membrane",
        "Endotracheal",
        "OPTHALTA",
        "ITINJ",
        "EPIDURINJ",
        "IPINHL",
        "OP",
        "TP",
    ],
)
def test_what_stays_where_it_is_given_does_not_act_on_the_whole_body(words: str) -> None:
    assert gate("parenteral", coded(text=words), has_rate=False) == Gate(False, False)


@pytest.mark.parametrize(
    "words",
    ["IV to external jugular", "External jugular", "Left forearm", "OU and IV", "Other", ""],
)
def test_what_may_be_a_vein_is_not_taken_for_a_local_route(words: str) -> None:
    assert gate("parenteral", coded(text=words), has_rate=False).systemic


def test_per_os_is_by_mouth() -> None:
    assert gate("oral", coded(text="per os"), has_rate=False) == Gate(True, False)


def test_epinephrine_in_a_local_anesthetic_is_no_vasopressor() -> None:
    dosage = {"route": {"text": "Infiltration"}, "dose": {"value": 10, "unit": "mL"}}
    dose = only("doses", given("text|lidocaine-EPINEPHrine 1 %-1:100,000 injection", dosage=dosage))

    assert (dose.drug, dose.systemic) == ("epinephrine", False)
