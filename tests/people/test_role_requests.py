"""A role that decides takes two people; any role may start on a later day."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from tests.base import KSS, NOON, NORTH, TODAY, Cast, recommendation
from tests.factories import place, read
from tests.people.pages import SignedIn, problems, sent
from tests.recommendations.reviewing import proven
from tracker.accounts.models import Membership, User
from tracker.accounts.operations import name_cover
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.inspections.models import Inspection
from tracker.people.models import Removal, RoleRequest
from tracker.people.operations import add_person, ask_removal
from tracker.people.policies import can_confirm_role, can_decide_removal, visible_role_requests
from tracker.people.queries import redactable_texts
from tracker.people.role_requests import confirm_role, decline_role, give_role, give_roles_that_start
from tracker.reminders.models import Delivery
from tracker.reminders.operations.queueing import queue_role_notices

pytestmark = pytest.mark.usefixtures("at_noon")
DEC_1 = datetime.date(2026, 12, 1)
SOON = NOON + datetime.timedelta(minutes=5)


def asked(cast: Cast, person: User, role: str = "reviewer", by: User | None = None, **more: Any) -> RoleRequest:
    """By the region's administrator, unless named."""
    made = give_role(person, role=role, organisation=place(KSS), by=Actor(by or cast.admin), at=NOON, **more)
    assert isinstance(made, RoleRequest)
    return made


def roles(person: User) -> set[str]:
    return set(Membership.objects.active(TODAY).filter(user=person).values_list("role", flat=True))


def address(request: RoleRequest) -> str:
    return f"/people/role-requests/{request.pk}/"


def told(request: RoleRequest) -> dict[str, str]:
    """Who gets an email now, and its subject."""
    queue_role_notices(on=TODAY, at=NOON)
    sent_now = Delivery.objects.filter(kind="notice", key__startswith=f"role:{request.pk}:{request.state}:")
    return dict(sent_now.values_list("person__email", "subject"))


@pytest.mark.verb
def test_a_deciding_role_starts_once_a_second_administrator_confirms(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    url = f"/people/{cast.colleague.pk}/give-role/"
    form = sent(client.get(url), url, organisation=str(place(KSS).pk), role="reviewer")
    answer = client.post(url, form, follow=True)
    assert "It starts once another administrator has confirmed it." in answer.content.decode()
    assert "Reviewer at Kent, Surrey and Sussex: waiting for confirmation." in read(answer).one(id="person").text
    request = RoleRequest.objects.get()
    assert roles(cast.colleague) == {"contributor"}
    client = signed_in("top_admin")
    assert "Reviewer at Kent, Surrey and Sussex: Colleague" in read(client.get("/")).one(id="home").text
    answer = client.post(address(request), sent(client.get(address(request)), address(request), decision="confirm"))
    assert answer["Location"] == "/people/role-requests/"
    request.refresh_from_db()
    assert (request.state, request.decided_by) == ("given", cast.top_admin)
    assert roles(cast.colleague) == {"contributor", "reviewer"}
    verbs = list(Event.objects.filter(subject_type="rolerequest").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["role.requested", "role.confirmed", "role.request_given"]


def test_an_administrator_with_two_accounts_cannot_agree_their_own_removal(cast: Cast) -> None:
    """The way it was done: a second account as reviewer, and a removal agreed from there."""
    proven(4, cast.officer)
    second = add_person(
        "second@example.test", name="Second", role="reviewer", organisation=place(KSS), by=Actor(cast.admin), at=NOON
    )
    assert roles(second) == set()
    item = recommendation(4)
    removal = ask_removal(item, redactable_texts(item)[0].value, by=Actor(cast.admin), at=NOON)
    assert not can_decide_removal(Access(second, TODAY), removal)
    request = RoleRequest.objects.get()
    for person in (cast.admin, second):
        assert not can_confirm_role(Access(person, TODAY), request)
    third = add_person(
        "third@example.test", name="Third", role="administrator", organisation=place(KSS), by=Actor(cast.admin), at=NOON
    )
    assert not can_confirm_role(Access(third, TODAY), request)
    assert Removal.objects.get().state == "asked"


def test_an_administrator_newer_than_the_request_cannot_confirm_it(cast: Cast) -> None:
    request = asked(cast, cast.colleague)
    give_role(cast.policy, role="administrator", organisation=place("hmpps/"), by=None, at=SOON)
    assert not can_confirm_role(Access(cast.policy, TODAY), request)
    assert can_confirm_role(Access(cast.top_admin, TODAY), request)


def test_whoever_asked_and_whoever_gets_it_cannot_confirm(signed_in: SignedIn, cast: Cast) -> None:
    request = asked(cast, cast.colleague)
    client = signed_in("admin")
    assert read(client.get(address(request))).all("form", action=address(request)) == []
    assert client.post(address(request), {"decision": "confirm"}).status_code == 403
    assert signed_in("colleague").get(address(request)).status_code == 404
    assert signed_in("strange_admin").get(address(request)).status_code == 404
    with pytest.raises(IntegrityError, match="a_role_takes_two_people"), transaction.atomic():
        RoleRequest.objects.filter(pk=request.pk).update(decided_by=cast.admin)


def test_without_a_second_administrator_somebody_above_is_named(signed_in: SignedIn, cast: Cast) -> None:
    Membership.objects.filter(user=cast.top_admin).delete()
    client = signed_in("admin")
    url = f"/people/{cast.colleague.pk}/give-role/"
    form = sent(client.get(url), url, organisation=str(place(KSS).pk), role="reviewer")
    assert "confirmer" not in form
    answer = client.post(url, form)
    said = "Nobody else administers Kent, Surrey and Sussex. Select who above will confirm this role."
    assert problems(answer) == [said]
    offered = {option.text for option in read(answer).one("select", name="confirmer").all("option")}
    assert offered == {"Choose one", "Policy", "National", "Independent"}
    again = sent(answer, url, confirmer=str(cast.policy.pk))
    assert "It starts once Policy has confirmed it." in client.post(url, again, follow=True).content.decode()
    request = RoleRequest.objects.get()
    assert not can_confirm_role(Access(cast.national, TODAY), request)
    client = signed_in("policy")
    assert "Reviewer at Kent, Surrey and Sussex: Colleague" in read(client.get("/")).one(id="home").text
    client.post(address(request), sent(client.get(address(request)), address(request), decision="confirm"))
    assert roles(cast.colleague) == {"contributor", "reviewer"}


def test_with_nobody_above_the_operator_gives_it(cast: Cast) -> None:
    Membership.objects.filter(organisation=place("hmpps/")).delete()
    with pytest.raises(ValidationError, match="Nobody else can confirm this role"):
        asked(cast, cast.colleague)
    give_role(cast.colleague, role="reviewer", organisation=place(KSS), by=None, at=NOON)
    assert roles(cast.colleague) == {"contributor", "reviewer"}


def test_the_only_national_administrator_gives_it_and_everybody_with_a_say_is_told(cast: Cast) -> None:
    Membership.objects.filter(organisation=place("hmpps/")).exclude(user=cast.top_admin).delete()
    request = give_role(
        cast.colleague, role="independent", organisation=place("hmpps/"), by=Actor(cast.top_admin), at=NOON
    )
    assert isinstance(request, RoleRequest)
    assert request.state == "given"
    people = {"admin", "colleague", "director", "strange_admin", "top_admin"}
    assert set(told(request)) == {f"{name}@example.test" for name in people}


def test_before_a_report_is_held_nobody_has_to_confirm(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Inspection.objects, "exists", lambda: False, raising=False)
    request = asked(cast, cast.colleague)
    assert request.state == "given"
    assert "colleague@example.test" in told(request)


def test_everybody_with_a_say_is_told_at_once_and_once(cast: Cast) -> None:
    request = asked(cast, cast.colleague)
    ask = "Confirm a role: reviewer, Kent, Surrey and Sussex"
    tell = "Role requested: reviewer, Kent, Surrey and Sussex"
    names = ("admin", "director", "operations", "national", "independent", "colleague")
    assert told(request) == {"top_admin@example.test": ask} | {f"{name}@example.test": tell for name in names}
    before = Delivery.objects.count()
    assert len(told(request)) == 7
    assert Delivery.objects.count() == before
    letter = Delivery.objects.get(person=cast.top_admin)
    assert "You are asked to confirm this role. It does not start until you do." in letter.body_text
    assert address(request) in letter.body_text
    decline_role(request, by=Actor(cast.top_admin), at=NOON, reason="Not trained yet.")
    request.refresh_from_db()
    assert told(request)["admin@example.test"] == "Role declined: reviewer, Kent, Surrey and Sussex"


def test_a_role_starts_on_its_first_day(cast: Cast) -> None:
    made = give_role(cast.head, role="supplier", organisation=place(KSS), from_on=DEC_1, by=Actor(cast.admin), at=NOON)
    assert isinstance(made, RoleRequest)
    assert made.state == "confirmed"
    for day, count in ((30, 0), (31, 1), (32, 0)):
        on = datetime.date(2026, 11, 1) + datetime.timedelta(days=day - 1)
        at = datetime.datetime.combine(on, datetime.time(9), NOON.tzinfo)
        assert give_roles_that_start(on=on, at=at) == count
    assert "supplier" in set(Membership.objects.active(DEC_1).filter(user=cast.head).values_list("role", flat=True))


def test_a_confirmed_role_waits_for_its_first_day(cast: Cast) -> None:
    request = asked(cast, cast.colleague, from_on=DEC_1)
    assert request.state == "waiting"
    assert give_roles_that_start(on=DEC_1, at=SOON) == 0, "silence gives nothing"
    confirm_role(request, by=Actor(cast.top_admin), at=SOON)
    assert "reviewer" not in roles(cast.colleague)
    assert give_roles_that_start(on=DEC_1, at=NOON + datetime.timedelta(days=8)) == 1


def test_a_role_that_can_no_longer_be_given_is_withdrawn_on_its_day(cast: Cast) -> None:
    give_role(cast.head, role="supplier", organisation=place(KSS), from_on=DEC_1, by=Actor(cast.admin), at=NOON)
    User.objects.filter(pk=cast.head.pk).update(is_active=False)
    assert give_roles_that_start(on=DEC_1, at=NOON + datetime.timedelta(days=8)) == 0
    assert RoleRequest.objects.get().state == "withdrawn"


def test_declining_needs_a_reason_and_gives_nothing(signed_in: SignedIn, cast: Cast) -> None:
    request = asked(cast, cast.colleague)
    client = signed_in("top_admin")
    form = sent(client.get(address(request)), address(request), decision="decline")
    assert problems(client.post(address(request), form)) == ["Enter why you are declining it"]
    client.post(address(request), form | {"reason": "Not trained yet."})
    assert RoleRequest.objects.get().state == "declined"
    assert roles(cast.colleague) == {"contributor"}
    with pytest.raises(ValidationError, match="no longer open"):
        confirm_role(request, by=Actor(cast.top_admin), at=NOON)


def test_whoever_asked_withdraws_it(signed_in: SignedIn, cast: Cast) -> None:
    request = asked(cast, cast.colleague)
    client = signed_in("admin")
    url = f"{address(request)}withdraw/"
    assert client.post(url, sent(client.get(url), url)).status_code == 302
    assert RoleRequest.objects.get().state == "withdrawn"
    assert not can_confirm_role(Access(cast.top_admin, TODAY), RoleRequest.objects.get())


def test_the_same_role_is_requested_once(cast: Cast) -> None:
    asked(cast, cast.colleague)
    with pytest.raises(ValidationError, match="already been requested"):
        asked(cast, cast.colleague)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"from_on": "1/12/2026", "ends_on": "1/12/2026"}, "Enter a date after the role starts"),
        ({"from_on": "soon"}, "Enter a date such as 31/10/2026"),
        ({"role": "inspector"}, "Enter the date the inspector no longer has access."),
    ],
)
def test_wrong_days_are_refused_beside_their_field(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], said: str
) -> None:
    client = signed_in("admin")
    url = f"/people/{cast.colleague.pk}/give-role/"
    form = sent(client.get(url), url, organisation=str(place(KSS).pk), role="supplier")
    assert problems(client.post(url, form | typed))[0].startswith(said)


def test_a_closed_account_comes_back_as_reviewer_only_when_confirmed(cast: Cast) -> None:
    User.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    again: dict[str, Any] = {"name": "Colleague", "role": "reviewer", "organisation": place(KSS), "is_known": True}
    add_person("colleague@example.test", **again, by=Actor(cast.admin), at=NOON)
    assert "reviewer" not in roles(cast.colleague)
    assert RoleRequest.objects.get().state == "waiting"


def test_only_a_reviewer_passes_on_their_review(cast: Cast) -> None:
    """An administrator's second account became the cover of a reviewer."""
    days: dict[str, Any] = {"from_on": TODAY, "until_on": DEC_1, "at": NOON}
    with pytest.raises(ValidationError, match="Director is a reviewer"):
        name_cover(cast.director, cast.colleague, **days, by=Actor(cast.admin))
    name_cover(cast.director, cast.national, **days, by=Actor(cast.admin))
    Membership.objects.create(user=cast.policy, role="reviewer", organisation=place(NORTH))
    name_cover(cast.policy, cast.colleague, **days, by=Actor(cast.policy))


def test_empty_list_of_requests_says_so_and_others_are_kept_out(signed_in: SignedIn, cast: Cast) -> None:
    page = signed_in("admin").get("/people/role-requests/")
    assert "There are no role requests." in read(page).one(id="role-requests").text
    assert signed_in("head").get("/people/role-requests/").status_code == 403


def test_operator_gives_a_role_by_a_command_and_people_are_told(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("give_role", "colleague@example.test", "reviewer", "kent, surrey and sussex")
    assert capsys.readouterr().out == "Colleague is now reviewer at Kent, Surrey and Sussex.\n"
    assert roles(cast.colleague) == {"contributor", "reviewer"}
    assert "director@example.test" in told(RoleRequest.objects.get())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("who@example.test", "reviewer", "HMPPS"), "There is no account who@example.test."),
        (("colleague@example.test", "reviewer", "Mars"), "There is no Mars."),
        (("colleague@example.test", "inspector", "HMPPS"), "Enter the date the inspector no longer has access."),
        (("head@example.test", "lead", "West Kent PDU"), "Head already has this role there."),
        (("head@example.test", "reader", "HMPPS", "--ends-on=31/6/2027"), "June has 30 days"),
    ],
)
def test_the_command_says_why_it_gives_no_role(cast: Cast, typed: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("give_role", *typed)


def test_whoever_asked_still_sees_the_request_without_their_role(cast: Cast) -> None:
    request = asked(cast, cast.colleague)
    Membership.objects.filter(user=cast.admin).delete()
    assert request in visible_role_requests(Access(cast.admin, TODAY))


def test_nobody_requests_a_role_for_themselves(cast: Cast) -> None:
    for role in ("reviewer", "lead"):
        with pytest.raises(ValidationError, match="You cannot give yourself a role"):
            give_role(cast.admin, role=role, organisation=place(KSS), by=Actor(cast.admin), at=NOON)


def test_only_somebody_above_can_be_named(cast: Cast) -> None:
    Membership.objects.filter(user=cast.top_admin).delete()
    with pytest.raises(ValidationError, match="Select who above will confirm"):
        asked(cast, cast.colleague, confirmer=cast.head)


def test_a_role_given_meanwhile_is_not_confirmed(cast: Cast) -> None:
    request = asked(cast, cast.colleague)
    Membership.objects.create(user=cast.colleague, role="reviewer", organisation=place(KSS))
    later = asked_later(request)
    with pytest.raises(ValidationError, match="already has this role"):
        confirm_role(later, by=Actor(cast.top_admin), at=NOON)


def asked_later(request: RoleRequest) -> RoleRequest:
    """Of a day to come, so that only the confirmation itself looks at the role."""
    RoleRequest.objects.filter(pk=request.pk).update(from_on=DEC_1)
    return RoleRequest.objects.get(pk=request.pk)
