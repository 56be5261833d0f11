from django.contrib import admin

from tracker.measures.models import Measure
from tracker.web.admin import ReadOnlyAdmin


@admin.register(Measure)
class MeasureAdmin(ReadOnlyAdmin):
    list_display = ("name", "organisation", "supplier", "rhythm", "last_as_of", "ended_on")
    list_select_related = ("organisation", "supplier")
