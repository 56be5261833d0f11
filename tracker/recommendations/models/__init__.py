"""What is promised and how far it got; a module for each noun."""

from tracker.recommendations.models.action import Action, ActionQuerySet
from tracker.recommendations.models.ask import Ask, AskQuerySet, Comment
from tracker.recommendations.models.evidence import Evidence, evidence_storage
from tracker.recommendations.models.finding import Finding
from tracker.recommendations.models.lineage import Lineage, MeasureLink, SaidBy, StandardLink
from tracker.recommendations.models.marks import AGES, DUE_SOON_DAYS, REVIEW_DAYS, aged, is_open, marked
from tracker.recommendations.models.plan import ActionPlan, SentPlan
from tracker.recommendations.models.progress import DateSetBy, Outlook, Progress, Response, Speaker, went_down
from tracker.recommendations.models.recommendation import Base, Plan, Recommendation, RecommendationQuerySet
from tracker.recommendations.models.review import Check, Extension, Method, Submission
from tracker.recommendations.models.update import Report, Unsent, Update

__all__ = [
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
    "marked",
    "went_down",
]
