"""Rows in number, for tests that need more than West Kent's report; and pages, read as a browser reads them."""

import datetime
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Protocol

from tests.base import LOADED, NORTH, TODAY
from tracker.accounts.models import Membership, Organisation, User
from tracker.history.operations import operation
from tracker.inspections.models import Inspection
from tracker.recommendations.finding.operations import print_in
from tracker.recommendations.models import Progress, Recommendation

Status = Recommendation.Status
# Around every boundary that a rule knows: today, 7, 14 and 28 days, and far from any.
OFFSETS = (None, -400, -60, -29, -28, -27, -15, -14, -13, -8, -7, -2, -1, 0, 1, 2, 6, 7, 8, 13, 14, 15, 16, 60, 400)


def place(path: str) -> Organisation:
    return Organisation.objects.get(path=path)


def inspection_at(path: str, title: str = "An inspection of another year", year: int = 2025) -> Inspection:
    """A published one of the organisation at that path, so far without anything in it."""
    return Inspection.objects.create(
        organisation=place(path),
        title=title,
        published_from=datetime.date(year, 3, 1),
        published_to=datetime.date(year, 3, 31),
        score=9,
        max_score=27,
        overall_rating="Requires improvement",
        loaded_on=LOADED.date(),
    )


def printed(inspection: Inspection, addressee: Organisation, count: int) -> list[Recommendation]:
    """Recommendations that the report prints, loaded with their events as intake does it."""
    first = inspection.recommendations.count() + 1
    with operation(by=None, at=LOADED) as op:
        return [
            print_in(
                inspection,
                op=op,
                number=str(number),
                position=number,
                addressee=addressee,
                addressee_printed=addressee.name,
                text=f"keep promise {number} of {inspection.title}",
            )
            for number in range(first, first + count)
        ]


def scattered(
    seed: int,
    inspection: Inspection,
    addressees: Sequence[Organisation],
    owners: Sequence[User],
    count: int,
    on: datetime.date = TODAY,
) -> list[Recommendation]:
    """Rows without events, with random owners, dates, progress and status, the same for the same seed."""
    dice = random.Random(seed)
    begin = inspection.recommendations.count() + 1
    # Carries some of them and supersedes others; it is not random itself.
    first = Recommendation.objects.earliest("pk")
    rows: list[Recommendation] = []
    for number in range(begin, begin + count):
        progress = dice.choice(Progress.values)
        offset, original = dice.choice(OFFSETS), dice.choice(OFFSETS)
        due_on = None if offset is None else on + datetime.timedelta(days=offset)
        addressee = dice.choice(addressees)
        rows.append(
            Recommendation(
                inspection=inspection,
                number=str(number),
                position=number,
                addressee=addressee,
                addressee_printed=addressee.name,
                text=f"{dice.choice(['train', 'supervise', 'recruit'])} people, promise {number}",
                owner=dice.choice([None, *owners]),
                outlook=dice.choice(["", "", "on_track", "at_risk"]),
                due_on=due_on,
                original_due_on=due_on and (due_on if original is None else on + datetime.timedelta(days=original)),
                progress=progress,
                reported_by=dice.choice(list(owners)) if progress else None,
                reported_on=on - datetime.timedelta(days=dice.randrange(60)) if progress else None,
                quiet_since=on - datetime.timedelta(days=dice.choice([0, 1, 27, 28, 29, 100])),
                carried_by=first if dice.random() < 0.05 else None,
            )
        )
        put(rows[-1], dice.choice([Status.OPEN] * 4 + list(Status)), owners[0], on, first)
    return Recommendation.objects.bulk_create(rows)


def put(
    item: Recommendation, status: str, person: User, on: datetime.date, other: Recommendation | None = None
) -> Recommendation:
    """The unsaved row in that status, with all that the status must have; `other` supersedes it."""
    item.status = status
    if status == Status.SUBMITTED:
        item.owner = item.owner or person
        item.submitted_by, item.submitted_on = person, on - datetime.timedelta(days=3)
    if status == Status.SIGNED_OFF:
        item.signed_off_by, item.signed_off_on = person, on
        item.accepted_on = on - datetime.timedelta(days=9)
    if status == Status.SUPERSEDED:
        item.superseded_by = other
    return item


def in_status(item: Recommendation, status: str, person: User, on: datetime.date = TODAY) -> None:
    """The saved row without its verb: put in that status, with all that the status must have."""
    put(item, status, person, on, Recommendation.objects.exclude(pk=item.pk).earliest("pk")).save()


def everywhere(seed: int, count: int, owners: Sequence[User], paths: Sequence[str], on: datetime.date = TODAY) -> None:
    """Scattered rows in a new report on the first path, addressed to all of them; some owners left."""
    gone = User.objects.create(email=f"gone{seed}@example.test", name="Gone", is_active=False)
    report = inspection_at(paths[0], title=f"Scattered {seed}")
    scattered(seed, report, [place(path) for path in paths], [*owners, gone], count, on)


def calm(*, drafts: bool = False) -> None:
    """Nothing waits for anybody: everything is somebody's, and due in 100 days; a draft of a date may move freely."""
    owner, _new = User.objects.get_or_create(email="calm@example.test", name="Calm")
    Membership.objects.get_or_create(user=owner, role="contributor", organisation=place(f"{NORTH}county-durham-pdu/"))
    far = TODAY + datetime.timedelta(days=100)
    Recommendation.objects.update(owner=owner, due_on=far, original_due_on=None if drafts else far)


def far_away(count: int = 30) -> None:
    """A report in the other region, with recommendations up to HMPPS and events of its own."""
    county = place(f"{NORTH}county-durham-pdu/")
    report = inspection_at(county.path, title="County Durham")
    for addressee in (county, place(NORTH)):
        printed(report, addressee, count // 2)
    owners = list(User.objects.filter(email__startswith="strange"))
    scattered(7, inspection_at(NORTH, title="The north"), [county, place(NORTH)], owners, count)


class Answer(Protocol):
    """What the test client gives, and what a view gives."""

    status_code: int

    @property
    def content(self) -> bytes: ...

    def __getitem__(self, header: str) -> str: ...


@dataclass
class Node:
    """One element of a page."""

    tag: str
    attrs: dict[str, str]
    children: list["Node | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says, with single spaces."""
        return " ".join(" ".join(child if isinstance(child, str) else child.text for child in self.children).split())

    def all(self, tag: str = "", **attrs: str) -> list["Node"]:
        """Elements inside it, in order; `class_` asks for one of the classes, `hx_post` for hx-post."""
        found: list[Node] = []
        for child in self.children:
            if isinstance(child, Node):
                found += [child] if child.fits(tag, attrs) else []
                found += child.all(tag, **attrs)
        return found

    def one(self, tag: str = "", **attrs: str) -> "Node":
        (found,) = self.all(tag, **attrs)
        return found

    def fits(self, tag: str, attrs: dict[str, str]) -> bool:
        return tag in ("", self.tag) and all(
            value in self.attrs.get("class", "").split()
            if name == "class_"
            else self.attrs.get(name.replace("_", "-")) == value
            for name, value in attrs.items()
        )

    def sent(self) -> dict[str, list[str]]:
        """What a browser would post of this form, untouched."""
        found: dict[str, list[str]] = {}
        for control in self.all():
            name, kind = control.attrs.get("name", ""), control.attrs.get("type", "")
            ticked = kind not in ("checkbox", "radio") or "checked" in control.attrs
            if name and control.tag == "input" and ticked:
                default = "on" if kind in ("checkbox", "radio") else ""
                found.setdefault(name, []).append(control.attrs.get("value", default))
            elif name and control.tag == "select":
                options = control.all("option")
                chosen = [option for option in options if "selected" in option.attrs] or options[:1]
                found.setdefault(name, []).extend(option.attrs.get("value", option.text) for option in chosen)
        return found


VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(answer: Answer) -> Node:
    """The answer's elements; fails where they are not closed in order."""
    reader = _Reader()
    reader.feed(answer.content.decode())
    reader.close()
    assert reader.open == [reader.root], f"<{reader.open[-1].tag}> is not closed"
    return reader.root


def roots(page: Node) -> list[Node]:
    return [child for child in page.children if isinstance(child, Node)]


def listed(page: Node) -> list[int]:
    """The ids of the recommendations whose rows stand on the page."""
    ids = [row.attrs.get("id", "") for row in page.all("tr")]
    return [int(found[1]) for one in ids if (found := re.fullmatch(r"recommendation-(\d+)", one))]


def unstamped(answer: Answer) -> str:
    """The answer without what differs from one second to the next: tokens, keys and the time in cursors."""
    stamps = r'(name="(?:csrfmiddlewaretoken|[\w-]*request_key)" value="|[?;&]page=)[^"&]*'
    return re.sub(stamps, r"\1", answer.content.decode())
