"""What a service wants of a chart beside what grading does."""

from __future__ import annotations

from collections.abc import Iterable

from fhir_mappings.resources import Medication


class Wanted:
    """Nothing more, as for patient-view.

    `infusion_days`: how long ago an infusion may be that bears on the call, where that is longer
    than for grading. `medications`: references to Medications that the call needs. `superseded`:
    references of orders that do not count, because the call itself brings them.
    """

    infusion_days: int = 0
    medications: tuple[str, ...] = ()
    superseded: frozenset[str] = frozenset()

    def learn(self, medications: Iterable[Medication]) -> None:
        """Take note of the Medications that were read so far."""


GRADING_ONLY = Wanted()
