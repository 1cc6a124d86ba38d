"""Requests bent in every way: each gets an answer of the contract, and the worker keeps its size.

`make test` sends 1,000; `make fuzz` 20,000. Cases are drawn by Hypothesis, so a failing one is
made small and told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import given as administered
from tests.builders import infused, ordered, procedure
from tests.ehr import prefetch_for
from tests.service.calls import AUTHORIZATION, FEBRILE, request
from tests.service.contract import faults
from tests.service.order_calls import HOOKS, draft, ordering
from tests.service.served import Served, served

LONG = settings.get_current_profile_name() == "fuzz"
CASES = 20_000 if LONG else 1_000
MOST_GROWTH_KB = 30_000 if LONG else 20_000
CHART = prefetch_for(
    [
        *FEBRILE,
        infused("norepinephrine", start="3h", rate=8),
        administered("tocilizumab", at="2h", mg=560),
        ordered("dexamethasone"),
        procedure("intubation", "2h"),
    ]
)
DRAFTS = [draft("filgrastim"), draft("tocilizumab", "d2"), draft("zolpidem", "d3")]
ACCESS = {"fhirServer": "http://127.0.0.1:9/fhir", "fhirAuthorization": AUTHORIZATION}
BASES = [
    request(prefetch=CHART),
    request(prefetch=..., **ACCESS),
    *(ordering(hook, *DRAFTS, prefetch=CHART) for hook in HOOKS),
]
TEXTS = [json.dumps(base) for base in BASES]
Path = tuple[str | int, ...]


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in members:
        yield (*path, name)
        if isinstance(item, dict | list):
            yield from _places(item, (*path, name))


PLACES = [list(_places(base)) for base in BASES]
HURTFUL = [
    "",
    " ",
    "\u0000",
    "\ufeff",
    "\u202e\u2066",
    "<img src=x onerror=1>",
    "[x](javascript:1)",
    "{{context.patientId}}",
    "x" * 5000,
    "Patient/patient-a",
    "#d1",
    "../../etc/passwd",
    "http://127.0.0.1:9/fhir/Patient/1",
    "2026-02-30",
    "2026-11-22T14:00:00",
    "0000-00-00T24:60:61Z",
    "9999-12-31T23:59:59.999999999+14:00",
    "NaN",
    "1e400",
]
NUMBERS = [0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**40, 0.1, -0.0, 1e-300, 1e300, 38.6]
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(NUMBERS),
    st.sampled_from(HURTFUL),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["id", "code", "value", "reference", "coding", "unit", "start", "x"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)
DROP, REPEAT, REPLACE = range(3)


@st.composite
def bent(draw: st.DrawFn) -> tuple[str, bytes]:
    """A call with one to four places dropped, repeated or replaced; the hook, and the body."""
    chosen = draw(st.integers(0, len(BASES) - 1))
    tree = json.loads(TEXTS[chosen])
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(PLACES[chosen]))
        _bend(tree, path, draw(st.sampled_from([DROP, REPEAT, REPLACE, REPLACE])), draw(values))
    return BASES[chosen]["hook"], json.dumps(tree).encode()


def _bend(tree: Any, path: Path, how: int, value: Any) -> None:
    at = tree
    for name in path[:-1]:
        try:
            at = at[name]
        except (LookupError, TypeError):
            return
    if not isinstance(at, dict | list) or (isinstance(at, dict) != isinstance(path[-1], str)):
        return
    try:
        if how == DROP:
            del at[path[-1]]
        elif how == REPEAT and isinstance(at, list):
            at.extend([at[path[-1]]] * 3)
        else:
            at[path[-1]] = value
    except LookupError:
        return


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, bytes]:
    """A call whose bytes are cut, swapped, doubled or made up."""
    chosen = draw(st.integers(0, len(BASES) - 1))
    text = bytearray(TEXTS[chosen].encode())
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from([0, 1, 1, 2, 8, 100, 100_000]))
        text[start : start + length] = draw(st.binary(max_size=4)) * draw(
            st.sampled_from([1, 1, 50])
        )
    return BASES[chosen]["hook"], bytes(text)


@pytest.fixture(scope="module")
def service() -> Iterator[Served]:
    with served() as running:
        yield running


def answered(service: Served, http: requests.Session, case: tuple[str, bytes]) -> None:
    hook, body = case
    url = f"{service.url}/cds-services/cart-toxicity-{hook}"
    headers = {"Content-Type": "application/json"}
    answer = http.post(url, data=body, headers=headers, timeout=30)

    assert faults(answer.status_code, answer.content) == []


def quietly(share: float) -> settings:
    """Settings for a share of the cases; not derandomized where there is time to search."""
    return settings(
        max_examples=max(1, round(CASES * share)),
        deadline=None,
        derandomize=not LONG,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def test_no_bent_or_broken_request_is_a_crash_and_the_worker_keeps_its_size(
    service: Served, http: requests.Session
) -> None:
    @given(bent())
    @quietly(0.1)
    def warm_up(case: tuple[str, bytes]) -> None:
        answered(service, http, case)

    @given(bent())
    @quietly(0.65)
    def bend(case: tuple[str, bytes]) -> None:
        answered(service, http, case)

    @given(broken())
    @quietly(0.25)
    def break_up(case: tuple[str, bytes]) -> None:
        answered(service, http, case)

    warm_up()
    before = service.worker_kb()
    bend()
    break_up()

    assert service.worker_kb() - before < MOST_GROWTH_KB
    assert "call_failed" not in service.log()
