"""The cast: a region with West Kent's report in it, a second region, and people who may see and do different things.

Made once for a test run; what a test changes is rolled back after it.
"""

import datetime
import json
from dataclasses import dataclass, fields
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password

from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.operations import add_organisation
from tracker.inspections.models import Inspection
from tracker.intake.operations import publish
from tracker.intake.reading import read
from tracker.recommendations.models import Recommendation

PASSWORD = "a long enough password"
TODAY = datetime.date(2026, 11, 23)  # A Monday and a working day.
NOON = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Europe/London"))
LOADED = datetime.datetime(2026, 11, 2, 9, 0, tzinfo=ZoneInfo("Europe/London"))
KSS = "hmpps/kent-surrey-and-sussex/"
NORTH = "hmpps/north-east/"
Role = Membership.Role


@dataclass
class Cast:
    """Everybody by what they are; each sentence says what that one may see."""

    # Leads West Kent: sees all of the report on it, plans and reports what is addressed to it.
    head: User
    # Contributors of West Kent: see the same, report on what they own.
    officer: User
    colleague: User
    # Supplies figures of West Kent: sees the same, changes nothing here.
    supplier: User
    # Leads East Kent: sees nothing of West Kent.
    neighbour: User
    # Leads the region: sees it all, plans what is addressed to the region.
    operations: User
    # Reviewer at the region: sees it all, changes nothing of it yet.
    director: User
    # Leads HMPPS: sees everything everywhere, plans what is addressed to HMPPS.
    policy: User
    # Reviewer at HMPPS: sees everything everywhere.
    national: User
    # Independent reviewer whom HMPPS has named: sees everything everywhere, decides about what is addressed to HMPPS.
    independent: User
    # Reader at HMPPS: sees everything, changes nothing.
    reader: User
    # Inspector at the region until the end of 2026: sees the region without drafts, changes nothing.
    inspector: User
    # Administrators of the region and of HMPPS: people and organisations there and below.
    admin: User
    top_admin: User
    # Leads a PDU of another region, and administers that region: see nothing of this one.
    stranger: User
    strange_admin: User
    # Has an account and no role: sees nothing.
    nobody: User

    @staticmethod
    def load() -> "Cast":
        found = User.objects.in_bulk([f"{field.name}@example.test" for field in fields(Cast)], field_name="email")
        return Cast(**{field.name: found[f"{field.name}@example.test"] for field in fields(Cast)})


PLACES: dict[str, tuple[str, str]] = {
    "head": (Role.LEAD, f"{KSS}west-kent-pdu/"),
    "officer": (Role.CONTRIBUTOR, f"{KSS}west-kent-pdu/"),
    "colleague": (Role.CONTRIBUTOR, f"{KSS}west-kent-pdu/"),
    "supplier": (Role.SUPPLIER, f"{KSS}west-kent-pdu/"),
    "neighbour": (Role.LEAD, f"{KSS}east-kent-pdu/"),
    "operations": (Role.LEAD, KSS),
    "director": (Role.REVIEWER, KSS),
    "policy": (Role.LEAD, "hmpps/"),
    "national": (Role.REVIEWER, "hmpps/"),
    "independent": (Role.INDEPENDENT, "hmpps/"),
    "reader": (Role.READER, "hmpps/"),
    "inspector": (Role.INSPECTOR, KSS),
    "admin": (Role.ADMINISTRATOR, KSS),
    "top_admin": (Role.ADMINISTRATOR, "hmpps/"),
    "stranger": (Role.LEAD, f"{NORTH}county-durham-pdu/"),
    "strange_admin": (Role.ADMINISTRATOR, NORTH),
}


def build_cast() -> None:
    """Into an empty database."""
    _organisations()
    password = make_password(PASSWORD)
    for field in fields(Cast):
        person = User.objects.create(
            email=f"{field.name}@example.test", name=field.name.replace("_", " ").capitalize(), password=password
        )
        if field.name in PLACES:
            role, path = PLACES[field.name]
            ends_on = datetime.date(2027, 1, 1) if field.name == "inspector" else None
            place = Organisation.objects.get(path=path)
            Membership.objects.create(user=person, role=role, organisation=place, ends_on=ends_on)
    publish(read(report()), by=None, at=LOADED)


def _organisations() -> None:
    file = settings.BASE_DIR / "tracker" / "accounts" / "data" / "kent-surrey-and-sussex.json"
    places: dict[str, Organisation] = {}
    rows = json.loads(Path(file).read_text("utf-8"))
    rows.append({"name": "North East", "kind": "region", "above": "HMPPS", "other_names": []})
    rows.append({"name": "County Durham PDU", "kind": "pdu", "above": "North East", "other_names": []})
    for row in rows:
        places[row["name"]] = add_organisation(
            row["name"],
            kind=row["kind"],
            parent=places.get(row["above"]),
            other_names=row["other_names"],
            by=None,
            at=LOADED,
        )


def report() -> bytes:
    """West Kent's, as it is shipped."""
    return (settings.BASE_DIR / "tracker" / "intake" / "data" / "west-kent-pdu-2022.json").read_bytes()


def west_kent() -> Inspection:
    """The report that is shipped, whatever has been loaded since."""
    return Inspection.objects.filter(organisation__path__endswith="/west-kent-pdu/").earliest("pk")


def recommendation(number: int) -> Recommendation:
    """By its number in West Kent's report."""
    return Recommendation.objects.select_related("addressee", "inspection", "owner").get(
        inspection=west_kent(), number=str(number)
    )


def previous(position: int) -> Recommendation:
    """By its place in the annexe of West Kent's report."""
    return Recommendation.objects.select_related("addressee", "inspection", "owner").get(
        inspection=west_kent(), is_previous=True, position=position
    )
