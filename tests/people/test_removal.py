"""Words and files about a person on probation are removed for good: an administrator asks, a reviewer agrees."""

import datetime
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client, TestCase

from tests.base import KSS, NOON, NORTH, Cast, recommendation
from tests.factories import Answer, place, read
from tests.people.pages import HTMX, SignedIn, is_part, problems
from tests.recommendations.evidence import give
from tests.recommendations.offered import stored
from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.operations import give_role
from tracker.accounts.policies import Access
from tracker.history.models import Event, FreeText
from tracker.history.operations import Actor, operation
from tracker.inspections.models import Inspection
from tracker.people.models import Removal
from tracker.people.operations import ask_removal, refuse_removal
from tracker.people.policies import can_decide_removal, visible_removals
from tracker.people.queries import redactable_texts, removals_waiting
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Recommendation, Report, Unsent

pytestmark = pytest.mark.usefixtures("at_noon", "own_store")
SECRET = "J. Doe of 5 Mill Lane missed two appointments."


def reported(cast: Cast) -> FreeText:
    """The head has written what must not be here."""
    item = recommendation(4)
    change(item, by=Actor(cast.head), at=NOON, seen_version=item.version, report=Report("some", SECRET))
    return FreeText.objects.get(text=SECRET)


def asked(cast: Cast, what: str) -> Removal:
    return ask_removal(recommendation(4), what, by=Actor(cast.admin), at=NOON)


def ask_url() -> str:
    return f"/removals/ask/{recommendation(4).pk}/"


def decide(client: Client, removal: Removal, decision: str = "remove", **more: Any) -> Any:
    return client.post(f"/removals/{removal.pk}/", {"decision": decision} | more)


@pytest.mark.verb
def test_removal_request_removes_nothing_yet(signed_in: SignedIn, cast: Cast) -> None:
    words = reported(cast)
    client = signed_in("admin")
    page = read(client.get(f"/recommendations/{recommendation(4).pk}/")).one(id="evidence")
    assert page.all("a", href=ask_url())
    offered = read(client.get(ask_url())).all("input", type="radio")
    assert [radio.attrs["value"] for radio in offered] == [f"w{words.pk}"]
    answer = client.post(ask_url(), {"what": f"w{words.pk}"})
    assert (answer.status_code, answer["Location"]) == (302, "/removals/")
    removal = Removal.objects.get()
    assert (removal.words, removal.state, removal.asked_by) == (words, "asked", cast.admin)
    event = Event.objects.about(removal).get()
    assert (event.verb, event.recommendation_id, event.why) == ("removal.asked", recommendation(4).pk, None)
    words.refresh_from_db()
    assert words.text == SECRET
    assert list(removals_waiting(Access(cast.director, NOON.date()))) == [removal]
    assert not removals_waiting(Access(cast.admin, NOON.date())).exists()


def test_once_a_reviewer_agrees_the_words_are_gone_and_the_event_stays(signed_in: SignedIn, cast: Cast) -> None:
    words = reported(cast)
    Unsent.objects.create(person=cast.head, place="report:1", values={"what_changed": SECRET}, saved_at=NOON)
    Unsent.objects.create(person=cast.head, place="report:2", values={"what_changed": "Other."}, saved_at=NOON)
    told = list(Event.objects.order_by("pk").values())
    removal = asked(cast, f"w{words.pk}")
    client = signed_in("director")
    assert SECRET in client.get(f"/removals/{removal.pk}/").text
    answer = decide(client, removal)
    assert (answer.status_code, answer["Location"]) == (302, "/removals/")
    words.refresh_from_db()
    removal.refresh_from_db()
    assert (words.text, words.written_by) == ("[removed]", cast.head)
    assert (removal.state, removal.decided_by, removal.decided_on) == ("removed", cast.director, NOON.date())
    assert list(Event.objects.order_by("pk").values())[: len(told)] == told
    assert [event.verb for event in Event.objects.about(removal).order_by("pk")] == ["removal.asked", "removal.agreed"]
    page = client.get(f"/recommendations/{recommendation(4).pk}/").text
    assert SECRET not in page
    assert "[removed]" in page
    assert [unsent.place for unsent in Unsent.objects.all()] == ["report:2"]
    assert not holds(SECRET), "somewhere in the database"


def holds(secret: str) -> list[str]:
    """Tables of ours in whose rows that text still stands."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            if any(secret in str(value) for row in cursor.fetchall() for value in row):
                found.append(table)
    return found


def test_removed_file_is_gone_from_pages_and_disk(signed_in: SignedIn, cast: Cast) -> None:
    first, second = give(cast.head, [4, 5], name="J Doe.pdf", caption="Case of J Doe")
    other = give(cast.head, [4])[0]
    removal = asked(cast, f"e{first.pk}")
    client = signed_in("director")
    assert client.get(f"/evidence/{first.pk}/").status_code == 200
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert decide(client, removal).status_code == 302
    for one in (first, second):
        one.refresh_from_db()
        assert (one.is_removed, one.file.name, one.name, one.link, str(one.caption)) == (True, "", "", "", "[removed]")
        assert client.get(f"/evidence/{one.pk}/").status_code == 410
        assert [event.verb for event in Event.objects.about(one).order_by("pk")] == [
            "evidence.added",
            "evidence.removed",
        ]
    assert stored() == {str(other.file.name)}
    assert not holds("J Doe")


def test_a_link_is_removed_too(signed_in: SignedIn, cast: Cast) -> None:
    (one,) = give(cast.head, [4], link="https://example.org/j-doe")
    assert decide(signed_in("director"), asked(cast, f"e{one.pk}")).status_code == 302
    assert not holds("j-doe")


def test_refused_removal_changes_nothing(signed_in: SignedIn, cast: Cast) -> None:
    words = reported(cast)
    removal = asked(cast, f"w{words.pk}")
    assert decide(signed_in("director"), removal, "keep").status_code == 302
    removal.refresh_from_db()
    words.refresh_from_db()
    assert (removal.state, words.text) == ("refused", SECRET)
    # It can be asked for again, and then by the same road.
    assert asked(cast, f"w{words.pk}").state == "asked"


def test_removal_needs_two_people(signed_in: SignedIn, cast: Cast) -> None:
    words = reported(cast)
    Membership.objects.create(user=cast.admin, role="reviewer", organisation=place(KSS))
    removal = asked(cast, f"w{words.pk}")
    assert decide(signed_in("admin"), removal).status_code == 403
    words.refresh_from_db()
    assert words.text == SECRET


@pytest.mark.parametrize(("days", "status"), [(-1, 302), (0, 403), (1, 403)])
def test_nobody_agrees_by_a_role_given_since_the_request(
    signed_in: SignedIn, cast: Cast, days: int, status: int
) -> None:
    removal = asked(cast, f"w{reported(cast).pk}")
    given_at = removal.asked_at + datetime.timedelta(days=days)
    give_role(cast.colleague, role="reviewer", organisation=place(KSS), by=Actor(cast.admin), at=given_at)
    assert list(removals_waiting(Access(cast.colleague, NOON.date()))) == ([removal] if status == 302 else [])
    assert decide(signed_in("colleague"), removal).status_code == status


@pytest.mark.grid
@pytest.mark.parametrize(
    ("who", "asks", "decides"),
    [
        ("admin", 302, 403),
        ("top_admin", 302, 403),
        ("director", 403, 302),
        ("national", 403, 302),
        ("head", 403, 404),
        ("officer", 403, 404),
        ("supplier", 403, 404),
        ("operations", 403, 404),
        ("policy", 403, 404),
        ("reader", 403, 404),
        ("inspector", 403, 404),
        ("neighbour", 404, 404),
        ("stranger", 404, 404),
        ("strange_admin", 404, 404),
        ("nobody", 404, 404),
    ],
)
def test_who_may_request_and_decide_removals(
    signed_in: SignedIn, cast: Cast, who: str, asks: int, decides: int
) -> None:
    (kept,) = give(cast.head, [4])
    removal = asked(cast, f"w{reported(cast).pk}")
    client = signed_in(who)
    assert client.post(ask_url(), {"what": f"e{kept.pk}"}).status_code == asks
    assert decide(client, removal).status_code == decides
    removal.refresh_from_db()
    assert (removal.state == "removed") == (decides == 302)
    assert Removal.objects.filter(evidence=kept).count() == (asks == 302)


def test_reporter_does_not_decide_the_removal(signed_in: SignedIn, cast: Cast) -> None:
    removal = asked(cast, f"w{reported(cast).pk}")
    Membership.objects.create(user=cast.head, role="reviewer", organisation=place(KSS))
    assert decide(signed_in("head"), removal).status_code in (403, 404)
    removal.refresh_from_db()
    assert removal.state == "asked"


def may_decide(person: User, removal: Removal) -> bool:
    """The same on the list, on the page and in the task."""
    access = Access(person, NOON.date())
    found = can_decide_removal(access, removal)
    assert found == (removal in removals_waiting(access))
    return found


def reviewer_since(person: User, path: str, at: datetime.datetime, cast: Cast) -> Membership:
    return give_role(person, role="reviewer", organisation=place(path), by=Actor(cast.top_admin), at=at)


BEFORE, AFTER = NOON - datetime.timedelta(days=1), NOON + datetime.timedelta(minutes=1)


def test_reviewer_who_has_a_part_in_the_recommendation_does_not_decide_about_its_words(cast: Cast) -> None:
    removal = asked(cast, f"w{reported(cast).pk}")
    assert may_decide(cast.director, removal)
    Recommendation.objects.filter(pk=removal.recommendation_id).update(owner=cast.director)
    assert not may_decide(cast.director, removal)
    # Another recommendation of theirs stands in the way of nothing.
    Recommendation.objects.filter(pk=removal.recommendation_id).update(owner=None)
    Recommendation.objects.filter(pk=recommendation(5).pk).update(owner=cast.director)
    assert may_decide(cast.director, removal)


def test_having_reviewed_elsewhere_before_is_not_having_reviewed_here(cast: Cast) -> None:
    reviewer_since(cast.colleague, NORTH, BEFORE, cast)
    removal = asked(cast, f"w{reported(cast).pk}")
    assert not may_decide(cast.colleague, removal)
    reviewer_since(cast.colleague, KSS, AFTER, cast)
    assert not may_decide(cast.colleague, removal)


def test_only_the_giving_of_that_very_role_since_the_request_counts(cast: Cast) -> None:
    held = reviewer_since(cast.colleague, KSS, BEFORE, cast)
    removal = asked(cast, f"w{reported(cast).pk}")
    with operation(by=Actor(cast.admin), at=AFTER) as op:
        op.record("role.ended", held)
        # Another person's role, and another thing with the same number.
        op.record("role.given", Membership.objects.get(user=cast.officer))
        other = {"name": "Medway PDU", "kind": "pdu", "parent": place(KSS), "path": f"{KSS}medway-pdu/"}
        op.record("role.given", Organisation.objects.create(pk=held.pk, **other))
    assert may_decide(cast.colleague, removal)


def test_removal_is_decided_about_by_whoever_sees_the_recommendation(cast: Cast) -> None:
    removal = asked(cast, f"w{reported(cast).pk}")
    Inspection.objects.filter(pk=removal.recommendation.inspection_id).update(embargo_until=NOON.replace(year=2027))
    assert not may_decide(cast.director, removal)
    for person in (cast.director, cast.admin):
        assert not visible_removals(Access(person, NOON.date())).exists()


def test_other_removals_are_no_reason_to_decide_about_this_one(cast: Cast) -> None:
    """One of what the region is asked, which HMPPS reviews, and one of what West Kent is."""
    here = asked(cast, f"w{reported(cast).pk}")
    assert may_decide(cast.director, here)
    item = recommendation(11)
    change(item, by=Actor(cast.policy), at=NOON, seen_version=item.version, report=Report("some", "J. Roe."))
    there = ask_removal(item, f"w{FreeText.objects.get(text='J. Roe.').pk}", by=Actor(cast.top_admin), at=NOON)
    assert not may_decide(cast.director, there)


def test_what_is_decided_waits_no_more(cast: Cast) -> None:
    removal = asked(cast, f"w{reported(cast).pk}")
    refuse_removal(removal, by=Actor(cast.director), at=NOON)
    assert not removals_waiting(Access(cast.director, NOON.date())).exists()


def test_administrator_sees_removals_of_their_organisations_and_reviewer_those_they_decide(cast: Cast) -> None:
    removal = asked(cast, f"w{reported(cast).pk}")
    reviewer_since(cast.colleague, NORTH, BEFORE, cast)
    # Of a report on their own organisation, and so seen, but addressed elsewhere.
    seen = {name for name, person in vars(cast).items() if visible_removals(Access(person, NOON.date())).exists()}
    assert seen == {"admin", "top_admin", "director", "national"}
    assert removal.state == "asked"


@pytest.mark.parametrize("what", ["", "w999999", "e999999", "x1", "w", "words"])
def test_only_rows_of_the_page_are_reassigned(signed_in: SignedIn, cast: Cast, what: str) -> None:
    reported(cast)
    answer = signed_in("admin").post(ask_url(), {"what": what}, headers=HTMX)
    assert is_part(answer, "ask-removal")
    assert len(problems(answer)) == 1
    assert not Removal.objects.exists()


def test_words_of_another_page_are_not_among_them(signed_in: SignedIn, cast: Cast) -> None:
    item = recommendation(5)
    change(item, by=Actor(cast.head), at=NOON, seen_version=item.version, report=Report("some", SECRET))
    words = FreeText.objects.get(text=SECRET)
    assert signed_in("admin").post(ask_url(), {"what": f"w{words.pk}"}).status_code == 422
    assert redactable_texts(recommendation(4)) == []


def said(answer: Answer) -> str:
    return read(answer).one(class_="govuk-error-summary").text


def test_removal_is_requested_and_decided_once(signed_in: SignedIn, cast: Cast) -> None:
    words = reported(cast)
    removal = asked(cast, f"w{words.pk}")
    answer = signed_in("admin").post(ask_url(), {"what": f"w{words.pk}"})
    assert (answer.status_code, Removal.objects.count()) == (422, 1)
    assert "is with a reviewer" in said(answer)
    client, key = signed_in("director"), str(uuid.uuid4())
    assert [decide(client, removal, request_key=key).status_code for _time in range(2)] == [302, 302]
    assert Event.objects.about(removal).filter(verb="removal.agreed").count() == 1
    again = decide(client, removal, "keep")
    assert again.status_code == 422
    assert "This has already been decided" in again.text


def test_other_fields_change_nothing(signed_in: SignedIn, cast: Cast) -> None:
    removal = asked(cast, f"w{reported(cast).pk}")
    more = {"state": "removed", "decided_by": str(cast.nobody.pk), "words": "1", "text": "Other."}
    assert decide(signed_in("director"), removal, "keep", **more).status_code == 302
    removal.refresh_from_db()
    assert (removal.state, removal.decided_by) == ("refused", cast.director)


@pytest.mark.parametrize(
    ("who", "rows", "links"), [("admin", 1, 0), ("director", 1, 1), ("strange_admin", 0, 0), ("national", 1, 1)]
)
def test_meeting_list(signed_in: SignedIn, cast: Cast, who: str, rows: int, links: int) -> None:
    removal = asked(cast, f"w{reported(cast).pk}")
    page = read(signed_in(who).get("/removals/"))
    assert len(page.all("tr", id=f"removal-{removal.pk}")) == rows
    assert len(page.all("a", href=f"/removals/{removal.pk}/")) == links
    assert SECRET not in page.text


@pytest.mark.parametrize("who", ["head", "officer", "supplier", "policy", "reader", "inspector", "nobody"])
def test_nobody_else_sees_the_list(signed_in: SignedIn, cast: Cast, who: str) -> None:
    assert signed_in(who).get("/removals/").status_code == 403


def test_signed_out(cast: Cast, client: Client) -> None:
    removal = asked(cast, f"w{reported(cast).pk}")
    for url in ("/removals/", ask_url(), f"/removals/{removal.pk}/"):
        assert client.get(url).status_code == 302
    assert decide(client, removal).status_code == 401
    assert Removal.objects.get().state == "asked"
