"""Every section of the digest: for whom something stands in it, from which day on, and for nobody else."""

import pytest
from django.test import Client

from tests.accounts.covering import away
from tests.base import NOON, TODAY, Cast, west_kent
from tests.factories import place, read
from tests.recommendations.asking import REGION, TOP, WEST_KENT, answered, ask_of
from tests.recommendations.planning import fixed as plan_fixed
from tests.recommendations.promising import asked, fixed
from tests.recommendations.reviewing import LATE, returned, submitted
from tests.reminders.everything import (
    action,
    at_risk,
    day,
    due,
    everything,
    figure,
    lineage,
    plan_due,
    sustained,
)
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access
from tracker.inspections.models import Inspection
from tracker.measures.models import Measure
from tracker.recommendations.models import Action, Ask, Recommendation
from tracker.recommendations.task.roles import empty_roles
from tracker.reminders import emails
from tracker.reminders.emails.sections import Entry, entries_for

pytestmark = pytest.mark.usefixtures("few_people", "at_noon", "own_store")
Sections = dict[str, list[str]]
WEST, ABOVE = "West Kent PDU", "Kent, Surrey and Sussex"


def of(cast: Cast, name: str) -> list[Entry]:
    return entries_for(Access(getattr(cast, name), TODAY, NOON))


def told(cast: Cast, *leave_out: str) -> Sections:
    """By person, in which sections something stands for them; nobody else has anything."""
    active = set(User.objects.active())
    people = [name for name, person in vars(cast).items() if person in active]
    found = {name: [entry.section for entry in of(cast, name) if entry.section not in leave_out] for name in people}
    return {name: sections for name, sections in found.items() if sections}


def facts(cast: Cast, name: str) -> str:
    (entry,) = of(cast, name)
    return entry.facts


@pytest.mark.grid
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (8, {}),
        (7, {"officer": ["due"]}),
        (0, {"officer": ["due"]}),
        (-1, {"officer": ["overdue"]}),
        (-13, {"officer": ["overdue"]}),
        (-14, {"officer": ["overdue"], "head": ["overdue"]}),
        (-27, {"officer": ["overdue"], "head": ["overdue"]}),
        (
            -28,
            {"officer": ["overdue"], "head": ["overdue"], "director": ["escalated"], "national": ["escalated"]},
        ),
    ],
)
def test_a_recommendation_reaches_owner_lead_and_reviewer(cast: Cast, days: int, expected: Sections) -> None:
    due(4, days, cast.officer)
    assert told(cast) == expected


def test_overdue_item_without_owner_reaches_the_lead_at_once(cast: Cast) -> None:
    due(4, -1, None)
    assert told(cast) == {"head": ["overdue"]}
    due(4, -1, cast.nobody)
    assert told(cast) == {"head": ["overdue"]}
    assert facts(cast, "head") == "1 day late (due 22 November 2026). No owner (was Nobody)."


@pytest.mark.grid
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (8, {}),
        (7, {"officer": ["due"]}),
        (-1, {"officer": ["actions"]}),
        (-13, {"officer": ["actions"]}),
        (-14, {"officer": ["actions"], "head": ["actions"]}),
        (-40, {"officer": ["actions"], "head": ["actions"]}),
    ],
)
def test_an_action_reaches_owner_and_lead(cast: Cast, days: int, expected: Sections) -> None:
    action(cast, days, cast.officer)
    assert told(cast) == expected


def test_action_without_owner_reaches_the_lead_at_once(cast: Cast) -> None:
    made = action(cast, -1, None)
    assert told(cast) == {"head": ["actions"]}
    Action.objects.filter(pk=made.pk).update(owner=cast.nobody)
    assert told(cast) == {"head": ["actions"]}
    assert of(cast, "head")[0].line.title == "Train every officer"


def test_action_that_nobody_does_reaches_the_lead_before_it_is_late(cast: Cast) -> None:
    made = action(cast, 30, None)
    assert told(cast) == {"head": ["unplanned"]}
    assert facts(cast, "head").startswith("No owner. Due 23 December 2026. For Recommendation 4")
    assert of(cast, "head")[0].marks == (f"unplanned:action {made.pk}",)


def test_work_of_whoever_left_reaches_the_lead_in_one_item(cast: Cast) -> None:
    action(cast, 30, cast.officer)
    Measure.objects.create(
        organisation=place(WEST_KENT), name="Oversight", unit="%", better="up", supplier=cast.officer
    )
    assert told(cast, "figure") == {}
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    assert told(cast) == {"head": ["left"]}
    (entry,) = of(cast, "head")
    assert (entry.title, entry.facts) == ("Reassign work of Officer", f"2 open items. {WEST}.")
    assert (entry.marks, entry.is_new) == ((f"left:person {cast.officer.pk}",), False)
    letter = emails.digest(Access(cast.head, TODAY, NOON))
    assert letter is not None
    assert letter.subject == f"{WEST}: 1 leaver with work to reassign"
    assert f"/hand-over/{cast.officer.pk}/" in letter.text


def test_returned_item_reaches_owner_and_lead_late_or_not(cast: Cast) -> None:
    item = returned(4, cast)
    assert told(cast) == {"officer": ["returned"], "head": ["returned"]}
    assert facts(cast, "officer") == "Returned on 23 November 2026. Due 1 December 2026."
    Recommendation.objects.filter(pk=item.pk).update(due_on=LATE, original_due_on=LATE)
    assert told(cast) == {"officer": ["overdue"], "head": ["returned"]}
    assert "7 days late (due 16 November 2026). Returned on 23 November 2026" in facts(cast, "officer")
    assert any(mark.startswith("returned:") for mark in of(cast, "officer")[0].marks)


def test_submission_reaches_the_deciding_reviewer(cast: Cast) -> None:
    item = submitted(4, cast)
    Recommendation.objects.filter(pk=item.pk).update(submitted_on=day(-3))
    assert told(cast) == {"director": ["decide"]}
    assert facts(cast, "director").startswith("Waiting for 3 days (submitted 20 November 2026). Owner: Officer.")
    Membership.objects.filter(user=cast.director).delete()
    assert told(cast, "role") == {"national": ["decide"]}


def test_extension_request_reaches_the_reviewer(cast: Cast) -> None:
    fixed(4, cast.head)
    asked(4, cast.head)
    assert told(cast) == {"director": ["decide"]}
    entry = of(cast, "director")[0]
    assert entry.line.title == "Extension requested: 29 January 2027"
    assert entry.facts == "Waiting since today. Now due 1 December 2026. For Recommendation 4, West Kent PDU."


def test_complete_plan_reaches_the_reviewer(cast: Cast) -> None:
    plan_fixed(cast)
    # Whoever reviews above may clear it.
    assert told(cast) == {"director": ["decide"], "national": ["decide"]}
    assert facts(cast, "director").startswith("Waiting since today. Complete, to be approved")


@pytest.mark.parametrize(
    ("days", "expected"), [(8, {}), (7, {"head": ["due"]}), (0, {"head": ["due"]}), (-1, {"head": ["overdue"]})]
)
def test_a_plan_due_to_hmpps_reaches_the_lead(cast: Cast, days: int, expected: Sections) -> None:
    plan_due(days)
    assert told(cast) == expected


def test_request_reaches_the_person_asked_and_when_late_the_asker(cast: Cast) -> None:
    ask = ask_of(4, REGION, cast.head)
    assert told(cast) == {"operations": ["ask"]}
    assert facts(cast, "operations").startswith("Needed by 30 November 2026. Asked by Head. For Recommendation 4,")
    Ask.objects.filter(pk=ask.pk).update(wanted_on=day(-1))
    assert told(cast) == {"operations": ["ask"], "head": ["unanswered"]}
    assert "1 day late (needed by 22 November 2026). Request to Kent, Surrey and Sussex" in facts(cast, "head")


@pytest.mark.everybody
def test_missed_promised_day_reaches_the_person_asked_again(cast: Cast) -> None:
    ask = answered(ask_of(4, TOP, cast.head), cast.policy, "by_a_day", promised_on=TODAY)
    assert told(cast) == {}
    Ask.objects.filter(pk=ask.pk).update(promised_on=day(-2))
    assert told(cast) == {"policy": ["ask"], "head": ["unanswered"]}
    assert "2 days late (promised by 21 November 2026)" in facts(cast, "policy")


def test_item_at_risk_reaches_the_lead(cast: Cast) -> None:
    at_risk(4, cast.officer)
    assert told(cast) == {"head": ["risk"]}
    assert facts(cast, "head") == "At risk. Due 22 January 2027. Owner: Officer."


@pytest.mark.everybody
def test_a_figure_reaches_its_supplier(cast: Cast) -> None:
    figure(cast)
    assert told(cast) == {"supplier": ["figure"]}
    assert facts(cast, "supplier") == "No figure yet. West Kent PDU."


@pytest.mark.parametrize(("days", "named"), [(None, True), (100, False), (None, False)])
def test_item_without_owner_or_date_reaches_the_lead(cast: Cast, days: int | None, named: bool) -> None:
    due(4, days, cast.officer if named else None)
    assert told(cast) == {"head": ["unplanned"]}
    said = facts(cast, "head")
    assert ("No due date" in said, "No owner" in said) == (days is None, not named)


@pytest.mark.everybody
def test_overdue_item_of_region_or_hmpps_reaches_the_lead_below(cast: Cast) -> None:
    due(6, -1, cast.operations)
    assert told(cast) == {"operations": ["overdue"], "head": ["promised"]}
    due(6, 100, cast.operations)
    due(11, -30, cast.policy)
    assert told(cast) == {"policy": ["overdue"], "head": ["promised"], "national": ["escalated"]}


def test_proposed_repeat_reaches_the_lead_who_confirms_it(cast: Cast) -> None:
    lineage()
    assert told(cast) == {"head": ["lineage"]}


def test_sustained_check_reaches_the_reviewer(cast: Cast) -> None:
    sustained(cast, 4)
    assert told(cast) == {"director": ["sustained"]}


@pytest.mark.everybody
@pytest.mark.grid
@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        ("head", {"admin": [f"{WEST} lead"], "top_admin": [f"{WEST} lead"]}),
        ("director", {"admin": [f"{ABOVE} reviewer"], "top_admin": [f"{ABOVE} reviewer"]}),
        ("policy", {"top_admin": ["HMPPS lead"]}),
        ("national", {"top_admin": ["HMPPS reviewer"]}),
        ("independent", {"top_admin": ["HMPPS independent"]}),
        ("neighbour", {}),
        ("officer", {}),
    ],
)
def test_an_empty_role_reaches_those_who_can_fill_it(cast: Cast, gone: str, expected: Sections) -> None:
    Membership.objects.filter(user=getattr(cast, gone)).update(ends_on=TODAY)
    found = {name: empty_roles(Access(person, TODAY, NOON)) for name, person in vars(cast).items()}
    assert {
        name: [f"{one.organisation} {one.role}" for one in roles] for name, roles in found.items() if roles
    } == expected
    assert {name for name, sections in told(cast).items() if "role" in sections} == set(expected)


@pytest.mark.everybody
def test_empty_role_is_not_listed_where_nothing_is_addressed(cast: Cast) -> None:
    Membership.objects.filter(user=cast.head).delete()
    assert told(cast)["admin"] == ["role"]
    Inspection.objects.filter(pk=west_kent().pk).update(embargo_until=NOON.replace(year=2027))
    assert told(cast) == {}
    Inspection.objects.filter(pk=west_kent().pk).update(embargo_until=None)
    Recommendation.objects.filter(addressee=place(f"{REGION}west-kent-pdu/")).update(status="no_longer_applies")
    assert "admin" not in told(cast)


@pytest.mark.everybody
def test_the_link_of_an_empty_role_opens_the_form_filled_in(cast: Cast, client: Client) -> None:
    Membership.objects.filter(user=cast.head).delete()
    (entry,) = of(cast, "admin")
    assert entry.line.title == "West Kent PDU: no lead"
    client.force_login(cast.admin)
    form = read(client.get(entry.line.url)).one("form", action="/people/add/").sent()
    west = place(f"{REGION}west-kent-pdu/")
    assert (form["organisation"], form["role"]) == ([str(west.pk)], ["lead"])


# -- home and the digest ---------------------------------------------------------------------------------------------
@pytest.mark.everybody
@pytest.mark.grid
@pytest.mark.parametrize(
    "name", ["officer", "head", "operations", "director", "supplier", "top_admin", "admin", "policy"]
)
def test_home_and_digest_use_the_same_titles_and_links(cast: Cast, client: Client, name: str) -> None:
    everything(cast)
    client.force_login(getattr(cast, name))
    home = {(link.text, link.attrs["href"]) for link in read(client.get("/")).one(id="home").all("a")}
    entries = of(cast, name)
    assert {(entry.line.title, entry.line.url) for entry in entries} <= home
    for entry in entries:
        assert client.get(entry.line.url).status_code == 200
    letter = emails.digest(Access(getattr(cast, name), TODAY, NOON))
    assert (letter is None) == (not entries)


@pytest.mark.everybody
def test_sections_are_in_order_of_urgency(cast: Cast) -> None:
    everything(cast)
    assert {section for name in vars(cast) for section in (e.section for e in of(cast, name))} >= {
        *("overdue", "actions", "returned", "decide", "ask", "escalated", "due", "risk", "figure", "unplanned"),
        *("role", "unanswered", "promised", "lineage"),
    }
    sections = list(dict.fromkeys(entry.section for entry in of(cast, "head")))
    assert sections == [
        "overdue",
        "actions",
        "returned",
        "due",
        "risk",
        "unplanned",
        "unanswered",
        "promised",
        "lineage",
    ]


def test_a_long_section_is_folded_after_the_worst_ten(cast: Cast) -> None:
    rows = Recommendation.objects.filter(inspection=west_kent()).order_by("pk")
    pks = list(rows.values_list("pk", flat=True))[:14]
    for late, pk in enumerate(pks, start=1):
        Recommendation.objects.filter(pk=pk).update(owner=cast.officer, due_on=day(-late))
    access = Access(cast.officer, TODAY, NOON)
    letter = emails.digest(access)
    assert letter is not None
    assert "\nOverdue (14)\n" in letter.text
    assert "Hello Officer,\n\n14 overdue.\n\nOverdue (14)\n" in letter.text
    assert "\nOverdue: and 4 more\n" in letter.text
    assert letter.text.count(" late (due ") == 10
    assert "14 days late" in letter.text
    assert "\n4 days late" not in letter.text
    # All are told, also those that are folded; what is new is never folded away.
    assert {mark for mark in letter.told if mark.count(":") == 1} == {f"overdue:{pk}" for pk in pks}
    last = emails.PreviousDigest(day(-1), frozenset(letter.told) - {f"overdue:{pks[0]}"})
    later = emails.digest(access, last=last)
    assert later is not None
    assert "\nNew: " in later.text
    assert "\n1 day late" in later.text
    assert "1 item is new since your email of 22 November 2026." in later.text


# -- covers ----------------------------------------------------------------------------------------------------------
def test_cover_gets_what_is_new_for_the_absent_person_marked_as_theirs(cast: Cast) -> None:
    due(4, -20, cast.officer)
    due(5, -1, cast.colleague)
    away(cast.officer, cast.colleague)
    access = Access(cast.colleague, TODAY, NOON)
    letter = emails.digest(access)
    assert letter is not None
    assert letter.subject == "West Kent PDU: 1 overdue, 1 for someone away"
    own, theirs = letter.text.split("While Officer is away (until 3 December 2026)")
    assert ("Recommendation 5" in own, "Recommendation 4" in own) == (True, False)
    assert "Recommendation 4" in theirs
    assert "Owner:" not in theirs
    # The next day nothing is new; then one thing is, and the other only counted.
    last = emails.PreviousDigest(TODAY, frozenset(letter.told))
    tomorrow = Access(cast.colleague, day(1))
    assert emails.digest(tomorrow, last=last) is None
    due(3, -1, cast.officer)
    second = emails.digest(tomorrow, last=last)
    assert second is not None
    assert "Recommendation 3" in second.text
    assert "Recommendation 4" not in second.text
    assert "1 other task has not changed since your last email." in second.text
    # The one who is away hears as ever.
    assert [entry.section for entry in of(cast, "officer")] == ["overdue", "overdue"]


def test_digest_of_a_cover_names_the_absent_person(cast: Cast) -> None:
    submitted(4, cast)
    away(cast.director, cast.national)
    letter = emails.digest(Access(cast.national, TODAY, NOON))
    assert letter is not None
    assert letter.subject == "Covering Director: 1 decision to make"


def test_item_of_both_cover_and_absent_person_is_listed_once(cast: Cast) -> None:
    due(4, -40, cast.officer)
    away(cast.director, cast.national)
    (entry,) = of(cast, "national")
    assert (entry.section, entry.covers) == ("escalated", None)


def test_overdue_item_of_an_absent_person_is_not_repeated_weekly(cast: Cast) -> None:
    due(4, -40, cast.officer)
    away(cast.officer, cast.colleague, until=30)
    first = emails.digest(Access(cast.colleague, TODAY))
    assert first is not None
    last = emails.PreviousDigest(TODAY, frozenset(first.told))
    assert emails.digest(Access(cast.colleague, day(8)), last=last) is None


# -- what it costs ---------------------------------------------------------------------------------------------------
