"""What the documents say of the project is so."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from bench.aims import table
from grading.knowledge import EDITION
from service.settings import Settings

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TEXTS = [
    path
    for pattern in ("*.md", "*.lock", "*.toml", "Makefile", "*.yaml", ".ci/run", "docs/**/*.md")
    for path in ROOT.glob(pattern)
]


def locked(name: str) -> dict[str, Version]:
    text = (ROOT / name).read_text("utf-8")
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]+])?==([^ ;\\]+)", text, re.MULTILINE)
    return {canonicalize_name(each): Version(version) for each, version in found}


def unmet(requirements: list[str], lock: str) -> list[str]:
    versions = locked(lock)
    wanted = [Requirement(text) for text in requirements]
    return [
        str(each)
        for each in wanted
        if (found := versions.get(canonicalize_name(each.name))) is None
        or not each.specifier.contains(found)
    ]


def test_the_lock_holds_every_dependency() -> None:
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    running = [*project["dependencies"], *project["optional-dependencies"]["sandbox"]]
    assert unmet([*running, *groups["build"]], "requirements.lock") == []
    assert unmet([*running, *groups["build"], *groups["dev"]], "requirements-dev.lock") == []


def test_the_version_is_the_content_edition_and_has_a_changelog_entry() -> None:
    assert PROJECT["project"]["version"] == EDITION
    assert f"## {EDITION}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        target
        for path in DOCUMENTS
        for pair in re.findall(
            r"`make ([a-z-]+)`|^ +make ([a-z-]+)$", path.read_text("utf-8"), re.M
        )
        for target in pair
        if target
    }
    assert named <= targets


def test_every_setting_is_documented() -> None:
    read = {f"CART_CDS_{each.name.upper()}" for each in fields(Settings)} - {"CART_CDS_IGNORED"}
    told = set(
        re.findall(r"`(CART_CDS_[A-Z_]+)`", (ROOT / "docs/operations.md").read_text("utf-8"))
    )
    assert read <= told


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_names_a_machine_or_a_registry(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"(^|[^\w./-])/(work|farm|root|home)/", text)
    assert not re.search(r"pypi\.org|pythonhosted|registry\.npmjs|--index-url http", text)


def test_the_aims_of_the_bench_are_told_as_they_were_measured() -> None:
    page = (ROOT / "docs" / "performance.md").read_text("utf-8")
    measured = [line for line in page.splitlines() if line.startswith("    ")]
    assert "\n".join(table(measured)) in page
