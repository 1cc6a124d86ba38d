"""A person at the bedside page, who clicks: charts, orders, signs, dismisses."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from sandbox.story import Story, read_story
from tests.absent import absent

PATIENCE_MS = 90_000
"""For machines that do much else; a page that hangs still fails."""
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
_CALM = """
id = "{id}"
label = "{label}"
title = "Day 3, no toxicity"
age = 60
sex = "female"
expect = {{ crs = 0, icans = 0 }}
infusion = [{{ at = -75, product = "axi-cel", as = "both" }}]
vitals = [
  {{ at = -76, weight = 70 }},
  {{ at = [-60, -40, -30, -18, -10, -5], T = [36.7, 36.9, 37.0, 37.2, 37.0, 37.1] }},
  {{ at = [-60, -40, -30, -18, -10, -5], BP = "118/72", SpO2 = 98, on = "room air" }},
]
neuro = [{{ at = [-60, -30, -5], ICE = 10, awakens = "spontaneously" }}]
"""
_BETTER = {
    'id = "both-3"': 'id = "both-3-2"',
    "ICE = [7, 4]": "ICE = [8, 7]",
    "ICE = 1,": "ICE = 4,",
    "ICANS_grade = 3": "ICANS_grade = 2",
}


def calm(patient_id: str, label: str = "W") -> Story:
    """Day 3 after axi-cel, 70 kg, nothing wrong: where the worked examples begin."""
    return read_story(_CALM.format(id=patient_id, label=label))


def crs_3_with_icans_2() -> Story:
    """Patient M of the sandbox, with better ICE tests."""
    text = files("sandbox").joinpath("patients", "both-3.toml").read_text(encoding="utf-8")
    for old, new in _BETTER.items():
        assert old in text, f"both-3.toml has no {old}"
        text = text.replace(old, new)
    return read_story(text)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; without it see `tests.absent`."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        absent("no Chromium: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Seen:
    """What a page did that it must not do."""

    host: str
    console: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note every error and every request to another host."""
        page.on("console", lambda each: each.type == "error" and self.console.append(each.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("request", lambda each: self._note(each.url))

    def _note(self, url: str) -> None:
        if urlsplit(url).netloc != self.host:
            self.elsewhere.append(url)


@contextmanager
def opened(  # noqa: PLR0913 - most calls name two
    browser: Browser,
    address: str,
    width: int = 1280,
    scheme: str = "light",
    *,
    clean: bool = True,
    elsewhere: tuple[str, ...] = (),
) -> Iterator[Page]:
    """A page of that browser; if `clean`, its console and requests are clean when it is left.

    `elsewhere`: other hosts that it may go to.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 1080},
        color_scheme=scheme,  # type: ignore[arg-type]  # a literal of playwright's
        timezone_id="UTC",
        base_url=address,
    )
    seen = Seen(urlsplit(address).netloc)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    seen.watch(page)
    try:
        yield page
        assert not clean or seen.console == []
        assert [url for url in seen.elsewhere if not url.startswith(elsewhere or "-")] == []
    finally:
        context.close()


def open_chart(page: Page, patient_id: str, *, course: bool = False) -> Chart:
    """Opens a chart and waits for its cards, or also for its plot with grades."""
    page.goto(f"/chart/{patient_id}")
    page.wait_for_selector("body[data-cards]")
    if course:
        page.wait_for_selector("body[data-course]")
    return Chart(page)


class Chart:
    """An open chart."""

    def __init__(self, page: Page) -> None:
        self.page = page
        expect.set_options(timeout=PATIENCE_MS)

    def enter(self, title: str, hours_ago: float = 0, **values: str | float) -> None:
        """Fills in a form of the chart entry and saves it."""
        self._when(hours_ago)
        form = self.page.locator("form.entry").filter(has=self.page.get_by_text(title, exact=True))
        for name, value in values.items():
            field = form.locator(f"[name={name}]")
            if isinstance(value, str):
                field.select_option(value)
            else:
                field.fill(str(value))
        form.get_by_role("button", name="Chart").click()
        self.says(f"Charted: {title}.")

    def enter_ice(self, right: int) -> None:
        """Goes through the ICE form and gets the first `right` items right."""
        self._when(0)
        self.page.get_by_role("button", name="ICE test").click()
        items = self.page.locator("dialog .item")
        expect(items).to_have_count(10)
        for number in range(10):
            answer = "Right" if number < right else "Wrong"
            items.nth(number).get_by_label(answer).check()
        expect(self.page.locator("dialog output")).to_have_text(f"ICE {right} of 10")
        self.page.get_by_role("button", name="Chart ICE").click()
        self.says("Charted: ICE.")

    def grades(self, *words: str) -> None:
        """The head of the chart shows these grades."""
        for each in words:
            expect(self.page.locator("#grades")).to_contain_text(each)

    def says(self, text: str) -> None:
        """The line at the top says so."""
        expect(self.page.locator("#announcement")).to_contain_text(text)

    def card(self, summary: str, where: str = "#cards") -> Locator:
        """The card with that summary."""
        found = self.page.locator(f"{where} .card").filter(has_text=summary)
        expect(found.first).to_be_visible()
        return found.first

    def take(self, label: str, where: str = "#cards") -> None:
        """Takes a suggestion, which is told to the service."""
        self.page.locator(f"{where} button.suggestion").filter(has_text=label).first.click()
        self.says("Feedback stored.")

    def find(self, words: str, label: str) -> None:
        """Types into the order pad and chooses by keyboard."""
        self.page.locator("#find").fill(words)
        expect(self.page.locator("#found [aria-selected=true]")).to_have_text(label)
        self.page.keyboard.press("Enter")
        self.says(f"Drafted: {label}")

    def drafts(self, *words: str) -> None:
        """The pad holds exactly these."""
        rows = self.page.locator("#drafts li")
        expect(rows).to_have_count(len(words))
        for row, text in enumerate(words):
            expect(rows.nth(row)).to_contain_text(text)

    def sign(self) -> None:
        """Signs what is on the pad; where guidance comes first, signs anyway."""
        self.page.get_by_role("button", name="Review and sign").click()
        anyway = self.page.get_by_role("button", name="Sign anyway")
        line = self.page.locator("#announcement")
        expect(line).to_contain_text("igned")
        if "Not signed yet" in line.inner_text():
            anyway.click()
        self.says("Signed and on the chart")

    def dismiss(self, card: Locator, comment: str) -> str:
        """Dismisses a card with its first listed reason, and gives what that is."""
        card.get_by_text("Dismiss", exact=True).first.click()
        select = card.locator("select[name=reason]")
        reason = select.locator("option").nth(1).inner_text()
        select.select_option(index=1)
        card.locator("input[name=comment]").fill(comment)
        card.get_by_role("button", name="Dismiss").click()
        self.says("Feedback stored.")
        return reason

    def _when(self, hours_ago: float) -> None:
        moment = datetime.now(UTC) - timedelta(hours=hours_ago)  # noqa: TID251 - a person's watch
        text = moment.strftime("%Y-%m-%dT%H:%M") if hours_ago else ""
        self.page.locator("#entry-at").fill(text)


def screenshot(page: Page, path: Path, most_bytes: int = 200_000) -> None:
    """A picture of what is in view, which must stay small."""
    page.screenshot(path=path)
    assert path.stat().st_size < most_bytes, f"{path.name} is {path.stat().st_size} bytes"
