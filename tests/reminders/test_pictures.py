"""The digest of five people in five situations as a phone shows it: does it fit, and would anybody delete it?

With TRACKER_PICTURES=docs/guide the pictures are kept there:

    TRACKER_PICTURES=docs/guide python -m pytest -m browser tests/reminders/test_pictures.py
"""

import base64
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.base import NOON, TODAY, Cast, recommendation, west_kent
from tests.recommendations.asking import TOP, ask_of
from tests.recommendations.promising import asked, fixed
from tests.recommendations.reviewing import submitted
from tests.reminders.everything import action, at_risk, day, due, figure, late_ask, lineage, plan_due
from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.recommendations.models import Ask, Recommendation
from tracker.reminders import emails

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("at_noon", "own_store")]
# Pixels of the picture that is kept; the letter may be longer.
TALLEST = 1150
# A picture in the documentation stays small.
HEAVIEST = 60_000


def named(**names: str) -> None:
    for who, name in names.items():
        User.objects.filter(email=f"{who}@example.test").update(name=name)


def owner(cast: Cast) -> User:
    """Two things late, one of them moved before, and two due."""
    late = due(4, -9, cast.officer)
    Recommendation.objects.filter(pk=late.pk).update(original_due_on=day(-40))
    due(2, -1, cast.officer)
    due(5, 4, cast.officer)
    action(cast, 2, cast.officer, "Read and mark four cases with each new officer")
    return cast.officer


def lead(cast: Cast) -> User:
    """A bad week: much is late, asks are unanswered, a plan is due, and what the levels above promised is late."""
    for number, days in ((1, -61), (2, -33), (3, -20), (5, -15)):
        due(number, days, cast.officer if number < 4 else None)
    west = recommendation(4).addressee
    for late, item in enumerate(Recommendation.objects.filter(inspection=west_kent(), is_previous=True), start=15):
        Recommendation.objects.filter(pk=item.pk).update(
            addressee=west, owner=cast.colleague, due_on=day(-late), original_due_on=day(-late)
        )
    at_risk(4, cast.officer)
    action(cast, -16, cast.officer, "Train every officer in reading risk")
    late_ask(cast, 4, 6)
    plan_due(3)
    due(6, -30, cast.operations)
    lineage(4)
    return cast.head


def reviewer(cast: Cast) -> User:
    """Three decisions, and what has been late for long."""
    item = submitted(4, cast)
    Recommendation.objects.filter(pk=item.pk).update(submitted_on=day(-12))
    submitted(5, cast)
    fixed(3, cast.head)
    asked(3, cast.head)
    due(1, -45, cast.officer)
    due(2, -29, None)
    return cast.director


def policy_lead(cast: Cast) -> User:
    """Asks of HMPPS, one late, and one recommendation of its own."""
    ask = ask_of(4, TOP, cast.head, words="Let probation practitioners of the region keep their cases when they move.")
    Ask.objects.filter(pk=ask.pk).update(wanted_on=day(-8))
    ask_of(5, TOP, cast.head, words="Two trainers for the refresher course on risk.")
    due(11, -2, cast.policy)
    return cast.policy


def supplier(cast: Cast) -> User:
    figure(cast)
    return cast.supplier


SITUATIONS: dict[str, tuple[Callable[[Cast], User], int, str]] = {
    "owner": (owner, 375, "light"),
    "lead": (lead, 375, "light"),
    "reviewer": (reviewer, 600, "light"),
    "policy-lead": (policy_lead, 375, "dark"),
    "supplier": (supplier, 375, "light"),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_digest_fits_the_screen(cast: Cast, browser: "Browser", tmp_path: Path, situation: str) -> None:
    make, width, scheme = SITUATIONS[situation]
    named(officer="Officer, Maidstone", head="Head of West Kent", director="Director, KSS", colleague="Officer, Medway")
    named(operations="Head of operations, KSS", policy="Head of policy, HMPPS", supplier="Analyst, KSS")
    person = User.objects.get(pk=make(Cast.load()).pk)
    last = emails.digest(Access(person, TODAY, NOON))
    assert last is not None
    # As on a later day, on which a part of it is new.
    before = emails.PreviousDigest(day(-3), frozenset(mark for n, mark in enumerate(last.told) if n % 5))
    letter = emails.digest(Access(person, TODAY, NOON), last=before)
    assert letter is not None
    page = browser.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)  # type: ignore[arg-type]
    try:
        page.set_content(letter.html)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        faint = page.evaluate(FAINT)
        assert faint == []
        tall = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
        picture = Path(os.environ.get("TRACKER_PICTURES") or tmp_path) / f"digest-{situation}.png"
        clip = {"x": 0, "y": 0, "width": width, "height": tall}
        shot = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
        shades = page.evaluate(SHADES, base64.b64encode(shot).decode())
        picture.write_bytes(png(width, tall, shades["palette"], base64.b64decode(shades["pixels"])))
        assert picture.stat().st_size < HEAVIEST
    finally:
        page.close()


def png(width: int, height: int, palette: list[int], pixels: bytes) -> bytes:
    """With a palette, which is a third of what a browser writes; `pixels` are its indices, row after row."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + pixels[row * width : (row + 1) * width] for row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = [(b"IHDR", head), (b"PLTE", bytes(palette)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


# A picture in at most 256 colours: eight shades of red and green, four of blue.
SHADES = """async (shot) => {
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + shot)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const data = canvas.getImageData(0, 0, image.width, image.height).data;
  const palette = [], known = new Map(), chars = [];
  for (let n = 0; n < data.length; n += 4) {
    const key = (data[n] >> 5) * 32 + (data[n + 1] >> 5) * 4 + (data[n + 2] >> 6);
    if (!known.has(key)) { known.set(key, known.size); palette.push(data[n], data[n + 1], data[n + 2]); }
    chars.push(String.fromCharCode(known.get(key)));
  }
  return { palette, pixels: btoa(chars.join("")) };
}"""
# What cannot be read well on its ground: contrast below 4.5 to 1.
FAINT = """() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const found = parts(getComputedStyle(node).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")]
    .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()))
    .map((node) => {
      const pair = [light(parts(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => b - a);
      return [node.textContent.trim().slice(0, 40), (pair[0] + 0.05) / (pair[1] + 0.05)];
    })
    .filter(([, ratio]) => ratio < 4.5);
}"""
