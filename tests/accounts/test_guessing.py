"""Guessing at passwords is slowed down, wherever it comes from, and passwords that would be guessed are refused."""

import datetime
from contextlib import ExitStack

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client

from tests.accounts.test_sign_in import LOGIN, WRONG, is_signed_in, page, post, quick_passwords
from tests.base import NOON, Cast
from tracker.accounts import guessing
from tracker.accounts.guessing import FREE_ATTEMPTS, MOST_AT_ONCE, note_failure, seconds_to_wait

__all__ = ["quick_passwords"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cast")]


def test_after_ten_wrong_passwords_for_one_address_the_right_one_waits(quick_passwords: None) -> None:
    for _ in range(10):
        assert WRONG in post(Client(), "head@example.test", "wrong").content.decode()
    client = Client()
    answer = post(client, "HEAD@example.test")
    assert "Too many failed login attempts" in answer.content.decode()
    assert not is_signed_in(client)
    assert post(Client(), "officer@example.test").status_code == 302


def test_wrong_passwords_from_one_place_do_not_lock_out_others(quick_passwords: None) -> None:
    for _ in range(10):
        post(Client(REMOTE_ADDR="192.0.2.7"), "head@example.test", "wrong")
    there = Client(REMOTE_ADDR="192.0.2.7")
    assert "Too many failed login attempts" in post(there, "head@example.test").content.decode()
    assert not is_signed_in(there)
    here = Client(REMOTE_ADDR="192.0.2.8")
    assert post(here, "head@example.test").status_code == 302
    assert is_signed_in(here)
    # Who has signed in over there does not free the place from which the guesses came.
    assert "Too many failed login attempts" in post(there, "Head@Example.test").content.decode()


def test_guessing_at_one_account_from_many_places_is_slowed_but_not_where_it_signs_in(quick_passwords: None) -> None:
    assert post(Client(REMOTE_ADDR="192.0.2.200"), "head@example.test").status_code == 302
    for n in range(FREE_ATTEMPTS + 3):
        with time_machine.travel(NOON + n * datetime.timedelta(minutes=1)):
            assert WRONG in post(Client(REMOTE_ADDR=f"192.0.2.{n}"), "head@example.test", "wrong").text
    with time_machine.travel(NOON + (FREE_ATTEMPTS + 2) * datetime.timedelta(minutes=1), tick=False):
        elsewhere = Client(REMOTE_ADDR="192.0.2.100")
        assert "Too many failed attempts. Wait 8 seconds and try again." in post(elsewhere, "HEAD@example.test").text
        assert not is_signed_in(elsewhere)
        assert post(Client(REMOTE_ADDR="192.0.2.200"), "head@example.test").status_code == 302
        assert post(Client(REMOTE_ADDR="192.0.2.100"), "officer@example.test").status_code == 302
    with time_machine.travel(NOON + (FREE_ATTEMPTS + 2) * datetime.timedelta(minutes=1, seconds=1)):
        assert post(Client(REMOTE_ADDR="192.0.2.100"), "head@example.test").status_code == 302


def test_no_account_waits_longer_than_a_minute(quick_passwords: None) -> None:
    for _ in range(40):
        note_failure("head@example.test")
    assert 55 <= seconds_to_wait("head@example.test", "192.0.2.7") <= 60


def test_signing_in_leaves_a_thread_for_everybody_else(client: Client) -> None:
    with ExitStack() as others:
        for _ in range(MOST_AT_ONCE):
            others.enter_context(guessing._signing_in)
        assert "Many people are signing in. Try again in a few seconds." in post(client, "head@example.test").text
        assert not is_signed_in(client)
    assert post(client, "head@example.test").status_code == 302


@pytest.mark.parametrize(
    "password",
    [
        *("918273645546", "aaaaaaaaaaaab", "abcabcabcabc", "Ab1!Ab1!Ab1!Ab1"),
        *("WestKent2026!!", "Probation2026", "HMPPS-Tracker-1", "recommendations1"),
    ],
)
def test_password_that_is_easily_guessed_is_refused(cast: Cast, password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, cast.head)


def test_password_of_a_few_own_words_is_taken(cast: Cast) -> None:
    validate_password("copper lantern by the canal", cast.head)
    validate_password("probation copper lantern", cast.head)


def test_many_guesses_do_not_reset_other_limits(quick_passwords: None) -> None:
    for _ in range(10):
        post(Client(), "head@example.test", "wrong")
    # As many counters as guesses at 600 other addresses leave.
    for number in range(600):
        cache.set(f"guesses:{number}", 1, 300)
    assert "Too many failed login attempts" in post(Client(), "head@example.test").content.decode()


def test_unknown_address_is_rate_limited_alike(quick_passwords: None) -> None:
    last = {}
    for login in ("head@example.test", "no-one@example.test"):
        for _ in range(11):
            answer = post(Client(), login, "wrong")
        last[login] = page(answer).replace(login.encode(), b"")
    assert b"Too many failed login attempts" in last["head@example.test"]
    assert last["head@example.test"] == last["no-one@example.test"]


def test_too_many_tries_from_one_place_get_a_page_that_says_so(quick_passwords: None) -> None:
    client = Client(REMOTE_ADDR="192.0.2.7")
    codes = [post(client, f"guess{n}@example.test", "wrong").status_code for n in range(60)]
    assert set(codes) == {200}
    answer = post(client, "head@example.test")
    assert answer.status_code == 429
    text = answer.content.decode()
    assert "Too many attempts" in text
    assert "Wait 5 minutes" in text
    assert not is_signed_in(client)
    assert post(Client(REMOTE_ADDR="192.0.2.8"), "head@example.test").status_code == 302


def test_forged_proxy_header_does_not_reset_the_limit(quick_passwords: None) -> None:
    for n in range(60):
        headers = {"X-Forwarded-For": f"198.51.100.{n}"}
        Client().post(LOGIN, {"login": f"guess{n}@example.test", "password": "wrong"}, headers=headers)
    headers = {"X-Forwarded-For": "198.51.100.200"}
    assert Client().post(LOGIN, {"login": "x@example.test", "password": "wrong"}, headers=headers).status_code == 429
