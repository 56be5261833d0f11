from django.contrib import admin

from tracker.recommendations.models import Recommendation, Update
from tracker.web.admin import ReadOnlyAdmin


@admin.register(Recommendation)
class RecommendationAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "addressee", "owner", "due_on", "progress", "status")
    list_select_related = ("addressee", "owner")
    search_fields = ("text",)
    show_full_result_count = False


@admin.register(Update)
class UpdateAdmin(ReadOnlyAdmin):
    list_display = ("recommendation", "author", "day", "progress")
    list_select_related = ("recommendation", "author")
    show_full_result_count = False
