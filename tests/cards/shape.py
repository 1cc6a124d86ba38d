"""The shape of a CDS Hooks answer, checked mechanically.

`shape_faults(response)` lists what is wrong; it reads JSON only and knows nothing of the code.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

MEMBERS = {
    "response": {"cards", "systemActions", "extension"},
    "card": {
        *("uuid", "summary", "detail", "indicator", "source", "suggestions"),
        *("selectionBehavior", "overrideReasons", "links", "extension"),
    },
    "source": {"label", "url", "icon", "topic", "extension"},
    "suggestion": {"label", "uuid", "isRecommended", "actions", "extension"},
    "action": {"type", "description", "resource", "resourceId", "extension"},
    "link": {"label", "url", "type", "appContext", "autolaunchable", "extension"},
    "coding": {"code", "system", "display"},
}
REQUIRED = {
    "response": {"cards"},
    "card": {"uuid", "summary", "detail", "indicator", "source"},
    "source": {"label", "topic"},
    "suggestion": {"label", "uuid", "actions"},
    "action": {"type", "description"},
    "link": {"label", "url", "type"},
    "coding": {"code", "system"},
}
MAY_BE_EMPTY = {"$.cards"}
TOPIC = re.compile(r"[A-Za-z0-9]{1,100}")
TAG = re.compile(r"<[A-Za-z/!?]")
MARKDOWN_LINK = re.compile(r"(?<!\\)\]\(([^)]*)\)")


def shape_faults(response: Mapping[str, Any]) -> list[str]:
    """Every departure of a 200 answer from the specification and from the project's profile."""
    faults = [*_empties("$", response), *_members("$", "response", response)]
    uuids: list[str] = []
    for n, card in enumerate(response.get("cards", [])):
        faults += _card(f"$.cards[{n}]", card, uuids)
    faults += [f"uuid used twice: {one}" for one in sorted(set(uuids)) if uuids.count(one) > 1]
    return faults


def _empties(path: str, value: Any) -> Iterator[str]:
    if value is None or (value in ("", [], {}) and path not in MAY_BE_EMPTY):
        yield f"{path}: null or empty"
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _empties(f"{path}.{name}", member)
    elif isinstance(value, list):
        for n, member in enumerate(value):
            yield from _empties(f"{path}[{n}]", member)


def _members(path: str, kind: str, value: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(value.keys() - MEMBERS[kind]):
        yield f"{path}: unknown member {name}"
    for name in sorted(REQUIRED[kind] - value.keys()):
        yield f"{path}: no {name}"


def _card(path: str, card: Mapping[str, Any], uuids: list[str]) -> Iterator[str]:
    yield from _members(path, "card", card)
    yield from _uuid(path, card, uuids)
    yield from _texts(path, card)
    yield from _source(f"{path}.source", card.get("source", {}))
    if card.get("indicator") not in ("info", "warning", "critical"):
        yield f"{path}: indicator {card.get('indicator')}"
    if card.get("selectionBehavior") != ("any" if card.get("suggestions") else None):
        yield f"{path}: selectionBehavior {card.get('selectionBehavior')}"
    for n, suggestion in enumerate(card.get("suggestions", [])):
        yield from _suggestion(f"{path}.suggestions[{n}]", suggestion, uuids)
    for n, link in enumerate(card.get("links", [])):
        yield from _link(f"{path}.links[{n}]", link)
    for n, reason in enumerate(card.get("overrideReasons", [])):
        yield from _members(f"{path}.overrideReasons[{n}]", "coding", reason)
        if "display" not in reason:
            yield f"{path}.overrideReasons[{n}]: no display"


def _texts(path: str, card: Mapping[str, Any]) -> Iterator[str]:
    summary, detail = card.get("summary") or "", card.get("detail") or ""
    if len(summary) > 139 or not summary.isprintable():
        yield f"{path}: summary is not one line of at most 139 code points"
    if TAG.search(detail):
        yield f"{path}: HTML in detail"
    if "![" in detail:
        yield f"{path}: an image in detail"
    linked = {link.get("url") for link in card.get("links", [])}
    for url in MARKDOWN_LINK.findall(detail):
        if url not in linked:
            yield f"{path}: {url} is in detail but not in links"


def _source(path: str, source: Mapping[str, Any]) -> Iterator[str]:
    yield from _members(path, "source", source)
    topic = source.get("topic", {})
    yield from _members(f"{path}.topic", "coding", topic)
    if not TOPIC.fullmatch(topic.get("code", "")):
        yield f"{path}.topic: code is not alphanumeric"
    if "url" in source and not _absolute(source["url"], "https", "http"):
        yield f"{path}: url is not absolute"


def _suggestion(path: str, suggestion: Mapping[str, Any], uuids: list[str]) -> Iterator[str]:
    yield from _members(path, "suggestion", suggestion)
    yield from _uuid(path, suggestion, uuids)
    actions = suggestion.get("actions", [])
    if len(actions) != 1:
        yield f"{path}: {len(actions)} actions"
    for n, action in enumerate(actions):
        where = f"{path}.actions[{n}]"
        yield from _members(where, "action", action)
        if action.get("type") not in ("create", "update", "delete"):
            yield f"{where}: type {action.get('type')}"
        if action.get("type") == "create" and not action.get("resource", {}).get("resourceType"):
            yield f"{where}: nothing to create"


def _link(path: str, link: Mapping[str, Any]) -> Iterator[str]:
    yield from _members(path, "link", link)
    if not _absolute(link.get("url", ""), "https") and not _is_loopback(link.get("url", "")):
        yield f"{path}: url is not absolute https, nor a page of a service on loopback"
    if link.get("type") not in ("absolute", "smart"):
        yield f"{path}: type {link.get('type')}"
    if "appContext" in link and link.get("type") != "smart":
        yield f"{path}: appContext without smart"


def _uuid(path: str, value: Mapping[str, Any], uuids: list[str]) -> Iterator[str]:
    text = value.get("uuid", "")
    uuids.append(text)
    try:
        same = str(uuid.UUID(text)) == text
    except ValueError:
        same = False
    if not same:
        yield f"{path}: uuid {text}"


def _is_loopback(url: str) -> bool:
    """Such as the demo's own rule pages: it serves no https."""
    return _absolute(url, "http") and urlsplit(url).hostname in ("127.0.0.1", "localhost")


def _absolute(url: str, *schemes: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in schemes and bool(parts.netloc)
