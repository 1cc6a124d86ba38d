"""A ward for the tests of what is kept: charts by grade, a clock, and a service with a store."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Flask
from sqlalchemy import Row, select
from werkzeug.test import TestResponse

from fhir_mappings.times import iso
from service import create_app, demo_settings
from service.store import make_engine
from service.tables import FIRED_CARD
from tests import charts
from tests.charts import USUAL, Case, patient_view
from tests.ehr import prefetch_for
from tests.fhir_codes import Resource
from tests.service.calls import PATH

HOUR = 3_600_000
START = 1_790_000_000_000
FEVER = {"temperature": [{"value": 38.6}]}
GRADES: Mapping[int, Mapping[str, Any]] = {
    1: FEVER,
    2: FEVER | {"pressure": [{"sbp": 84, "dbp": 50}]},
    3: FEVER | {"device": [{"value": "nasal-cannula"}], "flow": [{"value": 8}]},
    4: FEVER | {"device": [{"value": "ventilator"}]},
}
"""Charts of which CRS has this grade, and ICANS none."""


def chart(**rows: list[dict[str, Any]]) -> Mapping[str, Any]:
    """The usual chart with these kinds of rows replaced, as prefetch."""
    return prefetch_for(charts.resources(Case("ward", {**USUAL, **rows}, (), (), (), {})))


def graded_chart(grade: int) -> Mapping[str, Any]:
    """A chart with this grade of CRS."""
    return chart(**GRADES[grade])


def viewed(prefetch: Mapping[str, Any], **members: Any) -> Resource:
    """A call of patient-view with a hook instance of its own."""
    return patient_view(prefetch, **{"hookInstance": str(uuid.uuid4())} | members)


class Ward:
    """A service with a store and a clock of its own; `rows` are the cards that fired so far."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.now = START
        self.url = url
        self.settings = demo_settings(database_url=url, deadline_ms=10_000, **settings)
        self.app: Flask = create_app(self.settings, clock=self.clock)

    def clock(self) -> int:
        return self.now

    def ask(self, body: Any) -> TestResponse:
        path = f"/cds-services/cart-toxicity-{body['hook']}"
        data = json.dumps(body)
        return self.app.test_client().post(path, data=data, content_type="application/json")

    def cards(self, body: Any) -> list[Resource]:
        response = self.ask(body)
        assert response.status_code == 200, response.text
        found: list[Resource] = response.get_json()["cards"]
        return found

    def view(self, grade: int, **members: Any) -> list[Resource]:
        """The cards of a chart with this grade of CRS."""
        return self.cards(viewed(graded_chart(grade), **members))

    def feedback(self, card: str, outcome: str, **members: Any) -> TestResponse:
        entry = {"card": card, "outcome": outcome, "outcomeTimestamp": iso(self.now)}
        if outcome == "accepted":
            entry |= {"acceptedSuggestions": []}
        body = json.dumps({"feedback": [entry | members]})
        client = self.app.test_client()
        return client.post(f"{PATH}/feedback", data=body, content_type="application/json")

    def answer(self, card: Resource, outcome: str, **members: Any) -> None:
        response = self.feedback(card["uuid"], outcome, **members)
        assert response.status_code == 200, response.text

    def rows(self) -> list[Row[Any]]:
        return self.select(select(FIRED_CARD).order_by(FIRED_CARD.c.id))

    def select(self, statement: Any) -> list[Row[Any]]:
        engine = make_engine(self.url)
        with engine.connect() as connection:
            found = list(connection.execute(statement))
        engine.dispose()
        return found

    def run(self, statement: Any) -> None:
        engine = make_engine(self.url)
        with engine.begin() as connection:
            connection.execute(statement)
        engine.dispose()
