from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.accounts.models import User
from tracker.reminders.emails.letter import Letter, absolute, compose


def invitation(person: User) -> Letter:
    context = {"email": person.email, "url": absolute(reverse("account_reset_password")), "home_url": absolute("/")}
    return compose("invitation", _("You can now sign in to the inspection action tracker"), person, context)
