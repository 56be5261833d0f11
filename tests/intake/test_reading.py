"""A file either reads or is refused with a list of what is wrong and where; nothing else ever comes out of it."""

import contextlib
import copy
import datetime
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.base import report
from tests.sampling import examples
from tracker.intake.reading import TOP, InspectionFile, Unreadable, published_days, read

# A busy machine is slow now and then, which is no failure.
PATIENTLY = settings(max_examples=examples(20, 50), deadline=None, suppress_health_check=[HealthCheck.too_slow])
SMALL: dict[str, Any] = {
    "inspection": {
        "title": "An inspection of East Kent PDU",
        "organisation": "East Kent PDU",
        "published": "2024-02",
        "score": 5,
        "max_score": 21,
    },
    "ratings": [{"standard": "1.1", "name": "Leadership", "rating": "Good"}],
    "recommendations": [
        {"number": "1", "addressee": "East Kent PDU", "text": "improve supervision"},
        {"number": "2", "addressee": "HMPPS", "text": "recruit and retain staff"},
    ],
    "previous": [{"addressee": "KSS", "text": "train staff", "finding": "Not yet.", "progress": "No progress"}],
    "measures": [{"name": "Cases held", "value": 4030, "unit": "cases"}],
    "problems": [{"message": "One page was torn."}],
}


def file(**parts: Any) -> bytes:
    """The small report with some of its parts replaced."""
    return json.dumps(copy.deepcopy(SMALL) | parts).encode()


def inspection(**values: Any) -> bytes:
    return file(inspection=SMALL["inspection"] | values)


def recommendations(**values: Any) -> bytes:
    """The first of the two recommendations with other values."""
    first, second = SMALL["recommendations"]
    return file(recommendations=[first | values, second])


def wrong(content: bytes) -> dict[str, str]:
    """Where the file is wrong, and what is said about it; one line a place."""
    with pytest.raises(Unreadable) as refused:
        read(content)
    lines = dict(refused.value.wrong)
    assert len(lines) == len(refused.value.wrong), refused.value.wrong
    for where, what in lines.items():
        assert f"{where}: {what}" in str(refused.value)
    return lines


def wrong_at(content: bytes, where: str) -> list[str]:
    """All that is said about one place, where a missing value may be said to be empty as well."""
    with pytest.raises(Unreadable) as refused:
        read(content)
    assert {place for place, _ in refused.value.wrong} == {where}
    return [what for _, what in refused.value.wrong]


def test_a_whole_report_is_read_with_nothing_lost_and_nothing_added() -> None:
    printed = json.loads(report())
    found = read(report())
    assert {part: getattr(found, part) for part in TOP} == printed
    assert (len(found.ratings), len(found.recommendations), len(found.previous)) == (9, 12, 7)


def test_what_may_be_left_out_is_none_and_lists_are_empty() -> None:
    found = read(json.dumps({"inspection": SMALL["inspection"]}).encode())
    assert (found.ratings, found.recommendations, found.previous, found.measures, found.problems) == (
        [],
        [],
        [],
        [],
        [],
    )
    assert (found.inspection["isbn"], found.inspection["overall_rating"]) == (None, None)


def test_text_that_is_not_utf_8_is_refused() -> None:
    assert wrong("{}é".encode("latin-1")) == {"file": "It is not UTF-8 text."}
    assert wrong(file().decode().encode("utf-16")) == {"file": "It is not UTF-8 text."}


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "line 1"),
        (b"title: West Kent\n", "line 1"),
        (b'{\n  "inspection": {},\n  "ratings": [,]\n}', "line 3"),
        (b'{"inspection": {}', "line 1"),
        (b'{"inspection": {}} {}', "line 1"),
        (b'{"title": "a\tb\x00"}', "line 1"),
    ],
)
def test_what_is_not_json_is_refused_with_its_line(content: bytes, where: str) -> None:
    assert wrong(content) == {where: "It is not JSON."}


@pytest.mark.parametrize("depth", [50_000, 500_000])
@pytest.mark.parametrize("opening", [b"[", b'{"inspection":'])
def test_deeply_nested_file_is_refused(opening: bytes, depth: int) -> None:
    assert "It is not JSON." in wrong(opening * depth).values()


def test_deep_nesting_where_text_belongs_is_refused_in_its_place() -> None:
    deep: Any = "text"
    for _ in range(200):
        deep = [deep]
    assert wrong_at(recommendations(text=deep), "recommendations[0].text")[0] == "It must be text."


@pytest.mark.parametrize("content", [b"[]", b"null", b"1", b'"inspection"', b"true"])
def test_anything_but_an_object_is_refused(content: bytes) -> None:
    assert wrong(content) == {"file": "It must be an object with inspection, ratings, recommendations and so on."}


def test_empty_file_is_missing_its_inspection() -> None:
    assert wrong(b"{}")["inspection"] == "It must be an object."


@pytest.mark.parametrize("part", ["ratings", "recommendations", "previous", "measures", "problems"])
@pytest.mark.parametrize("value", [{}, "text", 1, True, None])
def test_a_part_that_is_no_list_is_refused(part: str, value: Any) -> None:
    assert wrong(file(**{part: value})) == {part: "It must be a list."}


@pytest.mark.parametrize("part", ["ratings", "recommendations", "previous", "measures", "problems"])
@pytest.mark.parametrize("value", ["text", 1, None, []])
def test_a_row_that_is_no_object_is_refused_by_its_place(part: str, value: Any) -> None:
    assert wrong(file(**{part: [*SMALL[part], value]})) == {f"{part}[{len(SMALL[part])}]": "It must be an object."}


@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["text"]])
@pytest.mark.parametrize("name", ["title", "organisation", "licence"])
def test_text_of_another_type_is_refused(name: str, value: Any) -> None:
    assert wrong_at(inspection(**{name: value}), f"inspection.{name}")[0] == "It must be text."


@pytest.mark.parametrize("value", ["1", 1.5, True, -1, 1001, [], 10**30])
@pytest.mark.parametrize("name", ["score", "max_score"])
def test_a_score_is_a_whole_number(name: str, value: Any) -> None:
    assert wrong_at(inspection(**{"score": None, name: value}), f"inspection.{name}")[0] == (
        "It must be a whole number from 0 to 1000."
    )


def test_a_score_may_be_zero_and_may_be_missing() -> None:
    assert read(inspection(score=0)).inspection["score"] == 0
    assert read(inspection(score=None, max_score=None)).inspection["score"] is None


def test_a_score_above_the_highest_possible_one_is_refused() -> None:
    assert wrong(inspection(score=28, max_score=27)) == {
        "inspection.score": "It is higher than the highest possible score."
    }
    assert read(inspection(score=27, max_score=27)).inspection["score"] == 27


def test_unknown_fields_are_refused_at_every_level() -> None:
    content = json.loads(file())
    content["recommandations"] = []
    content["inspection"]["Title"] = "x"
    content["ratings"][0]["score"] = 1
    content["previous"][0]["owner"] = "head"
    assert wrong(json.dumps(content).encode()) == dict.fromkeys(
        ("file.recommandations", "inspection.Title", "ratings[0].score", "previous[0].owner"), "There is no such field."
    )


@pytest.mark.parametrize("value", ["", "   ", "\n\t\r\n", "\u00a0\u2003", None])
def test_what_is_needed_must_not_be_empty(value: str | None) -> None:
    content = json.loads(file())
    content["inspection"]["title"] = content["ratings"][0]["standard"] = value
    content["recommendations"][1]["text"] = content["previous"][0]["addressee"] = value
    content["measures"][0]["name"] = content["problems"][0]["message"] = value
    places = ("inspection.title", "ratings[0].standard", "recommendations[1].text")
    more = ("previous[0].addressee", "measures[0].name", "problems[0].message")
    assert wrong(json.dumps(content).encode()) == dict.fromkeys((*places, *more), "It must not be empty.")


def test_what_is_needed_must_be_there() -> None:
    content = json.loads(file())
    del content["inspection"]["published"], content["recommendations"][0]["number"], content["ratings"][0]["rating"]
    assert wrong(json.dumps(content).encode()) == dict.fromkeys(
        ("inspection.published", "recommendations[0].number", "ratings[0].rating"), "It must not be empty."
    )


def test_all_faults_are_reported_at_once() -> None:
    content = json.loads(file())
    content["inspection"] |= {"published": "May 2022", "score": "1/27"}
    content["ratings"][0]["rating"] = "Poor"
    content["recommendations"][1]["text"] = ""
    assert set(wrong(json.dumps(content).encode())) == {
        "inspection.published",
        "inspection.score",
        "ratings[0].rating",
        "recommendations[1].text",
    }


@pytest.mark.parametrize(
    "text",
    [
        *("2022-13", "2022-00", "0000-05", "²022-05", "٢٠٢٢-٠٥", "2022-5", "22-05", "2022", "2022/05", "05-2022"),
        *("2022-02-29", "2022-05-00", "2022-05-32", "2022-05-1", "20220512", "2022-W19", "2022-W19-1", "2022-132"),
        *("May 2022", "1/27", "2022-05-12T00:00", "2022-05-12Z", "-2022-05", "2022-05 2022-06", "2022−05"),
    ],
)
def test_invalid_day_is_refused(text: str) -> None:
    assert wrong(inspection(published=text)) == {
        "inspection.published": "It must be a month (2022-05) or a day (2022-05-12)."
    }


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022-05", (2022, 5, 1), (2022, 5, 31)),
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2023-02", (2023, 2, 1), (2023, 2, 28)),
        ("2022-12", (2022, 12, 1), (2022, 12, 31)),
        ("2022-05-12", (2022, 5, 12), (2022, 5, 12)),
        ("2024-02-29", (2024, 2, 29), (2024, 2, 29)),
        (" 2022-05\n", (2022, 5, 1), (2022, 5, 31)),
    ],
)
def test_a_month_is_read_as_its_first_and_last_day(
    text: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    found = read(inspection(published=text))
    assert (found.published_from, found.published_to) == (datetime.date(*first), datetime.date(*last))


@PATIENTLY
@given(st.dates())
def test_every_day_and_every_month_there_is_can_be_read(day: datetime.date) -> None:
    assert published_days(day.isoformat()) == (day, day)
    first, last = published_days(day.isoformat()[:7])
    assert first <= day <= last
    assert (first.day, (last - first).days + 1) == (1, last.day)
    assert last == datetime.date.max or (last + datetime.timedelta(days=1)).day == 1


def test_a_byte_order_mark_is_no_part_of_the_file() -> None:
    assert read(b"\xef\xbb\xbf" + report()) == read(report())


def test_a_number_given_twice_to_one_addressee_is_refused() -> None:
    assert wrong(recommendations(number="2", addressee="HMPPS")) == {"recommendations[1].number": "2 appears twice."}


def test_one_recommendation_printed_to_two_addressees_is_read() -> None:
    assert [row["number"] for row in read(recommendations(number="2")).recommendations] == ["2", "2"]


def test_a_standard_rated_twice_is_refused() -> None:
    twice = [*SMALL["ratings"], {"standard": " 1.1 ", "name": "Staff", "rating": "Good"}]
    assert wrong(file(ratings=twice)) == {"ratings[1].standard": "1.1 appears twice."}


@pytest.mark.parametrize("word", ["Poor", "good", "Requires Improvement", "Not rated", "G00d"])
def test_a_rating_is_one_of_four_words(word: str) -> None:
    found = wrong(file(ratings=[{"standard": "1.1", "name": "Leadership", "rating": word}]))
    assert list(found) == ["ratings[0].rating"]
    assert "Outstanding, Good, Requires improvement, Inadequate" in found["ratings[0].rating"]


def test_a_number_may_be_written_without_quotes() -> None:
    assert read(recommendations(number=1)).recommendations[0]["number"] == "1"
    assert wrong(recommendations(number=10**30)) == {"recommendations[0].number": "It is longer than 10 characters."}


@pytest.mark.parametrize("value", [1.0, True, [1]])
def test_number_is_an_integer_and_not_a_boolean(value: Any) -> None:
    assert "It must be text." in wrong_at(recommendations(number=value), "recommendations[0].number")


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x08", "\x0b", "\x0c", "\x1b", "\x1f"])
def test_control_characters_are_refused(char: str) -> None:
    assert wrong(recommendations(text=f"ensure{char}all cases")) == {
        "recommendations[0].text": "It holds characters that cannot be printed."
    }


def test_line_breaks_and_runs_of_spaces_become_one_space() -> None:
    assert read(recommendations(text=" ensure\r\n\tall\u00a0 cases\n")).recommendations[0]["text"] == "ensure all cases"


def test_letters_of_every_language_and_digits_are_kept() -> None:
    text = "Żółć – «naïve» 北京 😀 ½ ﬁ e\u0301"
    assert read(recommendations(text=text)).recommendations[0]["text"] == text


@pytest.mark.parametrize(
    ("name", "most"),
    [("title", 250), ("overall_rating", 40), ("isbn", 20), ("licence", 300), ("source", 500), ("organisation", 10_000)],
)
def test_a_text_that_is_too_long_is_refused(name: str, most: int) -> None:
    assert read(inspection(**{name: "x" * most})).inspection[name] == "x" * most
    assert wrong(inspection(**{name: "x" * (most + 1)})) == {
        f"inspection.{name}": f"It is longer than {most} characters."
    }


def test_a_huge_text_is_refused() -> None:
    assert wrong(recommendations(text="x" * 5_000_000)) == {
        "recommendations[0].text": "It is longer than 10000 characters."
    }


@pytest.mark.parametrize("value", [0, 0.0, -3, 14.8, "-", "56% and 37%", None])
def test_a_measure_keeps_its_value_as_printed(value: Any) -> None:
    found = read(file(measures=[{"name": "Sickness", "value": value}])).measures[0]["value"]
    assert found == value
    assert type(found) is type(value)


def test_two_readings_share_nothing() -> None:
    read(file()).ratings.clear()
    assert len(read(file()).ratings) == 1


# -- whatever comes --------------------------------------------------------------------------------------------------
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
NAMES = st.sampled_from(["title", "organisation", "published", "score", "max_score", "number", "text", "rating", "x"])
ANYTHING = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), below, max_size=5)
)
NEARLY = st.dictionaries(st.sampled_from(TOP), ANYTHING | st.lists(st.dictionaries(NAMES, ANYTHING)))


def reads_or_is_refused(content: bytes) -> None:
    wrong: list[tuple[str, str]] = []
    found = InspectionFile()
    try:
        found = read(content)
    except Unreadable as refused:
        wrong = refused.wrong
    assert bool(wrong) != bool(found.inspection)
    assert all(where and what for where, what in wrong)
    assert found.published_from <= found.published_to


@PATIENTLY
@given(ANYTHING | NEARLY)
def test_any_json_is_read_or_refused(value: Any) -> None:
    reads_or_is_refused(json.dumps(value).encode())


@PATIENTLY
@given(NEARLY, st.sampled_from(sorted(SMALL)))
def test_any_damaged_part_of_a_file_is_reported(value: dict[str, Any], part: str) -> None:
    reads_or_is_refused(file(**value))
    with contextlib.suppress(KeyError):
        reads_or_is_refused(file(**{part: value[part]}))


@PATIENTLY
@given(st.binary())
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    reads_or_is_refused(content)


@PATIENTLY
@given(st.integers(0, len(report()) - 1), st.integers(0, 255))
def test_a_report_with_one_byte_changed_reads_or_is_refused(place: int, byte: int) -> None:
    content = bytearray(report())
    content[place] = byte
    reads_or_is_refused(bytes(content))
