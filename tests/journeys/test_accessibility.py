"""Every page in every state: nothing for axe to find, nothing wider than a phone, and no complaint of the browser."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.journeys import crowd
from tests.journeys.pages import change_form, change_link, open_inspection, row_of, sign_in
from tests.journeys.states import STATES
from tests.rig import DAY, Site, wait_until

pytestmark = pytest.mark.browser
PHONE = 375
WIDTHS = 1280, PHONE
# Those that this process has looked at as wide as a desktop.
wide_routes: set[str] = set()
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


def widths_for(page: Page) -> tuple[int, ...]:
    """A phone's in every state; a desktop's in the first state of each route, for nothing but the width differs."""
    try:
        route = resolve(urlsplit(page.url).path).route
    except Resolver404:
        return WIDTHS
    if route in wide_routes:
        return (PHONE,)
    wide_routes.add(route)
    return WIDTHS


@pytest.mark.parametrize("name", STATES)
def test_page_is_accessible_and_fits(name: str, site: Site, signed_in: Callable[[str], BrowserContext]) -> None:
    who, reach, refused = STATES[name]
    context = signed_in(who)
    watch = Watch(refused)
    watch.over(context)
    page = context.new_page()
    reach(page, site)
    found = []
    for width in widths_for(page):
        page.set_viewport_size({"width": width, "height": 900})
        found += violations(page, f"{width} px")
    # Nothing to be scrolled sideways at the width of the smallest phone, nor at a zoom of 400 %.
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    too_wide = page.evaluate("() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
    context.close()
    assert found == []
    assert too_wide <= 0, f"{too_wide} px too wide at {NARROWEST} px"
    assert watch.complaints == []


def test_the_overview_is_one_sheet_of_paper(site: Site, signed_in: Callable[[str], BrowserContext]) -> None:
    """With as many rows and lines as the screen ever has."""
    context = signed_in("director.kss")
    page = context.new_page()
    page.goto(site.address("/review/"))
    page.evaluate(FILL)
    page.emulate_media(media="print")
    # What opens at a click cannot be opened on paper; the full count stands in the heading.
    expect(page.locator(".app-panel summary")).to_be_hidden()
    sheets = page.pdf(prefer_css_page_size=True)
    context.close()
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 1


FILL = """() => {
  const lists = Array.from(document.querySelectorAll('.app-panel__lines'), (one) => [one, 5]);
  for (const [list, count] of [...lists, [document.querySelector('.app-worst tbody'), 10]]) {
    for (let n = 0; list.children.length < count; n += 1) list.append(list.children[n].cloneNode(true));
  }
  const more = document.createElement('details');
  more.className = 'govuk-details';
  more.innerHTML = '<summary class="govuk-details__summary">7 more</summary>';
  document.querySelector('.app-panel').append(more);
}"""


def test_page_title_and_navigation_name_the_page(site: Site, signed_in: Callable[[str], BrowserContext]) -> None:
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


def test_foreign_script_does_not_run(site: Site, signed_in: Callable[[str], BrowserContext]) -> None:
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
