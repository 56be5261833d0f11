"""Who can comment, and who can read internal comments."""

from django.db.models import QuerySet

from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.recommendations.comment.models import Comment
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import visible_recommendations


def can_comment(access: Access, item: Recommendation) -> bool:
    """Anyone who sees it through a role other than read-only."""
    if not access.may_own:
        return False
    if not any(access.has(role) for role in Membership.READ_ONLY):
        return True
    # A person who is read-only here is read-only here, whatever roles they have elsewhere.
    return visible_recommendations(access.without(*Membership.READ_ONLY)).filter(pk=item.pk).exists()


def visible_comments(access: Access, item: Recommendation) -> QuerySet[Comment]:
    """Readers never read an internal one; the record of an inspection tells them how many are withheld."""
    rows = item.comments.all()
    return rows if can_comment(access, item) else rows.filter(is_internal=False)
