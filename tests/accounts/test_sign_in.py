"""Signing in says nothing about who has an account, follows nobody elsewhere, and tires of guessing."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from tests.base import PASSWORD, Cast
from tracker.accounts.models import User
from tracker.reminders.models import Delivery

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cast")]
LOGIN, RESET, SIGNUP = "/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"
WRONG = "The email address and/or password you specified are not correct."


@pytest.fixture
def quick_passwords(settings: Settings) -> None:
    """Where many passwords are tried: a hash that costs nothing. The cast's own costs as much as on a server."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.update(password=make_password(PASSWORD))


def post(client: Client, login: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(LOGIN, {"login": login, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def page(answer: Any) -> bytes:
    """Without the tokens, which differ from page to page."""
    content: bytes = answer.content
    return re.sub(rb'(csrfmiddlewaretoken" value="|X-CSRFToken": ?")\w+', rb"\1", content)


@pytest.mark.verb
# -- who gets in -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "login", ["head@example.test", "HEAD@EXAMPLE.TEST", "Head@Example.test", " head@example.test "]
)
def test_an_address_and_its_password_sign_in_in_capitals_or_not(client: Client, cast: Cast, login: str) -> None:
    assert not is_signed_in(client)
    answer = post(client, login)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_signed_in(client)
    assert client.session["_auth_user_id"] == str(cast.head.pk)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("head@example.test", "a long enough passwort"),
        ("head@example.test", PASSWORD.upper()),
        ("head@example.test", f"{PASSWORD} "),
        ("somebody.else@example.test", PASSWORD),
        ("head@example.test.", PASSWORD),
        ("Head", PASSWORD),
    ],
)
def test_nothing_else_starts_it(client: Client, login: str, password: str) -> None:
    answer = post(client, login, password)
    assert answer.status_code == 200
    assert not is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(quick_passwords: None) -> None:
    known, unknown = "head@example.test", "no-one@example.test"
    pages = [page(post(Client(), login, "wrong")).replace(login.encode(), b"") for login in (known, unknown)]
    assert pages[0] == pages[1]
    assert WRONG.encode() in pages[0]


def test_closed_account_cannot_sign_in(client: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.head.pk).update(is_active=False)
    answers = [page(post(Client(), "head@example.test", password)) for password in (PASSWORD, "wrong")]
    assert answers[0] == answers[1]
    assert WRONG.encode() in answers[0]
    assert not is_signed_in(client)
    assert "_auth_user_id" not in client.session


def test_closing_an_account_ends_its_sessions(client: Client, cast: Cast) -> None:
    post(client, "head@example.test")
    assert is_signed_in(client)
    User.objects.filter(pk=cast.head.pk).update(is_active=False)
    assert not is_signed_in(client)


def test_somebody_without_a_password_does_not_sign_in(client: Client, cast: Cast) -> None:
    User.objects.create_user("invited@example.test", "Invited")
    for password in ("", "!", "None"):
        post(client, "invited@example.test", password)
        assert not is_signed_in(client)


# -- sessions --------------------------------------------------------------------------------------------------------
def test_earlier_session_key_is_invalid_after_sign_in(client: Client) -> None:
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    before = client.cookies["session"].value
    post(client, "head@example.test")
    after = client.cookies["session"].value
    assert after != before
    assert not Session.objects.filter(session_key=before).exists()
    client.cookies["session"] = before
    assert not is_signed_in(client)


def test_signing_out_ends_the_session_on_the_server(client: Client) -> None:
    post(client, "head@example.test")
    key = client.cookies["session"].value
    assert client.get("/accounts/logout/").status_code == 200
    assert is_signed_in(client), "A link alone must not sign anybody out."
    client.post("/accounts/logout/")
    client.cookies["session"] = key
    assert not is_signed_in(client)


def test_the_session_cookie_is_kept_from_scripts_and_ends_with_the_browser(client: Client) -> None:
    post(client, "head@example.test", remember="on")
    cookie = client.cookies["session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["expires"], cookie["max-age"]) == (True, "Lax", "", "")


# -- next ------------------------------------------------------------------------------------------------------------
HOSTILE = [
    *("https://evil.test/", "http://evil.test", "//evil.test/x", "///evil.test", "////evil.test", "https:///evil.test"),
    *("/\\evil.test", "\\\\evil.test", "\\/evil.test", "/\\/evil.test", "https:\\\\evil.test", "http:evil.test"),
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "\thttps://evil.test", " //evil.test"),
    *("/\t/evil.test", "https://testserver@evil.test/", "https://testserver.evil.test/", "//testserver@evil.test"),
    *("//evil.test\\@testserver", "https://evil.test#@testserver/", "\x00//evil.test", "ftp://testserver/"),
]


@pytest.mark.parametrize("target", HOSTILE)
def test_redirects_never_lead_to_another_site(client: Client, quick_passwords: None, target: str) -> None:
    asked = client.get(LOGIN, {"next": target})
    assert asked.status_code == 200
    answer = client.post(
        f"{LOGIN}?next=//evil.test", {"login": "head@example.test", "password": PASSWORD, "next": target}
    )
    assert answer.status_code == 302
    assert answer["Location"] == "/"


@pytest.mark.parametrize("target", HOSTILE)
def test_signed_in_redirect_never_leads_to_another_site(client: Client, cast: Cast, target: str) -> None:
    client.force_login(cast.head)
    for path in (LOGIN, SIGNUP):
        answer = client.get(path, {"next": target})
        if answer.status_code == 302:
            assert urlsplit(answer["Location"]).netloc == ""
            assert answer["Location"] == "/"


@pytest.mark.parametrize(
    "target", ["/inspections/", "/recommendations/?mark=overdue&sort=due", "/recommendations/4/#r4"]
)
def test_sign_in_returns_to_the_requested_page(client: Client, quick_passwords: None, target: str) -> None:
    assert post(client, "head@example.test", next=target)["Location"] == target


def test_the_page_asked_for_survives_a_wrong_password(client: Client, quick_passwords: None) -> None:
    asked = client.get("/inspections/")
    assert asked["Location"] == "/accounts/login/?next=/inspections/"
    assert 'name="next" value="/inspections/"' in client.get(asked["Location"]).text
    answer = post(client, "head@example.test", "wrong", next="/inspections/")
    assert 'name="next" value="/inspections/"' in answer.content.decode()


# -- signing up ------------------------------------------------------------------------------------------------------
def test_sign_up_is_closed(client: Client) -> None:
    before = User.objects.count()
    form = {"email": "new@example.test", "password1": PASSWORD, "password2": PASSWORD, "name": "New"}
    for answer in (client.get(SIGNUP), client.post(SIGNUP, form), client.post(f"{SIGNUP}?next=/", form)):
        assert answer.status_code in (200, 403)
        assert "Accounts are by invitation" in answer.text
        assert "<form" not in answer.text.split("<main", 1)[1]
    assert User.objects.count() == before
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "path", ["email/", "confirm-email/", "confirm-email/x/", "password/reset/code/", "login/code/", "3rdparty/", "2fa/"]
)
def test_no_other_allauth_page_exists(client: Client, cast: Cast, path: str) -> None:
    client.force_login(cast.head)
    assert client.get(f"/accounts/{path}").status_code == 404


# -- a new password --------------------------------------------------------------------------------------------------
def link_in(letter: Delivery) -> str:
    found = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", letter.body_text)
    assert found, letter.body_text
    return found[1]


def test_a_reset_queues_one_letter_with_a_link_to_the_persons_address(client: Client, cast: Cast) -> None:
    answer = client.post(RESET, {"email": "HEAD@example.test"})
    assert answer["Location"] == f"{RESET}done/"
    letter = Delivery.objects.get()
    assert (letter.kind, letter.person, letter.address) == ("account", cast.head, "head@example.test")
    assert letter.state == "waiting"
    assert "\n" not in letter.subject
    assert PASSWORD not in letter.body_text
    assert cast.head.password not in letter.body_text
    assert link_in(letter)


@pytest.mark.parametrize("host", ["testserver", "localhost:9999"])
def test_the_link_leads_to_our_own_site_whatever_host_was_asked(client: Client, settings: Settings, host: str) -> None:
    client.post(RESET, {"email": "head@example.test"}, headers={"Host": host})
    letter = Delivery.objects.get()
    assert f"{settings.SITE_URL}/accounts/password/reset/key/" in letter.body_text
    assert host not in letter.subject + letter.body_text + letter.body_html


@pytest.mark.parametrize("address", ["no-one@example.test", "officer@example.test"])
def test_a_reset_reveals_nothing_about_an_unknown_or_closed_account(cast: Cast, address: str) -> None:
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    seen = []
    for email in ("head@example.test", address):
        client = Client()
        answer = client.post(RESET, {"email": email})
        done = client.get(answer["Location"])
        headers = sorted((name, value) for name, value in answer.headers.items())
        seen.append((answer.status_code, headers, sorted(answer.cookies), page(answer), done.status_code, page(done)))
    assert seen[0] == seen[1]
    assert [letter.person for letter in Delivery.objects.all()] == [cast.head]


def test_too_many_resets_are_refused_alike_for_known_and_unknown(client: Client) -> None:
    last = []
    for email in ("head@example.test", "no-one@example.test"):
        codes = [client.post(RESET, {"email": email}).status_code for _ in range(5)]
        assert codes == [302] * 5
        answer = client.post(RESET, {"email": email})
        last.append((answer.status_code, page(answer)))
    assert last[0] == last[1]
    assert last[0][0] == 429
    assert Delivery.objects.count() == 5


def choose(client: Client, link: str, password: str) -> Any:
    """Follows the link, which hides its key behind a second address, and sends the form there."""
    form = client.get(link, follow=True)
    if not form.redirect_chain:
        return form
    return client.post(form.redirect_chain[-1][0], {"password1": password, "password2": password})


def test_the_link_sets_a_new_password_once(cast: Cast) -> None:
    old = Client()
    post(old, "head@example.test")
    Client().post(RESET, {"email": "head@example.test"})
    link = link_in(Delivery.objects.get())
    assert choose(Client(), link, "another long password").status_code == 302
    assert not is_signed_in(old), "Who signed in with the old password has to sign in again."
    again = choose(Client(), link, "a third long password")
    assert "This link no longer works" in again.content.decode()
    for password, status in ((PASSWORD, 200), ("a third long password", 200), ("another long password", 302)):
        assert post(Client(), "head@example.test", password).status_code == status


@pytest.mark.parametrize("password", ["short", "password1234", "head@example.test"])
def test_weak_password_is_refused(cast: Cast, password: str) -> None:
    Client().post(RESET, {"email": "head@example.test"})
    answer = choose(Client(), link_in(Delivery.objects.get()), password)
    assert answer.status_code == 200
    before = cast.head.password
    cast.head.refresh_from_db()
    assert cast.head.password == before


def test_a_link_for_one_person_changes_no_other(cast: Cast) -> None:
    Client().post(RESET, {"email": "head@example.test"})
    link = link_in(Delivery.objects.get())
    mine = re.sub(r"/key/\w+-", f"/key/{cast.officer.pk:x}-", link)
    assert mine != link
    choose(Client(), mine, "another long password")
    assert post(Client(), "officer@example.test").status_code == 302
