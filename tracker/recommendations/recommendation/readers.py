"""One line for each form with free text: who can read what is typed there (see drafts.py for what inspectors see)."""

from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_lazy

EVERYONE = gettext_lazy("Everyone who can see this recommendation can read what you write, including inspectors.")


def _later(when: str) -> str:
    return str(EVERYONE) if settings.INSPECTORS_SEE_DRAFTS else gettext(when)


_line = lazy(_later, str)
ONCE_SENT = _line("Inspectors can read what you write once the action plan is sent. Colleagues can read it now.")
ONCE_DECIDED = _line("Inspectors can read what you write once it is decided. Colleagues can read it now.")
ONCE_ANSWERED = _line("Inspectors can read what you write once it is answered. Colleagues can read it now.")
ONCE_SIGNED_OFF = _line("Inspectors can read what you write once it is signed off. Colleagues can read it now.")
NOT_INSPECTORS = _line("Inspectors cannot read what you write. Colleagues who see this recommendation can.")
INTERNAL = gettext_lazy("Inspectors and others with read-only access cannot read what you write.")
COMMENT = gettext_lazy("Everyone who can see this recommendation can read it, unless you make it internal.")
