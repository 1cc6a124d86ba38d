"""`make images`: screenshots of the bedside page for the documents, from the demo's programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import requests
from playwright.sync_api import Page

from sandbox.fhir_server import running as running_fhir
from sandbox.loader import load
from sandbox.story import stories
from service.cli import gunicorn
from service.processes import HOST, free_port, running
from tests.sandbox.walking import chromium, open_chart, opened, screenshot

_FIRST_PORT = 18_500
_ORDER = ("filgrastim-a", "Filgrastim-aafi SC daily (Nivestym)")


@contextmanager
def demo() -> Iterator[str]:
    """The address of a page over a FHIR server with every patient, and the service."""
    with ExitStack() as stack:
        fhir = stack.enter_context(running_fhir(free_port(_FIRST_PORT)))
        now = datetime.now(UTC)  # noqa: TID251 - the pictures are of today
        with requests.Session() as session:
            session.trust_env = False
            for _ in load(session, fhir, stories(), now):
                pass
        port = free_port(_FIRST_PORT + 100)
        cds = f"http://{HOST}:{port}"
        service = gunicorn(HOST, port, 2, "--env", "CART_CDS_MODE=demo")
        stack.enter_context(running(service, f"{cds}/readyz"))
        page_port = free_port(_FIRST_PORT + 200)
        address = f"http://{HOST}:{page_port}"
        shown = ["bedside", "--port", str(page_port), "--fhir", fhir, "--cds", cds]
        stack.enter_context(running([sys.executable, "-m", "sandbox", *shown], f"{address}/"))
        yield address


def chart(page: Page, folder: Path) -> None:
    """CRS 3 with ICANS 2: the plot with grade bands beside the cards."""
    page.set_viewport_size({"width": 1440, "height": 960})
    found = open_chart(page, "both-3", course=True)
    found.enter_ice(4)
    found.enter("Awakens")
    found.grades("CRS 3", "ICANS 2")
    page.locator("#announcement").evaluate("node => { node.textContent = ''; }")
    page.evaluate("scrollTo(0, 0)")
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)
    screenshot(page, folder / "chart.png")


def order_alert(page: Page, folder: Path) -> None:
    """A growth factor chosen in CRS 3: the alert before it is signed."""
    found = open_chart(page, "both-3", course=True)
    found.find(*_ORDER)
    card = found.card("ilgrastim", "#order-cards")
    card.get_by_text("Dismiss", exact=True).first.click()
    page.locator(".pad-panel").scroll_into_view_if_needed()
    page.locator(".pad-panel").screenshot(path=folder / "order-alert.png")


def ice_form(page: Page, folder: Path) -> None:
    """The ICE test as a form."""
    open_chart(page, "both-3")
    page.get_by_role("button", name="ICE test").click()
    page.locator("dialog .item").first.wait_for()
    page.locator("dialog").screenshot(path=folder / "ice-form.png")


def ward(page: Page, folder: Path) -> None:
    """The ward list with everyone graded."""
    page.set_viewport_size({"width": 1360, "height": 760})
    page.goto("/")
    page.wait_for_selector("body[data-ready]")
    screenshot(page, folder / "ward-list.png")


def main(folder: Path) -> None:
    """Writes the pictures into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser, demo() as address:
        for picture in (chart, order_alert, ice_form, ward):
            with opened(browser, address, 1600) as page:
                picture(page, folder)
    for path in folder.glob("*.png"):
        print(f"{path.name}: {path.stat().st_size // 1000} kB")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
