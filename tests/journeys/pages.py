"""How the tests find their way about the pages: signing in and out, rows, the form and the letters."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.rig import Site, wait_until

PASSWORD = "inspection-demo"
WEST_KENT = "West Kent PDU"


def sign_in(page: Page, site: Site, who: str) -> None:
    page.goto(site.address("/accounts/login/"))
    fill_in_sign_in(page, who)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Your tasks|What has changed"))


def fill_in_sign_in(page: Page, who: str) -> None:
    page.get_by_label("Email").fill(f"{who}@example.test")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def open_inspection(page: Page) -> None:
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Inspections").click()
    page.get_by_role("main").get_by_role("link", name=re.compile(WEST_KENT)).first.click()
    expect(page.locator("#counts")).to_be_visible()


def row_of(page: Page, number: int) -> Locator:
    """The row of recommendation `number`, closed or open."""
    return page.get_by_role("row").filter(
        has_text=re.compile(rf"(?<!Previous )\bRecommendation {number}\b", re.IGNORECASE)
    )


def change_link(page: Page, number: int) -> Locator:
    return page.get_by_role("link", name=f"Change Recommendation {number}", exact=True)


def count(page: Page, what: str) -> int:
    """A figure of the line above the rows: "2 without an owner"."""
    found = re.search(rf"(\d+) {what}", " ".join(page.locator("#counts").inner_text().split()))
    assert found, what
    return int(found[1])


def mark_page(page: Page) -> None:
    """A page loaded anew would have lost this."""
    page.evaluate("() => { window.stillHere = true; }")


def is_still_here(page: Page) -> bool:
    return bool(page.evaluate("() => window.stillHere === true"))


def change_form(page: Page) -> Locator:
    """In the open row, or on the page of its own."""
    return page.locator("form").filter(has=page.get_by_label("What changed?"))


def choose_owner(page: Page, typed: str, label: str, *, by_list: bool) -> None:
    owner = change_form(page).get_by_label("Owner", exact=True)
    if not by_list:
        owner.fill(typed)
        return
    expect(owner).to_have_role("combobox")
    owner.fill("")
    owner.press_sequentially(typed)
    page.get_by_role("option", name=re.compile(re.escape(label))).click()
    expect(owner).to_have_value(re.compile(re.escape(label)))


def letter_to(page: Page, who: str) -> Locator:
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name=f"{who}@example.test", exact=True))
    return row.get_by_role("link")


def find_letter(page: Page, site: Site, who: str) -> Locator:
    """On the mail page, once the worker has sent it."""
    folder, address = site.place.data / "mail", f"To: {who}@example.test".encode()
    wait_until(lambda: any(address in file.read_bytes() for file in folder.glob("*.eml")), f"a letter to {who}")
    page.goto(site.address("/mail/"))
    return letter_to(page, who)
