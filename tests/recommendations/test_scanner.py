"""A virus scanner is asked before a file is kept, and again for what it has not spoken of."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.base import NOON, Cast, recommendation
from tests.factories import read
from tests.recommendations.evidence import give
from tests.recommendations.offered import EICAR, pdf, stored, upload
from tracker.history.models import Event
from tracker.recommendations.evidence.operations import scan_unscanned
from tracker.recommendations.models import Evidence
from tracker.web import clamd
from tracker.web.clamd import Verdict

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon", "own_store")


class Scanner:
    """Speaks as clamd does, over a socket of this machine; finds EICAR. `answer` makes it say something else."""

    def __init__(self, door: socket.socket) -> None:
        self.door, self.answer, self.scanned = door, b"", list[bytes]()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                talk, _who = self.door.accept()
            except OSError:
                return
            with talk:
                self.listen(talk)

    def listen(self, talk: socket.socket) -> None:
        heard = talk.makefile("rb")
        if heard.read(10) != b"zINSTREAM\0":
            return
        content = b""
        while size := struct.unpack(">I", heard.read(4))[0]:
            content += heard.read(size)
        self.scanned.append(content)
        found = b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        talk.sendall(self.answer or found)


@contextmanager
def listening(door: socket.socket) -> Iterator[Scanner]:
    door.listen()
    with door:
        yield Scanner(door)


@pytest.fixture
def scanner(settings: Any) -> Iterator[Scanner]:
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    settings.CLAMD = f"127.0.0.1:{door.getsockname()[1]}"
    with listening(door) as found:
        yield found


def post(client: Client, content: bytes) -> Any:
    words = {"caption": "Audit.", "speaks_of": "20/11/2026", "names_nobody": "nobody"}
    url = f"/recommendations/{recommendation(4).pk}/add-evidence/"
    return client.post(url, words | {"file": upload("a.txt", content)})


def test_clean_file_is_kept_and_marked_as_scanned(signed_in: SignedIn, cast: Cast, scanner: Scanner) -> None:
    client = signed_in("head")
    assert post(client, b"Forty cases.").status_code == 302
    kept = Evidence.objects.get()
    assert (kept.scan, scanner.scanned) == ("clean", [b"Forty cases."])
    page = read(client.get(f"/recommendations/{recommendation(4).pk}/")).one(id=f"evidence-{kept.pk}")
    assert "Scanned: no virus found" in page.text


def test_infected_file_is_refused_and_deleted(signed_in: SignedIn, cast: Cast, scanner: Scanner) -> None:
    answer = post(signed_in("head"), EICAR)
    assert answer.status_code == 422
    assert "it contains a virus" in read(answer).one(id="id_file_error").text
    assert (Evidence.objects.count(), stored()) == (0, set())


@pytest.mark.parametrize("said", [b"INSTREAM size limit exceeded. ERROR\0", b"\0", b"HTTP/1.1 400\r\n", b"x" * 5000])
def test_inconclusive_scan_leaves_the_file_unscanned(
    signed_in: SignedIn, cast: Cast, scanner: Scanner, said: bytes
) -> None:
    scanner.answer = said
    client = signed_in("head")
    assert post(client, b"Forty cases.").status_code == 302
    kept = Evidence.objects.get()
    assert kept.scan == ""
    page = read(client.get(f"/recommendations/{recommendation(4).pk}/")).one(id=f"evidence-{kept.pk}")
    assert "Not scanned for viruses" in page.text


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.ctl", "nonsense", "host:port"])
def test_unavailable_scanner_blocks_no_upload(signed_in: SignedIn, cast: Cast, settings: Any, address: str) -> None:
    settings.CLAMD = address
    assert post(signed_in("head"), b"Forty cases.").status_code == 302
    assert Evidence.objects.get().scan == ""


def test_scanner_timeout_ends_the_scan() -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        address = f"127.0.0.1:{door.getsockname()[1]}"
        assert clamd.ask(address, [b"x"], seconds=0.2) is Verdict.UNKNOWN


def test_over_a_socket_in_the_file_system(tmp_path: Path) -> None:
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(tmp_path / "clamd.ctl"))
    with listening(door) as found:
        assert clamd.ask(str(tmp_path / "clamd.ctl"), [b"x" * 200_000, b"y"]) is Verdict.CLEAN
        assert clamd.ask(str(tmp_path / "clamd.ctl"), [EICAR[:20], EICAR[20:]]) is Verdict.INFECTED
        assert found.scanned[0] == b"x" * 200_000 + b"y"


def test_unscanned_file_is_scanned_later(signed_in: SignedIn, cast: Cast, scanner: Scanner) -> None:
    good = give(cast.head, [4, 5])
    (bad,) = give(cast.head, [4], name="bad.txt", content=EICAR)
    give(cast.head, [4], link="https://example.org/")
    scan_unscanned(at=NOON)
    assert sorted(scanner.scanned) == sorted([pdf(), EICAR])
    for one in [*good, bad]:
        one.refresh_from_db()
    assert [one.scan for one in [*good, bad]] == ["clean", "clean", "infected"]
    assert Event.objects.about(bad).newest_first()[0].verb == "evidence.infected"
    assert signed_in("head").get(f"/evidence/{bad.pk}/").status_code == 403
    scan_unscanned(at=NOON)
    assert len(scanner.scanned) == 2


def test_no_scan_without_a_scanner(cast: Cast, settings: Any) -> None:
    give(cast.head, [4])
    settings.CLAMD = ""
    scan_unscanned(at=NOON)
    assert Evidence.objects.get().scan == ""
