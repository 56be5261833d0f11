"""What is promised and how far it got; a module for each noun."""

from tracker.recommendations.models.recommendation import (
    Base,
    Finding,
    Plan,
    Progress,
    Recommendation,
    RecommendationQuerySet,
    Report,
    Speaker,
    Update,
    marked,
)

__all__ = [
    "Base",
    "Finding",
    "Plan",
    "Progress",
    "Recommendation",
    "RecommendationQuerySet",
    "Report",
    "Speaker",
    "Update",
    "marked",
]
