"""Feedback: every shape that clients send, stored before it is acknowledged, once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Row, select, text
from werkzeug.test import TestResponse

from service import create_app, demo_settings
from service.store import make_engine
from service.tables import ACCEPTED_SUGGESTION, FEEDBACK
from service.vault import open_vault
from tests.service.calls import PATH, told

FEEDBACK_PATH = f"{PATH}/feedback"
NOW = 1_790_000_000_000
AT = "2026-03-11T10:05:31Z"
AT_MS = 1_773_223_531_000
CARD = "4e0a3a1e-3065-4633-b2d4-0f3f9b4e2f6d"
SUGGESTION = "e56e1945-20b3-4393-8503-a1a20fd73152"
REASONS = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
EPIC = "com.epic.cdshooks.feedback.overrideReason."
SITE_REASON = {f"{EPIC}reasonCategory": "1", f"{EPIC}reasonDisplay": "d", f"{EPIC}reasonTitle": "t"}
COMMENT = "canary-comment: Jane says no"


class Kept:
    """An application with a store of its own, and what is in the store."""

    def __init__(self, url: str) -> None:
        self.settings = demo_settings(database_url=url)
        self.app = create_app(self.settings, clock=lambda: NOW)
        self.engine = make_engine(url)

    def rows(self) -> list[Row[Any]]:
        with self.engine.connect() as connection:
            return list(connection.execute(select(FEEDBACK).order_by(FEEDBACK.c.id)))

    def suggestions(self) -> list[tuple[int, str]]:
        columns = ACCEPTED_SUGGESTION.c.position, ACCEPTED_SUGGESTION.c.suggestion
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(select(*columns).order_by(columns[0]))]

    def opened(self, sealed: bytes) -> str:
        return open_vault(self.settings).open(sealed).decode()

    def send(self, *entries: Any) -> TestResponse:
        return send(self.app, {"feedback": list(entries)})


@pytest.fixture
def kept(database_url: str) -> Iterator[Kept]:
    found = Kept(database_url)
    yield found
    found.engine.dispose()


@pytest.fixture
def file_kept(tmp_path: Path) -> Iterator[Kept]:
    found = Kept(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield found
    found.engine.dispose()


def send(app: Flask, body: Any, path: str = FEEDBACK_PATH) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return app.test_client().post(path, data=data, content_type="application/json")


def accepted(**members: Any) -> dict[str, Any]:
    whole = {
        "card": CARD,
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": SUGGESTION}],
        "outcomeTimestamp": AT,
    } | members
    return {name: item for name, item in whole.items() if item is not ...}


def overridden(**members: Any) -> dict[str, Any]:
    return accepted(**{"outcome": "overridden", "acceptedSuggestions": ...} | members)


def test_an_accepted_card_is_kept_with_its_suggestions(kept: Kept) -> None:
    entry = accepted(acceptedSuggestions=[{"id": SUGGESTION}, {"id": "second"}])
    response = kept.send(entry)
    (row,) = kept.rows()

    assert response.status_code == 200
    assert response.get_json() == {"received": 1, "stored": 1}
    assert (row.card, row.outcome, row.outcome_at) == (CARD, "accepted", AT_MS)
    assert (row.service, row.client, row.tenant) == ("cart-toxicity-patient-view", "", None)
    assert row.received == NOW
    assert (row.reason_code, row.comment) == (None, None)
    assert kept.suggestions() == [(0, SUGGESTION), (1, "second")]
    assert json.loads(kept.opened(row.raw)) == entry


def test_an_overridden_card_is_kept_with_its_reason_and_comment(kept: Kept) -> None:
    reason = {"code": "patient-refuses", "system": REASONS, "display": "Patient refuses"}
    kept.send(overridden(overrideReason={"reason": reason, "userComment": COMMENT}))
    (row,) = kept.rows()

    found = row.reason_system, row.reason_code, row.reason_display
    assert found == (REASONS, "patient-refuses", "Patient refuses")
    assert kept.opened(row.comment) == COMMENT
    assert kept.suggestions() == []


def test_a_comment_is_nowhere_in_the_store_the_log_or_the_answer(
    kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = overridden(overrideReason={"userComment": COMMENT})
    answers = [kept.send(entry), kept.send(entry, {"card": COMMENT}), kept.send(COMMENT)]
    with kept.engine.connect() as connection:
        stored = str(list(connection.execute(text("SELECT * FROM feedback"))))
    captured = capsys.readouterr()

    assert [answer.status_code for answer in answers] == [200, 400, 400]
    assert '"event":"feedback_stored"' in captured.err
    assert "canary" not in "".join(
        [stored, captured.err, captured.out, *(answer.text for answer in answers)]
    )


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, {}),
        ({"overrideReason": {}}, {}),
        ({"overrideReason": None}, {}),
        ({"overrideReason": {"reason": {}}}, {}),
        ({"overrideReason": {"reason": {"code": "a"}}}, {"reason_code": "a"}),
        ({"overrideReason": {"reason": {"code": "a", "system": ""}}}, {"reason_code": "a"}),
        ({"overrideReason": {"reason": {"display": "b"}}}, {"reason_display": "b"}),
        ({"overrideReason": {"reason": "a"}}, {"reason_code": "a"}),
        (
            {"overrideReason": {"reason": {"coding": [{"code": "a", "system": "urn:s"}]}}},
            {"reason_code": "a", "reason_system": "urn:s"},
        ),
        (
            {"overrideReason": {"reason": {"coding": {"code": "a"}, "text": "t"}}},
            {"reason_code": "a", "reason_display": "t"},
        ),
        (
            {"overrideReason": {"reason": {"coding": [7, {"display": "d"}, {}], "text": "t"}}},
            {"reason_display": "d"},
        ),
        ({"overrideReason": {"reason": {"coding": [], "text": "t"}}}, {"reason_display": "t"}),
        ({"overrideReason": {"reason": {"coding": [{"code": 5}]}}}, {}),
        (
            {"overrideReason": {"reason": {"coding": [{"code": "a", "system": 5}], "text": 7}}},
            {"reason_code": "a"},
        ),
        (
            {"overrideReason": {"key": {"coding": [{"code": 5, "display": ["d"]}], "text": "t"}}},
            {"reason_display": "t"},
        ),
        ({"overrideReason": {"key": "a"}}, {"reason_code": "a"}),
        (
            {"overrideReason": {"key": {"code": "a", "system": "urn:s"}}},
            {"reason_code": "a", "reason_system": "urn:s"},
        ),
        ({"overrideReasons": {"reason": {"code": "a"}}}, {"reason_code": "a"}),
        ({"overrideReasons": [{"reason": {"code": "a"}}, {}]}, {"reason_code": "a"}),
        ({"overrideReasons": []}, {}),
        (
            {"overrideReason": {"key": "a"}, "overrideReasons": {"key": "b"}},
            {"reason_code": "a"},
        ),
        (
            {"overrideReasons": {"reason": {"extension": SITE_REASON}}},
            {"reason_category": "1", "reason_display": "d", "reason_title": "t"},
        ),
        (
            {"overrideReasons": {"extension": SITE_REASON}},
            {"reason_category": "1", "reason_display": "d", "reason_title": "t"},
        ),
        (
            {"extension": SITE_REASON},
            {"reason_category": "1", "reason_display": "d", "reason_title": "t"},
        ),
        (
            {"extension": SITE_REASON, "overrideReasons": {"reason": {"display": "e"}}},
            {"reason_category": "1", "reason_display": "e", "reason_title": "t"},
        ),
        ({"extension": {"x": 1}}, {}),
        ({"extension": [1], "overrideReason": {"key": "a", "extension": 1}}, {"reason_code": "a"}),
        ({"extension": {f"{EPIC}reasonTitle": {"odd": 1}}}, {}),
        ({"extension": {f"{EPIC}reasonTitle": "\0"}}, {}),
        ({"card": "123456"}, {"card": "123456"}),
        ({"card": "ü" * 256}, {"card": "ü" * 256}),
        ({"acceptedSuggestions": None}, {}),
        ({"acceptedSuggestions": []}, {}),
        ({"unknown": {"deep": []}}, {}),
        ({"outcomeTimestamp": "2026-03-11T10:05:31.250Z"}, {"outcome_at": AT_MS + 250}),
        ({"outcomeTimestamp": "2026-03-11T12:05:31+02:00"}, {}),
        ({"outcomeTimestamp": "2016-12-31T23:59:60Z"}, {"outcome_at": 1_483_228_799_999}),
    ],
)
def test_what_clients_send_is_taken(
    file_kept: Kept, members: Mapping[str, Any], expected: Mapping[str, Any]
) -> None:
    response = file_kept.send(overridden(**members))
    (row,) = file_kept.rows()
    usual = {"card": CARD, "outcome": "overridden", "outcome_at": AT_MS}
    reasons = dict.fromkeys(name for name in row._fields if name.startswith("reason_"))

    assert response.status_code == 200, response.text
    found = {name: getattr(row, name) for name in (*usual, *reasons)}
    assert found == {**usual, **reasons, **expected}


@pytest.mark.parametrize(
    ("members", "where"),
    [
        ({"card": ...}, "feedback[0].card"),
        ({"card": ""}, "feedback[0].card"),
        ({"card": 7}, "feedback[0].card"),
        ({"card": "a\0b"}, "feedback[0].card"),
        ({"outcome": ...}, "feedback[0].outcome"),
        ({"outcome": "ignored"}, "feedback[0].outcome"),
        ({"outcome": ["accepted"]}, "feedback[0].outcome"),
        ({"acceptedSuggestions": ...}, "feedback[0].acceptedSuggestions"),
        ({"acceptedSuggestions": {"id": "x"}}, "feedback[0].acceptedSuggestions"),
        ({"acceptedSuggestions": [{}]}, "feedback[0].acceptedSuggestions.0.id"),
        ({"acceptedSuggestions": ["x"]}, "feedback[0].acceptedSuggestions.0"),
        ({"outcomeTimestamp": ...}, "feedback[0].outcomeTimestamp"),
        ({"outcomeTimestamp": "yesterday"}, "feedback[0].outcomeTimestamp"),
        ({"outcomeTimestamp": "2026-03-11T10:05:31"}, "feedback[0].outcomeTimestamp"),
        ({"outcomeTimestamp": "2026-02-30T10:05:31Z"}, "feedback[0].outcomeTimestamp"),
        ({"overrideReason": "because"}, "feedback[0].overrideReason"),
        ({"overrideReason": {"reason": 7}}, "feedback[0].overrideReason.reason"),
        ({"overrideReason": {"reason": {"code": 7}}}, "feedback[0].overrideReason.reason.code"),
        ({"overrideReason": {"userComment": 7}}, "feedback[0].overrideReason.userComment"),
    ],
)
def test_what_is_wrong_is_400_and_named(
    file_kept: Kept, members: Mapping[str, Any], where: str
) -> None:
    response = file_kept.send(accepted(**members))

    assert response.status_code == 400
    assert told(response).startswith(where + ":")
    assert file_kept.rows() == []


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"feedback": null}',
        b'{"feedback": {}}',
        b'{"feedback": []}',
        b'{"feedback": [null]}',
        b'{"feedback": [7]}',
        b'{"feedback": [[]]}',
        b'{"feedback": [' + b"[" * 5000 + b"]" * 5000 + b"]}",
        b'{"feedback": [{"card": 1e999}]}',
        b'{"feedback": [' + b"{}," * 1000 + b"{}]}",
    ],
)
def test_what_is_no_feedback_is_400(file_kept: Kept, body: bytes) -> None:
    response = send(file_kept.app, body)

    assert response.status_code == 400
    assert told(response)


def test_one_wrong_entry_refuses_the_whole_call_with_its_index(kept: Kept) -> None:
    response = kept.send(accepted(), overridden(), accepted(outcome="maybe"))

    assert response.status_code == 400
    assert told(response).startswith("feedback[2].outcome:")
    assert kept.rows() == []


def test_a_batch_may_be_of_many_cards_and_calls(kept: Kept) -> None:
    response = kept.send(*(accepted(card=f"card-{number}") for number in range(200)))

    assert response.get_json() == {"received": 200, "stored": 200}
    assert len(kept.rows()) == 200


def test_the_same_feedback_again_is_no_error_and_kept_once(kept: Kept) -> None:
    first = kept.send(accepted(), overridden())
    again = kept.send(overridden(outcomeTimestamp="2026-03-11T11:05:31+01:00"), accepted())
    more = kept.send(accepted(), accepted(outcomeTimestamp="2026-03-11T10:05:32Z"))

    assert [answer.get_json() for answer in (first, again, more)] == [
        {"received": 2, "stored": 2},
        {"received": 2, "stored": 0},
        {"received": 2, "stored": 1},
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"card": "other"},
        {"outcomeTimestamp": "2026-03-11T10:05:31.001Z"},
        {"overrideReason": {"userComment": "other"}},
        {"overrideReason": {"reason": {"code": "other"}}},
    ],
)
def test_feedback_that_says_something_else_is_kept_too(file_kept: Kept, change: Any) -> None:
    file_kept.send(overridden())
    file_kept.send(overridden(**change))

    assert len(file_kept.rows()) == 2


def test_the_same_card_of_another_service_is_another_feedback(file_kept: Kept) -> None:
    file_kept.send(accepted())
    send(
        file_kept.app,
        {"feedback": [accepted()]},
        "/cds-services/cart-toxicity-order-sign/feedback",
    )

    assert [row.service.rpartition("toxicity-")[2] for row in file_kept.rows()] == [
        "patient-view",
        "order-sign",
    ]


def test_feedback_that_cannot_be_stored_is_500(
    kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    with kept.engine.begin() as connection:
        connection.execute(text("ALTER TABLE feedback RENAME TO gone"))
    response = kept.send(accepted(overrideReason={"userComment": COMMENT}))
    logged = capsys.readouterr().err

    assert response.status_code == 500
    assert told(response) == "the feedback was not stored; send it again"
    assert '"event":"store_failed"' in logged
    assert "canary" not in logged


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_wrong_verb_is_405(app: Flask, method: str) -> None:
    response = app.test_client().open(FEEDBACK_PATH, method=method)

    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_the_rest_of_the_status_matrix_holds_here_too() -> None:
    app = create_app(demo_settings(max_body_mb=1))
    client = app.test_client()
    big = b'{"feedback": "' + b"x" * 2**20 + b'"}'

    statuses = [
        send(app, {"feedback": [accepted()]}, "/cds-services/nope/feedback").status_code,
        client.post(FEEDBACK_PATH, data=big, content_type="text/plain").status_code,
        client.post(FEEDBACK_PATH, data=big, content_type="application/json").status_code,
        client.post(FEEDBACK_PATH, data=b"{", content_type="application/json").status_code,
    ]
    assert statuses == [404, 415, 413, 400]


@pytest.mark.parametrize("member", ["card", "acceptedSuggestions[0].id"])
@pytest.mark.parametrize("letter", ["x", "\u2603", "\U0001f600"])
def test_an_identifier_has_512_bytes_at_most(kept: Kept, member: str, letter: str) -> None:
    size = len(letter.encode())
    longest = letter * (512 // size) + "x" * (512 % size)
    for named, expected in ((longest, 200), (longest + "x", 400)):
        entry = (
            accepted(card=named)
            if member == "card"
            else accepted(acceptedSuggestions=[{"id": named}])
        )
        answer = send(kept.app, {"feedback": [entry]})
        assert answer.status_code == expected
        assert expected == 200 or "feedback[0]." in answer.text
