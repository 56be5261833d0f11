"""Letters on PostgreSQL and Redis with the real worker, clock and mail server: each once, whatever falls over."""

import asyncio
import contextlib
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.faults.visitor import Visitor
from tests.rig import DAY, OWNER, MailSink, Postgres, Redis, Site, wait_until

pytestmark = pytest.mark.real
# The clock ticks every five seconds here, and a worker needs some to start.
SOON = 30.0
# Who of the made-up people has something that waits for them or is to hear of what is late.
STORY = {
    *("head.westkent", "spo.maidstone", "spo.gravesend", "data.westkent"),
    *("operations.kss", "director.kss", "reviewer.hmpps", "policy.hmpps"),
}


class HoldingSink(MailSink):
    """Keeps letters like any; until it is free it leaves the sender waiting in the middle of a letter."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.free.set()
        self.let_pass = 0
        self.waiting = threading.Event()
        super().__init__()

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        if not self.free.is_set() and self.let_pass:
            self.let_pass -= 1
        elif not self.free.is_set():
            self.waiting.set()
            await asyncio.to_thread(self.free.wait, SOON)
            # Whoever sent it has been killed meanwhile.
            return "451 Not kept"
        return await super().handle_DATA(server, session, envelope)

    def to(self) -> list[str]:
        return sorted(str(letter["To"]).removesuffix("@example.test") for letter in self.letters)


@pytest.fixture(autouse=True)
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The story is told for the day on which the site runs, and the hour of the digests has passed."""
    monkeypatch.setenv("TRACKER_TODAY", DAY)
    monkeypatch.setenv("TRACKER_DIGEST_AT", "00:00")


@pytest.fixture
def mail_sink(one_day: None) -> Iterator[HoldingSink]:
    with HoldingSink() as sink:
        yield sink


@pytest.fixture
def quiet_site(postgres: Postgres, redis: Redis, mail_sink: HoldingSink, tmp_path: Any) -> Iterator[Site]:
    """The same product, of which nothing runs yet."""
    database = postgres.fresh_database()
    urls = {"DATABASE_URL": postgres.url(database), "REDIS_URL": redis.url, "EMAIL_URL": mail_sink.url}
    site = Site(tmp_path, today=DAY, **urls)
    try:
        yield site
    finally:
        site.kill()
        postgres.drop(database)


def rows(site: Site, statement: str) -> list[Any]:
    with psycopg.connect(site.env["DATABASE_URL"], autocommit=True, connect_timeout=5) as connection:
        cursor = connection.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def states(site: Site) -> Counter[str]:
    """How many letters are in which state, without those to people to whom nothing was to be told."""
    found = rows(site, "SELECT state FROM reminders_delivery WHERE state <> 'nothing'")
    return Counter(state for (state,) in found)


def all_sent(site: Site) -> bool:
    found = states(site)
    return bool(found) and set(found) == {"sent"}


def each_once(sink: HoldingSink) -> None:
    assert set(sink.to()) == STORY
    assert Counter(sink.to()) == Counter(STORY)
    assert len({str(letter["Message-ID"]) for letter in sink.letters}) == len(STORY)


def ticks(site: Site) -> int:
    return len(re.findall(r"tick\[.+\] succeeded", site.log("worker")))


class Planner(Visitor):
    """A lead who plans."""

    def plan(self, number: int, owner: str, due_on: str) -> str:
        """Names the owner of recommendation `number` of West Kent and a date, which may have passed."""
        [[pk]] = rows(
            self.site, f"SELECT id FROM recommendations_recommendation WHERE number = '{number}' AND NOT is_previous"
        )
        path = f"/recommendations/{pk}/change/"
        typed = {"owner": f"{owner}@example.test", "due_on": due_on, "confirm": "on"}
        return self.post(path, self.get(path), **{f"r{pk}-{name}": value for name, value in typed.items()})


def test_the_digests_of_the_day_arrive_once_each(real_site: Site, mail_sink: HoldingSink) -> None:
    wait_until(lambda: len(mail_sink.letters) >= len(STORY), "all digests", SOON)
    before = ticks(real_site)
    wait_until(lambda: ticks(real_site) >= before + 2, "two more ticks", SOON)
    each_once(mail_sink)
    assert states(real_site) == {"sent": len(STORY)}
    bodies = {str(letter["To"]): letter.get_body(("plain",)) for letter in mail_sink.letters}
    texts = {to: body.get_content() for to, body in bodies.items() if body}
    assert len(texts) == len(STORY)
    assert all(f"{real_site.url}/" in text for text in texts.values())
    assert "/recommendations/" in texts["spo.maidstone@example.test"]


def test_a_second_clock_and_commands_at_the_same_time_send_nothing_twice(
    quiet_site: Site, mail_sink: HoldingSink
) -> None:
    site = quiet_site
    site.argvs["second clock"] = [f"{word}-2" if word.endswith("/clock") else word for word in site.argvs["clock"]]
    site.argvs["second worker"] = [*site.argvs["worker"], "-n", "second@%h"]
    assert site.argvs["second clock"] != site.argvs["clock"]
    site.start("worker", "second worker", "clock", "second clock")
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _turn: site.manage("send_digests"), range(4)))
    assert all(f"digests queued for {DAY}" in text for text in said)
    wait_until(lambda: all_sent(site), "all letters sent", SOON)
    before = ticks(site)
    wait_until(lambda: ticks(site) >= before + 2, "two more ticks", SOON)
    each_once(mail_sink)


def test_a_worker_killed_in_the_middle_of_a_letter_loses_nothing(quiet_site: Site, mail_sink: HoldingSink) -> None:
    site = quiet_site
    mail_sink.free.clear()
    mail_sink.let_pass = 1
    site.start("worker", "clock")
    wait_until(mail_sink.waiting.is_set, "the second letter on its way", SOON)
    site.kill("worker")
    # Among those that wait are some to whom nothing will be told.
    assert (states(site)["sent"], states(site)["sending"]) == (1, 1)
    assert states(site)["waiting"] >= len(STORY) - 2
    [[held_id]] = rows(site, "SELECT message_id FROM reminders_delivery WHERE state = 'sending'")
    mail_sink.free.set()
    site.start("worker")
    # Those to whom nothing will be told are claimed as well, for the moment in which that is found out.
    others_done = Counter({"sent": len(STORY) - 1, "sending": 1})
    wait_until(lambda: states(site) == others_done, "the letters that nobody had claimed", SOON)
    # The one in hand is left to whoever claimed it, until the claim has run out: two minutes, which are over now.
    assert len(mail_sink.letters) == len(STORY) - 1
    rows(site, "UPDATE reminders_delivery SET claimed_until = '2026-01-01' WHERE state = 'sending'")
    wait_until(lambda: all_sent(site), "the letter of the killed worker", SOON)
    each_once(mail_sink)
    assert mail_sink.letters[-1]["Message-ID"] == held_id
    assert rows(site, "SELECT attempts FROM reminders_delivery ORDER BY attempts DESC LIMIT 1") == [(2,)]


def test_while_redis_is_away_pages_save_and_their_letters_go_out_after_it(
    real_site: Site, redis: Redis, mail_sink: HoldingSink
) -> None:
    site = real_site
    wait_until(lambda: all_sent(site), "the digests of the day", SOON)
    head = Planner(site).sign_in("head.westkent")
    redis.kill()

    start = time.monotonic()
    page = head.plan(4, "spo.gravesend", "20/11/2026")
    took = time.monotonic() - start
    assert "Overdue by 3 days" in page
    assert took < 5, f"Saving took {took:.1f} seconds without Redis"
    start = time.monotonic()
    form = head.get("/accounts/password/change/")
    assert "Sign out" in form
    assert time.monotonic() - start < 5
    # A letter of the sign-in pages is a row too, and needs no Redis to be asked for.
    forgetful, path = Planner(site), "/accounts/password/reset/"
    forgetful.post(path, forgetful.get(path), email="spo.gravesend@example.test")
    assert rows(site, "SELECT kind, state FROM reminders_delivery WHERE state = 'waiting'") == [("account", "waiting")]

    redis.start()
    wait_until(lambda: mail_sink.to().count("spo.gravesend") == 2, "the second letter to Gravesend", 60)
    wait_until(lambda: all_sent(site), "all letters sent", SOON)
    # What was planned after the run of the day is told by the digest of the next.
    assert Counter(mail_sink.to()) == Counter([*STORY, "spo.gravesend"])


# -- the history on a real database ----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def history(postgres: Postgres) -> Iterator[Callable[[str, str], Any]]:
    """Runs a statement in a database with history in it, as that role."""
    database = postgres.fresh_database()

    def run(role: str, statement: str) -> Any:
        return postgres.execute(statement, database=database, role=role)

    yield run
    postgres.drop(database)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history_event SET verb = 'never'",
        "UPDATE history_event SET verb = verb WHERE false",
        "DELETE FROM history_event",
        "DELETE FROM history_event WHERE id < 0",
        "TRUNCATE history_event",
        "TRUNCATE history_event CASCADE",
        "MERGE INTO history_event e USING (SELECT 1 AS one) s ON true WHEN MATCHED THEN DELETE",
        "SELECT * FROM history_event FOR UPDATE",
        "DROP TABLE history_event CASCADE",
        "ALTER TABLE history_event DISABLE TRIGGER ALL",
        "ALTER TABLE history_event RENAME TO elsewhere",
        "GRANT UPDATE ON history_event TO tracker_app",
        "SET ROLE tracker_owner",
        "SET session_replication_role = 'replica'",
        "CREATE TRIGGER mine BEFORE INSERT ON history_event EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    ],
)
def test_the_application_cannot_change_what_happened(history: Callable[[str, str], Any], statement: str) -> None:
    [[before]] = history("tracker_app", "SELECT md5(string_agg(e::text, '' ORDER BY id)) FROM history_event e")
    # A grant by somebody without the right to give it is a warning and no error.
    with contextlib.suppress(errors.InsufficientPrivilege):
        history("tracker_app", statement)
        assert statement.startswith("GRANT"), f"{statement} was let through"
    with pytest.raises(errors.InsufficientPrivilege):
        history("tracker_app", "UPDATE history_event SET verb = 'never'")
    [[after]] = history("tracker_app", "SELECT md5(string_agg(e::text, '' ORDER BY id)) FROM history_event e")
    assert before
    assert before == after


@pytest.mark.parametrize(
    "statement",
    ["UPDATE history_event SET verb = 'never'", "DELETE FROM history_event", "TRUNCATE history_event CASCADE"],
)
def test_triggers_stop_the_owner_of_the_tables_too(history: Callable[[str, str], Any], statement: str) -> None:
    [[before]] = history(OWNER, "SELECT count(*) FROM history_event")
    with pytest.raises(psycopg.DatabaseError, match="history"):
        history(OWNER, statement)
    assert history(OWNER, "SELECT count(*) FROM history_event WHERE verb <> 'never'") == [(before,)]


def test_the_application_may_add_to_the_history_and_read_it(history: Callable[[str, str], Any]) -> None:
    [[before]] = history("tracker_app", "SELECT count(*) FROM history_event")
    columns = "operation_id, actor_id, at, day, verb, subject_type, subject_id, changes, after"
    copied = columns.replace("operation_id", "gen_random_uuid()")
    history("tracker_app", f"INSERT INTO history_event ({columns}) SELECT {copied} FROM history_event LIMIT 1")
    assert history("tracker_app", "SELECT count(*) FROM history_event") == [(before + 1,)]


def test_the_application_cannot_touch_the_list_of_migrations(history: Callable[[str, str], Any]) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        history("tracker_app", "DELETE FROM django_migrations")
    with pytest.raises(errors.InsufficientPrivilege):
        history("tracker_app", "CREATE TABLE public.mine (id int)")
