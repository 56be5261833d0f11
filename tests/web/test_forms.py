"""Forms in GOV.UK's markup, and fields that take text as people paste it."""

import datetime
import uuid

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tracker.web.forms import ChoiceRadios, DayField, Form, LongTextField, PersonInput, TextField, clean_text


class Example(Form):
    title = TextField(label="Title", max_length=10, help_text="A few <words>")
    words = LongTextField(label="What changed?", max_length=20)
    due_on = DayField(label="Due date")
    owner = TextField(label="Owner", required=False, widget=PersonInput("/people/"))
    response = forms.ChoiceField(
        label="Response",
        choices=[("agreed", "Agreed"), ("partly", "Partly agreed")],
        widget=ChoiceRadios(hints={"partly": "Say which"}, reveals={"partly": "part"}),
    )
    part = TextField(label="Part", required=False)
    sure = forms.BooleanField(label="I have read it")
    standards = forms.MultipleChoiceField(choices=[("1", "One")], widget=forms.CheckboxSelectMultiple, required=False)
    kind = forms.ChoiceField(choices=[("a", "A")], required=False)
    evidence = forms.FileField(required=False)
    secret = forms.CharField(widget=forms.PasswordInput, required=False)


class Small(Form):
    title = TextField(label="Title")


@pytest.mark.usefixtures("at_noon")
def test_a_date_without_a_year_is_the_next_or_where_only_the_past_counts_the_last() -> None:
    assert DayField().clean("15 Jan") == datetime.date(2027, 1, 15)
    assert DayField(is_ahead=False).clean("15 Jan") == datetime.date(2026, 1, 15)


@pytest.mark.parametrize("typed", ["soon", "\u0663/\u0663/2026", "9" * 5000])
def test_text_that_is_no_date_gets_an_example(typed: str) -> None:
    with pytest.raises(ValidationError, match="Enter a date such as 31/10/2026"):
        DayField().clean(typed)


def test_invisible_characters_in_a_date_are_ignored() -> None:
    assert DayField().clean("31/10/\u200b2026") == datetime.date(2026, 10, 31)


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("  two \n words\t", "two words"),
        ("e\u0301", "é"),
        ("a\x00b\x08c", "abc"),
        ("a\u202a\u0301", "á"),
        ("\u200b\u200d\u3164", ""),
        ("\u202egnp.exe", "gnp.exe"),
        ("\ud800x", "x"),
    ],
)
def test_text_is_kept_as_it_can_be_read(pasted: str, kept: str) -> None:
    assert TextField(required=False).clean(pasted) == kept


def test_only_a_text_area_keeps_lines() -> None:
    assert LongTextField().clean("one\r\ntwo\r\n") == "one\ntwo"


def test_invisible_text_is_missing_text() -> None:
    with pytest.raises(ValidationError, match="required"):
        TextField().clean("\u200b")


@given(st.text(), st.booleans())
def test_clean_text_is_clean_already(text: str, lines: bool) -> None:
    once = clean_text(text, lines=lines)
    assert clean_text(once, lines=lines) == once
    assert "\x00" not in once
    assert lines or "\n" not in once


def test_each_filling_in_has_a_key_of_its_own_and_keeps_it() -> None:
    assert Small().hidden != Small().hidden
    key = str(uuid.uuid4())
    refused = Small({"request_key": key})
    assert key in refused.hidden
    assert not refused.is_valid()
    accepted = Small({"title": "x", "request_key": key})
    assert accepted.is_valid()
    assert key in accepted.hidden


def test_the_key_that_is_used_stands_for_the_form_and_what_is_in_it() -> None:
    key = str(uuid.uuid4())

    def used(prefix: str | None = None, **typed: str) -> uuid.UUID:
        data = {"title": "x", "request_key": key} | typed
        form = Small({f"{prefix}-{name}" if prefix else name: value for name, value in data.items()}, prefix=prefix)
        assert form.is_valid()
        found: uuid.UUID = form.cleaned_data["request_key"]
        return found

    assert used() == used() != uuid.UUID(key)
    others = [used(title="y"), used(request_key=str(uuid.uuid4())), used(prefix="a"), used(prefix="b")]
    assert len({used(), *others}) == 5
    # A renewed token does not make it another form.
    assert used(csrfmiddlewaretoken="z") == used()


@pytest.mark.parametrize("key", ["", "x", "\x00"])
def test_invalid_request_key_is_replaced(key: str) -> None:
    form = Small({"title": "x", "request_key": key})
    assert form.is_valid()
    assert isinstance(form.cleaned_data["request_key"], uuid.UUID)


def test_two_forms_on_a_page_do_not_clash() -> None:
    page = str(Small(prefix="first")) + str(Small(prefix="second"))
    assert 'id="id_first-title"' in page
    assert 'id="id_second-title"' in page
    assert "id_request_key" not in page


def test_every_widget_has_its_shape() -> None:
    page = str(Example(initial={"due_on": datetime.date(2026, 10, 3)}))
    for piece in (
        'class="govuk-input"',
        'class="govuk-textarea govuk-js-character-count"',
        'data-maxlength="20"',
        "You can enter up to 20 characters",
        'data-module="moj-date-picker"',
        'value="3/10/2026"',
        'data-people-url="/people/"',
        'class="govuk-radios__input"',
        'data-aria-controls="id_response_1_reveals"',
        "Say which",
        'class="govuk-checkboxes__input"',
        'class="govuk-select"',
        'class="govuk-file-upload"',
        'data-module="govuk-password-input"',
        "A few &lt;words&gt;",
    ):
        assert piece in page, piece
    assert "maxlength=" not in page.replace("data-maxlength=", "")
    assert " required" not in page
    assert page.count('name="part"') == 1


def test_errors_are_linked_described_and_named() -> None:
    form = Example({"title": "x" * 11, "due_on": "soon"})
    page, summary = str(form), str(form.error_summary)
    assert 'aria-describedby="id_title_helptext id_title_error"' in page
    assert 'class="govuk-input govuk-input--error"' in page
    assert 'aria-describedby="id_words_error id_words-info"' in page
    assert "data-focus" in summary
    for link in ("#id_title", "#id_words", "#id_due_on", "#id_response_0", "#id_sure"):
        assert f'href="{link}"' in summary
    for words in ("Enter what changed", "Select response", "Select “I have read it”"):
        assert words in summary
        assert words in page
    assert "This field is required" not in page + summary


def test_a_form_without_errors_has_no_summary() -> None:
    assert Small().error_summary == ""
    assert Small({"title": "x"}).error_summary == ""


def test_errors_of_the_whole_form_stand_in_the_summary() -> None:
    form = Small({"title": "x"})
    form.add_error(None, "Somebody <else> was first")
    assert "Somebody &lt;else&gt; was first" in str(form.error_summary)
    assert "govuk-error-message" in str(form.non_field_errors())


def test_typed_values_are_shown_again_escaped() -> None:
    typed = '"><script>alert(1)</script>'
    page = str(Small({"title": typed}))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
