"""The meeting pack: the page and the document say the same, of what one may see, as at its day."""

import datetime
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.base import KSS, NOON, TODAY, Cast, recommendation, west_kent
from tests.exchange.reading import document, document_words, shown, squeezed
from tests.factories import everywhere, place, read, scattered
from tests.inspections.embargoed import SECRET, TITLE, busy, embargoed
from tests.reviews.living import Year
from tests.sampling import MANY
from tracker.accounts.models import Organisation, User
from tracker.accounts.policies import Access
from tracker.exchange.operations.pack import wanted
from tracker.exchange.queries.blocks import Block, words_of
from tracker.exchange.queries.pack import body, closing, pack
from tracker.exchange.queries.scope import MARKS, figures, groups
from tracker.history.operations import Actor
from tracker.jobs import operations as jobs
from tracker.jobs.models import Job
from tracker.recommendations.change.operations import change
from tracker.recommendations.comment.operations import comment
from tracker.recommendations.models import Plan, Report

SignedIn = Callable[[str], Client]
WEST_KENT = f"{KSS}west-kent-pdu/"
DAY = datetime.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("at_noon", "own_store")


def made(by: User, organisation: Organisation, on: datetime.date = TODAY, at: datetime.datetime = NOON) -> Job:
    what = wanted(organisation, on)
    job = jobs.ask("pack", by=by, at=at, key=uuid.uuid4(), **what)
    jobs.run_next(clock=lambda: at)
    job.refresh_from_db()
    return job


def content(job: Job) -> bytes:
    assert job.state == Job.State.DONE, job.why
    return jobs.path_of(job.file).read_bytes()


def blocks_of(access: Access, organisation: Organisation, at: datetime.datetime = NOON) -> list[Block]:
    found = pack(access, organisation, by=access.user, at=at, is_past=False)
    return [*found.head, *body(access, found, found.pks), *closing()]


def lively(cast: Cast) -> None:
    item = change(
        recommendation(4), by=Actor(cast.head), at=NOON, seen_version=1, plan=Plan(cast.officer, TODAY - 12 * DAY)
    )
    change(item, by=Actor(cast.officer), at=NOON, seen_version=2, report=Report("some", "Ten cases were read."))


@pytest.mark.verb
# -- the page and the document -----------------------------------------------------------------------------------------
def test_the_page_and_the_document_say_the_same(cast: Cast, signed_in: SignedIn) -> None:
    lively(cast)
    home = place(WEST_KENT)
    with time_machine.travel(NOON, tick=False):
        page = shown(read(signed_in("director").get(f"/review/pack/{home.pk}/")).one(id="pack"))
    paragraphs = document_words(content(made(cast.director, home)))
    written = " ".join(paragraphs)
    blocks = blocks_of(Access(cast.director, TODAY, NOON), home)
    at = 0
    for words in squeezed(word for block in blocks for word in words_of(block)):
        assert words in page
        at = written.find(words, at) if words in written[at:] else -1
        assert at >= 0, words
    for said in (
        "Recommendation 4 (Overdue by 12 days)",
        "Ten cases were read.",
        "for Director, with what they have",
    ):
        assert said in page
        assert said in written
    assert len(paragraphs) < 2 * sum(len(words_of(block)) for block in blocks)


def test_the_document_has_headings_heads_of_tables_and_described_pictures(cast: Cast, tmp_path: Path) -> None:
    lively(cast)
    path = tmp_path / "pack.docx"
    path.write_bytes(content(made(cast.director, place(WEST_KENT))))
    found = document(path)
    assert found.core_properties.title == "Meeting pack: West Kent PDU"
    assert found.core_properties.language == "en-GB"
    styles = [(one.style.name, one.text) for one in found.paragraphs if one.style.name.startswith(("Title", "Heading"))]
    assert styles[0] == ("Title", "Meeting pack: West Kent PDU")
    assert ("Heading 1", "Recommendations to West Kent PDU (5)") in styles
    assert ("Heading 2", "Recommendation 4 (Overdue by 12 days)") in styles
    assert found.tables
    for table in found.tables:
        xml = table._tbl.xml
        assert xml.count("<w:tblHeader/>") == 1
        assert "w:tblCaption" in xml
    assert len(found.inline_shapes) == 1
    described = re.findall(r'<wp:docPr [^>]*descr="([^"]*)"', found.element.xml)
    assert described == ["5 recommendations: 4 not reported, 1 some progress."]
    assert "Open Government Licence" in found.paragraphs[-1].text
    assert "West Kent PDU, as at 23 November 2026" in found.sections[0].footer.paragraphs[0].text
    assert 'w:lang w:val="en-GB"' in found.styles.element.xml


def test_it_is_kept_as_at_its_moment(cast: Cast, signed_in: SignedIn) -> None:
    home = place(WEST_KENT)
    job = made(cast.director, home)
    before = content(job)
    lively(cast)
    client = signed_in("director")
    answer: Any = client.get(f"/files/{job.pk}/file/")
    assert b"".join(answer.streaming_content) == before
    assert answer["Content-Disposition"] == 'attachment; filename="meeting-pack-west-kent-pdu-2026-11-23.docx"'
    assert "Ten cases" not in " ".join(document_words(before))
    assert "Ten cases" in " ".join(document_words(content(made(cast.director, home))))


# -- as at a day -------------------------------------------------------------------------------------------------------
def test_a_pack_of_a_past_day_is_the_pack_of_that_day(cast: Cast) -> None:
    year, home = Year(cast, 11), place(WEST_KENT)
    shown_then = {}
    for noon in year.days(5):
        evening = noon.replace(hour=23, minute=59)
        shown_then[noon.date()] = document_words(content(made(cast.reader, home, noon.date(), evening)))
    later = year.at + 20 * DAY
    for day, words in shown_then.items():
        again = document_words(content(made(cast.reader, home, day, later)))
        # After the lines that say as at which day and when it was made.
        assert again[3:] == words[3:], day
        assert "(end of day)" in again[1]
    assert len({tuple(words[3:]) for words in shown_then.values()}) > 3


def test_a_page_of_a_past_day_asks_for_the_document_of_that_day(cast: Cast, signed_in: SignedIn) -> None:
    client, home = signed_in("director"), place(WEST_KENT)
    yesterday = TODAY - DAY
    page = read(client.get(f"/as-at/{yesterday}/review/pack/{home.pk}/"))
    assert "22 November 2026 (end of day)" in shown(page)
    assert "Created: 23 November 2026" in shown(page)
    form = page.one(id="pack").one("form")
    assert form.attrs["action"] == f"/review/pack/{home.pk}/word/"
    answer = client.post(form.attrs["action"], {"day": form.one("input", name="day").attrs["value"]})
    job = Job.objects.get()
    assert answer["Location"] == f"/files/{job.pk}/"
    assert job.params == {"organisation": home.pk, "day": "2026-11-22"}
    assert job.title == "Meeting pack: West Kent PDU, as at 22 November 2026"


# -- what one may see --------------------------------------------------------------------------------------------------
def test_it_holds_nothing_of_an_embargo_and_nothing_internal(cast: Cast) -> None:
    report = embargoed(cast, "director", "head", "officer", "colleague", "operations")
    busy(cast, report)
    comment(recommendation(4), "Between us: late.", is_internal=True, by=Actor(cast.operations), at=NOON)
    home = place(WEST_KENT)
    for who, is_told in (("director", True), ("reader", False), ("inspector", False), ("national", False)):
        job = made(getattr(cast, who), home)
        words = " ".join(document_words(content(job)))
        assert (SECRET in words) is (TITLE in words) is is_told, who
        assert (report.pk in job.holds) is is_told
        assert "Between us" not in words


def test_pack_is_open_to_those_who_see_the_organisation(cast: Cast, signed_in: SignedIn) -> None:
    home = place(WEST_KENT)
    for who, status in (("head", 200), ("officer", 200), ("inspector", 200), ("neighbour", 404), ("nobody", 404)):
        client = signed_in(who)
        assert client.get(f"/review/pack/{home.pk}/").status_code == status
        assert client.post(f"/review/pack/{home.pk}/word/").status_code == (302 if status == 200 else 404)
    assert not Job.objects.filter(by__in=[cast.neighbour, cast.nobody]).exists()


def test_download_is_refused_once_its_content_is_hidden(cast: Cast, signed_in: SignedIn) -> None:
    job, client = made(cast.officer, place(WEST_KENT)), signed_in("officer")
    assert client.get(f"/files/{job.pk}/file/").status_code == 200
    cast.officer.memberships.update(ends_on=TODAY)
    assert client.get(f"/files/{job.pk}/file/").status_code == 403


# -- figures -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["head", "director", "reader", "national"])
def test_every_figure_is_that_of_the_list(cast: Cast, signed_in: SignedIn, who: str) -> None:
    everywhere(4, 60, [cast.head, cast.officer, cast.director], [WEST_KENT, KSS, "hmpps/", f"{KSS}surrey-pdu/"])
    access, client = Access(getattr(cast, who), TODAY, NOON), signed_in(who)
    organisation = place(WEST_KENT if who == "head" else KSS)

    def listed(query: str) -> int:
        text = read(client.get(f"{reverse('recommendations:list')}?{query}")).one(id="counts").text
        return int(re.findall(r"\d+", text.replace(",", ""))[0])

    found = figures(access, organisation)
    assert found
    for one in found:
        assert one.total == listed(f"addressee={one.organisation.pk}") == one.bar.total
        for mark in MARKS:
            assert one.marks[mark] == listed(f"addressee={one.organisation.pk}&mark={mark}"), mark
    of_groups = [pk for group in groups(access, organisation) for pk in group.pks]
    assert len(of_groups) == len(set(of_groups)) >= sum(one.total for one in found)


def test_the_months_since_publication_are_those_of_the_overview(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in("director")
    pack = read(client.get(f"/review/pack/{place(WEST_KENT).pk}/"))
    (row,) = [row for row in pack.all("tr") if "Inadequate" in row.text]
    assert f"{row.all('td')[-3].text} months since publication" in read(client.get("/review/")).text


def test_empty_organisations_look_right(cast: Cast, signed_in: SignedIn) -> None:
    page = shown(read(signed_in("director").get(f"/review/pack/{place(f'{KSS}surrey-pdu/').pk}/")))
    assert "Not inspected" in page
    assert "There are no recommendations to this organisation" in page
    assert "Nothing is overdue." in page
    assert content(made(cast.director, place(f"{KSS}surrey-pdu/")))


def test_the_choice_leads_to_the_page_of_the_day(cast: Cast, signed_in: SignedIn) -> None:
    client, home = signed_in("director"), place(WEST_KENT)
    assert client.get("/review/pack/").status_code == 200
    assert client.get(f"/review/pack/?organisation={home.pk}&day=")["Location"] == f"/review/pack/{home.pk}/"
    past = client.get(f"/review/pack/?organisation={home.pk}&day=20/11/2026")
    assert past["Location"] == f"/as-at/2026-11-20/review/pack/{home.pk}/"
    for day in ("24/11/2026", "1/1/2020", "soon"):
        assert client.get(f"/review/pack/?organisation={home.pk}&day={day}").status_code == 422
    other = place("hmpps/north-east/county-durham-pdu/")
    assert client.get(f"/review/pack/?organisation={other.pk}").status_code == 422
    assert "you cannot create a pack" in signed_in("nobody").get("/review/pack/").text


# -- size --------------------------------------------------------------------------------------------------------------
def asked(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


def test_the_page_costs_the_same_for_any_number(cast: Cast, signed_in: SignedIn) -> None:
    client, home = signed_in("director"), place(WEST_KENT)
    url = f"/review/pack/{home.pk}/"
    lively(cast)
    client.get(url)
    few = asked(lambda: client.get(url))
    scattered(3, west_kent(), [home], [cast.head, cast.officer], 300)
    answer = client.get(url)
    assert "Part 1 of 7" in answer.text
    assert asked(lambda: client.get(url)) == few <= 40
    assert asked(lambda: client.get(f"{url}?part=3")) <= few
    assert "Summary" not in client.get(f"{url}?part=7").text
    assert "Open Government Licence v3.0 (" in client.get(f"{url}?part=99").text


def test_a_chunk_of_many_rows_costs_as_much_as_one_of_few(cast: Cast) -> None:
    home = place(WEST_KENT)
    access = Access(cast.director, TODAY, NOON)
    few = pack(access, home, by=cast.director, at=NOON, is_past=False)
    one = asked(lambda: body(Access(cast.director, TODAY, NOON), few, few.pks[:12]))
    head = asked(lambda: pack(Access(cast.director, TODAY, NOON), home, by=cast.director, at=NOON, is_past=False))
    scattered(3, west_kent(), [home], [cast.head, cast.officer], MANY)
    many = pack(access, home, by=cast.director, at=NOON, is_past=False)
    assert len(many.pks) >= MANY * 0.9
    again = asked(lambda: pack(Access(cast.director, TODAY, NOON), home, by=cast.director, at=NOON, is_past=False))
    assert again == head <= 20
    assert asked(lambda: body(Access(cast.director, TODAY, NOON), many, many.pks[MANY // 2 : MANY // 2 + 50])) <= one
