"""compose.yaml as docker-compose understands it: who runs, as whom, who talks to whom, and what it refuses."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

import dev

# Needs docker-compose, which .ci/run installs; no container is started.
pytestmark = pytest.mark.real

FILLED_IN = {
    "SECRET_KEY": "s" * 50,
    "DATABASE_OWNER_PASSWORD": "ownerspassword",
    "DATABASE_APP_PASSWORD": "applicationspassword",
    "SITE_URL": "https://tracker.example.org",
    "EMAIL_URL": "smtp+tls://user:word@mail.example.org:587",
    "EMAIL_FROM": "Tracker <tracker@example.org>",
}
OURS = ("web", "worker", "clock", "migrate")
ENDLESS = ("web", "worker", "clock", "database", "redis")


def compose(*argv: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """docker-compose with these settings and no .env of whoever runs the tests."""
    program = shutil.which("docker-compose")
    assert program, "not installed: apt-get install docker-compose"
    env = {"PATH": os.environ["PATH"], "HOME": "/tmp", **settings}
    with tempfile.NamedTemporaryFile() as empty:
        place = ["--project-directory", str(dev.ROOT), "--file", str(dev.ROOT / "compose.yaml")]
        whole = [program, *place, "--env-file", empty.name, *argv]
        return subprocess.run(whole, env=env, capture_output=True, text=True, timeout=60)


def parsed(*argv: str, **settings: str) -> dict[str, Any]:
    """The configuration after filling in: version 2 speaks JSON, version 1 YAML only, and brings a reader of it."""
    as_json = compose(*argv, "config", "--format", "json", **settings)
    if as_json.returncode == 0 and as_json.stdout.startswith("{"):
        return dict(json.loads(as_json.stdout))
    as_yaml = compose(*argv, "config", **settings)
    assert as_yaml.returncode == 0, as_yaml.stderr
    first_line = Path(str(shutil.which("docker-compose"))).read_bytes().splitlines()[0].decode()
    python = first_line.removeprefix("#!").split()[0]
    reader = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout, default=str)"
    read = subprocess.run([python, "-c", reader], input=as_yaml.stdout, capture_output=True, text=True, check=True)
    return dict(json.loads(read.stdout))


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return parsed(**FILLED_IN)


@pytest.fixture(scope="module")
def services(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return dict(config["services"])


@pytest.fixture(scope="module")
def stages() -> list[str]:
    """The Dockerfile, cut at each FROM."""
    text = (dev.ROOT / "Dockerfile").read_text("utf-8")
    return re.split(r"(?m)^(?=FROM )", text)[1:]


def joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " ".join(value)


def condition(service: dict[str, Any], of: str) -> str:
    return str(service["depends_on"][of]["condition"])


def test_docker_compose_accepts_the_file() -> None:
    answer = compose("config", "--quiet", **FILLED_IN)
    assert (answer.returncode, answer.stdout) == (0, ""), answer.stderr


# Letters go by EMAIL_URL or by GOV.UK Notify, and only the tracker knows that one of the two is needed.
@pytest.mark.parametrize("name", [name for name in FILLED_IN if name != "EMAIL_URL"])
def test_nothing_starts_while_a_required_setting_is_empty(name: str) -> None:
    answer = compose("config", **{**FILLED_IN, name: ""})
    assert answer.returncode != 0
    assert f"{name}" in answer.stderr
    assert "is empty" in answer.stderr


def test_every_setting_that_the_file_asks_for_stands_in_the_example() -> None:
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", (dev.ROOT / "compose.yaml").read_text("utf-8")))
    example = (dev.ROOT / ".env.example").read_text("utf-8")
    assert {name for name in asked if not re.search(rf"(?m)^#?{name}=", example)} == set()
    assert set(FILLED_IN) == set(re.findall(r"(?m)^([A-Z_]+)=", example))


def test_these_services_run_and_the_mail_catcher_only_in_a_trial(services: dict[str, dict[str, Any]]) -> None:
    always = {name for name, service in services.items() if not service.get("profiles")}
    assert always == {"database", "redis", "migrate", "web", "worker", "clock"}
    trial = parsed("--profile", "trial", **FILLED_IN)["services"]
    assert set(trial) == always | {"mail"}
    assert trial["mail"]["ports"]
    assert all("127.0.0.1" in str(port) for port in trial["mail"]["ports"])


@pytest.mark.parametrize("name", [*OURS, "database", "redis"])
def test_every_service_is_locked_down(name: str, services: dict[str, dict[str, Any]]) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert not service.get("cap_add")
    assert "network_mode" not in service
    assert not [mount for mount in service.get("volumes", ()) if "docker.sock" in str(mount)]
    assert service["logging"]["options"]["max-size"]


def test_nobody_runs_as_root(services: dict[str, dict[str, Any]], stages: list[str]) -> None:
    assert services["database"]["user"] == "postgres"
    assert services["redis"]["user"] == "redis"
    for name in OURS:
        # Ours run as the image says.
        assert services[name].get("user") in (None, "10001")
    users = re.findall(r"(?m)^USER (\S+)", stages[-1])
    assert users == ["10001"]
    assert stages[-1].index("USER 10001") < stages[-1].index("CMD [")


def test_ours_are_one_image(services: dict[str, dict[str, Any]]) -> None:
    assert {services[name]["image"] for name in OURS} == {"inspection-action-tracker"}
    for name in ("database", "redis"):
        assert re.fullmatch(r"[a-z]+:\d+(\.\d+)*-bookworm", services[name]["image"])


def test_what_is_asked_for_its_health_says_it(services: dict[str, dict[str, Any]], stages: list[str]) -> None:
    assert "pg_isready" in joined(services["database"]["healthcheck"]["test"])
    assert "redis-cli ping" in joined(services["redis"]["healthcheck"]["test"])
    assert "inspect ping" in joined(services["worker"]["healthcheck"]["test"])
    # The web's stands in the image; the clock and the migration answer nobody.
    assert "HEALTHCHECK" in stages[-1]
    assert "/health/" in stages[-1]
    assert "healthcheck" not in services["web"]
    for name in ("clock", "migrate"):
        check = services[name]["healthcheck"]
        assert check.get("disable") is True or joined(check["test"]) == "NONE"


def test_nothing_serves_before_the_database_is_ready_and_prepared(services: dict[str, dict[str, Any]]) -> None:
    assert condition(services["migrate"], "database") == "service_healthy"
    for name in ("web", "worker", "clock"):
        assert condition(services[name], "migrate") == "service_completed_successfully"
        assert condition(services[name], "redis") == "service_healthy"


def test_all_but_the_migration_come_back_after_a_fall(services: dict[str, dict[str, Any]]) -> None:
    for name in ENDLESS:
        assert services[name]["restart"] == "unless-stopped"
    assert services["migrate"].get("restart") in (None, "no")


def test_only_the_migration_knows_the_owner_of_the_tables(services: dict[str, dict[str, Any]]) -> None:
    for name in ("web", "worker", "clock"):
        environment = services[name]["environment"]
        assert environment["DATABASE_URL"].startswith("postgres://tracker_app:applicationspassword@database:")
        assert "ownerspassword" not in str(services[name])
    assert services["migrate"]["environment"]["DATABASE_URL"].startswith("postgres://tracker_owner:ownerspassword@")
    # The password is taken from the environment inside, and stands in no process list that is written down here.
    assert "applicationspassword" not in joined(services["migrate"]["command"])


def test_it_is_a_server_and_nothing_of_the_other_modes(services: dict[str, dict[str, Any]]) -> None:
    for name in OURS:
        names = set(services[name]["environment"])
        assert not names & {"TRACKER_MODE", "TRACKER_TODAY", "TRACKER_DATA_DIR", "TRACKER_DEBUG"}
        assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "EMAIL_FROM", "SITE_URL"} <= names
        assert {"NOTIFY_API_KEY", "NOTIFY_TEMPLATE_ID"} <= names


def test_only_the_web_is_reached_from_outside_and_by_default_from_this_machine(
    config: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    always = {name: service for name, service in services.items() if not service.get("profiles")}
    published = {name: service["ports"] for name, service in always.items() if service.get("ports")}
    assert set(published) == {"web"}
    assert len(published["web"]) == 1
    assert "127.0.0.1" in str(published["web"])
    assert config["networks"]["inside"]["internal"] is True
    for name in ("database", "redis", "clock", "migrate"):
        assert set(services[name]["networks"]) == {"inside"}
    # The worker talks to the mail server, the web is published: both need a way out.
    for name in ("web", "worker"):
        assert set(services[name]["networks"]) == {"inside", "outside"}


def test_another_address_is_published_when_asked_for() -> None:
    ports = parsed(**FILLED_IN, PUBLISH="0.0.0.0:9000")["services"]["web"]["ports"]
    assert "9000" in str(ports)
    assert "127.0.0.1" not in str(ports)


def test_what_must_last_is_on_a_volume(config: dict[str, Any], services: dict[str, dict[str, Any]]) -> None:
    assert set(config["volumes"]) == {"rows", "queue", "evidence"}
    assert "/var/lib/postgresql/data" in str(services["database"]["volumes"])
    assert "/data" in str(services["redis"]["volumes"])
    for name in ("clock", "migrate"):
        assert not services[name].get("volumes")
    for name in ("web", "worker"):
        assert len(services[name]["volumes"]) == 1
        assert services[name]["environment"]["TRACKER_EVIDENCE_DIR"] in str(services[name]["volumes"])


def test_the_store_of_evidence_belongs_to_the_application(stages: list[str]) -> None:
    made = re.search(r"(?m)^RUN install (.*) /evidence$", stages[-1])
    assert made
    assert "--owner=10001" in made[1]
    assert "--mode=0700" in made[1]
    assert stages[-1].index(made[0]) < stages[-1].index("USER 10001")


def test_there_is_one_clock_and_a_stop_leaves_no_task_half_done(services: dict[str, dict[str, Any]]) -> None:
    beats = [name for name, service in services.items() if " beat" in joined(service.get("command") or "")]
    assert beats == ["clock"]
    assert seconds(services["worker"]["stop_grace_period"]) >= 60
    assert seconds(services["web"]["stop_grace_period"]) > 20


def seconds(text: str) -> int:
    """1m10s or 70s."""
    found = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", text)
    assert found, text
    return 60 * int(found[1] or 0) + int(found[2] or 0)


def test_image_contains_no_private_files(stages: list[str]) -> None:
    # All is left out that is not named: .env, data and .git never reach the builder.
    ignored = [line for line in (dev.ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] != "#"]
    assert ignored[0] == "*"
    named = {line for line in ignored if line.startswith("!")}
    code = {"!static", "!templates", "!tracker"}
    assert named == {"!manage.py", "!package.json", "!package-lock.json", "!requirements/*.txt"} | code
    for stage in stages:
        assert not re.search(r"(?m)^COPY (--\S+ )*\. ", stage)
    assert "--require-hashes" in stages[0]
