"""What can befall a stage: how each fault begins and ends, for how long, and whether it may lead to a repeat."""

import resource
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from tests.faults import processes
from tests.faults.stage import Embedded, Servers, Stage

S = TypeVar("S", bound=Stage, contravariant=True)


class Fault(NamedTuple, Generic[S]):
    name: str
    # What is away or changed meanwhile; no other fault touches it until then.
    part: str
    begin: Callable[[S], object]
    # Seconds from its begin to its end.
    lasts: float = 0
    end: Callable[[S], object] = lambda _stage: None
    # It may end a sender between the mail server's yes and the row that records it.
    cuts: bool = False
    possible: Callable[[S], object] = lambda _stage: True


class Often(NamedTuple, Generic[S]):
    """How often a fault happens, in the short form and in the full one."""

    short: int
    full: int
    fault: Fault[S]


# -- anywhere --------------------------------------------------------------------------------------------------------
def kill(name: str) -> Callable[[Stage], None]:
    return lambda stage: stage.kill(name)


def start(name: str) -> Callable[[Stage], object]:
    return lambda stage: stage.site.start(name)


def killed(name: str, *, away: float, cuts: bool = False) -> Fault[Stage]:
    return Fault(f"{name} killed", name, kill(name), away, start(name), cuts=cuts)


def second_clock(seconds: float) -> Fault[Stage]:
    return Fault("a second clock", "second clock", start("second clock"), seconds, kill("second clock"))


# -- on servers ------------------------------------------------------------------------------------------------------
def kill_a_sender(stage: Stage) -> None:
    senders = stage.senders()
    stage.dice.shuffle(senders)
    # One may have ended by itself since it was looked up.
    stage.kills += any(processes.kill(sender) for sender in senders)


def kill_redis(stage: Servers) -> None:
    stage.redis.kill()
    stage.kills += 1


def start_redis(stage: Servers) -> None:
    stage.redis.start()


def halt_postgres(stage: Servers) -> None:
    stage.postgres.halt()


def start_postgres(stage: Servers) -> None:
    stage.postgres.start()


def kill_in_the_act(stage: Servers) -> None:
    stage.sink.acts.append(stage.kill_whoever_speaks_from)


def drop_the_line(stage: Servers) -> None:
    stage.sink.acts.append(stage.say_nothing)


def away(stage: Servers) -> None:
    stage.sink.refuse()


def back(stage: Servers) -> None:
    stage.sink.listen()


def answers(name: str, seconds: float, what: str, told: str | float, usual: str | float = "") -> Fault[Servers]:
    def tell(value: str | float) -> Callable[[Servers], None]:
        return lambda stage: setattr(stage.sink, what, value)

    return Fault(name, "mail server", tell(told), seconds, tell(usual))


ON_SERVERS: list[Often[Servers]] = [
    Often(4, 64, killed("worker", away=0, cuts=True)),
    Often(6, 180, Fault("a child of the worker killed", "", kill_a_sender, cuts=True, possible=Stage.senders)),
    Often(6, 150, Fault("a sender killed before it hears the yes", "", kill_in_the_act, possible=Stage.senders)),
    Often(3, 60, killed("clock", away=1)),
    Often(2, 20, second_clock(12)),
    # A worker that loses Redis ends what it is doing.
    Often(2, 40, Fault("Redis killed", "redis", kill_redis, 1, start_redis, cuts=True)),
    Often(2, 20, Fault("Redis frozen", "redis", Servers.freeze_redis, 7, Servers.thaw_redis, cuts=True)),
    Often(3, 30, Fault("Redis flushed", "redis", Servers.flush)),
    Often(1, 5, Fault("PostgreSQL away for 10 seconds", "postgres", halt_postgres, 10, start_postgres, cuts=True)),
    Often(1, 10, Fault("PostgreSQL restarted", "postgres", halt_postgres, 0, start_postgres, cuts=True)),
    Often(4, 40, Fault("PostgreSQL's connections terminated", "postgres", Servers.cut_off_database, cuts=True)),
    Often(2, 10, Fault("mail server away", "mail server", away, 3, back, cuts=True)),
    Often(2, 10, answers("mail server slow", 4, "delay", 1.5, 0.0)),
    Often(1, 5, answers("451 to every address", 2, "to_rcpt", "451 Later")),
    Often(1, 5, answers("451 to every letter", 2, "to_data", "451 Later")),
    Often(2, 10, answers("421 to everybody", 2, "to_mail", "421 Too busy")),
    Often(4, 40, Fault("accepted, then the line dropped", "", drop_the_line)),
]


# -- in a folder -----------------------------------------------------------------------------------------------------
def limit_files(stage: Embedded) -> None:
    """As if the disk were full for all that the worker writes."""
    worker = stage.site.running["worker"].pid
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (4096, resource.prlimit(worker, resource.RLIMIT_FSIZE)[1]))


def lift_limit(stage: Embedded) -> None:
    if worker := stage.site.running.get("worker"):
        hard = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (hard, hard))


def somebody_else_writes(stage: Embedded) -> None:
    stage.hold_database(3)


IN_FOLDER: list[Often[Embedded]] = [
    Often(3, 3, killed("worker", away=0, cuts=True)),
    Often(1, 1, killed("clock", away=1)),
    Often(1, 1, second_clock(8)),
    Often(1, 1, Fault("messages to the worker deleted", "broker", Embedded.empty_broker)),
    Often(1, 1, Fault("somebody else writes", "database", somebody_else_writes)),
    Often(1, 1, Fault("disk of the mail folder full", "disk", Embedded.fill_disk, 3, Embedded.empty_disk)),
    Often(1, 1, Fault("disk full for the worker", "worker", limit_files, 4, lift_limit, cuts=True)),
]
