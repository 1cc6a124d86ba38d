"""Blood pressure charted as one text, as "80/45", in place of its components (IN-2)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from fhir_mappings.elements import Quantity
from grading.model import Pressure, Remark

if TYPE_CHECKING:
    from fhir_mappings.values import Part

PANEL = "obs.bp_panel"
LABEL = "blood-pressure"
_WRITTEN = re.compile(r"(\d{2,3})\s*/\s*(\d{2,3})\s*(mm\s?\[?hg\]?)?", re.ASCII | re.IGNORECASE)


def read_panel(part: Part) -> None:
    """Add the pressures that the value of a panel writes; another value is refused.

    Where there are components, they alone speak.
    """
    if part.value is part.observation and part.observation.component:
        return
    found = _WRITTEN.fullmatch((part.value.value_string or "").strip())
    if found is None:
        part.refuse_value(LABEL)
        return
    systolic, diastolic = (
        part.facts.amount(kind, Quantity(Decimal(number), found[3]), LABEL, part.ref)
        for kind, number in (("systolic", found[1]), ("diastolic", found[2]))
    )
    if systolic is None or diastolic is None:
        return
    flags = (*systolic.flags, *part.flags, Remark.BY_TEXT)
    part.facts.pressures.append(
        Pressure(
            part.at.t, systolic.value, None, diastolic.value, part.ref, flags, part.other_cause
        )
    )
