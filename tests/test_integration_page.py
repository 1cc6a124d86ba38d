"""What `docs/integration.md` tells integrators to type in is what the service advertises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from fhir_mappings.keys import KEYS
from service.probe import CAN_GRADE, CANNOT_GRADE, NOT_READ
from service.probe_inputs import INPUTS
from service.settings import demo_settings

PAGE = (Path(__file__).parents[1] / "docs/integration.md").read_text("utf-8")


def typed_in() -> dict[str, str]:
    block = re.search(r"```\n(.+?)```", PAGE, re.DOTALL)
    lines = block[1].strip().splitlines() if block else []
    return {key: template for key, _, template in (line.partition(" = ") for line in lines)}


def test_the_prefetch_to_type_in_is_what_every_service_advertises(client: FlaskClient) -> None:
    offered = client.get("/cds-services").get_json()["services"]

    assert [service["prefetch"] for service in offered] == [typed_in()] * len(offered)


def test_every_service_is_named(client: FlaskClient) -> None:
    offered = client.get("/cds-services").get_json()["services"]

    assert [each["id"] for each in offered if f"`{each['id']}`" not in PAGE] == []


@pytest.mark.parametrize("style", ["user/{}.read", "user/{}.rs"])
def test_the_scopes_are_those_of_all_that_is_read(style: str) -> None:
    read = {each.resource_type for each in KEYS.values()} | {"Medication"}
    pattern = re.escape(style).replace(r"\{\}", r"(\w+)")

    assert set(re.findall(f"`{pattern}`", PAGE)) == read


def test_the_printed_example_names_inputs_that_the_probe_lists() -> None:
    example = PAGE[PAGE.index("    Inputs\n") : PAGE.index("    CRS: can be graded")]
    names = [line.strip().partition("  ")[0] for line in example.splitlines()[2:]]

    assert set(names) - {"..."} <= {each.name for each in INPUTS}
    assert len(names) > 3


def test_the_statuses_and_the_deadline_are_those_of_the_code() -> None:
    table = PAGE[PAGE.index("| exit status |") : PAGE.index("It says nothing of a grade")]

    assert re.findall(r"^\| (\d) \|", table, re.M) == [
        str(each) for each in (CAN_GRADE, CANNOT_GRADE, NOT_READ)
    ]
    assert f"is {demo_settings().deadline_ms} by default" in PAGE
