"""A server starts with everything it needs and nothing of a demonstration, and otherwise says what is wrong."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as here

pytestmark = pytest.mark.sqlite

GOOD = {
    "SECRET_KEY": "k7Vw-2pQ9zLxT4mB8nRc6yHs1fJd3gAe5uKi0oXbWvZqNtMrSl",
    "DATABASE_URL": "postgres://tracker_app:secret-of-rows@db.example.test:5432/tracker",
    "REDIS_URL": "redis://redis.example.test:6379/0",
    "EMAIL_URL": "smtp+tls://mailer:secret-of-mail@mail.example.test:587",
    "EMAIL_FROM": "Tracker <tracker@example.test>",
    "SITE_URL": "https://tracker.example.test",
    "TRACKER_EVIDENCE_DIR": "/var/lib/tracker/evidence",
    "TRACKER_TRUSTED_PROXIES": "1",
}
REQUIRED = [name for name in GOOD if name != "TRACKER_TRUSTED_PROXIES"]
SHOW = """
import json
from django.conf import settings
rows = settings.DATABASES["default"]
print(json.dumps({
    "engine": rows["ENGINE"], "name": str(rows["NAME"]), "broker": settings.CELERY_BROKER_URL,
    "mail": settings.EMAIL_BACKEND, "debug": settings.DEBUG, "production": settings.PRODUCTION,
    "today": str(settings.TODAY), "hosts": settings.ALLOWED_HOSTS, "digest": str(settings.DIGEST_AT),
    "stale": settings.STALE_DAYS, "https": settings.HTTPS, "cookie": settings.SESSION_COOKIE_NAME,
    "secure": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT],
    "hsts": settings.SECURE_HSTS_SECONDS,
    "hsts_wide": [settings.SECURE_HSTS_PRELOAD, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS],
    "proxies": settings.ALLAUTH_TRUSTED_PROXY_COUNT,
    "evidence": str(settings.EVIDENCE_DIR), "clamd": settings.CLAMD,
    "notify": [settings.NOTIFY_TEMPLATE_ID, settings.NOTIFY_URL], "clock": sorted(settings.CELERY_BEAT_SCHEDULE),
    "lease": settings.LEASE_SECONDS, "backoff": settings.BACKOFF_SECONDS,
}))
"""


def start(**env: str) -> subprocess.CompletedProcess[str]:
    """Reads the settings in a process whose environment holds nothing but this."""
    always = {"PATH": os.defpath, "DJANGO_SETTINGS_MODULE": "tracker.settings", "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [sys.executable, "-W", "ignore", "-c", SHOW]
    return subprocess.run(argv, cwd=here.BASE_DIR, env=always | env, capture_output=True, text=True, timeout=60)


def test_a_server_is_deployed_without_a_warning_of_django() -> None:
    argv = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    env = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "TRACKER_MODE": "production"} | GOOD
    process = subprocess.run(argv, cwd=here.BASE_DIR, env=env, capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stderr


def shown(**env: str) -> dict[str, Any]:
    process = start(**env)
    assert process.returncode == 0, process.stderr
    found: dict[str, Any] = json.loads(process.stdout)
    return found


def refusal(**env: str) -> list[str]:
    """The lines of the refusal below its title; fails when it starts, or fails in another way."""
    process = start(**env)
    assert process.returncode != 0, process.stdout
    _title, found, lines = process.stderr.partition("ImproperlyConfigured: The tracker does not start:\n")
    assert found, process.stderr
    assert "secret-of" not in process.stderr, "A refusal goes to a log, where no password belongs."
    *wrong, last = [line.strip() for line in lines.strip().splitlines()]
    assert last == "To try it out without a server: python3 dev.py run"
    return wrong


def without(name: str) -> dict[str, str]:
    return {other: value for other, value in GOOD.items() if other != name}


# -- a server --------------------------------------------------------------------------------------------------------
def test_a_server_starts_with_what_it_needs_and_is_safe() -> None:
    found = shown(**GOOD)
    assert (found["production"], found["debug"], found["today"]) == (True, False, "None")
    assert (found["engine"], found["name"]) == ("django.db.backends.postgresql", "tracker")
    assert (found["broker"], found["mail"]) == (GOOD["REDIS_URL"], "django.core.mail.backends.smtp.EmailBackend")
    assert found["hosts"] == ["tracker.example.test"]
    assert (found["https"], found["secure"], found["cookie"]) == (True, [True] * 3, "__Host-session")
    assert found["hsts"] >= 31_536_000
    # Other sites below the same name are not ours to promise for.
    assert found["hsts_wide"] == [False, False]
    assert (found["digest"], found["stale"], found["proxies"]) == ("07:30:00", 28, 1)


@pytest.mark.parametrize("name", REQUIRED)
def test_a_server_without_one_of_them_names_it_and_does_not_start(name: str) -> None:
    assert refusal(**without(name)) == [f"{name} is not set."]


def test_a_server_with_nothing_set_or_all_of_it_empty_names_all() -> None:
    assert refusal() == [f"{name} is not set." for name in REQUIRED]
    assert refusal(**dict.fromkeys(GOOD, "")) == [f"{name} is not set." for name in REQUIRED]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRACKER_TODAY", "2026-11-20"),
        ("TRACKER_TODAY", ""),
        ("TRACKER_DEMO", "1"),
        ("TRACKER_DEBUG", "0"),
        ("TRACKER_DATA_DIR", "/tmp"),
        ("TRACKER_LEASE_SECONDS", "5"),
        ("TRACKER_BACKOFF_SECONDS", "1,1,1,1,1"),
    ],
)
def test_a_server_refuses_what_belongs_to_a_demonstration(name: str, value: str) -> None:
    assert refusal(**GOOD | {name: value}) == [f"{name} is not for a server: remove it."]


@pytest.mark.parametrize("value", ["1", "True", "please"])
def test_a_server_refuses_debug(value: str) -> None:
    assert refusal(**GOOD, DEBUG=value) == ["DEBUG is on: a server shows nobody its inside. Remove it."]


def test_debug_that_is_off_is_off() -> None:
    assert shown(**GOOD, DEBUG="False")["debug"] is False


@pytest.mark.parametrize("name", ["TRACKER_X", "TRACKER_DIGEST_TIME", "TRACKER_"])
def test_a_server_refuses_a_setting_it_does_not_know(name: str) -> None:
    assert refusal(**GOOD | {name: "1"}) == [f"{name} is no setting of the tracker (see .env.example)."]


@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "CELERY_"])
def test_a_server_refuses_what_would_win_over_its_own_settings(name: str) -> None:
    assert refusal(**GOOD | {name: "redis://elsewhere"}) == [
        f"{name} would win over the tracker's own settings: remove it."
    ]


@pytest.mark.parametrize("value", ["", "0"])
def test_https_is_read_from_the_proxy_header(value: str) -> None:
    (line,) = refusal(**GOOD | {"TRACKER_TRUSTED_PROXIES": value})
    assert line.startswith("TRACKER_TRUSTED_PROXIES must be 1 or more")
    assert shown(**GOOD | {"TRACKER_TRUSTED_PROXIES": "2"})["proxies"] == 2


WRONG = {
    "DATABASE_URL is not a PostgreSQL address": (
        *("sqlite:////data/tracker.sqlite3", "sqlite://:memory:", "mysql://a:secret-of-rows@b/c", "tracker"),
    ),
    "REDIS_URL is not a Redis address": ("memory://", "http://redis:6379"),
    "EMAIL_URL is not a mail server's address": ("consolemail://", "filemail:///tmp", "mail.example.test"),
    "SITE_URL must begin with https://": ("http://tracker.example.test", "http://localhost.example.test"),
    "SITE_URL is not the site's own address": (
        *("tracker.example.test", "ftp://tracker.example.test", "https://", "https://a.test/tracker/", "//a.test"),
    ),
    "TRACKER_CLAMD is not where a clamd listens": ("localhost", "clamd.ctl", "http://clamd:3310", "clamd:port"),
    "SECRET_KEY is too simple": (
        *("secret", "x" * 80, "abcdefghi" * 10, GOOD["SECRET_KEY"][:49], "embedded-" + "x" * 50),
    ),
}


@pytest.mark.parametrize(("says", "value"), [(says, value) for says, values in WRONG.items() for value in values])
def test_a_server_refuses_a_value_that_cannot_be_right(says: str, value: str) -> None:
    (line,) = refusal(**GOOD | {says.split()[0]: value})
    assert line.startswith(says)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("TRACKER_DIGEST_AT", value) for value in ("25:00", "7", "07-30", "07:30:00")),
        *(("TRACKER_STALE_DAYS", value) for value in ("0", "366", "28.5", "²8")),
        *(("TRACKER_TRUSTED_PROXIES", value) for value in ("6", "-1")),
        ("TRACKER_INSPECTORS_SEE_DRAFTS", "1"),
        ("TRACKER_BANK_HOLIDAYS", "2027-05-10, soon"),
    ],
)
def test_a_server_refuses_a_setting_it_cannot_read(name: str, value: str) -> None:
    process = start(**GOOD | {name: value})
    assert process.returncode != 0
    assert f"ImproperlyConfigured: {name} is {value!r}. It must be" in process.stderr


def test_all_faults_are_reported_at_once() -> None:
    assert len(refusal(**without("REDIS_URL") | {"SECRET_KEY": "x", "TRACKER_TODAY": "2026-11-20", "DEBUG": "1"})) == 4


@pytest.mark.parametrize("site", ["http://localhost:8000", "http://127.0.0.1:8000/"])
def test_a_trial_on_ones_own_machine_may_do_without_https(site: str) -> None:
    found = shown(**GOOD | {"SITE_URL": site})
    assert (found["https"], found["cookie"], found["hsts"]) == (False, "session", 0)


def test_optional_settings_that_are_empty_are_as_if_absent() -> None:
    names = ("TRACKER_ALLOWED_HOSTS", "TRACKER_DIGEST_AT", "TRACKER_STALE_DAYS")
    assert shown(**GOOD, **dict.fromkeys(names, "")) == shown(**GOOD)


def test_optional_settings_are_taken() -> None:
    found = shown(**GOOD, TRACKER_ALLOWED_HOSTS=" b.test, c.test,", TRACKER_DIGEST_AT="06:05", TRACKER_STALE_DAYS="14")
    assert found["hosts"] == ["tracker.example.test", "b.test", "c.test"]
    assert (found["digest"], found["stale"]) == ("06:05:00", 14)


# -- by GOV.UK Notify ------------------------------------------------------------------------------------------------
NOTIFY = {
    "NOTIFY_API_KEY": "tracker-6f2b1c1e-0000-4000-8000-000000000001-6f2b1c1e-0000-4000-8000-000000000002",
    "NOTIFY_TEMPLATE_ID": "6f2b1c1e-0000-4000-8000-0000000000ff",
}
BY_NOTIFY = without("EMAIL_URL") | NOTIFY


def test_emails_go_through_notify_when_configured() -> None:
    found = shown(**BY_NOTIFY)
    assert found["mail"] == "tracker.reminders.notify.EmailBackend"
    assert found["notify"] == [NOTIFY["NOTIFY_TEMPLATE_ID"], "https://api.notifications.service.gov.uk"]
    assert found["clock"] == ["follow_up", "sweep", "tick", "work"]
    assert shown(**GOOD)["clock"] == ["sweep", "tick", "work"]
    # As compose.yaml hands on what is empty.
    assert shown(**BY_NOTIFY, EMAIL_URL="", NOTIFY_URL="") == found
    assert shown(**GOOD, NOTIFY_API_KEY="", NOTIFY_TEMPLATE_ID="") == shown(**GOOD)


@pytest.mark.parametrize("name", NOTIFY)
def test_half_of_what_notify_needs_is_refused(name: str) -> None:
    assert refusal(**{other: value for other, value in BY_NOTIFY.items() if other != name}) == [f"{name} is not set."]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"EMAIL_URL": GOOD["EMAIL_URL"]}, "EMAIL_URL and NOTIFY_API_KEY are both set"),
        ({"NOTIFY_API_KEY": "secret-of-notify"}, "NOTIFY_API_KEY is no key of GOV.UK Notify"),
        ({"NOTIFY_TEMPLATE_ID": "digest"}, "NOTIFY_TEMPLATE_ID is no id of a template"),
        ({"NOTIFY_URL": "http://notify.example.test"}, "NOTIFY_URL must begin with https://"),
    ],
)
def test_invalid_notify_settings_are_refused(changed: dict[str, str], says: str) -> None:
    (line,) = refusal(**BY_NOTIFY | changed)
    assert line.startswith(says)


def test_an_address_of_notify_alone_is_refused() -> None:
    (line,) = refusal(**GOOD, NOTIFY_URL="https://notify.example.test")
    assert line == "NOTIFY_URL is set without NOTIFY_API_KEY."


# -- the other modes -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["production", "Embedded", "", "demo", "test "])
def test_unknown_mode_does_not_start(mode: str) -> None:
    process = start(**GOOD, TRACKER_MODE=mode)
    if mode == "production":
        assert process.returncode == 0
        return
    assert process.returncode != 0
    assert f"TRACKER_MODE is {mode!r}" in process.stderr


@pytest.mark.parametrize("scanner", ["/run/clamav/clamd.ctl", "clamd:3310", "[::1]:3310", "127.0.0.1:3310"])
def test_a_server_takes_a_store_and_a_virus_scanner(scanner: str) -> None:
    found = shown(**GOOD, TRACKER_CLAMD=scanner)
    assert (found["evidence"], found["clamd"]) == (GOOD["TRACKER_EVIDENCE_DIR"], scanner)
    assert shown(**GOOD)["clamd"] == ""


def test_embedded_works_with_nothing_else_set() -> None:
    found = shown(TRACKER_MODE="embedded")
    assert (found["production"], found["debug"]) == (False, False)
    assert (found["engine"], found["broker"]) == ("django.db.backends.sqlite3", "filesystem://")
    assert found["name"] == str(here.BASE_DIR / "data" / "tracker.sqlite3")
    assert found["mail"] == "tracker.reminders.mailfolder.EmailBackend"


def test_embedded_mode_ignores_servers_in_the_environment() -> None:
    servers = {name: GOOD[name] for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")} | NOTIFY
    assert shown(TRACKER_MODE="embedded", **servers) == shown(TRACKER_MODE="embedded")


def test_embedded_may_believe_it_is_another_day() -> None:
    assert shown(TRACKER_MODE="embedded", TRACKER_TODAY="2026-11-20")["today"] == "2026-11-20"
    process = start(TRACKER_MODE="embedded", TRACKER_TODAY="20 November")
    assert "TRACKER_TODAY is '20 November'. It must be a day such as 2026-11-20." in process.stderr


@pytest.mark.parametrize("mode", ["embedded", "test"])
def test_hurry_setting_is_for_fault_tests_only(mode: str) -> None:
    """A server waits minutes: a lease outlasts the longest talk with a mail server, and backing off spares it."""
    usual = {"lease": 120, "backoff": [60, 120, 300, 900, 3600]}
    assert usual.items() <= shown(**GOOD).items()
    assert usual.items() <= shown(TRACKER_MODE=mode).items()
    found = shown(TRACKER_MODE=mode, TRACKER_LEASE_SECONDS="5", TRACKER_BACKOFF_SECONDS="1,1,2,3,5")
    assert (found["lease"], found["backoff"]) == (5, [1, 1, 2, 3, 5])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("TRACKER_LEASE_SECONDS", value) for value in ("0", "121", "5.5")),
        *(("TRACKER_BACKOFF_SECONDS", value) for value in ("1", "1,1,1,1", "1,1,1,1,0", "1,1,1,1,1,1", "1,1,1,1,x")),
    ],
)
def test_invalid_hurry_setting_does_not_start(name: str, value: str) -> None:
    process = start(TRACKER_MODE="test", **{name: value})
    assert process.returncode != 0
    assert f"ImproperlyConfigured: {name} is {value!r}. It must be" in process.stderr


def test_debug_is_for_programmers_of_an_embedded_one_only() -> None:
    assert shown(TRACKER_MODE="embedded", TRACKER_DEBUG="1")["debug"] is True
    assert shown(TRACKER_MODE="embedded", DEBUG="1")["debug"] is False
    assert shown(TRACKER_MODE="test", TRACKER_DEBUG="1")["debug"] is False


def test_the_tests_take_the_servers_they_are_given() -> None:
    found = shown(TRACKER_MODE="test", DATABASE_URL=GOOD["DATABASE_URL"])
    assert (found["engine"], found["production"]) == ("django.db.backends.postgresql", False)


# -- what is written down --------------------------------------------------------------------------------------------
def test_the_example_names_every_setting_there_is() -> None:
    from tracker.environment import ELSEWHERE, OPTIONAL, REQUIRED

    named = set()
    for line in (here.BASE_DIR / ".env.example").read_text().splitlines():
        name, is_setting, _ = line.removeprefix("#").partition("=")
        if is_setting and name.isupper() and " " not in name:
            named.add(name)
    assert {*REQUIRED, *OPTIONAL} <= named
    assert {name for name in named if name.startswith("TRACKER_")} <= {*REQUIRED} | OPTIONAL | ELSEWHERE
