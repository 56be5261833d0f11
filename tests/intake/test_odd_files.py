"""Files that are wrong in ways nobody expects get the list too; and what is printed is printed once."""

import copy
import json
from typing import Any

import pytest

from tests.base import NOON
from tests.intake.test_load_inspection import EAST_KENT, with_value
from tracker.inspections.models import Inspection
from tracker.intake.operations import publish
from tracker.intake.reading import Unreadable, read

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def load(content: dict[str, Any]) -> Inspection:
    return publish(read(json.dumps(content).encode()), by=None, at=NOON)[0]


def east_kent(part: str, *more: dict[str, Any]) -> dict[str, Any]:
    content = copy.deepcopy(EAST_KENT)
    content[part] += more
    return content


@pytest.mark.parametrize(
    "content",
    [
        b'{"inspection": ' + b"1" * 5000 + b"}",
        b'{"inspection": {"title": "a", "title": "b", "organisation": "KSS", "published": "2022-05"}}',
    ],
    ids=["huge number", "field twice"],
)
def test_odd_json_gets_the_list(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read(content)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_printed_measure_is_a_number_or_empty(value: float) -> None:
    with pytest.raises(Unreadable, match=r"measures\[0\].value"):
        load(EAST_KENT | {"measures": [{"name": "x", "value": value}]})


def test_half_a_character_is_refused() -> None:
    content = copy.deepcopy(EAST_KENT)
    content["recommendations"][0]["text"] = "a\ud800b"
    with pytest.raises(Unreadable, match="cannot be printed"):
        load(content)


@pytest.mark.parametrize(
    ("part", "rows"),
    [
        ("previous", [EAST_KENT["previous"][0]]),
        (
            "recommendations",
            [
                {"number": "30", "addressee": "KSS", "text": "a"},
                {"number": "30", "addressee": "KSS probation region", "text": "b"},
            ],
        ),
    ],
)
def test_agreed_items_are_listed_once(part: str, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(Unreadable, match="twice for one organisation"):
        load(east_kent(part, *rows))


def test_a_recommendation_in_the_words_of_a_previous_one_is_a_new_one() -> None:
    words = EAST_KENT["previous"][-1]
    held = load(east_kent("recommendations", {"number": "33", "addressee": words["addressee"], "text": words["text"]}))
    assert not held.recommendations.get(number="33").findings.exists()
    assert held.findings.count() == len(EAST_KENT["previous"])


@pytest.mark.parametrize(
    "changed",
    [
        with_value("measures", 0, "value", 31),
        with_value("problems", 0, "message", "x"),
        with_value("previous", 1, "place", "x"),
        with_value("previous", 1, "addressee", "HMPPS"),
        with_value("inspection", None, "published", "2022-05-01"),
        with_value("inspection", None, "published", "2022-06"),
    ],
)
def test_loaded_report_is_not_changed_by_a_file(changed: dict[str, Any]) -> None:
    before = Inspection.objects.count()
    with pytest.raises(Unreadable, match="already loaded"):
        load(changed)
    assert Inspection.objects.count() == before
