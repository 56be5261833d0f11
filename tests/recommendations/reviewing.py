"""What the tests of checks, submissions and sign-off share."""

import datetime

from tests.base import NOON, TODAY, Cast, recommendation
from tests.recommendations.promising import FIRST, fixed
from tracker.accounts.models import User
from tracker.history.models import FreeText
from tracker.history.operations import Actor, operation
from tracker.measures.models import Measure, Reading
from tracker.recommendations.change.operations import change
from tracker.recommendations.decision import operations as review
from tracker.recommendations.models import Evidence, MeasureLink, Recommendation, Report, Submission
from tracker.recommendations.recommendation.operations import lock, update_and_record
from tracker.recommendations.recommendation.queries import last_event_id

LATE = datetime.date(2026, 11, 16)  # A week before TODAY.


def words(by: User, text: str = "As said.") -> FreeText:
    return FreeText.objects.create(text=text, written_by=by, written_at=NOON)


def owned(number: int, owner: User | None) -> Recommendation:
    """As it stands once its lead has named the owner; by whom is not said here."""
    with operation(by=None, at=NOON) as op:
        return update_and_record(lock(recommendation(number).pk), op, "recommendation.planned", owner=owner)


def reported(number: int, by: User, progress: str = "sufficient") -> Recommendation:
    item = recommendation(number)
    report = Report(progress, "Every case is now looked at.")
    return change(item, by=Actor(by), at=NOON, seen_version=item.version, report=report)


def proven(number: int, by: User, speaks_of: datetime.date = TODAY, at: datetime.datetime = NOON) -> Evidence:
    item = recommendation(number)
    with operation(by=Actor(by), at=at) as op:
        made = Evidence.objects.create(
            recommendation=lock(item.pk),
            caption=words(by, "The audit of November"),
            speaks_of=speaks_of,
            author=by,
            at=at,
            day=TODAY,
            link="https://intranet.example.test/audit",
        )
        op.record("evidence.added", made)
    return made


def measured(
    number: int,
    by: User,
    as_of: datetime.date = TODAY,
    value: int | None = 12,
    at: datetime.datetime = NOON,
) -> Reading:
    """A reading of a measure of its own."""
    item = recommendation(number)
    measure = Measure.objects.create(
        organisation=item.addressee, name="Oversight insufficient", unit="%", better="down"
    )
    MeasureLink.objects.create(recommendation=item, measure=measure, said_by="ours")
    return Reading.objects.create(
        measure=measure, value=value, as_of=as_of, source="Audit", given_by=by, at=at, day=TODAY
    )


def ready(number: int, owner: User, lead: User, due_on: datetime.date = FIRST) -> Recommendation:
    """With everything that a submission needs."""
    fixed(number, lead, due_on)
    owned(number, owner)
    reported(number, owner)
    proven(number, owner)
    return recommendation(number)


def submitted(number: int, cast: Cast, due_on: datetime.date = FIRST, at: datetime.datetime = NOON) -> Recommendation:
    """Recommendation 4 and the like, as its lead has submitted it."""
    item = ready(number, cast.officer, cast.head, due_on)
    review.submit(item, by=Actor(cast.head), at=at, seen_event=last_event_id(item), statement="It is different now.")
    return recommendation(number)


def signed_off(number: int, cast: Cast, at: datetime.datetime = NOON) -> Recommendation:
    item = submitted(number, cast, at=at)
    review.sign_off(
        item,
        by=Actor(cast.director),
        at=at,
        seen_event=last_event_id(item),
        method="cases",
        cases=12,
        words="Ten of 12 are good.",
    )
    return recommendation(number)


def returned(number: int, cast: Cast) -> Recommendation:
    item = submitted(number, cast)
    review.return_(
        item, by=Actor(cast.director), at=NOON, seen_event=last_event_id(item), reason="The sample is too small."
    )
    return recommendation(number)


def submission() -> Submission:
    return Submission.objects.select_related("statement", "decision").get()
