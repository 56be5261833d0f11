"""A report is loaded as it is printed: all of it once, or nothing, and nothing beyond what it prints."""

import copy
import datetime
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.base import KSS, LOADED, NOON, TODAY, Cast, previous, recommendation, report, west_kent
from tracker.accounts.models import Alias, Organisation, User
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.inspections.models import Inspection, Rating
from tracker.intake.operations import publish
from tracker.intake.reading import Unreadable, read
from tracker.recommendations.models import Finding, Recommendation
from tracker.recommendations.recommendation.policies import can_plan, visible_inspections, visible_recommendations

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

PRINTED: dict[str, Any] = json.loads(report())
REPEATED = PRINTED["previous"][1]

EAST_KENT: dict[str, Any] = {
    "inspection": {
        "title": "An inspection of probation services in East Kent PDU",
        "organisation": "East Kent",
        "published": "2024-02-09",
        "score": 8,
        "max_score": 21,
        "overall_rating": "Requires improvement",
    },
    "ratings": [{"standard": "P 1.1", "name": "Leadership", "rating": "Good"}],
    "recommendations": [
        {"number": "1", "addressee": "East Kent PDU", "text": "improve the quality of work to assess risk of harm"},
        {
            "number": "2",
            "addressee": "HM Prison and Probation Service",
            "text": "review the pay of case administrators",
        },
    ],
    "previous": [
        {
            "addressee": "KSS probation region",
            "text": f"  {REPEATED['text']}\n",
            "finding": "Supervision now happens every six weeks.",
            "progress": "Sufficient progress",
            "place": "Annexe two",
        },
        {"addressee": "KSS", "text": "KSS will open an office in Thanet.", "finding": "It has.", "progress": None},
    ],
}


def everything() -> dict[str, int]:
    """How many rows every table holds."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def printed_rows() -> list[Any]:
    """All that was loaded, whole."""
    models = (Inspection, Rating, Recommendation, Finding)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def load(folder: Path, content: dict[str, Any] | bytes, capsys: pytest.CaptureFixture[str]) -> str:
    """Runs the command on that file; gives what it said."""
    path = folder / "report.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    call_command("load_inspection", str(path))
    return capsys.readouterr().out


def without(part: str, n: int) -> dict[str, Any]:
    content = copy.deepcopy(PRINTED)
    del content[part][n]
    return content


def with_value(part: str, n: int | None, name: str, value: Any) -> dict[str, Any]:
    content = copy.deepcopy(PRINTED)
    row = content[part] if n is None else content[part][n]
    assert row[name] != value
    row[name] = value
    return content


# -- West Kent's report, as the cast has it --------------------------------------------------------------------------
def test_the_report_on_west_kent_is_held_with_its_facts() -> None:
    held = west_kent()
    assert {name: getattr(held, name) for name in ("title", "score", "max_score", "overall_rating", "isbn")} == {
        "title": "An inspection of probation services in West Kent PDU",
        "score": 1,
        "max_score": 27,
        "overall_rating": "Inadequate",
        "isbn": "978-1-914478-76-5",
    }
    assert "Open Government Licence" in held.licence
    assert held.loaded_on == LOADED.date()
    assert held.printed_measures == PRINTED["measures"]
    assert held.problems == PRINTED["problems"]


def test_a_report_that_prints_a_month_is_held_as_that_month() -> None:
    held = west_kent()
    assert (held.published_from, held.published_to) == (datetime.date(2022, 5, 1), datetime.date(2022, 5, 31))
    assert held.published == "May 2022"


def test_nine_standards_are_rated_as_printed() -> None:
    rated = west_kent().ratings.values_list("standard", "name", "rating")
    assert list(rated) == [(row["standard"], row["name"], row["rating"]) for row in PRINTED["ratings"]]
    assert Counter(rating for _, _, rating in rated) == {"Inadequate": 8, "Requires improvement": 1}


def test_twelve_recommendations_are_held_word_for_word_in_their_order() -> None:
    held = west_kent().recommendations.filter(is_previous=False).order_by("position")
    found = [(item.number, item.addressee_printed, item.text, item.place) for item in held]
    assert found == [
        tuple(row[name] for name in ("number", "addressee", "text", "place")) for row in PRINTED["recommendations"]
    ]
    assert [item.position for item in held] == list(range(1, 13))
    assert recommendation(12).text == PRINTED["recommendations"][11]["text"]


def test_five_are_addressed_to_the_pdu_five_to_the_region_and_two_to_hmpps() -> None:
    held = west_kent().recommendations.filter(is_previous=False)
    found = Counter(held.values_list("addressee__path", flat=True))
    assert found == {f"{KSS}west-kent-pdu/": 5, KSS: 5, "hmpps/": 2}


def test_seven_previous_ones_are_held_with_what_was_found_about_each() -> None:
    held = west_kent().recommendations.filter(is_previous=True).order_by("position")
    assert [(item.text, item.addressee_printed, item.number) for item in held] == [
        (row["text"], row["addressee"], "") for row in PRINTED["previous"]
    ]
    assert {item.addressee.path for item in held} == {KSS}
    for row, item in zip(PRINTED["previous"], held, strict=True):
        finding = item.findings.get()
        assert (finding.text, finding.progress_printed, finding.place) == (
            row["finding"],
            row["progress"],
            row["place"],
        )
        assert (finding.inspection, finding.position) == (west_kent(), item.position)
    assert [previous(n).findings.get().progress for n in range(1, 8)] == ["some", *["no"] * 6]


def test_no_owner_no_date_and_no_progress_is_invented() -> None:
    invented = {"owner", "due_on", "original_due_on", "progress", "reported_by", "reported_on"}
    for item in Recommendation.objects.all():
        assert {name: getattr(item, name) for name in invented} == {
            **dict.fromkeys(("owner", "due_on", "original_due_on", "reported_by", "reported_on")),
            "progress": "",
        }
        assert (item.status, item.version, item.quiet_since) == ("open", 1, LOADED.date())


def test_loading_is_recorded_as_one_operation_without_actor() -> None:
    events = Event.objects.filter(inspection_id=west_kent().pk)
    about = Event.objects.filter(operation_id=events.earliest("pk").operation_id)
    assert Counter(about.values_list("verb", flat=True)) == {
        "inspection.published": 1,
        "recommendation.printed": 19,
        "recommendation.rated": 7,
    }
    assert {(event.actor, event.at, event.day) for event in about} == {(None, LOADED, LOADED.date())}
    printed = Event.objects.about(recommendation(6)).get()
    assert printed.organisation_id == Organisation.objects.get(path=KSS).pk
    assert printed.changes["text"] == [None, recommendation(6).text]
    assert "owner_id" not in printed.changes


# -- the same file again ---------------------------------------------------------------------------------------------
def test_the_same_file_again_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, rows = everything(), printed_rows()
    for _ in range(2):
        said = load(tmp_path, report(), capsys)
        assert "12 recommendations and 7 previous ones are already loaded; nothing changed." in said
    assert (everything(), printed_rows()) == (before, rows)


def test_the_same_words_in_another_layout_are_the_same_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = everything()
    content = copy.deepcopy(PRINTED)
    content["recommendations"][0]["text"] = f"\n {content['recommendations'][0]['text'].replace(' ', '  ')}"
    content["inspection"]["organisation"] = "WEST KENT"
    load(tmp_path, b"\xef\xbb\xbf" + json.dumps(content, indent=1).encode(), capsys)
    assert everything() == before


@pytest.mark.grid
@pytest.mark.parametrize(
    "content",
    [
        with_value("recommendations", 3, "text", "ensure case supervision is available"),
        with_value("recommendations", 3, "number", "13"),
        with_value("recommendations", 3, "addressee", "KSS"),
        with_value("recommendations", 3, "place", "Recommendations, page 7"),
        with_value("previous", 1, "progress", "Some progress"),
        with_value("previous", 1, "finding", "Case supervision happens."),
        with_value("previous", 1, "text", "Something else entirely."),
        with_value("ratings", 0, "rating", "Good"),
        with_value("inspection", None, "score", 2),
        with_value("inspection", None, "overall_rating", "Good"),
        without("recommendations", 11),
        without("previous", 0),
        without("ratings", 8),
        {**PRINTED, "recommendations": PRINTED["recommendations"][::-1]},
    ],
)
def test_a_held_report_with_other_words_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: dict[str, Any]
) -> None:
    before, rows = everything(), printed_rows()
    with pytest.raises(CommandError, match="already loaded with different text"):
        load(tmp_path, content, capsys)
    assert (everything(), printed_rows()) == (before, rows)


def test_what_was_planned_since_does_not_make_the_words_other_ones(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(
        owner=cast.officer, due_on=TODAY, original_due_on=TODAY, version=2
    )
    assert "nothing changed" in load(tmp_path, report(), capsys)
    assert recommendation(4).owner == cast.officer


# -- all or nothing --------------------------------------------------------------------------------------------------
def test_unknown_organisation_is_named_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = everything()
    content = copy.deepcopy(EAST_KENT)
    content["inspection"]["organisation"] = "Kent East"
    content["recommendations"][1]["addressee"] = "NOMS"
    content["previous"][0]["addressee"] = "Kent, Surrey and Essex"
    with pytest.raises(CommandError) as refused:
        load(tmp_path, content, capsys)
    lines = str(refused.value).splitlines()
    assert lines[0].startswith("Nothing was loaded from ")
    assert [line.split(": ")[0].strip() for line in lines[1:]] == [
        "inspection.organisation",
        "recommendations[1].addressee",
        "previous[0].addressee",
    ]
    assert [name in line for name, line in zip(("Kent East", "NOMS", "Essex"), lines[1:], strict=True)] == [True] * 3
    assert everything() == before


def test_the_last_unknown_name_stops_the_whole_file() -> None:
    before = everything()
    content = copy.deepcopy(EAST_KENT)
    content["previous"][1]["addressee"] = "East Kant"
    with pytest.raises(Unreadable) as refused:
        publish(read(json.dumps(content).encode()), by=None, at=NOON)
    assert [where for where, _ in refused.value.wrong] == ["previous[1].addressee"]
    assert everything() == before


def test_the_name_may_be_added_and_the_file_loaded_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = copy.deepcopy(EAST_KENT)
    content["recommendations"][1]["addressee"] = "National Offender Management Service"
    with pytest.raises(CommandError):
        load(tmp_path, content, capsys)
    Alias.objects.create(
        organisation=Organisation.objects.get(path="hmpps/"), name="National Offender Management Service"
    )
    assert "2 recommendations and 2 previous ones loaded." in load(tmp_path, content, capsys)
    item = Recommendation.objects.get(text="review the pay of case administrators")
    assert (item.addressee.path, item.addressee_printed) == ("hmpps/", "National Offender Management Service")


def test_a_file_that_cannot_be_read_loads_nothing_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything()
    with pytest.raises(CommandError, match=r"inspection\.published: It must be a month"):
        load(tmp_path, with_value("inspection", None, "published", "2022-13"), capsys)
    with pytest.raises(CommandError, match="file: It is not UTF-8 text"):
        load(tmp_path, b"\xff\xfe", capsys)
    with pytest.raises(CommandError, match="cannot be opened: No such file"):
        call_command("load_inspection", str(tmp_path / "none.json"))
    assert everything() == before


# -- a second report -------------------------------------------------------------------------------------------------
@pytest.fixture
def east_kent() -> Inspection:
    return publish(read(json.dumps(EAST_KENT).encode()), by=None, at=NOON)[0]


def test_a_report_that_prints_a_day_is_held_with_that_day(east_kent: Inspection) -> None:
    assert (east_kent.published_from, east_kent.published_to) == (datetime.date(2024, 2, 9),) * 2
    assert east_kent.published == "9 February 2024"
    assert east_kent.organisation.name == "East Kent PDU"
    assert (east_kent.loaded_on, east_kent.isbn) == (TODAY, "")


def test_known_previous_recommendation_gets_a_finding_and_no_copy(east_kent: Inspection) -> None:
    item = previous(2)
    assert Recommendation.objects.filter(text=item.text).count() == 1
    assert item.inspection == west_kent()
    found = [(finding.inspection, finding.progress, finding.text) for finding in item.findings.order_by("pk")]
    assert found == [
        (west_kent(), "no", REPEATED["finding"]),
        (east_kent, "sufficient", "Supervision now happens every six weeks."),
    ]
    assert item.version == 1
    rated = Event.objects.about(item).newest_first()[0]
    assert (rated.verb, rated.changes) == ("recommendation.rated", {})


def test_unknown_previous_recommendation_is_added(east_kent: Inspection) -> None:
    item = Recommendation.objects.get(text="KSS will open an office in Thanet.")
    assert (item.inspection, item.is_previous, item.position, item.number) == (east_kent, True, 2, "")
    assert item.findings.get().progress_printed == ""


def test_the_second_report_leaves_the_first_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held, findings = west_kent().recommendations.order_by("pk"), west_kent().findings.order_by("pk")
    before = [list(rows.values()) for rows in (held, findings)]
    load(tmp_path, EAST_KENT, capsys)
    assert [list(rows.values()) for rows in (held.all(), findings.all())] == before
    assert "nothing changed" in load(tmp_path, EAST_KENT, capsys)
    assert "nothing changed" in load(tmp_path, report(), capsys)
    assert [list(rows.values()) for rows in (held.all(), findings.all())] == before


def test_the_same_words_to_another_addressee_are_another_recommendation() -> None:
    content = copy.deepcopy(EAST_KENT)
    content["previous"][0]["addressee"] = "East Kent PDU"
    publish(read(json.dumps(content).encode()), by=None, at=NOON)
    assert Recommendation.objects.filter(text=REPEATED["text"]).count() == 2
    assert previous(2).findings.count() == 1


def sees(person: User) -> set[tuple[str, str]]:
    """Which recommendations: by the organisation whose report prints each first, and its title there."""
    rows = visible_recommendations(Access(person, TODAY)).select_related("inspection__organisation")
    found = [(item.inspection.organisation.name, item.title) for item in rows]
    assert len(found) == len(set(found))
    return set(found)


def test_each_sees_what_is_in_reports_on_theirs_and_what_is_addressed_to_theirs(
    cast: Cast, east_kent: Inspection
) -> None:
    west = {("West Kent PDU", f"Recommendation {n}") for n in range(1, 13)}
    west |= {("West Kent PDU", f"Previous recommendation {n}") for n in range(1, 8)}
    east = {("East Kent PDU", f"Recommendation {n}") for n in (1, 2)}
    east |= {("East Kent PDU", "Previous recommendation 2")}
    rated_again = {("West Kent PDU", "Previous recommendation 2")}
    for person in (cast.head, cast.officer, cast.supplier):
        assert sees(person) == west
        assert set(visible_inspections(Access(person, TODAY))) == {west_kent()}
    assert sees(cast.neighbour) == east | rated_again
    assert set(visible_inspections(Access(cast.neighbour, TODAY))) == {east_kent}
    for person in (cast.operations, cast.director, cast.inspector, cast.policy, cast.reader):
        assert sees(person) == west | east
    for person in (cast.stranger, cast.strange_admin, cast.nobody):
        assert sees(person) == set()
        assert not visible_inspections(Access(person, TODAY)).exists()


def test_seeing_a_recommendation_does_not_allow_planning_it(cast: Cast, east_kent: Inspection) -> None:
    assert not can_plan(Access(cast.neighbour, TODAY), previous(2))
    assert not can_plan(Access(cast.head, TODAY), previous(2))
    assert can_plan(Access(cast.operations, TODAY), previous(2))


def test_a_report_loaded_on_the_day_it_is_published_is_quiet_from_the_later_of_both() -> None:
    content = copy.deepcopy(EAST_KENT)
    content["inspection"]["published"] = "2026-11"
    held, is_new = publish(read(json.dumps(content).encode()), by=None, at=NOON)
    assert is_new
    assert {item.quiet_since for item in held.recommendations.all()} == {datetime.date(2026, 11, 30)}
