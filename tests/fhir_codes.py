"""Codes that the builders write: short names of systems, devices, drugs and products."""

from __future__ import annotations

from typing import Any

Resource = dict[str, Any]

LOCAL = "https://cart-toxicity-cds.example.org/fhir/CodeSystem/bedside"

SYSTEMS = {
    "loinc": "http://loinc.org",
    "snomed": "http://snomed.info/sct",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "icd10": "http://hl7.org/fhir/sid/icd-10-cm",
    "atc": "http://www.whocc.no/atc",
    "cpt": "http://www.ama-assn.org/go/cpt",
    "local": LOCAL,
    "site": "urn:oid:1.2.840.114350.1.13.0.1.7.2.707679",
}

DEVICES = {
    "room-air": "snomed|722742002",
    "nasal-cannula": "snomed|336623009",
    "high-flow-nasal-cannula": "snomed|426854004",
    "blow-by": "local|blow-by",
    "simple-mask": "snomed|336602003",
    "non-rebreather": "snomed|427591007",
    "partial-rebreather": "snomed|425926003",
    "venturi-mask": "snomed|428285009",
    "aerosol-mask": "snomed|426851007",
    "trach-mask": "snomed|465839001",
    "cpap": "snomed|47545007",
    "bipap": "snomed|1186618000",
    "ventilator": "snomed|706172005",
}

PROCEDURES = {
    "cart-infusion": "snomed|1156961008",
    "cart-harvest": "cpt|38225",
    "cpap": "snomed|47545007",
    "bipap": "snomed|1186618000",
    "ventilation": "snomed|1258985005",
    "intubation": "snomed|112798008",
    "eeg": "snomed|54550000",
    "mri-brain": "snomed|816077007",
}

TESTS = {"mri-brain": "loinc|24587-8", "ct-head": "loinc|30799-1", "eeg": "loinc|11523-8"}

DRUGS = {
    "acetaminophen": "rxnorm|161",
    "aspirin": "rxnorm|1191",
    "dexamethasone": "rxnorm|3264",
    "dexmedetomidine": "atc|N05CM18",
    "dobutamine": "rxnorm|1812167",
    "dopamine": "rxnorm|3628",
    "epinephrine": "rxnorm|3992",
    "fentanyl": "rxnorm|4337",
    "hydrocortisone": "rxnorm|5492",
    "ibuprofen": "rxnorm|5640",
    "ketamine": "rxnorm|6130",
    "levetiracetam": "rxnorm|114477",
    "methylprednisolone": "rxnorm|6902",
    "midazolam": "rxnorm|6960",
    "norepinephrine": "rxnorm|7512",
    "phenylephrine": "rxnorm|8163",
    "angiotensin-ii": "rxnorm|1999003",
    "prednisone": "rxnorm|8640",
    "propofol": "rxnorm|8782",
    "terlipressin": "atc|H01BA04",
    "tocilizumab": "rxnorm|612865",
    "vasopressin": "rxnorm|11149",
}

PRODUCTS = {
    "axi-cel": ("rxnorm|1987398", "axicabtagene ciloleucel"),
    "brexu-cel": ("rxnorm|2387277", "brexucabtagene autoleucel"),
    "tisa-cel": ("rxnorm|1986438", "tisagenlecleucel"),
    "liso-cel": ("rxnorm|2479136", "lisocabtagene maraleucel"),
    "ide-cel": ("rxnorm|2536430", "idecabtagene vicleucel"),
    "cilta-cel": ("rxnorm|2594775", "ciltacabtagene autoleucel"),
    "obe-cel": ("rxnorm|2700173", "obecabtagene autoleucel"),
}

ROUTES = {
    "iv": ("snomed|47625008", "Intravenous route"),
    "oral": ("snomed|26643006", "Oral route"),
    "sc": ("snomed|34206005", "Subcutaneous route"),
    "topical": ("snomed|6064005", "Topical route"),
    "nasal": ("snomed|46713006", "Nasal route"),
}

AROUSAL = {
    "awake": "awakens-spontaneously",
    "voice": "awakens-to-voice",
    "touch": "awakens-to-touch",
    "unarousable": "unarousable",
}

LABS = {
    "ferritin": ("2276-4", "ng/mL"),
    "crp": ("1988-5", "mg/L"),
    "anc": ("751-8", "10*3/uL"),
    "platelets": ("777-3", "10*3/uL"),
    "fibrinogen": ("3255-7", "mg/dL"),
    "alt": ("1742-6", "U/L"),
    "ast": ("1920-8", "U/L"),
    "hemoglobin": ("718-7", "g/dL"),
    "ldh": ("2532-0", "U/L"),
}

ICE_ITEMS = {
    "ice-orientation": 4,
    "ice-naming": 3,
    "ice-command": 1,
    "ice-writing": 1,
    "ice-attention": 1,
}

EDEMA = "icd10|G93.6"
SEIZURE = "snomed|91175000"
