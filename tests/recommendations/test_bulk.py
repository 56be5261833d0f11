"""One owner or due date for several recommendations: looked at first, then all of them or none."""

import datetime
import uuid
from typing import Any

import pytest

from tests.base import KSS, Cast, recommendation, west_kent
from tests.factories import Answer, place, printed, read
from tests.people.pages import HTMX, SignedIn, events_since, is_part, last_event, problems
from tests.sampling import examples
from tracker.recommendations.models import Recommendation

URL = "/recommendations/bulk/"
pytestmark = pytest.mark.usefixtures("at_noon")


def ticked(*numbers: int) -> list[str]:
    return [f"{item.pk}-{item.version}" for item in map(recommendation, numbers)]


def confirmed(preview: Answer, **typed: str) -> dict[str, Any]:
    """What Confirm posts of the page that shows what will change."""
    form: dict[str, Any] = read(preview).one(id="bulk").one("form").sent()
    return form | {"confirm": "yes"} | typed


@pytest.mark.verb
def test_it_is_previewed_and_then_done_in_one_operation(signed_in: SignedIn, cast: Cast) -> None:
    client, before = signed_in("head"), last_event()
    page = client.get(URL)
    mine = list(Recommendation.objects.filter(addressee=recommendation(1).addressee).values_list("pk", flat=True))
    assert len(read(page).all("input", name="row", checked="")) == len(mine)
    preview = client.post(URL, {"row": ticked(1, 2), "owner": "officer@example.test", "weeks": "12"})
    assert preview.status_code == 200
    assert last_event() == before
    # West Kent was published in May 2022: twelve weeks from the last day of it.
    assert "from no date to 23 August 2022" in read(preview).one("table").text
    answer = client.post(URL, confirmed(preview, reason="The plan that was announced."))
    assert (answer.status_code, answer["Location"]) == (302, "/recommendations/")
    for number in (1, 2):
        item = recommendation(number)
        assert (item.owner, item.due_on) == (cast.officer, west_kent().published_to + datetime.timedelta(weeks=12))
        assert (item.original_due_on, item.progress) == (None, "")
    events = events_since(before)
    assert [event.verb for event in events] == ["recommendation.planned"] * 2
    assert len({event.operation_id for event in events}) == 1
    assert {str(event.why) for event in events} == {"The plan that was announced."}


def test_htmx_gets_the_part_and_the_filter_is_kept(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    narrow = f"{URL}?q=assess&inspection={west_kent().pk}"
    page = client.get(narrow, headers=HTMX)
    assert is_part(page, "bulk")
    assert 0 < len(read(page).all("input", name="row")) < len(read(client.get(URL)).all("input", name="row"))
    preview = client.post(narrow, {"row": ticked(1), "due_on": "May 2027"})
    answer = client.post(narrow, confirmed(preview), headers=HTMX)
    assert answer["HX-Redirect"] == f"/inspections/{west_kent().pk}/?q=assess"
    assert (recommendation(1).due_on, recommendation(1).due_is_month) == (datetime.date(2027, 5, 31), True)


def test_refused_rows_are_listed_and_left_out(signed_in: SignedIn, cast: Cast) -> None:
    day = datetime.date(2027, 1, 1)
    Recommendation.objects.filter(pk=recommendation(2).pk).update(due_on=day, original_due_on=day)
    Recommendation.objects.filter(pk=recommendation(3).pk).update(status="no_longer_applies")
    client = signed_in("head")
    preview = client.post(URL, {"row": ticked(1, 2, 3, 6), "due_on": "1/2/2027"})
    page = read(preview)
    said = page.one("ul", class_="govuk-list--bullet").text
    assert "Recommendation 2, West Kent PDU: This due date is confirmed. Request an extension" in said
    assert "Recommendation 3, West Kent PDU: It is no longer open (no longer applies)" in said
    assert "Recommendation 6, West Kent PDU: You are not a lead of the organisation it is addressed to." in said
    assert [row.attrs["value"] for row in page.all("input", name="row")] == ticked(1)


def test_all_or_nothing_when_one_is_not_allowed(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    client = signed_in("head")
    preview = client.post(URL, {"row": ticked(1), "due_on": "1/2/2027"})
    form = confirmed(preview)
    assert client.post(URL, form | {"row": ticked(1, 6)}).status_code == 403
    Recommendation.objects.filter(pk=recommendation(2).pk).update(status="no_longer_applies")
    answer = client.post(URL, form | {"row": ticked(1, 2)})
    assert problems(answer)[0].startswith("Recommendation 2: It is no longer open")
    assert last_event() == before
    assert recommendation(1).due_on is None


def test_one_changed_since_brings_the_preview_again_and_can_be_finished(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    client = signed_in("head")
    form = confirmed(client.post(URL, {"row": ticked(1, 2), "owner": "officer@example.test"}))
    item = recommendation(2)
    Recommendation.objects.filter(pk=item.pk).update(version=item.version + 1, owner=cast.colleague)
    answer = client.post(URL, form)
    assert answer.status_code == 409
    assert last_event() == before
    assert "from Colleague to Officer" in read(answer).one("table").text
    assert client.post(URL, confirmed(answer)).status_code == 302
    assert recommendation(1).owner == recommendation(2).owner == cast.officer


def test_changed_request_is_previewed_again(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    client = signed_in("head")
    form = confirmed(client.post(URL, {"row": ticked(1), "owner": "officer@example.test"}))
    answer = client.post(URL, form | {"owner": "colleague@example.test"})
    assert (answer.status_code, last_event()) == (200, before)
    assert "to Colleague" in read(answer).one("table").text


def test_sent_twice_it_is_done_once_and_changes_nothing_else(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    client = signed_in("head")
    page = f"{URL}?mark=no_owner"
    form = confirmed(client.post(page, {"row": ticked(1, 2), "owner": "officer@example.test"}))
    form |= {"request_key": str(uuid.uuid4()), "status": "signed_off", "progress": "sufficient", "text": "x"}
    assert [client.post(page, form).status_code for _ in range(2)] == [302, 302]
    assert len(events_since(before)) == 2
    assert (recommendation(1).status, recommendation(1).progress) == ("open", "")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Enter a new owner or a new due date"),
        ({"owner": "Zebedee"}, "No one with an account matches “Zebedee”. Try part of the name."),
        ({"due_on": "soon"}, "Enter a date such as 31/10/2026, or a month such as October 2026"),
        ({"due_on": "1/2/2027", "weeks": "12"}, "Enter a due date or a number of weeks, not both"),
        ({"owner": "officer@example.test", "row": []}, "Select at least one recommendation"),
    ],
)
def test_each_refusal_is_shown_where_it_belongs(
    signed_in: SignedIn, cast: Cast, typed: dict[str, object], said: str
) -> None:
    answer = signed_in("head").post(URL, {"row": ticked(1)} | typed)
    assert problems(answer) == [said]


def test_only_leads_and_only_what_they_may_see(signed_in: SignedIn, cast: Cast) -> None:
    form = {"row": ticked(1), "owner": "officer@example.test"}
    for name in ("officer", "director", "reader", "admin", "nobody"):
        client = signed_in(name)
        assert (client.get(URL).status_code, client.post(URL, form).status_code) == (403, 403)
        assert "bulk/" not in client.get("/recommendations/").text
    client = signed_in("neighbour")
    assert client.post(URL, form).status_code == 422
    assert client.get(f"{URL}?inspection={west_kent().pk}").status_code == 404
    client.logout()
    assert (client.get(URL).status_code, client.post(URL, form).status_code) == (302, 401)
    assert f"{URL}?inspection={west_kent().pk}" in signed_in("head").get(f"/inspections/{west_kent().pk}/").text


def test_each_row_costs_six_queries(signed_in: SignedIn, cast: Cast, django_assert_max_num_queries: object) -> None:
    count = examples(40, 200)
    items = printed(west_kent(), place(f"{KSS}west-kent-pdu/"), count)
    client = signed_in("head")
    rows = [f"{item.pk}-{item.version}" for item in items]
    preview = client.post(URL, {"row": rows, "owner": "officer@example.test", "due_on": "1/2/2027"})
    with django_assert_max_num_queries(count * 6 + 30):  # type: ignore[operator]
        assert client.post(URL, confirmed(preview)).status_code == 302
    assert Recommendation.objects.filter(owner=cast.officer, due_on=datetime.date(2027, 2, 1)).count() == count
