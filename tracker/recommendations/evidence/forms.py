"""Files and links that are offered as evidence, alone or with a report."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.recommendations.evidence.files import KINDS, LARGEST, MEGABYTE, MOST_AT_ONCE, CheckedFile, checked
from tracker.recommendations.evidence.models import Evidence
from tracker.recommendations.recommendation.forms import WordsField
from tracker.recommendations.recommendation.readers import EVERYONE
from tracker.web import clamd
from tracker.web.forms import ChoiceRadios, DayField, Form

NOBODY, SOMEBODY = "nobody", "somebody"


@dataclass(frozen=True)
class Offered:
    """One file or one link, as somebody offers it."""

    caption: str
    speaks_of: datetime.date
    file: CheckedFile | None = None
    link: str = ""


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.Field):
    """Some files at once. Gives a list of CheckedFile, each looked at by content and, where there is one, by the virus
    scanner.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", FilesInput(attrs={"accept": ",".join(f".{ending}" for ending in KINDS)}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> list[CheckedFile]:
        offered = [one for one in value or [] if isinstance(one, UploadedFile)]
        if self.required and not offered:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(offered) > MOST_AT_ONCE:
            raise ValidationError(_("Select up to %(most)s files"), params={"most": MOST_AT_ONCE})
        errors: list[ValidationError] = []
        files = []
        for one in offered:
            try:
                files.append(checked(one))
            except ValidationError as error:
                errors.append(error)
        if errors:
            raise ValidationError(errors)
        return scanned(files)


def scanned(files: Sequence[CheckedFile]) -> list[CheckedFile]:
    """With what the virus scanner says of each. Once it does not answer, the rest are left for later too."""
    found: list[CheckedFile] = []
    answers = bool(settings.CLAMD)
    for file in files:
        verdict = clamd.ask(settings.CLAMD, file.content.chunks()) if answers else clamd.Verdict.UNKNOWN
        if verdict is clamd.Verdict.INFECTED:
            raise ValidationError(
                _("You cannot upload “%(name)s”: it contains a virus. Tell your IT help desk."),
                params={"name": file.name},
                code="infected",
            )
        answers = verdict is clamd.Verdict.CLEAN
        found.append(replace(file, scan=Evidence.Scan.CLEAN) if answers else file)
    return found


class EvidenceFields(Form):
    """The fields of a form that takes evidence among other things; all may be left empty. `offered` is what was given.

    Its page is multipart. A form of its own makes them required with `is_required`.
    """

    readers = EVERYONE

    is_required = False

    file = FilesField(
        label=gettext_lazy("Files"),
        required=False,
        help_text=format_lazy(
            gettext_lazy("PDF, Word, Excel, CSV, text, PNG or JPG. Up to {files} files, {megabytes} MB each"),
            files=MOST_AT_ONCE,
            megabytes=LARGEST // MEGABYTE,
        ),
    )
    link = forms.URLField(
        label=gettext_lazy("Or enter a link"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=gettext_lazy("For example, https://example.org/report"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid": gettext_lazy("Enter a full link, such as https://example.org/report")},
    )
    caption = WordsField(
        label=gettext_lazy("What does it show?"),
        required=False,
        max_length=200,
        rows=2,
        help_text=gettext_lazy("One line"),
    )
    speaks_of = DayField(
        is_ahead=False,
        label=gettext_lazy("Date the evidence relates to"),
        required=False,
        help_text=gettext_lazy("The date it describes, not the date of the file. For example, 31/10/2026"),
    )
    names_nobody = forms.ChoiceField(
        label=gettext_lazy("Does it name or describe anyone on probation?"),
        required=False,
        choices=((NOBODY, gettext_lazy("No")), (SOMEBODY, gettext_lazy("Yes"))),
        help_text=gettext_lazy("Check file names, tracked changes, comments and hidden columns too"),
        widget=ChoiceRadios(inline=True),
    )
    EVIDENCE = ("file", "link", "caption", "speaks_of", "names_nobody")

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"]
        if link and not link.lower().startswith(("http://", "https://")):
            raise ValidationError(_("Enter a link that starts with https:// or http://"))
        if "@" in urlsplit(link).netloc:
            raise ValidationError(_("Enter a link without a user name or password"))
        return link

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound:
            self._say_that_files_are_gone()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        given = [name for name in self.EVIDENCE if data.get(name) or self.has_error(name)]
        if not given and not self.is_required:
            return data
        if not {"file", "link"} & set(given):
            self.add_error("file", _("Select a file or enter a link"))
        for name, message in (
            ("caption", _("Enter what the evidence shows")),
            ("speaks_of", _("Enter the date the evidence relates to")),
            ("names_nobody", _("Select if it names or describes anyone on probation")),
        ):
            if name not in given:
                self.add_error(name, message)
        if data.get("names_nobody") == SOMEBODY:
            self.add_error(
                "names_nobody",
                _("You cannot upload this. Remove anything that identifies a person, then select No."),
            )
        return data

    @property
    def offered(self) -> list[Offered]:
        """Of a valid form; empty where nothing was given."""
        data = self.cleaned_data
        if not data.get("caption") or not data.get("speaks_of"):
            return []
        found = [Offered(data["caption"], data["speaks_of"], file=file) for file in data.get("file") or ()]
        return found + ([Offered(data["caption"], data["speaks_of"], link=data["link"])] if data.get("link") else [])

    def add_errors(self, refusal: ValidationError) -> None:
        super().add_errors(refusal)
        self._say_that_files_are_gone()

    def _say_that_files_are_gone(self) -> None:
        """A browser does not keep the files of a form that comes back."""
        if self.errors and self.files.getlist(self.add_prefix("file")) and not self.has_error("file"):
            self.add_error("file", _("Select the files again"))

    def _typed(self) -> list[tuple[str, str]]:
        """The same words with another file are another form."""
        files = getattr(self, "cleaned_data", {}).get("file") or ()
        return [*super()._typed(), *(("file", file.sha256) for file in files)]


class AddEvidenceForm(EvidenceFields):
    is_required = True

    def values(self) -> dict[str, Any]:
        return {"offered": self.offered}


class WithdrawEvidenceForm(Form):
    readers = EVERYONE

    reason = WordsField(
        label=gettext_lazy("Why are you withdrawing it?"),
        error_messages={"required": gettext_lazy("Enter why you are withdrawing it")},
        help_text=gettext_lazy("Your reason is shown next to the evidence"),
    )
