"""Files and links are given as evidence: kept once, with a row and an event each, or not at all."""

import hashlib
import os
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client

from tests.base import NOON, TODAY, Cast, recommendation
from tests.factories import Answer, read
from tests.recommendations.evidence import give
from tests.recommendations.offered import HONEST, HOSTILE, pdf, png, stored, upload
from tracker.history.models import Event
from tracker.history.operations import Actor, operation
from tracker.recommendations.evidence.files import checked
from tracker.recommendations.evidence.forms import Offered
from tracker.recommendations.evidence.operations import keep
from tracker.recommendations.models import Evidence, Recommendation
from tracker.recommendations.recommendation.operations import lock_all

SignedIn = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("at_noon", "own_store")


def url(number: int = 4) -> str:
    return f"/recommendations/{recommendation(number).pk}/add-evidence/"


def typed(*files: Any, **more: Any) -> dict[str, Any]:
    words = {"caption": "Audit of forty cases.", "speaks_of": "20/11/2026", "names_nobody": "nobody"}
    return {**words, "file": list(files), **more}


def post(client: Client, *files: Any, headers: Any = None, **more: Any) -> Any:
    values = {name: value for name, value in typed(*files, **more).items() if value not in ([], None)}
    return client.post(url(), values, headers=headers or {})


def error(answer: Answer, name: str) -> str:
    """What stands beside that field, to which the summary leads."""
    assert answer.status_code == 422
    page = read(answer)
    said = page.one(id=f"id_{name}_error").text.removeprefix("Error: ")
    assert [link for link in page.all("a") if link.attrs["href"].startswith(f"#id_{name}")]
    return said


@pytest.mark.verb
def test_a_file_is_kept_with_its_row_and_event(signed_in: SignedIn, cast: Cast) -> None:
    before = stored()
    answer = post(signed_in("head"), upload("../Audit.pdf", pdf(), "text/html"))
    item = recommendation(4)
    assert (answer.status_code, answer["Location"]) == (302, f"/recommendations/{item.pk}/#evidence")
    kept = Evidence.objects.get()
    assert (kept.recommendation, kept.author, kept.day, kept.update) == (item, cast.head, TODAY, None)
    assert (kept.name, kept.kind, kept.size, kept.scan) == ("Audit.pdf", "pdf", len(pdf()), "")
    assert (kept.caption.text, kept.speaks_of.isoformat()) == ("Audit of forty cases.", "2026-11-20")
    assert kept.sha256 == hashlib.sha256(pdf()).hexdigest()
    assert stored() - before == {kept.file.name}
    path = settings.EVIDENCE_DIR / str(kept.file.name)
    assert path.read_bytes() == pdf()
    assert path.stat().st_mode & 0o777 == 0o600
    event = Event.objects.about(kept).get()
    assert (event.verb, event.actor, event.recommendation_id, event.why) == (
        "evidence.added",
        cast.head,
        item.pk,
        kept.caption,
    )
    assert "Audit" not in str(event.changes)


def test_owner_adds_a_link_and_several_files_at_once(signed_in: SignedIn, cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(owner=cast.officer)
    answer = post(signed_in("officer"), upload("a.png", png()), upload("b.pdf", pdf()), link="example.org/report")
    assert answer.status_code == 302
    rows = [(one.name, one.link, one.author) for one in Evidence.objects.order_by("pk")]
    assert rows == [
        ("a.png", "", cast.officer),
        ("b.pdf", "", cast.officer),
        ("", "https://example.org/report", cast.officer),
    ]


def test_htmx_gets_the_part_and_is_sent_on(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    part = read(client.get(url(), headers=HTMX))
    form = part.one("form", action=url())
    assert (form.attrs["enctype"], form.attrs["hx-encoding"]) == ("multipart/form-data",) * 2
    assert "<html" not in post(client, headers=HTMX).text
    answer = post(client, upload("a.pdf", pdf()), headers=HTMX)
    assert answer["HX-Redirect"] == f"/recommendations/{recommendation(4).pk}/#evidence"


@pytest.mark.parametrize("name", HONEST)
def test_valid_file_is_kept_byte_for_byte(signed_in: SignedIn, cast: Cast, name: str) -> None:
    assert post(signed_in("head"), upload(name, HONEST[name])).status_code == 302
    kept = Evidence.objects.get()
    assert (settings.EVIDENCE_DIR / str(kept.file.name)).read_bytes() == HONEST[name]


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_file_leaves_no_row_and_no_file(signed_in: SignedIn, cast: Cast, what: str) -> None:
    name, content, why = HOSTILE[what]
    before, events = stored(), Event.objects.count()
    answer = post(signed_in("head"), upload("good.pdf", pdf()), upload(name, content))
    assert why in error(answer, "file")
    assert not Evidence.objects.exists()
    assert (stored(), Event.objects.count()) == (before, events)
    # What was typed is still there.
    assert read(answer).one(id="id_caption").text == "Audit of forty cases."


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("caption", "", "Enter what the evidence shows"),
        ("caption", "x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        ("speaks_of", "", "Enter the date the evidence relates to"),
        ("speaks_of", "24/11/2026", "Date the evidence relates to must be today or in the past"),
        ("names_nobody", "", "Select if it names or describes anyone on probation"),
        ("names_nobody", "perhaps", "Select a valid choice. perhaps is not one of the available choices."),
        ("link", "javascript:alert(1)", "Enter a full link, such as https://example.org/report"),
        ("link", "data:text/html,x", "Enter a full link, such as https://example.org/report"),
        ("link", "ftp://example.org/a", "Enter a link that starts with https:// or http://"),
        ("link", "https://me:secret@example.org/", "Enter a link without a user name or password"),
    ],
)
def test_missing_or_wrong_values_are_shown_beside_the_field(
    signed_in: SignedIn, cast: Cast, field: str, value: str, said: str
) -> None:
    before = stored()
    answer = post(signed_in("head"), upload("a.pdf", pdf()), **{field: value})
    assert error(answer, field) == said
    # A browser forgets the files of a form that comes back.
    assert error(answer, "file") == "Select the files again"
    assert (Evidence.objects.count(), stored()) == (0, before)


def test_evidence_naming_a_person_on_probation_is_refused(signed_in: SignedIn, cast: Cast) -> None:
    answer = post(signed_in("head"), upload("a.pdf", pdf()), names_nobody="somebody")
    assert error(answer, "names_nobody").startswith("You cannot upload this. Remove anything")
    assert not Evidence.objects.exists()


def test_evidence_needs_a_file_or_link_within_limits(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    assert error(post(client), "file") == "Select a file or enter a link"
    six = [upload(f"{n}.pdf", pdf()) for n in range(6)]
    assert error(post(client, *six), "file") == "Select up to 5 files"
    assert not Evidence.objects.exists()


def test_the_fifty_first_piece_is_refused(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    give(cast.head, [4], link="https://example.org/", count=50)
    before = stored()
    assert "already has 50 pieces of evidence. The limit is 50" in error(post(client, upload("a.pdf", pdf())), "file")
    assert (Evidence.objects.count(), stored()) == (50, before)


def test_a_file_for_several_is_stored_once_with_a_row_each(cast: Cast) -> None:
    before = stored()
    first, second = give(cast.head, [4, 5])
    assert first.file.name == second.file.name
    assert stored() - before == {first.file.name}
    assert first.caption == second.caption
    assert {first.recommendation, second.recommendation} == {recommendation(4), recommendation(5)}


def test_file_is_deleted_when_its_operation_fails(cast: Cast) -> None:
    before = stored()
    file = checked(upload("a.pdf", pdf()))
    seen: list[str] = []

    def verb() -> None:
        with operation(by=Actor(cast.head), at=NOON) as op:
            items = lock_all([recommendation(4).pk])
            keep([Offered("Audit.", TODAY, file=file)], items, op=op, by=Actor(cast.head))
            seen.extend(stored() - before)
            raise ValidationError("Not now.")

    with pytest.raises(ValidationError):
        verb()
    assert len(seen) == 1
    assert (Evidence.objects.count(), stored()) == (0, before)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_full_disk_is_reported_and_leaves_nothing(
    signed_in: SignedIn, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def full(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        """The file is made, and then there is no room for what is in it."""
        at = real(path, flags, mode, **more)
        if str(settings.EVIDENCE_DIR) in str(path) and flags & os.O_EXCL:
            os.dup2(real("/dev/full", os.O_WRONLY), at)
        return at

    before = stored()
    monkeypatch.setattr(os, "open", full)
    answer = post(signed_in("head"), upload("a.pdf", pdf()))
    assert error(answer, "file") == ("The file could not be stored, so nothing was saved. Try again later.")
    assert (Evidence.objects.count(), stored()) == (0, before)


@pytest.mark.parametrize("status", ["not_agreed", "no_longer_applies", "superseded"])
def test_only_while_it_is_open(signed_in: SignedIn, cast: Cast, status: str) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(status=status, superseded_by=recommendation(5))
    before = stored()
    answer = post(signed_in("head"), upload("a.pdf", pdf()))
    assert answer.status_code == 422
    assert "It is no longer open" in read(answer).one(class_="govuk-error-summary").text
    assert (Evidence.objects.count(), stored()) == (0, before)


@pytest.mark.grid
@pytest.mark.parametrize(
    ("who", "status"),
    [
        *[(who, 403) for who in ("officer", "colleague", "supplier", "operations", "director", "policy", "national")],
        *[(who, 403) for who in ("reader", "inspector", "admin", "top_admin")],
        *[(who, 404) for who in ("neighbour", "stranger", "strange_admin", "nobody")],
    ],
)
def test_only_owner_and_lead_add_evidence(signed_in: SignedIn, cast: Cast, who: str, status: int) -> None:
    before = stored()
    client = signed_in(who)
    assert client.get(url()).status_code == post(client, upload("a.pdf", pdf())).status_code == status
    assert (Evidence.objects.count(), stored()) == (0, before)


def test_signed_out_nothing_is_kept(cast: Cast, client: Client) -> None:
    assert client.get(url()).status_code == 302
    assert post(client, upload("a.pdf", pdf())).status_code == 401
    assert not Evidence.objects.exists()


def test_sent_twice_it_is_kept_once_but_another_file_is_another_form(signed_in: SignedIn, cast: Cast) -> None:
    client, key, before = signed_in("head"), str(uuid.uuid4()), stored()
    for _time in range(2):
        assert post(client, upload("a.pdf", pdf()), request_key=key).status_code == 302
    assert (Evidence.objects.count(), len(stored() - before)) == (1, 1)
    assert post(client, upload("a.pdf", pdf(b"% More")), request_key=key).status_code == 302
    assert Evidence.objects.count() == 2


def test_other_fields_change_nothing(signed_in: SignedIn, cast: Cast) -> None:
    more = {"scan": "clean", "author": str(cast.nobody.pk), "sha256": "0" * 64, "recommendation": "1", "kind": "exe"}
    more |= {"withdrawn_on": "2026-11-01", "is_removed": "on", "day": "2020-01-01", "status": "signed_off"}
    assert post(signed_in("head"), upload("a.pdf", pdf()), **more).status_code == 302
    kept = Evidence.objects.get()
    assert (kept.scan, kept.author, kept.recommendation, kept.kind) == ("", cast.head, recommendation(4), "pdf")
    assert (kept.withdrawn_on, kept.is_removed, kept.day, kept.sha256[:1]) == (None, False, TODAY, kept.sha256[:1])
    assert recommendation(4).status == "open"


def test_oversized_request_is_refused_unread(signed_in: SignedIn, cast: Cast, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 10_000
    answer = post(signed_in("head"), upload("a.txt", b"a" * 20_000))
    assert answer.status_code == 413
    assert "up to 5 evidence files of 10 MB each" in answer.text
    many = [upload(f"{n}.txt", b"a") for n in range(21)]
    assert post(signed_in("head"), *many).status_code == 413
    assert not Evidence.objects.exists()
