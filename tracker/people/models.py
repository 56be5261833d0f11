"""What takes two people: permanent removal, roles that decide, and undoing the end of an organisation."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Membership, Organisation, User
from tracker.history.models import FreeText, Tracked
from tracker.recommendations.models import Evidence, Recommendation


class Removal(Tracked):
    """Requested by an administrator and agreed by a reviewer; "[removed]" then replaces the text."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for a reviewer")
        REMOVED = "removed", _("Removed")
        REFUSED = "refused", _("Not removed")

    TRACKED = ("words_id", "evidence_id", "state", "decided_by_id", "decided_on")

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="removals")
    words = models.ForeignKey(FreeText, models.PROTECT, null=True, blank=True, related_name="removals")
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="removals")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ASKED)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_on = models.DateField(_("decided on"), null=True, blank=True)

    class Meta:
        verbose_name = _("removal")
        verbose_name_plural = _("removals")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(words=None, evidence__isnull=False) | Q(words__isnull=False, evidence=None),
                name="a_removal_is_of_words_or_of_a_file",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="a_removal_takes_two_people"
            ),
        )

    def __str__(self) -> str:
        return f"{self.words_id or self.evidence_id}: {self.state}"

    def audit_scope(self) -> dict[str, int | None]:
        return self.recommendation.audit_scope()


class RoleRequest(Tracked):
    """A request for a role that decides, which a second person confirms, or for a role that starts on a later day.

    `confirmer` is named if there is no second administrator. `asked_by` is None for the operator, who needs nobody.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for confirmation")
        CONFIRMED = "confirmed", _("Confirmed, not started")
        GIVEN = "given", _("Given")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN = (State.WAITING, State.CONFIRMED)
    TRACKED = (
        *("user_id", "organisation_id", "role", "from_on", "ends_on", "confirmer_id"),
        *("state", "decided_by_id", "decided_on", "membership_id"),
    )

    user = models.ForeignKey(User, models.PROTECT, related_name="role_requests")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="role_requests")
    role = models.CharField(_("role"), max_length=15, choices=Membership.Role)
    # The first day of the role; None for as soon as it is confirmed.
    from_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(_("requested at"))
    confirmer = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    membership = models.OneToOneField(Membership, models.PROTECT, null=True, blank=True, related_name="request")
    # The state in the last email to everybody with a say.
    told = models.CharField(_("state told of"), max_length=9, blank=True)

    class Meta:
        verbose_name = _("role request")
        verbose_name_plural = _("role requests")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=["confirmer", "state"], name="role_requests_by_confirmer"),
            models.Index(
                fields=["organisation"], name="open_role_requests", condition=Q(state__in=["waiting", "confirmed"])
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(state__in=["waiting", "confirmed"]),
                name="a_role_is_requested_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | (~Q(decided_by=F("asked_by")) & ~Q(decided_by=F("user"))),
                name="a_role_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state="given", membership__isnull=False) | (~Q(state="given") & Q(membership=None)),
                name="a_given_role_is_held",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.organisation}"

    def audit_scope(self) -> dict[str, int | None]:
        return {"organisation_id": self.organisation_id}


class Succession(models.Model):
    """The end of an organisation and its successor, with everything needed to undo it.

    `carried` is {moved: [[organisation, parent, path], ...], ended: [[person, role, last day], ...], given: [roles],
    requests: [role requests], readdressed: [[recommendation, addressee], ...], actions: [[action, addressee], ...],
    last_event}. Rows are ids, with the values from before.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    ended_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended at"))
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    carried = models.JSONField(_("what was carried over"))

    class Meta:
        verbose_name = _("end of an organisation")
        verbose_name_plural = _("ends of organisations")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(undone_by=None) | ~Q(undone_by=F("ended_by")), name="undoing_an_end_takes_two_people"
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation}: {self.successor or '-'}"
