"""One action plan from what it lacks to what was sent, and each of its verbs."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.base import KSS, NOON, TODAY, Cast, previous, recommendation, west_kent
from tests.factories import place, printed, read
from tests.recommendations.changing import SignedIn
from tests.recommendations.planning import (
    DUE,
    HTMX,
    agreed,
    cleared,
    complete,
    error_beside,
    fixed,
    plan,
    plan_url,
    planned,
    step,
    summary,
    verbs_of,
)
from tracker.accounts.policies import Access
from tracker.history.models import Event, FreeText
from tracker.history.operations import Actor
from tracker.recommendations.models import Action, ActionPlan, Recommendation, SentPlan
from tracker.recommendations.plan.operations import fix_dates, set_plan_due
from tracker.recommendations.plan.policies import can_clear
from tracker.recommendations.plan.queries import answered_in, complete_plans, last_plan_event, plan_page
from tracker.recommendations.response.queries import plans_waiting

pytestmark = pytest.mark.usefixtures("at_noon")


def lacking(page: Any) -> dict[str, list[str]]:
    """By recommendation, what its row says is still lacking."""
    rows = page.one("table").one("tbody").all("tr")
    return {
        row.one("th").all("a")[0].text: [line.text.split(" of ")[0] for line in row.all("td")[-1].all("li")]
        for row in rows
    }


@pytest.mark.verb
def test_plan_from_missing_items_to_sent(signed_in: SignedIn, cast: Cast) -> None:
    numbers = [int(item.number) for item in answered_in(plan())]
    client = signed_in("head")
    everything = ["Response", "Owner", "Due date", "First action"]
    assert lacking(read(client.get(plan_url()))) == {f"Recommendation {n}": everything for n in numbers}
    assert not ActionPlan.objects.exists(), "looking at it begins nothing"
    client.post(plan_url("due"), {"version": "1", "due_on": "14/12/2026"})
    assert "14 December 2026, 21 days left" in read(client.get(plan_url())).text
    for number in numbers:
        item = recommendation(number)
        said = {"version": str(item.version), "response": "agreed"}
        assert client.post(f"/recommendations/{item.pk}/respond/?to=plan", said)["Location"] == plan_url()
        item = recommendation(number)
        row = {"version": str(item.version), "owner": "officer", "due_on": "31/3/2027"}
        sent = {f"r{item.pk}-{name}": value for name, value in row.items()} | {"next": plan_url()}
        assert client.post(f"/recommendations/{item.pk}/change/", sent)["Location"] == plan_url()
    assert set(map(tuple, lacking(read(client.get(plan_url()))).values())) == {("First action",)}
    answers = [str(recommendation(n).pk) for n in numbers]
    url = f"/recommendations/{answers[0]}/actions/add/?to=plan"
    assert client.post(url, {"text": "Train every officer", "answers": answers}).status_code == 302
    assert set(map(tuple, lacking(read(client.get(plan_url()))).values())) == {()}
    assert signed_in("director").post(plan_url("clear"), {"seen_event": last_plan_event(plan())}).status_code == 422
    client = signed_in("head")
    assert "Recommendation 4: 31 March 2027" in read(client.get(plan_url("fix-dates"))).text
    assert client.post(plan_url("fix-dates"), {"seen_event": last_plan_event(plan())}).status_code == 302
    assert recommendation(4).original_due_on == DUE
    assert client.post(plan_url("send")).status_code == 422
    reviewer = signed_in("director")
    assert "Approve plan" in reviewer.get(plan_url()).text
    assert reviewer.post(plan_url("clear"), {"seen_event": last_plan_event(plan())}).status_code == 302
    client = signed_in("head")
    assert client.post(plan_url("send")).status_code == 302
    kept = f"/plans/sent/{SentPlan.objects.get().pk}/"
    as_sent = read(client.get(kept)).one(id="sent-plan").text
    assert "Sent on 23 November 2026 by Head." in as_sent
    assert "Train every officer" in as_sent
    change_all(client, numbers)
    assert read(client.get(kept)).one(id="sent-plan").text == as_sent
    assert plan().state == "sent"


def change_all(client: Any, numbers: list[int]) -> None:
    """What was sent must not follow any of this."""
    item, action = recommendation(numbers[0]), Action.objects.get()
    said = {"version": str(item.version), "response": "not_agreed", "not_agreed_reason": "It cannot be done."}
    assert client.post(f"/recommendations/{item.pk}/respond/", said).status_code == 302
    item = recommendation(numbers[0])
    row = {"version": str(item.version), "owner": "colleague", "due_on": "1/3/2027"}
    moved = {f"r{item.pk}-{name}": value for name, value in row.items()}
    assert client.post(f"/recommendations/{item.pk}/change/", moved).status_code == 302
    edited = {"version": str(action.version), "text": "Train nobody", "answers": [item.pk], "owner": "officer"}
    assert client.post(f"/actions/{action.pk}/edit/", edited).status_code == 302
    assert client.post(f"/actions/{action.pk}/done/").status_code == 302


def test_not_agreed_needs_nothing_more(signed_in: SignedIn, cast: Cast) -> None:
    agreed(recommendation(4), cast.head, "not_agreed", reason="Unlawful.")
    agreed(recommendation(5), cast.head, "partly", part="Half.", reason="Not ours.")
    found = lacking(read(signed_in("head").get(plan_url())))
    assert found["Recommendation 4"] == []
    assert found["Recommendation 5"] == ["Owner", "Due date", "First action"]


def test_departed_owner_is_missing_and_ongoing_counts_as_dated(cast: Cast, signed_in: SignedIn) -> None:
    complete(cast)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(due_on=None, review_on=TODAY)
    cast.officer.memberships.update(ends_on=TODAY)
    assert lacking(read(signed_in("head").get(plan_url())))["Recommendation 4"] == ["Owner"]
    Recommendation.objects.filter(pk=recommendation(4).pk).update(review_on=TODAY - datetime.timedelta(days=1))
    assert lacking(read(signed_in("head").get(plan_url())))["Recommendation 4"] == ["Owner", "Due date"]


def test_dropped_action_does_not_count(cast: Cast, signed_in: SignedIn) -> None:
    complete(cast)
    client = signed_in("head")
    assert client.post(f"/actions/{Action.objects.get().pk}/drop/", {"reason": "Too dear."}).status_code == 302
    assert lacking(read(client.get(plan_url())))["Recommendation 4"] == ["First action"]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_plan_due_day_is_set_changed_and_recorded(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    client = signed_in("head")
    for version, day in ((1, "14/12/2026"), (2, "15/12/2026"), (3, "")):
        answer = client.post(plan_url("due"), {"version": version, "due_on": day}, headers=headers)
        assert answer.status_code == (200 if headers else 302)
    assert plan().due_on is None
    assert verbs_of(plan()) == ["plan.due_set"] * 3 + ["plan.begun"]
    assert Event.objects.about(plan()).newest_first()[1].changes["due_on"] == ["2026-12-14", "2026-12-15"]


def test_unusual_day_needs_confirmation(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    assert not read(client.get(plan_url("due"))).all(name="confirm")
    answer = client.post(plan_url("due"), {"version": 1, "due_on": "1/11/2026"})
    assert answer.status_code == 422
    assert error_beside(answer, "due_on") == "1 November 2026 is in the past. If this is right, tick the box below."
    assert len(read(answer).all(name="confirm")) == 1
    answer = client.post(plan_url("due"), {"version": 1, "due_on": "1/11/2026", "confirm": "on"})
    assert answer.status_code == 302
    assert "22 days late" in client.get(plan_url()).text


def test_a_stale_day_shows_the_three_versions(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    for n in (1, 2):
        set_plan_due(plan(), by=Actor(cast.head), at=NOON, seen_version=n, due_on=datetime.date(2026, 12, n))
    answer = client.post(plan_url("due"), {"version": 2, "due_on": "3/12/2026"})
    assert answer.status_code == 409
    cells = [cell.text for cell in read(answer).one("table").one("tbody").all("td")]
    assert cells == ["1 December 2026", "2 December 2026", "3 December 2026 differs"]
    assert client.post(plan_url("due"), read(answer).one("form", action=plan_url("due")).sent()).status_code == 302
    assert plan().due_on == datetime.date(2026, 12, 3)


def test_all_due_dates_are_confirmed_in_one_step(signed_in: SignedIn, cast: Cast) -> None:
    complete(cast)
    with_date = step(cast, 4, text="Hire", due_on=DUE)
    old = previous(1)
    Recommendation.objects.filter(pk=old.pk).update(addressee=recommendation(4).addressee)
    planned(old, cast.officer, cast.head)
    item = recommendation(5)
    Recommendation.objects.filter(pk=item.pk).update(due_on=None)
    client = signed_in("head")
    preview = read(client.get(plan_url("fix-dates"))).one("main").text
    for words in ("Recommendation 4: 31 March 2027", "Action “Hire”: 31 March 2027", f"{old.title}: 31 March 2027"):
        assert words in preview
    assert "These have no due date yet You can confirm these later. Recommendation 5" in preview
    assert client.post(plan_url("fix-dates"), {"seen_event": last_plan_event(plan())}).status_code == 302
    assert recommendation(4).original_due_on == recommendation(4).due_on == DUE
    assert Action.objects.get(pk=with_date.pk).original_due_on == DUE
    assert Recommendation.objects.get(pk=old.pk).original_due_on == DUE
    assert recommendation(5).original_due_on is None
    assert plan().dates_fixed_on == TODAY
    told = Event.objects.filter(operation_id=Event.objects.about(plan()).newest_first()[0].operation_id)
    assert {event.verb for event in told} == {
        "recommendation.dates_fixed",
        "action.date_fixed",
        "plan.begun",
        "plan.dates_fixed",
    }
    planned(recommendation(5), cast.officer, cast.head)
    assert client.post(plan_url("fix-dates"), {"seen_event": last_plan_event(plan())}).status_code == 302
    assert recommendation(5).original_due_on == DUE


def test_confirming_without_provisional_dates_is_refused(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("head").post(plan_url("fix-dates"), {"seen_event": last_plan_event(plan())})
    assert answer.status_code == 422
    assert "There are no provisional dates to confirm." in summary(answer)
    assert not ActionPlan.objects.exists()


def test_confirmed_date_moves_later_only_by_extension(signed_in: SignedIn, cast: Cast) -> None:
    fixed(cast)
    item = recommendation(4)
    sent = {f"r{item.pk}-version": item.version, f"r{item.pk}-owner": "officer", f"r{item.pk}-due_on": "1/4/2027"}
    answer = signed_in("head").post(f"/recommendations/{item.pk}/change/", sent)
    assert answer.status_code == 422
    assert recommendation(4).due_on == DUE


@pytest.mark.parametrize("verb", ["fix-dates", "clear"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_changes_since_the_page_was_opened_are_shown_before_deciding(
    signed_in: SignedIn, cast: Cast, verb: str, headers: dict[str, str]
) -> None:
    (complete if verb == "fix-dates" else fixed)(cast)
    who = signed_in("head" if verb == "fix-dates" else "director")
    opened = read(who.get(plan_url(verb))).one("form", action=plan_url(verb)).sent()
    agreed(recommendation(4), cast.head, "not_agreed", reason="Unlawful after all.")
    answer = who.post(plan_url(verb), opened, headers=headers)
    assert answer.status_code == 409
    assert "Recommendation 4: Response recorded" in read(answer).text
    assert "Unlawful after all." in read(answer).text
    assert plan().state == "draft"
    again = read(answer).one("form", action=plan_url(verb)).sent()
    assert who.post(plan_url(verb), again, headers=headers).status_code == (200 if headers else 302)


def test_reviewer_approves_plan_with_a_comment(signed_in: SignedIn, cast: Cast) -> None:
    fixed(cast)
    sent = {"seen_event": last_plan_event(plan()), "comment": "Well done."}
    client = signed_in("director")
    assert client.post(plan_url("clear"), sent).status_code == 302
    assert (plan().state, plan().cleared_by, plan().cleared_on) == ("cleared", cast.director, TODAY)
    event = Event.objects.about(plan()).newest_first()[0]
    assert (event.verb, str(event.why)) == ("plan.cleared", "Well done.")
    page = read(client.get(plan_url())).one("main").text
    assert "Approved by Director on 23 November 2026" in page
    assert "Well done." in page
    assert client.post(plan_url("clear"), {"seen_event": last_plan_event(plan())}).status_code == 422


def test_incomplete_plan_is_not_approved(signed_in: SignedIn, cast: Cast) -> None:
    fixed(cast)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(response="")
    answer = signed_in("director").post(plan_url("clear"), {"seen_event": last_plan_event(plan())})
    assert answer.status_code == 422
    assert "Information is still missing for: Recommendation 4." in summary(answer)


@pytest.mark.parametrize(("who", "status"), [("head", 403), ("officer", 403), ("operations", 403), ("stranger", 404)])
def test_only_reviewers_approve_a_plan(signed_in: SignedIn, cast: Cast, who: str, status: int) -> None:
    fixed(cast)
    assert signed_in(who).post(plan_url("clear"), {"seen_event": last_plan_event(plan())}).status_code == status


def test_plan_changed_after_approval_cannot_be_sent(signed_in: SignedIn, cast: Cast) -> None:
    cleared(cast)
    item = recommendation(4)
    planned(item, cast.colleague, cast.head)
    assert (plan().state, verbs_of(plan())[0]) == ("draft", "plan.uncleared")
    assert signed_in("head").post(plan_url("send")).status_code == 422
    ActionPlan.objects.filter(pk=plan().pk).update(state="cleared", cleared_by=cast.director, cleared_on=TODAY)
    answer = signed_in("head").post(plan_url("send"))
    assert answer.status_code == 422
    assert "has changed since it was approved" in summary(answer)
    assert not SentPlan.objects.exists()


def test_plan_is_sent_once_and_a_new_version_can_be_created(signed_in: SignedIn, cast: Cast) -> None:
    cleared(cast)
    client, key = signed_in("head"), {"request_key": str(uuid.uuid4())}
    assert [client.post(plan_url("send"), key).status_code for _n in range(2)] == [302, 302]
    assert SentPlan.objects.count() == 1
    assert client.post(plan_url("send")).status_code == 422
    assert client.post(plan_url("revise"), {"reason": "A new court."}).status_code == 302
    assert (plan().state, plan().sent_on, plan().cleared_by) == ("draft", None, None)
    assert client.post(plan_url("revise")).status_code == 422
    sent = {"seen_event": last_plan_event(plan())}
    assert signed_in("director").post(plan_url("clear"), sent).status_code == 302
    assert signed_in("head").post(plan_url("send")).status_code == 302
    assert list(SentPlan.objects.order_by("pk").values_list("number", flat=True)) == [1, 2]


def test_removed_words_are_removed_from_what_was_sent_too(signed_in: SignedIn, cast: Cast) -> None:
    cleared(cast)
    client = signed_in("head")
    client.post(plan_url("send"))
    FreeText.objects.filter(text="Train every officer").update(text="")
    page = client.get(f"/plans/sent/{SentPlan.objects.get().pk}/").text
    assert "[removed]" in page
    assert "Train every officer" not in page


def test_an_owner_from_elsewhere_does_not_see_the_plan(signed_in: SignedIn, cast: Cast) -> None:
    cleared(cast)
    signed_in("head").post(plan_url("send"))
    planned(recommendation(4), cast.stranger, cast.head)
    client = signed_in("stranger")
    assert client.get(f"/inspections/{west_kent().pk}/").status_code == 200
    assert client.get(plan_url()).status_code == 404
    assert client.get(f"/plans/sent/{SentPlan.objects.get().pk}/").status_code == 404
    assert "Action plan" not in client.get(f"/recommendations/{recommendation(4).pk}/").text


def test_plan_exists_for_each_addressee(signed_in: SignedIn, cast: Cast) -> None:
    start = f"/inspections/{west_kent().pk}/plan/"
    east = place(f"{KSS}east-kent-pdu/")
    assert signed_in("director").get(f"{start}{east.pk}/").status_code == 404
    assert signed_in("director").get(f"{start}99999/").status_code == 404
    assert signed_in("head").get(f"{start}{place(KSS).pk}/").status_code == 200
    assert signed_in("head").post(f"{start}{place(KSS).pk}/due/", {"version": 1}).status_code == 403


def test_the_inspection_lists_its_plans(signed_in: SignedIn, cast: Cast) -> None:
    cleared(cast)
    page = read(signed_in("officer").get(f"/inspections/{west_kent().pk}/"))
    found = {link.text for link in page.all("a") if "/plan/" in link.attrs.get("href", "")}
    assert found == {"West Kent PDU", "Kent, Surrey and Sussex", "HMPPS"}
    assert "Approved by Director on 23 November 2026" in page.text


def test_the_condition_and_the_page_agree_on_what_is_complete(cast: Cast) -> None:
    def both() -> bool:
        page = plan_page(plan(), TODAY)
        found = complete_plans(TODAY).filter(pk=plan().pk).exists()
        assert found == (page.is_complete and plan().state == "draft" and plan().pk is not None)
        return found

    said = [both()]
    complete(cast)
    said.append(both())
    fixed_now(cast)
    said.append(both())
    pk = recommendation(4).pk
    changes: tuple[dict[str, Any], ...] = (
        {"response": ""},
        {"owner": None},
        {"original_due_on": None},
        {"due_on": None, "original_due_on": None},
        {"owner": cast.reader},
    )
    for change in changes:
        before = {name: getattr(Recommendation.objects.get(pk=pk), name) for name in change}
        Recommendation.objects.filter(pk=pk).update(**change)
        said.append(both())
        Recommendation.objects.filter(pk=pk).update(**before)
    Action.objects.update(state="dropped")
    said.append(both())
    assert said == [False, False, True, *[False] * 6]


def fixed_now(cast: Cast) -> None:
    fix_dates(plan(), by=Actor(cast.head), at=NOON, seen_event=last_plan_event(plan()))


def waiting(cast: Cast) -> dict[str, list[tuple[str, int]]]:
    found = {
        name: [(one.reason, one.days_overdue) for one in plans_waiting(Access(person, TODAY))]
        for name, person in vars(cast).items()
    }
    return {name: reasons for name, reasons in found.items() if reasons}


def test_plans_wait_for_their_lead_and_then_for_the_reviewer(cast: Cast) -> None:
    assert waiting(cast) == {}
    set_plan_due(plan(), by=Actor(cast.head), at=NOON, seen_version=1, due_on=TODAY - datetime.timedelta(days=3))
    assert waiting(cast) == {"head": [("plan_due", 3)]}
    fixed(cast)
    clear = [("plan_to_clear", 0)]
    assert waiting(cast) == {"head": [("plan_due", 3)], "director": clear, "national": clear}
    for name, person in vars(cast).items():
        may = can_clear(Access(person, TODAY), plan())
        assert may == (name in ("director", "national")), name
    ActionPlan.objects.update(state="sent", cleared_by=cast.director, cleared_on=TODAY)
    assert waiting(cast) == {}


def test_the_page_costs_the_same_for_many(
    signed_in: SignedIn, cast: Cast, django_assert_num_queries: Callable[..., Any]
) -> None:
    complete(cast)
    client = signed_in("head")
    for more in (0, 30):
        new = printed_more(more)
        if new:
            step(cast, *[int(item.number) for item in new], text="More")
        # The count of tasks holds until the next event.
        client.get("/badge/")
        with django_assert_num_queries(17):
            assert client.get(plan_url()).status_code == 200


def printed_more(count: int) -> list[Recommendation]:
    items = printed(west_kent(), recommendation(4).addressee, count)
    for item in items:
        Recommendation.objects.filter(pk=item.pk).update(number=str(item.position + 100))
    return list(Recommendation.objects.filter(pk__in=[item.pk for item in items]))
