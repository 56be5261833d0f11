"""What stands in the addresses of the route table: West Kent's report, and one of everything that hangs on it."""

import uuid

from django.apps import apps

from tests.accounts.covering import away
from tests.asked import ask_of, extension_of
from tests.base import KSS, NOON, Cast, previous, recommendation, west_kent
from tests.recommendations.evidence import give
from tracker.accounts.models import Cover, Organisation
from tracker.inspections.models import Named
from tracker.jobs.models import Job
from tracker.jobs.operations import path_of
from tracker.people.models import Removal, RoleRequest, Succession
from tracker.recommendations.models import Action, Evidence, Lineage, Recommendation, SentPlan
from tracker.reminders.models import Delivery, Heartbeat
from tracker.reviews.models import ReviewSession, SavedView, SessionItem


class Addresses:
    """Of West Kent's report, its recommendation 4, its officer and that one's role; once a test, with all it names."""

    def __init__(self, cast: Cast) -> None:
        self.item, self.role = recommendation(4), cast.officer.memberships.get()
        self.request_cache = {
            "/people/organisations/ended": ending_of(cast).pk,
            "/people/organisations": self.item.addressee_id,
            "/people/role-requests": role_request_of(cast).pk,
            "/hand-over": cast.officer.pk,
            "/people": cast.officer.pk,
            "/digest/of": cast.officer.pk,
            "/inspections": self.item.inspection_id,
            "/views": view_of(cast).pk,
            "/review/press": self.item.inspection_id,
            "/actions": Action.objects.get().pk,
            "/plans/sent": SentPlan.objects.get().pk,
            "/recommendations": self.item.pk,
            "/measures": self.item.measure_links.get().measure_id,
            "/extensions": extension_of(self.item, cast).pk,
            "/asks": ask_of(self.item, cast).pk,
            "/lineage": Lineage.objects.get_or_create(earlier=previous(2), later=self.item)[0].pk,
            "/evidence": evidence_of(cast),
            "/files": file_of(cast),
            "/review/pack": self.item.addressee_id,
            "/letters": letter_of(cast),
            "/review/meetings/open": self.item.addressee_id,
            "/review/meetings": meeting_of(self.item, cast).session_id,
            "/absence": cast.officer.pk,
            "/covers": cover_of(cast).pk,
            "/removals/ask": self.item.pk,
            "/removals": removal_of(self.item, cast).pk,
            "/admin/accounts/user": cast.officer.pk,
            "/admin/accounts/organisation": self.item.addressee_id,
            "/admin/accounts/membership": self.role.pk,
            "/admin/accounts/cover": cover_of(cast).pk,
            "/admin/inspections": self.item.inspection_id,
            "/admin/recommendations/recommendation": self.item.pk,
            "/admin/reminders": letter_of(cast),
            "/admin/history": first_event(),
        }
        self.known_item = meeting_of(self.item, cast).pk
        self.named = Named.objects.get_or_create(inspection=self.item.inspection, person=cast.officer)[0]

    def of(self, pattern: str) -> str:
        if "uidb36" in pattern:
            return "/accounts/password/reset/key/1-set/"
        # In Django's own pages, what is not known is asked for by an id that no row has.
        none = "0" if pattern.startswith("/admin/") else "1"
        pk = next((str(pk) for start, pk in self.request_cache.items() if pattern.startswith(start)), none)
        app_list = "^(?P<app_label>history|accounts|inspections|measures|recommendations|reminders)/$"
        path = pattern.replace(app_list, "accounts/").replace("(?P<url>.*)$", "nowhere")
        for part in ("<int:pk>", "<path:object_id>", "<path:content_type_id>"):
            path = path.replace(part, pk)
        path = path.replace("<int:addressee>", str(self.item.addressee_id))
        path = path.replace("<int:person>", str(self.named.person_id))
        path = path.replace("<int:item>", str(self.known_item))
        path = path.replace("<int:role>", str(self.role.pk)).replace("<str:name>", "letter")
        path = path.replace("<str:place>", f"report:{self.item.pk}")
        return path + (f"?for={self.item.pk}" if path == "/recommendations/people/" else "")


def view_of(cast: Cast) -> SavedView:
    """What is overdue, shared by West Kent's head in the region."""
    region = Organisation.objects.get(path=KSS)
    values = {"name": "Late", "query": "mark=overdue", "organisation": region}
    return SavedView.objects.get_or_create(person=cast.head, defaults=values)[0]


def cover_of(cast: Cast) -> Cover:
    """The officer is away, and the colleague covers."""
    return Cover.objects.first() or away(cast.officer, cast.colleague)


def ending_of(cast: Cast) -> Succession:
    """Of a PDU in which nothing was open, by the administrator of the region."""
    held, ended = Succession.objects.first(), Organisation.objects.get(name="Surrey PDU")
    carried = {"moved": [], "ended": [], "given": [], "requests": [], "readdressed": [], "actions": [], "last_event": 0}
    return held or Succession.objects.create(organisation=ended, ended_by=cast.admin, ended_at=NOON, carried=carried)


def role_request_of(cast: Cast) -> RoleRequest:
    """Asked for by the administrator of the region, so that somebody else confirms it."""
    held = RoleRequest.objects.first()
    wanted = {"role": "reviewer", "organisation": Organisation.objects.get(path=KSS), "asked_by": cast.admin}
    return held or RoleRequest.objects.create(user=cast.colleague, **wanted, asked_at=NOON)


def removal_of(item: Recommendation, cast: Cast) -> Removal:
    held = Removal.objects.first()
    wanted = {"evidence_id": evidence_of(cast), "asked_by": cast.admin, "asked_at": NOON}
    return held or Removal.objects.create(recommendation=item, **wanted)


def evidence_of(cast: Cast) -> int:
    """A file for West Kent's recommendation 4, given by its head."""
    found = Evidence.objects.order_by("pk").first() or give(cast.head, [4])[0]
    return found.pk


def file_of(cast: Cast) -> int:
    """One that was made for the head."""
    wanted = {
        "state": Job.State.DONE,
        "file": "none",
        "params": {"organisation": west_kent().organisation_id},
        "title": "A pack",
        "filename": "pack.docx",
        "kind": "pack",
    }
    times = {"asked_at": NOON, "next_try_at": NOON, "ended_at": NOON, "expires_at": NOON}
    key = uuid.UUID(int=1)
    path_of("none").parent.mkdir(parents=True, exist_ok=True)
    path_of("none").write_bytes(b"")
    return Job.objects.get_or_create(by=cast.head, key=key, defaults=wanted | times)[0].pk


def letter_of(cast: Cast) -> int:
    """One that was set aside; and the clock has just ticked."""
    Heartbeat.objects.get_or_create(name=Heartbeat.Name.TICK, defaults={"at": NOON})
    values = {"kind": "invitation", "address": cast.officer.email, "day": NOON.date(), "state": "set_aside"}
    times = {"queued_at": NOON, "next_try_at": NOON, "ended_at": NOON}
    return Delivery.objects.get_or_create(key="set aside", defaults={"person": cast.officer, **values, **times})[0].pk


def meeting_of(item: Recommendation, cast: Cast) -> SessionItem:
    """On the list of a meeting about West Kent, which the director has open."""
    opened = {"day": NOON.date(), "opened_by": cast.director, "opened_at": NOON}
    session = ReviewSession.objects.get_or_create(organisation=item.addressee, defaults=opened)[0]
    listed = {"position": 1, "reasons": ["stale"]}
    return SessionItem.objects.get_or_create(session=session, recommendation=item, defaults=listed)[0]


def first_event() -> int:
    return int(apps.get_model("history", "Event").objects.order_by("pk").values_list("pk", flat=True)[0])
