from django.contrib import admin

from tracker.inspections.models import Inspection
from tracker.web.admin import ReadOnlyAdmin


@admin.register(Inspection)
class InspectionAdmin(ReadOnlyAdmin):
    list_display = ("title", "organisation", "published_to", "overall_rating")
    list_select_related = ("organisation",)
