"""Each form with free text says in one line who can read what is typed there."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import tracker.recommendations
import tracker.reviews.forms
from tests.base import Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import SignedIn
from tests.recommendations.promising import address
from tracker.recommendations.recommendation.forms import WordsField
from tracker.recommendations.recommendation.readers import EVERYONE, ONCE_SENT
from tracker.web.forms import Form

pytestmark = pytest.mark.usefixtures("at_noon")


def forms_with_text() -> Iterator[type[Form]]:
    for package in (tracker.recommendations, tracker.reviews.forms):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.endswith(("forms", "figures")) or "reviews.forms." in found.name:
                importlib.import_module(found.name)
    ours = ("tracker.recommendations", "tracker.reviews")
    yield from (one for one in subclasses(Form) if one.__module__.startswith(ours))


def subclasses(kind: type[Form]) -> Iterator[type[Form]]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def test_every_form_with_free_text_names_its_readers() -> None:
    silent = {
        form.__name__
        for form in forms_with_text()
        if any(isinstance(field, WordsField) for field in form.base_fields.values()) and not form.readers
    }
    assert silent == set()


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("report", "Everyone who can see this recommendation can read what you write, including inspectors."),
        ("change", "Everyone who can see this recommendation can read what you write, including inspectors."),
        ("respond", "Inspectors can read what you write once the action plan is sent."),
        ("submit", "Inspectors can read what you write once it is signed off."),
    ],
)
def test_page_shows_the_line_once(signed_in: SignedIn, cast: Cast, verb: str, said: str) -> None:
    text = read(signed_in("head").get(address(recommendation(4), verb))).text
    assert text.count(said) == 1


def test_the_line_follows_the_setting(settings: Any) -> None:
    assert str(ONCE_SENT) != str(EVERYONE)
    settings.INSPECTORS_SEE_DRAFTS = True
    assert str(ONCE_SENT) == str(EVERYONE)
