from django.contrib import admin

from tracker.history.admin import ReadOnlyAdmin
from tracker.inspections.models import Inspection


@admin.register(Inspection)
class InspectionAdmin(ReadOnlyAdmin):
    list_display = ("title", "organisation", "published_to", "overall_rating")
    list_select_related = ("organisation",)
