"""What dev.py faults runs: breaks the product on purpose while it sends letters, and counts from outside what came."""

import datetime
import random
import shutil
import sys
import tempfile
import time
import zoneinfo
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import dev
from tests.faults import COUNTED_FOR, kinds, sender_fingerprint
from tests.faults.counting import ENDED, count
from tests.faults.kinds import Fault, Often
from tests.faults.outcome import Outcome, report
from tests.faults.sink import ScriptedSink
from tests.faults.stage import Embedded, Servers, Stage
from tests.rig import DAY, Postgres, Redis, fill, wait_until

SMOKE, SHORT, FULL, IN_FOLDER = 200, 1_000, 10_000, 60
# Seconds: a fault waits so long at most for letters to go out after the one before.
PATIENCE = 8.0
# After the last fault everything must have ended within this.
RECOVERY = 120.0
S = TypeVar("S", bound=Stage)
LOGS = dev.BUILD / "faults"
LONDON = zoneinfo.ZoneInfo("Europe/London")


def befall(stage: S, deck: list[Fault[S]], letters: int, *, deadline: float) -> list[str]:
    """Lets the faults happen one after the other, spread over the letters; those that last go on beside the next.

    Gives the names of those that found no time."""
    due = letters / (len(deck) + 1)
    ends: list[tuple[float, Fault[S]]] = []
    start = since = time.monotonic()
    while deck or ends:
        now = time.monotonic()
        for end in [one for one in ends if one[0] <= now or now > deadline]:
            ends.remove(end)
            end[1].end(stage)
        if now > deadline:
            return [fault.name for fault in deck]
        stage.raise_what_fell_over()
        busy = {fault.part for _at, fault in ends}
        free = (fault for fault in deck if not fault.part or fault.part not in busy)
        if (stage.reached() >= due or now > since + PATIENCE) and (
            fault := next((one for one in free if one.possible(stage)), None)
        ):
            deck.remove(fault)
            print(f"  {now - start:5.0f} s {stage.reached():6,} letters: {fault.name}", flush=True)
            stage.cuts += fault.cuts
            fault.begin(stage)
            since = time.monotonic()
            ends.append((since + fault.lasts, fault))
            due = max(due, stage.reached()) + (letters - stage.reached()) / (len(deck) + 1)
        time.sleep(0.02)
    return []


def settle(stage: Stage) -> float:
    """Waits until every row has ended; gives the seconds. Then some ticks go by, in which nothing may be sent."""
    start = time.monotonic()

    def ended() -> bool:
        stage.raise_what_fell_over()
        table = stage.table()
        return len(table) >= len(stage.expected.people) and all(row.state in ENDED for row in table)

    try:
        wait_until(ended, "every row ended", RECOVERY)
    except TimeoutError as late:
        print(f"  {late}", flush=True)
    seconds = time.monotonic() - start
    time.sleep(11)
    return seconds


def play(name: str, stage: S, deck: list[Fault[S]], letters: int, *, minutes: float) -> Outcome:
    start = time.monotonic()
    stage.seed(letters)
    faults = len(deck)
    try:
        stage.site.start("worker", "clock")
        not_done = befall(stage, deck, letters, deadline=start + 60 * minutes)
        recovery = settle(stage)
    finally:
        stage.site.kill()
        keep_logs(stage)
    verdict = count(stage.accepted(), stage.table(), stage.expected, repeats_allowed=stage.repeats_allowed)
    not_done += stage.not_happened()
    return Outcome(
        name,
        verdict,
        faults=faults - len(not_done),
        kills=stage.kills,
        seconds=time.monotonic() - start,
        recovery=recovery,
        not_happened=not_done,
        fell_over=stage.fell_over,
    )


def keep_logs(stage: Stage) -> None:
    """For whoever wants to know why: they would go with the folder."""
    shutil.rmtree(LOGS / type(stage).__name__, ignore_errors=True)
    if stage.site.logs.exists():
        shutil.copytree(stage.site.logs, LOGS / type(stage).__name__)


def shuffled(kinds: list[Often[S]], dice: random.Random, share: float | None = None) -> list[Fault[S]]:
    """The short form's faults, or that share of the full one's and at least one of each."""
    deck = [kind.fault for kind in kinds for _ in range(max(1, round(kind.full * share)) if share else kind.short)]
    dice.shuffle(deck)
    return deck


def on_servers(dice: random.Random, *, letters: int, share: float | None, minutes: float) -> Outcome:
    with ExitStack() as running:
        postgres, redis = running.enter_context(Postgres()), running.enter_context(Redis())
        sink = running.enter_context(ScriptedSink())
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tracker-faults-")))
        stage = Servers(folder, postgres, redis, sink, dice)
        deck = shuffled(kinds.ON_SERVERS, dice, share)
        return play("PostgreSQL and Redis", stage, deck, letters, minutes=minutes)


def in_a_folder(dice: random.Random, *, letters: int) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="tracker-faults-") as name:
        folder = Path(name)
        fill(dev.Place("127.0.0.1", 0, folder).env(TRACKER_TODAY=DAY))
        stage = Embedded(folder, dice)
        with stage.disk_for_mail():
            deck = shuffled(kinds.IN_FOLDER, dice)
            if not stage.own_disk:
                print("  No disk of its own can be mounted here for the mail folder: only the worker's is full.")
                deck = [fault for fault in deck if fault.part != "disk"]
            return play("SQLite and a folder", stage, deck, letters, minutes=3)


def let_midnight_pass(minutes: float) -> None:
    """The processes believe in one day, so for them midnight is a step back of 24 hours: waits until it is over."""
    now = datetime.datetime.now(LONDON)
    midnight = (now + datetime.timedelta(days=1)).replace(hour=0, minute=0, second=1, microsecond=0)
    if now + datetime.timedelta(minutes=minutes) > midnight:
        print(f"  Waiting until midnight is over, as this takes up to {minutes:.0f} minutes.", flush=True)
        time.sleep((midnight - now).total_seconds())


def carry_out() -> int:
    asked = dev.commands().parse_args()
    seed = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    print(f"The dice begin with --seed {seed}", flush=True)
    letters = asked.letters or (FULL if asked.full else SMOKE if asked.smoke else SHORT)
    # The full form keeps its measure: fewer letters, fewer faults. A smoke has each fault once.
    share = letters / FULL if asked.full else 1 / FULL if asked.smoke else None
    minutes = 5 + 60 * share if asked.full and share else 8.0
    plays: dict[str, Callable[[], Outcome]] = {
        "folder": lambda: in_a_folder(random.Random(seed), letters=IN_FOLDER),
        "servers": lambda: on_servers(random.Random(seed), letters=letters, share=share, minutes=minutes),
    }
    outcomes = []
    for name, one in plays.items():
        if asked.only in (None, name):
            let_midnight_pass(minutes + 3)
            outcomes.append(one())
    code = report(outcomes)
    if code == 0 and asked.only is None and not asked.smoke:
        COUNTED_FOR.write_text(sender_fingerprint())
    return code


if __name__ == "__main__":
    sys.exit(dev.main(carry_out))
