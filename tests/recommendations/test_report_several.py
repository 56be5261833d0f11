"""One report is given to several recommendations at once: to all of them, or to none."""

import uuid

import pytest

from tests.base import KSS, NOON, TODAY, Cast, recommendation
from tests.factories import inspection_at, place, printed, read
from tests.recommendations.changing import SignedIn, events
from tests.recommendations.reporting import errors_of, form_in, own, report_url, text_in, updates
from tracker.accounts.policies import Access
from tracker.history.models import FreeText
from tracker.history.operations import Actor
from tracker.recommendations.models import Recommendation, Report, Update
from tracker.recommendations.update.operations import report
from tracker.recommendations.update.queries import also_reportable

pytestmark = pytest.mark.usefixtures("at_noon")
TYPED = {"progress": "some", "what_changed": "One course served both.", "outlook": "on_track"}


def also(*numbers: int) -> dict[str, list[int]]:
    return {"also": [recommendation(number).pk for number in numbers]}


@pytest.mark.verb
def test_each_gets_an_update_and_an_event_and_all_share_the_words(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 1, 4, 5)
    answer = signed_in("officer").post(report_url(4), TYPED | also(1, 5), follow=True)
    assert "Update sent for 3 recommendations." in answer.text
    given = [updates(number)[0] for number in (1, 4, 5)]
    assert {update.what_changed_id for update in given} == {FreeText.objects.get().pk}
    happened = [events(number)[0] for number in (1, 4, 5)]
    assert {event.verb for event in happened} == {"recommendation.reported"}
    assert len({event.operation_id for event in happened}) == 1
    assert [recommendation(number).progress for number in (1, 2, 4, 5)] == ["some", "", "some", "some"]


def test_offered_are_the_open_others_that_are_ones_own_or_led(cast: Cast) -> None:
    own(cast.officer, 1, 4, 5)
    Recommendation.objects.filter(pk=recommendation(5).pk).update(status="not_agreed")
    elsewhere = printed(inspection_at(KSS), place(f"{KSS}west-kent-pdu/"), 1)[0]
    far = printed(inspection_at(f"{KSS}east-kent-pdu/"), place(f"{KSS}east-kent-pdu/"), 1)[0]
    Recommendation.objects.filter(pk=elsewhere.pk).update(owner=cast.officer)
    offered = also_reportable(Access(cast.officer, TODAY), recommendation(4))
    assert offered == [recommendation(1), elsewhere]
    led = also_reportable(Access(cast.head, TODAY), recommendation(4))
    assert recommendation(1) in led
    assert elsewhere in led
    assert not {recommendation(4), recommendation(5), recommendation(6), far} & set(led)
    assert {item.addressee_id for item in led} == {recommendation(4).addressee_id}


def test_single_recommendation_offers_no_others(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 4)
    assert not form_in(signed_in("officer").get(report_url())).all(name="also")


@pytest.mark.parametrize("other", [2, 6, 11])
def test_unauthorised_recommendation_refuses_the_whole_update(signed_in: SignedIn, cast: Cast, other: int) -> None:
    own(cast.officer, 1, 4)
    answer = signed_in("officer").post(report_url(4), TYPED | also(1, other))
    assert answer.status_code == 422
    assert "cannot update one of these recommendations any more" in errors_of(answer, "also")
    assert text_in(answer, "what_changed") == "One course served both."
    assert form_in(answer).sent()["also"] == [str(recommendation(1).pk)]
    assert not Update.objects.exists()


def test_recommendation_closed_meanwhile_refuses_the_whole_update(cast: Cast) -> None:
    items = own(cast.officer, 1, 4)
    Recommendation.objects.filter(pk=items[1].pk).update(status="not_agreed")
    with pytest.raises(Exception, match="Recommendation 4: It is no longer open") as refused:
        report(items, Report("some", "Both."), by=Actor(cast.officer), at=NOON)
    assert refused.type.__name__ == "ValidationError"
    assert not Update.objects.exists()
    assert not FreeText.objects.exists()


def test_progress_that_goes_down_in_one_of_them_needs_its_reason(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 1, 4)
    client = signed_in("officer")
    client.post(report_url(1), TYPED | {"progress": "sufficient"})
    answer = client.post(report_url(4), {"progress": "some", "what_changed": ""} | also(1))
    assert errors_of(answer, "what_changed") == "Enter why progress went down"
    client.post(report_url(4), TYPED | also(1))
    assert (updates(1)[0].went_down, updates(4)[0].went_down) == (True, False)


def test_sent_twice_it_is_given_once(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 1, 4)
    client, typed = signed_in("officer"), TYPED | also(1) | {"request_key": [str(uuid.uuid4())]}
    assert [client.post(report_url(4), typed).status_code for _time in range(2)] == [302, 302]
    assert (len(updates(1)), len(updates(4))) == (1, 1)


def test_a_mistake_given_to_several_is_corrected_in_all_of_them(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 1, 4, 5)
    client = signed_in("officer")
    client.post(report_url(4), TYPED | also(1))
    url = report_url(4) + f"?corrects={updates(4)[0].pk}"
    form = form_in(client.get(url)).sent()
    # Of the others only the one that it was given to, ticked already.
    assert form["also"] == [str(recommendation(1).pk)]
    assert recommendation(5).title not in form_in(client.get(url)).text
    assert client.post(url, form | {"progress": ["no"], "what_changed": ["Neither was served."]}).status_code == 302
    for number in (1, 4):
        newest, first = updates(number)
        assert (newest.corrects, newest.progress) == (first, "no")


def test_of_many_the_same_inspection_stands_first_and_the_list_ends(signed_in: SignedIn, cast: Cast) -> None:
    here = place(f"{KSS}west-kent-pdu/")
    others = printed(inspection_at(KSS, year=2019), here, 80)
    offered = also_reportable(Access(cast.head, TODAY), others[0])
    assert len(offered) == 60
    offered = also_reportable(Access(cast.head, TODAY), recommendation(4))
    assert offered[0].inspection_id == recommendation(4).inspection_id
    assert "An inspection of another year" in read(signed_in("head").get(report_url())).text
