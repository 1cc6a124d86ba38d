"""Worked examples of clinical-rules.md section 9, walked at the bedside page by clicking only."""

from __future__ import annotations

import json

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.sandbox.conftest import clock
from tests.sandbox.walking import Chart, open_chart, opened

pytestmark = pytest.mark.usefixtures("walk_patients")


@pytest.fixture
def page(browser: Browser, bedside: str) -> Page:  # type: ignore[misc]  # a generator fixture
    with opened(browser, bedside) as found:
        yield found


def ordered(session: requests.Session, fhir: str, patient_id: str) -> list[str]:
    """What is on the chart as an active order, in words."""
    url = f"{fhir}/MedicationRequest?patient={patient_id}&status=active"
    entries = session.get(url, timeout=60).json().get("entry", [])
    return [each["resource"]["medicationCodeableConcept"]["text"] for each in entries]


def feedback_sent(page: Page, sent_before: int = 0) -> dict[str, object]:
    """The newest feedback in the list of calls, as it was sent; the service has stored it."""
    calls = page.locator("#calls .call").filter(has_text="feedback to")
    expect(calls).to_have_count(sent_before + 1)  # a later one would take its place
    call = calls.first
    expect(call.locator("summary").first).to_contain_text("HTTP 200")
    call.locator("summary").first.click()
    texts = []
    for title, member in (("Sent", "outcomeTimestamp"), ("Answer", "stored")):
        call.get_by_text(title, exact=True).click()
        text = call.locator("pre").filter(has_text=member)  # written when it opens
        texts.append(json.loads(text.inner_text()))
    sent, answer = texts
    assert answer == {"received": 1, "stored": 1}
    (entry,) = sent["feedback"]
    return entry  # type: ignore[no-any-return]  # JSON


def fever_and_low_pressure(chart: Chart) -> None:
    chart.enter("Temperature", T=38.5)
    chart.enter("Blood pressure", systolic=86, diastolic=50)
    chart.grades("CRS 2", "ICANS 0")
    chart.says("CRS 1 \u2192 2")


def test_w6_fever_and_low_pressure_to_tocilizumab_and_dexamethasone(
    page: Page, session: requests.Session, walk_fhir: str
) -> None:
    chart = open_chart(page, "w6")
    chart.grades("CRS 0", "ICANS 0")
    fever_and_low_pressure(chart)
    chart.card("CRS grade 2")
    chart.take("Tocilizumab 560 mg")
    chart.take("Dexamethasone 10 mg")
    chart.drafts("Tocilizumab", "Dexamethasone")

    assert feedback_sent(page, sent_before=1)["outcome"] == "accepted"
    chart.sign()

    assert sorted(text.split()[0] for text in ordered(session, walk_fhir, "w6")) == [
        *("Dexamethasone", "Tocilizumab")
    ]


def test_w24_ice_2_is_icans_3_and_dexamethasone_every_6_h(
    page: Page, session: requests.Session, walk_fhir: str
) -> None:
    chart = open_chart(page, "w24")
    chart.enter_ice(2)
    chart.grades("CRS 0", "ICANS 3")
    chart.card("ICANS grade 3")
    chart.take("Dexamethasone 10 mg IV every 6 h")
    chart.drafts("Dexamethasone")
    chart.sign()

    assert len(ordered(session, walk_fhir, "w24")) == 1


def test_a_stop_that_is_signed_ends_the_order_and_writes_no_second_one(
    page: Page, session: requests.Session, walk_fhir: str
) -> None:
    order = {
        "resourceType": "MedicationRequest",
        "id": "stop-tramadol",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "tramadol 50 mg tablet"},
        "subject": {"reference": "Patient/stop"},
        "authoredOn": clock().isoformat(timespec="seconds"),
        "dosageInstruction": [{"text": "every 6 h as needed", "route": {"text": "oral"}}],
    }
    url = f"{walk_fhir}/MedicationRequest/stop-tramadol"
    assert session.put(url, json=order, timeout=60).ok
    chart = open_chart(page, "stop")
    chart.enter_ice(2)
    chart.take("Order of tramadol: status stopped")
    chart.drafts("tramadol 50 mg tablet, every 6 h as needed, on the chart, to be stopped")
    chart.sign()

    assert session.get(url, timeout=60).json()["status"] == "stopped"
    assert ordered(session, walk_fhir, "stop") == []


def test_w36_tocilizumab_in_isolated_icans_2_is_warned_of_and_dismissed(page: Page) -> None:
    chart = open_chart(page, "w36")
    chart.enter_ice(5)
    chart.grades("CRS 0", "ICANS 2")
    chart.find("tocili", "Tocilizumab IV, once")
    card = chart.card("ocilizumab", "#order-cards")

    assert card.get_attribute("data-indicator") == "warning"
    reason = chart.dismiss(card, "walked by a test")
    sent = feedback_sent(page)

    assert sent["outcome"] == "overridden"
    assert sent["overrideReason"]["reason"]["display"] == reason  # type: ignore[index]  # JSON
    assert sent["overrideReason"]["userComment"] == "walked by a test"  # type: ignore[index]
    expect(page.locator("#order-cards .card")).to_have_count(0)


def test_w44_filgrastim_aafi_in_crs_2_is_warned_of_and_taken_off(page: Page) -> None:
    chart = open_chart(page, "w44")
    fever_and_low_pressure(chart)
    chart.find("aafi", "Filgrastim-aafi SC daily (Nivestym)")
    card = chart.card("ilgrastim", "#order-cards")

    assert card.get_attribute("data-indicator") == "warning"
    chart.take("Remove the order", "#order-cards")
    chart.drafts()

    assert feedback_sent(page)["outcome"] == "accepted"


def test_w18_fever_that_is_gone_after_tocilizumab_still_counts(page: Page) -> None:
    chart = open_chart(page, "w18")
    chart.enter("Temperature", 26, T=39.0)
    chart.enter("Blood pressure", 11, systolic=85, diastolic=50)
    chart.enter("Give tocilizumab", 10, dose=560)
    chart.enter("Temperature", T=36.9)
    chart.enter("Blood pressure", systolic=84, diastolic=50)
    chart.grades("CRS 2", "ICANS 0")
    chart.card("CRS grade 2")
    chart.take("Tocilizumab 560 mg")
    chart.drafts("Tocilizumab")


def test_a_pressor_is_started_and_stopped_and_a_fever_charted_in_fahrenheit(
    page: Page, session: requests.Session, walk_fhir: str
) -> None:
    chart = open_chart(page, "forms", course=True)
    chart.enter("Temperature", T=101.3, scale="[degF]")
    chart.grades("CRS 1")
    chart.enter("Start norepinephrine", 1, rate=4)
    chart.grades("CRS 3")
    stop = page.get_by_role("button", name="Stop", exact=True)
    expect(page.locator("#entries select[name=id]")).to_have_text("norepinephrine 4 ug/min")
    page.locator("#entry-at").fill("")
    stop.click()
    chart.says("norepinephrine 4 ug/min stopped")
    expect(stop).to_be_hidden()
    url = f"{walk_fhir}/MedicationAdministration?patient=forms"
    found = [each["resource"] for each in session.get(url, timeout=60).json()["entry"]]
    (pressor,) = [each for each in found if "norepi" in json.dumps(each).lower()]

    assert pressor["status"] == "completed"
    assert "end" in pressor["effectivePeriod"]


def test_the_dose_of_a_draft_is_changed_by_keyboard_and_checked_again(page: Page) -> None:
    chart = open_chart(page, "late-crs")
    chart.find("tocili", "Tocilizumab IV, once")
    calls = page.locator("#calls .call").filter(has_text="order-select")
    expect(calls).to_have_count(1)
    page.get_by_label("Dose of Tocilizumab").fill("480")
    page.keyboard.press("Enter")
    chart.says("Dose changed: tocilizumab")
    chart.drafts("480 mg")
    expect(calls).to_have_count(2)


def test_possible_iec_hs_is_shown_with_the_ranges_of_the_laboratory(page: Page) -> None:
    chart = open_chart(page, "iec-hs", course=True)
    chart.grades("IEC-HS possible")
    expect(page.locator("#plot")).to_contain_text("IEC-HS")
    page.get_by_text("Laboratory values with their ranges").click()
    ferritin = page.locator("#labs tr").filter(has_text="ferritin")
    expect(ferritin).to_contain_text("15 to 300")
    expect(ferritin).to_contain_text("high")


def test_walking_back_in_time_cards_go_and_come(page: Page) -> None:
    chart = open_chart(page, "both-3-2", course=True)
    chart.grades("CRS 3", "ICANS 2")
    page.locator("#scrub").focus()
    page.keyboard.press("Home")
    chart.grades("no grade")
    expect(page.locator("#cards .card")).to_have_count(0)
    expect(page.locator("#seen")).to_contain_text("in the past")
    chart.find("eeg", "EEG")
    page.get_by_role("button", name="Review and sign").click()
    chart.says("Nothing is signed in the past")
    page.get_by_role("button", name="Now").click()
    chart.grades("CRS 3", "ICANS 2")
    chart.card("CRS grade 3")


def test_every_way_of_delivery_gives_the_same_card_and_says_where_the_data_came_from(
    page: Page,
) -> None:
    chart = open_chart(page, "both-3-2")
    for mode, told in (("fhir-server", 11), ("mixed", 5), ("prefetch", 0)):
        calls = page.locator("#calls .call")
        before = calls.count()
        page.locator("#mode").select_option(mode)
        expect(calls).to_have_count(before + 1)
        chart.card("CRS grade 3")
        calls.first.locator("summary").first.click()
        expect(calls.first.get_by_text("left to the service")).to_have_count(told)


def test_a_name_with_markup_stays_text(
    page: Page, session: requests.Session, walk_fhir: str
) -> None:
    name = "<img src=x onerror=alert(1)> & <b>bold</b>"
    person = {"resourceType": "Patient", "id": "markup", "name": [{"text": name}]}
    written = session.put(f"{walk_fhir}/Patient/markup", json=person, timeout=60)
    assert written.ok, written.text
    open_chart(page, "markup", course=True)
    expect(page.locator("#name")).to_have_text(name)
    page.goto("/")
    expect(page.get_by_role("link", name=name)).to_be_visible()

    assert page.locator("img").count() == 0


def test_a_service_that_does_not_answer_is_not_silence(browser: Browser, bedside: str) -> None:
    with opened(browser, bedside, clean=False) as page:
        chart = open_chart(page, "both-3-2")
        chart.grades("CRS 3")
        before = page.request.get("/api/settings").json()
        page.locator(".servers summary").click()
        page.locator("[name=cds]").fill("http://127.0.0.1:9")
        page.get_by_role("button", name="Use these").click()
        try:
            expect(page.locator("#cards [role=alert]")).to_contain_text("does not answer")
            chart.grades("CRS no grade")
            told = page.locator("#order-cards [role=alert]")
            chart.find("ondans", "Ondansetron IV as needed")
            expect(told).to_contain_text("These orders were not checked")
            page.get_by_role("button", name="Review and sign").click()
            chart.says("Not signed yet")
            expect(told).to_contain_text("This is not the same as nothing to say")
            expect(page.get_by_role("button", name="Sign anyway")).to_be_visible()
            page.get_by_role("button", name="Remove").click()
        finally:
            page.request.post("/api/settings", data=before)
