"""The layout in docs/architecture.md: who may import whom, and what stays small.

These read the files and run once, in the lint tier. Each names every offender.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    ("models", "progress", "status_filters", "clamd", "uploads", "refusals", "notify", "roles_held", "joins", "days"),
    ("policies", "drafts", "readers", "section", "fields", "parts", "security_log", "guessing", "passwords"),
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
        *("content", "office", "files", "figures", "proof", "progress_by_source", "assurance", "standards"),
        *("sent", "roles", "left", "line", "delegation", "steps", "sections", "versions"),
    ),
    ("role_requests",),
    ("successions",),
    ("operations",),
    (
        "views",
        "tasks",
        "admin",
        "adapter",
        "context",
        "commands",
        "demo",
        "demo_history",
        "errors",
        "middleware",
        "mailfolder",
    ),
    ("urls",),
)
# Inside recommendations/ a folder is a noun. First come the models of all; then each noun imports those before it.
NOUNS = (
    *(
        "recommendation",
        "participation",
        "finding",
        "timeline",
        "conflict",
        "unsent",
        "verb",
        "decision",
        "close",
        "plan",
        "response",
    ),
    *("due", "measure", "evidence", "update", "action", "lineage", "listing", "ask", "comment", "change", "bulk"),
    *("task", "embargo", "autosave", "page"),
)
# Django's faces of the app: they import the nouns, and nothing inside the app imports them.
FACES = ("models", "urls", "admin")
# Of another app only these may be imported, of its nouns all but views, and of web/, which knows no domain, anything.
OPEN = {
    "models",
    "policies",
    "queries",
    "operations",
    "forms",
    "http",
    "history",
    "lists",
    "reading",
    "past",
    "guessing",
}
pytestmark = pytest.mark.lint
MODULES = sorted(path for path in TRACKER.rglob("*.py") if "migrations" not in path.parts)


TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@dataclass(frozen=True)
class Place:
    """Where a module stands. `noun` is the folder inside recommendations/, "" elsewhere and for the faces."""

    app: str
    noun: str
    module: str

    @classmethod
    def of(cls, parts: Sequence[str]) -> "Place":
        """Of the parts of a module's name after "tracker"; what follows the module are names in it."""
        app, *inner = parts
        has_noun = app == "recommendations" and len(inner) > 1 and inner[0] in NOUNS
        noun, module = (inner[0], inner[1]) if has_noun else ("", inner[0] if inner else "")
        return cls(app, noun, "commands" if module == "management" else module)

    @property
    def order(self) -> tuple[bool, int]:
        """A noun's module imports only what comes before it, or stands beside it."""
        return LAYERS[0].count(self.module) == 0, NOUNS.index(self.noun)


def place_of(path: Path) -> Place:
    return Place.of(path.relative_to(TRACKER).with_suffix("").parts)


def imports(path: Path) -> Iterator[Place]:
    """Every import of our own, also of those hidden in functions."""
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
                yield Place.of(parts[1:])


def layer(module: str) -> int:
    return next((n for n, names in enumerate(LAYERS) if module in names), -1)


def test_every_app_is_in_the_documented_order() -> None:
    apps = {name.removeprefix("tracker.") for name in settings.INSTALLED_APPS if name.startswith("tracker.")}
    assert apps <= set(APPS)
    assert {path.name for path in TRACKER.iterdir() if path.is_dir() and path.name != "__pycache__"} == apps


def test_imports_go_downwards() -> None:
    assert not [f"{named(path)} {fault}" for path in MODULES for fault in wrong_imports(path)]


def wrong_imports(path: Path) -> Iterator[str]:
    here = place_of(path)
    if here.app not in APPS or here.module == "apps":
        return
    for there in imports(path):
        if there.app == here.app:
            yield from wrong_inside(here, there)
        elif TYPE_ONLY.get((here.app, there.app)) != there.module:
            if APPS.index(there.app) > APPS.index(here.app):
                yield f"imports {there.app}, a later app than {here.app}"
            is_open = layer(there.module) <= layer("operations") if there.noun else there.module in OPEN
            if there.app != "web" and not is_open:
                yield f"imports {there.app}.{there.module}, which is private to {there.app}"


def wrong_inside(here: Place, there: Place) -> Iterator[str]:
    """Of two modules of one app."""
    if layer(there.module) > layer(here.module):
        yield f"imports {there.module}, a later layer than {here.module}"
    if here.noun and there.noun and there.order > here.order:
        yield f"imports {there.noun}.{there.module}, which comes after {here.noun}.{here.module}"
    if here.noun and not there.noun:
        yield f"imports {there.module}, a face of its own app"


def test_every_folder_of_recommendations_is_a_noun_in_order() -> None:
    folders = {path.parent.name for path in (TRACKER / "recommendations").glob("*/__init__.py")}
    assert folders - {"migrations"} == set(NOUNS)


def test_no_module_imports_itself_through_others() -> None:
    known = {place_of(path): set(imports(path)) for path in MODULES}
    known = {here: theirs & known.keys() - {here} for here, theirs in known.items()}
    while free := [here for here, theirs in known.items() if not theirs]:
        known = {here: theirs.difference(free) for here, theirs in known.items() if theirs}
    assert not [f"{here} imports {sorted(map(str, theirs))}" for here, theirs in known.items()]


# web/http.py and the Actor of history/ name the person's type for readers and the type checker, and import it for
# nobody else.
TYPE_ONLY = {("web", "accounts"): "models", ("history", "accounts"): "models"}


def test_every_module_is_in_a_layer() -> None:
    free = ("", "__init__", "apps", "commands", "templatetags", *NOUNS)
    places = {path: place_of(path) for path in MODULES}
    inner = {path: place for path, place in places.items() if place.app in APPS and place.module not in free}
    assert not [named(path) for path, place in inner.items() if layer(place.module) < 0]


def test_views_forms_and_tasks_get_rows_from_policies_and_queries() -> None:
    outside = [path for path in MODULES if {"views", "forms", "tasks"} & {path.stem, *path.parts}]
    # No rows at all are nobody's rows: a form begins with them.
    texts = {path: path.read_text("utf-8").replace(".objects.none()", "") for path in outside}
    assert not [named(path) for path, text in texts.items() if ".objects" in text]


def test_only_one_module_reads_the_clock() -> None:
    clocks = ("timezone.now", "date.today", "datetime.now")
    others = [path for path in MODULES if path != TRACKER / "web" / "today.py"]
    assert not words_found(others, clocks)


def test_only_one_module_redirects() -> None:
    """Another could send a person to another site."""
    others = [path for path in MODULES if path != TRACKER / "web" / "http.py"]
    assert not words_found(others, ("HttpResponseRedirect", "shortcuts import redirect", "RedirectView"))


def words_found(paths: list[Path], words: tuple[str, ...]) -> list[str]:
    texts = {path: path.read_text("utf-8") for path in paths}
    return [f"{named(path)}: {word}" for path, text in texts.items() for word in words if word in text]


def test_files_and_functions_stay_small() -> None:
    assert not [f"{named(path)} {fault}" for path in [*MODULES, *TESTS] for fault in too_long(path)]


def too_long(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    if len(text.splitlines()) > 400:
        yield "has over 400 lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 40:
            yield f"{node.name} has over 40 lines"


def test_templates_stay_small() -> None:
    assert not [named(path) for path in TEMPLATES if len(path.read_text("utf-8").splitlines()) > 120]


def test_templates_escape_everything_and_run_no_script() -> None:
    unsafe = ("|safe", "autoescape off", "hx-on", "hx-ext", "javascript:")
    assert not words_found(TEMPLATES, unsafe)
    pages = [path for path in TEMPLATES if "email" not in path.parts]
    assert not words_found(pages, (" style=", "<style"))


def test_alerts_have_an_icon() -> None:
    """An alert is a grid whose first column is the icon's; without one its words are squeezed into that column."""
    texts = {path: path.read_text("utf-8") for path in TEMPLATES}
    counts = {path: (text.count("moj-alert__content"), text.count("_alert_icon.html")) for path, text in texts.items()}
    assert not [named(path) for path, (alerts, icons) in counts.items() if alerts != icons]


def test_the_beat_schedule_names_real_tasks() -> None:
    celery_app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled <= set(celery_app.tasks)


def test_only_tasks_use_the_broker() -> None:
    """A page writes rows and never waits for Redis or a mail server."""
    assert not words_found([path for path in MODULES if path.stem != "tasks"], (".delay(", "apply_async", "send_task"))
    web = [p for p in MODULES if "views" in (p.stem, *p.parts) or p.stem in ("forms", "adapter")]
    senders = ("reminders.tasks", "get_connection", "operations.sending", "operations import sending")
    assert not words_found(web, senders)
