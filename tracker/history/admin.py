"""The history in the Django admin: read-only, for the operator."""

from django.contrib import admin

from tracker.history.models import Event
from tracker.web.admin import ReadOnlyAdmin


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "verb", "subject_type", "subject_id")
    list_filter = ("subject_type", "verb")
    list_select_related = ("actor",)
    show_full_result_count = False
