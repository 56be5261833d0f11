"""All models of the app, for Django and for the apps above. Nothing inside the app imports this module."""

from tracker.recommendations.action.models import Action, ActionQuerySet
from tracker.recommendations.ask.models import Ask, AskQuerySet
from tracker.recommendations.comment.models import Comment
from tracker.recommendations.decision.models import Check, Method, Submission
from tracker.recommendations.due.models import Extension
from tracker.recommendations.evidence.models import Evidence, evidence_storage
from tracker.recommendations.finding.models import Finding
from tracker.recommendations.lineage.models import Lineage, StandardLink
from tracker.recommendations.measure.models import MeasureLink
from tracker.recommendations.participation.models import Part, Participation
from tracker.recommendations.plan.models import ActionPlan, SentPlan
from tracker.recommendations.recommendation.models import Base, Plan, Recommendation, RecommendationQuerySet
from tracker.recommendations.recommendation.progress import (
    DateSetBy,
    Outlook,
    Progress,
    Response,
    SaidBy,
    Speaker,
    went_down,
)
from tracker.recommendations.recommendation.status_filters import (
    AGES,
    DUE_SOON_DAYS,
    REVIEW_DAYS,
    aged,
    is_open,
    status_filters,
)
from tracker.recommendations.unsent.models import Unsent
from tracker.recommendations.update.models import Report, Update

__all__ = (
    "AGES",
    "DUE_SOON_DAYS",
    "REVIEW_DAYS",
    "Action",
    "ActionPlan",
    "ActionQuerySet",
    "Ask",
    "AskQuerySet",
    "Base",
    "Check",
    "Comment",
    "DateSetBy",
    "Evidence",
    "Extension",
    "Finding",
    "Lineage",
    "MeasureLink",
    "Method",
    "Outlook",
    "Part",
    "Participation",
    "Plan",
    "Progress",
    "Recommendation",
    "RecommendationQuerySet",
    "Report",
    "Response",
    "SaidBy",
    "SentPlan",
    "Speaker",
    "StandardLink",
    "Submission",
    "Unsent",
    "Update",
    "aged",
    "evidence_storage",
    "is_open",
    "status_filters",
    "went_down",
)
