"""Many name a cover for the same person at the same moment, on real PostgreSQL: one of them does."""

import datetime
import re
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.test_races import Stay, answer_to, rows
from tests.faults.visitor import Visitor
from tests.rig import DAY, Site

pytestmark = pytest.mark.real
AT_ONCE = 24


def test_one_of_overlapping_covers_is_saved(real_site: Site) -> None:
    visitor = Visitor(real_site).sign_in("head.westkent")
    visitor.opener = urllib.request.build_opener(visitor.jar, urllib.request.ProxyHandler({}), Stay())
    [[pk]] = rows(real_site, "SELECT id FROM accounts_user WHERE email = 'spo.maidstone@example.test'")
    path = f"/absence/{pk}/cover/"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', visitor.get(path))
    assert token
    first, day = datetime.date.fromisoformat(DAY), datetime.timedelta(days=1)

    def name(n: int) -> int:
        """From a day of its own, so that no constraint of the database stands in for the lock."""
        typed = {"cover": "spo.gravesend@example.test", "from_on": (first + n * day).isoformat()}
        typed |= {"until_on": (first + 30 * day).isoformat(), "request_key": str(uuid.uuid4())}
        return answer_to(visitor, path, typed | {"csrfmiddlewaretoken": token[1]})[0]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = sorted(pool.map(name, range(AT_ONCE)))
    assert answers == [302, *[422] * (AT_ONCE - 1)]
    assert rows(real_site, f"SELECT count(*) FROM accounts_cover WHERE person_id = {pk}") == [(1,)]
