"""Adds comments."""

import datetime
import uuid

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.history.operations import Actor, operation, snapshot
from tracker.recommendations.comment.models import Comment
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.operations import lock


def comment(
    recommendation: Recommendation,
    text: str,
    *,
    is_internal: bool,
    by: Actor,
    at: datetime.datetime,
    key: uuid.UUID | None = None,
) -> Comment:
    """The event says that there is one, and not its words: the history has more readers than an internal comment."""
    with operation(by=by, at=at, key=key) as op:
        item = lock(recommendation.pk)
        words = op.words(text)
        if words is None:
            raise ValidationError({"words": _("Enter your comment")})
        made = Comment.objects.create(recommendation=item, author=by.user, at=at, words=words, is_internal=is_internal)
        op.record("recommendation.commented", item, before=snapshot(item))
    return made
