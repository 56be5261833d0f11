"""Adds, withdraws and rescans evidence, and deletes files without a row."""

import datetime
import logging
import os
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tracker.history.models import FreeText
from tracker.history.operations import Actor, Operation, operation, snapshot
from tracker.recommendations.evidence.files import CheckedFile
from tracker.recommendations.evidence.forms import Offered
from tracker.recommendations.evidence.models import Evidence, random_name
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.operations import lock, lock_all, refuse_unless_open
from tracker.recommendations.update.models import Update
from tracker.web import clamd

logger = logging.getLogger(__name__)

MOST = 50

STORED = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")

# A file without a row this old is left over from a process that died; one of a restored backup is given time.
ORPHANS_KEPT = datetime.timedelta(days=7)

SCANNED_AT_ONCE = 3


def add_evidence(
    item: Recommendation,
    offered: Sequence[Offered],
    *,
    by: Actor,
    at: datetime.datetime,
    key: uuid.UUID | None = None,
) -> list[Evidence]:
    """Withdraw evidence, only while it is open: the reviewer reads what was submitted."""
    with operation(by=by, at=at, key=key) as op:
        current = lock(item.pk)
        refuse_unless_open(current)
        return keep(offered, [current], op=op, by=by)


def keep(
    offered: Sequence[Offered],
    items: Sequence[Recommendation],
    *,
    op: Operation,
    by: Actor,
    update_of: dict[int, Update] | None = None,
) -> list[Evidence]:
    """Each of `offered` for each of the held `items`, inside the verb that is under way.

    A file is stored once, whatever the number of items, and is gone again when that verb fails. `update_of` names, by
    the id of an item, the update that it supports.
    """
    _refuse_too_many(offered, items)
    if any(one.speaks_of > op.day for one in offered):
        raise ValidationError({"speaks_of": _("Date the evidence relates to must be today or in the past")})
    captions: dict[str, FreeText | None] = {}
    kept = []
    for one in offered:
        if one.caption not in captions:
            captions[one.caption] = op.words(one.caption)
        stored = _store(one.file, op) if one.file else ""
        for item in items:
            evidence = Evidence(
                recommendation=item,
                update=(update_of or {}).get(item.pk),
                caption=captions[one.caption],
                speaks_of=one.speaks_of,
                author=by.user,
                at=op.at,
                day=op.day,
                link=one.link,
                **_columns(one.file, stored),
            )
            evidence.save(force_insert=True)
            op.record("evidence.added", evidence, why=evidence.caption)
            kept.append(evidence)
    return kept


def _columns(file: CheckedFile | None, stored: str) -> dict[str, Any]:
    if file is None:
        return {}
    return {
        "file": stored,
        "name": file.name,
        "kind": file.kind,
        "size": file.size,
        "sha256": file.sha256,
        "scan": file.scan,
    }


def _refuse_too_many(offered: Sequence[Offered], items: Iterable[Recommendation]) -> None:
    for item in items:
        there = item.evidence.filter(is_removed=False).count()
        if there + len(offered) > MOST:
            field = "file" if any(one.file for one in offered) else "link"
            message = _("%(item)s already has %(there)s pieces of evidence. The limit is %(most)s.")
            raise ValidationError({field: message % {"item": item.title, "there": there, "most": MOST}})


def _store(file: CheckedFile, op: Operation) -> str:
    """Writes it under a random name, readable by us only and safe on the disk, and gives that name."""
    name = random_name(Evidence(), "")
    path = path_of(name)
    op.undo.append(lambda: path.unlink(missing_ok=True))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stored:
            for chunk in file.content.chunks():
                stored.write(chunk)
            stored.flush()
            os.fsync(stored.fileno())
    except OSError as error:
        logger.exception("Evidence cannot be stored in %s", settings.EVIDENCE_DIR)
        raise ValidationError(
            {"file": _("The file could not be stored, so nothing was saved. Try again later.")}
        ) from error
    return name


def path_of(name: str) -> Path:
    return Path(settings.EVIDENCE_DIR) / name


def withdraw_evidence(
    evidence: Evidence, reason: str, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None
) -> Evidence:
    """It is no longer relied on, and stays listed with the reason."""
    with operation(by=by, at=at, key=key) as op:
        item = lock(evidence.recommendation_id)
        if item.status == Recommendation.Status.SUBMITTED:
            raise ValidationError(_("This is part of a submission for sign-off. Withdraw the submission first."))
        refuse_unless_open(item)
        current = Evidence.objects.select_related("recommendation").get(pk=evidence.pk)
        if current.withdrawn_on is not None or current.is_removed:
            raise ValidationError(_("This evidence has already been withdrawn."))
        before = snapshot(current)
        current.withdrawn_on, current.withdrawn_by = op.day, by.user
        current.save(update_fields=["withdrawn_on", "withdrawn_by"])
        op.record("evidence.withdrawn", current, before=before, why=op.words(reason))
    return current


def remove_evidence(evidence: Evidence, *, op: Operation) -> list[Evidence]:
    """For good, inside a removal that two people agreed on: the file, its name, the link and the caption.

    A file that was given to several recommendations is one file, so it goes from all of them. The rows stay. The
    caption is removed by whoever calls this, as all words are.
    """
    rows = Evidence.objects.filter(pk=evidence.pk)
    if evidence.file:
        path = path_of(str(evidence.file.name))
        rows = Evidence.objects.filter(file=evidence.file.name)
        # Once it is certain; what fails here is found by `forget_files`.
        transaction.on_commit(lambda: path.unlink(missing_ok=True), robust=True)
    lock_all(rows.values_list("recommendation_id", flat=True))
    removed = list(rows.select_related("recommendation", "caption").order_by("pk"))
    for one in removed:
        before = snapshot(one)
        one.file.name, one.name, one.link, one.is_removed = "", "", "", True
        one.save(update_fields=["file", "name", "link", "is_removed"])
        op.record("evidence.removed", one, before=before)
    return removed


def scan_unscanned(*, at: datetime.datetime) -> None:
    """Ask the virus scanner again about some files of which it has not spoken, the newest first."""
    if not settings.CLAMD:
        return
    waiting = Evidence.objects.filter(scan=Evidence.Scan.NOT_SCANNED, is_removed=False).exclude(file="")
    names = waiting.order_by("-pk").values_list("file", flat=True)[: SCANNED_AT_ONCE * 10]
    for name in list(dict.fromkeys(names))[:SCANNED_AT_ONCE]:
        path = path_of(name)
        verdict = clamd.ask(settings.CLAMD, _pieces(path)) if path.exists() else clamd.Verdict.UNKNOWN
        if verdict is not clamd.Verdict.UNKNOWN:
            _say_scanned(name, Evidence.Scan(verdict.value), at)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(clamd.CHUNK):
            yield piece


def _say_scanned(name: str, scan: Evidence.Scan, at: datetime.datetime) -> None:
    with operation(by=None, at=at) as op:
        rows = Evidence.objects.filter(file=name, scan=Evidence.Scan.NOT_SCANNED)
        lock_all(rows.values_list("recommendation_id", flat=True))
        for one in list(rows.select_related("recommendation")):
            before = snapshot(one)
            one.scan = scan
            one.save(update_fields=["scan"])
            verb = "evidence.infected" if scan == Evidence.Scan.INFECTED else "evidence.scanned"
            op.record(verb, one, before=before)


def forget_files(*, at: datetime.datetime) -> None:
    """Delete stored files that no row names: of a process that died between file and row, or of a removal.

    Only what is called as `random_name` calls files, so that a folder that holds other things loses none of them.
    """
    root = Path(settings.EVIDENCE_DIR)
    too_new = (at - ORPHANS_KEPT).timestamp()
    found = {f"{path.parent.name}/{path.name}": path for path in root.glob("??/*") if path.is_file()}
    old = {name for name, path in found.items() if STORED.fullmatch(name) and path.stat().st_mtime < too_new}
    for name in sorted(old - set(Evidence.objects.exclude(file="").values_list("file", flat=True))):
        logger.warning("A file without a row is removed from the evidence: %s", name)
        found[name].unlink(missing_ok=True)
