"""A report is loaded under embargo: it is seen from the first moment by those named, and by nobody else."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.base import NOON, Cast
from tests.inspections.embargoed import ENDS, TITLE, file
from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.inspections.models import Inspection, Named
from tracker.recommendations.recommendation.policies import visible_inspections

pytestmark = pytest.mark.usefixtures("at_noon")
UNTIL = "--embargo-until=2026-12-01 09:30"


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "report.json").write_bytes(file())
    return str(tmp_path / "report.json")


def sees(person: User) -> bool:
    return visible_inspections(Access(person, NOON.date(), NOON)).filter(title=TITLE).exists()


def test_it_is_loaded_under_embargo_for_those_named(cast: Cast, path: str) -> None:
    call_command("load_inspection", path, UNTIL, "--named=Head@example.test", "--named=reader@example.test")
    assert Inspection.objects.get(title=TITLE).embargo_until == ENDS
    assert [sees(one) for one in (cast.head, cast.reader, cast.officer, cast.national)] == [True, True, False, False]
    published = Event.objects.get(verb="inspection.published", after__title=TITLE)
    assert published.after["embargo_until"] is not None
    named = Event.objects.filter(verb="named.added")
    assert {event.operation_id for event in named} == {published.operation_id}
    assert Named.objects.count() == 2


def test_report_without_embargo_is_visible_to_all(cast: Cast, path: str) -> None:
    call_command("load_inspection", path)
    assert sees(cast.officer)


def test_what_is_held_is_not_hidden_by_loading_it_again(cast: Cast, path: str) -> None:
    call_command("load_inspection", path)
    call_command("load_inspection", path, UNTIL, "--named=head@example.test")
    assert sees(cast.officer)
    assert not Named.objects.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--embargo-until=soon"], "Enter a date such as"),
        (["--embargo-until=2026-12-01"], "Enter a date and a time"),
        (["--embargo-until=2027-03-28 01:30"], "this time does not exist"),
        (["--embargo-until=2027-10-31 01:30"], "this time happens twice"),
        (["--embargo-until=2026-11-01 09:30"], "in the past"),
        (["--named=head@example.test"], "--named needs --embargo-until"),
        ([UNTIL, "--named=who@example.test"], "There is no account with the address who@example.test"),
    ],
)
def test_invalid_embargo_loads_nothing(cast: Cast, path: str, words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("load_inspection", path, *words)
    assert not Inspection.objects.filter(title=TITLE).exists()
