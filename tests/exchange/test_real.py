"""Files made by a real worker, also by one that is killed in the middle; and what LibreOffice makes of them."""

import hashlib
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.visitor import Visitor
from tests.rig import OWNER, Postgres, Site, wait_until
from tests.tiers import find

pytestmark = pytest.mark.real
SOON = 40.0


def rows(site: Site, statement: str) -> list[Any]:
    with psycopg.connect(site.env["DATABASE_URL"], autocommit=True, connect_timeout=5) as connection:
        cursor = connection.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


@contextmanager
def locked(postgres: Postgres, site: Site, table: str) -> Iterator[None]:
    """Whoever reads the table waits until the end of this."""
    url = postgres.url(site.env["DATABASE_URL"].rpartition("/")[2], OWNER)
    with psycopg.connect(url, connect_timeout=5) as connection:
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


def asked(visitor: Visitor, page: str, button: str) -> str:
    """Sends the form behind that button of the page; the address of the job."""
    text = visitor.get(page)
    found = re.search(rf'<form method="post" action="([^"]+)"(?:(?!</form>).)*{button}', text, re.DOTALL)
    assert found, text
    after = visitor.post(found[1], found[0])
    job = re.search(r'href="(/files/\d+/)file/"|hx-get="(/files/\d+/)"', after)
    assert job, after
    return job[1] or job[2]


def fetched(visitor: Visitor, job: str) -> bytes:
    with visitor.opener.open(visitor.site.address(f"{job}file/"), timeout=20) as answer:
        return bytes(answer.read())


def west_kent(visitor: Visitor) -> str:
    found = re.search(r'<option value="(\d+)">West Kent PDU', visitor.get("/review/pack/"))
    assert found
    return f"/review/pack/{found[1]}/"


def test_a_pack_whose_worker_is_killed_in_the_middle_is_made_by_the_next(real_site: Site, postgres: Postgres) -> None:
    site, director = real_site, Visitor(real_site).sign_in("director.kss")
    pack = west_kent(director)
    page = director.get(pack)
    with locked(postgres, site, "recommendations_check"):
        form = re.search(r'<form method="post" action="[^"]+/word/".*?</form>', page, re.DOTALL)
        assert form
        director.post(f"{pack}word/", form[0])
        # The summary is made, and the worker waits for the first recommendations.
        in_hand = "SELECT total FROM jobs_job WHERE state = 'running' AND total > 0"
        wait_until(lambda: rows(site, in_hand), "the pack in hand", SOON)
        site.kill("worker")
    [[pk, state, attempts, done]] = rows(site, "SELECT id, state, attempts, done FROM jobs_job")
    assert (state, attempts, done) == ("running", 1, 0)
    site.start("worker")
    # Until the lease is over, nobody takes it from who might be at it still: two minutes, which are over now.
    assert "Creating file: 0 of" in director.get(f"/files/{pk}/")
    rows(site, "UPDATE jobs_job SET claimed_until = '2026-01-01'")
    wait_until(lambda: rows(site, "SELECT 1 FROM jobs_job WHERE state = 'done'"), "the pack", SOON)
    [[attempts, sha256]] = rows(site, "SELECT attempts, sha256 FROM jobs_job")
    content = fetched(director, f"/files/{pk}/")
    assert (attempts, sha256) == (2, hashlib.sha256(content).hexdigest())
    assert content.startswith(b"PK")


def test_the_embedded_worker_makes_packs_and_downloads_too(embedded_site: Site, tmp_path: Path) -> None:
    site, inspector = embedded_site, Visitor(embedded_site).sign_in("inspector")
    pack = asked(inspector, west_kent(inspector), "Create Word document")
    download = asked(inspector, "/inspections/1/download/", "Create file")
    wait_until(lambda: inspector.get("/files/").count("Ready") == 2, "both files", SOON)
    assert fetched(inspector, pack).startswith(b"PK")
    (tmp_path / "whole.zip").write_bytes(fetched(inspector, download))
    with zipfile.ZipFile(tmp_path / "whole.zip") as whole:
        whole.extractall(tmp_path / "whole")
    check = ["sha256sum", "--strict", "-c", "sha256sums.txt"]
    assert subprocess.run(check, cwd=tmp_path / "whole", capture_output=True, check=False).returncode == 0
    assert "Traceback" not in site.log("worker")


@pytest.mark.office
def test_libreoffice_opens_the_pack_and_shows_its_pages(embedded_site: Site, tmp_path: Path) -> None:
    director = Visitor(embedded_site).sign_in("director.kss")
    job = asked(director, west_kent(director), "Create Word document")
    wait_until(lambda: "Ready from" in director.get(job), "the pack", SOON)
    (tmp_path / "pack.docx").write_bytes(fetched(director, job))
    pages = in_pages(tmp_path / "pack.docx")
    assert len(pages) > 10
    # Something is to be seen on each, and they differ.
    assert all(page.stat().st_size > 4000 for page in pages)
    assert len({page.read_bytes() for page in pages}) == len(pages)
    to_text = ["pdftotext", "-layout", str(tmp_path / "pack.pdf"), "-"]
    text = re.sub(r"\s+", " ", subprocess.run(to_text, capture_output=True, text=True, check=True).stdout)
    for words in (
        "Meeting pack: West Kent PDU",
        "Longest overdue first",
        "Recommendation 1 (Overdue by",
        f"of {len(pages)}",
    ):
        assert words in text, words


def in_pages(document: Path) -> list[Path]:
    """As LibreOffice shows it, a picture for each page."""
    profile = document.parent / "profile"
    office = [find("office"), f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*office, "--outdir", document.parent, document], check=True, capture_output=True, timeout=120)
    shutil.rmtree(profile, ignore_errors=True)
    to = document.with_suffix("")
    subprocess.run([find("pages"), "-r", "60", "-png", document.with_suffix(".pdf"), to], check=True, timeout=120)
    return sorted(document.parent.glob(f"{document.stem}-*.png"))
