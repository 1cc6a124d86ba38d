"""Sixteen calls at once against a slow FHIR server: reads do not queue (design.md 8)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from fhir_mappings.keys import KEYS
from service.fhir_client import POOL
from tests.charts import patient_view
from tests.ehr import prefetch_for
from tests.service.calls import AUTHORIZATION, FEBRILE, graded, post, request

ROOT = Path(__file__).parents[2]
CALLS, DELAY_S, TRIES = 16, 0.2, 8
LIMIT_S = 2 * DELAY_S + 0.1
WHERE = {
    "patient": "/Patient/",
    "infusions": "MedicationAdministration?patient=patient-a&code=",
    "bedside": "&category=",
    "trends": "code=8310-5",
} | {key: f"/{KEYS[key].resource_type}?" for key in ("procedures", "given", "conditions")}


@pytest.fixture(scope="module")
def slow() -> Iterator[str]:
    delivered = prefetch_for(FEBRILE)
    bodies = {where: json.dumps(delivered[key]) for key, where in WHERE.items()}
    command = [sys.executable, "-m", "tests.slow_server", str(int(1000 * DELAY_S))]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603
        command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(bodies) + "\n")
        process.stdin.flush()
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.stdin.close()


def measured(server: str) -> dict[str, Any]:
    body = patient_view({}) | {"fhirServer": server, "fhirAuthorization": AUTHORIZATION}
    line = json.dumps({"body": body, "tries": TRIES, "limit_s": LIMIT_S})
    command = [sys.executable, "-m", "tests.sixteen_calls"]
    done = subprocess.run(  # noqa: S603
        command, input=line, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True, timeout=120
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_sixteen_calls_do_not_queue(
    app: Flask, slow: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each ends in under twice a query and 100 ms: one round of ten searches and a read.

    The first try opens the connections. Where other work holds the machine all the while, the
    processor time of all sixteen calls and one query are taken for the time that they would need
    alone: they share one interpreter, so none ends later than that.
    """
    found = measured(slow)
    alone = [DELAY_S + each for each in found["processor"]]
    rows = zip(found["wall"], alone, strict=True)
    seen = ", ".join(f"{wall:.2f} ({busy:.2f})" for wall, busy in rows)
    told = f"slowest of {CALLS} calls in s (and by processor time): {seen}; limit {LIMIT_S}"
    with capsys.disabled():
        print(f"\n{told}")  # noqa: T201 - a figure to be seen
    assert found["found"] == [graded(post(app, request()))] * CALLS

    is_busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    best = min(*found["wall"], *alone) if is_busy else min(found["wall"])
    if is_busy and best > LIMIT_S:
        pytest.skip(f"the machine is busy; {told}")
    assert best <= LIMIT_S


def test_the_pool_holds_every_read_of_sixteen_calls() -> None:
    reads_a_call = len(KEYS) + 1
    assert CALLS * reads_a_call <= POOL
