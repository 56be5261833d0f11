"""The owner reports progress, what changed and how it looks; a mistake is corrected by another report."""

import uuid

import pytest

from tests.base import NOON, TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import HTMX, SignedIn, events
from tests.recommendations.reporting import errors_of, form_in, own, report_url, text_in, updates
from tracker.history.models import Event, FreeText
from tracker.history.operations import Actor
from tracker.recommendations.models import Recommendation, Report, Update
from tracker.recommendations.timeline.queries import history_of
from tracker.recommendations.update.operations import report

pytestmark = pytest.mark.usefixtures("at_noon")
TYPED = {"progress": "some", "what_changed": "Ten staff were trained."}


@pytest.mark.verb
def test_it_is_reported_and_recorded(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 4)
    typed = TYPED | {"outlook": "at_risk", "why_at_risk": "Two have left.", "why_will_miss": "Not meant."}
    answer = signed_in("officer").post(report_url(), typed, follow=True)
    assert answer.redirect_chain == [(f"/recommendations/{recommendation(4).pk}/", 302)]
    assert "Recommendation 4: update sent." in answer.text
    (update,), item = updates(), recommendation(4)
    assert (update.author, update.speaker, update.day) == (cast.officer, "owner", TODAY)
    assert (update.progress, update.outlook, update.went_down, update.corrects) == ("some", "at_risk", False, None)
    assert str(update.what_changed) == "Ten staff were trained."
    assert str(update.outlook_reason) == str(item.outlook_reason) == "Two have left."
    assert (item.progress, item.outlook, item.reported_by, item.quiet_since) == ("some", "at_risk", cast.officer, TODAY)
    event = events(4)[0]
    assert (event.verb, event.actor, event.why) == ("recommendation.reported", cast.officer, update.what_changed)
    assert event.changes["progress"] == ["", "some"]
    assert "Ten staff" not in str(event.after) + str(event.changes)
    assert FreeText.objects.count() == 2


def test_the_form_says_once_that_nobody_on_probation_is_named(signed_in: SignedIn, cast: Cast) -> None:
    assert read(signed_in("head").get(report_url())).text.count("Do not name anyone on probation") == 1


def test_the_lead_reports_for_the_owner_and_is_named(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 4)
    assert signed_in("head").post(report_url(), TYPED).status_code == 302
    assert (updates()[0].author, updates()[0].speaker) == (cast.head, "lead")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_page_and_part_come_from_one_address(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    client = signed_in("head")
    answer = client.get(report_url(), headers=headers)
    assert ("<html" in answer.text) == (not headers)
    assert read(answer).one("h1").text == "Send an update"
    assert recommendation(4).text in read(answer).text
    refused = client.post(report_url(), {"progress": "some"}, headers=headers)
    assert (refused.status_code, "<html" in refused.text) == (422, not headers)
    done = client.post(report_url(), TYPED, headers=headers)
    to = f"/recommendations/{recommendation(4).pk}/"
    assert (done.status_code, done.get("HX-Redirect" if headers else "Location")) == (200 if headers else 302, to)


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"progress": ""}, "progress", "Select progress"),
        (
            {"progress": "excellent"},
            "progress",
            "Select a valid choice. excellent is not one of the available choices.",
        ),
        ({"what_changed": " \u200b "}, "what_changed", "Enter what changed"),
        ({"outlook": "at_risk"}, "why_at_risk", "Enter a reason"),
        ({"outlook": "will_miss", "why_at_risk": "The other."}, "why_will_miss", "Enter a reason"),
    ],
)
def test_what_is_missing_is_said_beside_the_field_and_nothing_typed_is_lost(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], field: str, message: str
) -> None:
    answer = signed_in("head").post(report_url(), TYPED | typed)
    assert (answer.status_code, errors_of(answer, field)) == (422, message)
    if "what_changed" not in typed:
        assert text_in(answer, "what_changed") == "Ten staff were trained."
    assert not Update.objects.exists()


def test_text_has_a_length_limit(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("head").post(report_url(), TYPED | {"what_changed": "x" * 501})
    assert answer.status_code == 422
    assert "500" in errors_of(answer, "what_changed")
    assert text_in(answer, "what_changed") == "x" * 501


def test_progress_goes_down_with_a_reason_and_the_history_says_so(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    client.post(report_url(), TYPED | {"progress": "sufficient"})
    answer = client.post(report_url(), {"progress": "no", "what_changed": ""})
    assert (answer.status_code, errors_of(answer, "what_changed")) == (422, "Enter why progress went down")
    assert client.post(report_url(), {"progress": "no", "what_changed": "They have left."}).status_code == 302
    assert [update.went_down for update in updates()] == [True, False]
    newest, before, *_ = history_of(recommendation(4))
    assert newest.title == "Update sent: downgraded from Sufficient progress to No progress"
    assert newest.why == "They have left."
    assert before.title == "Update sent"


def test_omitted_forecast_is_unchanged(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    client.post(report_url(), TYPED | {"outlook": "will_miss", "why_will_miss": "Snow."})
    client.post(report_url(), TYPED)
    assert (recommendation(4).outlook, str(recommendation(4).outlook_reason)) == ("will_miss", "Snow.")
    client.post(report_url(), TYPED | {"outlook": "on_track"})
    assert (recommendation(4).outlook, recommendation(4).outlook_reason) == ("on_track", None)
    assert [update.outlook for update in updates()] == ["on_track", "", "will_miss"]


def test_reports_are_appended_and_never_conflict(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 4)
    form = form_in(signed_in("officer").get(report_url())).sent()
    signed_in("head").post(report_url(), TYPED | {"progress": "no"})
    assert signed_in("officer").post(report_url(), form | TYPED).status_code == 302
    assert [update.progress for update in updates()] == ["some", "no"]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_sent_twice_it_is_reported_once(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    client, typed = signed_in("head"), TYPED | {"request_key": str(uuid.uuid4())}
    answers = [client.post(report_url(), typed, headers=headers) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200 if headers else 302] * 2
    assert len(updates()) == 1
    client.post(report_url(), typed | {"what_changed": "And ten more."}, headers=headers)
    assert len(updates()) == 2


@pytest.mark.parametrize("status", ["submitted", "signed_off", "not_agreed"])
def test_what_is_not_open_is_not_reported_on(signed_in: SignedIn, cast: Cast, status: str) -> None:
    own(cast.officer, 4)
    closed = {"submitted_by": cast.head, "submitted_on": TODAY, "signed_off_by": cast.director}
    closed |= {"signed_off_on": TODAY, "accepted_on": TODAY}
    Recommendation.objects.filter(pk=recommendation(4).pk).update(status=status, **closed)
    answer = signed_in("head").post(report_url(), TYPED)
    assert answer.status_code == 422
    assert "It is no longer open" in read(answer).one(class_="govuk-error-summary").text
    assert text_in(answer, "what_changed") == "Ten staff were trained."
    assert not Update.objects.exists()


def test_carried_item_is_reported_on_the_later_one(signed_in: SignedIn, cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(carried_by=recommendation(5))
    assert signed_in("head").get(report_url()).status_code == 403


@pytest.mark.parametrize(
    ("who", "status"), [("officer", 403), ("director", 403), ("reader", 403), ("neighbour", 404), ("nobody", 404)]
)
def test_nobody_else_reports(signed_in: SignedIn, cast: Cast, who: str, status: int) -> None:
    client = signed_in(who)
    assert client.get(report_url()).status_code == client.post(report_url(), TYPED).status_code == status
    assert not Update.objects.exists()


def test_signed_out_person_changes_nothing(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    client.logout()
    assert (client.get(report_url()).status_code, client.post(report_url(), TYPED).status_code) == (302, 401)
    assert not Update.objects.exists()


def test_other_posted_fields_are_ignored(signed_in: SignedIn, cast: Cast) -> None:
    before = recommendation(4)
    others = {"author": cast.officer.pk, "day": "2020-01-01", "speaker": "owner", "went_down": "on", "corrects": "1"}
    others |= {"owner": cast.officer.pk, "due_on": "2030-01-01", "status": "signed_off", "checked_progress": "some"}
    others |= {"recommendation": recommendation(5).pk, "text": "Ours.", "version": 99}
    assert signed_in("head").post(report_url(), TYPED | others).status_code == 302
    (update,), item = updates(), recommendation(4)
    assert (update.author, update.day, update.speaker, update.went_down) == (cast.head, TODAY, "lead", False)
    assert update.corrects is None
    for name in ("owner", "due_on", "status", "checked_progress", "text"):
        assert getattr(item, name) == getattr(before, name)
    assert recommendation(5).version == 1


# -- a mistake ---------------------------------------------------------------------------------------------------------
def mistaken(cast: Cast, number: int = 4) -> Update:
    (update,) = report([recommendation(number)], Report("sufficient", "All done."), by=Actor(cast.officer), at=NOON)
    return update


def test_a_mistake_is_corrected_by_another_update_and_stays(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 4)
    wrong = mistaken(cast)
    url, client = report_url() + f"?corrects={wrong.pk}", signed_in("officer")
    page = client.get(url)
    assert "This corrects the update sent by Officer on 23 November 2026" in read(page).text
    assert "“All done.”" in read(page).text
    assert form_in(page).attrs["action"] == url
    assert client.post(url, TYPED).status_code == 302
    newest, first = updates()
    assert (newest.corrects, newest.went_down, newest.progress) == (wrong, True, "some")
    assert (first.progress, str(first.what_changed), first.corrects) == ("sufficient", "All done.", None)
    assert recommendation(4).progress == "some"


@pytest.mark.parametrize(("who", "status"), [("head", 200), ("officer", 200), ("colleague", 403), ("director", 403)])
def test_author_or_lead_corrects_an_update(signed_in: SignedIn, cast: Cast, who: str, status: int) -> None:
    own(cast.officer, 4)
    wrong = mistaken(cast)
    assert signed_in(who).get(report_url() + f"?corrects={wrong.pk}").status_code == status


def test_owner_does_not_correct_another_persons_update(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.colleague, 4)
    wrong = mistaken(cast)
    client, url = signed_in("colleague"), report_url() + f"?corrects={wrong.pk}"
    assert client.get(url).status_code == client.post(url, TYPED).status_code == 403
    assert client.post(report_url(), TYPED).status_code == 302
    assert updates()[0].corrects is None


@pytest.mark.parametrize("asked", ["0", "", "x", "-1", "99999", "9" * 30])
def test_update_of_another_recommendation_is_not_found(signed_in: SignedIn, cast: Cast, asked: str) -> None:
    client = signed_in("head")
    assert client.get(report_url() + f"?corrects={asked}").status_code == 404
    assert client.get(report_url() + f"?corrects={mistaken(cast, 5).pk}").status_code == 404
    assert Event.objects.filter(verb="recommendation.reported").count() == 1
