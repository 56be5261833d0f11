"""Evidence is given with a report, to all that the report is given to, or the report is not given either."""

import pytest

from tests.base import TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import HTMX, SignedIn
from tests.recommendations.offered import EXE, pdf, stored, upload
from tests.recommendations.reporting import errors_of, form_in, own, report_url, text_in, updates
from tracker.history.models import Event, FreeText
from tracker.recommendations.models import Evidence, Recommendation, Update

pytestmark = pytest.mark.usefixtures("at_noon", "own_store")
TYPED = {"progress": "some", "what_changed": "Ten staff were trained."}
PROOF = {"caption": "The register.", "speaks_of": "20/11/2026", "names_nobody": "nobody"}


def test_a_file_supports_the_update_it_came_with(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    answer = client.post(report_url(), TYPED | PROOF | {"file": upload("register.pdf", pdf())})
    assert answer.status_code == 302
    (update,), kept = updates(), Evidence.objects.get()
    assert (kept.update, kept.recommendation, str(kept.caption)) == (update, recommendation(4), "The register.")
    events = Event.objects.filter(verb__in=("evidence.added", "recommendation.reported"))
    assert len({event.operation_id for event in events}) == 1
    section = read(client.get(f"/recommendations/{recommendation(4).pk}/")).one("details", id="update")
    (link,) = [link for link in section.all("a") if link.text == "The register."]
    assert link.attrs["href"] == f"#evidence-{kept.pk}"


def test_file_for_several_updates_is_stored_once_and_listed_with_each(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 1, 4)
    before = stored()
    also = {"also": [recommendation(1).pk], "file": upload("register.pdf", pdf()), "link": "https://example.org/audit"}
    assert signed_in("officer").post(report_url(), TYPED | PROOF | also).status_code == 302
    for number in (1, 4):
        (update,) = updates(number)
        assert {one.link for one in update.evidence.all()} == {"", "https://example.org/audit"}
    assert len(stored() - before) == 1
    assert FreeText.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"caption": ""}, "caption", "Enter what the evidence shows"),
        ({"speaks_of": "24/11/2026"}, "speaks_of", "Date the evidence relates to must be today or in the past"),
        ({"names_nobody": "somebody"}, "names_nobody", "You cannot upload this."),
        ({"link": "javascript:alert(1)"}, "link", "Enter a full link"),
        ({"progress": ""}, "progress", "Select progress"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_error_in_either_part_sends_neither_and_keeps_both(
    signed_in: SignedIn, cast: Cast, given: dict[str, str], field: str, message: str, headers: dict[str, str]
) -> None:
    before = stored()
    typed = TYPED | PROOF | {"link": "https://example.org/audit"} | given
    answer = signed_in("head").post(report_url(), typed, headers=headers)
    assert answer.status_code == 422
    assert message in errors_of(answer, field)
    form = form_in(answer)
    assert text_in(answer, "what_changed") == "Ten staff were trained."
    # Unfolded, so that what is wrong is seen.
    assert "open" in form.all("details")[0].attrs
    assert form.one(name="link").attrs["value"] == typed["link"]
    assert not Update.objects.exists()
    assert not Evidence.objects.exists()
    assert stored() == before


def test_executable_file_is_refused_and_the_update_kept(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("head").post(report_url(), TYPED | PROOF | {"file": upload("register.pdf", EXE)})
    assert answer.status_code == 422
    assert errors_of(answer, "file")
    assert not Update.objects.exists()


def test_a_report_that_fails_leaves_no_file_behind(signed_in: SignedIn, cast: Cast) -> None:
    before = stored()
    Recommendation.objects.filter(pk=recommendation(4).pk).update(status="not_agreed")
    answer = signed_in("head").post(report_url(), TYPED | PROOF | {"file": upload("register.pdf", pdf())})
    assert answer.status_code == 422
    assert "Select the files again" in errors_of(answer, "file")
    assert (stored(), Evidence.objects.count()) == (before, 0)


def test_without_any_the_part_is_folded(signed_in: SignedIn, cast: Cast) -> None:
    form = form_in(signed_in("head").get(report_url()))
    assert (form.attrs["enctype"], form.attrs["hx-encoding"]) == ("multipart/form-data", "multipart/form-data")
    assert "open" not in form.all("details")[0].attrs
    assert form.one("input", type="file").attrs["name"] == "file"
    assert signed_in("head").post(report_url(), TYPED).status_code == 302
    assert (updates()[0].day, Evidence.objects.count()) == (TODAY, 0)
