"""Tells everybody with a say that a role was requested, confirmed, given, declined or withdrawn."""

from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.accounts.models import User
from tracker.people.models import RoleRequest
from tracker.reminders.emails.letter import Letter, absolute, compose

State = RoleRequest.State


def role_notice(person: User, request: RoleRequest, *, can_confirm: bool) -> Letter:
    """`can_confirm`: the person is asked to confirm or decline it."""
    titles = {
        State.WAITING: _("Role requested: %(role)s, %(place)s"),
        State.CONFIRMED: _("Role confirmed: %(role)s, %(place)s"),
        State.GIVEN: _("New %(role)s: %(place)s"),
        State.DECLINED: _("Role declined: %(role)s, %(place)s"),
        State.WITHDRAWN: _("Role request withdrawn: %(role)s, %(place)s"),
    }
    title = _("Confirm a role: %(role)s, %(place)s") if can_confirm else titles[State(request.state)]
    subject = title % {"role": request.get_role_display().lower(), "place": request.organisation.name[:80]}
    context = {
        "request": request,
        "can_confirm": can_confirm,
        "is_theirs": person == request.user,
        "url": absolute(reverse("people:decide_role", args=[request.pk])),
    }
    return compose("role_notice", subject, person, context)
