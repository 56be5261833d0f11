"""What holds for every test: its settings, its database and its rights, and the real processes it may ask for."""

import datetime
import gc
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import psycopg
import pytest
import time_machine
from django.conf import settings

import dev
from tests.rig import APP, DAY, MailSink, Postgres, Redis, Site, fill
from tests.tiers import find

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from playwright.sync_api import Browser, BrowserContext

    from tests.base import Cast

# Before Django reads its settings, which happens after this file was loaded.
DATA = Path(tempfile.mkdtemp(prefix="tracker-test-"))
os.environ["TRACKER_MODE"] = "test"
os.environ["TRACKER_DATA_DIR"] = str(DATA)
os.environ["DJANGO_SETTINGS_MODULE"] = "tracker.settings"

# So many cases of a test marked grid run in CI; all of them with --full.
CASES_OF_A_GRID = 2
# Fixtures that bring a database: Django's, and that of test_upgrade.py.
DATABASE = {"db", "database"}
FLUSHING = {"transactional_db", "live_server", "django_db_reset_sequences", "django_db_serialized_rollback"}


def pytest_configure(config: pytest.Config) -> None:
    # Ended from outside, the run still stops the servers it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Not left to pytest-django, which would read the settings before this file has set the mode.
    django.setup()
    # A real hash takes a third of a second, and each test that signs in makes some. Sites of the rig use real ones.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Otherwise each test client looks at all the static files when it begins, which took a quarter of all the time.
    settings.WHITENOISE_AUTOREFRESH = True
    file = config.getoption("seconds")
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Seconds(file))


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(DATA, ignore_errors=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sampled", action="store_true", help="two cases of each test marked grid, none marked full")
    parser.addoption("--first-case", action="store_true", help="of each test not of policies its first case only")
    parser.addoption("--seconds", type=Path, help="where the seconds of each test are written, as JSON")


class Seconds:
    """How long each test takes, set-up included; heard in the process that hears of all of them."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.of_test: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.of_test[report.nodeid] = self.of_test.get(report.nodeid, 0) + report.duration

    def pytest_sessionfinish(self) -> None:
        self.file.write_text(json.dumps(self.of_test))


def kept_of(config: pytest.Config, items: list[pytest.Item]) -> list[pytest.Item]:
    """The cases that this run is to have. See docs/architecture.md, "Tests"."""
    most = 1 if config.getoption("first_case") else CASES_OF_A_GRID if config.getoption("sampled") else None
    if most is None:
        return items
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if not item.get_closest_marker("full"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    kept: list[pytest.Item] = []
    for group in cases.values():
        is_grid, is_policy = (group[0].get_closest_marker(name) is not None for name in ("grid", "policy"))
        is_whole = is_policy if most == 1 else not is_grid
        kept += group if is_whole else spread(group, most)
    return kept


def spread(items: list[pytest.Item], most: int) -> list[pytest.Item]:
    """So many of them, at even distances, with the first and the last."""
    if len(items) <= most:
        return items
    return [items[round(n * (len(items) - 1) / max(1, most - 1))] for n in range(most)]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from django.test import TestCase, TransactionTestCase

    for item in items:
        if "policies" in item.path.stem:
            item.add_marker("policy")
        fixtures, kind = getattr(item, "fixturenames", ()), getattr(item, "cls", None) or object
        if not (DATABASE.intersection(fixtures) or item.get_closest_marker("django_db") or issubclass(kind, TestCase)):
            item.add_marker("plain")
    kept = kept_of(config, items)
    if len(kept) < len(items):
        config.hook.pytest_deselected(items=list(set(items).difference(kept)))
        items[:] = kept
    for item in items:
        names = FLUSHING.intersection(getattr(item, "fixturenames", ()))
        mark = item.get_closest_marker("django_db")
        kind = getattr(item, "cls", None) or object
        by_class = issubclass(kind, TransactionTestCase) and not issubclass(kind, TestCase)
        if names or by_class or (mark and (mark.kwargs.get("transaction") or True in mark.args)):
            raise pytest.UsageError(
                f"{item.nodeid} would empty the tables after itself, which triggers forbid for the history.\n"
                "Use TestCase or the db fixture (captureOnCommitCallbacks for work after the commit), "
                "or a site of its own: embedded_site or real_site."
            )


def pytest_collection_finish(session: pytest.Session) -> None:
    # What was loaded stays until the end: without this the collector walks through it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


# Bytes of a table that tests fill with thousands of rows, and who owns them on PostgreSQL, as long as tests run there.
ROOMY, FILLED = 1024 * 1024, ("recommendations_recommendation", "history_event")
owners: list[psycopg.Connection] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Rows that were rolled back leave their room behind, and the planner takes a roomy table for an empty one.

    Thousands of rows of a later test were then joined as if they were one, which ran into the limit of five seconds.
    """
    yield
    for owner in owners:
        sizes = [owner.execute("SELECT pg_relation_size(%s::regclass)", [table]).fetchone() for table in FILLED]
        if any(size and size[0] > ROOMY for size in sizes):
            owner.execute("VACUUM (ANALYZE)")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """On PostgreSQL the owner has made the tables; from here on all tests have the application's rights only."""
    from django.core.management import call_command
    from django.db import connection

    from tests.base import build_cast

    with django_db_blocker.unblock():
        call_command("createcachetable", verbosity=0)
        build_cast()
    if connection.vendor != "postgresql":
        yield
        return
    known = connection.settings_dict
    options = known["OPTIONS"]
    as_owner = options["options"]
    with django_db_blocker.unblock():
        call_command("grant_access", role=APP)
        connection.close()
        options["options"] = f"{as_owner} -c role={APP}"
        where = {"host": known["HOST"], "port": known["PORT"], "dbname": known["NAME"], "user": known["USER"]}
        owners.append(psycopg.connect(**where, autocommit=True))
        try:
            yield
        finally:
            owners.pop().close()
            connection.close()
            options["options"] = as_owner


@pytest.fixture
def cast(db: None) -> "Cast":
    from tests.base import Cast

    return Cast.load()


@pytest.fixture
def own_store(settings: Any, tmp_path: Path) -> Path:
    """A folder for the files of evidence that only this test uses."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    return tmp_path / "evidence"


@pytest.fixture
def at_noon() -> Iterator[datetime.datetime]:
    """The clock of this process stands near noon on tests.base.TODAY, a Monday."""
    from tests.base import NOON

    with time_machine.travel(NOON, tick=True):
        yield NOON


@pytest.fixture
def no_column_is_loaded_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A column that its query left out is not read: Django would ask for it then, once for each row."""
    from django.db.models import Model

    refresh = Model.refresh_from_db

    def refuse(row: Model, using: Any = None, fields: Any = None, from_queryset: Any = None) -> None:
        assert not fields, f"{type(row).__name__}.{fields} was left out of its query and is read"
        refresh(row, using, fields, from_queryset)

    monkeypatch.setattr(Model, "refresh_from_db", refuse)


@pytest.fixture
def signed_in(cast: "Cast", client: "Client", at_noon: datetime.datetime) -> "Callable[[str], Client]":
    """`signed_in("head")` is the test client as that one of the cast."""

    def sign_in(name: str) -> "Client":
        client.force_login(getattr(cast, name))
        return client

    return sign_in


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def redis() -> Iterator[Redis]:
    with Redis() as server:
        yield server


@pytest.fixture
def mail_sink() -> Iterator[MailSink]:
    with MailSink() as sink:
        yield sink


@pytest.fixture
def real_site(postgres: Postgres, redis: Redis, mail_sink: MailSink, tmp_path: Path) -> Iterator[Site]:
    """The product on PostgreSQL and Redis as on a server, with made-up people and a database of its own."""
    database = postgres.fresh_database()
    urls = {"DATABASE_URL": postgres.url(database), "REDIS_URL": redis.url, "EMAIL_URL": mail_sink.url}
    try:
        with Site(tmp_path, today=DAY, **urls) as site:
            yield site
    finally:
        postgres.drop(database)


@pytest.fixture(scope="session")
def embedded_folder() -> Path:
    """A data folder with the inspection and the made-up people, to be copied."""
    folder = DATA / "embedded"
    fill(dev.Place("127.0.0.1", 0, folder).env(TRACKER_TODAY=DAY))
    return folder


@pytest.fixture
def embedded_site(embedded_folder: Path, tmp_path: Path) -> Iterator[Site]:
    """The product as dev.py runs it, with made-up people and a data folder of its own."""
    folder = tmp_path / "data"
    shutil.copytree(embedded_folder, folder)
    with Site(folder, today=DAY) as site:
        yield site


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    # Playwright runs an event loop in this thread; Django would take every query after that for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    quiet = ["gpu", "quic", "background-networking", "component-update", "sync"]
    arguments = ["--no-sandbox", "--no-first-run", *(f"--disable-{word}" for word in quiet)]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find("browser"), args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def browser_context(browser: "Browser", request: pytest.FixtureRequest) -> Iterator["BrowserContext"]:
    """A fresh browser profile, once with JavaScript and once without.

    A test for one of the two says @pytest.mark.parametrize("browser_context", [True], indirect=True)."""
    context = browser.new_context(java_script_enabled=request.param, locale="en-GB", timezone_id="Europe/London")
    context.set_default_timeout(10_000)
    yield context
    context.close()
