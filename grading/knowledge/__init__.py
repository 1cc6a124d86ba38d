"""What a clinician signs off, as TOML beside this file: read, checked and frozen at import.

No module outside this folder opens these files. Broken content raises KnowledgeError, so the
process never starts on it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Any

from grading.findings import CRS_AXES, ICANS_AXES, OVERLAP_CRITERIA
from grading.knowledge.errors import KnowledgeError
from grading.knowledge.orders import Principle, read_order_rules, read_principles
from grading.knowledge.policy import (
    Override,
    Overrides,
    Policy,
    read_policy,
    read_site_policy,
    shipped_entries,
)
from grading.knowledge.rules import read_regimens, read_rules
from grading.knowledge.tables import (
    Product,
    Table,
    read_drugs,
    read_overlap,
    read_products,
    read_sources,
    read_table,
)
from grading.model import Citation, OverlapRow, Regimen, Rule
from grading.order_model import OrderRule

EDITION = "2026.11.0"
"""Edition of the clinical content; raised with every change of it (CHANGELOG)."""

__all__ = [
    "EDITION",
    "KNOWLEDGE",
    "Knowledge",
    "KnowledgeError",
    "Override",
    "Overrides",
    "Policy",
    "Product",
    "load",
    "read_site_policy",
]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All content of one edition."""

    edition: str
    policy: Policy
    sources: Mapping[str, Citation]
    products: Mapping[str, Product]
    drugs: Mapping[str, frozenset[str]]
    crs: Table
    icans: Table
    overlap: Mapping[str, OverlapRow]
    rules: Mapping[str, Rule]
    regimens: Mapping[str, Regimen]
    order_rules: Mapping[str, OrderRule]
    order_principles: Mapping[str, Principle]


def _read(name: str) -> dict[str, Any]:
    text = (files(__package__) / name).read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def load() -> Knowledge:
    """Read and check every file.

    Raises:
        KnowledgeError: a file is broken.
    """
    sources = read_sources(_read("sources.toml"))
    regimens = read_regimens(_read("regimens.toml"), sources)
    orders = _read("orders.toml")
    return Knowledge(
        edition=EDITION,
        policy=read_policy(shipped_entries()),
        sources=sources,
        products=read_products(_read("products.toml")),
        drugs=read_drugs(_read("drugs.toml"), sources),
        crs=read_table("crs_astct_2019.toml", _read("crs_astct_2019.toml"), CRS_AXES, sources),
        icans=read_table(
            "icans_astct_2019.toml", _read("icans_astct_2019.toml"), ICANS_AXES, sources
        ),
        overlap=read_overlap(_read("iechs.toml"), OVERLAP_CRITERIA, sources),
        rules=read_rules(_read("management.toml"), sources, regimens),
        regimens=regimens,
        order_rules=read_order_rules(orders, sources),
        order_principles=read_principles(orders, sources),
    )


KNOWLEDGE = load()
