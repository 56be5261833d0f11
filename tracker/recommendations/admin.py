from django.contrib import admin

from tracker.recommendations.action.models import Action
from tracker.recommendations.ask.models import Ask
from tracker.recommendations.decision.models import Submission
from tracker.recommendations.due.models import Extension
from tracker.recommendations.evidence.models import Evidence
from tracker.recommendations.plan.models import ActionPlan
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.update.models import Update
from tracker.web.admin import ReadOnlyAdmin

SHOWN = ("recommendation", "kind", "size", "sha256", "scan", "day", "withdrawn_on", "is_removed")


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


@admin.register(ActionPlan)
class ActionPlanAdmin(ReadOnlyAdmin):
    list_display = ("inspection", "addressee", "state", "due_on", "sent_on")
    list_select_related = ("inspection", "addressee")


@admin.register(Action)
class ActionAdmin(ReadOnlyAdmin):
    list_display = ("words", "addressee", "owner", "due_on", "state")
    list_select_related = ("words", "addressee", "owner")
    show_full_result_count = False


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    """What is held and since when. The file itself is fetched through its permission check only."""

    list_display = fields = SHOWN
    list_select_related = ("recommendation",)
    show_full_result_count = False


@admin.register(Extension)
class ExtensionAdmin(ReadOnlyAdmin):
    list_display = ("recommendation", "from_on", "to_on", "state", "asked_by", "day")
    list_select_related = ("recommendation", "asked_by")


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = ("recommendation", "submitted_by", "day", "outcome")
    list_select_related = ("recommendation", "submitted_by")


@admin.register(Ask)
class AskAdmin(ReadOnlyAdmin):
    list_display = ("words", "asked_of", "person", "wanted_on", "state")
    list_select_related = ("words", "asked_of", "person")
