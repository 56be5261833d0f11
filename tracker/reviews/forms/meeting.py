"""The form for a note in a meeting."""

from django.utils.translation import gettext_lazy as _

from tracker.recommendations.recommendation.forms import WordsField
from tracker.recommendations.recommendation.readers import INTERNAL
from tracker.web.forms import Form


class NoteForm(Form):
    readers = INTERNAL

    words = WordsField(
        label=_("What was discussed or agreed"),
        help_text=_("One line is enough"),
        rows=2,
        required=False,
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"prefix": "note", **kwargs})
