"""What is kept of a form that is not sent, and how the form gets it back."""

import re

from django.core.exceptions import ValidationError
from django.forms import FileInput, PasswordInput
from django.http import QueryDict
from django.utils.translation import gettext as _

from tracker.recommendations.unsent.models import Unsent
from tracker.web.forms import Form, clean_text

MOST_FIELDS = 80

LONGEST = 10_000

LONGEST_TOGETHER = 60_000

NAME = re.compile(r"[a-z][a-z0-9_-]{0,79}")

# Nothing that proves who somebody is or what they were shown is kept.
NEVER = re.compile(r"password|token|secret|request_key|seen_event|version|csrf")


def typed_in(posted: QueryDict) -> dict[str, str | list[str]]:
    """By field the text, or the texts where it may have several; empty when nothing was typed.

    Raises ValidationError for more than is kept.
    """
    found: dict[str, str | list[str]] = {}
    for name, values in posted.lists():
        texts = [text for value in values if (text := clean_text(value, lines=True))]
        if texts and NAME.fullmatch(name) and not NEVER.search(name):
            found[name] = texts[0] if len(texts) == 1 else texts
    lengths = [len(text) for value in found.values() for text in ([value] if isinstance(value, str) else value)]
    if len(lengths) > MOST_FIELDS or max(lengths, default=0) > LONGEST or sum(lengths) > LONGEST_TOGETHER:
        raise ValidationError(_("This is too long to save as a draft."))
    return found


def fill(form: Form, unsent: Unsent) -> None:
    """A form that was not posted shows what was being typed. What it carries out of sight stays as it is now."""
    for field in form.visible_fields():
        kept = unsent.values.get(field.html_name)
        if kept is None or isinstance(field.field.widget, FileInput | PasswordInput):
            continue
        if getattr(field.field.widget, "allow_multiple_selected", False):
            form.initial[field.name] = [kept] if isinstance(kept, str) else kept
        else:
            form.initial[field.name] = kept if isinstance(kept, str) else kept[-1]
