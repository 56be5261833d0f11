"""The states that the pages can be in, and how to get there."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.pages import change_form, change_link
from tests.rig import Site

State = Callable[[Page, Site], object]


def at(path: str, waiting_for: str) -> State:
    """The page at that address, once its heading (or a text of it) stands there."""

    def go(page: Page, site: Site) -> None:
        page.goto(site.address(path))
        expect(page.get_by_role("main")).to_contain_text(waiting_for)

    return go


def sign_in_error(page: Page, site: Site) -> None:
    page.goto(site.address("/accounts/login/"))
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def inspection(page: Page, site: Site) -> None:
    page.goto(site.address("/"))
    page.goto(site.address("/inspections/"))
    page.get_by_role("main").get_by_role("link", name=re.compile("West Kent PDU")).first.click()
    expect(page.locator("#counts")).to_be_visible()


def unfolded_inspection(page: Page, site: Site) -> None:
    inspection(page, site)
    for summary in page.get_by_role("main").locator("summary").all():
        summary.click()
    expect(page.get_by_role("button", name="Apply filter")).to_be_visible()


def record(page: Page, site: Site) -> None:
    inspection(page, site)
    page.get_by_role("main").get_by_role("link", name=re.compile("full record of every")).click()
    expect(page.get_by_role("heading", name="Full record", exact=True)).to_be_visible()
    for summary in page.get_by_role("main").locator("summary").all()[:6]:
        summary.click()


def open_row_form(page: Page, site: Site) -> None:
    inspection(page, site)
    change_link(page, 5).click()
    expect(change_form(page).get_by_label("Owner", exact=True)).to_have_role("combobox")


def open_row_with_errors(page: Page, site: Site) -> None:
    open_row_form(page, site)
    change_form(page).get_by_label("Due date", exact=True).fill("soon")
    change_form(page).get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def open_suggestions(page: Page, site: Site) -> None:
    open_row_form(page, site)
    owner = change_form(page).get_by_label("Owner", exact=True)
    owner.fill("")
    owner.press_sequentially("senior")
    expect(page.locator("[role=option]").filter(has_text="Senior probation officer").first).to_be_visible()


def change_page(page: Page, site: Site) -> None:
    page.goto(site.address("/recommendations/5/change/"))
    expect(change_form(page).get_by_label("Owner", exact=True)).to_have_role("combobox")


def change_page_with_errors(page: Page, site: Site) -> None:
    change_page(page, site)
    change_form(page).get_by_label("Due date", exact=True).fill("1/1/2020")
    change_form(page).get_by_label("What changed?").fill("A line without its progress")
    change_form(page).get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    expect(page.get_by_label("Yes, this due date is right")).to_be_visible()


def conflict_page(page: Page, site: Site) -> None:
    """The same person is faster in another tab."""
    change_page(page, site)
    report(page, "No progress", "Mine")
    other = page.context.new_page()
    change_page(other, site)
    report(other, "Sufficient progress", "Theirs")
    change_form(other).get_by_role("button", name="Save").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Recommendation 5")
    other.close()
    change_form(page).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Someone else has changed this since you opened it.")).to_be_visible()


def report(page: Page, progress: str, words: str) -> None:
    change_form(page).get_by_label("Progress", exact=True).select_option(progress)
    change_form(page).get_by_label("What changed?").fill(words)


def person(page: Page, site: Site) -> None:
    page.goto(site.address("/people/"))
    page.get_by_role("link", name="Senior probation officer, Maidstone").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Senior probation officer, Maidstone")


def add_person_with_errors(page: Page, site: Site) -> None:
    page.goto(site.address("/people/add/"))
    page.get_by_role("button", name="Add this person").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def letter(page: Page, site: Site) -> None:
    page.goto(site.address("/mail/"))
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=2, name="Message")).to_be_visible()


def unfolded(path: str, waiting_for: str) -> State:
    """As `at`, with all that is folded open."""
    reach = at(path, waiting_for)

    def go(page: Page, site: Site) -> None:
        reach(page, site)
        # From the inside to the outside, so that each is there to be clicked.
        page.evaluate("() => document.querySelectorAll('main details').forEach((one) => { one.open = true; })")

    return go


def refused(path: str, button: str) -> State:
    """The form at that address, sent as it is when one opens it."""

    def go(page: Page, site: Site) -> None:
        page.goto(site.address(path))
        page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_text("There is a problem")).to_be_visible()

    return go


def response_in_a_conflict(page: Page, site: Site) -> None:
    """The same person is faster in another tab."""
    page.goto(site.address("/recommendations/4/respond/"))
    page.get_by_role("radio", name="Not agreed").check()
    page.get_by_label("Why do you not agree?").fill("There is no room for it.")
    other = page.context.new_page()
    other.goto(site.address("/recommendations/4/respond/"))
    other.get_by_role("radio", name="Agreed", exact=True).check()
    other.get_by_role("button", name="Save response").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Recommendation 4")
    other.close()
    page.get_by_role("button", name="Save response").click()
    expect(page.get_by_text("Someone else has changed this since you opened it.")).to_be_visible()


def bulk_preview(page: Page, site: Site) -> None:
    page.goto(site.address("/recommendations/bulk/"))
    page.get_by_label("New owner").fill("spo.gravesend@example.test")
    page.get_by_role("button", name="Preview changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What will change")


def hand_over(page: Page, site: Site) -> None:
    page.goto(site.address("/hand-over/"))
    page.get_by_role("main").get_by_role("link", name="Senior probation officer, Maidstone").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reassign work")


def meeting(page: Page, site: Site) -> None:
    """The one about West Kent, which is opened if it is not yet."""
    page.goto(site.address("/review/meetings/open/4/"))
    if (start := page.get_by_role("button", name="Start the meeting")).count():
        start.click()
    expect(page.get_by_role("heading", name="Notes of this meeting")).to_be_visible()


def meeting_list(page: Page, site: Site) -> None:
    meeting(page, site)
    page.get_by_role("link", name="All recommendations in this meeting").click()
    expect(page.get_by_role("button", name="Close the meeting")).to_be_visible()


# By name: who looks, how they get there, and what the server answers when it is not 200.
STATES: dict[str, tuple[str, State, int]] = {
    "sign-in": ("", at("/accounts/login/", "Sign in"), 0),
    "sign-in with errors": ("", sign_in_error, 0),
    "new password": ("", at("/accounts/password/reset/", "password"), 0),
    "home, full": ("head.westkent", at("/", "Overdue"), 0),
    "home, empty": ("head.eastkent", at("/", "You have nothing overdue"), 0),
    "inspections": ("head.westkent", at("/inspections/", "West Kent PDU"), 0),
    "inspection": ("head.westkent", inspection, 0),
    "record": ("inspector", record, 0),
    "inspection, all unfolded": ("head.westkent", unfolded_inspection, 0),
    "row form": ("head.westkent", open_row_form, 0),
    "row form with errors": ("head.westkent", open_row_with_errors, 422),
    "row form with names": ("head.westkent", open_suggestions, 0),
    "list": ("director.kss", at("/recommendations/", "Sorted by"), 0),
    "list, filtered": ("director.kss", at("/recommendations/?mark=overdue", "Clear filter"), 0),
    "list, nothing found": ("director.kss", at("/recommendations/?q=zzzz", "No recommendations match"), 0),
    "recommendation": ("head.westkent", at("/recommendations/5/", "History"), 0),
    "previous recommendation": ("director.kss", at("/recommendations/14/", "HMIP found"), 0),
    "recommendation, full": ("head.westkent", unfolded("/recommendations/5/", "31 updates"), 0),
    "recommendation, signed off": ("head.westkent", unfolded("/recommendations/3/", "Signed off"), 0),
    "recommendation, submitted": ("director.kss", at("/recommendations/2/", "Waiting for review"), 0),
    "recommendation, of a reader": ("reader.hmpps", unfolded("/recommendations/1/", "History"), 0),
    "respond": ("head.westkent", at("/recommendations/4/respond/", "Record your response"), 0),
    "respond, with errors": ("head.westkent", refused("/recommendations/4/respond/", "Save response"), 422),
    "report with errors": ("head.westkent", refused("/recommendations/4/report/", "Send update"), 422),
    "plan, lacking": ("head.westkent", at("/inspections/1/plan/4/", "Missing"), 0),
    "plan, complete": ("policy.hmpps", at("/inspections/1/plan/1/", "The plan is complete"), 0),
    "plan's dates": ("head.westkent", at("/inspections/1/plan/4/fix-dates/", "Confirm due dates"), 0),
    "action": ("spo.gravesend", at("/actions/1/", "Update this action"), 0),
    "add an action with errors": ("head.westkent", refused("/recommendations/4/actions/add/", "Add action"), 422),
    "add evidence with errors": ("spo.maidstone", refused("/recommendations/5/add-evidence/", "Add evidence"), 422),
    "submit, lacking": ("head.westkent", at("/recommendations/4/submit/", "Missing"), 0),
    "sign off": ("director.kss", at("/recommendations/2/sign-off/", "Closing statement"), 0),
    "return with errors": ("director.kss", refused("/recommendations/2/return/", "Return submission"), 422),
    "check": ("director.kss", unfolded("/recommendations/5/check/", "Record a check"), 0),
    "ask for a later date": ("head.westkent", at("/recommendations/5/ask-extension/", "New due date"), 0),
    "decide on a later date": ("director.kss", at("/extensions/1/decide/", "Decide the extension request"), 0),
    "ask with errors": ("head.westkent", refused("/recommendations/5/ask/", "Send request"), 422),
    "ask": ("head.westkent", at("/asks/1/", "Request to"), 0),
    "answer with errors": ("operations.kss", refused("/asks/1/answer/", "Send answer"), 422),
    "asks": ("operations.kss", at("/asks/", "Requests to you"), 0),
    "measure": ("head.westkent", at("/measures/1/", "About this measure"), 0),
    "figures": ("data.westkent", at("/figures/", "Figures you supply"), 0),
    "hand over": ("head.westkent", hand_over, 0),
    "bulk": ("head.westkent", at("/recommendations/bulk/", "Change several recommendations"), 0),
    "bulk, previewed": ("head.westkent", bulk_preview, 0),
    "response in a conflict": ("head.westkent", response_in_a_conflict, 409),
    "change page": ("head.westkent", change_page, 0),
    "change page with errors": ("head.westkent", change_page_with_errors, 422),
    "change page in a conflict": ("head.westkent", conflict_page, 409),
    "meetings": ("director.kss", at("/review/meetings/", "Past meetings"), 0),
    "meetings, of a lead": ("head.eastkent", at("/review/meetings/", "No meetings have been held"), 0),
    "start a meeting": ("director.kss", at("/review/meetings/open/3/", "Start a meeting"), 0),
    "meeting, talking": ("director.kss", meeting, 0),
    "meeting, its list": ("director.kss", meeting_list, 0),
    "meeting, closed": ("head.westkent", at("/review/meetings/1/", "what was agreed"), 0),
    "review": ("director.kss", at("/review/", "Longest overdue"), 0),
    "since a day": ("director.kss", at("/review/since/", "What has changed since"), 0),
    "since a day, with an error": ("director.kss", at("/review/since/?since=x", "Enter a date such as"), 422),
    "what may be said": ("director.kss", at("/review/press/", "as it was sent"), 0),
    "what may be said of one": ("director.kss", at("/review/press/1/", "As at"), 0),
    "saved views, none": ("director.kss", at("/views/", "You have no saved views"), 0),
    "save a view": ("director.kss", at("/views/save/?mark=overdue", "Who can open it?"), 0),
    "save a view, with errors": ("director.kss", refused("/views/save/?mark=overdue", "Save"), 422),
    "search": ("director.kss", at("/search/", "Comments are not searched"), 0),
    "search, found": ("director.kss", at("/search/?q=recommendation+4", "Recommendations"), 0),
    "search, nothing found": ("head.westkent", at("/search/?q=zzzz", "Check your spelling"), 0),
    "review, national": ("reader.hmpps", at("/review/national/", "Addressed to HMPPS, across regions"), 0),
    "review, one region": ("reader.hmpps", at("/review/?region=2", "Review: Kent"), 0),
    "asks, whoever asked": ("director.kss", at("/asks/?which=seen", "Requests to region or HMPPS"), 0),
    "by theme": ("director.kss", at("/review/themes/", "Recommended more than once"), 0),
    "trend": ("director.kss", at("/review/trend/", "Overdue is part of open"), 0),
    "people": ("admin.kss", at("/people/", "Add a person"), 0),
    "people, nobody found": ("admin.kss", at("/people/?q=zzzz", "Show everyone"), 0),
    "person": ("admin.kss", person, 0),
    "add a person": ("admin.kss", at("/people/add/", "Add a person"), 0),
    "add a person with errors": ("admin.kss", add_person_with_errors, 422),
    "organisations": ("admin.kss", at("/people/organisations/", "Kent"), 0),
    "meeting pack, chosen": ("director.kss", at("/review/pack/", "View the pack"), 0),
    "meeting pack": ("director.kss", at("/review/pack/4/", "Meeting pack: West Kent PDU"), 0),
    "download": ("inspector", at("/inspections/1/download/", "Download the full record"), 0),
    "no files": ("head.westkent", at("/files/", "You have no downloads"), 0),
    "letters": ("", at("/mail/", "Subject"), 0),
    "letter": ("", letter, 0),
    "not found": ("head.westkent", at("/recommendations/999999/", "not"), 404),
    "not found, signed out": ("", at("/nothing-here/", "not"), 404),
    "not allowed": ("head.westkent", at("/people/", "do not have permission to do this"), 403),
}
