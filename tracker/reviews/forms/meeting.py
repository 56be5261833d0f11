"""The form for a note in a meeting."""

from django.utils.translation import gettext_lazy as _

from tracker.recommendations.recommendation.forms import WordsField
from tracker.web.forms import Form


class NoteForm(Form):
    words = WordsField(
        label=_("What was discussed or agreed"),
        help_text=_("One line is enough. Inspectors and others with read-only access cannot see it"),
        rows=2,
        required=False,
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"prefix": "note", **kwargs})
