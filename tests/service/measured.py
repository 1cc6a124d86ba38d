"""Reads `/metrics` for the tests."""

from __future__ import annotations

from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

Counts = dict[tuple[str, frozenset[tuple[str, str]]], float]


def counts(text: str) -> Counts:
    """Every sample by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def shown(app: Flask) -> Counts:
    """What the application shows now, without a token."""
    return counts(app.test_client().get("/metrics").text)


def count(found: Counts, name: str, **labels: str) -> float:
    """One sample; 0 where there is none."""
    return found.get((f"cart_cds_{name}", frozenset(labels.items())), 0.0)


def total(found: Counts, name: str) -> float:
    """All samples of a name together."""
    return sum(value for (each, _), value in found.items() if each == f"cart_cds_{name}")
