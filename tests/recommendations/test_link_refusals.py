"""What linking, carrying and measuring refuse by themselves, whoever calls them."""

import datetime
from typing import Any

import pytest

from tests.base import KSS, NOON, TODAY, Cast, previous, recommendation
from tests.factories import inspection_at, place, printed
from tests.recommendations.promising import LATER, asked, fixed
from tests.recommendations.reviewing import proven
from tests.recommendations.test_refusals import confirm, link, refused
from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.history.operations import Actor, Conflict, operation
from tracker.inspections.models import Inspection
from tracker.measures.models import Measure, NewReading
from tracker.recommendations.due.operations import decide_extension
from tracker.recommendations.evidence.operations import withdraw_evidence
from tracker.recommendations.lineage.operations import carry, confirm_lineage, link_earlier, propose
from tracker.recommendations.lineage.policies import can_unlink_successor, may_be_repeated, visible_lineage
from tracker.recommendations.measure.operations import (
    add_measure,
    change_measure,
    end_measure,
    link_measure,
    supply,
)
from tracker.recommendations.measure.policies import visible_measures
from tracker.recommendations.models import Evidence, Lineage, Recommendation
from tracker.recommendations.recommendation.queries import last_event_id

pytestmark = pytest.mark.usefixtures("at_noon")
WEST_KENT = f"{KSS}west-kent-pdu/"


def closed(number: int) -> Recommendation:
    Recommendation.objects.filter(pk=recommendation(number).pk).update(status="no_longer_applies")
    return recommendation(number)


# -- repeats -----------------------------------------------------------------------------------


def test_what_is_closed_repeats_nothing_from_now_on(cast: Cast) -> None:
    with refused("no longer open"):
        link_earlier(closed(4), by=Actor(cast.head), at=NOON, earlier=previous(2))
    assert not Lineage.objects.exists()


def test_link_of_what_is_closed_is_neither_confirmed_nor_carried(cast: Cast) -> None:
    made = confirm(cast.head)
    closed(4)
    with refused("no longer open"):
        confirm_lineage(made, by=Actor(cast.head), at=NOON, seen_version=made.version, state="rejected")
    with refused("no longer open"):
        carry(made, by=Actor(cast.operations), at=NOON)


def test_repeat_that_is_carried_already_can_be_confirmed(cast: Cast) -> None:
    Recommendation.objects.filter(pk=previous(2).pk).update(carried_by=recommendation(4))
    assert confirm(cast.head).state == "confirmed"


def test_same_answer_and_older_version_are_refused(cast: Cast) -> None:
    made = confirm(cast.head)
    for version, error in ((made.version, refused("No change to save")), (9, pytest.raises(Conflict))):
        with error:
            confirm_lineage(made, by=Actor(cast.head), at=NOON, seen_version=version, state="confirmed")


def test_only_a_confirmed_repeat_is_carried(cast: Cast) -> None:
    with refused("must first confirm that it is a repeat"):
        carry(link(), by=Actor(cast.operations), at=NOON)
    made = confirm(cast.head)
    rows = Recommendation.objects.filter(pk=previous(2).pk)
    rows.update(status="no_longer_applies")
    with refused("no longer open"):
        carry(made, by=Actor(cast.operations), at=NOON)
    rows.update(status="open")
    assert carry(made, by=Actor(cast.operations), at=NOON).carried_by == recommendation(4)
    with refused("Track it separately first"):
        made.refresh_from_db()
        confirm_lineage(made, by=Actor(cast.head), at=NOON, seen_version=made.version, state="rejected")


def test_nothing_is_carried_by_what_is_under_embargo(cast: Cast) -> None:
    (later,) = printed(inspection_at(WEST_KENT, year=2026), place(WEST_KENT), 1)
    made = Lineage.objects.create(earlier=previous(2), later=later, said_by="ours", state="confirmed",
                                  decided_by=cast.head, decided_on=TODAY)  # fmt: skip
    rows = Inspection.objects.filter(pk=later.inspection_id)
    rows.update(embargo_until=NOON.replace(year=2027))
    with refused("is still under embargo"):
        carry(made, by=Actor(cast.operations), at=NOON)
    rows.update(embargo_until=NOON)
    assert carry(made, by=Actor(cast.operations), at=NOON).carried_by == later


def test_what_a_later_report_prints_of_before_is_not_repeated(cast: Cast) -> None:
    (later,) = printed(inspection_at(KSS, "Later", 2027), place(KSS), 1)
    Recommendation.objects.filter(pk=later.pk).update(is_previous=True)
    assert later not in may_be_repeated(Access(cast.operations, TODAY, NOON), recommendation(4))
    Inspection.objects.filter(pk=later.inspection_id).update(
        published_from=recommendation(4).inspection.published_from,
        published_to=recommendation(4).inspection.published_to,
    )
    assert later in may_be_repeated(Access(cast.operations, TODAY, NOON), recommendation(4))


def test_link_is_seen_by_whoever_sees_both_ends(cast: Cast) -> None:
    made = link()
    (other,) = printed(inspection_at(f"{KSS}east-kent-pdu/"), place(f"{KSS}east-kent-pdu/"), 1)
    assert made in visible_lineage(Access(cast.head, TODAY, NOON))
    for end in (made.earlier, made.later):
        ends = {"earlier": made.earlier, "later": other} if end == made.earlier else {"earlier": other, "later": end}
        half = Lineage.objects.create(said_by="ours", **ends)
        assert half not in visible_lineage(Access(cast.head, TODAY, NOON))
        assert half in visible_lineage(Access(cast.operations, TODAY, NOON))


def test_what_another_one_repeats_can_be_repeated_here_too_and_nothing_repeats_itself(cast: Cast) -> None:
    access = Access(cast.operations, TODAY, NOON)
    with operation(by=None, at=NOON) as op:
        propose(previous(2), recommendation(5), said_by="ours", op=op)
    assert previous(2) in may_be_repeated(access, recommendation(4))
    assert previous(2) not in may_be_repeated(access, recommendation(5))
    for item in (recommendation(4), previous(2)):
        assert item not in may_be_repeated(access, item)


def test_leads_of_either_end_stop_the_carrying(cast: Cast) -> None:
    Recommendation.objects.filter(pk=previous(2).pk).update(carried_by=recommendation(4))
    may = {name for name, person in vars(cast).items() if can_unlink_successor(Access(person, TODAY), previous(2))}
    assert may == {"head", "operations"}
    assert not can_unlink_successor(Access(cast.head, TODAY), previous(1))


# -- decisions and evidence of what is closed ----------------------------------------------------


def test_extension_of_what_is_closed_is_not_decided(cast: Cast) -> None:
    fixed(4, cast.head)
    extension = asked(4, cast.head, LATER)
    item = closed(4)
    with refused("no longer open"):
        decide_extension(
            extension, by=Actor(cast.director), at=NOON, seen_event=last_event_id(item), granted=False, words="No."
        )


def test_evidence_is_withdrawn_once_and_not_after_it_was_removed(cast: Cast) -> None:
    evidence = proven(4, cast.officer)
    Evidence.objects.filter(pk=evidence.pk).update(is_removed=True, link="")
    with refused("already been withdrawn"):
        withdraw_evidence(evidence, "Old.", by=Actor(cast.head), at=NOON)
    Evidence.objects.filter(pk=evidence.pk).update(is_removed=False, link="https://example.org/x")
    withdraw_evidence(evidence, "Old.", by=Actor(cast.head), at=NOON)
    with refused("already been withdrawn"):
        withdraw_evidence(evidence, "Old.", by=Actor(cast.head), at=NOON)


# -- measures ----------------------------------------------------------------------------------


def added(cast: Cast, number: int = 4, **more: Any) -> Measure:
    given: dict[str, Any] = {"name": "Cases", "unit": "%", "better": "up", "supplier": cast.supplier, **more}
    return add_measure(recommendation(number), by=Actor(cast.head), at=NOON, **given)


def change(measure: Measure, cast: Cast, **values: Any) -> Measure:
    measure.refresh_from_db()
    return change_measure(measure, by=Actor(cast.head), at=NOON, seen_version=measure.version, **values)


def test_analyst_needs_a_role_that_can_provide_figures(cast: Cast) -> None:
    made = added(cast)
    for person in (cast.reader, cast.nobody):
        with refused("does not have a role that can provide figures"):
            added(cast, supplier=person)
        with refused("does not have a role that can provide figures"):
            change(made, cast, supplier=person)
    assert change(made, cast, supplier=None).supplier is None
    assert change(made, cast, supplier=cast.officer).supplier == cast.officer


def test_measure_changes_while_something_that_it_speaks_for_is_open(cast: Cast) -> None:
    made = added(cast)
    link_measure(recommendation(5), made, by=Actor(cast.head), at=NOON)
    closed(4)
    assert change(made, cast, rhythm="yearly").rhythm == "yearly"
    closed(5)
    with refused("no longer open"):
        change(made, cast, rhythm="monthly")
    with refused("no longer open"):
        end_measure(made, by=Actor(cast.head), at=NOON, reason="Done.")
    with refused("no longer open"):
        added(cast)


def test_measure_is_linked_once_and_to_what_is_open(cast: Cast) -> None:
    made = added(cast)
    with refused("already applies to this recommendation"):
        link_measure(recommendation(4), made, by=Actor(cast.head), at=NOON)
    with refused("no longer open"):
        link_measure(closed(5), made, by=Actor(cast.head), at=NOON)


def test_measure_of_a_report_under_embargo_is_not_seen(cast: Cast) -> None:
    made, hidden = added(cast), inspection_at(WEST_KENT, year=2026)
    assert made in visible_measures(Access(cast.head, TODAY, NOON))
    assert made not in visible_measures(Access(cast.neighbour, TODAY, NOON))
    Measure.objects.filter(pk=made.pk).update(inspection=hidden)
    Inspection.objects.filter(pk=hidden.pk).update(embargo_until=NOON.replace(year=2027))
    assert made not in visible_measures(Access(cast.head, TODAY, NOON))


def test_measure_of_a_report_under_embargo_speaks_for_nothing_else(cast: Cast) -> None:
    hidden = inspection_at(WEST_KENT, year=2026)
    made = added(cast)
    Measure.objects.filter(pk=made.pk).update(inspection=hidden)
    Inspection.objects.filter(pk=hidden.pk).update(embargo_until=NOON.replace(year=2027))
    with refused("is still under embargo"):
        link_measure(recommendation(5), made, by=Actor(cast.head), at=NOON)
    (own,) = printed(hidden, place(WEST_KENT), 1)
    assert link_measure(own, made, by=Actor(cast.head), at=NOON).recommendation == own
    Inspection.objects.filter(pk=hidden.pk).update(embargo_until=NOON)
    assert link_measure(recommendation(5), made, by=Actor(cast.head), at=NOON).recommendation == recommendation(5)
    Measure.objects.filter(pk=made.pk).update(inspection=None)
    assert link_measure(recommendation(3), made, by=Actor(cast.head), at=NOON).recommendation == recommendation(3)


def test_ended_measure_is_not_changed_and_an_older_version_is_in_conflict(cast: Cast) -> None:
    made = added(cast)
    with pytest.raises(Conflict):
        change_measure(made, by=Actor(cast.head), at=NOON, seen_version=9, rhythm="yearly")
    with pytest.raises(Conflict):
        change_measure(made, by=Actor(cast.head), at=NOON, seen_version=9)
    end_measure(made, by=Actor(cast.head), at=NOON, reason="Done.")
    with refused("This measure has ended"):
        change(made, cast, rhythm="yearly")


def test_figure_is_given_by_the_analyst_who_has_a_role(cast: Cast) -> None:
    made = added(cast)
    new = NewReading(TODAY, cannot=True, source="The audit")
    with refused("Someone else is now the analyst"):
        supply([(made, new)], by=Actor(cast.officer), at=NOON)
    Membership.objects.filter(user=cast.supplier).update(ends_on=TODAY)
    with refused("Someone else is now the analyst"):
        supply([(made, new)], by=Actor(cast.supplier), at=NOON)
    Membership.objects.filter(user=cast.supplier).update(ends_on=TODAY + datetime.timedelta(days=1))
    assert len(supply([(made, new)], by=Actor(cast.supplier), at=NOON)) == 1
