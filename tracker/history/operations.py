"""Every verb runs inside `operation()`: one transaction, one actor, one instant, an event for each subject changed."""

import datetime
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from tracker.history.models import Event, FreeText, RequestKey, Tracked

if TYPE_CHECKING:
    from tracker.accounts.models import User

Row = TypeVar("Row", bound=models.Model)
Result = TypeVar("Result")


class AlreadyDone(Exception):
    """This form was already processed (double click, retry, back button): answer as if it just was."""


class Conflict(ValidationError):
    """The row was changed since the form was opened."""

    def __init__(self) -> None:
        super().__init__(_("Someone else has changed this since you opened it."), code="conflict")


@dataclass(frozen=True)
class Attempt(Generic[Result]):
    """The outcome of an operation: its result (None if the form was already processed), or why it was refused."""

    result: Result | None = None
    refusal: ValidationError | None = None

    @property
    def is_conflict(self) -> bool:
        return isinstance(self.refusal, Conflict)


def attempt(work: Callable[[], Result], *, at_once: ValidationError | None = None) -> Attempt[Result]:
    """Do the work of a valid form; sent again, the form counts as done.

    `at_once` is said where two at once passed every check and the database let one through.
    """
    try:
        return Attempt(result=work())
    except AlreadyDone:
        return Attempt()
    except ValidationError as refusal:
        return Attempt(refusal=refusal)
    except IntegrityError:
        if at_once is None:
            raise
        return Attempt(refusal=at_once)


@dataclass(frozen=True)
class Actor:
    """The person acting. `on_behalf_of` gives the id of the person they cover for in an operation on a subject, or
    None."""

    user: "User"
    on_behalf_of: Callable[[Tracked], int | None] | None = None


@dataclass(frozen=True)
class Operation:
    """A verb under way. `by` is None for the clock and for commands run by the operator.

    `undo` is called when the verb fails, for what a transaction does not take back: files.
    """

    id: uuid.UUID
    by: Actor | None
    at: datetime.datetime
    undo: list[Callable[[], None]] = field(default_factory=list)

    @property
    def day(self) -> datetime.date:
        return self.at.astimezone(settings.LONDON).date()

    def in_place_of(self, subject: Tracked) -> int | None:
        """The id of the person `by` covers for in this, or None if they act in their own right."""
        return self.by.on_behalf_of(subject) if self.by and self.by.on_behalf_of else None

    def is_by(self, person_id: int | None, subject: Tracked) -> bool:
        """Whether that person acts, or somebody covering for them."""
        theirs = (self.by.user.pk, self.in_place_of(subject)) if self.by else ()
        return person_id is not None and person_id in theirs

    def words(self, text: str) -> FreeText | None:
        """A row for text that a person wrote. None if the text is empty or no person acts."""
        if not text or self.by is None:
            return None
        return FreeText.objects.create(text=text, written_by_id=self.by.user.pk, written_at=self.at)

    def record(
        self, verb: str, subject: Tracked, *, before: Mapping[str, Any] | None = None, why: FreeText | None = None
    ) -> Event:
        """Write an event. `before` is `snapshot(subject)` from before the change, or None for a new subject."""
        after = snapshot(subject)
        old = before or dict.fromkeys(after)
        changes = {name: [old.get(name), new] for name, new in after.items() if old.get(name) != new}
        event = Event.objects.create(
            operation_id=self.id,
            actor_id=self.by.user.pk if self.by else None,
            in_place_of_id=self.in_place_of(subject),
            at=self.at,
            day=self.day,
            verb=verb,
            subject_type=subject._meta.model_name or "",
            subject_id=subject.pk,
            changes=changes,
            after=after,
            why=why,
            **subject.audit_scope(),
        )
        for write in with_every_event:
            write(self, event, subject)
        return event


# Called for each event in the same transaction, with (operation, event, subject). Later apps add to it.
with_every_event: "list[Callable[[Operation, Event, Tracked], None]]" = []


@contextmanager
def operation(*, by: Actor | None, at: datetime.datetime, key: uuid.UUID | None = None) -> Iterator[Operation]:
    """Run an operation in one transaction. Raises AlreadyDone if `by` already sent the form with this `key`."""
    with transaction.atomic():
        if key is not None and by is not None:
            try:
                with transaction.atomic():
                    RequestKey.objects.create(person_id=by.user.pk, key=key, at=at)
            except IntegrityError:
                raise AlreadyDone from None
        op = Operation(id=uuid.uuid4(), by=by, at=at)
        try:
            yield op
        except BaseException:
            for step in op.undo:
                step()
            raise


def snapshot(subject: Tracked) -> dict[str, Any]:
    """Every tracked column as JSON: people and rows as ids, days as YYYY-MM-DD, decimals as text."""
    return {name: to_json(getattr(subject, name)) for name in subject.TRACKED}


def to_json(value: Any) -> Any:
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value.pk if isinstance(value, Model) else value


def save_changes(row: Row, seen_version: int, values: Mapping[str, Any]) -> Row:
    """Write `values` if the row still has the version that the person saw; raise Conflict if it has not.

    The row in hand is brought up to date with what was written.
    """
    written = (
        type(row)._default_manager.filter(pk=row.pk, version=seen_version).update(version=seen_version + 1, **values)
    )
    if not written:
        raise Conflict
    for name, value in values.items():
        setattr(row, name, value)
    row.version = seen_version + 1  # type: ignore[attr-defined]
    return row
