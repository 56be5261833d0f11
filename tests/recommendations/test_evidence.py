"""The evidence on a recommendation's page, and its files: handed out to who sees it, and never to be run."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import Cast, recommendation
from tests.factories import read
from tests.recommendations.evidence import give
from tests.recommendations.offered import HONEST, pdf
from tracker.accounts.policies import Access
from tracker.recommendations.evidence.queries import section
from tracker.recommendations.models import Evidence

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon", "own_store")
TYPES = {
    "report.pdf": "application/pdf",
    "figures.csv": "text/csv",
    "notes.txt": "text/plain",
    "chart.png": "image/png",
    "photo.jpg": "image/jpeg",
}


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("name", TYPES)
def test_file_is_downloaded_unchanged_as_attachment(signed_in: SignedIn, cast: Cast, name: str) -> None:
    (kept,) = give(cast.head, [4], name=name, content=HONEST[name])
    answer = signed_in("director").get(f"/evidence/{kept.pk}/")
    assert answer.status_code == 200
    assert body(answer) == HONEST[name]
    assert answer["Content-Type"].partition(";")[0] == TYPES[name]
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Content-Length"] == str(len(HONEST[name]))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "no-store"


def test_a_name_with_letters_of_other_languages_is_sent_as_rfc_6266_says(signed_in: SignedIn, cast: Cast) -> None:
    (kept,) = give(cast.head, [4], name="Prüfung “neu”.pdf")
    answer = signed_in("head").get(f"/evidence/{kept.pk}/")
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Pr%C3%BCfung")
    assert "\r" not in answer["Content-Disposition"]


def test_head_gives_the_same_headers_without_the_file(signed_in: SignedIn, cast: Cast) -> None:
    (kept,) = give(cast.head, [4])
    client = signed_in("head")
    asked, got = client.head(f"/evidence/{kept.pk}/"), client.get(f"/evidence/{kept.pk}/")
    assert dict(asked.items()) == dict(got.items())
    assert asked.status_code == 200
    assert body(got) == pdf()


@pytest.mark.grid
@pytest.mark.parametrize(
    ("who", "status"),
    [
        *[(who, 200) for who in ("head", "officer", "colleague", "supplier", "operations", "director", "policy")],
        *[(who, 200) for who in ("national", "reader", "inspector", "admin", "top_admin")],
        *[(who, 404) for who in ("neighbour", "stranger", "strange_admin", "nobody")],
    ],
)
def test_files_are_open_to_those_who_see_the_recommendation(
    signed_in: SignedIn, cast: Cast, who: str, status: int
) -> None:
    (kept,) = give(cast.head, [4])
    assert signed_in(who).get(f"/evidence/{kept.pk}/").status_code == status


def test_signed_out_person_gets_no_file(cast: Cast, client: Client) -> None:
    (kept,) = give(cast.head, [4])
    assert client.get(f"/evidence/{kept.pk}/").status_code == 302
    assert client.post(f"/evidence/{kept.pk}/").status_code in (401, 405)


@pytest.mark.parametrize(
    ("columns", "status", "why"),
    [
        ({"scan": "infected"}, 403, "A virus was found in it after it was uploaded."),
        ({"is_removed": True, "file": "", "name": ""}, 410, "permanently removed"),
        ({"file": "00/" + "0" * 32}, 404, "The file is missing."),
    ],
)
def test_unavailable_file_says_why(
    signed_in: SignedIn, cast: Cast, columns: dict[str, Any], status: int, why: str
) -> None:
    (kept,) = give(cast.head, [4])
    Evidence.objects.filter(pk=kept.pk).update(**columns)
    answer = signed_in("head").get(f"/evidence/{kept.pk}/")
    assert answer.status_code == status
    assert why in read(answer).one("main").text
    assert "attachment" not in (answer.get("Content-Disposition") or "")


def test_link_evidence_has_no_file(signed_in: SignedIn, cast: Cast) -> None:
    (kept,) = give(cast.head, [4], link="https://example.org/a")
    client = signed_in("head")
    assert client.get(f"/evidence/{kept.pk}/").status_code == 404
    shown = read(client.get(f"/recommendations/{recommendation(4).pk}/")).one(id=f"evidence-{kept.pk}")
    link = shown.one("a", href="https://example.org/a")
    assert link.attrs["rel"] == "noopener noreferrer"
    assert "on example.org" in shown.text


def test_files_lie_outside_of_what_is_served(signed_in: SignedIn, cast: Cast) -> None:
    (kept,) = give(cast.head, [4])
    store = settings.EVIDENCE_DIR.resolve()
    for folder in (settings.STATIC_ROOT, *settings.STATICFILES_DIRS):
        assert not store.is_relative_to(folder)
    client = signed_in("head")
    for path in (kept.file.name, f"static/{kept.file.name}", f"evidence/{kept.file.name}", f"media/{kept.file.name}"):
        assert client.get(f"/{path}").status_code == 404


def test_the_page_lists_the_newest_first_and_folds_the_rest(signed_in: SignedIn, cast: Cast) -> None:
    client, item = signed_in("head"), recommendation(4)
    page = read(client.get(f"/recommendations/{item.pk}/")).one(id="evidence")
    assert "No evidence yet." in page.text
    assert page.one("a", href=f"/recommendations/{item.pk}/add-evidence/").text == "Add evidence"
    kept = [give(cast.head, [4], caption=f"Audit {n}")[0] for n in range(7)]
    page = read(client.get(f"/recommendations/{item.pk}/")).one(id="evidence")
    assert "7, latest 23 November 2026" in page.all("summary")[0].text
    ids = [row.attrs["id"] for row in page.all("li")]
    assert ids == [f"evidence-{one.pk}" for one in reversed(kept)]
    assert len(page.one(id="evidence-more").all("li")) == 2
    row = page.one(id=f"evidence-{kept[0].pk}").text
    for told in ("Audit 0", "shared.pdf", "PDF", "Not scanned for viruses", kept[0].sha256[:12], "Added by Head"):
        assert told in row


@pytest.mark.parametrize(("who", "adds", "withdraws"), [("head", 1, 1), ("director", 0, 0), ("reader", 0, 0)])
def test_actions_are_offered_to_those_who_may(
    signed_in: SignedIn, cast: Cast, who: str, adds: int, withdraws: int
) -> None:
    (kept,) = give(cast.officer, [4])
    page = read(signed_in(who).get(f"/recommendations/{recommendation(4).pk}/")).one(id="evidence")
    assert len(page.all("a", href=f"/recommendations/{recommendation(4).pk}/add-evidence/")) == adds
    assert len(page.all("a", href=f"/evidence/{kept.pk}/withdraw/")) == withdraws


def test_the_part_takes_as_many_queries_for_forty_as_for_one(cast: Cast) -> None:
    def asked() -> int:
        item, access = recommendation(4), Access(cast.head, kept[0].day)
        with CaptureQueriesContext(connection) as queries:
            made = section(access, item)
            assert made is not None
            for row in [*made.data["rows"], *made.data["more"]]:
                assert (str(row.evidence.caption), str(row.evidence.author), row.can_withdraw) != ("", "", None)
        return len(queries)

    kept = give(cast.head, [4])
    few = asked()
    give(cast.head, [4], link="https://example.org/", count=39)
    assert asked() == few <= 4
