"""Evidence is withdrawn with a reason by a lead or its author, not while it is submitted, and stays listed."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.evidence import give
from tests.recommendations.offered import stored
from tracker.history.models import Event
from tracker.recommendations.models import Evidence, Recommendation

SignedIn = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("at_noon", "own_store")


def url(evidence: Evidence) -> str:
    return f"/evidence/{evidence.pk}/withdraw/"


@pytest.mark.verb
def test_it_stays_listed_with_the_reason(signed_in: SignedIn, cast: Cast) -> None:
    (kept,) = give(cast.officer, [4])
    files = stored()
    answer = signed_in("head").post(url(kept), {"reason": "It counted other cases."})
    item = recommendation(4)
    assert (answer.status_code, answer["Location"]) == (302, f"/recommendations/{item.pk}/#evidence")
    kept.refresh_from_db()
    assert (kept.withdrawn_on, kept.withdrawn_by, kept.is_removed) == (TODAY, cast.head, False)
    assert stored() == files
    event = Event.objects.about(kept).newest_first()[0]
    assert (event.verb, event.actor, str(event.why)) == ("evidence.withdrawn", cast.head, "It counted other cases.")
    assert event.changes == {"withdrawn_on": [None, "2026-11-23"], "withdrawn_by_id": [None, cast.head.pk]}
    shown = read(signed_in("director").get(f"/recommendations/{item.pk}/")).one(id=f"evidence-{kept.pk}")
    assert "by Head, 23 November 2026" in shown.text
    assert "It counted other cases." in shown.text
    # Whoever sees the recommendation may still read it.
    assert signed_in("director").get(f"/evidence/{kept.pk}/").status_code == 200


@pytest.mark.parametrize("number", [4])
def test_its_author_withdraws_it_too(signed_in: SignedIn, cast: Cast, number: int) -> None:
    (kept,) = give(cast.officer, [number])
    assert signed_in("officer").post(url(kept), {"reason": "Wrong month."}).status_code == 302


def test_a_reason_is_needed_and_htmx_gets_the_part(signed_in: SignedIn, cast: Cast) -> None:
    (kept,) = give(cast.head, [4])
    client = signed_in("head")
    answer = client.post(url(kept), {"reason": ""}, headers=HTMX)
    assert answer.status_code == 422
    assert "<html" not in answer.text
    assert read(answer).one(id="id_reason_error").text == "Error: Enter why you are withdrawing it"
    answer = client.post(url(kept), {"reason": "Wrong."}, headers=HTMX)
    assert answer["HX-Redirect"] == f"/recommendations/{recommendation(4).pk}/#evidence"


def test_evidence_of_a_submission_cannot_be_withdrawn(signed_in: SignedIn, cast: Cast) -> None:
    (kept,) = give(cast.head, [4])
    submitted = {"status": "submitted", "submitted_by": cast.head, "submitted_on": TODAY, "owner": cast.officer}
    Recommendation.objects.filter(pk=recommendation(4).pk).update(**submitted)
    answer = signed_in("head").post(url(kept), {"reason": "Wrong."})
    assert answer.status_code == 422
    assert "Withdraw the submission first." in read(answer).one(class_="govuk-error-summary").text
    kept.refresh_from_db()
    assert kept.withdrawn_on is None


def test_withdrawing_twice_is_recorded_once(signed_in: SignedIn, cast: Cast) -> None:
    (kept,) = give(cast.head, [4])
    client, typed = signed_in("head"), {"reason": "Wrong.", "request_key": str(uuid.uuid4())}
    assert [client.post(url(kept), typed).status_code for _time in range(2)] == [302, 302]
    assert Event.objects.about(kept).filter(verb="evidence.withdrawn").count() == 1
    again = client.post(url(kept), {"reason": "Once more."})
    assert again.status_code == 422
    assert "This evidence has already been withdrawn." in again.text


def test_other_fields_change_nothing(signed_in: SignedIn, cast: Cast) -> None:
    (kept,) = give(cast.head, [4])
    before = Evidence.objects.values().get()
    more = {"scan": "clean", "is_removed": "on", "withdrawn_by": str(cast.nobody.pk), "name": "x", "size": "1"}
    assert signed_in("head").post(url(kept), {"reason": "Wrong."} | more).status_code == 302
    changed = {"withdrawn_on": TODAY, "withdrawn_by_id": cast.head.pk}
    assert Evidence.objects.values().get() == before | changed


@pytest.mark.grid
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("head", 302),
        *[(who, 403) for who in ("colleague", "supplier", "operations", "director", "policy", "national")],
        *[(who, 403) for who in ("reader", "inspector", "admin", "top_admin")],
        *[(who, 404) for who in ("neighbour", "stranger", "strange_admin", "nobody")],
    ],
)
def test_who_may_withdraw_evidence(signed_in: SignedIn, cast: Cast, who: str, status: int) -> None:
    (kept,) = give(cast.officer, [4])
    assert signed_in(who).post(url(kept), {"reason": "Wrong."}).status_code == status
    assert Evidence.objects.filter(withdrawn_on__isnull=False).count() == (status == 302)


def test_author_who_became_read_only_may_not_withdraw(signed_in: SignedIn, cast: Cast) -> None:
    (kept,) = give(cast.inspector, [4])
    assert signed_in("inspector").post(url(kept), {"reason": "Wrong."}).status_code == 403
    assert signed_in("inspector").get(url(kept)).status_code == 403


def test_signed_out(cast: Cast, client: Client) -> None:
    (kept,) = give(cast.head, [4])
    assert client.get(url(kept)).status_code == 302
    assert client.post(url(kept), {"reason": "Wrong."}).status_code == 401
