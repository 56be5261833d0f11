"""What holds for every answer: no cache keeps it, a lost session or database says so, and nothing typed is lost."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, include, path

from tracker.accounts.models import User
from tracker.web import http

handler400 = "tracker.web.errors.bad_request"
handler403 = "tracker.web.errors.forbidden"
handler404 = "tracker.web.errors.not_found"
handler500 = "tracker.web.errors.server_error"

HTMX = {"HX-Request": "true"}
OURS = {"Origin": "http://testserver"}
LONG = "The lead officer left in May and nobody took it over. <b>"


def _echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("words", "read"))


def _away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("away")


def _broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken")


def _forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def _page(request: HttpRequest) -> HttpResponse:
    return http.page(request, "404.html", "errors/_part.html", {})


def _go(request: HttpRequest) -> HttpResponse:
    return http.redirect(request, "/there/#words" if "fragment" in request.GET else "/there/")


urlpatterns: list[URLPattern | URLResolver] = [
    path("echo/", _echo),
    path("away/", login_not_required(_away)),
    path("broken/", login_not_required(_broken)),
    path("forbidden/", login_not_required(_forbidden)),
    path("page/", login_not_required(_page)),
    path("go/", login_not_required(_go)),
    path("", include("tracker.urls")),
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.fixture
def person() -> User:
    return User.objects.create_user("ann@example.test", "Ann Walker", "a long pass phrase")


def _token(client: Client) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/accounts/password/reset/").text)
    assert found
    return found[1]


def _again(answer: Any) -> dict[str, str]:
    """The fields of the form that sends once more."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.text)
    assert token, "There is nothing to send again."
    fields = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', answer.text, re.DOTALL)
    return {"csrfmiddlewaretoken": token[1], **{name: unescape(value) for name, value in fields}}


def test_a_signed_out_reader_is_sent_to_sign_in(client: Client) -> None:
    answer = client.get("/echo/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/echo/"


def test_a_signed_out_part_says_so_in_place(client: Client) -> None:
    answer = client.get("/echo/", headers=HTMX)
    assert answer.status_code == 401
    assert "data-error-part" in answer.text
    assert 'target="_blank"' in answer.text
    assert "<html" not in answer.text


def test_signed_out_post_can_be_sent_again(client: Client, person: User) -> None:
    data = {"words": LONG, "password": "never shown", "csrfmiddlewaretoken": _token(client)}
    answer = client.post("/echo/", {"words": LONG, "csrfmiddlewaretoken": data["csrfmiddlewaretoken"]}, headers=OURS)
    assert answer.status_code == 401
    assert LONG not in answer.text
    client.force_login(person)
    assert client.post("/echo/", _again(answer), headers=OURS).text == LONG
    answer = Client(raise_request_exception=False).post("/echo/", data)
    assert "never shown" not in answer.text


def test_allauth_keeps_its_own_redirects(client: Client, person: User) -> None:
    client.force_login(person)
    answer = client.post("/accounts/logout/", {"csrfmiddlewaretoken": _token(client)}, headers=OURS)
    assert answer.status_code == 302
    assert answer["Clear-Site-Data"] == '"cache", "storage"'


def test_nothing_of_a_signed_in_person_is_stored(client: Client, person: User) -> None:
    client.force_login(person)
    for address in ("/echo/", "/accounts/password/change/", "/nowhere/", "/away/", "/broken/"):
        answer = client.get(address)
        assert answer["Cache-Control"] == "no-store", address
        assert {"Cookie", "HX-Request", "HX-History-Restore-Request"} <= set(answer["Vary"].split(", ")), address
        assert "geolocation=()" in answer["Permissions-Policy"], address


def test_a_stale_token_is_renewed_for_a_part(client: Client, person: User) -> None:
    client.force_login(person)
    _token(client)
    answer = client.post("/echo/", {"words": LONG, "csrfmiddlewaretoken": "a" * 64}, headers=HTMX | OURS)
    assert answer.status_code == 403
    assert "data-error-part" in answer.text
    token = json.loads(answer["HX-Trigger"])["csrfRenewed"]["token"]
    again = client.post("/echo/", {"words": LONG, "csrfmiddlewaretoken": token}, headers=HTMX | OURS)
    assert again.text == LONG


def test_stale_token_loses_nothing_typed(client: Client, person: User) -> None:
    client.force_login(person)
    answer = client.post("/echo/", {"words": LONG}, headers=OURS)
    assert answer.status_code == 403
    assert client.post("/echo/", _again(answer), headers=OURS).text == LONG


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.test"}, {"Sec-Fetch-Site": "cross-site"}, {}])
def test_other_sites_get_no_token(client: Client, person: User, headers: dict[str, str]) -> None:
    client.force_login(person)
    for asked in (headers, headers | HTMX):
        answer = client.post("/echo/", {"words": LONG}, headers=asked)
        assert answer.status_code == 403
        assert "HX-Trigger" not in answer
        assert "csrfmiddlewaretoken" not in answer.text


def test_database_outage_is_reported_and_retried(client: Client) -> None:
    data = {"words": LONG, "csrfmiddlewaretoken": _token(client)}
    answer = client.post("/away/", data, headers=OURS)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert _again(answer)["words"] == LONG
    part = client.post("/away/", data, headers=OURS | HTMX)
    assert part.status_code == 503
    assert "data-error-part" in part.text


def test_server_error_reveals_no_internals(client: Client) -> None:
    data = {"words": LONG, "csrfmiddlewaretoken": _token(client)}
    answer = client.post("/broken/", data, headers=OURS)
    assert answer.status_code == 500
    assert "RuntimeError" not in answer.text
    assert _again(answer)["words"] == LONG
    assert "data-error-part" in client.get("/broken/", headers=HTMX).text


def test_what_was_refused_can_still_be_read(client: Client) -> None:
    answer = client.post("/forbidden/", {"words": LONG, "csrfmiddlewaretoken": _token(client)}, headers=OURS)
    assert answer.status_code == 403
    assert "The lead officer left in May" in answer.text
    assert "Send again" not in answer.text


def test_excess_is_reported(client: Client) -> None:
    token = _token(client)
    answer = client.post("/echo/", {"words": "x" * 2_600_000, "csrfmiddlewaretoken": token}, headers=OURS)
    assert answer.status_code == 413
    many = {f"f{number}": "x" for number in range(600)}
    assert client.post("/echo/", many, headers=OURS | HTMX).status_code == 413


@pytest.mark.parametrize(
    ("headers", "whole"),
    [
        ({}, True),
        (HTMX, False),
        (HTMX | {"HX-Boosted": "true"}, True),
        (HTMX | {"HX-History-Restore-Request": "true"}, True),
    ],
)
def test_a_part_for_htmx_and_the_page_for_all_others(client: Client, headers: dict[str, str], whole: bool) -> None:
    answer = client.get("/page/", headers=headers)
    assert ("<html" in answer.text) == whole
    assert {"HX-Request", "HX-History-Restore-Request"} <= set(answer["Vary"].split(", "))


def test_redirect_works_for_htmx_too(client: Client) -> None:
    assert client.get("/go/")["Location"] == "/there/"
    answer = client.get("/go/", headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/there/")
    assert "HX-Refresh" not in answer
    for here, again in (("/there/?page=2", False), ("/elsewhere/", False), ("/there/", True)):
        answer = client.get("/go/?fragment", headers=HTMX | {"HX-Current-URL": f"http://testserver{here}"})
        assert ("HX-Refresh" in answer) == again, here
