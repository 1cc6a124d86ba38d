"""How cards are used: counted per rule and week, told in three forms, to who has the token."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from grading.knowledge import EDITION
from service import create_app
from service.analytics import quantile
from service.settings import Settings
from tests.service.contract import broken
from tests.service.identities import production, public, rsa
from tests.service.ward import HOUR, Ward, chart, viewed

TOKEN = "a-token-of-analytics"  # noqa: S105 - of these tests alone
RULE = "MGMT-CRS-02"
EPIC = "com.epic.cdshooks.feedback.overrideReason."
CLIENT = {"name": "a", "issuer": "https://sandbox.example.org", "keys": [public(rsa())]}
DAY = 24 * HOUR


@pytest.fixture
def ward(database_url: str) -> Ward:
    return Ward(database_url)


@pytest.fixture
def file_ward(tmp_path: Path) -> Ward:
    return Ward(f"sqlite:///{tmp_path / 'store.sqlite3'}")


def get(ward: Ward, query: str = "", **headers: str) -> TestResponse:
    return ward.app.test_client().get(f"/analytics{query}", headers=headers)


def rows(ward: Ward, query: str = "") -> dict[tuple[str, str], Any]:
    """Rows by rule and week, the week empty in those over all."""
    found = get(ward, query).get_json()
    assert broken("Analytics", found) == []
    return {(row["rule"], row.get("week", "")): row for row in found["rows"]}


def used(ward: Ward) -> None:
    """Two weeks of CRS grade 1: ignored, accepted, overridden twice, and suppressed."""
    ward.view(1)
    (card,) = ward.view(1)
    ward.now += 10_000
    ward.answer(card, "accepted")
    ward.now += 7 * DAY
    for after, reason in ((20_000, {"reason": {"code": "wrong-time-workflow"}}), (90_000, {})):
        (card,) = ward.view(1)
        ward.now += after
        ward.answer(card, "overridden", overrideReason=reason)
        assert ward.view(1) == []
        ward.now += 9 * HOUR


def test_each_rule_is_counted_by_week_and_over_all(ward: Ward) -> None:
    used(ward)
    found = rows(ward)

    assert found[RULE, "2026-09-21"] == {
        "rule": RULE,
        "week": "2026-09-21",
        "fired": 2,
        "shown": 2,
        "suppressed": 0,
        "shadow": 0,
        "accepted": 1,
        "overridden": 0,
        "ignored": 1,
        "contentEditions": [EDITION],
        "medianSeconds": 10.0,
        "p90Seconds": 10.0,
    }
    assert found[RULE, "2026-09-28"] == {
        "rule": RULE,
        "week": "2026-09-28",
        "fired": 4,
        "shown": 2,
        "suppressed": 2,
        "shadow": 0,
        "accepted": 0,
        "overridden": 2,
        "ignored": 0,
        "contentEditions": [EDITION],
        "reasons": {"no reason": 1, "wrong-time-workflow": 1},
        "medianSeconds": 20.0,
        "p90Seconds": 90.0,
    }
    total = found[RULE, ""]
    assert (total["fired"], total["accepted"], total["overridden"]) == (6, 1, 2)
    assert (total["medianSeconds"], total["p90Seconds"]) == (20.0, 90.0)


def test_a_card_that_rests_on_no_rule_counts_by_its_topic(file_ward: Ward) -> None:
    no_temperature: Any = {"temperature": []}
    file_ward.cards(viewed(chart(**no_temperature)))

    assert rows(file_ward)["data-gap", ""]["fired"] == 1


def test_of_several_answers_the_last_counts_and_the_first_is_timed(ward: Ward) -> None:
    (card,) = ward.view(1)
    for outcome in ("overridden", "accepted"):
        ward.now += 60_000
        ward.answer(card, outcome)
    total = rows(ward)[RULE, ""]

    assert (total["accepted"], total["overridden"], total["medianSeconds"]) == (1, 0, 60.0)


def test_an_answer_from_before_its_card_took_no_time(file_ward: Ward) -> None:
    (card,) = file_ward.view(1)
    file_ward.now -= 5_000
    file_ward.answer(card, "accepted")

    assert rows(file_ward)[RULE, ""]["medianSeconds"] == 0.0


def test_feedback_on_unknown_cards_is_counted_apart(ward: Ward) -> None:
    ward.feedback("123456", "overridden")

    assert get(ward).get_json()["unmatchedFeedback"] == 1


def test_only_the_weeks_that_are_asked_for_are_told(file_ward: Ward) -> None:
    used(file_ward)
    weeks = {week for _, week in rows(file_ward, "?weeks=1")}

    assert weeks == {"", "2026-09-28"}
    assert get(file_ward, "?weeks=1").get_json()["since"] == "2026-09-28T00:00:00Z"


@pytest.mark.parametrize(("small", "told"), [(6, True), (7, False)], ids=["just enough", "one few"])
def test_of_few_cards_nothing_is_told_but_that(tmp_path: Path, small: int, told: bool) -> None:
    ward = Ward(f"sqlite:///{tmp_path / 's.sqlite3'}", analytics_small_cell=small)
    used(ward)
    found = rows(ward)

    assert found[RULE, "2026-09-21"] == {
        "rule": RULE,
        "week": "2026-09-21",
        "fewerThan": small,
    }
    assert ("fired" in found[RULE, ""]) is told
    assert get(ward, "?format=html").status_code == 200


@pytest.mark.parametrize("small", [0, 1, 2, 3])
def test_reasons_that_were_given_seldom_are_told_together(tmp_path: Path, small: int) -> None:
    ward = Ward(f"sqlite:///{tmp_path / 's.sqlite3'}", analytics_small_cell=small, suppression_h=0)
    for code in ("wrong-time-workflow", "wrong-time-workflow", "patient-refuses"):
        (card,) = ward.view(1)
        ward.answer(card, "overridden", overrideReason={"reason": {"code": code}})
    expected = {
        0: {"patient-refuses": 1, "wrong-time-workflow": 2},
        1: {"patient-refuses": 1, "wrong-time-workflow": 2},
        2: {"wrong-time-workflow": 2, "reasons given fewer than 2 times": 1},
        3: {"reasons given fewer than 3 times": 3},
    }

    assert rows(ward)[RULE, ""]["reasons"] == expected[small]


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ({"reason": {"code": "patient-refuses", "display": "Refused"}}, "patient-refuses"),
        ({"reason": {"display": "Mrs Canary says no"}}, "a reason without a code"),
        ({"reason": "Mrs Canary says no"}, "a reason without a code"),
        ({"reason": {"code": "Mrs Canary", "display": "x"}}, "a reason without a code"),
        ({"userComment": "Mrs Canary says no"}, "no reason"),
        ({"extension": {f"{EPIC}reasonTitle": "Not on our ward"}}, "Not on our ward"),
    ],
)
def test_a_reason_is_told_by_its_code_and_never_in_the_users_own_words(
    file_ward: Ward, override: Any, told: str
) -> None:
    (card,) = file_ward.view(1)
    file_ward.answer(card, "overridden", overrideReason=override)

    assert rows(file_ward)[RULE, ""]["reasons"] == {told: 1}


@pytest.mark.parametrize(
    ("kept", "since"),
    [
        ({}, "2026-07-20T00:00:00Z"),
        ({"keep_feedback_days": 30}, "2026-09-05T14:13:20Z"),
        ({"keep_fired_days": 7}, "2026-09-28T14:13:20Z"),
    ],
    ids=["as shipped", "feedback deleted sooner", "cards deleted sooner"],
)
def test_nothing_is_told_of_a_time_of_which_cards_or_feedback_may_be_deleted(
    tmp_path: Path, kept: Any, since: str
) -> None:
    ward = Ward(f"sqlite:///{tmp_path / 's.sqlite3'}", **kept)
    ward.view(1)
    ward.feedback("123456", "overridden")
    ward.now += 14 * DAY
    found = get(ward).get_json()
    recent = "keep_fired_days" not in kept

    assert found["since"] == since
    assert (bool(found["rows"]), found["unmatchedFeedback"]) == (recent, int(recent))


# --- forms ---------------------------------------------------------------------------------------


def test_as_csv(file_ward: Ward) -> None:
    used(file_ward)
    response = get(file_ward, "?format=csv")
    found = list(csv.DictReader(io.StringIO(response.text)))
    (row,) = (row for row in found if (row["rule"], row["week"]) == (RULE, "2026-09-28"))

    assert response.mimetype == "text/csv"
    assert (row["fired"], row["suppressed"], row["p90Seconds"]) == ("4", "2", "90.0")
    assert (row["contentEditions"], row["reasons"]) == (
        EDITION,
        "no reason: 1; wrong-time-workflow: 1",
    )


def test_what_a_client_sends_is_neither_markup_nor_a_formula(file_ward: Ward) -> None:
    (card,) = file_ward.view(1)
    reason = {"reason": {"code": "=1+1<script>"}, "userComment": "canary"}
    file_ward.answer(card, "overridden", overrideReason=reason)
    page, table = (get(file_ward, f"?format={kind}").text for kind in ("html", "csv"))

    assert "=1+1&lt;script&gt;" in page
    assert "<script" not in page
    assert "'=1+1<script>: 1" in table
    assert "canary" not in page + table


def test_as_a_page_with_bars_and_without_scripts(file_ward: Ward) -> None:
    used(file_ward)
    response = get(file_ward, Accept="text/html")
    bars = re.findall(r'<rect class="(\w+)" x="([\d.]+)" width="([\d.]+)"', response.text)

    assert response.mimetype == "text/html"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert ("overridden", "0.0", "300.0") in bars
    assert ("suppressed", "300.0", "300.0") in bars
    assert "Time to feedback: median 20 s, 90 % within 90 s" in response.text


def test_a_page_without_cards_says_so(file_ward: Ward) -> None:
    assert "No card fired." in get(file_ward, "?format=html").text


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/html,*/*;q=0.8", "text/html"),
        ("image/png", "application/json"),
    ],
)
def test_the_form_follows_accept(file_ward: Ward, accept: str, expected: str) -> None:
    assert get(file_ward, Accept=accept).mimetype == expected


@pytest.mark.parametrize(
    "query",
    [
        *("weeks=0", "weeks=105", "weeks=-1", "weeks=x", "weeks=²", "weeks=", "format=xml"),
        *("weeks=0012", "weeks=0000000019999999", f"weeks=000000001{'9' * 5000}"),
    ],
)
def test_what_cannot_be_asked_for_is_400(file_ward: Ward, query: str) -> None:
    assert get(file_ward, f"?{query}").status_code == 400


def test_a_store_that_fails_is_503(ward: Ward) -> None:
    ward.run(text("ALTER TABLE fired_card RENAME TO gone"))

    assert get(ward).status_code == 503


def test_no_row_is_of_a_patient(file_ward: Ward) -> None:
    (card,) = file_ward.view(1)
    body = json.dumps([get(file_ward, f"?format={kind}").text for kind in ("json", "csv", "html")])
    (row,) = file_ward.rows()

    assert [mark for mark in (card["uuid"], row.hook_instance, "patient-a") if mark in body] == []


# --- who may see it ------------------------------------------------------------------------------


def status(settings: Settings, *authorization: str) -> int:
    headers = [("Authorization", each) for each in authorization]
    return create_app(settings).test_client().get("/analytics", headers=headers).status_code


@pytest.mark.parametrize(
    ("token", "authorization", "expected"),
    [
        ("", [], 404),
        ("", [f"Bearer {TOKEN}"], 404),
        (TOKEN, [], 401),
        (TOKEN, ["Bearer another-token-of-it"], 401),
        (TOKEN, [f"Bearer {TOKEN}x"], 401),
        (TOKEN, [f"Basic {TOKEN}"], 401),
        (TOKEN, ["Bearer töken"], 401),
        (TOKEN, [f"Bearer {TOKEN}"], 200),
    ],
)
def test_in_production_it_is_closed_or_behind_its_token(
    tmp_path: Path, token: str, authorization: list[str], expected: int
) -> None:
    settings = production(tmp_path, CLIENT, analytics_token=token)

    assert status(settings, *authorization) == expected


def test_in_the_demo_it_is_open_unless_a_token_is_set(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 's.sqlite3'}"

    assert get(Ward(url)).status_code == 200
    assert get(Ward(url, analytics_token=TOKEN)).status_code == 401
    assert TOKEN not in repr(Ward(url, analytics_token=TOKEN).settings)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5.0], 0.5, 5.0),
        ([1.0, 2.0], 0.5, 1.0),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        (list(map(float, range(1, 11))), 0.9, 9.0),
        (list(map(float, range(1, 12))), 0.9, 10.0),
    ],
)
def test_quantiles_are_by_nearest_rank(values: list[float], share: float, expected: float) -> None:
    assert quantile(values, share) == expected


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)
