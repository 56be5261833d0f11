"""The download of an inspection: everything on record, nothing internal, and anybody can check it."""

import csv
import hashlib
import html
import io
import re
import subprocess
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from tests.base import NOON, TODAY, Cast, recommendation, west_kent
from tests.inspections.embargoed import SECRET, embargoed
from tests.jobs.work import MINUTE
from tests.recommendations.evidence import give
from tests.recommendations.reviewing import ready
from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.exchange.operations.download import FORMULA, harmless, table, wanted
from tracker.exchange.queries.blocks import clean
from tracker.exchange.queries.dossier import dossiers
from tracker.history.operations import Actor
from tracker.inspections.models import Inspection
from tracker.jobs import operations as jobs
from tracker.jobs.models import Job
from tracker.recommendations.comment.operations import comment
from tracker.recommendations.decision.operations import check
from tracker.recommendations.evidence.operations import path_of, withdraw_evidence
from tracker.recommendations.models import Recommendation
from tracker.recommendations.recommendation.queries import last_event_id

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon", "own_store")


def made(by: User, inspection: Inspection | None = None) -> Job:
    job = jobs.ask("download", by=by, at=NOON, key=uuid.uuid4(), **wanted(inspection or west_kent()))
    jobs.run_next(clock=lambda: NOON + MINUTE)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.why
    return job


def opened(job: Job) -> zipfile.ZipFile:
    return zipfile.ZipFile(jobs.path_of(job.file))


def rows(whole: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(whole.read(name).decode("utf-8-sig"))))


def everything(whole: zipfile.ZipFile) -> str:
    return " ".join(whole.read(name).decode("utf-8", "replace") for name in whole.namelist())


@pytest.mark.verb
def test_it_holds_what_is_on_record_of_every_recommendation(cast: Cast) -> None:
    [piece] = give(cast.head, [4], name="Minutes of March.pdf", caption="Minutes <of> March")
    whole = opened(made(cast.inspector))
    index = rows(whole, "index.csv")
    access = Access(cast.inspector, TODAY, NOON)
    pks = Recommendation.objects.filter(inspection=west_kent()).order_by("is_previous", "position")
    found = dossiers(access, list(pks.values_list("pk", flat=True)))
    assert [row["Recommendation"] for row in index] == [one.title for one in found]
    assert len(index) == 19
    for row, one in zip(index, found, strict=True):
        page = html.unescape(re.sub(r"<br ?/?>", "\n", whole.read(row["Page"]).decode()))
        for words in (one.text, one.verified, one.owner, one.response, one.addressee):
            assert words in page, (one.title, words)
        assert row["Text as printed"] == one.text
        assert row["Original due date"] == one.original_due
        assert row["Current due date"] == one.due
        assert row["Verified"] == one.verified
        for entry in one.history:
            assert entry.title in page
    name = "recommendations/004-recommendation-4/evidence/01-minutes-of-march.pdf"
    assert hashlib.sha256(whole.read(name)).hexdigest() == piece.sha256
    [evidence] = rows(whole, "evidence.csv")
    assert (evidence["File or link"], evidence["SHA-256"]) == (name, piece.sha256)
    page = whole.read("recommendations/004-recommendation-4/recommendation.html").decode()
    assert '<a href="evidence/01-minutes-of-march.pdf">Minutes &lt;of&gt; March</a>' in page
    assert 'href="recommendations/004-recommendation-4/recommendation.html"' in whole.read("index.html").decode()
    assert len(rows(whole, "history.csv")) == sum(len(one.history) for one in found)


def test_sha256sum_finds_every_file_as_it_was(cast: Cast, tmp_path: Path) -> None:
    give(cast.head, [4, 1], count=2)
    whole = opened(made(cast.inspector))
    whole.extractall(tmp_path)
    sums = ["sha256sum", "--strict", "-c", "sha256sums.txt"]
    done = subprocess.run(sums, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(": OK") == len(whole.namelist()) - 1
    (tmp_path / "index.csv").write_text("changed")
    assert subprocess.run(sums, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_nothing_internal_is_in_it_and_it_says_how_much_is_withheld(cast: Cast) -> None:
    for number, words in ((4, "Between us, first."), (4, "Between us, second."), (1, "Between us, third.")):
        comment(recommendation(number), words, is_internal=True, by=Actor(cast.operations), at=NOON)
    comment(recommendation(1), "Said to all.", is_internal=False, by=Actor(cast.operations), at=NOON)
    for who in ("inspector", "director"):
        whole = opened(made(getattr(cast, who)))
        text = everything(whole)
        assert "Between us" not in text
        assert "Said to all" not in text
        assert "3 internal comments are withheld." in whole.read("index.html").decode()
        assert "3 internal comments are withheld." in whole.read("README.txt").decode()
        assert [row["Internal comments withheld"] for row in rows(whole, "index.csv")][:4] == ["1", "0", "0", "2"]


def test_verifier_is_named(cast: Cast) -> None:
    ready(4, cast.officer, cast.head)
    found = {row["Recommendation"]: row for row in rows(opened(made(cast.inspector)), "index.csv")}
    assert found["Recommendation 4"]["Verified"] == "Not verified yet"
    assert found["Recommendation 4"]["Reported"] == "Sufficient progress"
    item, seen = recommendation(4), last_event_id(recommendation(4))
    check(item, by=Actor(cast.director), at=NOON, seen_event=seen, progress="some", method="visit", found="Seen.")
    found = {row["Recommendation"]: row for row in rows(opened(made(cast.inspector)), "index.csv")}
    assert found["Recommendation 4"]["Verified"] == "Checked by Director, 23 November 2026: Some progress (Visit)"


def test_missing_changed_or_withdrawn_evidence_is_listed_but_not_packed(cast: Cast) -> None:
    gone, changed, withdrawn, kept = (
        give(cast.head, [4], name=f"{name}.txt", content=f"It was {name}.".encode(), caption=name)[0]
        for name in ("gone", "changed", "withdrawn", "kept")
    )
    path_of(str(gone.file.name)).unlink()
    path_of(str(changed.file.name)).write_bytes(b"another")
    withdraw_evidence(withdrawn, "The wrong month.", by=Actor(cast.head), at=NOON)
    whole = opened(made(cast.inspector))
    assert [name for name in whole.namelist() if "/evidence/" in name] == [
        "recommendations/004-recommendation-4/evidence/01-kept.txt"
    ]
    told = {row["Evidence"]: row["Why it is not included"] for row in rows(whole, "evidence.csv")}
    assert told["kept"] == ""
    assert told["gone"] == told["changed"] == "The file is missing or has been altered."
    assert "The wrong month." in told["withdrawn"]
    assert "2 evidence files are not included" in whole.read("index.html").decode()
    assert kept.sha256


def test_names_in_it_are_safe_anywhere(cast: Cast) -> None:
    for n, name in enumerate(("con.txt", "ä" * 90 + ".txt", "a b.c.txt")):
        give(cast.head, [4], name=name, content=f"The paper {n}.".encode())
    for name in opened(made(cast.inspector)).namelist():
        assert re.fullmatch(r"[A-Za-z0-9./-]+", name)
        assert len(name) < 150
        for part in name.split("/"):
            assert not re.match(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)", part)
            assert not part.endswith((".", " "))


def test_saved_view_shows_only_visible_rows_to_its_owner(cast: Cast, signed_in: SignedIn) -> None:
    pk = west_kent().pk
    report = embargoed(cast)
    for who, status in (("inspector", 200), ("head", 200), ("neighbour", 404), ("nobody", 404)):
        assert signed_in(who).get(f"/inspections/{pk}/download/").status_code == status
        assert signed_in(who).get(f"/inspections/{report.pk}/download/").status_code == 404
        assert signed_in(who).post(f"/inspections/{pk}/download/").status_code == (302 if status == 200 else 404)
    job = made(cast.inspector)
    assert SECRET not in everything(opened(job))
    for other in ("head", "director", "admin", "top_admin"):
        assert signed_in(other).get(f"/files/{job.pk}/file/").status_code == 404
    client: Any = signed_in("inspector")
    answer = client.get(f"/files/{job.pk}/file/")
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].endswith('may-2022.zip"')
    cast.inspector.memberships.update(ends_on=TODAY)
    assert client.get(f"/files/{job.pk}/file/").status_code == 403


def test_file_is_refused_once_one_of_its_recommendations_is_hidden(cast: Cast, signed_in: SignedIn) -> None:
    Recommendation.objects.filter(pk__in=[recommendation(4).pk, recommendation(5).pk]).update(owner=cast.stranger)
    job, client = made(cast.stranger), signed_in("stranger")
    assert sorted(job.recommendations) == sorted([recommendation(4).pk, recommendation(5).pk])
    assert client.get(f"/files/{job.pk}/file/").status_code == 200
    Recommendation.objects.filter(pk=recommendation(4).pk).update(owner=None)
    assert client.get(f"/files/{job.pk}/file/").status_code == 403


@given(words=st.text(max_size=40))
@example(words="=cmd|' /C calc'!A0")
@example(words="\u200b=1+1")
@example(words="\t@SUM(1)")
@example(words="\u202e-1")
def test_no_cell_is_a_formula(words: str) -> None:
    assert not harmless(words).startswith(FORMULA)
    [head, row] = csv.reader(io.StringIO(table(("A", "B"), [(words, "b")]).removeprefix("\ufeff")))
    assert head == ["A", "B"]
    assert row[0].removeprefix("'") == clean(words).removeprefix("'")
