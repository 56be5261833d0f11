"""A whole meeting of the regional director with the head of a PDU, from the list to the printed page."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys import crowd
from tests.journeys.pages import sign_in
from tests.rig import DAY, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def site(embedded_folder: Path, tmp_path: Path) -> Iterator[Site]:
    """Of each test its own. West Kent's recommendation 2 is submitted. Nobody waits for letters here."""
    folder = tmp_path / "data"
    shutil.copytree(embedded_folder, folder)
    site = Site(folder, today=DAY)
    site.manage(*crowd.SUBMIT)
    try:
        yield site.start("web")
    finally:
        site.kill()


def test_a_meeting_from_the_list_to_the_printed_page(
    site: Site, browser: Browser, browser_context: BrowserContext
) -> None:
    page = browser_context.new_page()
    sign_in(page, site, "director.kss")
    the_director_starts_it(page)
    they_note_on_what_is_overdue(page)
    the_director_grants_a_later_date(page)
    the_director_returns_the_submission(page)
    the_head_notes_on_a_laptop(browser, site)
    the_phone_dies_and_it_goes_on_there(page, site)
    they_skip_the_last(page)
    the_director_closes_it(page)
    the_printed_page_tells_it_all(page)


def the_director_starts_it(page: Page) -> None:
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Review").click()
    page.get_by_role("navigation", name="Review").get_by_role("link", name="Meetings").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="West Kent PDU", exact=True))
    expect(row).to_contain_text("4")
    row.get_by_role("link", name="Start a meeting").click()
    expect(page.get_by_role("main").locator("ol > li")).to_have_count(4)
    page.get_by_role("button", name="Start the meeting").click()
    talks_about(page, 5, "1 of 4")


def talks_about(page: Page, number: int, place: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Recommendation {number}")
    expect(page.get_by_role("main")).to_contain_text(place)


def said(page: Page, text: str) -> None:
    expect(page.get_by_role("alert").filter(has_text=text)).to_be_visible()


def they_note_on_what_is_overdue(page: Page) -> None:
    main = page.get_by_role("main")
    expect(main).to_contain_text("Overdue by 33 days")
    expect(main).to_contain_text("Both missing days of training are booked by the end of the month.")
    expect(main).to_contain_text("No trainer is free before the spring.")
    page.get_by_label("What was discussed or agreed").fill("The region lends a trainer in January.")
    page.get_by_role("button", name="Save and continue").click()
    talks_about(page, 1, "2 of 4")
    said(page, "Note on Recommendation 5 saved.")


def the_director_grants_a_later_date(page: Page) -> None:
    page.get_by_role("link", name="Decide the extension request").click()
    page.get_by_role("radio", name="Grant the extension").check()
    page.get_by_label("Reason").fill("Two new officers begin in December.")
    page.get_by_role("button", name="Save the decision").click()
    talks_about(page, 1, "2 of 4")
    said(page, "Extension granted.")
    expect(page.get_by_role("main").locator("dl")).to_contain_text("7 January 2027")
    page.get_by_role("link", name="Skip", exact=True).click()


def the_director_returns_the_submission(page: Page) -> None:
    talks_about(page, 2, "3 of 4")
    page.get_by_role("link", name="Return submission").click()
    # Not yet said what is missing: the way back is kept.
    page.get_by_role("button", name="Return submission").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    page.get_by_label("What is missing?").fill("The samples are of one office only.")
    page.get_by_role("button", name="Return submission").click()
    talks_about(page, 2, "3 of 4")
    said(page, "Recommendation 2 returned.")
    page.get_by_label("What was discussed or agreed").fill("Five offices by Christmas.")
    page.get_by_role("button", name="Save and stay").click()
    expect(page.locator(".app-meeting-notes")).to_contain_text("Five offices by Christmas.")


def the_head_notes_on_a_laptop(browser: Browser, site: Site) -> None:
    context = browser.new_context(locale="en-GB", timezone_id="Europe/London")
    context.set_default_timeout(10_000)
    page = context.new_page()
    sign_in(page, site, "head.westkent")
    page.get_by_role("link", name="Review meetings").click()
    page.get_by_role("link", name="The meeting about West Kent PDU is under way").click()
    expect(page.get_by_role("button", name="Close the meeting")).to_have_count(0)
    page.get_by_role("link", name="Recommendation 2", exact=True).click()
    page.get_by_label("What was discussed or agreed").fill("I sample Maidstone myself.")
    page.get_by_role("button", name="Save and stay").click()
    notes = page.locator(".app-meeting-notes")
    expect(notes).to_contain_text("Five offices by Christmas.")
    expect(notes).to_contain_text("I sample Maidstone myself.")
    context.close()


def the_phone_dies_and_it_goes_on_there(page: Page, site: Site) -> None:
    page.goto(site.address("/review/meetings/"))
    page.get_by_role("link", name="Continue the meeting").click()
    talks_about(page, 4, "4 of 4")


def they_skip_the_last(page: Page) -> None:
    page.get_by_role("link", name="Skip", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("3 of 4 discussed so far.")


def the_director_closes_it(page: Page) -> None:
    page.get_by_role("button", name="Close the meeting").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("West Kent PDU: what was agreed")


def the_printed_page_tells_it_all(page: Page) -> None:
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Menu")).to_be_hidden()
    meeting = page.locator("#meeting")
    for text in (
        "3 of 4 were discussed.",
        "The region lends a trainer in January.",
        "Extension granted: “Two new officers begin in December.”",
        "The samples are of one office only.",
        "Five offices by Christmas.",
        "I sample Maidstone myself.",
    ):
        expect(meeting).to_contain_text(text)
    expect(page.locator(".app-left li")).to_have_count(1)
    expect(page.locator(".app-left li")).to_contain_text("Recommendation 4")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
