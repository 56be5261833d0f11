"""A row that changes in its place keeps what was typed, whatever happens meanwhile."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.journeys.pages import change_link, fill_in_sign_in, open_inspection, row_of, sign_in, sign_out
from tests.rig import DAY, Site, wait_until

pytestmark = pytest.mark.browser
with_javascript = pytest.mark.parametrize("browser_context", [True], indirect=True, ids=["javascript"])
without_javascript = pytest.mark.parametrize("browser_context", [False], indirect=True, ids=["no-javascript"])


@pytest.fixture(scope="module")
def site(embedded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all these tests, as each changes a recommendation of its own. Nobody waits for letters here."""
    folder = tmp_path_factory.mktemp("rows") / "data"
    shutil.copytree(embedded_folder, folder)
    site = Site(folder, today=DAY)
    try:
        yield site.start("web")
    finally:
        site.kill()


@pytest.fixture
def page(site: Site, browser_context: BrowserContext) -> Page:
    """The inspection as its lead sees it."""
    page = browser_context.new_page()
    sign_in(page, site, "head.westkent")
    open_inspection(page)
    return page


def open_row(page: Page, number: int) -> Locator:
    change_link(page, number).click()
    row = row_of(page, number)
    expect(row.get_by_role("button", name="Save")).to_be_visible()
    return row


def report(row: Locator, progress: str, words: str) -> None:
    row.get_by_label("Progress", exact=True).select_option(progress)
    row.get_by_label("What changed?").fill(words)


def save(row: Locator) -> None:
    row.get_by_role("button", name="Save").click()


def reports_on(page: Page, number: int) -> int:
    """How many events of the history say that progress was reported. The page stays where it is."""
    tab = page.context.new_page()
    tab.goto(urljoin(page.url, f"/recommendations/{number}/"))
    expect(tab.get_by_role("heading", level=1)).to_have_text(f"Recommendation {number}")
    found = tab.locator("#history .moj-timeline__title").filter(has_text="Update sent").count()
    tab.close()
    return found


# -- opening and closing ---------------------------------------------------------------------------------------------
@with_javascript
def test_only_one_row_is_open_at_a_time(page: Page) -> None:
    open_row(page, 1)
    second = open_row(page, 2)
    expect(page.get_by_role("button", name="Save")).to_have_count(1)
    expect(change_link(page, 1)).to_be_visible()
    expect(second.get_by_role("heading", name="Change recommendation 2")).to_be_focused()


@with_javascript
def test_row_with_typed_text_stays_open(page: Page) -> None:
    first = open_row(page, 1)
    first.get_by_label("What changed?").fill("Half a sentence")
    open_row(page, 2)
    expect(first.get_by_label("What changed?")).to_have_value("Half a sentence")


@with_javascript
def test_cancel_brings_the_row_back_as_it_was(page: Page) -> None:
    before = row_of(page, 2).inner_text()
    row = open_row(page, 2)
    report(row, "No progress", "Never to be saved")
    row.get_by_label("Due date", exact=True).fill("1/1/2027")
    row.get_by_role("link", name="Cancel").click()
    expect(change_link(page, 2)).to_be_visible()
    expect(change_link(page, 2)).to_be_focused()
    assert row_of(page, 2).inner_text() == before
    page.reload()
    assert row_of(page, 2).inner_text() == before


# -- what the form refuses -------------------------------------------------------------------------------------------
@with_javascript
def test_an_error_stands_beside_its_field_and_what_was_typed_stays(page: Page) -> None:
    row = open_row(page, 5)
    row.get_by_label("Due date", exact=True).fill("soon")
    row.get_by_label("What changed?").fill("A line without its progress")
    save(row)
    summary = row.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_be_visible()
    expect(row.locator("[data-focus]")).to_be_focused()
    due = row.get_by_label("Due date", exact=True)
    expect(due).to_have_value("soon")
    expect(due).to_have_attribute("aria-invalid", "true")
    expect(due).to_have_accessible_description(re.compile("Enter a date such as 31/10/2026"))
    expect(row.get_by_label("What changed?")).to_have_value("A line without its progress")
    expect(row.get_by_label("Progress", exact=True)).to_have_accessible_description(re.compile("Select the progress"))
    summary.get_by_role("link", name="Enter a date such as 31/10/2026").click()
    expect(due).to_be_focused()
    # Nobody else's row has moved, and nothing is saved.
    page.reload()
    expect(row_of(page, 5)).to_contain_text("21 October 2026")


@with_javascript
def test_unknown_owner_is_refused_beside_the_field(page: Page) -> None:
    row = open_row(page, 5)
    owner = row.get_by_label("Owner", exact=True)
    expect(owner).to_have_role("combobox")
    owner.fill("Nobody at all")
    # Away from the field, so that its list is shut.
    owner.press("Tab")
    save(row)
    expect(owner).to_have_value("Nobody at all")
    expect(owner).to_have_accessible_description(re.compile("No one with an account matches “Nobody at all”"))


# -- names of people -------------------------------------------------------------------------------------------------
def held_back(page: Page, address: str) -> list[Route]:
    """Requests to such an address wait from now on; `continue_()` lets one go."""
    held: list[Route] = []
    page.route(re.compile(address), lambda route: held.append(route))
    return held


def unlink_successor(page: Page, held: list[Route]) -> None:
    wait_until(lambda: page.evaluate("1") and held, "the request that is held back")
    while held:
        held.pop().continue_()


@with_javascript
@pytest.mark.parametrize(
    ("typed", "refusal"), [("Nobody at all", "No one with an account"), ("senior", "More than one person matches")]
)
@pytest.mark.parametrize("list_is_there", [False, True])
def test_save_works_straight_from_the_owner_field(page: Page, typed: str, refusal: str, list_is_there: bool) -> None:
    row = open_row(page, 5)
    owner = row.get_by_label("Owner", exact=True)
    expect(owner).to_have_role("combobox")
    owner.fill("")
    owner.press_sequentially(typed)
    if list_is_there:
        shown = row.get_by_role("option") if typed == "senior" else row.get_by_text("No results found")
        expect(shown.first).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        # As long as a finger takes: what moves away under it meanwhile is not clicked.
        row.get_by_role("button", name="Save").click(delay=150)
    assert answered.value.status == 422
    expect(row.get_by_role("alert").filter(has_text="There is a problem")).to_be_visible()
    expect(owner).to_have_value(typed)
    expect(owner).to_have_accessible_description(re.compile(refusal))


@with_javascript
def test_no_results_is_shown_only_after_the_answer(page: Page) -> None:
    row = open_row(page, 5)
    owner = row.get_by_label("Owner", exact=True)
    expect(owner).to_have_role("combobox")
    held = held_back(page, r"/recommendations/people/\?")
    page.evaluate(NOTE_WHAT_IS_SAID)
    owner.fill("")
    with page.expect_request(re.compile(r"/recommendations/people/\?.*q=maidst$")):
        owner.press_sequentially("maidst")
    # What is said to a screen reader is said only when there was no typing for more than a second.
    page.wait_for_timeout(2_500)
    assert page.evaluate("() => window.saidNobody") is False
    unlink_successor(page, held)
    expect(row.get_by_role("option").filter(has_text="Maidstone")).to_be_visible()
    page.wait_for_timeout(2_000)
    assert page.evaluate("() => window.saidNobody") is False


# Also for a moment, and also to a screen reader only.
NOTE_WHAT_IS_SAID = """() => {
    window.saidNobody = false;
    const note = () => { window.saidNobody ||= document.body.textContent.includes("No results found"); };
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


@with_javascript
def test_suggestions_that_arrive_late_leave_focus_and_words_in_the_owner_field(page: Page) -> None:
    held = held_back(page, r"/accessible-autocomplete[^/]*\.js")
    row = open_row(page, 5)
    owner = row.get_by_label("Owner", exact=True)
    owner.fill("")
    owner.press_sequentially("maid")
    expect(owner).not_to_have_role("combobox")
    unlink_successor(page, held)
    expect(owner).to_have_role("combobox")
    expect(owner).to_be_focused()
    expect(owner).to_have_value("maid")
    page.keyboard.type("st")
    expect(owner).to_have_value("maidst")
    expect(row.get_by_role("option").filter(has_text="Maidstone")).to_be_visible()


# -- somebody else was faster ----------------------------------------------------------------------------------------
@with_javascript
def test_a_conflict_shows_both_versions_and_can_be_finished_there(page: Page, site: Site, browser: Browser) -> None:
    row = open_row(page, 2)
    row.get_by_label("Due date", exact=True).fill("26/11/2026")

    elsewhere = browser.new_context(locale="en-GB")
    other = elsewhere.new_page()
    sign_in(other, site, "head.westkent")
    open_inspection(other)
    theirs = open_row(other, 2)
    report(theirs, "Sufficient progress", "Every office has the plan on a page.")
    save(theirs)
    expect(row_of(other, 2)).to_contain_text("Owner reports, 23 November 2026")
    elsewhere.close()

    save(row)
    expect(row.get_by_role("alert")).to_contain_text("Someone else has changed this since you opened it.")
    expect(row.get_by_role("alert")).to_contain_text("Changed by Head of West Kent PDU")
    progress = row.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Progress", exact=True))
    expect(progress).to_contain_text("Some progress")
    expect(progress).to_contain_text("Sufficient progress")
    due = row.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Due date", exact=True))
    expect(due).to_contain_text("28 November 2026")
    expect(due).to_contain_text("26 November 2026")
    expect(row.get_by_label("Due date", exact=True)).to_have_value("26/11/2026")

    save(row)
    saved = row_of(page, 2)
    expect(change_link(page, 2)).to_be_focused()
    expect(saved).to_contain_text("26 November 2026")
    expect(saved).to_contain_text("originally 28 November 2026")
    expect(saved).to_contain_text("Sufficient progress")
    expect(saved).to_contain_text("Owner reports, 23 November 2026")


# -- the way to the server -------------------------------------------------------------------------------------------
@with_javascript
def test_server_outage_loses_nothing_typed(page: Page, site: Site) -> None:
    before = reports_on(page, 2)
    row = open_row(page, 2)
    report(row, "Sufficient progress", "Typed while the server was up")
    site.kill("web")
    save(row)
    expect(row.get_by_role("alert")).to_contain_text("Not saved: the connection failed.")
    expect(row.get_by_label("What changed?")).to_have_value("Typed while the server was up")
    expect(row.get_by_role("button", name="Save")).to_be_enabled()
    site.start("web")
    save(row)
    expect(row_of(page, 2)).to_contain_text("Owner reports, 23 November 2026")
    expect(page.get_by_text("Not saved")).to_have_count(0)
    assert reports_on(page, 2) == before + 1


@with_javascript
def test_signed_out_in_another_tab_nothing_typed_is_lost(page: Page, site: Site) -> None:
    before = reports_on(page, 4)
    row = open_row(page, 4)
    report(row, "No progress", "Typed before signing out elsewhere")
    other = page.context.new_page()
    other.goto(site.address("/"))
    sign_out(other)
    other.close()

    save(row)
    expect(row.get_by_role("alert")).to_contain_text("You have been signed out")
    expect(row.get_by_label("What changed?")).to_have_value("Typed before signing out elsewhere")
    with page.context.expect_page() as opened:
        row.get_by_role("link", name="Sign in in a new tab").click()
    fill_in_sign_in(opened.value, "head.westkent")
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Your tasks")
    opened.value.close()

    # Its token is that of the session before; it is renewed without a word.
    save(row)
    expect(row_of(page, 4)).to_contain_text("No progress")
    expect(change_link(page, 4)).to_be_focused()
    assert reports_on(page, 4) == before + 1


@without_javascript
def test_signed_out_in_another_tab_the_form_can_be_sent_again_without_javascript(page: Page, site: Site) -> None:
    change_link(page, 4).click()
    main = page.get_by_role("main")
    report(main, "Some progress", "Typed without JavaScript: “quotes” & <signs>")
    other = page.context.new_page()
    other.goto(site.address("/"))
    sign_out(other)

    save(main)
    expect(page.get_by_role("heading", level=1)).to_have_text("You have been signed out")
    sign_in(other, site, "head.westkent")
    other.close()
    page.get_by_role("button", name="Send again").click()
    # The token on that page is older than the new session, so it is asked for once more.
    expect(page.get_by_role("heading", level=1)).to_have_text("Not sent: the page was out of date")
    page.get_by_role("button", name="Send again").click()
    expect(row_of(page, 4)).to_contain_text("Some progress")
    row_of(page, 4).get_by_role("link", name="Recommendation 4", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("“Typed without JavaScript: “quotes” & <signs>”")


@with_javascript
def test_back_after_signing_out_shows_nothing_of_a_signed_in_page(page: Page) -> None:
    row_of(page, 4).get_by_role("link", name="Recommendation 4", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recommendation 4")
    sign_out(page)
    for _step in range(2):
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        expect(page.get_by_text("Recommendation 4")).to_have_count(0)
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    # htmx remembers the address of the page, and nothing that stood on one.
    stored = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert stored == "[{},{}]" or re.fullmatch(r'\[\{\},\{"htmx-current-path-for-history":"[^"]*"\}\]', stored)


def test_a_double_click_on_save_makes_one_event(page: Page, request: pytest.FixtureRequest) -> None:
    javascript = request.node.callspec.params["browser_context"]
    number = 4 if javascript else 5
    before = reports_on(page, number)
    change_link(page, number).click()
    form = page.locator("form").filter(has=page.get_by_label("What changed?"))
    report(form, "Some progress", "Pressed twice")
    form.get_by_role("button", name="Save").dblclick(no_wait_after=True)
    expect(row_of(page, number)).to_contain_text("Head of West Kent PDU reports, 23 November 2026")
    assert reports_on(page, number) == before + 1
