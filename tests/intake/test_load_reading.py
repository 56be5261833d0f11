"""Our own reading of a report: loaded once, marked as ours, and each baseline as the report prints it."""

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.base import Cast, previous, recommendation, west_kent
from tracker.history.models import Event
from tracker.measures.models import Measure
from tracker.recommendations.models import Lineage, MeasureLink, Recommendation, StandardLink

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("cast")]
FILE = settings.BASE_DIR / "tracker" / "intake" / "data" / "west-kent-pdu-2022-reading.json"
OURS = json.loads(FILE.read_text("utf-8"))


def load(path: Path, content: Any, capsys: pytest.CaptureFixture[str]) -> str:
    file = path / "reading.json"
    file.write_text(json.dumps(content))
    call_command("load_reading", str(file))
    return capsys.readouterr().out


def test_west_kents_is_loaded_and_marked_as_ours(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_reading", str(FILE))
    assert "our interpretation:" in capsys.readouterr().out
    assert Measure.objects.count() == len(OURS["measures"])
    assert not Measure.objects.filter(is_ours=False).exists()
    assert not Measure.objects.exclude(supplier=None).exists()
    assert set(MeasureLink.objects.values_list("said_by", flat=True)) == {"ours"}
    assert set(Lineage.objects.values_list("earlier", "later", "said_by", "state")) == {
        (previous(one).pk, recommendation(other).pk, "ours", "proposed")
        for one, other in ((1, 5), (2, 4), (3, 7), (5, 8))
    }
    assert set(StandardLink.objects.values_list("said_by", flat=True)) == {"ours"}
    without = Recommendation.objects.filter(measure_links=None)
    assert set(without) == {recommendation(3), previous(6)}
    verbs = Event.objects.filter(actor=None, verb__in=("measure.added", "lineage.linked", "inspection.read"))
    assert verbs.filter(verb="measure.added").count() == len(OURS["measures"])
    assert verbs.filter(verb="lineage.linked").count() == 4


def test_second_load_changes_nothing(capsys: pytest.CaptureFixture[str], cast: Cast) -> None:
    call_command("load_reading", str(FILE))
    Measure.objects.update(target=Decimal(20), supplier=cast.supplier)
    Lineage.objects.update(state="rejected")
    before = Event.objects.count()
    call_command("load_reading", str(FILE))
    assert "already loaded; nothing changed" in capsys.readouterr().out
    assert Event.objects.count() == before
    assert set(Measure.objects.values_list("target", "supplier")) == {(Decimal(20), cast.supplier.pk)}
    assert set(Lineage.objects.values_list("state", flat=True)) == {"rejected"}


@pytest.mark.parametrize("row", OURS["measures"], ids=lambda row: row["name"][:40])
def test_each_baseline_is_what_the_report_prints(row: dict[str, Any]) -> None:
    """The figure, or the difference of two, under the name that stands in the inspection file."""
    printed = {one["name"]: one["value"] for one in west_kent().printed_measures}
    first, *rest = [Decimal(str(printed[name])) for name in row["printed"]]
    baseline = row["baseline_of"] if "baseline_of" in row else row["baseline"]
    assert Decimal(str(baseline)) == first - sum(rest)
    assert row["place"]
    # Where we took one from the other, the caution or the definition says so.
    assert not rest or "ours" in row["caution"]


# Which way is better, and the baseline, as the report is to be read: by recommendation.
READ = {
    "1": [("down", "26"), ("up", "25")],
    "4": [("down", "89")],
    "5": [("up", "48"), ("up", "53")],
    "6": [("down", "22"), ("down", "30")],
    "7": [("down", "70"), ("down", "89"), ("down", "10.5"), ("down", "36")],
    "8": [("up", "2.8")],
    "9": [("down", "22")],
    "10": [("up", "3 of 7")],
    "11": [("down", "30"), ("down", "15"), ("down", "14.8")],
    "12": [("down", "5")],
    "previous 2": [("down", "89")],
    "previous 3": [("down", "70"), ("down", "89"), ("down", "10.5")],
    "previous 5": [("up", "21"), ("up", "27"), ("up", "27"), ("up", "24")],
    "previous 7": [("up", "38"), ("up", "10")],
}


@pytest.mark.parametrize("name", READ)
def test_evidence_for_each_recommendation(name: str) -> None:
    rows = [row for row in OURS["measures"] if name in row["for"]]
    found = [
        (
            row["better"],
            str(row["baseline"]) if "baseline" in row else f"{row['baseline_of']} of {row['baseline_out_of']}",
        )
        for row in rows
    ]
    assert found == READ[name]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"baseline": 88}, r"measures\[0\].baseline: The report prints 26"),
        ({"printed": ["No such figure"]}, r"measures\[0\].printed: The report prints no figure called No such figure"),
        ({"for": ["13"]}, r"measures\[0\].for: The report has no recommendation 13"),
        ({"better": "sideways"}, r"measures\[0\].better: It must be up or down"),
        ({"baseline": None}, r"measures\[0\].baseline: Give a value"),
        ({"colour": "red"}, r"measures\[0\].colour: There is no such field"),
        ({"name": ""}, r"measures\[0\].name: It must not be empty"),
    ],
)
def test_a_fault_is_named_with_its_place_and_nothing_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], said: str
) -> None:
    content, before = copy.deepcopy(OURS), Event.objects.count()
    content["measures"][0] |= change
    with pytest.raises(CommandError, match=said):
        load(tmp_path, content, capsys)
    assert (Measure.objects.count(), Event.objects.count()) == (0, before)


def test_reading_needs_its_report_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = copy.deepcopy(OURS)
    content["inspection"]["published"] = "2024-05"
    with pytest.raises(CommandError, match=r"This inspection is not loaded\. Load it first"):
        load(tmp_path, content, capsys)
    with pytest.raises(CommandError, match="cannot be opened: No such file"):
        call_command("load_reading", str(tmp_path / "none.json"))


def test_earlier_years_are_stored_once_and_reported() -> None:
    call_command("load_reading", str(FILE))
    assert {item.asked_before for item in west_kent().recommendations.filter(is_previous=True)} == {"2019, 2021"}
    versions = list(west_kent().recommendations.values_list("pk", "version"))
    call_command("load_reading", str(FILE))
    assert list(west_kent().recommendations.values_list("pk", "version")) == versions


def test_invalid_year_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = copy.deepcopy(OURS)
    wrong["asked_before"][0]["years"] = ["soon"]
    with pytest.raises(CommandError, match=r"asked_before\[0\].years: Each must be a year"):
        load(tmp_path, wrong, capsys)
    assert not Measure.objects.exists()
