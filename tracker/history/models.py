"""The history: events are only added, and the text people wrote is stored in rows of its own."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Tracked(models.Model):
    """A row with a history: it names its tracked columns and the scope of its events.

    A row without an event on a past day did not exist then, unless it `PREDATES_AUDIT`: it existed before it was loaded
    here. Columns in `NOT_REWOUND` keep today's value on past days, so that what was removed does not come back.
    """

    TRACKED: ClassVar[tuple[str, ...]]
    PREDATES_AUDIT: ClassVar[bool] = False
    NOT_REWOUND: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    def audit_scope(self) -> dict[str, int | None]:
        """The ids of the recommendation, inspection and organisation that the row belongs to, as far as it does."""
        raise NotImplementedError


class FreeText(models.Model):
    """Text that a person wrote in a verb: a reason, what changed.

    It stands apart from the event so that words about a person on probation can be removed for good while the event
    stays.
    """

    text = models.TextField(_("text"))
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        # The name that it had when the first texts were written.
        db_table = "history_words"
        verbose_name = verbose_name_plural = _("words")

    def __str__(self) -> str:
        return self.text


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, subject: Tracked) -> "EventQuerySet":
        return self.filter(subject_type=subject._meta.model_name, subject_id=subject.pk)

    def newest_first(self) -> "EventQuerySet":
        return self.order_by("-pk")


class Event(models.Model):
    """One change of one subject. Those of one verb share `operation_id`.

    `changes` is {field: [from, to]}; `after` holds every tracked column of the subject, so that the subject as at the
    end of a day is its latest event up to that day. People stand in both by id only.
    """

    operation_id = models.UUIDField(_("operation"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # The person the actor covered for, if only the cover gave them the right to do this.
    in_place_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(_("at"))
    day = models.DateField(_("day in Europe/London"))
    verb = models.CharField(_("verb"), max_length=60)
    subject_type = models.CharField(_("subject"), max_length=40)
    subject_id = models.BigIntegerField(_("subject id"))
    recommendation_id = models.BigIntegerField(_("recommendation id"), null=True)
    inspection_id = models.BigIntegerField(_("inspection id"), null=True)
    organisation_id = models.BigIntegerField(_("organisation id"), null=True)
    changes = models.JSONField(_("changes"))
    after = models.JSONField(_("after"))
    why = models.ForeignKey(FreeText, models.PROTECT, null=True, related_name="+")

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = (
            models.Index(fields=["subject_type", "subject_id", "id"], name="event_by_subject"),
            models.Index(
                fields=["recommendation_id", "id"],
                name="event_by_recommendation",
                condition=Q(recommendation_id__isnull=False),
            ),
            models.Index(fields=["organisation_id", "day"], name="event_by_organisation_and_day"),
            models.Index(fields=["operation_id"], name="event_by_operation"),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"


class RequestKey(models.Model):
    """The key of a form that was processed. The same form sent again is recognised by it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.UUIDField(_("key"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("request key")
        verbose_name_plural = _("request keys")
        constraints = (models.UniqueConstraint(fields=["person", "key"], name="a_form_does_its_work_once"),)

    def __str__(self) -> str:
        return str(self.key)
