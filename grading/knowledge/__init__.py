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
from grading.knowledge.care_orders import CareOrderRow, read_care_orders
from grading.knowledge.computed import Computed, Input, read_computed, read_inputs
from grading.knowledge.edition import EDITION
from grading.knowledge.errors import KnowledgeError
from grading.knowledge.orders import Principle, read_order_rules, read_principles
from grading.knowledge.policy import Policy, read_policy, shipped_entries
from grading.knowledge.rules import read_regimens, read_rules
from grading.knowledge.site import (
    AS_SHIPPED,
    Override,
    Overrides,
    Site,
    policy_text,
    read_site_head,
    read_site_policy,
)
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

__all__ = [
    "AS_SHIPPED",
    "EDITION",
    "KNOWLEDGE",
    "Input",
    "Knowledge",
    "KnowledgeError",
    "Override",
    "Overrides",
    "Policy",
    "Product",
    "Site",
    "load",
    "policy_text",
    "read_site_head",
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
    care_orders: Mapping[str, CareOrderRow]
    order_rules: Mapping[str, OrderRule]
    order_principles: Mapping[str, Principle]
    computed: Mapping[str, Computed]
    inputs: tuple[Input, ...]
    unverified_on: Mapping[str, str]


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
    rules = read_rules(_read("management.toml"), sources, regimens)
    orders, computed = _read("orders.toml"), _read("computed.toml")
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
        rules=rules,
        regimens=regimens,
        care_orders=read_care_orders(_read("care_orders.toml"), rules, regimens),
        order_rules=read_order_rules(orders, sources),
        order_principles=read_principles(orders, sources),
        computed=read_computed(computed, sources),
        inputs=read_inputs(_read("inputs.toml")),
        unverified_on=computed["unverified_on"],
    )


KNOWLEDGE = load()
