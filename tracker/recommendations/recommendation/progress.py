"""Choices: progress, who set the due date, forecast, response."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Progress(models.TextChoices):
    """Progress is about effect. "Not reported" is a value of its own, not red."""

    NOT_REPORTED = "", _("Not reported")
    NO = "no", _("No progress")
    SOME = "some", _("Some progress")
    SUFFICIENT = "sufficient", _("Sufficient progress")


class Speaker(models.TextChoices):
    """Who reports progress."""

    NOBODY = "", ""
    OWNER = "owner", _("Owner reports")
    LEAD = "lead", _("Lead reports")


class Outlook(models.TextChoices):
    """The owner's answer to "Will it be done by the due date?". Apart from progress."""

    NOT_SAID = "", _("No forecast yet")
    ON_TRACK = "on_track", _("On track")
    AT_RISK = "at_risk", _("At risk")
    WILL_MISS = "will_miss", _("Will miss the due date")


class Response(models.TextChoices):
    """HMPPS's words. A reason goes with the last two; partly agreed also says which part, and is judged on it."""

    NONE = "", _("No response yet")
    AGREED = "agreed", _("Agreed")
    PARTLY = "partly", _("Partly agreed")
    NOT_AGREED = "not_agreed", _("Not agreed")


class DateSetBy(models.TextChoices):
    """Whose date it is: one that HMPPS or the report set is extended by a reviewer of HMPPS only."""

    LEAD = "lead", _("The lead")
    HMPPS = "hmpps", _("HMPPS")
    REPORT = "report", _("The report")


RANK = {Progress.NOT_REPORTED: 0, Progress.NO: 1, Progress.SOME: 2, Progress.SUFFICIENT: 3}


def went_down(before: str, after: str) -> bool:
    """Nothing reported yet is no progress to come down from."""
    return bool(before) and RANK[Progress(after)] < RANK[Progress(before)]


class SaidBy(models.TextChoices):
    """Whose reading of the report it is."""

    REPORT = "report", _("Quoted from the report")
    OURS = "ours", _("Our interpretation")
