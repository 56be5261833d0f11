"""Every page in every state: nothing for axe to find, nothing wider than a phone, and no complaint of the browser."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.journeys import crowd
from tests.journeys.pages import change_form, change_link, open_inspection, row_of, sign_in
from tests.rig import DAY, Site, wait_until

pytestmark = pytest.mark.browser
WIDTHS = 1280, 375
NARROWEST = 320
# What axe must never find, as GOV.UK services are tested; "best-practice" too, as far as it goes for a whole page.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
OPTIONS = RULES | {"resultTypes": ["violations"]}


@dataclass
class Watch:
    """What the browser complains of, and where it goes; `refused` is what this test makes the server answer."""

    refused: int = 0
    complaints: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self.console)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.on("request", lambda request: self.goes_to(request.url))

    def console(self, message: ConsoleMessage) -> None:
        expected = f"the server responded with a status of {self.refused} "
        if message.type in ("error", "warning") and not (self.refused and expected in message.text):
            self.complaints.append(f"{message.type}: {message.text}")

    def goes_to(self, url: str) -> None:
        if urlsplit(url).hostname != "127.0.0.1" and not url.startswith(("data:", "blob:", "about:")):
            self.complaints.append(f"request to {url}")


@pytest.fixture(scope="module")
def site(embedded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all these tests, with full pages, and with today's digests in its mail folder."""
    folder = tmp_path_factory.mktemp("pages") / "data"
    shutil.copytree(embedded_folder, folder)
    site = Site(folder, today=DAY)
    try:
        site.manage(*crowd.LOAD)
        site.manage("send_digests")
        yield site.start("web")
    finally:
        site.kill()


@pytest.fixture(scope="module")
def signed_in(site: Site, browser: Browser) -> Callable[[str], BrowserContext]:
    """A fresh profile in which that one of the made-up people is signed in; each signs in once for all tests."""
    cookies: dict[str, object] = {}

    def context_of(who: str) -> BrowserContext:
        context = browser.new_context(locale="en-GB", timezone_id="Europe/London")
        context.set_default_timeout(10_000)
        if not who:
            return context
        if who not in cookies:
            sign_in(context.new_page(), site, who)
            cookies[who] = context.cookies()
        context.add_cookies(cookies[who])  # type: ignore[arg-type]
        return context

    return context_of


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
    expect(page.get_by_text("Somebody else has changed this since you opened it.")).to_be_visible()


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
    expect(page.get_by_role("heading", level=2, name="What it says")).to_be_visible()


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
    page.get_by_label("Why is it not agreed?").fill("There is no room for it.")
    other = page.context.new_page()
    other.goto(site.address("/recommendations/4/respond/"))
    other.get_by_role("radio", name="Agreed", exact=True).check()
    other.get_by_role("button", name="Save the response").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Recommendation 4")
    other.close()
    page.get_by_role("button", name="Save the response").click()
    expect(page.get_by_text("Somebody else has changed this since you opened it.")).to_be_visible()


def bulk_preview(page: Page, site: Site) -> None:
    page.goto(site.address("/recommendations/bulk/"))
    page.get_by_label("New owner").fill("spo.gravesend@example.test")
    page.get_by_role("button", name="Show what will change").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What will change")


def hand_over(page: Page, site: Site) -> None:
    page.goto(site.address("/hand-over/"))
    page.get_by_role("main").get_by_role("link", name="Senior probation officer, Maidstone").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Senior probation officer, Maidstone")


# By name: who looks, how they get there, and what the server answers when it is not 200.
STATES: dict[str, tuple[str, State, int]] = {
    "sign-in": ("", at("/accounts/login/", "Sign in"), 0),
    "sign-in with errors": ("", sign_in_error, 0),
    "new password": ("", at("/accounts/password/reset/", "password"), 0),
    "home, full": ("head.westkent", at("/", "Overdue"), 0),
    "home, empty": ("data.westkent", at("/", "All is well"), 0),
    "inspections": ("head.westkent", at("/inspections/", "West Kent PDU"), 0),
    "inspection": ("head.westkent", inspection, 0),
    "inspection, all unfolded": ("head.westkent", unfolded_inspection, 0),
    "row form": ("head.westkent", open_row_form, 0),
    "row form with errors": ("head.westkent", open_row_with_errors, 422),
    "row form with names": ("head.westkent", open_suggestions, 0),
    "list": ("director.kss", at("/recommendations/", "Sorted by"), 0),
    "list, filtered": ("director.kss", at("/recommendations/?mark=overdue", "Clear filter"), 0),
    "list, nothing found": ("director.kss", at("/recommendations/?q=zzzz", "No recommendation fits"), 0),
    "recommendation": ("head.westkent", at("/recommendations/5/", "History"), 0),
    "previous recommendation": ("director.kss", at("/recommendations/14/", "What HMIP found"), 0),
    "recommendation, full": ("head.westkent", unfolded("/recommendations/5/", "30 updates"), 0),
    "recommendation, signed off": ("head.westkent", unfolded("/recommendations/3/", "Signed off"), 0),
    "recommendation, submitted": ("director.kss", at("/recommendations/2/", "Waiting for review"), 0),
    "recommendation, of a reader": ("reader.hmpps", unfolded("/recommendations/1/", "History"), 0),
    "respond": ("head.westkent", at("/recommendations/4/respond/", "Respond to it"), 0),
    "respond, with errors": ("head.westkent", refused("/recommendations/4/respond/", "Save the response"), 422),
    "report with errors": ("head.westkent", refused("/recommendations/4/report/", "Send the report"), 422),
    "plan, lacking": ("head.westkent", at("/inspections/1/plan/4/", "Still lacking"), 0),
    "plan, complete": ("policy.hmpps", at("/inspections/1/plan/1/", "Nothing is lacking"), 0),
    "plan's dates": ("head.westkent", at("/inspections/1/plan/4/fix-dates/", "Fix the due dates"), 0),
    "action": ("spo.gravesend", at("/actions/1/", "How does it stand?"), 0),
    "add an action with errors": ("head.westkent", refused("/recommendations/4/actions/add/", "Add the action"), 422),
    "add evidence with errors": ("spo.maidstone", refused("/recommendations/5/add-evidence/", "Add evidence"), 422),
    "submit, lacking": ("head.westkent", at("/recommendations/4/submit/", "Missing"), 0),
    "sign off": ("director.kss", at("/recommendations/2/sign-off/", "Closing statement"), 0),
    "return with errors": ("director.kss", refused("/recommendations/2/return/", "Return it"), 422),
    "check": ("director.kss", unfolded("/recommendations/5/check/", "Check how far it is"), 0),
    "ask for a later date": ("head.westkent", at("/recommendations/5/ask-extension/", "Later due date"), 0),
    "decide on a later date": ("director.kss", at("/extensions/1/decide/", "Decide about a later due date"), 0),
    "ask with errors": ("head.westkent", refused("/recommendations/5/ask/", "Ask"), 422),
    "ask": ("head.westkent", at("/asks/1/", "Asked of"), 0),
    "answer with errors": ("operations.kss", refused("/asks/1/answer/", "Send the answer"), 422),
    "asks": ("operations.kss", at("/asks/", "Asked of you"), 0),
    "measure": ("head.westkent", at("/measures/1/", "What it is"), 0),
    "figures": ("data.westkent", at("/figures/", "Figures you supply"), 0),
    "hand over": ("head.westkent", hand_over, 0),
    "bulk": ("head.westkent", at("/recommendations/bulk/", "Change several"), 0),
    "bulk, previewed": ("head.westkent", bulk_preview, 0),
    "response in a conflict": ("head.westkent", response_in_a_conflict, 409),
    "change page": ("head.westkent", change_page, 0),
    "change page with errors": ("head.westkent", change_page_with_errors, 422),
    "change page in a conflict": ("head.westkent", conflict_page, 409),
    "review": ("director.kss", at("/review/", "Most late first"), 0),
    "people": ("admin.kss", at("/people/", "Add a person"), 0),
    "people, nobody found": ("admin.kss", at("/people/?q=zzzz", "Show everybody"), 0),
    "person": ("admin.kss", person, 0),
    "add a person": ("admin.kss", at("/people/add/", "Add a person"), 0),
    "add a person with errors": ("admin.kss", add_person_with_errors, 422),
    "organisations": ("admin.kss", at("/people/organisations/", "Kent"), 0),
    "letters": ("", at("/mail/", "Subject"), 0),
    "letter": ("", letter, 0),
    "not found": ("head.westkent", at("/recommendations/999999/", "not"), 404),
    "not found, signed out": ("", at("/nothing-here/", "not"), 404),
    "not allowed": ("head.westkent", at("/people/", "cannot do this"), 403),
}


def violations(page: Page, when: str) -> list[str]:
    """What axe finds on the page as it stands, a line for each element."""
    return [f"{when}, {fault}" for fault in faults(page)]


def faults(page: Page) -> list[str]:
    """But for the aria-expanded that GOV.UK's own radios carry where a choice opens a field: they keep it on purpose,
    as screen readers tell it.
    """
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:300]}"
        for violation in found
        for node in violation["nodes"]
        if violation["id"] != "aria-allowed-attr" or "govuk-radios__input" not in node["html"]
    ]


@pytest.mark.parametrize("name", STATES)
def test_a_page_is_fit_for_everybody(name: str, site: Site, signed_in: Callable[[str], BrowserContext]) -> None:
    who, reach, refused = STATES[name]
    context = signed_in(who)
    watch = Watch(refused)
    watch.over(context)
    page = context.new_page()
    reach(page, site)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += violations(page, f"{width} px")
    # Nothing to be scrolled sideways at the width of the smallest phone, nor at a zoom of 400 %.
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    too_wide = page.evaluate("() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
    context.close()
    assert found == []
    assert too_wide <= 0, f"{too_wide} px too wide at {NARROWEST} px"
    assert watch.complaints == []


def test_a_page_says_where_one_is(site: Site, signed_in: Callable[[str], BrowserContext]) -> None:
    """Every state has one main heading, and a title of its own that an error is announced in first."""
    titles = {}
    for name in ("home, full", "inspection", "list", "recommendation", "change page", "change page with errors"):
        who, reach, _refused = STATES[name]
        context = signed_in(who)
        page = context.new_page()
        reach(page, site)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        titles[name] = " ".join(page.title().split())
        context.close()
    assert len(set(titles.values())) == len(titles)
    assert titles["change page with errors"].startswith("Error: ")
    assert all(title.endswith("– Inspection action tracker") for title in titles.values())


def test_a_row_is_opened_filled_and_saved_with_the_keyboard_only(
    site: Site, signed_in: Callable[[str], BrowserContext]
) -> None:
    page = signed_in("head.westkent").new_page()
    watch = Watch()
    watch.over(page.context)
    page.goto(site.address("/"))
    open_inspection(page)
    open_row_by_keyboard(page, 4)
    choose_owner_by_keyboard(page)
    fill_in_the_rest_by_keyboard(page)
    page.keyboard.press("Enter")
    row = row_of(page, 4)
    expect(change_link(page, 4)).to_be_focused()
    expect(row).to_contain_text("Senior probation officer, Maidstone")
    expect(row).to_contain_text("30 November 2026")
    expect(row).to_contain_text("Some progress")
    page.context.close()
    assert watch.complaints == []


def tab_to(page: Page, true: str, what: str) -> None:
    """Tab until the focused element fits; the page has no more stops than that."""
    for _stop in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(f"() => {{ const at = document.activeElement; return {true}; }}"):
            return
    raise AssertionError(f"The Tab key does not reach {what}.")


def open_row_by_keyboard(page: Page, number: int) -> None:
    change_link(page, number).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Change recommendation {number}")).to_be_focused()


def choose_owner_by_keyboard(page: Page) -> None:
    owner = change_form(page).get_by_label("Owner", exact=True)
    expect(owner).to_have_role("combobox")
    tab_to(page, "at.name?.endsWith('-owner')", "the owner")
    page.keyboard.press("Control+A")
    page.keyboard.type("maidst")
    expect(page.locator("[role=option]").filter(has_text="Maidstone")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(owner).to_have_value("Senior probation officer, Maidstone (spo.maidstone@example.test)")


def fill_in_the_rest_by_keyboard(page: Page) -> None:
    """Up to the button, which has the focus then."""
    tab_to(page, "at.name?.endsWith('-due_on')", "the due date")
    page.keyboard.press("Control+A")
    page.keyboard.type("30/11/2026")
    tab_to(page, "at.name?.endsWith('-progress')", "the progress")
    page.keyboard.type("Some")
    tab_to(page, "at.name?.endsWith('-what_changed')", "the line")
    page.keyboard.type("Typed without a mouse")
    tab_to(page, "at.textContent.trim() === 'Save'", "Save")


def test_the_skip_link_leads_past_the_header(site: Site, signed_in: Callable[[str], BrowserContext]) -> None:
    page = signed_in("head.westkent").new_page()
    page.goto(site.address("/"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.context.close()


def test_a_script_of_somebody_else_would_not_run(site: Site, signed_in: Callable[[str], BrowserContext]) -> None:
    """The policy that the other tests find unbroken is there and bites."""
    context = signed_in("head.westkent")
    watch = Watch()
    watch.over(context)
    page = context.new_page()
    answer = page.goto(site.address("/"))
    assert answer is not None
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.wasRun = true";
            document.body.append(script);
        }"""
    )
    assert page.evaluate("() => window.wasRun") is None
    wait_until(lambda: page.evaluate("1") and watch.complaints, "the browser's complaint", 5)
    assert "Content Security Policy" in watch.complaints[0]
    context.close()
