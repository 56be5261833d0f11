"""Files that no row names are swept away after a week, and nothing else is."""

import datetime
import os
from pathlib import Path

import pytest

from tests.base import NOON, Cast
from tests.recommendations.evidence import give
from tests.recommendations.offered import stored
from tracker.recommendations.evidence.operations import forget_files

pytestmark = pytest.mark.usefixtures("at_noon")
DAY = datetime.timedelta(days=1)


def aged(path: Path, age: datetime.timedelta) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    then = (NOON - age).timestamp()
    os.utime(path, (then, then))
    return f"{path.parent.name}/{path.name}"


def test_only_old_unreferenced_files_of_ours_are_deleted(cast: Cast, own_store: Path) -> None:
    (kept,) = give(cast.head, [4])
    name = str(kept.file.name)
    aged(own_store / name, 100 * DAY)
    deep = aged(own_store / "ab" / "0d" / ("d" * 32), 100 * DAY)
    orphan = aged(own_store / "0a" / ("a" * 32), 8 * DAY)
    new = aged(own_store / "0b" / ("b" * 32), 6 * DAY)
    foreign = aged(own_store / "0c" / "accounts.xlsx", 100 * DAY)
    before = stored()
    forget_files(at=NOON)
    assert before - stored() == {orphan}
    assert {name, new, foreign, f"ab/{deep}"} <= stored()


@pytest.mark.django_db
def test_missing_store_is_not_an_error(own_store: Path) -> None:
    assert not own_store.exists()
    forget_files(at=NOON)
