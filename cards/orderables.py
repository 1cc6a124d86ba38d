"""What a draft orders, in codes of the value sets `order.*` and in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from grading.model import DrugPlan, StudyKind

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


class OrderCode(NamedTuple):
    """A code of a value set: its concept key, system, code and display."""

    key: str
    system: str
    code: str
    display: str


class Orderable(NamedTuple):
    """What is ordered: the words that stand for it, and its codes."""

    text: str
    codes: tuple[OrderCode, ...]


def _product(key: str, code: str, display: str) -> OrderCode:
    return OrderCode(f"order.med.{key}", RXNORM, code, display)


def _lab(code: str, display: str) -> OrderCode:
    return OrderCode("order.labs_crs", LOINC, code, display)


_MP = "methylprednisolone_iv"
_MP_TEXT = "Methylprednisolone (sodium succinate) injection"

MEDICINES: Mapping[str, Mapping[Decimal | None, Orderable]] = {
    "tocilizumab": {
        None: Orderable(
            "Tocilizumab 20 mg/mL concentrate for infusion",
            (_product("tocilizumab_iv", "1657981", "20 ML tocilizumab 20 MG/ML Injection"),),
        )
    },
    "dexamethasone": {
        None: Orderable(
            "Dexamethasone 10 mg/mL injection",
            (
                _product(
                    "dexamethasone_iv", "1812079", "1 ML Dexamethasone phosphate 10 MG/ML Injection"
                ),
            ),
        )
    },
    "methylprednisolone": {
        None: Orderable(
            _MP_TEXT, (_product(_MP, "1743720", "Methylprednisolone 500 MG Injection"),)
        ),
        Decimal(1000): Orderable(
            _MP_TEXT, (_product(_MP, "1743726", "Methylprednisolone 1000 MG Injection"),)
        ),
    },
    "levetiracetam": {
        None: Orderable(
            "Levetiracetam 500 mg oral tablet",
            (_product("levetiracetam_po", "311289", "levetiracetam 500 MG Oral Tablet"),),
        )
    },
    "thiamine": {None: Orderable("Thiamine", (_product("thiamine", "10454", "thiamine"),))},
}
"""By ingredient and by the amount of the first dose (None: any other amount)."""

CARE_MEDICINES: Mapping[str, Orderable] = {
    "acetaminophen": Orderable(
        "Acetaminophen", (_product("acetaminophen", "161", "acetaminophen"),)
    ),
}
"""Medicines that are drafted without a dose, which no rule states."""

_CBC = (_lab("57021-8", "CBC W Auto Differential panel - Blood"),)
_PANEL = (_lab("24323-8", "Comprehensive metabolic 2000 panel - Serum or Plasma"),)
_FERRITIN = Orderable("Ferritin", (_lab("2276-4", "Ferritin [Mass/volume] in Serum or Plasma"),))
_FIBRINOGEN = Orderable(
    "Fibrinogen",
    (_lab("3255-7", "Fibrinogen [Mass/volume] in Platelet poor plasma by Coagulation assay"),),
)
_LDH = Orderable(
    "LDH",
    (_lab("2532-0", "Lactate dehydrogenase [Enzymatic activity/volume] in Serum or Plasma"),),
)

STUDIES: Mapping[str, Orderable] = {
    StudyKind.MRI_BRAIN: Orderable(
        "MRI of the brain, contrast left to the orderer",
        (
            OrderCode("order.mri_brain_wo_w", LOINC, "24590-2", "MR Brain"),
            OrderCode("order.mri_brain_wo_w", SNOMED, "816077007", "MRI of brain"),
        ),
    ),
    StudyKind.CT_HEAD: Orderable(
        "CT of the head without contrast",
        (
            OrderCode("order.ct_head_wo", LOINC, "30799-1", "CT Head WO contrast"),
            OrderCode(
                "order.ct_head_wo",
                SNOMED,
                "303653007",
                "Computed tomography of head (procedure)",
            ),
        ),
    ),
    StudyKind.EEG: Orderable(
        "EEG",
        (
            OrderCode("order.eeg", LOINC, "11523-8", "EEG study"),
            OrderCode("order.eeg", SNOMED, "54550000", "Electroencephalogram (procedure)"),
        ),
    ),
    StudyKind.LUMBAR_PUNCTURE: Orderable(
        "Lumbar puncture: opening pressure, culture, cytology, JC virus PCR",
        (OrderCode("order.lumbar_puncture", SNOMED, "277762005", "Lumbar puncture (procedure)"),),
    ),
    StudyKind.BLOOD_CULTURES: Orderable(
        "Blood cultures", (_lab("600-7", "Bacteria identified in Blood by Culture"),)
    ),
    StudyKind.URINE_CULTURE: Orderable("Urine culture", ()),
    StudyKind.CHEST_RADIOGRAPH: Orderable("Chest radiograph", ()),
    StudyKind.CRS_LABS: Orderable("CRS laboratory set", ()),
    StudyKind.NEUROLOGY_CONSULT: Orderable(
        "Neurology consultation",
        (
            OrderCode(
                "order.neurology_consult",
                SNOMED,
                "183521007",
                "Referral to neurology service (procedure)",
            ),
        ),
    ),
    StudyKind.ICU_CONSULT: Orderable("ICU consultation", ()),
    StudyKind.FUNDOSCOPY: Orderable("Fundoscopy for papilledema", ()),
    StudyKind.FERRITIN: _FERRITIN,
    StudyKind.FIBRINOGEN: _FIBRINOGEN,
    StudyKind.TRIGLYCERIDES: Orderable("Fasting triglycerides", (_lab("2571-8", "Triglycerides"),)),
    StudyKind.LDH: _LDH,
    StudyKind.METABOLIC_PANEL: Orderable("Comprehensive metabolic panel with liver tests", _PANEL),
    StudyKind.CBC: Orderable("CBC with differential", _CBC),
}
"""Tests and consultations; without a code where none is verified (fundoscopy: without dilation)."""

LABS: Mapping[str, Orderable] = {
    "cbc": Orderable("CBC", _CBC),
    "metabolic-panel": Orderable("CMP", _PANEL),
    "magnesium": Orderable(
        "Magnesium", (_lab("19123-9", "Magnesium [Mass/volume] in Serum or Plasma"),)
    ),
    "phosphate": Orderable(
        "Phosphate", (_lab("2777-1", "Phosphate [Mass/volume] in Serum or Plasma"),)
    ),
    "crp": Orderable(
        "CRP", (_lab("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma"),)
    ),
    "ldh": _LDH,
    "uric-acid": Orderable(
        "Uric acid", (_lab("3084-1", "Urate [Mass/volume] in Serum or Plasma"),)
    ),
    "fibrinogen": _FIBRINOGEN,
    "pt": Orderable("PT", (_lab("5902-2", "Prothrombin time (PT)"),)),
    "ptt": Orderable(
        "PTT", (_lab("14979-9", "aPTT in Platelet poor plasma by Coagulation assay"),)
    ),
    "ferritin": _FERRITIN,
}
"""Tests of the laboratory set of CRS (MGMT-CRS-01)."""


def medicine(plan: DrugPlan) -> Orderable:
    """The product of a plan, of the strength of its first dose where there is one."""
    products = MEDICINES[plan.drug]
    return products.get(plan.mg) or products[None]
