"""Password validators beside Django's own."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import Organisation

OUR_WORDS = (
    *("inspection", "inspectorate", "tracker", "action", "recommendation", "probation", "hmpps", "hmip", "service"),
    *("password", "welcome", "letmein"),
)
# Characters that must remain without words that anybody would guess.
OWN_CHARACTERS = 8


class RepetitionValidator:
    """Refuses repetitions such as aaaaaaaaaaaa or abcabcabcabc."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(set(password.lower())) < 5 or re.fullmatch(r"(.{1,6}?)\1+.{0,5}", password, re.DOTALL | re.IGNORECASE):
            raise ValidationError(_("This password repeats the same few characters."), code="repetition")

    def get_help_text(self) -> str:
        return _("Your password cannot repeat the same few characters.")


class GuessableWordsValidator:
    """Refuses passwords made mostly of words of the product and names of organisations."""

    def validate(self, password: str, user: Any = None) -> None:
        names = " ".join(Organisation.objects.values_list("name", flat=True)).lower()
        words = {*OUR_WORDS, *(word for word in re.findall(r"\w+", names) if len(word) > 3)}
        rest = password.lower()
        for word in sorted(words, key=len, reverse=True):
            rest = rest.replace(word, "")
        if len(re.sub(r"[\W\d_]", "", rest)) < OWN_CHARACTERS and rest != password.lower():
            raise ValidationError(
                _("This password is mostly words that others would guess. Use other words."), code="guessable"
            )

    def get_help_text(self) -> str:
        return _("Your password cannot be mostly the name of your organisation or of this service.")
