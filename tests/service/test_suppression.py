"""A card that was answered is quiet while nothing changed and the window runs; a critical never."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text, update

from service.app import create_app
from service.tables import FIRED_CARD, QUIET_CARD
from tests.service.order_calls import SELECT, SIGN, draft, ordering, referring
from tests.service.ward import FEVER, HOUR, START, Ward, chart, graded_chart, viewed

WITHIN, AFTER = 8 * HOUR - 1, 8 * HOUR
TABLE = """
grade answered  grade now  critical  outcome     window  card now
2               2          no        accepted    within  quiet
2               2          no        accepted    after   shown
2               2          no        overridden  within  quiet
2               2          no        overridden  after   shown
2               2          no        ignored     within  shown
2               2          no        ignored     after   shown
1               2          no        accepted    within  shown
1               2          no        accepted    after   shown
1               2          no        overridden  within  shown
1               2          no        overridden  after   shown
1               2          no        ignored     within  shown
1               2          no        ignored     after   shown
2               1          no        accepted    within  shown
2               1          no        accepted    after   shown
2               1          no        overridden  within  shown
2               1          no        overridden  after   shown
2               1          no        ignored     within  shown
2               1          no        ignored     after   shown
3               3          yes       accepted    within  shown
3               3          yes       accepted    after   shown
3               3          yes       overridden  within  shown
3               3          yes       overridden  after   shown
3               3          yes       ignored     within  shown
3               3          yes       ignored     after   shown
2               3          yes       accepted    within  shown
2               3          yes       accepted    after   shown
2               3          yes       overridden  within  shown
2               3          yes       overridden  after   shown
2               3          yes       ignored     within  shown
2               3          yes       ignored     after   shown
4               3          yes       accepted    within  shown
4               3          yes       accepted    after   shown
4               3          yes       overridden  within  shown
4               3          yes       overridden  after   shown
4               3          yes       ignored     within  shown
4               3          yes       ignored     after   shown
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]


@pytest.fixture
def ward(database_url: str) -> Ward:
    return Ward(database_url)


@pytest.fixture
def file_ward(tmp_path: Path) -> Ward:
    return Ward(f"sqlite:///{tmp_path / 'store.sqlite3'}")


def quiet(ward: Ward, grade: int = 2, **members: Any) -> None:
    """A card of this grade is shown and overridden."""
    (card,) = ward.view(grade, **members)
    ward.answer(card, "overridden")


@pytest.mark.parametrize("row", ROWS, ids=map("-".join, ROWS))
def test_the_truth_table(ward: Ward, row: list[str]) -> None:
    before, now, critical, outcome, window, expected = row
    (card,) = ward.view(int(before))
    if outcome != "ignored":
        ward.answer(card, outcome)
    ward.now += WITHIN if window == "within" else AFTER
    again = ward.view(int(now))
    last = ward.rows()[-1]

    assert (last.crs_lo, last.indicator == "critical") == (int(now), critical == "yes")
    assert ("shown" if again else "quiet") == expected
    assert last.state == ("shown" if again else "suppressed")


def test_the_hook_instance_does_not_matter(ward: Ward) -> None:
    body = viewed(graded_chart(2))
    (card,) = ward.cards(body)
    ward.answer(card, "overridden")

    assert ward.cards(body) == []
    assert ward.view(2) == []


@pytest.mark.parametrize(
    "other",
    [
        {"context": {"userId": "Practitioner/nurse-2", "patientId": "patient-a"}},
        {"fhirServer": "http://127.0.0.1:9/fhir"},
    ],
    ids=["user", "FHIR base"],
)
def test_what_another_has_answered_is_not_answered(file_ward: Ward, other: Any) -> None:
    quiet(file_ward)

    assert file_ward.view(2, **other)
    assert file_ward.view(2) == []


def of_other_patient(body: Any) -> Any:
    return json.loads(json.dumps(body).replace("patient-a", "patient-b"))


def test_one_hook_instance_for_two_patients_quiets_only_the_one_that_was_answered(
    ward: Ward,
) -> None:
    body = viewed(graded_chart(2), hookInstance="always-the-same")
    (first,) = ward.cards(body)
    (second,) = ward.cards(of_other_patient(body))
    ward.answer(first, "overridden")

    assert first["uuid"] != second["uuid"]
    assert ward.cards(body) == []
    assert len(ward.cards(of_other_patient(body))) == 1


@pytest.mark.parametrize("column", ["subject", "signature"])
def test_an_answer_to_an_identifier_of_two_cards_quiets_neither(ward: Ward, column: str) -> None:
    body = viewed(graded_chart(2))
    for _ in range(2):
        (card,) = ward.cards(body)
    first = ward.rows()[0].id
    ward.run(update(FIRED_CARD).where(FIRED_CARD.c.id == first).values({column: b"another"}))
    ward.answer(card, "overridden")

    assert ward.select(select(QUIET_CARD)) == []
    assert ward.cards(body)


def test_a_call_that_was_repeated_is_answered_once(ward: Ward) -> None:
    body = viewed(graded_chart(2))
    for _ in range(2):
        (card,) = ward.cards(body)
    ward.answer(card, "overridden")

    assert ward.cards(body) == []


def test_a_last_slash_makes_no_other_fhir_base(file_ward: Ward) -> None:
    quiet(file_ward, fhirServer="http://127.0.0.1:9/fhir")

    assert file_ward.view(2, fhirServer="http://127.0.0.1:9/fhir/") == []


def test_new_temperature_and_the_same_grade_stay_quiet(file_ward: Ward) -> None:
    quiet(file_ward, 1)

    assert file_ward.cards(viewed(chart(temperature=[{"value": 39.4}]))) == []


def test_a_new_missing_input_shows_the_card_at_once(file_ward: Ward) -> None:
    quiet(file_ward, 1)
    (card,) = file_ward.cards(viewed(chart(**FEVER, pressure=[])))

    assert "pressure missing" in card["summary"]


def test_a_new_recommendation_shows_the_card_at_once(file_ward: Ward) -> None:
    quiet(file_ward, 1)
    since_days = [{"value": 38.6, "at": f"{hours}h"} for hours in range(0, 74, 4)]
    cards = file_ward.cards(viewed(chart(temperature=since_days)))
    before, after = (set(row.rules.split()) for row in file_ward.rows()[:2])

    assert after > before
    assert [card["summary"] for card in cards] == ["CRS grade 1 (ASTCT 2019)"]


def test_the_other_grade_shows_the_card_at_once(file_ward: Ward) -> None:
    quiet(file_ward, 1)
    cards = file_ward.cards(viewed(chart(**FEVER, ice=[{"total": 8}])))

    assert len(cards) == 2


def test_back_at_the_answered_grade_it_is_quiet_again_while_the_window_runs(
    file_ward: Ward,
) -> None:
    quiet(file_ward, 2)
    shown = [bool(file_ward.view(grade)) for grade in (2, 3, 2)]

    assert shown == [False, True, False]


def broken(prefetch: Any) -> Any:
    """The same chart with one Observation more, which cannot be read."""
    bedside = prefetch["bedside"]
    odd = {"resource": {"resourceType": "Observation", "id": "odd", "status": ["final"]}}
    return prefetch | {"bedside": bedside | {"entry": [*bedside["entry"], odd]}}


NO_TEMPERATURE: Any = {"temperature": []}
ABSENT = "not delivered"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (chart(**NO_TEMPERATURE), "quiet"),
        (chart(**NO_TEMPERATURE, weight=[]), "shown"),
        (chart(**NO_TEMPERATURE) | {"patient": None}, "shown"),
        ({**chart(**NO_TEMPERATURE), "reports": ABSENT}, "shown"),
        (broken(chart(**NO_TEMPERATURE)), "shown"),
    ],
    ids=["nothing new", "weight missing", "age missing", "key not read", "resource not usable"],
)
def test_a_data_gap_is_quiet_until_another_gap_comes(
    file_ward: Ward, now: Any, expected: str
) -> None:
    (card,) = file_ward.cards(viewed(chart(**NO_TEMPERATURE)))
    file_ward.answer(card, "overridden")

    delivered = {key: page for key, page in now.items() if page != ABSENT}
    assert ("shown" if file_ward.cards(viewed(delivered)) else "quiet") == expected


def test_an_unknown_scope_is_told_every_time(file_ward: Ward) -> None:
    for _ in range(2):
        (card,) = file_ward.cards(viewed({}))
        file_ward.answer(card, "overridden")


def test_an_order_that_is_not_known_is_told_every_time(file_ward: Ward) -> None:
    behind = referring({"reference": "Medication/m1"})
    for _ in range(2):
        (card,) = file_ward.cards(ordering(SIGN, behind, prefetch=graded_chart(2)))
        file_ward.answer(card, "overridden")


def test_an_order_card_is_shared_by_both_order_services(ward: Ward) -> None:
    (card,) = ward.cards(ordering(SELECT, draft("filgrastim"), prefetch=graded_chart(2)))
    ward.answer(card, "overridden")
    again = ward.cards(ordering(SIGN, draft("filgrastim", "d2"), prefetch=graded_chart(2)))
    other = ward.cards(ordering(SIGN, draft("sargramostim"), prefetch=graded_chart(2)))

    assert (again, len(other)) == ([], 1)
    assert [row.topic.partition("/")[2] for row in ward.rows()] == [
        "filgrastim",
        "filgrastim",
        "sargramostim",
    ]


def tocilizumab(mg: int) -> Any:
    """The body of signing a dose, on a chart where 560 mg go by weight (70 kg)."""
    amount = {"doseQuantity": {"value": mg, "unit": "mg"}}
    dosage = {"route": {"text": "IV"}, "doseAndRate": [amount]}
    order = draft("tocilizumab", dosageInstruction=[dosage])
    return ordering(SIGN, order, prefetch=graded_chart(2))


DOSES = """
answered  now  card now
300       300  quiet
300       310  quiet
300       790  shown
790       790  quiet
790       300  shown
790       801  shown
300       560  none
"""
"""Below (info), above (warning) and over the cap of 800 mg (critical)."""


@pytest.mark.parametrize("row", [line.split() for line in DOSES.strip().splitlines()[1:]])
def test_a_dose_too_low_that_was_answered_answers_none_that_is_too_high(
    ward: Ward, row: list[str]
) -> None:
    before, now, expected = row
    (card,) = ward.cards(tocilizumab(int(before)))
    ward.answer(card, "overridden")
    again = ward.cards(tocilizumab(int(now)))
    held = ward.rows()[1:]

    assert ("shown" if again else "quiet" if held else "none") == expected


def test_zero_hours_turn_it_off(tmp_path: Path) -> None:
    ward = Ward(f"sqlite:///{tmp_path / 's.sqlite3'}", suppression_h=0)
    quiet(ward)

    assert ward.view(2)


def test_the_window_runs_from_the_answer_not_from_its_arrival(ward: Ward) -> None:
    (card,) = ward.view(2)
    ward.now += 9 * HOUR
    ward.answer(card, "overridden", outcomeTimestamp="2026-09-21T13:33:20Z")
    late = bool(ward.view(2))
    ward.answer(card, "overridden", outcomeTimestamp="2199-01-01T00:00:00Z")

    assert START == 1_789_997_600_000 + 2_400_000
    assert (late, ward.view(2)) == (True, [])
    ward.now += AFTER
    assert ward.view(2)


def test_an_older_answer_that_comes_later_changes_nothing(ward: Ward) -> None:
    (low,) = ward.view(1)
    (high,) = ward.view(2)
    ward.now += HOUR
    ward.answer(high, "overridden")
    ward.answer(low, "overridden", outcomeTimestamp="2026-09-21T14:00:00Z")

    assert [bool(ward.view(grade)) for grade in (1, 2)] == [True, False]


@pytest.mark.parametrize("dropped", [False, True], ids=["old key kept", "old key dropped"])
def test_what_was_answered_under_an_older_key_is_known(
    tmp_path: Path, database_url: str, dropped: bool
) -> None:
    keys = tmp_path / "keys"
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    keys.write_text(old, "ascii")
    ward = Ward(database_url, store_keys=str(keys))
    quiet(ward)
    keys.write_text(new if dropped else f"{new}\n{old}", "ascii")
    ward.app = create_app(ward.settings, clock=ward.clock)

    assert bool(ward.view(2)) is dropped


# --- what is told of it --------------------------------------------------------------------------


def test_what_was_held_back_is_counted_logged_and_told_on_the_next_card(
    ward: Ward, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet(ward)
    capsys.readouterr()
    held = [ward.view(2) for _ in range(2)]
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    told, again = (ward.view(1)[0]["detail"] for _ in range(2))

    assert held == [[], []]
    assert [line["suppressed"] for line in logged if line["event"] == "hook_answered"] == [1, 1]
    assert told.endswith(
        "\n\n*Held back while nothing changed: this card 2 times since it was last answered.*"
    )
    assert "Held back" not in again


def test_what_is_held_back_beside_a_card_is_told_on_it(ward: Ward) -> None:
    both = chart(**GRADE_2, ice=[{"total": 1}])
    cards = ward.cards(viewed(both))
    crs = next(card for card in cards if card["summary"].startswith("CRS"))
    ward.answer(crs, "accepted")
    (icans,) = ward.cards(viewed(both))

    assert icans["indicator"] == "critical"
    assert icans["detail"].endswith(
        "\n\n*Held back while nothing changed: now CRS grade, answered before.*"
    )


GRADE_2: Any = FEVER | {"pressure": [{"sbp": 84, "dbp": 50}]}


def test_where_the_store_fails_every_card_is_shown(
    ward: Ward, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet(ward)
    ward.run(text("ALTER TABLE fired_card RENAME TO gone"))
    capsys.readouterr()
    cards = ward.view(2)
    failed, answered = (json.loads(line) for line in capsys.readouterr().err.splitlines())

    assert len(cards) == 1
    assert (failed["event"], failed["reason"]) == ("store_failed", "fired cards were not recorded")
    assert (answered["event"], answered["unrecorded"]) == ("hook_answered", 1)
    assert ward.select(select(QUIET_CARD.c.held)) == [(0,)]


def test_no_patient_user_or_server_is_in_the_store(ward: Ward) -> None:
    quiet(ward, fhirServer="http://127.0.0.1:9/fhir")
    stored = str([ward.rows(), ward.select(select(QUIET_CARD))])

    assert [mark for mark in ("patient-a", "nurse-1", "127.0.0.1", "38.6") if mark in stored] == []


def test_a_quiet_card_whose_key_is_unknown_is_shown(ward: Ward) -> None:
    quiet(ward)
    ward.run(update(QUIET_CARD).values(subject=b"another"))

    assert ward.view(2)
