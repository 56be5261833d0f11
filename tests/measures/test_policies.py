"""Who supplies a measure, and which measures are published: one condition at a time."""

import datetime

import pytest

from tests.accounts.covering import away
from tests.base import KSS, NOON, TODAY, Cast, recommendation
from tests.factories import inspection_at, place, printed
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access
from tracker.inspections.models import Inspection, Named
from tracker.measures.models import Measure
from tracker.measures.policies import can_supply, published, supplied
from tracker.recommendations.models import MeasureLink, Recommendation

NEVER = NOON + datetime.timedelta(days=99)
pytestmark = pytest.mark.django_db


def measure(name: str, supplier: User, *items: Recommendation, inspection: Inspection | None = None) -> Measure:
    given = {"unit": "%", "better": "up", "supplier": supplier, "inspection": inspection}
    made = Measure.objects.create(organisation=place(f"{KSS}west-kent-pdu/"), name=name, **given)
    MeasureLink.objects.bulk_create(MeasureLink(measure=made, recommendation=item, said_by="ours") for item in items)
    return made


def names(access: Access) -> list[str]:
    return list(supplied(access).order_by("name").values_list("name", flat=True))


def test_supplier_and_whoever_covers_for_them_supply_what_is_current(cast: Cast) -> None:
    mine = measure("Mine", cast.supplier)
    measure("Ended", cast.supplier)
    Measure.objects.filter(name="Ended").update(ended_on=TODAY)
    measure("Other", cast.officer)
    away(cast.supplier, cast.colleague)
    for person in (cast.supplier, cast.colleague):
        assert names(Access(person, TODAY)) == ["Mine"]
        assert can_supply(Access(person, TODAY), mine)
    for person in (cast.officer, cast.head, cast.admin):
        assert not can_supply(Access(person, TODAY), mine)
    Membership.objects.filter(user=cast.supplier).update(role="reader")
    assert names(Access(cast.supplier, TODAY)) == []
    assert not can_supply(Access(cast.supplier, TODAY), mine)


def test_measure_under_embargo_waits_until_its_report_and_one_it_speaks_for_may_be_seen(cast: Cast) -> None:
    hidden = inspection_at(f"{KSS}west-kent-pdu/")
    (secret,) = printed(hidden, place(f"{KSS}west-kent-pdu/"), 1)
    Inspection.objects.filter(pk=hidden.pk).update(embargo_until=NEVER)
    measure("a: for nothing", cast.supplier)
    measure("b: for both", cast.supplier, recommendation(4), recommendation(5), secret)
    measure("c: for what is hidden", cast.supplier, secret)
    measure("d: printed in what is hidden", cast.supplier, recommendation(4), inspection=hidden)
    assert names(Access(cast.supplier, TODAY, NOON)) == ["a: for nothing", "b: for both"]
    Named.objects.create(inspection=hidden, person=cast.supplier)
    assert len(names(Access(cast.supplier, TODAY, NOON))) == 4
    # Each once, however many it speaks for.
    assert published(Access(cast.head, TODAY, NOON)).filter(name="b: for both").count() == 1
