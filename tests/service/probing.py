"""The probe run against a stub, and what it found."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from service.cli import main
from tests.charts import USUAL, Case
from tests.charts import resources as chart
from tests.fhir_codes import Resource
from tests.fhir_stub import FhirStub

LOCAL = "https://site.example.org/rows"


def run(stub: FhirStub, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["probe", "--fhir-base", stub.url, *arguments])


def found(stub: FhirStub, *arguments: str, status: int = 0) -> dict[str, Any]:
    done = run(stub, "--json", *arguments)
    assert done.exit_code == status, done.output
    data: dict[str, Any] = json.loads(done.stdout)
    assert data["status"] == status
    return data


def row(data: dict[str, Any], name: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = data["rows"]
    return next(each for each in rows if each["name"] == name)


def plain(*kinds: str) -> list[Resource]:
    """The usual chart without the rows of these kinds."""
    case = Case("probed", {k: v for k, v in USUAL.items() if k not in kinds}, (), (), (), {})
    return chart(case)
