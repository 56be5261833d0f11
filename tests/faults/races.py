"""A program of its own: on the database of its environment, somebody edits while somebody signs off, many times.

`main(count)`, run by manage.py shell, prints {"signed": .., "refused": .., "edited": .., "wrong": [..]} as JSON. Wrong
is a sign-off before which something had happened that the reviewer had not been shown.
"""

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection

from tests.factories import printed
from tracker.accounts.models import User
from tracker.history.operations import Actor, operation
from tracker.inspections.models import Inspection
from tracker.recommendations.change.operations import change
from tracker.recommendations.close import operations as closing
from tracker.recommendations.comment import operations as comment
from tracker.recommendations.decision import operations as review
from tracker.recommendations.models import Evidence, Plan, Recommendation, Report
from tracker.recommendations.recommendation.operations import lock
from tracker.recommendations.recommendation.queries import events_of, last_event_id
from tracker.recommendations.update import operations as update
from tracker.web.today import now, today


def person(name: str) -> User:
    return User.objects.get(email=f"{name}@example.test")


def submitted(item: Recommendation) -> Recommendation:
    """Owned, reported as sufficient, proven and handed in."""
    head, owner = person("head.westkent"), person("spo.maidstone")
    change(item, by=Actor(head), at=now(), seen_version=item.version, plan=Plan(owner, today()))
    update.report([item], Report("sufficient", "All cases were read."), by=Actor(owner), at=now())
    with operation(by=Actor(owner), at=now()) as op:
        held, caption = lock(item.pk), op.words("Sample of cases")
        assert caption is not None
        piece = Evidence.objects.create(
            recommendation=held,
            caption=caption,
            speaks_of=today(),
            author=owner,
            at=op.at,
            day=op.day,
            link="https://example.test/sample",
        )
        op.record("evidence.added", piece, why=caption)
    review.submit(item, by=Actor(head), at=now(), seen_event=last_event_id(item), statement="Done.")
    return Recommendation.objects.get(pk=item.pk)


def edits(item: Recommendation) -> list[Callable[[], Any]]:
    head, director, admin = person("head.westkent"), person("director.kss"), person("admin.kss")
    seen = last_event_id(item)
    text = {"text": "something else", "number": item.number, "place": item.place}
    return [
        lambda: closing.correct_text(
            item, by=Actor(admin), at=now(), seen_version=item.version, printed=text, reason="Misread."
        ),
        lambda: review.withdraw(item, by=Actor(head), at=now(), seen_event=seen),
        lambda: comment.comment(item, "Wait.", is_internal=False, by=Actor(head), at=now()),
        lambda: review.check(
            item, by=Actor(director), at=now(), seen_event=seen, progress="some", method="papers", found="Not all."
        ),
    ]


def together(*works: Callable[[], Any]) -> list[bool]:
    """All at the same moment, each in a thread with a connection of its own: which of them went through."""
    barrier, done = threading.Barrier(len(works)), [False] * len(works)

    def run(n: int) -> None:
        try:
            barrier.wait(10)
            works[n]()
            done[n] = True
        except ValidationError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return done


def race(item: Recommendation, n: int) -> tuple[bool, bool, str]:
    """Whether the sign-off and the edit went through, and what is wrong about it."""
    seen, edit = last_event_id(item), edits(item)[n % 4]
    director = person("director.kss")

    def sign() -> None:
        review.sign_off(item, by=Actor(director), at=now(), seen_event=seen, method="papers", words="Read all.")

    signed, edited = together(*([sign, edit] if n % 2 else [edit, sign]))[:: 1 if n % 2 else -1]
    if not signed:
        return signed, edited, ""
    event = events_of(item).get(verb="recommendation.signed_off")
    between = events_of(item).filter(pk__gt=seen, pk__lt=event.pk).exclude(operation_id=event.operation_id)
    unseen = ", ".join(between.values_list("verb", flat=True))
    same = event.after["text"] == item.text
    return signed, edited, unseen or ("" if same else "the text signed is not the text shown")


def main(count: int) -> None:
    report = Inspection.objects.earliest("pk")
    addressee = report.organisation
    items = [submitted(item) for item in printed(report, addressee, count)]
    found = [race(item, n) for n, item in enumerate(items)]
    wrong = [f"{n}: {words}" for n, (_signed, _edited, words) in enumerate(found) if words]
    signed = sum(one for one, _edited, _words in found)
    edited = sum(one for _signed, one, _words in found)
    sys.stdout.write(json.dumps({"signed": signed, "refused": count - signed, "edited": edited, "wrong": wrong}))
