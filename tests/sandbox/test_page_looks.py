"""The page can be read: narrow and wide, light and dark, by keyboard, on paper, by a reader."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.absent import absent
from tests.sandbox.walking import open_chart, opened

pytestmark = pytest.mark.usefixtures("walk_patients")
AXE = Path(__file__).with_name("axe")
SIZES = [(360, "light"), (360, "dark"), (1920, "light"), (1920, "dark")]
EVERY_SIZE = pytest.mark.parametrize(
    ("width", "scheme"), SIZES, ids=[f"{width}-{scheme}" for width, scheme in SIZES]
)


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The rules' script, installed by npm from the locked version; see `tests.absent`."""
    if shutil.which("npm") is None:
        absent("no npm, so no axe-core")
    folder = tmp_path_factory.mktemp("axe")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(AXE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)  # noqa: S603
    if done.returncode:
        absent("npm has no axe-core here")
    return (folder / "node_modules/axe-core/axe.min.js").read_text("utf-8")


def faults(page: Page, axe: str) -> list[str]:
    """What axe finds, a line for each element."""
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['html'][:80]} {node['failureSummary'].splitlines()[-1]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@EVERY_SIZE
def test_the_chart_has_no_accessibility_fault_and_no_sideways_scroll(
    browser: Browser, bedside: str, axe: str, width: int, scheme: str
) -> None:
    with opened(browser, bedside, width, scheme) as page:
        open_chart(page, "both-3-2", course=True)
        for summary in page.locator("#cards summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert faults(page, axe) == []
        page.get_by_role("button", name="ICE test").click()
        page.locator("dialog .item").first.wait_for()
        assert faults(page, axe) == []


@EVERY_SIZE
def test_the_ward_list_has_no_accessibility_fault_and_no_sideways_scroll(
    browser: Browser, bedside: str, axe: str, width: int, scheme: str
) -> None:
    with opened(browser, bedside, width, scheme) as page:
        page.goto("/")
        page.wait_for_selector("body[data-ready]")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert faults(page, axe) == []


def test_the_ward_list_sorts_by_any_column(browser: Browser, bedside: str) -> None:
    with opened(browser, bedside) as page:
        page.goto("/")
        page.wait_for_selector("body[data-ready]")
        head = page.get_by_role("columnheader", name="CRS")
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "descending"
        first = page.locator("#rows tr").first
        expect(first).to_contain_text("both-3-2")
        expect(first.locator("td").nth(2)).to_have_text("3")
        expect(first).to_contain_text("axi-cel")


def test_everything_is_reached_by_keyboard(browser: Browser, bedside: str) -> None:
    with opened(browser, bedside) as page:
        open_chart(page, "both-3-2", course=True)
        wanted = set(page.evaluate(_REACHABLE))
        reached = set()
        for _ in range(len(wanted) + 30):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("window.numbered.indexOf(document.activeElement)"))
        assert wanted <= reached


@pytest.mark.parametrize("path", ["/", "/chart/both-3-2"])
def test_it_prints_on_one_page(browser: Browser, bedside: str, path: str) -> None:
    with opened(browser, bedside, scheme="dark") as page:
        page.goto(path)
        page.wait_for_selector("body[data-ready], body[data-course]")
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1


_REACHABLE = """() => {
  window.numbered = [...document.querySelectorAll("a, button, input, select, summary, pre")];
  const usable = (each) => !each.disabled && each.checkVisibility() && !each.closest(".skip");
  return window.numbered.map((each, at) => usable(each) ? at : -1).filter((at) => at >= 0);
}"""


def test_of_a_patient_nobody_knows_it_is_not_said_that_there_was_no_infusion(
    browser: Browser, bedside: str
) -> None:
    with opened(browser, bedside, clean=False) as page:
        page.goto("/chart/nobody-of-this-name")
        expect(page.locator("#grades")).to_contain_text("CAR-T infusion not known")
