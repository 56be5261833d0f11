"""The life of one recommendation from the response to the sign-off, as lead, owner and reviewer live it."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.pages import choose_owner, open_inspection, row_of, sign_in, sign_out
from tests.rig import DAY, Site

pytestmark = pytest.mark.browser

FOUR = "/recommendations/4/"
# A week after the return: only what speaks of a day since then shows that what the reviewer missed was mended.
AFTER_THE_RETURN = "2026-11-30"


@pytest.fixture
def site(embedded_folder: Path, tmp_path: Path) -> Iterator[Site]:
    """Of each test its own, as each lives through the whole life. Nobody waits for letters here."""
    folder = tmp_path / "data"
    shutil.copytree(embedded_folder, folder)
    site = Site(folder, today=DAY)
    try:
        yield site.start("web")
    finally:
        site.kill()


def test_from_the_response_to_the_sign_off(
    site: Site, browser_context: BrowserContext, request: pytest.FixtureRequest
) -> None:
    page = browser_context.new_page()
    javascript = request.node.callspec.params["browser_context"]
    sign_in(page, site, "head.westkent")
    open_inspection(page)
    row_of(page, 4).get_by_role("link", name="Recommendation 4", exact=True).click()
    the_lead_agrees_to_a_part(page)
    the_lead_names_an_owner_and_a_date(page, javascript=javascript)
    the_lead_adds_an_action(page)
    the_lead_fixes_the_dates_on_the_plan(page)
    become(page, site, "spo.gravesend")
    the_owner_reports_some_progress(page)
    the_owner_says_that_the_action_is_done(page)
    the_owner_reports_sufficient_progress_with_a_link(page)
    become(page, site, "head.westkent")
    the_lead_submits(page, "Every team leader now samples five cases a month.")
    become(page, site, "director.kss")
    the_director_returns_it(page)
    another_day(site)
    become(page, site, "head.westkent")
    the_lead_asks_for_more_time(page)
    become(page, site, "director.kss")
    the_director_grants_it(page)
    become(page, site, "spo.gravesend")
    the_owner_adds_evidence_of_after_the_return(page)
    become(page, site, "head.westkent")
    the_lead_submits(page, "Gravesend samples as well, since last week.")
    become(page, site, "director.kss")
    the_director_signs_it_off(page)
    the_page_tells_the_whole_life(page)


def become(page: Page, site: Site, who: str) -> None:
    """That one signs in and opens the recommendation."""
    sign_out(page)
    sign_in(page, site, who)
    page.goto(site.address(FOUR))
    is_on_the_page(page)


def another_day(site: Site) -> None:
    site.kill("web")
    site.env["TRACKER_TODAY"] = AFTER_THE_RETURN
    site.start("web")


def is_on_the_page(page: Page, said: str = "") -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Recommendation 4")
    if said:
        expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()


def next_step(page: Page, label: str, heading: str = "") -> None:
    """The one button that the page offers to this person."""
    button = page.get_by_role("main").get_by_role("button").and_(page.locator("a.govuk-button"))
    expect(button).to_have_text(label)
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading or label)


def other_step(page: Page, label: str, heading: str = "") -> None:
    page.get_by_text("Other actions").click()
    page.locator("#more").get_by_role("link", name=label, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading or label)


def press(page: Page, button: str) -> None:
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def unfold(page: Page, section: str) -> None:
    if page.locator(f"#{section}").get_attribute("open") is None:
        page.locator(f"#{section} > summary").click()


# -- the lead plans --------------------------------------------------------------------------------------------------
def the_lead_agrees_to_a_part(page: Page) -> None:
    next_step(page, "Record your response")
    page.get_by_role("radio", name="Partly agreed").check()
    press(page, "Save response")
    # Which part, and why not the rest.
    expect(page.get_by_role("alert").filter(has_text="There is a problem")).to_be_visible()
    page.get_by_label("Which part do you agree with?").fill("Oversight of cases with a high risk.")
    page.get_by_label("Why do you not agree with the rest?").fill("There are not enough senior officers for all cases.")
    press(page, "Save response")
    is_on_the_page(page, "Response to recommendation 4 saved.")


def the_lead_names_an_owner_and_a_date(page: Page, *, javascript: bool) -> None:
    next_step(page, "Set an owner and due date", "Change recommendation 4")
    choose_owner(page, "graves", "Senior probation officer, Gravesend", by_list=javascript)
    page.get_by_label("Due date", exact=True).fill("1/12/2026")
    press(page, "Save")
    is_on_the_page(page)
    expect(page.get_by_role("main")).to_contain_text("provisional")


def the_lead_adds_an_action(page: Page) -> None:
    other_step(page, "Add an action")
    page.get_by_label("What will be done?").fill("Every team leader samples five cases a month.")
    page.get_by_label("Owner (optional)").fill("spo.gravesend@example.test")
    page.get_by_label("Due date (optional)").fill("30/11/2026")
    # Away from the field, so that the list of people is shut.
    page.get_by_label("Due date (optional)").press("Tab")
    press(page, "Add action")
    is_on_the_page(page, "Action added.")


def the_lead_fixes_the_dates_on_the_plan(page: Page) -> None:
    unfold(page, "response")
    page.locator("#response").get_by_role("link", name="Action plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Action plan for West Kent PDU")
    page.get_by_role("link", name="Confirm the dates already set").click()
    expect(page.get_by_role("main")).to_contain_text("Recommendation 4: 1 December 2026")
    press(page, "Confirm due dates")
    expect(page.get_by_role("alert").filter(has_text="Due dates confirmed.")).to_be_visible()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Recommendation 4", exact=True))
    expect(row).to_contain_text("1 December 2026 (confirmed)")
    expect(row).to_contain_text("Partly agreed")


# -- the owner reports -----------------------------------------------------------------------------------------------
def the_owner_reports_some_progress(page: Page) -> None:
    next_step(page, "Send an update")
    page.get_by_role("radio", name="Some progress").check()
    page.get_by_label("What changed?").fill("Two teams sample their cases.")
    page.get_by_role("radio", name="On track").check()
    press(page, "Send update")
    is_on_the_page(page, "Recommendation 4: update sent.")
    expect(page.locator(".app-voices")).to_contain_text("Two teams sample their cases.")


def the_owner_says_that_the_action_is_done(page: Page) -> None:
    unfold(page, "action")
    page.locator("#action").get_by_role("button", name=re.compile("^Done")).click()
    is_on_the_page(page)
    expect(page.locator("#action > summary")).to_contain_text("1 of 1 done")


def the_owner_reports_sufficient_progress_with_a_link(page: Page) -> None:
    next_step(page, "Send an update")
    page.get_by_role("radio", name="Sufficient progress").check()
    page.get_by_label("What changed?").fill("All teams but one sample their cases.")
    page.get_by_text("Add evidence", exact=True).click()
    give_a_link(page, "https://example.org/samples-of-november", "What the samples of November found", "20/11/2026")
    press(page, "Send update")
    is_on_the_page(page, "Recommendation 4: update sent.")


def give_a_link(page: Page, link: str, shows: str, speaks_of: str) -> None:
    page.get_by_label("Or enter a link").fill(link)
    page.get_by_label("What does it show?").fill(shows)
    page.get_by_label("Date the evidence relates to").fill(speaks_of)
    page.get_by_role("group", name="Does it name or describe anyone on probation?").get_by_label("No").check()


# -- submitted, returned, more time ----------------------------------------------------------------------------------
def the_lead_submits(page: Page, statement: str) -> None:
    if page.get_by_role("main").get_by_role("button", name="Submit for sign-off").count():
        next_step(page, "Submit for sign-off")
    else:
        other_step(page, "Submit for sign-off")
    expect(page.get_by_text("Missing")).to_have_count(0)
    page.get_by_label("Closing statement").fill(statement)
    press(page, "Submit for sign-off")
    is_on_the_page(page, "submitted for sign-off")
    expect(page.get_by_role("main")).to_contain_text("Waiting for review")


def the_director_returns_it(page: Page) -> None:
    other_step(page, "Return submission")
    main = page.get_by_role("main")
    expect(main).to_contain_text("Every team leader now samples five cases a month.")
    expect(main).to_contain_text("What the samples of November found")
    page.get_by_label("What is missing?").fill("Gravesend does not sample yet.")
    press(page, "Return submission")
    is_on_the_page(page, "Recommendation 4 returned.")
    expect(main).to_contain_text("returned by the reviewer, 23 November 2026")


def the_lead_asks_for_more_time(page: Page) -> None:
    # What was shown before the return shows nothing of what was mended since.
    other_step(page, "Submit for sign-off")
    expect(page.get_by_text("Missing")).to_have_count(1)
    page.get_by_role("link", name="Cancel").click()
    other_step(page, "Request an extension")
    page.get_by_label("New due date").fill("31/1/2027")
    page.get_by_label("Why do you need more time?").fill("Gravesend has a new team leader from December.")
    press(page, "Send request")
    is_on_the_page(page)


def the_director_grants_it(page: Page) -> None:
    next_step(page, "Decide the extension request", "Decide the extension request")
    expect(page.get_by_role("main")).to_contain_text("Gravesend has a new team leader from December.")
    page.get_by_role("radio", name="Grant the extension").check()
    press(page, "Save the decision")
    is_on_the_page(page)
    expect(page.get_by_role("main")).to_contain_text("31 January 2027")


def the_owner_adds_evidence_of_after_the_return(page: Page) -> None:
    other_step(page, "Add evidence")
    give_a_link(page, "https://example.org/samples-of-gravesend", "The first samples of Gravesend", "27/11/2026")
    press(page, "Add evidence")
    is_on_the_page(page, "Evidence added.")


# -- signed off ------------------------------------------------------------------------------------------------------
def the_director_signs_it_off(page: Page) -> None:
    next_step(page, "Review submission", "Sign off")
    expect(page.get_by_role("main")).to_contain_text("The first samples of Gravesend")
    page.get_by_role("radio", name=re.compile("sampled", re.IGNORECASE)).check()
    page.get_by_label("How many cases did you sample?").fill("12")
    page.get_by_label("What did you find?").fill("Oversight was recorded in 11 of 12.")
    press(page, "Sign off")
    is_on_the_page(page, "Recommendation 4 signed off.")


def the_page_tells_the_whole_life(page: Page) -> None:
    main = page.get_by_role("main")
    for words in ("Signed off", "31 January 2027", "originally 1 December 2026", "1 extension granted"):
        expect(main).to_contain_text(words)
    expect(page.locator(".app-voices > li")).to_have_count(3)
    for words in (
        "Owner reports, 23 November 2026",
        "All teams but one sample their cases.",
        "Checked by Regional probation director, KSS, 30 November 2026",
        "Not rated by HMIP yet",
    ):
        expect(page.locator(".app-voices")).to_contain_text(words)
    unfold(page, "history")
    told = page.locator("#history .moj-timeline__title").all_inner_texts()
    for title in ("Submitted for sign-off", "Returned", "Signed off"):
        assert any(title in one for one in told), (title, told)


# -- two at once -----------------------------------------------------------------------------------------------------
def test_late_response_is_finished_from_the_three_versions(
    site: Site, browser: Browser, browser_context: BrowserContext
) -> None:
    mine = browser_context.new_page()
    open_response(mine, site)
    elsewhere = browser.new_context(locale="en-GB")
    theirs = elsewhere.new_page()
    open_response(theirs, site)
    theirs.get_by_role("radio", name="Agreed", exact=True).check()
    press(theirs, "Save response")
    is_on_the_page(theirs, "Response to recommendation 4 saved.")
    elsewhere.close()

    mine.get_by_role("radio", name="Partly agreed").check()
    mine.get_by_label("Which part do you agree with?").fill("Oversight of cases with a high risk.")
    mine.get_by_label("Why do you not agree with the rest?").fill("Too few senior officers.")
    press(mine, "Save response")
    expect(mine.get_by_role("alert")).to_contain_text("Someone else has changed this since you opened it.")
    expect(mine.get_by_role("alert")).to_contain_text("Changed by Head of West Kent PDU")
    row = mine.get_by_role("row").filter(has=mine.get_by_role("rowheader", name="Response", exact=True))
    expect(row.get_by_role("cell")).to_contain_text(["No response", "Agreed", "Partly agreed"])
    # Nothing typed is lost, and it is saved from here.
    expect(mine.get_by_role("radio", name="Partly agreed")).to_be_checked()
    expect(mine.get_by_label("Which part do you agree with?")).to_have_value("Oversight of cases with a high risk.")
    press(mine, "Save response")
    is_on_the_page(mine, "Response to recommendation 4 saved.")
    unfold(mine, "response")
    expect(mine.locator("#response")).to_contain_text("Too few senior officers.")


def open_response(page: Page, site: Site) -> None:
    sign_in(page, site, "head.westkent")
    page.goto(site.address(f"{FOUR}respond/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Record your response")


def test_check_of_a_changed_item_can_be_sent_again_after_reading(
    site: Site, browser: Browser, browser_context: BrowserContext
) -> None:
    """The lead reports while the director writes down what was found."""
    director = browser_context.new_page()
    sign_in(director, site, "director.kss")
    director.goto(site.address("/recommendations/2/check/"))
    elsewhere = browser.new_context(locale="en-GB")
    lead = elsewhere.new_page()
    sign_in(lead, site, "head.westkent")
    lead.goto(site.address("/recommendations/2/report/"))
    lead.get_by_role("radio", name="No progress").check()
    lead.get_by_label("What changed?").fill("The plan on a page was withdrawn.")
    press(lead, "Send update")
    expect(lead.get_by_role("alert").filter(has_text="Recommendation 2: update sent.")).to_be_visible()
    elsewhere.close()

    director.get_by_role("radio", name="Some progress").check()
    director.get_by_role("radio", name=re.compile("document review", re.IGNORECASE)).check()
    director.get_by_label("What did you find?").fill("The plan on a page is used.")
    press(director, "Save the check")
    expect(director.get_by_role("alert")).to_contain_text("Something has changed since you opened this.")
    expect(director.get_by_role("main")).to_contain_text("The plan on a page was withdrawn.")
    expect(director.get_by_label("What did you find?")).to_have_value("The plan on a page is used.")
    press(director, "Save the check")
    expect(director.get_by_role("heading", level=1)).to_have_text("Recommendation 2")
    expect(director.locator(".app-voices")).to_contain_text("Checked by Regional probation director, KSS")
