"""The stages of one call, to be timed one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC

import msgspec

from bench.chart import Chart
from cards import CardContext, assessment, compose_cards, dump_cards
from fhir_mappings import KeyRead, build_record, build_snapshot, read_page
from fhir_mappings.times import read_when
from grading import KNOWLEDGE, assess, prepare, recommend

Stage = tuple[str, Callable[[], object]]


def stages(chart: Chart, body: bytes) -> Iterator[Stage]:
    """Each stage with the work it does, on what the stages before it made."""
    now = read_when(chart.now, UTC).first
    raw = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    prefetch = msgspec.json.decode(raw["prefetch"], type=dict[str, msgspec.Raw])
    policy = KNOWLEDGE.policy

    def parse() -> dict[str, KeyRead]:
        pages = {key: value for key, value in prefetch.items() if bytes(value) != b"null"}
        return {key: KeyRead((read_page(value),)) for key, value in pages.items()}

    reads = parse()
    record = build_record(reads, chart.patient_id, UTC)
    snapshot = build_snapshot(record, now, policy)
    course = prepare(snapshot, policy)
    verdict = assess(course)
    advice = recommend(course, verdict)
    context = CardContext(chart.patient_id, None, json.loads(body)["hookInstance"])
    issues = record.issues_at(now)
    yield "baseline parse", lambda: msgspec.json.decode(body)
    yield "parse", parse
    yield "record", lambda: build_record(reads, chart.patient_id, UTC)
    yield "snapshot", lambda: build_snapshot(record, now, policy)
    yield "grade", lambda: assess(prepare(snapshot, policy))
    yield "recommend", lambda: recommend(course, verdict)
    yield (
        "compose",
        lambda: dump_cards(compose_cards(verdict, advice, issues, snapshot, context)),
    )
    yield "assessment", lambda: assessment(verdict, snapshot)
