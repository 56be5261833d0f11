"""People, the tree of organisations, roles and covers."""

import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from tracker.history.models import Tracked


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, name: str, password: str | None = None) -> "User":
        """The operator of the installation, who can open Django's admin and has no role."""
        return self.create_user(email, name, password, is_staff=True, is_superuser=True)


class User(Tracked, AbstractBaseUser, PermissionsMixin):
    TRACKED = ("email", "name", "is_active", "version")
    PREDATES_AUDIT = True

    # Always lower case, so that an address is one account on every database.
    email = models.EmailField(_("email address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("is an operator of this installation"), default=False)
    is_demo = models.BooleanField(_("is made up for a demonstration"), default=False)
    joined_at = models.DateTimeField(_("joined at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(email=Lower("email")), name="addresses_are_in_small_letters"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The text of a person in type-ahead fields."""
        return f"{self.name} ({self.email})"

    def audit_scope(self) -> dict[str, int | None]:
        return {}


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def below(self, *paths: str) -> "OrganisationQuerySet":
        """The organisations at these paths and all below them."""
        if not paths:
            return self.none()
        found = Q()
        for path in paths:
            found |= Q(path__startswith=path)
        return self.filter(found)

    def current(self, on: datetime.date) -> "OrganisationQuerySet":
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=on))


class Organisation(Tracked):
    """HMPPS, a probation region, or a PDU.

    `path` is its place in the tree ("hmpps/kent-surrey-and-sussex/west-kent-pdu/"). The paths of organisations below it
    start with its path. Renaming keeps the path. An ended organisation is below its successor, whose people see and do
    what is addressed to it.
    """

    class Kind(models.TextChoices):
        NATIONAL = "national", _("National service")
        REGION = "region", _("Probation region")
        PDU = "pdu", _("Probation delivery unit (PDU)")

    TRACKED = ("name", "kind", "parent_id", "path", "ended_on", "successor_id", "version")
    PREDATES_AUDIT = True

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(_("path"), max_length=255, unique=True, editable=False)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("path",)
        constraints = (
            models.UniqueConstraint(Lower("name"), name="organisation_names_are_told_apart"),
            models.UniqueConstraint(F("kind"), condition=Q(kind="national"), name="there_is_one_national_service"),
            models.CheckConstraint(
                condition=Q(kind="national", parent=None) | (~Q(kind="national") & Q(parent__isnull=False)),
                name="only_a_national_service_has_none_above",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def path_for(name: str, parent: "Organisation | None") -> str:
        return f"{parent.path if parent else ''}{slugify(name)[:80]}/"

    def audit_scope(self) -> dict[str, int | None]:
        return {"organisation_id": self.pk}


class Alias(models.Model):
    """Another name of an organisation, in reports or from before."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="aliases")
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        constraints = (models.UniqueConstraint(Lower("name"), name="an_alias_means_one_organisation"),)

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self, on: datetime.date) -> "MembershipQuerySet":
        """Roles that are active on that day. `ends_on` is the first day without the role."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=on), user__is_active=True)

    def may_own(self, on: datetime.date) -> "MembershipQuerySet":
        """Roles that let a person own something on that day: all that are not read-only."""
        return self.active(on).exclude(role__in=Membership.READ_ONLY)

    def may_own_recommendations(self, on: datetime.date) -> "MembershipQuerySet":
        """The same without administrators, who have no say over progress."""
        administer = Membership.objects.active(on).filter(role=Membership.Role.ADMINISTRATOR)
        return self.may_own(on).exclude(user__in=administer.values("user"))


class Membership(Tracked):
    """A role of a person at an organisation. `ends_on` is the first day without it."""

    class Role(models.TextChoices):
        LEAD = "lead", _("Lead")
        CONTRIBUTOR = "contributor", _("Contributor")
        SUPPLIER = "supplier", _("Analyst")
        REVIEWER = "reviewer", _("Reviewer")
        READER = "reader", _("Read-only")
        # People of an inspectorate, who see what was sent, reported and decided, but no drafts.
        INSPECTOR = "inspector", _("Inspector (read-only)")
        # Named by HMPPS to decide about what is addressed to HMPPS itself.
        INDEPENDENT = "independent", _("Independent reviewer")
        ADMINISTRATOR = "administrator", _("Administrator")

    READ_ONLY = (Role.READER, Role.INSPECTOR)
    # Roles that decide about the work of others, or give roles. Giving one takes two people.
    TWO_PERSON_ROLES = (Role.REVIEWER, Role.INDEPENDENT, Role.ADMINISTRATOR)
    TRACKED = ("user_id", "organisation_id", "role", "ends_on", "version")

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=15, choices=Role)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ("organisation__path", "role", "pk")
        constraints = (
            models.UniqueConstraint(
                F("user"), F("organisation"), F("role"), condition=Q(ends_on=None), name="a_lasting_role_is_held_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.organisation}"

    def audit_scope(self) -> dict[str, int | None]:
        return {"organisation_id": self.organisation_id}


class CoverQuerySet(models.QuerySet["Cover"]):
    def on(self, day: datetime.date) -> "CoverQuerySet":
        """Covers whose days include this one, whatever roles the two people have now."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=day), from_on__lte=day, until_on__gte=day)

    def holding(self, on: datetime.date) -> "CoverQuerySet":
        """Covers that are effective on that day: both people have a role that is not read-only."""
        able = Membership.objects.may_own(on).values("user")
        return self.on(on).filter(person__in=able, cover__in=able)

    def not_over(self, on: datetime.date) -> "CoverQuerySet":
        """Covers of that day or later."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=on), until_on__gte=on)


class Cover(Tracked):
    """Who acts for an absent person, from `from_on` to `until_on` inclusive.

    `ended_on` is set if it was ended early: the first day without the cover.
    """

    TRACKED = ("person_id", "cover_id", "from_on", "until_on", "ended_on", "named_by_id", "version")

    person = models.ForeignKey(User, models.PROTECT, related_name="absences")
    cover = models.ForeignKey(User, models.PROTECT, related_name="covers")
    from_on = models.DateField(_("first day"))
    until_on = models.DateField(_("last day"))
    ended_on = models.DateField(_("ended early on"), null=True, blank=True)
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = CoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("cover")
        verbose_name_plural = _("covers")
        ordering = ("from_on", "pk")
        indexes = (models.Index(fields=["cover", "until_on"], name="cover_by_who_covers"),)
        constraints = (
            models.CheckConstraint(condition=~Q(person=F("cover")), name="nobody_covers_for_themselves"),
            models.CheckConstraint(condition=Q(from_on__lte=F("until_on")), name="a_cover_begins_before_it_ends"),
            # The operation refuses all overlaps under a lock. Both databases can enforce this part of it.
            models.UniqueConstraint(
                F("person"), F("from_on"), condition=Q(ended_on=None), name="an_absence_has_one_cover_from_a_day"
            ),
        )

    def __str__(self) -> str:
        return f"{self.cover} covers for {self.person}, {self.from_on} to {self.until_on}"

    def audit_scope(self) -> dict[str, int | None]:
        return {}
