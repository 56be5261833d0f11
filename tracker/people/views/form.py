"""Processing of forms about people."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _

from tracker.history.operations import Actor, attempt
from tracker.web.forms import Form
from tracker.web.http import Request, titled
from tracker.web.today import now


def done(request: Request, form: Form, do: Callable[..., Any], *, by: Actor, said: str | Callable[[Any], str]) -> bool:
    """Whether this was a POST whose operation `do` was carried out. What it refuses is shown beside the field.

    `said` is the message, or a function from the operation's result to the message.
    """
    if request.method != "POST" or not form.is_valid():
        return False
    at_once = ValidationError(_("Someone else has just added the same thing. Check whether it is there now."))
    tried = attempt(lambda: do(by=by, at=now(), key=form.key, **form.values()), at_once=at_once)
    if tried.refusal:
        form.add_errors(tried.refusal)
        return False
    messages.success(request, said if isinstance(said, str) else said(tried.result))
    return True


def form_page(
    request: Request, name: str, context: dict[str, Any], *, title: str, back: str, back_text: str = ""
) -> HttpResponse:
    """The page people/_<name>.html, whose form posts to this address and whose Cancel link leads back."""
    form: Form = context["form"]
    refused = 409 if form.has_error(NON_FIELD_ERRORS, "conflict") else 422
    status = refused if request.method == "POST" else 200
    context = context | {"here": request.path}
    return titled(request, f"people/_{name}.html", context, title=title, back=back, back_text=back_text, status=status)
