"""The meeting pack as a Word document, created in the background."""

import contextlib
import datetime
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access, visible_organisations
from tracker.exchange.operations.word import Frame, write
from tracker.exchange.policies import sees_all_in
from tracker.exchange.queries.blocks import Block
from tracker.exchange.queries.dossier import chunks
from tracker.exchange.queries.names import file_name
from tracker.exchange.queries.pack import Pack, body, closing, pack, title_of
from tracker.jobs.models import Job
from tracker.jobs.queries import CannotBeMade, Holds, Kind, Run
from tracker.reviews.past import seen_then


def wanted(organisation: Organisation, on: datetime.date) -> dict[str, Any]:
    """The parameters of the job, its title, and the name of its file."""
    day = on.isoformat()
    return {
        "title": _("%(title)s, as at %(day)s") % {"title": title_of(organisation), "day": f"{on:%-d %B %Y}"},
        "filename": file_name(f"meeting-pack-{organisation.name}-{day}", "docx"),
        "params": {"organisation": organisation.pk, "day": day},
    }


def _may_be_had(access: Access, job: Job) -> bool:
    organisation = visible_organisations(access).filter(pk=job.params["organisation"])
    return organisation.exists() and sees_all_in(access, job)


def _make(run: Run) -> Holds:
    day = datetime.date.fromisoformat(run.job.params["day"])
    with _standing(run, day) as access:
        organisation = Organisation.objects.filter(pk=run.job.params["organisation"]).first()
        if organisation is None:
            raise CannotBeMade(_("The organisation no longer exists."))
        found = pack(access, organisation, by=run.job.by, at=run.at, is_past=day < run.access.on)
    footer = _("%(title)s, as at %(day)s. Created %(when)s for %(name)s") % {
        "title": found.title,
        "day": f"{found.on:%-d %B %Y}",
        "when": f"{run.at.astimezone(settings.LONDON):%-d %B %Y, %H:%M}",
        "name": run.job.by.name,
    }
    frame = Frame(found.title, str(_("Inspection action tracker")), footer, run.at)
    write(run.path, frame, found.head, _rest(run, found, day))
    return Holds(found.inspections, found.pks)


@contextlib.contextmanager
def _standing(run: Run, day: datetime.date) -> Iterator[Access]:
    """Sets the past day for one chunk, so that progress can be reported between chunks."""
    if day >= run.access.on:
        yield run.access
        return
    with seen_then(run.access, day) as access:
        yield access


def _rest(run: Run, found: Pack, day: datetime.date) -> Iterator[list[Block]]:
    done, total = 0, len(found.pks)
    run.progress(done, total)
    for pks in chunks(found.pks):
        with _standing(run, day) as access:
            blocks = body(access, found, pks)
        yield blocks
        done += len(pks)
        run.progress(done, total)
    yield closing()


PACK = Kind(make=_make, may_be_had=_may_be_had)
