"""Many at once on real PostgreSQL: one wins, the others read what happened, and nothing is signed unseen."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.faults.visitor import Visitor
from tests.rig import DAY, Postgres, Site
from tests.sampling import examples

pytestmark = pytest.mark.real
SAVERS = 50
RACES = examples(60, 200)


class Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer and is not followed."""

    def redirect_request(self, *_: Any) -> None:
        return None


def answer_to(visitor: Visitor, path: str, fields: dict[str, str]) -> tuple[int, str]:
    data = urllib.parse.urlencode(fields).encode()
    request = urllib.request.Request(visitor.site.address(path), data, {"Origin": visitor.site.url})
    try:
        with visitor.opener.open(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def rows(site: Site, statement: str) -> list[Any]:
    with psycopg.connect(site.env["DATABASE_URL"], autocommit=True) as connection:
        return list(connection.execute(statement).fetchall())


def test_one_of_fifty_simultaneous_saves_wins_and_nothing_typed_is_lost(real_site: Site) -> None:
    visitor = Visitor(real_site).sign_in("head.westkent")
    visitor.opener = urllib.request.build_opener(visitor.jar, urllib.request.ProxyHandler({}), Stay())
    [[pk, version]] = rows(
        real_site,
        "SELECT r.id, r.version FROM recommendations_recommendation r WHERE number = '4' AND NOT is_previous",
    )
    path = f"/recommendations/{pk}/change/"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', visitor.get(path))
    assert token

    def save(n: int) -> tuple[int, str]:
        typed = {"version": str(version), "owner": "", "due_on": f"{n % 28 + 1}/{n // 28 + 1}/2027"}
        typed |= {"progress": "", "what_changed": "", "request_key": str(uuid.uuid4())}
        fields = {f"r{pk}-{name}": value for name, value in typed.items()}
        return answer_to(visitor, path, fields | {"csrfmiddlewaretoken": token[1]})

    with ThreadPoolExecutor(SAVERS) as pool:
        answers = list(pool.map(save, range(SAVERS)))
    won = [n for n, (status, _page) in enumerate(answers) if status == 302]
    lost = [n for n, (status, _page) in enumerate(answers) if status == 409]
    assert (len(won), len(lost)) == (1, SAVERS - 1)
    for n in lost:
        assert f'value="{n % 28 + 1}/{n // 28 + 1}/2027"' in answers[n][1], "what was typed is lost"
        assert "Someone else has changed this" in answers[n][1]
    [[day, after]] = rows(real_site, f"SELECT due_on, version FROM recommendations_recommendation WHERE id = {pk}")
    assert (day.month, day.day) == (won[0] // 28 + 1, won[0] % 28 + 1)
    assert after == version + 1


def test_nothing_is_signed_that_was_not_on_the_reviewers_screen(postgres: Postgres, tmp_path: Any) -> None:
    database = postgres.fresh_database()
    try:
        site = Site(tmp_path, today=DAY, DATABASE_URL=postgres.url(database))
        program = f"from tests.faults.races import main; main({RACES})"
        said = site.manage("shell", "--no-imports", "-c", program)
    finally:
        postgres.drop(database)
    told = json.loads(said.splitlines()[-1])
    assert told["wrong"] == []
    assert told["signed"] + told["refused"] == RACES
    # Both happen, or it was no race.
    assert told["signed"] > RACES // 20
    assert told["refused"] > RACES // 20
