"""What people say about it, as a part of its page."""

from django.utils.translation import gettext as _

from tracker.accounts.policies import Access
from tracker.recommendations.comment.forms import CommentForm
from tracker.recommendations.comment.policies import can_comment, visible_comments
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.section import Section

NEWEST = 5


def section(access: Access, item: Recommendation, form: CommentForm | None = None) -> Section | None:
    """`form` is a form that was refused."""
    comments = list(visible_comments(access, item).select_related("author", "words"))
    return Section(
        name="comment",
        title=_("Comments"),
        summary=str(len(comments)) if comments else _("none yet"),
        data={
            "newest": comments[:NEWEST],
            "earlier": comments[NEWEST:],
            "form": (form or CommentForm()) if can_comment(access, item) else None,
        },
    )
