"""The job the tracker is there for, from the unowned recommendation to the letter about it, as people do it."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.pages import (
    change_form,
    change_link,
    choose_owner,
    count,
    fill_in_sign_in,
    find_letter,
    is_still_here,
    mark_page,
    open_inspection,
    row_of,
    sign_in,
    sign_out,
)
from tests.rig import Site, wait_until

pytestmark = pytest.mark.browser

SUNDAY = "2026-11-22"


@pytest.fixture(autouse=True)
def digests_from_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the hour of the run, the clock has passed the hour of the digests. Before any site is made."""
    monkeypatch.setenv("TRACKER_DIGEST_AT", "00:00")


@pytest.fixture
def digests_at_the_button(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before the owner has something overdue: the clock queues the digests of a day once."""
    monkeypatch.setenv("TRACKER_DIGEST_AT", "23:59")


@pytest.fixture
def sunday_site(embedded_folder: Path, tmp_path: Path, digests_from_midnight: None) -> Iterator[Site]:
    """The product as dev.py runs it, on a day without digests."""
    folder = tmp_path / "sunday"
    shutil.copytree(embedded_folder, folder)
    with Site(folder, today=SUNDAY) as site:
        yield site


def test_from_unowned_recommendation_to_the_email_about_it(
    digests_at_the_button: None, embedded_site: Site, browser_context: BrowserContext, request: pytest.FixtureRequest
) -> None:
    site, page = embedded_site, browser_context.new_page()
    javascript = request.node.callspec.params["browser_context"]
    sign_in(page, site, "head.westkent")
    open_inspection(page)
    the_lead_names_an_owner_and_a_date_that_has_passed(page, javascript=javascript)
    the_lead_reports_on_it_with_one_line(page, javascript=javascript)
    sign_out(page)
    sign_in(page, site, "director.kss")
    the_director_meets_it_in_the_figures_and_in_the_list_behind_one(page)
    the_director_reads_its_history_on_its_own_page(page)
    address = page.url
    sign_out(page)
    the_owner_comes_by_the_letter_to_exactly_this_recommendation(page, site, address)
    whoever_presses_the_button_now_reads_why_nothing_is_sent(page, site)


def figures(page: Page) -> tuple[int, int, int]:
    return count(page, "without an owner"), count(page, "overdue"), count(page, "without a due date")


def the_lead_names_an_owner_and_a_date_that_has_passed(page: Page, *, javascript: bool) -> None:
    expect(row_of(page, 4)).to_contain_text("No owner")
    ownerless, overdue, dateless = figures(page)
    if javascript:
        mark_page(page)
    change_link(page, 4).click()
    form = change_form(page)
    choose_owner(page, "graves", "Senior probation officer, Gravesend", by_list=javascript)
    form.get_by_label("Due date", exact=True).fill("20/11/2026")
    form.get_by_role("button", name="Save").click()
    the_form_asks_whether_a_date_in_the_past_is_meant(page)
    form.get_by_role("button", name="Save").click()

    expect(row_of(page, 4)).to_contain_text("Overdue by 3 days")
    expect(row_of(page, 4)).to_contain_text("Senior probation officer, Gravesend")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    assert figures(page) == (ownerless - 1, overdue + 1, dateless - 1)
    if javascript:
        the_page_stayed_with_the_focus_on_the_row(page)
        expect(page.get_by_role("status").filter(has_text="Recommendation 4 saved.")).to_have_count(1)


def the_form_asks_whether_a_date_in_the_past_is_meant(page: Page) -> None:
    """And keeps what was typed."""
    form = change_form(page)
    expect(page.get_by_role("alert").filter(has_text="20 November 2026 is in the past.")).to_be_visible()
    expect(form.get_by_label("Owner", exact=True)).to_have_value(re.compile("Gravesend|graves"))
    expect(form.get_by_label("Due date", exact=True)).to_have_value("20/11/2026")
    form.get_by_label("Yes, this due date is right").check()


def the_page_stayed_with_the_focus_on_the_row(page: Page) -> None:
    assert is_still_here(page)
    expect(change_link(page, 4)).to_be_focused()


def the_lead_reports_on_it_with_one_line(page: Page, *, javascript: bool) -> None:
    change_link(page, 4).click()
    form = change_form(page)
    form.get_by_label("Progress", exact=True).select_option("Some progress")
    form.get_by_label("What changed?").fill("Every SPO now dips into five cases a month.")
    form.get_by_role("button", name="Save").click()
    expect(row_of(page, 4)).to_contain_text("Some progress")
    expect(row_of(page, 4)).to_contain_text("Head of West Kent PDU reports, 23 November 2026")
    if javascript:
        the_page_stayed_with_the_focus_on_the_row(page)


def the_director_meets_it_in_the_figures_and_in_the_list_behind_one(page: Page) -> None:
    page.get_by_role("link", name="Review", exact=True).click()
    figure = page.get_by_role("listitem").get_by_role("link", name=re.compile(r"^\d+ overdue$"))
    number = int(figure.inner_text().split()[0])
    figure.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recommendations")
    assert count(page, "overdue") == number
    expect(page.get_by_role("link", name=re.compile(r"^(Previous r|R)ecommendation \d+$"))).to_have_count(number)
    expect(row_of(page, 4)).to_contain_text("Overdue by 3 days")
    # A reviewer sees it and changes nothing of it.
    expect(change_link(page, 4)).to_have_count(0)


def the_director_reads_its_history_on_its_own_page(page: Page) -> None:
    page.get_by_role("link", name="Recommendation 4", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recommendation 4")
    main = page.get_by_role("main")
    for words in (
        "Owner: nobody → Senior probation officer, Gravesend",
        "Due date: no date → 20 November 2026",
        "Progress: Not reported → Some progress",
        "“Every SPO now dips into five cases a month.”",
        "by Head of West Kent PDU",
    ):
        expect(main).to_contain_text(words)


def the_owner_comes_by_the_letter_to_exactly_this_recommendation(page: Page, site: Site, address: str) -> None:
    """The worker writes to the owner, who had nothing overdue before."""
    page.goto(site.address("/mail/"))
    page.get_by_role("button", name="Send today’s email summaries now").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile(r"\d+ email summaries are being sent\."))
    letter = find_letter(page, site, "spo.gravesend")
    expect(letter).to_have_text("West Kent PDU: 1 overdue, 1 due this week")
    letter.click()
    expect(page.get_by_role("main")).to_contain_text("3 days late (due 20 November 2026)")
    page.locator("#letter").get_by_role("link").filter(has_text="/recommendations/").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    fill_in_sign_in(page, "spo.gravesend")
    expect(page).to_have_url(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Recommendation 4")


def whoever_presses_the_button_now_reads_why_nothing_is_sent(page: Page, site: Site) -> None:
    page.goto(site.address("/mail/"))
    letters = page.get_by_role("table").get_by_role("link").count()
    page.get_by_role("button", name="Send today’s email summaries now").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing to send.")
    expect(page.get_by_role("alert")).to_contain_text("nobody else has anything new.")
    assert page.get_by_role("table").get_by_role("link").count() == letters


def test_on_a_sunday_only_the_button_sends(sunday_site: Site, browser_context: BrowserContext) -> None:
    site, page = sunday_site, browser_context.new_page()
    page.goto(site.address("/mail/"))
    expect(page.get_by_text("No emails yet.")).to_be_visible()
    # The clock has had its chance.
    wait_until(lambda: re.search(r"tick\[.+\] succeeded", site.log("worker")), "a tick")
    page.reload()
    expect(page.get_by_text("No emails yet.")).to_be_visible()
    page.get_by_role("button", name="Send today’s email summaries now").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile(r"\d+ email summaries are being sent\."))
    find_letter(page, site, "spo.maidstone").click()
    expect(page.get_by_role("main")).to_contain_text("22 November 2026")
