"""Deferring the columns of joined rows that are not read."""

from django.db.models import Model


def unread(path: str, model: type[Model], *read: str) -> list[str]:
    """Arguments for `defer`: all columns of the rows joined at `path`, except their key and those that are read."""
    names = (field.name for field in model._meta.concrete_fields if not field.primary_key)
    return [f"{path}__{name}" for name in names if name not in read]
