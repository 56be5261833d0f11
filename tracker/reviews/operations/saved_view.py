"""Saves, changes and deletes saved views. They are not part of the record and have no events."""

import datetime
import uuid

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import Organisation
from tracker.history.operations import Actor, operation
from tracker.reviews.models import SavedView
from tracker.reviews.queries.saved_view import MOST


def save_view(
    query: str,
    *,
    name: str,
    shared_with: Organisation | None,
    by: Actor,
    at: datetime.datetime,
    key: uuid.UUID | None = None,
) -> SavedView:
    with operation(by=by, at=at, key=key):
        mine = SavedView.objects.filter(person=by.user)
        _refuse_same_name(name, by)
        if mine.count() >= MOST:
            raise ValidationError(_("You have %(n)s saved views. Delete one before you save another.") % {"n": MOST})
        return SavedView.objects.create(person=by.user, name=name, query=query, organisation=shared_with)


def change_view(
    view: SavedView,
    *,
    name: str,
    shared_with: Organisation | None,
    by: Actor,
    at: datetime.datetime,
    key: uuid.UUID | None = None,
) -> SavedView:
    with operation(by=by, at=at, key=key):
        _refuse_same_name(name, by, view)
        view.name, view.organisation = name, shared_with
        view.save(update_fields=["name", "organisation"])
    return view


def delete_view(view: SavedView, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None) -> None:
    with operation(by=by, at=at, key=key):
        view.delete()


def _refuse_same_name(name: str, by: Actor, view: SavedView | None = None) -> None:
    same = SavedView.objects.filter(person=by.user, name=name)
    if (same if view is None else same.exclude(pk=view.pk)).exists():
        raise ValidationError({"name": _("You already have a view with this name. Enter a different name.")})
