"""What repeats what: linked, confirmed or not, carried by the later one, and let go again."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import KSS, NOON, TODAY, Cast, previous, recommendation, west_kent
from tests.factories import inspection_at, place, printed, read
from tests.recommendations.changing import SignedIn
from tests.recommendations.promising import HTMX, address, error_beside, form_of, last_event, opened, said_above
from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.history.operations import Actor, operation
from tracker.inspections.models import Inspection
from tracker.recommendations.lineage import operations
from tracker.recommendations.lineage.policies import may_be_repeated
from tracker.recommendations.lineage.queries import lineage_waiting
from tracker.recommendations.models import Lineage, Recommendation, status_filters

pytestmark = pytest.mark.usefixtures("at_noon")
BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])


def link_url() -> str:
    return address(recommendation(4), "link-earlier")


def url(link: Lineage, verb: str = "confirm") -> str:
    return f"/lineage/{link.pk}/{verb}/"


def proposed(later: Recommendation | None = None, said_by: str = "ours") -> Lineage:
    """Recommendation 4, to West Kent, repeats previous 2, to the region."""
    Recommendation.objects.filter(pk=previous(2).pk).update(asked_before="2019, 2021")
    with operation(by=None, at=NOON) as op:
        return operations.propose(previous(2), later or recommendation(4), said_by=said_by, op=op)


def confirmed(cast: Cast, link: Lineage | None = None) -> Lineage:
    link = link or proposed()
    return operations.confirm_lineage(link, by=Actor(cast.head), at=NOON, seen_version=link.version, state="confirmed")


def leads_both(cast: Cast) -> None:
    Membership.objects.create(user=cast.head, role="lead", organisation=place(KSS))


def shown(client: Client, item: Recommendation) -> str:
    return read(client.get(f"/recommendations/{item.pk}/")).one(id="lineage").text


@pytest.mark.verb
@BOTH
def test_the_lead_links_an_earlier_one(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    client = signed_in("head")
    typed = {"earlier": str(previous(2).pk), "said_by": "report", "reason": "Annexe one."}
    answer = client.post(link_url(), opened(client, link_url()) | typed, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    link = Lineage.objects.get()
    assert (link.earlier, link.later, link.said_by, link.state) == (
        previous(2),
        recommendation(4),
        "report",
        "proposed",
    )
    event = last_event("lineage.linked")
    assert (event.actor, str(event.why), event.recommendation_id) == (cast.head, "Annexe one.", recommendation(4).pk)


def test_only_what_came_before_in_the_same_line_can_be_repeated(cast: Cast) -> None:
    older = printed(inspection_at(KSS, "Older", 2019), place(KSS), 1)[0]
    beside = printed(inspection_at(f"{KSS}east-kent-pdu/", "Beside", 2019), place(f"{KSS}east-kent-pdu/"), 1)[0]
    newer = printed(inspection_at(KSS, "Newer", 2025), place(KSS), 1)[0]
    found = set(may_be_repeated(Access(cast.operations, TODAY, NOON), recommendation(4)))
    assert found == {older, *Recommendation.objects.filter(inspection=west_kent(), is_previous=True)}
    assert not {beside, newer, recommendation(4), recommendation(5)} & found
    proposed()
    assert previous(2) not in may_be_repeated(Access(cast.operations, TODAY, NOON), recommendation(4))
    assert set(may_be_repeated(Access(cast.operations, TODAY, NOON), previous(2))) == {older, beside}


@pytest.mark.parametrize(
    ("typed", "name", "said"),
    [
        ({"earlier": ""}, "earlier", "Select the earlier recommendation it repeats"),
        ({"earlier": "0"}, "earlier", "Select a valid choice."),
        ({"said_by": "me"}, "said_by", "Select a valid choice."),
    ],
)
def test_refusals_are_shown_beside_their_field(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], name: str, said: str
) -> None:
    client = signed_in("head")
    form = opened(client, link_url()) | {"earlier": str(previous(2).pk)} | typed
    answer = client.post(link_url(), form)
    assert answer.status_code == 422
    assert error_beside(answer, name).startswith(said) or name == "earlier"
    assert not Lineage.objects.exists()


def test_duplicate_link_is_refused_and_a_rejected_one_can_be_reopened(cast: Cast) -> None:
    link = proposed()
    again: dict[str, Any] = {"by": Actor(cast.head), "at": NOON, "earlier": previous(2)}
    with pytest.raises(ValidationError):
        operations.link_earlier(recommendation(4), **again)
    operations.confirm_lineage(link, by=Actor(cast.head), at=NOON, seen_version=1, state="rejected")
    assert operations.link_earlier(recommendation(4), **again).state == "proposed"
    assert Lineage.objects.count() == 1


@BOTH
def test_confirming_changes_only_the_link(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    link = proposed()
    client = signed_in("head")
    page = read(client.get(url(link)))
    assert previous(2).text in page.text
    assert "Our interpretation" in page.text
    assert "Previous recommendation 2 is addressed to Kent, Surrey and Sussex" in page.text
    assert not page.all("input", name="carried")
    form = opened(client, url(link)) | {"state": "confirmed", "carried": "yes"}
    assert client.post(url(link), form, headers=headers).status_code == (200 if headers else 302)
    link.refresh_from_db()
    assert (link.state, link.decided_by, link.decided_on) == ("confirmed", cast.head, TODAY)
    assert previous(2).carried_by is None
    assert last_event("lineage.confirmed").changes["state"] == ["proposed", "confirmed"]


@BOTH
def test_lead_rejects_the_link(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    link = proposed()
    client = signed_in("head")
    form = opened(client, url(link)) | {"state": "rejected"}
    for _again in range(2):
        assert client.post(url(link), form, headers=headers).status_code == (200 if headers else 302)
    assert Event.objects.filter(verb="lineage.rejected").count() == 1
    assert "Previous recommendation 2" not in shown(client, recommendation(4))


def test_lead_of_both_is_asked_once_about_carrying(signed_in: SignedIn, cast: Cast) -> None:
    leads_both(cast)
    link = proposed()
    client = signed_in("head")
    answer = client.post(url(link), opened(client, url(link)) | {"state": "confirmed"})
    assert error_beside(answer, "carried") == "Select if the earlier one is carried forward in this one"
    form = form_of(answer, url(link)).sent() | {"state": "confirmed", "carried": "yes"}
    assert client.post(url(link), form).status_code == 302
    assert previous(2).carried_by == recommendation(4)
    carried, noted = last_event("recommendation.carried"), last_event("lineage.carried")
    assert carried.changes["carried_by_id"] == [None, recommendation(4).pk]
    assert (carried.operation_id, noted.recommendation_id) == (noted.operation_id, recommendation(4).pk)


@BOTH
def test_lead_of_the_earlier_carries_it_forward(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    link = proposed()
    client = signed_in("operations")
    early = client.post(url(link, "carry"), opened(client, url(link, "carry")))
    assert "The lead of West Kent PDU must first confirm that it is a repeat." in said_above(early)
    confirmed(cast, link)
    assert read(client.get(f"/recommendations/{previous(2).pk}/")).all("a", href=url(link, "carry"))
    form = opened(client, url(link, "carry"))
    for _again in range(2):
        assert client.post(url(link, "carry"), form, headers=headers).status_code == (200 if headers else 302)
    assert previous(2).carried_by == recommendation(4)
    assert Event.objects.filter(verb="recommendation.carried").count() == 1
    assert "It is carried forward in Recommendation 4" in said_above(
        client.post(url(link, "carry"), opened(client, url(link, "carry")))
    )


def carried(cast: Cast) -> Lineage:
    link = confirmed(cast)
    operations.carry(link, by=Actor(cast.operations), at=NOON)
    return link


def test_carried_item_is_shown_on_both_pages_and_not_chased(signed_in: SignedIn, cast: Cast) -> None:
    Recommendation.objects.filter(pk=previous(2).pk).update(due_on=TODAY - datetime.timedelta(days=9))
    assert Recommendation.objects.filter(status_filters(TODAY)["overdue"]).count() == 1
    carried(cast)
    assert Recommendation.objects.filter(status_filters(TODAY)["overdue"]).count() == 0
    client = signed_in("operations")
    text = shown(client, previous(2))
    assert "Carried forward in Recommendation 4" in text
    later = shown(client, recommendation(4))
    assert "Carried forward in this recommendation" in later
    assert "HMIP found, May 2022" in later
    refused = client.get(address(previous(2), "due"))
    form = form_of(refused, address(previous(2), "due")).sent() | {"due_on": "1/12/2026"}
    there = "Recommendation 4 of An inspection of probation services in West Kent PDU"
    said = said_above(client.post(address(previous(2), "due"), form))
    assert f"It is carried forward in {there}. Do this there." in said


def test_cycles_and_closed_carriers_are_refused(cast: Cast) -> None:
    link = carried(cast)
    for status in ("signed_off", "no_longer_applies"):
        Recommendation.objects.filter(pk=previous(2).pk).update(carried_by=None)
        Recommendation.objects.filter(pk=recommendation(4).pk).update(
            status=status, signed_off_by=cast.director, signed_off_on=TODAY, accepted_on=TODAY
        )
        with pytest.raises(ValidationError, match="no longer open"):
            operations.carry(link, by=Actor(cast.operations), at=NOON)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(status="open", carried_by=previous(2))
    with pytest.raises(ValidationError, match="It is carried forward in Previous recommendation 2"):
        operations.carry(link, by=Actor(cast.operations), at=NOON)


@BOTH
@pytest.mark.parametrize("name", ["head", "operations"])
def test_either_lead_ends_the_carrying(signed_in: SignedIn, cast: Cast, headers: dict[str, str], name: str) -> None:
    carried(cast)
    client, path = signed_in(name), address(previous(2), "let-go")
    form = opened(client, path) | {"reason": "They part ways."}
    assert client.post(path, opened(client, path), headers=headers).status_code == 422
    for _again in range(2):
        assert client.post(path, form, headers=headers).status_code == (200 if headers else 302)
    assert previous(2).carried_by is None
    event = last_event("recommendation.let_go")
    assert (str(event.why), event.changes["carried_by_id"]) == ("They part ways.", [recommendation(4).pk, None])
    with pytest.raises(ValidationError, match="This recommendation is not carried forward in another one"):
        operations.unlink_successor(previous(2), by=Actor(cast.operations), at=NOON, reason="Again.")


def test_carried_link_is_not_rejected_before_carrying_ends(cast: Cast) -> None:
    link = carried(cast)
    with pytest.raises(ValidationError, match="Track it separately first"):
        operations.confirm_lineage(link, by=Actor(cast.head), at=NOON, seen_version=link.version, state="rejected")


def test_second_saver_sees_what_the_first_did(signed_in: SignedIn, cast: Cast) -> None:
    link = proposed()
    client = signed_in("head")
    form = opened(client, url(link)) | {"state": "rejected"}
    confirmed(cast, link)
    answer = client.post(url(link), form)
    assert answer.status_code == 409
    assert [cell.text for cell in read(answer).one("table").all("td")] == [
        "Not confirmed yet",
        "Confirmed",
        "Not a repeat differs",
    ]
    assert client.post(url(link), form_of(answer, url(link)).sent()).status_code == 302
    link.refresh_from_db()
    assert link.state == "rejected"


def test_other_columns_are_not_set_by_posting_them(signed_in: SignedIn, cast: Cast) -> None:
    link = proposed()
    client = signed_in("head")
    more = {
        "said_by": "report",
        "earlier": str(previous(3).pk),
        "carried_by": str(recommendation(5).pk),
        "carried": "yes",
    }
    client.post(url(link), opened(client, url(link)) | {"state": "confirmed", "carried": "yes"} | more)
    link.refresh_from_db()
    assert (link.said_by, link.earlier, recommendation(4).carried_by) == ("ours", previous(2), None)


# Linking recommendation 4, confirming, carrying previous 2 (to the region), letting it go.
GRID = """
            link confirm carry let_go
head        200  200     403   403
officer     403  403     403   403
neighbour   404  404     404   404
operations  403  403     200   200
director    403  403     403   403
policy      403  403     403   403
national    403  403     403   403
reader      403  403     403   403
admin       403  403     403   403
stranger    404  404     404   404
nobody      404  404     404   404
"""


@pytest.mark.parametrize("line", GRID.strip().splitlines()[1:], ids=lambda line: line.split()[0])
def test_who_may_link_confirm_carry_and_unlink(signed_in: SignedIn, cast: Cast, line: str) -> None:
    name, *expected = line.split()
    link = proposed()
    client = signed_in(name)
    paths = [link_url(), url(link), url(link, "carry"), address(previous(2), "let-go")]
    assert [str(client.get(path).status_code) for path in paths] == expected


def test_signed_out_person_is_redirected_to_sign_in(cast: Cast, client: Client, at_noon: datetime.datetime) -> None:
    link = proposed()
    for path in (link_url(), url(link), url(link, "carry"), address(previous(2), "let-go")):
        assert client.get(path).status_code == 302
        assert client.get(path, headers=HTMX).status_code == 401


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("2019, 2021", "Recommended before, in 2019 and 2021: No progress in 2022"),
        ("2019", "Recommended before, in 2019: No progress in 2022"),
        ("", "Recommended before: No progress in 2022"),
    ],
)
def test_the_page_says_when_it_was_asked_for_before(signed_in: SignedIn, cast: Cast, before: str, said: str) -> None:
    proposed()
    Recommendation.objects.filter(pk=previous(2).pk).update(asked_before=before)
    page = read(signed_in("reader").get(f"/recommendations/{recommendation(4).pk}/")).one(id="lineage")
    assert "open" in page.attrs
    assert page.all("strong")[0].text == said
    assert "Our interpretation · Not confirmed yet" in page.text
    assert not page.all("a", href=url(Lineage.objects.get()))


def test_the_years_go_back_along_the_chain(signed_in: SignedIn, cast: Cast) -> None:
    proposed(said_by="report")
    older = printed(inspection_at(KSS, "Older", 2017), place(KSS), 1)[0]
    with operation(by=None, at=NOON) as op:
        operations.propose(older, previous(2), said_by="ours", op=op)
    text = shown(signed_in("operations"), recommendation(4))
    assert "Recommended before, in 2017, 2019 and 2021: No progress in 2022" in text
    assert "Quoted from the report" in text
    assert older.text in text


def test_invisible_link_is_not_shown(signed_in: SignedIn, cast: Cast) -> None:
    newer = printed(inspection_at(KSS, "Embargoed", 2026), place(f"{KSS}west-kent-pdu/"), 1)[0]
    link = proposed(later=newer)
    confirmed(cast, link)
    operations.carry(link, by=Actor(cast.operations), at=NOON)
    Inspection.objects.filter(title="Embargoed").update(embargo_until=NOON.replace(year=2027))
    client = signed_in("operations")
    text = shown(client, previous(2))
    assert "Carried forward in a later recommendation." in text
    assert "Recommended again" not in text
    assert client.get(url(link)).status_code == 404


def test_a_proposed_link_waits_for_the_lead_of_the_later(cast: Cast) -> None:
    def who() -> set[str]:
        return {name for name in vars(cast) if lineage_waiting(Access(getattr(cast, name), TODAY, NOON))}

    link = proposed()
    assert who() == {"head"}
    confirmed(cast, link)
    assert who() == set()


def test_page_and_tasks_cost_the_same_for_many(
    signed_in: SignedIn, cast: Cast, django_assert_num_queries: Callable[..., Any]
) -> None:
    client = signed_in("head")
    counts = []
    for positions in ((2,), (1, 3, 4, 5, 6)):
        with operation(by=None, at=NOON) as op:
            for position in positions:
                operations.propose(previous(position), recommendation(4), said_by="ours", op=op)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/recommendations/{recommendation(4).pk}/")
        with django_assert_num_queries(6):
            lineage_waiting(Access(cast.head, TODAY, NOON))
        counts.append(len(queries))
    assert counts[0] == counts[1]
