"""Progress is reported with what changed; a form does its work once and changes nothing else."""

import datetime
import uuid

import pytest

from tests.base import TODAY, Cast, recommendation
from tests.factories import in_status, read
from tests.recommendations.changing import HTMX, SignedIn, error_of, events, fields, kept, planned, url
from tracker.history.models import FreeText
from tracker.recommendations.models import Progress, Recommendation, Update

pytestmark = pytest.mark.usefixtures("at_noon")


def test_progress_and_what_changed_need_each_other(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    answer = client.post(url(4), fields(4, progress="some", what_changed="  "))
    assert (answer.status_code, error_of(answer, 4, "what_changed")) == (422, "Enter what changed")
    assert kept(answer, 4, "progress") == ["some"]
    answer = client.post(url(4), fields(4, what_changed="Ten staff were trained."))
    assert answer.status_code == 422
    assert error_of(answer, 4, "progress") == "Select the progress, even if it has not changed"
    assert kept(answer, 4, "what_changed") == ["Ten staff were trained."]
    assert not Update.objects.exists()


@pytest.mark.parametrize("progress", ["excellent", "not_reported", "NO", "no\x00"])
def test_progress_is_one_of_three_words(signed_in: SignedIn, cast: Cast, progress: str) -> None:
    answer = signed_in("head").post(url(4), fields(4, progress=progress, what_changed="Something."))
    assert answer.status_code == 422
    assert not Update.objects.exists()


def test_what_changed_has_a_length_limit(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("head").post(url(4), fields(4, progress="some", what_changed="x" * 501))
    assert answer.status_code == 422
    assert "500" in error_of(answer, 4, "what_changed")
    assert signed_in("head").post(url(4), fields(4, progress="some", what_changed="x" * 500)).status_code == 302


@pytest.mark.parametrize(("who", "speaker"), [("officer", "owner"), ("head", "lead")])
def test_a_report_is_appended_with_its_speaker_and_day(signed_in: SignedIn, cast: Cast, who: str, speaker: str) -> None:
    planned(4, cast.officer, TODAY, cast.head)
    answer = signed_in(who).post(url(4), fields(4, progress="some", what_changed="Ten staff <b>were</b> trained."))
    assert answer.status_code == 302
    item, update = recommendation(4), Update.objects.get()
    author = getattr(cast, who)
    assert (item.progress, item.reported_by, item.reported_on, item.quiet_since) == (
        Progress.SOME,
        author,
        TODAY,
        TODAY,
    )
    assert item.speaker == {"officer": "Owner reports", "head": "Head reports"}[who]
    assert (update.author, update.speaker, update.progress, update.day) == (author, speaker, "some", TODAY)
    event = events(4)[0]
    assert (event.verb, event.why) == ("recommendation.reported", update.what_changed)
    assert event.after["progress"] == "some"
    assert "Ten staff" not in str(event.after) + str(event.changes)


def test_who_owns_and_leads_reports_as_the_owner(signed_in: SignedIn, cast: Cast) -> None:
    typed = fields(4, owner="head@example.test", due_on="1/12/2026", progress="no", what_changed="Begun.")
    assert signed_in("head").post(url(4), typed).status_code == 302
    assert recommendation(4).speaker == "Owner reports"
    assert Update.objects.get().speaker == "owner"
    # Named by name once somebody else owns it.
    planned(4, cast.officer, TODAY, cast.head)
    assert recommendation(4).speaker == "Head reports"


def test_the_same_progress_may_be_reported_again(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    for _time in range(2):
        assert client.post(url(4), fields(4, progress="no", what_changed="Nothing new.")).status_code == 302
    assert Update.objects.count() == 2


def test_planning_and_reporting_at_once_are_two_events_of_one_operation(signed_in: SignedIn, cast: Cast) -> None:
    typed = fields(4, owner="officer", due_on="11/12/2026", progress="no", what_changed="Begun.")
    assert signed_in("head").post(url(4), typed).status_code == 302
    reported, plan, _printed = events(4)
    assert (reported.verb, plan.verb) == ("recommendation.reported", "recommendation.planned")
    assert reported.operation_id == plan.operation_id != _printed.operation_id
    assert (plan.after["version"], reported.after["version"], recommendation(4).version) == (2, 3, 3)


def test_nothing_changed_makes_no_event(signed_in: SignedIn, cast: Cast) -> None:
    planned(4, cast.officer, TODAY, cast.head)
    before = len(events(4)), FreeText.objects.count()
    assert signed_in("head").post(url(4), fields(4)).status_code == 302
    assert (len(events(4)), FreeText.objects.count()) == before
    assert recommendation(4).version == 2


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_same_form_twice_does_its_work_once_and_answers_the_same(
    signed_in: SignedIn, cast: Cast, headers: dict[str, str]
) -> None:
    client = signed_in("head")
    typed = fields(4, owner="officer", due_on="11/12/2026", progress="some", what_changed="Ten staff were trained.")
    typed |= {f"r{recommendation(4).pk}-request_key": str(uuid.uuid4()), "next": "/recommendations/?q=supervision"}
    first, second = (client.post(url(4), typed, headers=headers) for _time in range(2))
    assert first.status_code == second.status_code == (200 if headers else 302)
    assert (first.content, first.get("Location")) == (second.content, second.get("Location"))
    assert (len(events(4)), Update.objects.count(), recommendation(4).version) == (3, 1, 3)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_same_key_with_other_words_is_another_form(
    signed_in: SignedIn, cast: Cast, headers: dict[str, str]
) -> None:
    """As after Back in the browser: nothing typed is lost without a word."""
    client = signed_in("head")
    key = {f"r{recommendation(4).pk}-request_key": str(uuid.uuid4())}
    first = fields(4, progress="some", what_changed="Ten staff were trained.") | key
    assert client.post(url(4), first, headers=headers).status_code in (200, 302)
    other = first | {f"r{recommendation(4).pk}-what_changed": "Twenty staff were trained."}
    answer = client.post(url(4), other, headers=headers)
    assert (answer.status_code, kept(answer, 4, "what_changed")) == (409, ["Twenty staff were trained."])
    assert Update.objects.count() == 1
    assert client.post(url(4), read(answer).one("form", action=url(4)).sent(), headers=headers).status_code in (
        200,
        302,
    )
    said = [str(update.what_changed) for update in Update.objects.order_by("pk")]
    assert said == ["Ten staff were trained.", "Twenty staff were trained."]


def test_a_refused_form_may_be_sent_again_with_its_key(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    key = {f"r{recommendation(4).pk}-request_key": str(uuid.uuid4())}
    planned(4, cast.officer, TODAY, cast.head)
    assert client.post(url(4), fields(4, due_on="11/12/2006") | key).status_code == 422
    assert client.post(url(4), fields(4, due_on="11/12/2026") | key).status_code == 302
    assert recommendation(4).due_on == datetime.date(2026, 12, 11)


def test_request_keys_are_separate_for_each_person(signed_in: SignedIn, cast: Cast) -> None:
    planned(4, cast.officer, TODAY, cast.head)
    key = {f"r{recommendation(4).pk}-request_key": str(uuid.uuid4())}
    for who in ("head", "officer"):
        typed = fields(4, progress="no", what_changed=f"Said by {who}.") | key
        assert signed_in(who).post(url(4), typed).status_code == 302
    assert {str(update.what_changed) for update in Update.objects.all()} == {"Said by head.", "Said by officer."}


def test_the_owner_may_only_report(signed_in: SignedIn, cast: Cast) -> None:
    """Whatever else is posted, by every name that the row has, with the form's prefix and without."""
    planned(4, cast.officer, datetime.date(2026, 12, 1), cast.head)
    before = recommendation(4)
    hostile = {
        "owner": "colleague@example.test",
        "owner_id": str(cast.colleague.pk),
        "due_on": "11/12/2030",
        "original_due_on": "11/12/2030",
        "reason": "Because.",
        "confirm": "on",
        "status": "signed_off",
        "reported_by": str(cast.head.pk),
        "text": "nothing at all",
        "inspection": "1",
        "addressee": str(cast.neighbour.memberships.get().organisation_id),
    }
    names = {field.name for field in Recommendation._meta.fields} | {f.attname for f in Recommendation._meta.fields}
    typed: dict[str, str] = {}
    for name in sorted(names | set(hostile)):
        value = hostile.get(name, "99")
        typed |= {name: value, f"r{before.pk}-{name}": value, f"form-{name}": value}
    typed |= {
        f"r{before.pk}-version": str(before.version),
        f"r{before.pk}-progress": "some",
        f"r{before.pk}-what_changed": "Begun.",
    }
    assert signed_in("officer").post(url(4), typed).status_code == 302
    after = recommendation(4)
    changed = {name for name in Recommendation.TRACKED if getattr(before, name) != getattr(after, name)}
    assert changed == {"progress", "reported_by_id", "reported_on", "version"}
    assert (after.reported_by, after.version) == (cast.officer, before.version + 1)
    shown = read(signed_in("officer").get(url(4))).one("form", action=url(4)).sent()
    assert {name.partition("-")[2] for name in shown if name.startswith("r")} == {
        "progress",
        "what_changed",
        "version",
        "request_key",
    }


def test_the_lead_changes_no_printed_word_and_no_status(signed_in: SignedIn, cast: Cast) -> None:
    before = recommendation(4)
    names = {f.attname for f in Recommendation._meta.fields} - {"version", "owner_id", "due_on", "progress"}
    typed = fields(4, owner="officer", due_on="1/12/2026")
    for name in names:
        typed |= {name: "3", f"r{before.pk}-{name}": "3"}
    assert signed_in("head").post(url(4), typed).status_code == 302
    after = recommendation(4)
    changed = {name for name in Recommendation.TRACKED if getattr(before, name) != getattr(after, name)}
    assert changed == {"owner_id", "due_on", "quiet_since", "version"}


@pytest.mark.parametrize("status", [s for s in Recommendation.Status if s != "open"])
def test_what_is_no_longer_open_is_not_changed_and_says_why(signed_in: SignedIn, cast: Cast, status: str) -> None:
    in_status(recommendation(4), status, cast.head)
    answer = signed_in("head").post(url(4), fields(4, progress="some", what_changed="Late news."))
    assert answer.status_code == 422
    assert "It is no longer open" in read(answer).one(class_="govuk-error-summary").text
    assert kept(answer, 4, "what_changed") == ["Late news."]
    assert len(events(4)) == 1


@pytest.mark.parametrize("version", ["", "abc", "0", "-1", "1" * 40, "²"])
def test_a_mangled_version_saves_nothing(signed_in: SignedIn, cast: Cast, version: str) -> None:
    answer = signed_in("head").post(url(4), fields(4, owner="officer", version=version))
    assert answer.status_code == 422
    assert recommendation(4).owner is None
