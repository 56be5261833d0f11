"""The operator may read the history, and nobody may write it here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tracker.history.models import Event


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For whatever has a history: it is changed by its verbs, on the site's own pages."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "verb", "subject_type", "subject_id")
    list_filter = ("subject_type", "verb")
    list_select_related = ("actor",)
    show_full_result_count = False
