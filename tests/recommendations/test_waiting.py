"""What waits for a person: on which day, for which reason, each thing once, and the badge says how many."""

import datetime
import random
from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import KSS, LOADED, NOON, NORTH, TODAY, Cast, recommendation
from tests.factories import calm, everywhere, in_status, read
from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.policies import Access
from tracker.history.operations import Actor
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan, Recommendation, Report
from tracker.recommendations.task.queries import Reason, Waiting, count_waiting, waiting_for

SignedIn = Callable[[str], Client]
WEST_KENT = f"{KSS}west-kent-pdu/"
PATHS = (WEST_KENT, f"{KSS}east-kent-pdu/", KSS, "hmpps/", NORTH, f"{NORTH}county-durham-pdu/")
pytestmark = pytest.mark.usefixtures("at_noon")


def due(number: int, days: int | None, owner: User | None) -> Recommendation:
    """As it stands when it is due so many days from today."""
    due_on = None if days is None else TODAY + datetime.timedelta(days=days)
    Recommendation.objects.filter(pk=recommendation(number).pk).update(
        due_on=due_on, original_due_on=due_on, owner=owner
    )
    return recommendation(number)


def reasons(cast: Cast) -> dict[str, tuple[str, int]]:
    """For each of the cast for whom the one thing there is waits: why, and how many days it is late.

    Not roles that nobody holds.
    """
    found = {}
    for name, person in vars(cast).items():
        waiting = [one for one in waiting_for(Access(person, TODAY)) if one.reason != Reason.EMPTY_ROLE]
        assert len(waiting) <= 1
        if waiting:
            found[name] = (waiting[0].reason, waiting[0].days_overdue)
    return found


@pytest.mark.grid
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (15, {}),
        (14, {"officer": ("due_soon", 0), "head": ("due_soon", 0)}),
        (1, {"officer": ("due_soon", 0), "head": ("due_soon", 0)}),
        (0, {"officer": ("due_soon", 0), "head": ("due_soon", 0)}),
        (-1, {"officer": ("overdue", 1), "head": ("overdue_here", 1)}),
        (-27, {"officer": ("overdue", 27), "head": ("overdue_here", 27)}),
        (
            -28,
            {
                "officer": ("overdue", 28),
                "head": ("overdue_here", 28),
                "director": ("escalated", 28),
                "national": ("escalated", 28),
            },
        ),
    ],
)
def test_item_is_a_task_of_owner_lead_and_reviewer_from_their_day_on(
    cast: Cast, days: int, expected: dict[str, tuple[str, int]]
) -> None:
    calm()
    due(4, days, cast.officer)
    assert reasons(cast) == expected


@pytest.mark.grid
@pytest.mark.parametrize("days", [-28, -1, 0, 14])
@pytest.mark.parametrize("status", [status for status in Recommendation.Status if status != "open"])
def test_only_open_items_are_tasks(cast: Cast, days: int, status: str) -> None:
    calm()
    item = due(4, days, cast.officer)
    in_status(Recommendation.objects.get(pk=item.pk), status, cast.head)
    assert reasons(cast) == ({"director": (Reason.TO_DECIDE, 0)} if status == "submitted" else {})


def test_item_without_date_or_owner_is_a_task_of_the_lead(cast: Cast) -> None:
    calm()
    due(4, None, cast.officer)
    assert reasons(cast) == {"head": (Reason.UNPLANNED, 0)}
    due(4, 100, None)
    assert reasons(cast) == {"head": (Reason.UNPLANNED, 0)}
    due(4, 100, User.objects.create(email="gone@example.test", name="Gone", is_active=False))
    assert reasons(cast) == {"head": (Reason.UNPLANNED, 0)}
    # Whoever has no role but a reader's owns nothing, and an administrator no recommendation.
    for person in (cast.nobody, cast.reader, cast.admin):
        due(4, 100, person)
        assert reasons(cast) == {"head": (Reason.UNPLANNED, 0)}
    due(4, -1, None)
    assert reasons(cast) == {"head": (Reason.OVERDUE_HERE, 1)}
    due(4, -1, cast.nobody)
    assert reasons(cast) == {"head": (Reason.OVERDUE_HERE, 1)}


def test_regional_item_is_a_task_of_its_lead_and_the_reviewer_above(cast: Cast) -> None:
    """The director reviews the region itself too."""
    calm()
    due(6, -28, cast.officer)
    assert reasons(cast) == {
        "officer": (Reason.OVERDUE, 28),
        "operations": (Reason.OVERDUE_HERE, 28),
        "head": (Reason.PROMISED, 28),
        "director": (Reason.ESCALATED, 28),
        "national": (Reason.ESCALATED, 28),
    }
    calm()
    due(11, -28, cast.officer)
    assert reasons(cast) == {
        "officer": (Reason.OVERDUE, 28),
        "policy": (Reason.OVERDUE_HERE, 28),
        "head": (Reason.PROMISED, 28),
        "national": (Reason.ESCALATED, 28),
    }


def test_without_a_lead_it_is_a_task_of_the_lead_above(cast: Cast) -> None:
    calm()
    due(4, None, None)
    Membership.objects.filter(user=cast.head).delete()
    assert reasons(cast) == {"operations": (Reason.UNPLANNED, 0)}


def test_ended_role_brings_no_task(cast: Cast) -> None:
    calm()
    due(4, -28, None)
    for name, ends_on in (("director", TODAY), ("national", TODAY + datetime.timedelta(days=1))):
        Membership.objects.filter(user=getattr(cast, name)).update(ends_on=ends_on)
    assert set(reasons(cast)) == {"head", "national"}


def test_owner_lead_and_reviewer_in_one_has_the_task_once(cast: Cast) -> None:
    calm()
    west_kent = cast.head.memberships.get().organisation
    above = cast.director.memberships.get().organisation
    assert west_kent.parent == above
    Membership.objects.create(user=cast.head, role="reviewer", organisation=above)
    Membership.objects.create(user=cast.head, role="contributor", organisation=above)
    for days, reason in ((-40, Reason.OVERDUE), (-1, Reason.OVERDUE), (0, Reason.DUE_SOON)):
        due(4, days, cast.head)
        assert reasons(cast)["head"] == (reason, max(-days, 0))


def test_the_most_late_stands_first_within_its_reason(cast: Cast) -> None:
    calm()
    for number, days in ((1, -3), (2, -30), (3, -10)):
        due(number, days, cast.officer)
    found = waiting_for(Access(cast.officer, TODAY))
    assert [one.recommendation.number for one in found] == ["2", "3", "1"]
    assert [one.since for one in found] == [TODAY - datetime.timedelta(days=days) for days in (30, 10, 3)]


def test_fewer_days_ahead_show_less(cast: Cast) -> None:
    calm()
    due(1, 7, cast.officer)
    due(2, 8, cast.officer)
    found = waiting_for(Access(cast.officer, TODAY), days_ahead=7)
    assert [one.recommendation.number for one in found] == ["1"]


def by_hand(person: User, cast: Cast, on: datetime.date) -> set[tuple[int, str]]:
    """The same by the sentences of the rules, row by row, with loops in place of queries."""
    roles = [(m.role, m.organisation) for m in Membership.objects.active(on).filter(user=person)]
    led = {m.organisation.path for m in Membership.objects.active(on).filter(role="lead")}
    able = {m.user_id for m in Membership.objects.active(on) if m.role not in ("reader", "inspector")}
    able -= {m.user_id for m in Membership.objects.active(on) if m.role == "administrator"}
    found = set()
    rows = Recommendation.objects.filter(status="open", carried_by=None)
    for item in rows.select_related("addressee", "owner", "inspection__organisation"):
        path = item.addressee.path
        nearest = max((place for place in led if path.startswith(place)), key=len, default="")
        leads = any(role == "lead" and place.path == nearest for role, place in roles)
        reviews = any(r == "reviewer" and path.startswith(o.path) for r, o in roles)
        owns = item.owner == person and person.pk in able
        days = None if item.due_on is None else (item.due_on - on).days
        unowned = item.owner_id not in able
        if (owns or leads) and days is not None and days < 0:
            found.add((item.pk, "overdue" if owns else "overdue_here"))
        elif leads and (unowned or days is None):
            found.add((item.pk, "unplanned"))
        elif leads and item.outlook == "at_risk":
            found.add((item.pk, "at_risk"))
        elif (owns or leads) and days is not None and days <= 14:
            found.add((item.pk, "due_soon"))
        elif days is not None and days < 0 and promised(item, roles):
            found.add((item.pk, "promised"))
        elif reviews and days is not None and days <= -28:
            found.add((item.pk, "escalated"))
    return found


def promised(item: Recommendation, roles: list[tuple[str, Organisation]]) -> bool:
    """It stands in a report on an organisation that the person leads, and is addressed above it."""
    reports = [item.inspection, *(finding.inspection for finding in item.findings.all())]
    return any(
        role == "lead" and report.organisation == place and not item.addressee.path.startswith(place.path)
        for role, place in roles
        for report in reports
    )


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(1, 6))])
def test_tasks_match_the_plain_rules_on_random_rows(cast: Cast, seed: int) -> None:
    everywhere(seed, 150, list(vars(cast).values()), PATHS)
    dice = random.Random(seed)
    for person in dice.sample(list(vars(cast).values()), 3):
        where = Membership.objects.exclude(user=person).order_by("pk")[dice.randrange(10)].organisation
        role = dice.choice(["lead", "reviewer"])
        Membership.objects.get_or_create(user=person, role=role, organisation=where, ends_on=None)
    Membership.objects.filter(user=cast.neighbour).update(ends_on=TODAY)
    total = 0
    for name, person in vars(cast).items():
        access = Access(person, TODAY)
        everything = waiting_for(access)
        # Roles that nobody holds belong to no recommendation.
        waiting = [one for one in everything if one.reason != Reason.EMPTY_ROLE]
        assert len({one.recommendation.pk for one in waiting}) == len(waiting), name
        open_ones = {(one.recommendation.pk, one.reason) for one in waiting if one.recommendation.status == "open"}
        assert open_ones == by_hand(person, cast, TODAY), name
        assert {one.reason for one in waiting if one.recommendation.status != "open"} <= {"to_decide", "sustained"}
        assert count_waiting(Access(person, TODAY)) == len(everything), name
        total += len(waiting)
    assert total > 100


# -- home --------------------------------------------------------------------------------------


def sections(client: Client) -> dict[str, list[str]]:
    """What home shows: by heading, the titles under it."""
    page = read(client.get("/"))
    return {
        section.one("h2").text: [link.text for link in section.all("a")]
        for section in page.one(id="home").all("section")
    }


def badge(client: Client) -> str:
    link = next(a for a in read(client.get("/")).all("a", class_="govuk-service-navigation__link"))
    return link.text


def test_home_shows_it_by_reason_with_counts_and_a_badge(signed_in: SignedIn, cast: Cast) -> None:
    calm()
    due(1, -3, cast.officer)
    due(2, -30, None)
    due(3, 14, cast.officer)
    due(4, None, cast.officer)
    client = signed_in("head")
    assert sections(client) == {
        "Overdue (2)": ["Recommendation 2", "Recommendation 1"],
        "Due in the next 14 days (1)": ["Recommendation 3"],
        "Missing owner or due date (1)": ["Recommendation 4"],
    }
    assert "(4 tasks)" in badge(client)
    assert "Overdue by 30 days" in read(client.get("/")).text
    client = signed_in("director")
    assert sections(client) == {"Overdue by 28 days or more in your organisations (1)": ["Recommendation 2"]}
    assert "(1 task)" in badge(client)


@pytest.mark.parametrize("who", ["head", "national", "supplier"])
def test_home_and_the_badge_agree_on_random_rows(signed_in: SignedIn, cast: Cast, who: str) -> None:
    everywhere(5, 90, [cast.head, cast.national, cast.supplier], PATHS)
    client = signed_in(who)
    waiting: list[Waiting] = waiting_for(Access(getattr(cast, who), TODAY))
    assert waiting
    assert sum(len(titles) for titles in sections(client).values()) == len(waiting)
    assert (f"({len(waiting)} tasks)" in badge(client)) or len(waiting) > 99


def test_home_says_that_nothing_is_overdue(signed_in: SignedIn, cast: Cast) -> None:
    calm()
    client = signed_in("head")
    assert sections(client) == {}
    assert "You have nothing overdue" in read(client.get("/")).one(id="home").text
    assert "task" not in badge(client)


def test_person_without_a_role_is_told_whom_to_ask(signed_in: SignedIn, cast: Cast) -> None:
    text = read(signed_in("nobody").get("/")).one(id="home").text
    assert "You do not have a role at an organisation yet" in text
    assert "You have nothing overdue" not in text


def test_home_lists_what_others_changed_this_week(signed_in: SignedIn, cast: Cast) -> None:
    item = recommendation(4)
    change(item, by=Actor(cast.head), at=NOON, seen_version=1, plan=Plan(cast.officer, TODAY))
    change(item, by=Actor(cast.officer), at=NOON, seen_version=2, report=Report("some", "Begun."))
    home = read(signed_in("head").get("/")).one(id="home").text
    assert "update sent Officer, 23 November 2026, 12:00" in home
    assert "Progress: Not reported → Some progress" in home
    assert "“Begun.”" in home
    assert "owner named, due date set" not in home
    assert "owner named, due date set Head, 23 November 2026" in read(signed_in("officer").get("/")).one(id="home").text
    # The loading of the report is nobody's change, and others have no part in it.
    assert "Nothing in the last 7 days." in read(signed_in("colleague").get("/")).one(id="home").text


@pytest.mark.parametrize(("days", "is_told"), [(6, True), (7, False)])
def test_a_change_is_news_for_seven_days(signed_in: SignedIn, cast: Cast, days: int, is_told: bool) -> None:
    at = NOON - datetime.timedelta(days=days)
    assert at > LOADED
    change(recommendation(4), by=Actor(cast.head), at=at, seen_version=1, plan=Plan(cast.officer, TODAY))
    assert ("owner named, due date set Head" in read(signed_in("officer").get("/")).text) == is_told


def test_part_holds_only_home(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("head").get("/", headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert len(read(answer).all(id="home")) == 1


def test_dated_tasks_come_before_undated(cast: Cast) -> None:
    calm()
    due(1, None, cast.officer)
    due(2, 100, None)
    assert [waiting.recommendation.number for waiting in waiting_for(Access(cast.head, TODAY))] == ["2", "1"]
