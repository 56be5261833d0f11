"""The stacked bar: its parts make the whole, its words say them all, and it prints without colour."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.base import KSS, Cast
from tests.factories import everywhere, read
from tracker.reviews.queries.bars import STATES, progress_bar

SignedIn = Callable[[str], Client]
WEST_KENT = f"{KSS}west-kent-pdu/"


@given(st.dictionaries(st.sampled_from(list(STATES)), st.integers(0, 10_000)))
def test_parts_of_a_bar_fill_it(counts: dict[str, int]) -> None:
    bar = progress_bar(1, "West Kent PDU", counts)
    assert bar.total == sum(counts.values()) == sum(part.number for part in bar.parts)
    x = Decimal(0)
    for part in bar.parts:
        assert part.number == counts[part.name] > 0
        assert abs(part.x - x) < Decimal("0.01")
        x = part.x + part.width
    assert not bar.parts or abs(x - 100) < Decimal("0.01")


def test_text_of_a_bar_names_every_part() -> None:
    bar = progress_bar(1, "West Kent PDU", {"no": 1, "sufficient": 3})
    assert bar.title == "Reported progress: West Kent PDU"
    assert bar.desc == "4 recommendations: 1 no progress, 3 sufficient progress."
    assert progress_bar(1, "East Kent PDU", {}).desc == "No recommendations."


@pytest.mark.usefixtures("at_noon")
def test_on_the_page_each_part_has_a_pattern_and_the_row_its_figures(signed_in: SignedIn, cast: Cast) -> None:
    everywhere(41, 60, [cast.officer], [WEST_KENT, KSS])
    page = read(signed_in("director").get("/review/"))
    patterns = {pattern.attrs["id"] for pattern in page.all("pattern")}
    bars = page.all("svg", class_="app-bar")
    assert len(bars) == 3
    for bar in bars:
        title, desc = bar.attrs["aria-labelledby"].split()
        assert bar.one("title").attrs["id"] == title
        assert bar.one("desc").attrs["id"] == desc
        assert {rect.attrs["fill"] for rect in bar.all("rect")} <= {f"url(#{pattern})" for pattern in patterns}
    (west_kent,) = [row for row in page.all("tr") if "West Kent PDU" in row.text and row.all("svg")][:1]
    drawn = {text.text for text in west_kent.all("text")}
    assert drawn
    assert drawn <= {cell.text.split()[0] for cell in west_kent.all("td") if not cell.all("svg")}
