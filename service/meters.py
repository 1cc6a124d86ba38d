"""The instruments of `metrics`, and what they show.

Import this only once something is to be counted: the library decides when it is imported whether
it counts for one process or, by files in a folder, for all workers of gunicorn.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from service.metrics_folder import folder, reading

PREFIX: Final = "cart_cds"
_REGISTRY: Final = CollectorRegistry()
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


def _counter(name: str, meaning: str, *labels: str) -> Counter:
    return Counter(name, meaning, labels, namespace=PREFIX, registry=_REGISTRY)


def _histogram(name: str, meaning: str, label: str) -> Histogram:
    return Histogram(name, meaning, [label], namespace=PREFIX, registry=_REGISTRY, buckets=_SECONDS)


REQUESTS: Final = _counter("requests", "Answers, by address and status", "endpoint", "status")
REQUEST_SECONDS: Final = _histogram(
    "request_seconds",
    "Time of a whole call of a service, of feedback or of the timeline",
    "service",
)
STAGE_SECONDS: Final = _histogram("stage_seconds", "Time of a stage of a call", "stage")
CARDS: Final = _counter(
    "cards", "Cards sent, by topic, rule and indicator", "topic", "rule", "indicator"
)
NOT_GRADABLE: Final = _counter(
    "not_gradable",
    "Answers without a grade of a syndrome, by input that is missing",
    "syndrome",
    "input",
)
FHIR_ERRORS: Final = _counter(
    "fhir_errors", "Reads that failed, by FHIR server and kind", "server", "kind"
)
SUPPRESSED: Final = _counter("suppressed", "Cards held back as repeats, by topic", "topic")
CLIENTS_REFUSED: Final = _counter("clients_refused", "Tokens refused, by reason", "reason")
STORE_FAILURES: Final = _counter(
    "store_failures", "Failures of the store, by what it was to do", "operation"
)
FEEDBACK: Final = _counter("feedback", "Feedback stored for the first time, by service", "service")
EVENTS: Final = _counter("events", "Lines of the log, by event", "event")
WORKERS: Final = _counter("workers_started", "Workers started since the service was")


class Family(NamedTuple):
    """What one name of the exposition is."""

    name: str
    kind: str
    labels: tuple[str, ...]


def families() -> list[Family]:
    """Every metric there is, in order."""
    made = (
        REQUESTS, REQUEST_SECONDS, STAGE_SECONDS, CARDS, NOT_GRADABLE, FHIR_ERRORS, SUPPRESSED,
        CLIENTS_REFUSED, STORE_FAILURES, FEEDBACK, EVENTS, WORKERS,
    )  # fmt: skip
    return [
        Family(
            each._name + ("_total" if isinstance(each, Counter) else ""),
            each._type,
            tuple(each._labelnames),
        )
        for each in made
    ]


def exposition() -> bytes:
    """All that was counted, as text for Prometheus; of all workers where there are several."""
    shared = folder()
    if shared is None:
        return generate_latest(_REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(shared))  # type: ignore[no-untyped-call]
    with reading(shared):
        return generate_latest(registry)
