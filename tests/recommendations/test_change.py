"""Owner and due date change in the row, and every change is on record."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from tests.base import TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import SignedIn, error_of, events, fields, fixed, kept, planned, url
from tracker.accounts.models import Membership, User
from tracker.history.models import Event

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.mark.verb
def test_the_lead_names_an_owner_and_a_date(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("head").post(url(4), fields(4, owner="officer", due_on="11/12/2026"))
    item = recommendation(4)
    assert answer.status_code == 302
    assert (item.owner, item.due_on, item.original_due_on) == (
        cast.officer,
        datetime.date(2026, 12, 11),
        None,
    )
    event = Event.objects.about(item).newest_first()[0]
    assert (event.verb, event.actor, event.day) == ("recommendation.planned", cast.head, TODAY)
    assert event.changes["owner_id"] == [None, cast.officer.pk]
    assert event.after["due_on"] == "2026-12-11"
    assert event.after["version"] == item.version == 2


@pytest.mark.parametrize(
    "typed",
    [
        "Officer (officer@example.test)",
        "officer@example.test",
        " OFFICER@Example.Test ",
        "officer",
        "Offic",
        "off test",
    ],
)
def test_an_owner_is_named_by_label_address_or_part_of_the_name(signed_in: SignedIn, cast: Cast, typed: str) -> None:
    assert signed_in("head").post(url(4), fields(4, owner=typed)).status_code == 302
    assert recommendation(4).owner == cast.officer


def test_the_owner_may_come_from_elsewhere(signed_in: SignedIn, cast: Cast) -> None:
    assert signed_in("head").post(url(4), fields(4, owner="stranger@example.test")).status_code == 302
    assert recommendation(4).owner == cast.stranger


def test_an_owner_can_be_taken_away_and_the_history_says_so(signed_in: SignedIn, cast: Cast) -> None:
    planned(4, cast.officer, TODAY, cast.head)
    assert signed_in("head").post(url(4), fields(4, owner="")).status_code == 302
    assert recommendation(4).owner is None
    assert events(4)[0].changes["owner_id"] == [cast.officer.pk, None]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("admin", "More than one person matches: Admin"),
        ("o", "More than one person matches"),
        ("zebedee", "No one with an account matches “zebedee”"),
        ("Gone", "No one with an account matches “Gone”"),
        ("Gone (gone@example.test)", "No one with an account"),
        ("gone@example.test", "No one with an account"),
        ("<script>alert(1)</script>", "No one with an account matches “<script>alert(1)</script>”"),
        ("%", "No one with an account"),
    ],
)
def test_ambiguous_or_unknown_owner_is_refused(signed_in: SignedIn, cast: Cast, typed: str, said: str) -> None:
    User.objects.create_user("gone@example.test", "Gone", is_active=False)
    User.objects.filter(pk=cast.admin.pk).update(name="Admin one")
    answer = signed_in("head").post(url(4), fields(4, owner=typed))
    assert answer.status_code == 422
    assert said in error_of(answer, 4, "owner")
    assert kept(answer, 4, "owner") == [typed]
    assert recommendation(4).owner is None
    assert len(events(4)) == 1


def test_departed_owner_may_stay_while_other_fields_change(signed_in: SignedIn, cast: Cast) -> None:
    planned(4, cast.officer, TODAY, cast.head)
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    typed = fields(4, progress="some", what_changed="Ten staff were trained.")
    assert signed_in("head").post(url(4), typed).status_code == 302
    assert recommendation(4).owner == cast.officer


def test_a_draft_date_moves_freely_and_may_be_taken_away(signed_in: SignedIn, cast: Cast) -> None:
    planned(4, cast.officer, datetime.date(2026, 12, 1), cast.head)
    client = signed_in("head")
    for typed, due_on in (("29/1/2027", datetime.date(2027, 1, 29)), ("1/12/2026", TODAY.replace(month=12, day=1))):
        assert client.post(url(4), fields(4, due_on=typed)).status_code == 302
        assert (recommendation(4).due_on, recommendation(4).original_due_on) == (due_on, None)
    assert client.post(url(4), fields(4, due_on="")).status_code == 302
    assert recommendation(4).due_on is None


def test_a_month_means_its_last_day_and_is_shown_as_the_month(signed_in: SignedIn, cast: Cast) -> None:
    assert signed_in("head").post(url(4), fields(4, due_on="February 2028")).status_code == 302
    item = recommendation(4)
    assert (item.due_on, item.due_is_month, item.due) == (datetime.date(2028, 2, 29), True, "February 2028")
    assert read(signed_in("head").get(url(4))).one(name=f"r{item.pk}-due_on").attrs["value"] == "February 2028"
    assert signed_in("head").post(url(4), fields(4, due_on="29/2/2028")).status_code == 302
    assert recommendation(4).due == "29 February 2028"


def test_a_fixed_date_becomes_later_only_by_an_extension(signed_in: SignedIn, cast: Cast) -> None:
    first = datetime.date(2026, 12, 1)
    fixed(4, cast.officer, first, cast.head)
    answer = signed_in("head").post(url(4), fields(4, due_on="29/1/2027"))
    assert answer.status_code == 422
    assert error_of(answer, 4, "due_on") == "This due date is confirmed. Request an extension to make it later."
    assert kept(answer, 4, "due_on") == ["29/1/2027"]
    assert recommendation(4).due_on == first
    (link,) = [a for a in read(answer).all("a") if "ask-extension" in a.attrs["href"]]
    assert link.attrs["href"].endswith("?to=2027-01-29")


def test_an_earlier_date_needs_no_reason_and_keeps_the_original(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.officer, datetime.date(2026, 12, 18), cast.head)
    assert signed_in("head").post(url(4), fields(4, due_on="1/12/2026")).status_code == 302
    item = recommendation(4)
    assert (item.due_on, item.original_due_on) == (datetime.date(2026, 12, 1), datetime.date(2026, 12, 18))


def test_back_to_the_original_date_is_later_too(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.officer, datetime.date(2026, 12, 18), cast.head)
    planned(4, cast.officer, datetime.date(2026, 12, 1), cast.head)
    answer = signed_in("head").post(url(4), fields(4, due_on="18/12/2026"))
    assert answer.status_code == 422
    assert error_of(answer, 4, "due_on")


def test_a_fixed_date_cannot_be_taken_away(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.officer, TODAY, cast.head)
    answer = signed_in("head").post(url(4), fields(4, due_on=""))
    assert answer.status_code == 422
    assert error_of(answer, 4, "due_on") == "This due date is confirmed. You can change it but not remove it."
    assert recommendation(4).due_on == TODAY


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("22/11/2026", "22 November 2026 is in the past."),
        ("1/5/2022", "1 May 2022 is in the past."),
        ("30/4/2022", "30 April 2022 is before the report was published."),
        ("24/11/2031", "24 November 2031 is more than 5 years away."),
    ],
)
def test_unusual_date_is_saved_after_confirmation(signed_in: SignedIn, cast: Cast, day: str, said: str) -> None:
    client = signed_in("head")
    assert not read(client.get(url(4))).all(name=f"r{recommendation(4).pk}-confirm")
    answer = client.post(url(4), fields(4, due_on=day))
    assert answer.status_code == 422
    assert error_of(answer, 4, "due_on") == f"{said} If this is right, tick the box below."
    assert recommendation(4).due_on is None
    form = read(answer).one("form", action=url(4))
    sent = form.sent() | {form.one(type="checkbox").attrs["name"]: ["on"]}
    assert client.post(url(4), sent).status_code == 302
    assert recommendation(4).due_on == datetime.datetime.strptime(day, "%d/%m/%Y").date()  # noqa: DTZ007


@pytest.mark.parametrize("day", ["23/11/2026", "24/11/2026", "22/11/2031"])
def test_a_usual_date_is_not_asked_about(signed_in: SignedIn, cast: Cast, day: str) -> None:
    assert signed_in("head").post(url(4), fields(4, due_on=day)).status_code == 302


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("31/2/2027", "February 2027 has 28 days"),
        ("soon", "Enter a date such as"),
        ("1/1/1999", "Enter a date between"),
        ("1/1/2101", "Enter a date between"),
        ("０1/12/2026", "Enter a date such as"),
    ],
)
def test_invalid_date_is_shown_beside_the_field(signed_in: SignedIn, cast: Cast, day: str, said: str) -> None:
    answer = signed_in("head").post(url(4), fields(4, due_on=day))
    assert answer.status_code == 422
    assert error_of(answer, 4, "due_on").startswith(said)
    assert kept(answer, 4, "due_on") == [day]


def test_two_people_of_the_same_name_are_told_apart(signed_in: SignedIn, cast: Cast) -> None:
    other = User.objects.create_user("officer2@example.test", "Officer")
    Membership.objects.create(user=other, role="contributor", organisation=recommendation(4).addressee)
    answer = signed_in("head").post(url(4), fields(4, owner="Officer"))
    assert answer.status_code == 422
    assert "More than one person matches" in error_of(answer, 4, "owner")


@pytest.mark.parametrize("name", ["nobody", "reader", "inspector"])
def test_read_only_person_cannot_be_owner(signed_in: SignedIn, cast: Cast, name: str) -> None:
    client, before = signed_in("head"), len(events(4))
    for typed in (name, f"{name}@example.test", getattr(cast, name).label):
        answer = client.post(url(4), fields(4, owner=typed))
        assert (answer.status_code, kept(answer, 4, "owner")) == (422, [typed])
    with pytest.raises(ValidationError) as refused:
        planned(4, getattr(cast, name), TODAY, cast.head)
    assert "owner" in refused.value.message_dict
    assert (recommendation(4).owner, len(events(4))) == (None, before)


def test_lead_from_above_is_told_they_act_from_above(signed_in: SignedIn, cast: Cast) -> None:
    said = "West Kent PDU has no lead, so you are acting for it."
    assert said not in signed_in("head").get(url(4)).text
    Membership.objects.filter(user=cast.head).update(ends_on=TODAY)
    client = signed_in("operations")
    assert said in client.get(url(4)).text
    assert said in client.post(url(4), fields(4, due_on="soon")).text
    assert "has no lead" not in client.get(url(6)).text
    # Nor does an owner read it, who acts for nobody.
    planned(4, cast.officer, TODAY, cast.operations)
    Membership.objects.filter(user=cast.officer).update(role="supplier")
    assert "has no lead" not in signed_in("officer").get(url(4)).text


def test_exactly_five_years_off_is_not_more_than_five(signed_in: SignedIn, cast: Cast) -> None:
    assert signed_in("head").post(url(4), fields(4, due_on="23/11/2031")).status_code == 302
