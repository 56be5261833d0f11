"""What the report prints never changes, but for an administrator's correction with its reason."""

import pytest

from tests.base import Cast, previous, recommendation
from tests.factories import read
from tests.recommendations.changing import SignedIn
from tests.recommendations.promising import HTMX, address, error_beside, last_event, opened
from tracker.history.models import Event
from tracker.recommendations.models import Recommendation

pytestmark = pytest.mark.usefixtures("at_noon")
TYPED = {"text": "oversee every case", "number": "4a", "place": "Page 9", "reason": "The file split a word."}


def url() -> str:
    return address(recommendation(4), "correct-text")


@pytest.mark.grid
@pytest.mark.verb
@pytest.mark.parametrize("status", ["open", "not_agreed"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
@pytest.mark.parametrize("who", ["admin", "top_admin"])
def test_it_is_corrected_and_recorded_whatever_its_status(
    signed_in: SignedIn, cast: Cast, who: str, headers: dict[str, str], status: str
) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(status=status)
    before, address_, client = recommendation(4), url(), signed_in(who)
    form = opened(client, address_) | TYPED | {"status": "superseded", "owner": "3", "addressee": "3"}
    for _time in range(2):
        assert client.post(address_, form, headers=headers).status_code == (200 if headers else 302)
    item = Recommendation.objects.get(pk=before.pk)
    assert (item.text, item.number, item.place) == ("oversee every case", "4a", "Page 9")
    changed = {name for name in Recommendation.TRACKED if getattr(before, name) != getattr(item, name)}
    assert changed == {"text", "number", "place", "version"}
    event = Event.objects.get(verb="recommendation.text_corrected")
    assert (event.actor, str(event.why)) == (getattr(cast, who), TYPED["reason"])
    assert event.changes["text"] == [before.text, "oversee every case"]


@pytest.mark.parametrize("who", ["head", "director", "national", "reader", "operations"])
def test_nobody_else_corrects_it(signed_in: SignedIn, cast: Cast, who: str) -> None:
    client = signed_in(who)
    assert (client.get(url()).status_code, client.post(url(), TYPED).status_code) == (403, 403)
    assert signed_in("strange_admin").post(url(), TYPED).status_code == 404


@pytest.mark.parametrize("name", ["text", "number", "reason"])
def test_what_must_be_there_is_asked_for(signed_in: SignedIn, cast: Cast, name: str) -> None:
    client = signed_in("admin")
    answer = client.post(url(), opened(client, url()) | TYPED | {name: ""})
    assert (answer.status_code, bool(error_beside(answer, name))) == (422, True)


def test_unchanged_correction_is_refused(signed_in: SignedIn, cast: Cast) -> None:
    item, client = recommendation(4), signed_in("admin")
    same = {"text": item.text, "number": item.number, "place": item.place, "reason": "None."}
    answer = client.post(url(), opened(client, url()) | same)
    assert error_beside(answer, "text") == "No change to save"


def test_a_previous_one_has_no_number(signed_in: SignedIn, cast: Cast) -> None:
    item, client = previous(2), signed_in("admin")
    form = opened(client, address(item, "correct-text"))
    assert "number" not in form
    assert client.post(address(item, "correct-text"), form | TYPED).status_code == 302
    assert (previous(2).text, previous(2).number) == ("oversee every case", "")


def test_second_saver_sees_both_versions_and_can_finish(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    form = opened(client, url()) | {"text": recommendation(4).text, "place": "Page 9", "reason": "Wrong page."}
    theirs = opened(client, url()) | {"text": "theirs", "place": "Page 8", "reason": "A typing mistake."}
    assert client.post(url(), theirs).status_code == 302
    answer = client.post(url(), form)
    page = read(answer)
    assert answer.status_code == 409
    assert "Page 8" in page.one("table").text
    assert page.one("textarea", name="text").text == "theirs"
    again = page.one("form", action=url()).sent() | {"text": "theirs", "reason": "Wrong page."}
    assert client.post(url(), again).status_code == 302
    assert (recommendation(4).text, recommendation(4).place) == ("theirs", "Page 9")
    assert last_event("recommendation.text_corrected").changes["place"] == ["Page 8", "Page 9"]
