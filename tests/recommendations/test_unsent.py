"""What is typed into a long form is kept on the server until it is sent, discarded or forgotten."""

import datetime

import pytest
import time_machine
from django.test import Client

from tests.base import NOON, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import HTMX, SignedIn
from tests.recommendations.reporting import form_in, own, report_url, text_in, updates
from tracker.history.models import Event
from tracker.recommendations.autosave.policies import FORMS
from tracker.recommendations.models import Recommendation, Unsent
from tracker.recommendations.unsent.operations import save_unsent
from tracker.recommendations.unsent.queries import PLACE, VERBS
from tracker.upkeep.operations import sweep

pytestmark = pytest.mark.usefixtures("at_noon")
TYPED: dict[str, str | list[str]] = {"progress": "some", "what_changed": "Half a sen"}


def place(verb: str = "report", number: int = 4) -> str:
    return f"{verb}:{recommendation(number).pk}"


def url(where: str = "", *, discard: bool = False) -> str:
    return f"/unsent/{where or place()}/{'discard/' if discard else ''}"


def test_a_person_has_a_hundred_drafts_at_most(cast: Cast) -> None:
    for n in range(101):
        save_unsent(cast.head, f"report:{n}", TYPED, at=NOON + datetime.timedelta(seconds=n))
    save_unsent(cast.officer, "report:0", TYPED, at=NOON)
    mine = Unsent.objects.filter(person=cast.head)
    assert (mine.count(), mine.filter(place="report:0").exists()) == (100, False)
    assert Unsent.objects.filter(person=cast.officer).count() == 1


@pytest.mark.verb
def test_it_is_kept_without_an_event_and_answers_with_the_time(signed_in: SignedIn, cast: Cast) -> None:
    before = Event.objects.count()
    answer = signed_in("head").post(url(), TYPED)
    assert (answer.status_code, answer.json()) == (200, {"at": "12:00"})
    kept = Unsent.objects.get()
    assert (kept.person, kept.place, kept.values) == (cast.head, place(), TYPED)
    assert (Event.objects.count(), updates()) == (before, [])


def test_newer_draft_replaces_the_older_and_empty_text_leaves_none(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    client.post(url(), TYPED)
    client.post(url(), TYPED | {"what_changed": "Half a sentence."})
    assert Unsent.objects.get().values["what_changed"] == "Half a sentence."
    assert client.post(url(), {"what_changed": "  "}).json() == {"at": ""}
    assert not Unsent.objects.exists()


def test_form_shows_the_draft_and_its_time(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.head, 1, 4)
    client = signed_in("head")
    typed = TYPED | {"outlook": "at_risk", "why_at_risk": "Snow <b>", "also": [str(recommendation(1).pk)]}
    client.post(url(), typed)
    answer = client.get(report_url())
    form = form_in(answer)
    assert "Your unsent text from 23 November 2026, 12:00 is here." in read(answer).text
    assert text_in(answer, "what_changed") == "Half a sen"
    sent = form.sent()
    assert (sent["progress"], sent["outlook"], sent["why_at_risk"]) == (["some"], ["at_risk"], ["Snow <b>"])
    assert sent["also"] == [str(recommendation(1).pk)]
    # Open, so that what is ticked is seen.
    assert "open" in form.all("details")[-1].attrs
    assert form.attrs["data-unsent"] == url()


def test_draft_is_visible_to_its_writer_only(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 4)
    signed_in("officer").post(url(), TYPED)
    answer = signed_in("head").get(report_url())
    assert "unsent text" not in read(answer).text.lower()
    assert text_in(answer, "what_changed") == ""
    signed_in("head").post(url(discard=True))
    assert Unsent.objects.get().person == cast.officer


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_sending_deletes_the_draft(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    client = signed_in("head")
    client.post(url(), TYPED)
    client.post(url(place(number=5)), TYPED)
    assert client.post(report_url(), TYPED | {"what_changed": ""}, headers=headers).status_code == 422
    assert Unsent.objects.count() == 2
    client.post(report_url(), TYPED, headers=headers)
    assert [kept.place for kept in Unsent.objects.all()] == [place(number=5)]
    assert len(updates()) == 1


def test_discarding_returns_to_the_form(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    client.post(url(), TYPED)
    (form,) = [form for form in read(client.get(report_url())).all("form") if "discard" in form.attrs["action"]]
    assert (form.attrs["action"], form.attrs["method"]) == (url(discard=True), "post")
    answer = client.post(form.attrs["action"], form.sent())
    assert (answer.status_code, answer.get("Location")) == (302, report_url())
    assert not Unsent.objects.exists()
    assert text_in(client.get(report_url()), "what_changed") == ""


@pytest.mark.parametrize("asked", ["https://elsewhere.test/", "//elsewhere.test/", "javascript:alert(1)", ""])
def test_discarding_never_leads_to_another_site(signed_in: SignedIn, cast: Cast, asked: str) -> None:
    answer = signed_in("head").post(url(discard=True), {"next": asked})
    assert answer.get("Location") == f"/recommendations/{recommendation(4).pk}/"


def test_a_correction_is_another_form(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    client.post(report_url(), TYPED)
    client.post(url(), TYPED | {"what_changed": "A new report."})
    answer = client.get(report_url() + f"?corrects={updates()[0].pk}")
    assert form_in(answer).attrs["data-unsent"] == url(place("correct"))
    assert text_in(answer, "what_changed") == ""


def test_secrets_files_and_what_was_shown_are_not_kept(signed_in: SignedIn, cast: Cast) -> None:
    secrets = {"password": "x", "new_password1": "x", "csrfmiddlewaretoken": "x", "request_key": "x", "api-token": "x"}
    shown = {"seen_event": "7", "version": "3", "r4-version": "3", "comment-request_key": "x", "Odd Name": "x"}
    signed_in("head").post(url(), TYPED | secrets | shown)
    assert Unsent.objects.get().values == TYPED


def test_draft_keeps_hidden_fields_current(signed_in: SignedIn, cast: Cast) -> None:
    save_unsent(cast.head, place(), {"request_key": "kept", "version": "1", "what_changed": "Mine."}, at=NOON)
    form = form_in(signed_in("head").get(report_url()))
    assert form.sent()["request_key"] != ["kept"]


@pytest.mark.parametrize(
    "typed",
    [{"what_changed": "x" * 10_001}, {f"field{n}": "x" * 9_000 for n in range(7)}, {f"f{n}": "x" for n in range(81)}],
)
def test_draft_has_a_size_limit(signed_in: SignedIn, cast: Cast, typed: dict[str, str]) -> None:
    assert signed_in("head").post(url(), typed).status_code == 422
    assert not Unsent.objects.exists()


@pytest.mark.parametrize(
    "where",
    ["report:0", "report:99999", "report:", "report:1x", "report", "change:1", "report:-1", "report:1:2", "REPORT:1"],
)
def test_unknown_form_is_not_found(signed_in: SignedIn, cast: Cast, where: str) -> None:
    client = signed_in("head")
    assert client.post(url(where), TYPED).status_code == 404
    assert client.post(url(where, discard=True)).status_code == 404
    assert not Unsent.objects.exists()


# For each form, who may keep text of it for recommendation 4, which the officer owns.
MAY = {
    "report": ["head", "officer"],
    "correct": ["head", "officer"],
    "comment": ["head", "officer", "colleague", "supplier", "operations", "director", "admin"],
    "note": ["head", "officer", "colleague", "supplier", "operations", "director", "admin"],
    "submit": ["head"],
    "ask": ["head"],
    "ask_extension": ["head"],
    "check": ["director"],
    "sign_off": ["director"],
    "return": ["director"],
    "sustain": ["director"],
    "reopen": ["director"],
    "close": ["director"],
}
ASKED = ("head", "officer", "colleague", "supplier", "operations", "director", "admin", "reader", "inspector")


@pytest.mark.grid
@pytest.mark.parametrize("verb", MAY)
def test_only_those_who_may_send_it_keep_a_draft(client: Client, cast: Cast, verb: str) -> None:
    own(cast.officer, 4)
    kept = []
    for who in ASKED:
        client.force_login(getattr(cast, who))
        answer = client.post(url(place(verb)), TYPED)
        assert answer.status_code in (200, 403)
        kept += [who] if answer.status_code == 200 else []
    assert kept == MAY[verb]
    assert {row.person.name.lower() for row in Unsent.objects.select_related("person")} == set(kept)
    for who in ("neighbour", "nobody"):
        client.force_login(getattr(cast, who))
        assert client.post(url(place(verb)), TYPED).status_code == 404


def test_the_grid_is_complete() -> None:
    assert set(MAY) == set(FORMS) == set(VERBS)
    assert all(PLACE.fullmatch(f"{verb}:7") for verb in VERBS)


def test_other_forms_keep_drafts_too(signed_in: SignedIn, cast: Cast) -> None:
    """One in the plain template that most verbs share."""
    own(cast.officer, 4)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(due_on=NOON.date(), original_due_on=NOON.date())
    client, page = signed_in("head"), f"/recommendations/{recommendation(4).pk}/ask-extension/"
    form = next(form for form in read(client.get(page)).all("form") if form.all(name="reason"))
    assert form.attrs["data-unsent"] == url(place("ask_extension"))
    client.post(form.attrs["data-unsent"], {"reason": "Two have left.", "to_on": "1 February 2027"})
    answer = client.get(page)
    assert "Your unsent text from 23 November 2026, 12:00 is here." in read(answer).text
    assert read(answer).one("textarea", name="reason").text == "Two have left."
    assert client.post(page, form.sent() | {"reason": "Snow.", "to_on": "1 February 2027"}).status_code == 302
    assert not Unsent.objects.exists()


@pytest.mark.parametrize(
    ("who", "path", "field"),
    [("head", "submit", "statement"), ("director", "check", "found"), ("head", "ask", "words")],
)
def test_long_texts_of_other_verbs_come_back(signed_in: SignedIn, cast: Cast, who: str, path: str, field: str) -> None:
    own(cast.officer, 4)
    client, page = signed_in(who), f"/recommendations/{recommendation(4).pk}/{path}/"
    client.post(url(place(path)), {field: "Half a sen", "seen_event": "1"})
    shown = read(client.get(page))
    assert "Your unsent text from 23 November 2026, 12:00 is here." in shown.text
    assert shown.one("textarea", name=field).text == "Half a sen"
    (form,) = [form for form in shown.all("form") if form.all("textarea", name=field)]
    assert form.attrs["data-unsent"] == url(place(path))
    assert form.one("p", role="status").attrs["data-unsent-status"] == ""


def test_signed_out_it_says_so_in_place(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    client.logout()
    assert client.post(url(), TYPED).status_code == 401
    assert client.post(url(discard=True)).status_code == 401
    assert not Unsent.objects.exists()


def test_draft_needs_the_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.head)
    assert client.post(url(), TYPED).status_code == 403
    token = form_in(client.get(report_url())).sent()["csrfmiddlewaretoken"][0]
    assert client.post(url(), TYPED, headers={"X-CSRFToken": token}).status_code == 200


def test_draft_is_deleted_after_thirty_days(cast: Cast) -> None:
    day = datetime.timedelta(days=1)
    for number, age in ((4, 31), (5, 30)):
        save_unsent(cast.head, place(number=number), {"what_changed": "Old."}, at=NOON - age * day)
    sweep(at=NOON)
    assert [kept.place for kept in Unsent.objects.all()] == [place(number=5)]


def test_draft_time_is_in_london_time(signed_in: SignedIn, cast: Cast) -> None:
    with time_machine.travel(datetime.datetime(2026, 6, 3, 13, 5, tzinfo=datetime.UTC)):
        client = signed_in("head")
        assert client.post(url(), TYPED).json() == {"at": "14:05"}
        assert "Your unsent text from 3 June 2026, 14:05 is here." in read(client.get(report_url())).text
