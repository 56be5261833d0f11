"""Rows joined to those that are asked for, with only the columns that are read of them."""

from django.db.models import Model


def unread(path: str, model: type[Model], *read: str) -> list[str]:
    """For `defer`: the columns of the rows joined at `path`, but for their key and those that are read."""
    names = (field.name for field in model._meta.concrete_fields if not field.primary_key)
    return [f"{path}__{name}" for name in names if name not in read]
