"""How many digests one process composes and sends in a second, beside what plain SMTP does with the same letters.

On PostgreSQL, with 5,000 people who own 20 open recommendations each, in 100 delivery units. Rounds of the product's
sender and of plain SMTP (the very bytes of that round, one connection) take turns against the same mail server, which
is a process of its own.
"""

import argparse
import datetime
import email
import email.policy
import json
import signal
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

import dev
from tests import seeding
from tests.bench.sink import Letter, letters
from tests.rig import DAY, Postgres, Site, listening, spare_port, wait_until
from tests.seeding import FIRST, literal

TODAY = datetime.date.fromisoformat(DAY)
# Of a delivery unit, one of them its lead; and of what each owns: one thing is 3 days overdue, one 20 (which its lead
# hears of too), one due in 5 days, and the rest later.
PEOPLE, ITEMS = 50, 20
OFFSETS = "CASE (n - 1) % 20 WHEN 0 THEN -3 WHEN 1 THEN -20 WHEN 2 THEN 5 ELSE 30 + (n - 1) % 20 END"


class Round(NamedTuple):
    sent: dict[str, Any]
    bare: float

    @property
    def rate(self) -> float:
        return float(self.sent["letters"] / self.sent["seconds"])


def seed(database: psycopg.Connection[Any], people: int) -> None:
    units = people // PEOPLE
    west_kent = "(SELECT id FROM accounts_organisation WHERE path LIKE '%/west-kent-pdu/')"
    seeding.copies(
        database,
        "accounts_organisation",
        f"id = {west_kent}",
        units,
        id=f"{FIRST} + n",
        name="'Unit ' || n || ' PDU'",
        path="replace(model.path, 'west-kent', 'unit-' || n)",
    )
    seeding.copies(
        database,
        "inspections_inspection",
        f"id = (SELECT min(id) FROM inspections_inspection WHERE organisation_id = {west_kent})",
        units,
        id=f"{FIRST} + n",
        organisation_id=f"{FIRST} + n",
        title="'An inspection of Unit ' || n || ' PDU'",
    )
    of_person, of_item = f"{FIRST} + 1 + (n - 1) / {PEOPLE}", f"{FIRST} + 1 + (n - 1) / {PEOPLE * ITEMS}"
    seeding.add_people(database, people, place=of_person)
    database.execute(
        f"UPDATE accounts_membership SET role = 'lead' WHERE id > {FIRST} AND (id - {FIRST} - 1) % {PEOPLE} = 0"
    )
    seeding.add_promises(
        database,
        people * ITEMS,
        owner=f"{FIRST} + 1 + (n - 1) / {ITEMS}",
        due_on=f"{literal(database, TODAY)} + {OFFSETS}",
        position=f"(n - 1) % {PEOPLE * ITEMS}",
        inspection_id=of_item,
        addressee_id=of_item,
        addressee_printed="'Unit PDU'",
    )


@contextmanager
def process(argv: list[str], env: dict[str, str], **pipes: Any) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen([dev.PYTHON, *argv], cwd=dev.ROOT, env=env, text=True, start_new_session=True, **pipes)
    try:
        yield started
    finally:
        dev.end(started, first=signal.SIGTERM, patience=5)


def answer(sender: subprocess.Popen[str]) -> dict[str, Any]:
    assert sender.stdout
    line = sender.stdout.readline()
    if not line:
        raise dev.Stop("The sender ended before it answered.")
    return dict(json.loads(line))


def bare_rate(port: int, some: list[Letter]) -> float:
    """Letters a second over one connection, nothing composed and nothing written down."""
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as line:
        start = time.perf_counter()
        for letter in some:
            line.sendmail("bare@example.test", [letter.to], letter.content)
        return len(some) / (time.perf_counter() - start)


def wrong_with(kept: list[Letter], people: int) -> list[str]:
    """What speaks against the figures: whoever got none or two, or one without anything in it."""
    times = Counter(letter.to for letter in kept)
    wrong = [f"{to} got {times[to]}" for n in range(1, people + 1) if times[to := f"person{n}@example.test"] != 1]
    # Somebody of the demonstration may be told of other things than recommendations.
    for n, letter in enumerate(letter for letter in kept if letter.to.startswith("person")):
        if b"/recommendations/" not in letter.content:
            wrong.append(f"the letter to {letter.to} leads to nothing")
        if n % 100 == 0:
            message = email.message_from_bytes(letter.content, policy=email.policy.strict)
            parts = [message.get_body((kind,)) for kind in ("plain", "html")]
            if not message["Subject"] or not all(part and "/recommendations/" in part.get_content() for part in parts):
                wrong.append(f"the letter to {letter.to} has no subject, or not both parts")
    return wrong


def run(people: int, rounds: int) -> int:
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tracker-bench-")))
        postgres = running.enter_context(Postgres())
        database, port, file = postgres.fresh_database(), spare_port(), folder / "letters"
        file.touch()
        with psycopg.connect(postgres.url(database, "postgres"), autocommit=True) as connection:
            seed(connection, people)
            connection.execute("ANALYZE")
            version = connection.info.server_version // 10000
        running.enter_context(process(["-m", "tests.bench.sink", str(port), str(file)], dev.clean_env()))
        wait_until(lambda: listening(port), "the mail server listens")
        urls = {"DATABASE_URL": postgres.url(database), "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        env = Site(folder, today=DAY, **urls).env | {"TRACKER_LOG_LEVEL": "ERROR"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        sender = running.enter_context(process(["-m", "tests.bench.sending"], env, **pipes))
        queued = answer(sender)
        print(f"  {queued['letters']:,} letters queued in {queued['seconds']:.1f} s with {queued['queries']} queries")
        played = list(play(sender, port, file, queued["letters"], rounds))
        kept = [letter for letter in letters(file) if letter.sender != "bare@example.test"]
        tried = "SELECT key || ': ' || last_error FROM reminders_delivery WHERE last_error <> ''"
        failed = [str(words) for (words,) in postgres.execute(tried, database=database)]
    if wrong := failed + wrong_with(kept, people):
        print(f"NOT TO BE TRUSTED, {len(wrong)} things are wrong, such as: {'; '.join(wrong[:5])}")
        return 1
    told(played, f"{people:,} people with {people * ITEMS:,} open items on PostgreSQL {version}")
    return 0


def play(sender: subprocess.Popen[str], port: int, file: Path, queued: int, rounds: int) -> Iterator[Round]:
    before = 0
    for n in range(1, rounds + 1):
        assert sender.stdin
        # The last round takes whatever is left.
        sender.stdin.write(f"{queued // rounds if n < rounds else queued}\n")
        sender.stdin.flush()
        sent = answer(sender)
        kept = list(letters(file))
        one = Round(sent, bare_rate(port, kept[before:]))
        before = len(kept) * 2 - before
        print(
            f"  round {n}: {sent['letters']} letters, {one.rate:.1f} a second, plain SMTP {one.bare:.1f}, "
            f"{sent['queries'] / sent['letters']:.1f} queries a letter, "
            f"{sent['in_database'] / sent['seconds']:.0%} of the time in the database",
            flush=True,
        )
        yield one


def told(played: list[Round], about: str) -> None:
    rates = [one.rate for one in played]
    share = statistics.median(one.rate / one.bare for one in played)
    letters_sent = sum(one.sent["letters"] for one in played)
    queries = sum(one.sent["queries"] for one in played) / letters_sent
    processor = 1000 * sum(one.sent["processor"] for one in played) / letters_sent
    print(
        f"digests: {about}: {statistics.median(rates):.1f} letters a second ({min(rates):.1f} to {max(rates):.1f}) "
        f"by one process, {share:.1%} of plain SMTP to the same server, {queries:.1f} queries a letter, "
        f"{processor:.0f} ms of the processor a letter"
    )


def carry_out() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    return run(200, 2) if parser.parse_args().quick else run(5000, 5)


if __name__ == "__main__":
    sys.exit(dev.main(carry_out))
