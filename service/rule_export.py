"""The rules as text: Markdown, JSON, or FHIR R4 (`cart-cds rules`)."""

from __future__ import annotations

import json

from cards.plan_definitions import rule_bundle
from cards.rule_book import as_json, rule_book
from cards.rule_markdown import markdown
from service.settings import Settings
from service.site import SiteSetup, site_member


def rule_text(kind: str, settings: Settings, site: SiteSetup) -> str:
    """The rules under the policy of `site`; `kind`: `markdown`, `json` or `plandefinition`."""
    book = rule_book(site.policy, site.overrides)
    if kind == "markdown":
        return markdown(book, site.policy)
    if kind == "json":
        content = {**as_json(book), **site_member(site.edition)}
    else:
        content = rule_bundle(book, settings.code_system_base)
    return f"{json.dumps(content, indent=2, ensure_ascii=False)}\n"
