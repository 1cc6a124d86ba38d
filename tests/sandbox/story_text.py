"""Small timelines as TOML text."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.catalog import Resource
from sandbox.story import read_story
from sandbox.timeline import resources

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
HEAD = """
id = "p"
label = "Z"
title = "A title"
age = 50
sex = "male"
expect = { crs = 0, icans = 0 }
"""


def chart(rows: str) -> list[Resource]:
    """The resources that these rows give, without the Patient."""
    return list(resources(read_story(HEAD + rows), NOW)[1:])


def only(rows: str) -> Resource:
    """The one resource that these rows give."""
    (resource,) = chart(rows)
    return resource
