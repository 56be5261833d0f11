"""Whoever came to a verb from elsewhere is led back there, but never to another site."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import recommendation
from tests.factories import read

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.mark.parametrize("how", ["check", "comment"])
def test_saving_returns_to_the_previous_page(signed_in: SignedIn, how: str) -> None:
    there = f"/recommendations/{recommendation(4).pk}/{how}/?next=/review/%3Fx%3D1"
    client = signed_in("director")
    page = read(client.get(there))
    assert page.one("a", class_="govuk-back-link").attrs["href"] == "/review/?x=1"
    form = page.one(id="main-content").all("form")[-1]
    typed = {"progress": ["no"], "method": ["papers"], "found": ["Nothing."], "comment-words": ["Seen."]}
    answer = client.post(form.attrs["action"], form.sent() | typed)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/review/?x=1")


@pytest.mark.parametrize(
    "asked",
    ["https://evil.test/", "//evil.test/", "/\\evil.test/", "javascript:alert(1)", "evil", "\r\n/x", "/\t/evil"],
)
def test_next_never_leads_to_another_site(signed_in: SignedIn, asked: str) -> None:
    client, item = signed_in("director"), recommendation(4)
    there = f"/recommendations/{item.pk}/check/"
    page = read(client.get(there, {"next": asked}))
    assert page.one("a", class_="govuk-back-link").attrs["href"] == f"/recommendations/{item.pk}/"
    form = page.one(id="verb").all("form")[-1]
    sent = form.sent() | {"progress": ["no"], "method": ["papers"], "found": ["Nothing."]}
    answer = client.post(f"{there}?{form.attrs['action'].partition('?')[2]}", sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/recommendations/{item.pk}/#review")
