"""One's own digest on a page, "Email it to me now", and an administrator's look at anybody's."""

import datetime
import uuid
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from tests.base import NOON, NORTH, TODAY, Cast, recommendation, west_kent
from tests.factories import inspection_at, place, printed, read
from tests.reminders.sending import MINUTE, plan, queued, send
from tracker.accounts.models import Membership
from tracker.inspections.models import Inspection
from tracker.recommendations.models import Recommendation
from tracker.reminders.models import Delivery
from tracker.reminders.operations.queueing import request_digest
from tracker.reminders.queries import last_told

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon", "folder")
URL = "/digest/"


def press(client: Client, key: uuid.UUID | None = None, **headers: str) -> tuple[int, str]:
    answer = client.post(URL, {"request_key": str(key or uuid.uuid4())}, follow=True, headers=headers)
    return answer.status_code, read(answer).text


def asked() -> list[Delivery]:
    return list(Delivery.objects.filter(kind="digest-on-request"))


def test_page_shows_the_next_digest_the_last_one_and_why_it_cannot_be_turned_off(
    signed_in: SignedIn, cast: Cast
) -> None:
    plan(4, cast.officer, -1)
    client = signed_in("officer")
    text = read(client.get(URL)).text
    assert "You have not had one yet." in text
    assert "Subject: West Kent PDU: 1 overdue" in text
    assert "1 day late (due 22 November 2026)" in text
    assert "Why you cannot turn it off" in text
    assert "New" not in text.replace("New subject", "")
    queued()
    send()
    plan(5, cast.officer, -1)
    with time_machine.travel(NOON + datetime.timedelta(days=1)):
        client.force_login(cast.officer)
        page = read(client.get(URL))
    assert "Your last one was for 23 November 2026." in page.text
    new = [row.one("a").text for row in page.one(id="digest").all("li") if row.all("strong", class_="govuk-tag")]
    assert new == ["Recommendation 5, West Kent PDU, May 2022"]


def test_home_links_to_the_digest_page_except_for_read_only_roles(signed_in: SignedIn, cast: Cast) -> None:
    for name, is_led in (("officer", True), ("supplier", True), ("admin", True), ("reader", False), ("nobody", False)):
        links = [link.attrs["href"] for link in read(signed_in(name).get("/")).one(id="home").all("a")]
        assert (URL in links) is is_led, name


def test_requested_digest_is_sent_now_and_does_not_replace_the_daily_one(signed_in: SignedIn, cast: Cast) -> None:
    plan(4, cast.officer, -1)
    queued()
    send()
    status, text = press(signed_in("officer"))
    assert status == 200
    assert "Your email summary is on its way to officer@example.test." in text
    # The web request sends nothing itself.
    (delivery,) = asked()
    assert delivery.state == "waiting"
    assert send(NOON + MINUTE) == {"sent": 1}
    delivery.refresh_from_db()
    # Nothing in it is new, and it is sent all the same.
    assert delivery.subject == "West Kent PDU: 1 overdue"
    assert "You asked for this email" in delivery.body_text
    # What it told counts for nothing: the daily one compares with the daily one.
    last = last_told(cast.officer, before=TODAY + datetime.timedelta(days=1))
    assert last is not None
    Delivery.objects.filter(kind="digest").delete()
    assert last_told(cast.officer, before=TODAY + datetime.timedelta(days=1)) is None


def test_requested_digest_holds_the_tasks_at_sending_time(signed_in: SignedIn, cast: Cast) -> None:
    plan(4, cast.officer, -1)
    press(signed_in("officer"))
    plan(4, cast.officer, 90)
    assert send(NOON + MINUTE) == {}
    assert [delivery.state for delivery in asked()] == ["nothing"]


def test_double_click_sends_one_digest_and_a_fourth_in_an_hour_is_refused(signed_in: SignedIn, cast: Cast) -> None:
    plan(4, cast.officer, -1)
    client, key = signed_in("officer"), uuid.uuid4()
    assert press(client, key)[0] == press(client, key)[0] == 200
    assert len(asked()) == 1
    press(client)
    press(client)
    status, text = press(client)
    assert status == 422
    assert "You have asked for 3 in the last hour." in text
    assert len(asked()) == 3
    # Somebody else's are counted for themselves, and an hour later one may ask again.
    plan(5, cast.colleague, -1)
    assert press(signed_in("colleague"))[0] == 200
    request_digest(cast.officer, key=uuid.uuid4(), on=TODAY, at=NOON + datetime.timedelta(hours=2))
    assert len(asked()) == 5


def test_without_tasks_there_is_no_button_and_nothing_is_sent(signed_in: SignedIn, cast: Cast) -> None:
    for name in ("officer", "reader", "nobody"):
        client = signed_in(name)
        assert not read(client.get(URL)).one(id="digest").all("button")
        status, text = press(client)
        assert status == 422
        assert "there is nothing to send" in text
    assert asked() == []


def test_the_part_is_what_htmx_gets(signed_in: SignedIn, cast: Cast) -> None:
    plan(4, cast.officer, -1)
    client = signed_in("officer")
    part = client.get(URL, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="digest">')
    answer = client.post(URL, {"request_key": str(uuid.uuid4())}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, URL)


# -- an administrator's look -----------------------------------------------------------------------------------------
def seen(client: Client, person: int) -> str:
    return read(client.get(f"/digest/of/{person}/")).one(id="digest").text


def test_administrator_previews_the_digest_of_their_people_and_sends_nothing(signed_in: SignedIn, cast: Cast) -> None:
    plan(4, cast.officer, -1)
    client = signed_in("admin")
    links = [link.attrs["href"] for link in read(client.get(f"/people/{cast.officer.pk}/")).all("a")]
    assert f"/digest/of/{cast.officer.pk}/" in links
    text = seen(client, cast.officer.pk)
    assert "Subject: West Kent PDU: 1 overdue" in text
    assert "Recommendation 4, West Kent PDU, May 2022" in text
    assert "that you do not have access to" not in text
    assert not Delivery.objects.exists()


def test_administrator_cannot_preview_digests_of_other_people(signed_in: SignedIn, cast: Cast) -> None:
    assert signed_in("admin").get(f"/digest/of/{cast.stranger.pk}/").status_code == 404
    assert signed_in("strange_admin").get(f"/digest/of/{cast.officer.pk}/").status_code == 404
    assert signed_in("top_admin").get(f"/digest/of/{cast.officer.pk}/").status_code == 200
    assert signed_in("head").get(f"/digest/of/{cast.officer.pk}/").status_code == 403
    cast.officer.is_active = False
    cast.officer.save()
    assert signed_in("admin").get(f"/digest/of/{cast.officer.pk}/").status_code == 404


def test_preview_counts_but_hides_items_of_another_branch(signed_in: SignedIn, cast: Cast) -> None:
    plan(4, cast.officer, -1)
    county = place(f"{NORTH}county-durham-pdu/")
    (elsewhere,) = printed(inspection_at(county.path, "County Durham"), county, 1)
    late = TODAY - datetime.timedelta(days=50)
    Recommendation.objects.filter(pk=elsewhere.pk).update(owner=cast.officer, due_on=late)
    text = seen(signed_in("admin"), cast.officer.pk)
    assert "And 1 more that you do not have access to." in text
    assert "Durham" not in text
    assert "Subject: West Kent PDU: 1 overdue" in text
    assert "Durham" in seen(signed_in("top_admin"), cast.officer.pk)


def test_preview_counts_but_hides_embargoed_items_even_of_named_people(signed_in: SignedIn, cast: Cast) -> None:
    plan(4, cast.officer, -1)
    Inspection.objects.filter(pk=west_kent().pk).update(embargo_until=NOON + datetime.timedelta(days=9))
    west_kent().named.create(person=cast.officer)
    assert "Recommendation 4" in read(signed_in("officer").get(URL)).one(id="digest").text
    text = seen(signed_in("admin"), cast.officer.pk)
    assert "And 1 more that you do not have access to." in text
    assert "Recommendation 4" not in text
    assert "Subject" not in text


def test_preview_of_a_reviewer_with_a_role_above_shows_only_the_administrators_branch(
    signed_in: SignedIn, cast: Cast
) -> None:
    """A reviewer of two regions: the administrator of one sees the lines of that one."""
    Membership.objects.create(user=cast.director, role="reviewer", organisation=place(NORTH))
    county = place(f"{NORTH}county-durham-pdu/")
    rows = printed(inspection_at(county.path, "County Durham"), county, 2)
    late = TODAY - datetime.timedelta(days=50)
    Recommendation.objects.filter(pk__in=[row.pk for row in rows]).update(owner=cast.stranger, due_on=late)
    plan(4, cast.officer, -30)
    text = seen(signed_in("admin"), cast.director.pk)
    assert "And 2 more that you do not have access to." in text
    assert f"Recommendation {recommendation(4).number}, West Kent PDU" in text
    text = seen(signed_in("strange_admin"), cast.director.pk)
    assert "And 1 more that you do not have access to." in text
    assert "Kent" not in text
