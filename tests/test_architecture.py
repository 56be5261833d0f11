"""The house as docs/architecture.md draws it: who may import whom, and what stays small."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tracker.celery import app as celery_app

ROOT = Path(__file__).resolve().parent.parent
TRACKER = ROOT / "tracker"
APPS = [
    "web",
    "history",
    "accounts",
    "jobs",
    "inspections",
    "measures",
    "recommendations",
    "people",
    "reminders",
    "intake",
    "reviews",
    "exchange",
    "upkeep",
]
# Inside an app, from the ground up; a module may import those of earlier layers of its own app.
LAYERS = (
    ("models", "clamd", "uploads", "refusals", "notify"),
    ("policies",),
    (
        "queries",
        "forms",
        "emails",
        "history",
        "lists",
        "conflict",
        "reading",
        "http",
        "paging",
        "past",
        "today",
        "workingdays",
        "home",
    ),
    ("operations",),
    (
        "views",
        "tasks",
        "admin",
        "adapter",
        "context",
        "commands",
        "demo",
        "story",
        "errors",
        "middleware",
        "mailfolder",
    ),
    ("urls",),
)
# Of another app only these may be imported, and of web/, which knows nothing of the domain, anything.
OPEN = {"models", "policies", "queries", "operations", "forms", "http", "history", "lists", "reading", "past"}
MODULES = sorted(path for path in TRACKER.rglob("*.py") if "migrations" not in path.parts)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """(app, module) of every import of our own, also of those hidden in functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "tracker" and len(parts) > 2 and parts[1] in APPS:
                yield parts[1], parts[2]


def layer(module: str) -> int:
    return next((n for n, names in enumerate(LAYERS) if module in names), -1)


def test_every_app_stands_in_the_picture() -> None:
    apps = {name.removeprefix("tracker.") for name in settings.INSTALLED_APPS if name.startswith("tracker.")}
    assert apps <= set(APPS)
    assert {path.name for path in TRACKER.iterdir() if path.is_dir() and path.name != "__pycache__"} == apps


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_go_downwards(path: Path) -> None:
    app = path.relative_to(TRACKER).parts[0]
    if app not in APPS:
        return
    module = path.relative_to(TRACKER).parts[1].removesuffix(".py")
    module = "commands" if module == "management" else module
    for other, wanted in imports(path):
        if other == app:
            assert module == "apps" or layer(wanted) <= layer(module), f"{module} imports {wanted}"
        elif TYPE_ONLY.get((app, other)) != wanted:
            assert APPS.index(other) < APPS.index(app), f"{app} imports {other}, which stands above it"
            assert other == "web" or wanted in OPEN, f"{app} imports {other}.{wanted}"


# web/http.py names the person's type for readers and for the type checker, and imports it for nobody else.
TYPE_ONLY = {("web", "accounts"): "models"}


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_modules_have_their_place(path: Path) -> None:
    parts = path.relative_to(TRACKER).parts
    module = parts[1].removesuffix(".py") if len(parts) > 1 else ""
    if parts[0] not in APPS or module in ("__init__", "apps", "management", "templatetags"):
        return
    assert layer(module) >= 0, f"{module} is in no layer"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_views_forms_and_tasks_get_rows_from_policies_and_queries(path: Path) -> None:
    if {"views", "forms", "tasks"} & {path.stem, *path.parts}:
        # No rows at all are nobody's rows: a form begins with them.
        assert ".objects" not in path.read_text("utf-8").replace(".objects.none()", "")


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_only_one_module_reads_the_time(path: Path) -> None:
    text = path.read_text("utf-8")
    if path != TRACKER / "web" / "today.py":
        assert "timezone.now" not in text
        assert "date.today" not in text
        assert "datetime.now" not in text


@pytest.mark.parametrize("path", [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))], ids=named)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, f"{node.name} is too long"


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=named)
def test_templates_stay_small_and_safe(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 120
    for unsafe in ("|safe", "autoescape off", "hx-on", "hx-ext", "javascript:"):
        assert unsafe not in text, unsafe
    # An alert is a grid whose first column is the icon's; without one its words are squeezed into that column.
    assert text.count("moj-alert__content") == text.count("_alert_icon.html")
    if "email" not in path.parts:
        assert " style=" not in text
        assert "<style" not in text


def test_the_clock_names_real_tasks() -> None:
    celery_app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in celery_app.tasks


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_only_tasks_speak_to_the_broker(path: Path) -> None:
    """A page writes rows and never waits for Redis or a mail server."""
    text = path.read_text("utf-8")
    if path.stem != "tasks":
        for word in (".delay(", "apply_async", "send_task"):
            assert word not in text, word
    if "views" in (path.stem, *path.parts) or path.stem in ("forms", "adapter"):
        for word in ("reminders.tasks", "get_connection", "operations.sending", "operations import sending"):
            assert word not in text, word
