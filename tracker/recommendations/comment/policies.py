"""Who says something about a recommendation, and who reads what is internal."""

from django.db.models import QuerySet

from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.recommendations.comment.models import Comment
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import visible_recommendations

Role = Membership.Role


def can_comment(access: Access, item: Recommendation) -> bool:
    """Whoever sees it and is not only a reader where they see it from."""
    if not access.may_own:
        return False
    if not access.has(Role.READER):
        return True
    # A reader here who is something else elsewhere is a reader here.
    return visible_recommendations(access.without(Role.READER)).filter(pk=item.pk).exists()


def visible_comments(access: Access, item: Recommendation) -> QuerySet[Comment]:
    """Readers never read an internal one; the record of an inspection tells them how many are withheld."""
    rows = item.comments.all()
    return rows if can_comment(access, item) else rows.filter(is_internal=False)
