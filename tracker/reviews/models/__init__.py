"""Models of review: meetings, saved views, last visits, task counts."""

from tracker.reviews.models.last_visit import LastLook
from tracker.reviews.models.saved_view import SavedView
from tracker.reviews.models.session import ReviewSession, SessionItem, SessionNote
from tracker.reviews.models.waiting import WaitingCount

__all__ = ["LastLook", "ReviewSession", "SavedView", "SessionItem", "SessionNote", "WaitingCount"]
