"""The operator's log of security has a line for each event, and nobody's name, address or words."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from tests.base import KSS, NOON, PASSWORD, Cast, recommendation
from tests.factories import place
from tests.recommendations.reviewing import words
from tracker.accounts.models import User
from tracker.accounts.operations import end_role, give_role
from tracker.history.operations import Actor
from tracker.recommendations.models import Evidence

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
SignedIn = Callable[[str], Client]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[str]]]:
    logger = logging.getLogger("tracker.security")
    logger.addHandler(caplog.handler)
    yield lambda: [record.getMessage() for record in caplog.records if record.name == "tracker.security"]
    logger.removeHandler(caplog.handler)


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_sign_in_and_sign_out(client: Client, cast: Cast, lines: Callable[[], list[str]]) -> None:
    sign_in(client, cast.head.email)
    client.post("/accounts/logout/")
    assert lines() == [f"sign-in by={cast.head.pk} from=127.0.0.1", f"sign-out by={cast.head.pk} from=127.0.0.1"]


@pytest.mark.parametrize(("email", "account"), [("head@example.test", None), ("elsewhere@example.test", "unknown")])
def test_refused_sign_in(
    client: Client, cast: Cast, lines: Callable[[], list[str]], email: str, account: str | None
) -> None:
    sign_in(client, email, "not the password")
    assert lines() == [f"sign-in-refused by=nobody from=127.0.0.1 account={account or cast.head.pk}"]


def test_too_many_attempts(client: Client, cast: Cast, lines: Callable[[], list[str]]) -> None:
    for _ in range(11):
        sign_in(client, cast.head.email, "not the password")
    assert lines()[-1] == "sign-in-limited by=nobody from=127.0.0.1"


def test_password_reset(client: Client, cast: Cast, lines: Callable[[], list[str]]) -> None:
    client.post("/accounts/password/reset/", {"email": cast.head.email})
    assert lines() == [f"account-email by=nobody from=127.0.0.1 kind=password_reset_key account={cast.head.pk}"]


def test_roles(
    cast: Cast, lines: Callable[[], list[str]], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        role = give_role(cast.officer, role="reviewer", organisation=place(KSS), by=Actor(cast.top_admin), at=NOON)
        end_role(role, by=Actor(cast.top_admin), at=NOON, seen_version=1)
    about = f"membership={role.pk} user={cast.officer.pk} role=reviewer organisation={place(KSS).pk}"
    assert lines() == [f"role.{verb} by={cast.top_admin.pk} {about}" for verb in ("given", "ended")]


def test_refusal_names_the_path_without_what_was_asked(signed_in: SignedIn, lines: Callable[[], list[str]]) -> None:
    client = signed_in("reader")
    answer = client.get(f"/recommendations/{recommendation(4).pk}/check/?q=Somebody+Private")
    assert answer.status_code == 403
    (line,) = [line for line in lines() if line.startswith("refused")]
    assert line.endswith(f"path=/recommendations/{recommendation(4).pk}/check/")


def test_a_request_with_a_wrong_host_is_one_line() -> None:
    logger = logging.getLogger("django.security")
    why = (ValueError, ValueError("Host"), None)
    record = logger.makeRecord(logger.name, logging.ERROR, "", 0, "Invalid HTTP_HOST header", (), why)
    assert [handler.filter(record) for handler in logger.handlers]
    assert record.exc_info is None
    assert not logger.propagate


def test_evidence_opened_by_an_inspector(
    signed_in: SignedIn, cast: Cast, lines: Callable[[], list[str]], own_store: Any
) -> None:
    item = recommendation(4)
    own_store.mkdir(parents=True)
    (own_store / "a.txt").write_text("The audit.")
    kept = Evidence.objects.create(
        recommendation=item, caption=words(cast.head), speaks_of=NOON.date(), author=cast.head, at=NOON,
        day=NOON.date(), file="a.txt", name="a.txt", size=10, kind="txt", scan="", sha256="0" * 64,
    )  # fmt: skip
    for who, count in (("head", 0), ("inspector", 1)):
        assert signed_in(who).get(f"/evidence/{kept.pk}/").status_code == 200
        assert sum(line.startswith("evidence-opened") for line in lines()) == count


def test_no_line_names_anybody(client: Client, cast: Cast, lines: Callable[[], list[str]]) -> None:
    sign_in(client, cast.head.email)
    sign_in(client, "typed.by.mistake@example.test", "secret words")
    for person in User.objects.all():
        assert not [line for line in lines() if person.email in line or person.name in line]
    assert not [line for line in lines() if "mistake" in line or "secret" in line]
