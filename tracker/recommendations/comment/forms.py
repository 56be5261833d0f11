"""What somebody says about a recommendation."""

from django import forms
from django.utils.translation import gettext_lazy

from tracker.recommendations.recommendation.forms import WordsField
from tracker.recommendations.recommendation.readers import COMMENT
from tracker.web.forms import Form


class CommentForm(Form):
    readers = COMMENT

    words = WordsField(label=gettext_lazy("Your comment"), rows=3)
    is_internal = forms.BooleanField(label=gettext_lazy("Internal: hidden from read-only users"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        # Shown on a page with other forms.
        super().__init__(*args, **{"prefix": "comment", **kwargs})
