"""What order entry reads beyond patient-view: Medications of drafts, and a year of infusions."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from fhir_mappings.keys import KEYS
from service import create_app, demo_settings
from service.settings import ScopeUnknown
from tests.builders import cells, patient, procedure
from tests.ehr import bundle, search
from tests.fhir_codes import Resource
from tests.fhir_stub import Fault, refused, running
from tests.service.calls import FEBRILE, detail, graded, only, searched, told, whole, without
from tests.service.order_calls import (
    HOOKS,
    SELECT,
    SIGN,
    bundle_of,
    draft,
    fire,
    ordering,
    reading_orders,
    referring,
    rows,
    summaries,
)

FILGRASTIM = {"resourceType": "Medication", "id": "m1", "code": {"text": "filgrastim"}}
BEHIND = referring({"reference": "Medication/m1"})
GROWTH_FACTOR = draft("filgrastim")
VACCINE = draft("measles, mumps and rubella vaccine, live")
YEARS = [procedure("intubation", f"{days}d") for days in range(0, 500, 5)]
"""A procedure every fifth day."""
NOBODY: dict[str, Any] = {"patient": patient(), "infusions": None, "given": None}


def named(response: Any) -> list[list[str]]:
    return [row.get("ingredients", []) for row in rows(response)]


def page_of(count: int, procedures: list[Resource] = YEARS) -> Resource:
    """The first page of procedures, with a link to the next."""
    query = f"patient=patient-a&_sort=-date&_count={count}"
    return bundle(search(procedures, "Procedure", query), "Procedure", query)


# --- Medications of drafts -----------------------------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("delivered", [..., {}, *(only(key) for key in KEYS), without("given")])
def test_any_share_of_prefetch_gives_the_same_answer(app: Flask, hook: str, delivered: Any) -> None:
    with running([*FEBRILE, FILGRASTIM]) as stub:
        answer = fire(app, reading_orders(stub, hook, BEHIND, prefetch=delivered))

    assert searched(stub, "Medication") == ["_id=m1&_count=1"]
    beside = ordering(hook, BEHIND, {"resource": FILGRASTIM})
    assert answer.data == fire(app, beside).data


@pytest.mark.parametrize("base", ["", "{}/"])
def test_a_medication_of_a_version_is_read_as_it_is_now(app: Flask, base: str) -> None:
    """The version that a draft names is of no use to a search by id."""
    with running([*FEBRILE, FILGRASTIM]) as stub:
        versioned = base.format(stub.url) + "Medication/m1/_history/1"
        answer = fire(app, reading_orders(stub, SIGN, referring({"reference": versioned})))

    assert searched(stub, "Medication") == ["_id=m1&_count=1"]
    assert named(answer) == [["filgrastim"]]


def test_with_all_prefetch_only_the_medication_is_read(app: Flask) -> None:
    with running([FILGRASTIM]) as stub:
        answer = fire(app, reading_orders(stub, SIGN, BEHIND, prefetch=whole()))

    assert [call.url for call in stub.calls] == ["/Medication?_id=m1&_count=1"]
    assert named(answer) == [["filgrastim"]]


def test_a_medication_that_came_with_the_chart_is_not_read(app: Flask) -> None:
    charted = draft("-", "o1", status="active")
    prefetch = whole() | {"medicationOrders": bundle_of(charted, FILGRASTIM)}
    with running([]) as stub:
        answer = fire(app, reading_orders(stub, SIGN, BEHIND, prefetch=prefetch))

    assert stub.calls == []
    assert named(answer) == [["filgrastim"]]


def test_a_medication_that_the_drafts_bring_is_not_read(app: Flask) -> None:
    with running([]) as stub:
        beside = {"resource": FILGRASTIM}
        fire(app, reading_orders(stub, SIGN, BEHIND, beside, prefetch=whole()))

    assert stub.calls == []


def test_medications_of_chart_and_drafts_are_read_once(app: Flask) -> None:
    charted = referring({"reference": "Medication/m1"}, "o1", status="active")
    with running([*FEBRILE, FILGRASTIM, charted]) as stub:
        fire(app, reading_orders(stub, SIGN, BEHIND))

    assert len(searched(stub, "Medication")) == 1


def test_a_background_draft_is_resolved_too(app: Flask) -> None:
    chosen = {"selections": ["MedicationRequest/d2"]}
    with running([*FEBRILE, FILGRASTIM]) as stub:
        drafts = (BEHIND, draft("ondansetron", "d2"))
        fire(app, reading_orders(stub, SELECT, *drafts, context=chosen))

    assert len(searched(stub, "Medication")) == 1


NOT_CHECKED = "An order could not be recognized and was not checked (CRS grade 1, ICANS grade 0)"


@pytest.mark.parametrize("fault", [refused("/Medication?", 403), Fault("/Medication?", status=500)])
def test_a_medication_that_cannot_be_read_leaves_an_order_unrecognized_and_says_so(
    app: Flask, fault: Fault
) -> None:
    with running([*FEBRILE, FILGRASTIM], [fault]) as stub:
        answer = fire(app, reading_orders(stub, SIGN, BEHIND))

    assert rows(answer) == [{"order": "MedicationRequest/d1"}]
    assert summaries(answer) == [NOT_CHECKED]


def test_a_medication_that_the_server_does_not_have_is_told(app: Flask) -> None:
    with running(FEBRILE) as stub:
        answer = fire(app, reading_orders(stub, SIGN, BEHIND))

    assert summaries(answer) == [NOT_CHECKED]


def test_beside_a_hazard_the_order_that_is_not_known_is_told_too(app: Flask) -> None:
    with running(FEBRILE) as stub:
        answer = fire(app, reading_orders(stub, SIGN, BEHIND, draft("filgrastim", "d2")))

    assert summaries(answer) == [
        "Filgrastim: G-CSF can make CRS worse (CRS grade 1)",
        NOT_CHECKED,
    ]


def test_a_background_order_that_is_not_known_is_not_told(app: Flask) -> None:
    chosen = {"selections": ["MedicationRequest/d2"]}
    with running(FEBRILE) as stub:
        drafts = (BEHIND, draft("ondansetron", "d2"))
        answer = fire(app, reading_orders(stub, SELECT, *drafts, context=chosen))

    assert summaries(answer) == []


def test_an_order_without_any_medicine_is_not_told(app: Flask) -> None:
    answer = fire(app, ordering(SIGN, draft("-", medicationCodeableConcept=None)))

    assert summaries(answer) == []


def test_out_of_scope_an_order_that_is_not_known_is_not_told(app: Flask) -> None:
    nobody = {"procedures": None, "infusions": None}
    answer = fire(app, ordering(SIGN, BEHIND, prefetch=nobody))

    assert summaries(answer) == []


@pytest.mark.parametrize(
    "reference", ["Medication/m1", "http://other.example.org/fhir/Medication/m1", "urn:uuid:1"]
)
def test_without_access_or_elsewhere_nothing_is_read(app: Flask, reference: str) -> None:
    answer = fire(app, ordering(SIGN, referring({"reference": reference})))

    assert rows(answer) == [{"order": "MedicationRequest/d1"}]
    assert summaries(answer) == [NOT_CHECKED]


def test_a_draft_elsewhere_is_not_asked_of_this_server(app: Flask) -> None:
    other = referring({"reference": "http://other.example.org/fhir/Medication/m1"})
    with running([FILGRASTIM]) as stub:
        fire(app, reading_orders(stub, SIGN, other, prefetch=whole()))

    assert stub.calls == []


# --- how far back an infusion matters ------------------------------------------------------------


def pages_read(app: Flask, *drafts: Resource, chart: list[Resource], hook: str = SIGN) -> int:
    with running([patient(), *chart], most=10) as stub:
        fire(app, reading_orders(stub, hook, *drafts))
    return len(searched(stub, "Procedure"))


@pytest.mark.parametrize(
    ("order", "pages"),
    [
        (GROWTH_FACTOR, 2),
        (draft("hepatitis B vaccine"), 4),
        (draft("influenza vaccine, inactivated"), 4),
        (VACCINE, 8),
        (VACCINE | {"status": "stopped"}, 2),
        (VACCINE | {"doNotPerform": True}, 2),
    ],
    ids=["no vaccine", "not live", "influenza", "live", "stopped", "not to be done"],
)
def test_how_far_back_is_read_depends_on_the_order(app: Flask, order: Resource, pages: int) -> None:
    assert pages_read(app, order, chart=YEARS) == pages


def test_a_vaccine_that_is_not_selected_asks_for_nothing(app: Flask) -> None:
    with running([patient(), *YEARS], most=10) as stub:
        chosen = {"selections": ["MedicationRequest/d2"]}
        drafts = (VACCINE, draft("ondansetron", "d2"))
        fire(app, reading_orders(stub, SELECT, *drafts, context=chosen))

    assert len(searched(stub, "Procedure")) == 2


def test_a_vaccine_behind_a_reference_asks_for_a_year_too(app: Flask) -> None:
    vaccine = {"resourceType": "Medication", "id": "m1", "code": {"text": "MMR vaccine, live"}}

    assert pages_read(app, BEHIND, chart=[*YEARS, vaccine]) == 8


def test_a_vaccine_finds_an_infusion_that_is_no_longer_graded(app: Flask) -> None:
    chart = [*YEARS, procedure("cart-infusion", "200d")]
    with running([patient(), *chart], most=10) as stub:
        answer = fire(app, reading_orders(stub, SIGN, VACCINE))

    assert graded(answer)["crs"] == {"state": "out-of-scope"}
    assert rows(answer)[0]["rules"] == ["OT-VAC-1"]


def test_of_a_known_infusion_no_further_page_is_read(app: Flask) -> None:
    charted = [*YEARS, cells("axi-cel", at="200d")]

    assert pages_read(app, VACCINE, chart=charted) == 2


def test_an_infusion_longer_ago_may_hide_another(app: Flask) -> None:
    charted = [*YEARS, cells("axi-cel", at="450d")]

    assert pages_read(app, VACCINE, chart=charted) == 8


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    ("name", "days", "is_known"),
    [
        ("MMR vaccine, live", 366, True),
        ("MMR vaccine, live", 365, False),
        ("hepatitis B vaccine", 184, True),
        ("hepatitis B vaccine", 183, False),
        ("filgrastim", 91, True),
        ("filgrastim", 90, False),
    ],
)
def test_a_chart_that_stops_short_is_a_gap_where_a_rule_looks_further(
    app: Flask, hook: str, name: str, days: int, is_known: bool
) -> None:
    cut = page_of(1, [procedure("intubation", f"{days}d"), procedure("intubation", "600d")])
    answer = fire(app, ordering(hook, draft(name), prefetch=NOBODY | {"procedures": cut}))

    assert bool(summaries(answer)) is not is_known
    assert bool(rows(answer)) is is_known
    if not is_known:
        assert "procedures: does not reach back far enough" in detail(answer)


def test_the_date_window_of_the_templates_is_wide_enough_for_a_vaccine() -> None:
    app = create_app(demo_settings(prefetch_dates=True))
    answer = fire(
        app, ordering(SIGN, VACCINE, prefetch=NOBODY | {"procedures": None}, extension=...)
    )

    assert summaries(answer) == []
    assert len(rows(answer)) == 1


@pytest.mark.parametrize("hook", HOOKS)
def test_such_a_chart_is_no_gap_for_another_order(app: Flask, hook: str) -> None:
    prefetch = NOBODY | {"procedures": page_of(20)}
    answer = fire(app, ordering(hook, GROWTH_FACTOR, prefetch=prefetch))

    assert summaries(answer) == []
    assert named(answer) == [["filgrastim"]]
    assert graded(answer)["crs"] == {"state": "out-of-scope"}


@pytest.mark.parametrize("at", ["200d", "366d"])
def test_an_infusion_within_a_year_is_no_gap(app: Flask, at: str) -> None:
    known = bundle_of(cells("axi-cel", at=at))
    prefetch = NOBODY | {"procedures": page_of(20), "infusions": known}
    answer = fire(app, ordering(SIGN, VACCINE, prefetch=prefetch))

    assert len(rows(answer)) == 1


def test_an_infusion_of_long_ago_leaves_the_gap(app: Flask) -> None:
    known = bundle_of(cells("axi-cel", at="367d"))
    prefetch = NOBODY | {"procedures": page_of(20), "infusions": known}
    answer = fire(app, ordering(SIGN, VACCINE, prefetch=prefetch))

    assert rows(answer) == []
    assert len(summaries(answer)) == 1


def test_after_death_there_is_no_gap(app: Flask) -> None:
    prefetch = {"patient": patient(deceasedBoolean=True), "procedures": page_of(20)}
    answer = fire(app, ordering(SIGN, VACCINE, prefetch=prefetch))

    assert summaries(answer) == []


# --- scope unknown -------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", HOOKS)
def test_scope_unknown_is_a_card_that_says_why(app: Flask, hook: str) -> None:
    answer = fire(app, ordering(hook, GROWTH_FACTOR, prefetch=...))

    assert summaries(answer) == [
        "CRS and ICANS not graded: CAR-T infusion record could not be read"
    ]
    assert "not delivered, and no FHIR server to read from" in detail(answer)
    assert graded(answer)["crs"]["missing"] == ["car-t-infusion"]
    assert rows(answer) == []


@pytest.mark.parametrize("hook", HOOKS)
def test_scope_unknown_is_412_where_that_is_set(hook: str) -> None:
    app = create_app(demo_settings(scope_unknown=ScopeUnknown.STATUS_412))
    nothing = fire(app, ordering(hook, GROWTH_FACTOR, prefetch=...))
    vaccine = fire(app, ordering(hook, VACCINE, prefetch=NOBODY | {"procedures": page_of(20)}))

    assert (nothing.status_code, vaccine.status_code) == (412, 412)
    assert told(nothing).count("not delivered, and no FHIR server to read from") == 3
    assert told(vaccine) == "prefetch key procedures: does not reach back far enough"


@pytest.mark.parametrize("hook", HOOKS)
def test_a_call_that_is_overdue_is_503(hook: str) -> None:
    app = create_app(demo_settings(deadline_ms=1))

    assert fire(app, ordering(hook, GROWTH_FACTOR)).status_code == 503
