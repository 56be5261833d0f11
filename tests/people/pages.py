"""What the pages about people have in common: how their forms are sent, what they answer, and whom they keep out."""

from collections.abc import Callable, Mapping
from typing import Any

from django.test import Client

from tests.factories import Answer, read, roots
from tracker.history.models import Event

SignedIn = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
CONFLICT = "Someone else has changed this since you opened it."
# One of each who administers nothing.
NOT_ADMINISTRATORS = (
    "head",
    "supplier",
    "operations",
    "director",
    "policy",
    "national",
    "reader",
    "inspector",
    "nobody",
)


def sent(answer: Answer, url: str, **typed: str) -> dict[str, Any]:
    """What a browser would post of the form on that page once this was typed."""
    return read(answer).one("form", action=url).sent() | typed


def problems(answer: Answer) -> list[str]:
    """What the error summary says, which a refused form always has; of a conflict the status says it too."""
    assert answer.status_code in (409, 422)
    said = [line.text for line in read(answer).one(class_="govuk-error-summary").all("li")]
    assert (CONFLICT in said) == (answer.status_code == 409)
    return said


def is_part(answer: Answer, part: str) -> bool:
    """One element with that id, which the forms in it replace."""
    (root,) = roots(read(answer))
    assert all(form.attrs["hx-target"] == f"#{part}" for form in root.all("form", method="post"))
    assert "HX-Request" in answer["Vary"]
    return root.attrs["id"] == part


def events_since(last: Event | None) -> list[Event]:
    """Oldest first."""
    return list(Event.objects.filter(pk__gt=last.pk if last else 0).order_by("pk"))


def last_event() -> Event | None:
    return Event.objects.newest_first().first()


def keeps_out(signed_in: SignedIn, url: str, typed: Mapping[str, Any], *, unseen: bool = True) -> None:
    """403 for whoever administers nothing, 404 for administrators elsewhere, 401 for the signed out; no event."""
    before = last_event()
    for name in NOT_ADMINISTRATORS:
        client = signed_in(name)
        assert (client.get(url).status_code, client.post(url, typed).status_code) == (403, 403), name
    if unseen:
        client = signed_in("strange_admin")
        assert (client.get(url).status_code, client.post(url, typed).status_code) == (404, 404)
    client = Client()
    answer = client.get(url)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    for headers in ({}, HTMX):
        answer = client.post(url, typed, headers=headers)
        assert answer.status_code == 401
        assert "signed out" in answer.content.decode()
    assert last_event() == before
