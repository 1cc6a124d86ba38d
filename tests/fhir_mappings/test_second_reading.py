"""The mapping of coded Observations, held against a second reading of the specification.

Skipped where `../shared/spec` is not beside the repository. What the text leaves open is not in
the grid: means of a pressure (96608-5, 96609-3), a `{fraction}` above 1, the NCIt concept of ICANS
grade 1, and the greatest plausible result of a laboratory test other than fibrinogen.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fhir_basics import at_text, quantity, subject
from tests.fhir_codes import LOCAL, Resource
from tests.fhir_mappings import second_reading as second
from tests.fhir_mappings.reading import record_of

pytestmark = pytest.mark.skipif(
    not second.TERMINOLOGY.exists(), reason="no ../shared/spec/terminology.yaml"
)

NUMBERED: dict[str, tuple[str, str | None, str | None]] = {
    key: (kind, low, high) for key, (_, kind, low, high) in second.MEASURED.items()
}
NUMBERED |= {key: ("pressure", low, high) for key, (_, low, high) in second.PRESSURES.items()}
NUMBERED |= {
    key: (kind, "0", "2000" if key == "lab.fibrinogen" else None)
    for key, (_, kind) in second.LABS.items()
}
OPEN = {"96608-5", "96609-3"}
UNUSED = ("obs.temperature_exclude", "obs.vital_signs_panel", "obs.heart_rate", "obs.bmi_bsa")
STATUSES = ("final", "amended", "corrected", "preliminary", "registered", "cancelled", "unknown")


def charted(*codings: tuple[str, str], **elements: object) -> Resource:
    """An Observation of Patient A with these codings."""
    written = [{"system": system, "code": code} for system, code in codings]
    return {
        "resourceType": "Observation",
        "id": "x",
        "status": "final",
        "code": {"coding": written},
        "subject": subject(),
        "effectiveDateTime": at_text("1h"),
    } | elements


def as_rows(*resources: Resource) -> set[second.Row]:
    """What the product reads, in the rows of the second reading."""
    record = record_of(*resources)
    facts, rounded = record.facts, second.rounded
    rows: set[second.Row] = {
        (kind, rounded(each.value))
        for kind in ("temperatures", "spo2", "flows", "fio2", "weights")
        for each in facts[kind]
    }
    for p in facts["pressures"]:
        rows.add(("pressures", rounded(p.sbp), rounded(p.mean), rounded(p.dbp)))
    rows |= {("supports", each.device.value) for each in facts["supports"]}
    rows |= {("arousal", each.level.name) for each in facts["arousal"]}
    rows |= {(kind, each.kind.value) for kind in ("seizures", "signs") for each in facts[kind]}
    rows |= {("ice", each.worst, each.best) for each in facts["ice"]}
    rows |= {("capd", each.low, each.high) for each in facts["capd"]}
    rows |= {("charted_grades", each.syndrome, each.grade) for each in facts["charted_grades"]}
    for name, results in record.labs.items():
        rows |= {("lab", name, rounded(each.value)) for each in results}
    return rows


def unlike(observations: Iterator[Resource]) -> list[tuple[Resource, set[second.Row]]]:
    """The Observations that are read otherwise, with what the product reads."""
    read = ((each, as_rows(each)) for each in observations)
    return [(each, rows) for each, rows in read if rows != second.read_observation(each)]


def edges(kind: str, unit: str, low: str | None, high: str | None) -> list[float]:
    """Numbers in a unit that lie at and on both sides of each edge of the accepted range."""
    numbers = {Decimal("0.5"), Decimal(3), Decimal(38)}
    for edge in (low, high):
        if edge is not None:
            slope = second.converted(Decimal(2), kind, unit) or Decimal(1)
            base = second.converted(Decimal(3), kind, unit) or slope
            factor = base - slope or Decimal(1)
            near = (Decimal(edge) - (slope - 2 * factor)) / factor
            numbers |= {near, near * Decimal("0.99"), near * Decimal("1.01")}
    return [float(round(n, 3)) for n in sorted(numbers)]


@pytest.mark.parametrize("key", sorted(NUMBERED))
def test_every_code_and_unit_at_every_edge(key: str) -> None:
    kind, low, high = NUMBERED[key]
    accepted = second.tables()["_units"][kind]["accept"]
    known = [one for one in second.codes(key) if one[1]["code"] not in OPEN]

    def grid() -> Iterator[Resource]:
        for place, (system, row) in enumerate(known):
            for unit in (*accepted, "Pa"):
                for n in edges(kind, unit, low, high) if place == 0 else [38.0]:
                    if unit == "{fraction}" and n > 1:
                        continue
                    for written in (unit, f"unit:{unit}"):
                        yield charted((system, row["code"]), valueQuantity=quantity(n, written))

    assert unlike(grid()) == []


@pytest.mark.parametrize("key", UNUSED)
def test_codes_that_are_no_input(key: str) -> None:
    unit = second.tables()[key].get("_unit") or "Cel"
    assert not any(
        as_rows(charted((system, row["code"]), valueQuantity=quantity(38, unit)))
        for system, row in second.codes(key)
    )


def answered() -> Iterator[Resource]:
    """Every coded answer of the local codes and of the terminology."""
    snomed, loinc = second.systems()["snomed"], second.systems()["loinc"]
    pairs = [
        ((LOCAL, question), (snomed if answer.isdigit() else LOCAL, answer))
        for question, answer in second.LOCAL_ANSWERS
    ]
    pairs += [((loinc, "80294-2"), (loinc, answer)) for answer in second.AROUSAL]
    for name in second.DEVICES:
        known = second.codes(f"val.o2_device.{name}")
        pairs += [
            ((LOCAL, "oxygen-delivery-device"), (system, row["code"]))
            for system, row in known
            if system == snomed
        ]
    values = [row["code"] for _, row in second.codes("obs.avpu") if "value" in row]
    pairs += [((loinc, "67775-7"), (snomed, code)) for code in values]
    for question, (system, code) in pairs:
        answer = {"coding": [{"system": system, "code": code}]}
        yield charted(question, valueCodeableConcept=answer)


def scored() -> Iterator[Resource]:
    """Every score with whole numbers at and beyond the ends of its range."""
    loinc, snomed = second.systems()["loinc"], second.systems()["snomed"]
    scales = [(snomed, "1345050000"), (loinc, "9267-6"), (loinc, "9269-2")]
    scales += [(LOCAL, c) for c in ("ice-total", "capd-total", "crs-grade", "icans-grade")]
    for scale in scales:
        for n in (*range(-6, 17), 31, 32, 33):
            yield charted(scale, valueInteger=n)
            yield charted(scale, valueQuantity=quantity(n, "{score}"))


def test_every_answer() -> None:
    assert unlike(answered()) == []


def test_every_score() -> None:
    assert unlike(scored()) == []


@settings(max_examples=100, deadline=None)
@given(
    key=st.sampled_from(sorted(NUMBERED)),
    status=st.sampled_from((*STATUSES, "entered-in-error")),
    data=st.data(),
)
def test_shapes(key: str, status: str, data: st.DataObject) -> None:
    kind = NUMBERED[key][0]
    known = [one for one in second.codes(key) if one[1]["code"] not in OPEN]
    system, row = data.draw(st.sampled_from(known))
    site = ("urn:oid:1.2.3", "6")
    panel = (second.systems()["loinc"], "8716-3")
    codings = data.draw(st.permutations([(system, row["code"]), site, panel]))
    units = [u for u in second.tables()["_units"][kind]["accept"] if u != "{fraction}"]
    unit = data.draw(st.sampled_from([*units, "unit:Pa", *(f"unit:{u}" for u in units)]))
    value = quantity(data.draw(st.sampled_from([0.9, 22, 38])), unit)
    one = charted(*codings, valueQuantity=value, status=status)
    assert as_rows(one) == second.read_observation(one)


def test_components() -> None:
    """Oxygen and pressures inside another Observation, in fitting and unfitting units."""
    loinc = second.systems()["loinc"]
    values = [(0.4, "1"), (40, "%"), (2, "L/min"), (90, "mm[Hg]"), (12, "kPa"), (2000, "mL/min")]
    inner = ("3151-8", "3150-0", "19994-3", "19941-4", "8480-6", "8478-0", "8462-4")

    def panels() -> Iterator[Resource]:
        for outer in ("59408-5", "85354-9", "8716-3", "2708-6"):
            for code in inner:
                for value, unit in values:
                    part = {"code": {"coding": [{"system": loinc, "code": code}]}}
                    measured = part | {"valueQuantity": quantity(value, unit)}
                    yield charted((loinc, outer), component=[measured])

    assert unlike(panels()) == []


GOOD = {
    "8310-5": quantity(38, "Cel"),
    "59408-5": quantity(93, "%"),
    "29463-7": quantity(70, "kg"),
    "8480-6": quantity(85, "mm[Hg]"),
    "3151-8": quantity(4, "L/min"),
    "3150-0": quantity(40, "%"),
}


@pytest.mark.parametrize("code", GOOD)
def test_what_is_no_reading(code: str) -> None:
    """A bound, an absent value and another patient's value, of what grades."""
    loinc = second.systems()["loinc"]
    value = GOOD[code]
    assert as_rows(charted((loinc, code), valueQuantity=value))
    assert not as_rows(charted((loinc, code), valueQuantity=value | {"comparator": "<"}))
    assert not as_rows(charted((loinc, code), dataAbsentReason={"text": "not taken"}))
    other = subject("patient-b")
    assert not as_rows(charted((loinc, code), valueQuantity=value, subject=other))
