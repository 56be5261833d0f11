"""What belongs to whoever reviews, and to nobody's recommendation."""

from tracker.reviews.models.waiting import WaitingCount

__all__ = ["WaitingCount"]
