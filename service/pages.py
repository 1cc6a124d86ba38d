"""GET /rules, /rules/{id} and /about: pages for people, made once from the policy in force."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from flask import Flask, Response
from jinja2 import Environment, PackageLoader

from cards.about import ABOUT
from cards.rule_book import SIGN_OFF, TAGS, TITLE, RuleBook, rule_book
from cards.rule_entries import case_data
from cards.rule_markdown import input_text
from cards.site_policy import override_lines
from service.settings import Mode, Settings
from service.site import AS_IT_IS, SiteSetup

_SECURITY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors *"
"""Nothing is fetched and no script runs; an EHR may show the page in a frame."""
_NOT_FOUND = 404


class RulePages(NamedTuple):
    """The rule page and the page of each rule, whole."""

    book: RuleBook
    whole: str
    single: Mapping[str, str]


def register(app: Flask, settings: Settings, site: SiteSetup) -> None:
    """Serve the pages; in demo each carries a banner."""
    demo = settings.mode is Mode.DEMO
    pages = _shipped(demo) if site is AS_IT_IS else _pages(site, demo)
    about = _about(pages.book, settings, site)

    def one(rule: str) -> Response:
        if rule in pages.single:
            return html(pages.single[rule])
        up = "../" * (rule.count("/") + 1)
        text = page("missing.html", demo, rule=rule, up=up, edition=pages.book.edition)
        return html(text, _NOT_FOUND)

    app.add_url_rule("/rules", "rules", lambda: html(pages.whole), methods=["GET"])
    app.add_url_rule("/rules/<path:rule>", "rule", one, methods=["GET"])
    app.add_url_rule("/about", "about", lambda: html(about), methods=["GET"])


def html(text: str, status: int = 200) -> Response:
    """A page that fetches nothing and runs no script."""
    response = Response(text, status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _SECURITY
    return response


@lru_cache(maxsize=2)
def _shipped(demo: bool) -> RulePages:
    return _pages(AS_IT_IS, demo)


def _pages(site: SiteSetup, demo: bool) -> RulePages:
    book = rule_book(site.policy, site.overrides)
    told: dict[str, Any] = {"site": site.edition, "edition": book.edition}
    whole = page(
        "rules.html",
        demo,
        **told,
        title=TITLE,
        book=book,
        tags=TAGS,
        overrides=override_lines(site.overrides.items),
        lines=SIGN_OFF,
    )
    single = {
        entry.id: page(
            "rule.html",
            demo,
            **told,
            entry=entry,
            inputs=[input_text(item, site.policy) for item in entry.inputs],
        )
        for entry in book.entries.values()
    }
    return RulePages(book, whole, single)


def _about(book: RuleBook, settings: Settings, site: SiteSetup) -> str:
    cases = case_data()
    return page(
        "about.html",
        settings.mode is Mode.DEMO,
        edition=book.edition,
        site=site.edition,
        mode=settings.mode,
        sections=ABOUT,
        inputs=book.inputs,
        totals=cases["totals"],
        reached=len(cases["rules"]),
        rules=len(book.entries),
        overrides=override_lines(site.overrides.items),
    )


def page(name: str, demo: bool, **content: Any) -> str:
    """The text of a template; in `demo` it carries a banner."""
    return _ENVIRONMENT.get_template(name).render(demo=demo, **content)


def _anchor(text: str) -> str:
    return "".join(char if char.isalnum() else "-" for char in text.lower())


_ENVIRONMENT: Final = Environment(loader=PackageLoader("service"), autoescape=True)
_ENVIRONMENT.filters["anchor"] = _anchor
