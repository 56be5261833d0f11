"""Made-up people, owners, dates and updates, so that every screen of a demonstration has something to show."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password

from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.operations import give_role
from tracker.history.operations import Actor
from tracker.inspections.models import Inspection
from tracker.intake.operations import publish, publish_ours
from tracker.intake.reading import read, read_ours
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan, Progress, Recommendation, Report
from tracker.upkeep.demo_history import begin, go_on

PASSWORD = "inspection-demo"  # noqa: S105
READING = settings.BASE_DIR / "tracker" / "intake" / "data" / "west-kent-pdu-2022-reading.json"
REPORT = settings.BASE_DIR / "tracker" / "intake" / "data" / "west-kent-pdu-2022.json"
Role = Membership.Role


@dataclass(frozen=True)
class DemoPerson:
    address: str
    name: str
    role: str
    path: str
    may: str

    @property
    def email(self) -> str:
        return f"{self.address}@example.test"


KSS = "hmpps/kent-surrey-and-sussex/"
WEST, EAST = f"{KSS}west-kent-pdu/", f"{KSS}east-kent-pdu/"
PEOPLE = (
    DemoPerson(
        "head.westkent", "Head of West Kent PDU", Role.LEAD, WEST, "owners, due dates and progress of West Kent"
    ),
    DemoPerson(
        "spo.maidstone", "Senior probation officer, Maidstone", Role.CONTRIBUTOR, WEST, "report on what they own"
    ),
    DemoPerson(
        "spo.gravesend", "Senior probation officer, Gravesend", Role.CONTRIBUTOR, WEST, "report on what they own"
    ),
    DemoPerson("data.westkent", "Data analyst, West Kent", Role.SUPPLIER, WEST, "give the figures of West Kent"),
    DemoPerson("head.eastkent", "Head of East Kent PDU", Role.LEAD, EAST, "East Kent only: not West Kent's report"),
    DemoPerson(
        "director.kss", "Regional probation director, KSS", Role.REVIEWER, KSS, "review every PDU of the region"
    ),
    DemoPerson("operations.kss", "Head of operations, KSS", Role.LEAD, KSS, "what is addressed to the region"),
    DemoPerson("admin.kss", "Administrator, KSS", Role.ADMINISTRATOR, KSS, "people, roles and organisations"),
    DemoPerson("policy.hmpps", "Probation policy lead, HMPPS", Role.LEAD, "hmpps/", "what is addressed to HMPPS"),
    DemoPerson(
        "reviewer.hmpps", "Head of assurance, HMPPS", Role.REVIEWER, "hmpps/", "review the regions and their PDUs"
    ),
    DemoPerson(
        "independent.hmpps",
        "Independent reviewer, named by HMPPS",
        Role.INDEPENDENT,
        "hmpps/",
        "review what is addressed to HMPPS",
    ),
    DemoPerson("admin.hmpps", "Administrator, HMPPS", Role.ADMINISTRATOR, "hmpps/", "the same everywhere, and letters"),
    DemoPerson("reader.hmpps", "National reader, HMPPS", Role.READER, "hmpps/", "see everything, change nothing"),
    DemoPerson(
        "inspector",
        "Inspector",
        Role.INSPECTOR,
        KSS,
        "see the region, no drafts; access ends in 90 days",
    ),
)

# What is made up about West Kent: who owns it, due in how many days (negative: overdue), and what was reported how
# many days ago. Recommendations 4 and 12 and most previous ones are left as the report printed them.
STORY: tuple[tuple[bool, int, str, int, str, int, str], ...] = (
    (False, 1, "spo.maidstone", -12, Progress.SOME, 30, "Every new case is now assessed again by an SPO in week 2."),
    (False, 2, "head.westkent", 5, Progress.SOME, 9, "The plan on a page is agreed; offices start with it next month."),
    (False, 5, "spo.maidstone", -33, Progress.NO, 41, "Two training days were cancelled because of sickness."),
    (False, 6, "operations.kss", -3, Progress.SOME, 20, "The vacancy return now shows long-term sickness as well."),
    (False, 7, "operations.kss", 11, "", 0, ""),
    (
        False,
        8,
        "operations.kss",
        60,
        Progress.SUFFICIENT,
        6,
        "The quality team is at full strength and samples monthly.",
    ),
    (False, 9, "operations.kss", -46, Progress.NO, 50, "No cover has been found for the two vacant SPO posts."),
    (False, 11, "policy.hmpps", 75, Progress.SOME, 15, "The market supplement now covers the whole of Kent."),
    (True, 2, "operations.kss", -8, Progress.SOME, 13, "Supervision meetings are booked for all practitioners."),
)

LOADED_AGO = datetime.timedelta(days=120)


def load_west_kent(at: datetime.datetime) -> None:
    """As if it had been loaded months ago, so that the story has room."""
    if not Inspection.objects.filter(organisation__path=WEST).exists():
        publish(read(REPORT.read_bytes()), by=None, at=at - LOADED_AGO)
        publish_ours(read_ours(READING.read_bytes()), at=at - LOADED_AGO + datetime.timedelta(days=1))


def make_people(at: datetime.datetime) -> None:
    """Those that are missing; a second run changes nothing."""
    password = make_password(PASSWORD)
    ends_on = at.date() + datetime.timedelta(days=90)
    for made_up in PEOPLE:
        if User.objects.filter(email=made_up.email).exists():
            continue
        person = User.objects.create(email=made_up.email, name=made_up.name, password=password, is_demo=True)
        organisation = Organisation.objects.get(path=made_up.path)
        until = ends_on if made_up.address == "inspector" else None
        give_role(person, role=made_up.role, organisation=organisation, ends_on=until, by=None, at=at - LOADED_AGO)


def tell_story(at: datetime.datetime) -> None:
    """Through the verbs, each on its day, for recommendations that nobody has planned yet."""
    people = {user.email.removesuffix("@example.test"): user for user in User.objects.filter(is_demo=True)}
    teller = begin(Inspection.objects.get(organisation__path=WEST), people, at)
    leads = {WEST: "head.westkent", KSS: "operations.kss", "hmpps/": "policy.hmpps"}
    for is_previous, position, owner, due_in, progress, days_ago, words in STORY:
        item = Recommendation.objects.select_related("addressee").get(
            inspection__organisation__path=WEST, is_previous=is_previous, position=position
        )
        if item.owner_id is not None or item.due_on is not None:
            continue
        due_on = at.astimezone(settings.LONDON).date() + datetime.timedelta(days=due_in)
        begun = at - datetime.timedelta(days=max(days_ago, -due_in, 0) + 14)
        lead = people[leads[item.addressee.path]]
        item = change(item, by=Actor(lead), at=begun, seen_version=item.version, plan=Plan(people[owner], due_on))
        if progress:
            reported = at - datetime.timedelta(days=days_ago)
            change(
                item, by=Actor(people[owner]), at=reported, seen_version=item.version, report=Report(progress, words)
            )
    if teller is not None:
        go_on(teller)
