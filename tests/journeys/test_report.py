"""An owner reports on a phone, in under a minute; what is typed and not sent outlives the page."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, ViewportSize, expect

from tests.journeys.pages import sign_in, sign_out
from tests.journeys.test_accessibility import faults
from tests.rig import DAY, Site, wait_until

pytestmark = pytest.mark.browser
with_javascript = pytest.mark.parametrize("browser_context", [True], indirect=True, ids=["javascript"])
PHONE: ViewportSize = {"width": 375, "height": 667}


@pytest.fixture(scope="module")
def site(embedded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all these tests. Nobody waits for letters here."""
    folder = tmp_path_factory.mktemp("report") / "data"
    shutil.copytree(embedded_folder, folder)
    site = Site(folder, today=DAY)
    try:
        yield site.start("web")
    finally:
        site.kill()


@pytest.fixture
def page(site: Site, browser_context: BrowserContext) -> Page:
    page = browser_context.new_page()
    page.set_viewport_size(PHONE)
    sign_in(page, site, "head.westkent")
    return page


def open_report(page: Page, site: Site, number: int) -> None:
    """The demonstration's recommendations have the ids of their numbers."""
    page.goto(site.address(f"/recommendations/{number}/report/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Send an update")
    expect(page.get_by_role("main")).to_contain_text(f"Recommendation {number}, West Kent PDU")


def fits_the_phone(page: Page) -> bool:
    return bool(page.evaluate("() => document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth"))


def words(page: Page) -> str:
    return page.get_by_label("What changed?").input_value()


def saved_as_draft(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Saved as a draft")).to_be_visible()


def discard(page: Page) -> None:
    """Waits for the answer too, so that no request is under way when the window is shut."""
    page.get_by_role("button", name="Discard unsent text").click()
    expect(page.get_by_text("Your unsent text")).to_have_count(0)


def test_update_on_a_phone_from_quick_form_to_history(page: Page, site: Site, request: pytest.FixtureRequest) -> None:
    javascript = request.node.callspec.params["browser_context"]
    page.goto(site.address("/recommendations/5/change/"))
    page.get_by_role("link", name="Send a full update, with forecast, figures and evidence").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Send an update")
    assert fits_the_phone(page)
    page.get_by_role("radio", name="Some progress").check()
    page.get_by_role("radio", name="At risk").check()
    page.get_by_role("button", name="Send update").click()

    # Nothing is sent yet, and what was chosen stays chosen.
    for error in ("Enter what changed", "Enter a reason"):
        expect(page.get_by_role("link", name=error)).to_be_visible()
    expect(page.get_by_role("radio", name="Some progress")).to_be_checked()
    if javascript:
        assert faults(page) == []
    page.get_by_label("What changed?").fill("Every team has its priorities on one page.")
    page.get_by_label("Why is it at risk?").fill("Two managers have left.")
    page.get_by_role("button", name="Send update").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Recommendation 5")
    expect(page.get_by_text("Recommendation 5: update sent.")).to_be_visible()
    page.locator("#update > summary").click()
    newest = page.locator("#update .app-entry").first
    for said in ("Some progress", "“Every team has its priorities on one page.”", "At risk", "Two managers have left."):
        expect(newest).to_contain_text(said)
    page.locator("#history > summary").click()
    expect(page.get_by_role("heading", name="Update sent")).not_to_have_count(0)
    assert fits_the_phone(page)


def test_one_report_for_two_recommendations(page: Page, site: Site, request: pytest.FixtureRequest) -> None:
    said = f"One course served both, {request.node.name}."
    open_report(page, site, 1)
    page.get_by_role("radio", name="No progress").check()
    page.get_by_label("What changed?").fill(said)
    page.get_by_text("Apply this update to others").click()
    page.get_by_role("checkbox", name=re.compile("^Recommendation 4:")).check()
    page.get_by_role("button", name="Send update").click()
    expect(page.get_by_text("Update sent for 2 recommendations.")).to_be_visible()
    for number in (1, 4):
        page.goto(site.address(f"/recommendations/{number}/"))
        page.locator("#update > summary").click()
        expect(page.locator("#update .app-entry").first).to_contain_text(said)


@with_javascript
def test_draft_survives_a_reload_and_is_discarded_or_sent(page: Page, site: Site) -> None:
    open_report(page, site, 2)
    page.get_by_role("radio", name="Sufficient progress").check()
    page.get_by_label("What changed?").press_sequentially("Half a sentence")
    saved_as_draft(page)
    page.reload()
    expect(page.get_by_text(re.compile("Your unsent text from 23 November 2026, .* is here."))).to_be_visible()
    assert words(page) == "Half a sentence"
    expect(page.get_by_role("radio", name="Sufficient progress")).to_be_checked()
    assert faults(page) == []

    discard(page)
    assert words(page) == ""
    expect(page.get_by_role("radio", name="Sufficient progress")).not_to_be_checked()

    page.get_by_role("radio", name="No progress").check()
    page.get_by_label("What changed?").fill("A whole sentence.")
    saved_as_draft(page)
    page.get_by_role("button", name="Send update").click()
    expect(page.get_by_text("Recommendation 2: update sent.")).to_be_visible()
    open_report(page, site, 2)
    expect(page.get_by_text("Your unsent text")).to_have_count(0)
    assert words(page) == ""


@with_javascript
def test_leaving_the_page_at_once_loses_nothing(page: Page, site: Site) -> None:
    open_report(page, site, 2)
    page.get_by_label("What changed?").fill("Typed in a hurry")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recommendation 2")

    def kept() -> str:
        open_report(page, site, 2)
        return words(page)

    # What is sent on leaving may arrive after the next page was asked for.
    wait_until(lambda: kept() == "Typed in a hurry", "the text to be kept", 10)
    stored = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "hurry" not in stored
    discard(page)


@with_javascript
def test_failed_autosave_is_retried_silently(page: Page, site: Site) -> None:
    failures: list[str] = []

    def fail(route: Route) -> None:
        failures.append(route.request.url)
        route.abort()

    page.route(re.compile("/unsent/"), fail, times=1)
    open_report(page, site, 2)
    page.get_by_label("What changed?").fill("On a train")
    page.wait_for_timeout(3_000)
    assert failures
    expect(page.get_by_text("has not been saved as a draft")).to_have_count(0)
    page.get_by_label("What changed?").fill("On a train, out of the tunnel")
    saved_as_draft(page)
    page.reload()
    assert words(page) == "On a train, out of the tunnel"
    discard(page)


@with_javascript
def test_signed_out_in_another_tab_the_page_stays_with_what_was_typed(page: Page, site: Site) -> None:
    open_report(page, site, 2)
    other = page.context.new_page()
    other.goto(site.address("/"))
    sign_out(other)
    other.close()
    with page.expect_response(re.compile("/unsent/report:2/")) as answer:
        page.get_by_label("What changed?").fill("Still here")
    assert answer.value.status == 401
    expect(page.get_by_role("heading", level=1)).to_have_text("Send an update")
    assert words(page) == "Still here"


def test_a_comment_is_added_in_its_place(page: Page, site: Site, request: pytest.FixtureRequest) -> None:
    javascript = request.node.callspec.params["browser_context"]
    page.goto(site.address("/recommendations/5/"))
    page.locator("#comment > summary").click()
    page.get_by_label("Your comment").fill(f"Said {'with' if javascript else 'without'} scripts.")
    page.get_by_label("Internal: hidden from read-only users").check()
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_text("Comment added.")).to_be_visible()
    if not javascript:
        page.locator("#comment > summary").click()
    newest = page.locator("#comments .app-entry").first
    expect(newest).to_contain_text(f"Said {'with' if javascript else 'without'} scripts.")
    expect(newest).to_contain_text("Internal: hidden from read-only users")
    expect(page.get_by_label("Your comment")).to_have_value("")
    if javascript:
        assert faults(page) == []
