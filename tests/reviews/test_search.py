"""Finding: what fits, within what one may see, each leading to where it stands; and nothing that was removed."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tests.base import KSS, NOON, NORTH, Cast, recommendation
from tests.factories import inspection_at, place, printed, read, roots
from tests.recommendations.evidence import give
from tests.recommendations.planning import sent_for_routes
from tests.reviews.finding import hits, report, titles
from tracker.history.models import FreeText
from tracker.history.operations import Actor
from tracker.inspections.models import Rating
from tracker.people.operations import agree_removal, ask_removal
from tracker.recommendations.models import Action, Evidence, Recommendation, StandardLink
from tracker.reviews.forms.search import sought
from tracker.reviews.queries.words import marked_up

SignedIn = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
PATHS = (f"{KSS}west-kent-pdu/", f"{KSS}east-kent-pdu/", KSS, "hmpps/", NORTH, f"{NORTH}county-durham-pdu/")
# No two of them begin alike, and none is a form of another.
WORDS = ("apricot", "bramble", "cinnamon", "dulcimer", "fandango", "gondola", "harpoon", "icicle")
pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("at_noon")]


# -- the box ---------------------------------------------------------------------------------------------------------
def test_it_stands_on_every_page_and_leads_to_the_search(signed_in: SignedIn) -> None:
    client = signed_in("officer")
    for path in ("/", "/recommendations/", "/inspections/", f"/recommendations/{recommendation(4).pk}/", "/absence/"):
        form = read(client.get(path)).one("form", action="/search/")
        assert (form.attrs["method"], form.attrs["role"], list(form.sent())) == ("get", "search", ["q"])
    (form,) = read(client.get("/search/")).all("form", role="search")
    assert "from:#search-q" in form.attrs["hx-trigger"]
    assert form.attrs["hx-get"] == form.attrs["action"] == "/search/"


def test_signed_out_person_has_no_search(client: Client, cast: Cast) -> None:
    assert read(client.get("/accounts/login/")).all("form", action="/search/") == []
    assert client.get("/search/?q=risk")["Location"] == "/accounts/login/?next=/search/%3Fq%3Drisk"


def test_typing_in_search_updates_only_the_results(signed_in: SignedIn) -> None:
    client = signed_in("head")
    part = read(client.get("/search/", {"q": "risk"}, headers=HTMX))
    (root,) = roots(part)
    assert root.attrs["id"] == "found"
    assert part.one(id="search-said").attrs["hx-swap-oob"] == "innerHTML"
    page = read(client.get("/search/", {"q": "risk"}))
    assert page.one(id="search-said").text == part.one(id="search-said").text
    assert page.one(id="found").text in part.one(id="found").text


# -- what a tired head of PDU means ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("4", "Recommendation 4"),
        ("R4", "Recommendation 4"),
        ("recommendation 4", "Recommendation 4"),
        ("Recommendation no 4 west kent", "Recommendation 4"),
        ("previous recommendation 3", "Previous recommendation 3"),
        ("KSS 6", "Recommendation 6"),
    ],
)
def test_a_number_finds_its_recommendation_first(signed_in: SignedIn, typed: str, first: str) -> None:
    assert titles(signed_in("head"), typed, "recommendations")[0] == first


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("KSS", KSS),
        ("kss probation region", KSS),
        ("Kent, Surrey and Sussex", KSS),
        ("hm prison and probation service", "hmpps/"),
        ("HMPPS", "hmpps/"),
    ],
)
def test_an_organisation_is_found_by_any_of_its_names(signed_in: SignedIn, typed: str, path: str) -> None:
    client = signed_in("director")
    found = {hit.one("a").attrs["href"] for hit in hits(client, typed, "recommendations", only="recommendations")}
    mine = Recommendation.objects.filter(addressee__path=path)
    assert mine
    assert {f"/recommendations/{item.pk}/" for item in mine} <= found


def test_two_words_of_one_name_are_not_two_places(signed_in: SignedIn, cast: Cast) -> None:
    """West Sussex is no West Kent, although both of its words are in names."""
    elsewhere = printed(inspection_at(f"{KSS}west-sussex-pdu/"), place(KSS), 1)[0]
    links = [hit.one("a").attrs["href"] for hit in hits(signed_in("director"), "west kent", only="recommendations")]
    assert f"/recommendations/{elsewhere.pk}/" not in links
    assert len(links) == 19


def test_a_standard_is_found_by_its_number_and_its_name(signed_in: SignedIn) -> None:
    item = recommendation(9)
    StandardLink.objects.create(recommendation=item, standard="1.7", said_by="ours")
    Rating.objects.create(inspection=item.inspection, standard="1.7", name="Zeppelins", rating="Good")
    for typed in ("1.7", "standard 1.7", "zeppelins", "Zeppe"):
        assert titles(signed_in("head"), typed) == ["Recommendation 9"], typed


def test_search_matches_word_forms_and_prefixes(signed_in: SignedIn, cast: Cast) -> None:
    update = report(4, cast.head, "Supervision of probationers was harpooned.")
    for typed in ("harpooned", "harpoon", "HARPOONING", "harpo", "probationer harpoon", "supervision kent harpoons"):
        (hit,) = hits(signed_in("head"), typed, "updates")
        assert hit.one("a").attrs["href"] == f"/recommendations/{recommendation(4).pk}/#update-{update.pk}"
    for typed in ("harpoon gondola", "arpoon", "east kent harpoon", "recommendation 5 harpoon"):
        assert hits(signed_in("head"), typed, "updates") == [], typed


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ('"gondola harpoon"', [4]),
        ('"harpoon gondola"', []),
        ("gondola -harpoon", [5]),
        ("harpoon or icicle", [4, 6]),
        ('"gondola', [4, 5]),
        ("-gondola", []),
    ],
)
def test_quotes_minus_and_or_work_in_search(signed_in: SignedIn, cast: Cast, typed: str, found: list[int]) -> None:
    for number, words, by in (
        (4, "gondola harpoon", cast.head),
        (5, "gondola", cast.head),
        (6, "icicle", cast.operations),
    ):
        report(number, by, words)
    links = [hit.one("a").text.partition(",")[0] for hit in hits(signed_in("director"), typed, "updates")]
    assert sorted(links) == [f"Recommendation {number}" for number in found]


# -- where it leads, and how it is shown -----------------------------------------------------------------------------
def test_each_result_links_to_its_place(signed_in: SignedIn, cast: Cast, own_store: Path) -> None:
    sent_for_routes(cast)
    report(4, cast.head, "An icicle was seen.")
    give(cast.head, [4], caption="Photograph of the icicle")
    FreeText.objects.create(text="icicle", written_by=cast.head, written_at=NOON)
    client = signed_in("head")
    for hit in hits(client, "icicle") + hits(client, str(Action.objects.get().words), "actions"):
        path, _hash, anchor = hit.one("a").attrs["href"].partition("#")
        page = read(client.get(path))
        assert len(page.all(id=anchor)) == 1 if anchor else hit.one("a").text in page.text
    assert [hit.one("a").attrs["href"].rpartition("#")[2][:6] for hit in hits(client, "icicle")] == ["update", "eviden"]


def test_matches_are_highlighted_and_the_query_is_escaped(signed_in: SignedIn, cast: Cast) -> None:
    report(4, cast.head, f"{'Much was said. ' * 40}<b>Harpoons</b> & <script>alert(1)</script> a harpoon.")
    answer = signed_in("head").get("/search/", {"q": "harpoon"})
    (hit,) = [one for one in read(answer).all("li", class_="app-hit") if one.all("mark")]
    assert [mark.text for mark in hit.all("mark")] == ["Harpoons", "harpoon"]
    assert hit.text.startswith("Recommendation 4, West Kent PDU Lead reports: Head, 23 November 2026 … ")
    text = answer.content.decode()
    assert "&lt;script&gt;alert(1)" in text
    assert "<b>" not in text
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    ("text", "typed", "shown"),
    [
        ("Train the trainers.", "training", "[Train] the [trainers]."),
        ("No policy.", "policies", "No [policy]."),
        ("a" * 400, "b", "a" * 130 + " …"),
        ("", "b", ""),
        ("Café café", "CAFÉ", "[Café] [café]"),
        ("100% of cases_x", "100% cases", "[100]% of [cases_x]"),
        ("left \u202eright", "right", "left [right]"),
    ],
)
def test_highlights_cover_whole_words(text: str, typed: str, shown: str) -> None:
    pieces = marked_up(text, sought(typed))
    assert "".join(f"[{one.text}]" if one.is_found else one.text for one in pieces) == shown


# -- nothing typed, nothing found, and worse -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Comments are not searched."),
        ("   ", "Comments are not searched."),
        ("a", "Enter at least 2 letters"),
        ("the of", "These words are too common"),
        ("zzzz", "No results for “zzzz”."),
    ],
)
def test_it_says_what_to_do_next(signed_in: SignedIn, typed: str, said: str) -> None:
    assert said in read(signed_in("head").get("/search/", {"q": typed})).one(id="main-content").text
    assert said in read(signed_in("head").get("/search/", {"q": typed}, headers=HTMX)).text


def hostile() -> list[str]:
    dice = random.Random(9)
    signs = "\x00'\"%_\\-&|!():*<>~@#/;.,?[]{}^$+= \u202e\u200b\ufeff’é漢🙂ı1a \t\n"
    made = ["".join(dice.choice(signs) for _ in range(dice.randint(1, 30))) for _ in range(60)]
    return [
        *made,
        *("x" * 100_000, "a b " * 50_000, "\x00risk", "4" * 300),
        *("'; DROP TABLE history_words; --", "%", "_", "\\", "risk:*", "a:b & !c | (d"),
        *(
            "<script>alert(1)</script>",
            '"',
            '""',
            "-",
            "--",
            '-"',
            "or",
            "or or or",
            "a or",
            "()",
            "\x00risk",
            "4" * 300,
        ),
        *("１２", "²:*", "ª", "ﬁne", "risk\u202eksir", "(?i)(a+)+$", "[[[", "0", "00", "-1", "1.1.1.1", "'" * 500),
        " ".join(str(n) for n in range(60)),
    ]


def test_whatever_is_typed_is_answered(signed_in: SignedIn, cast: Cast) -> None:
    report(4, cast.head, "100% of a_b \\ 'quoted' \"twice\" naïve 漢字")
    client = signed_in("director")
    for typed in hostile():
        assert client.get("/search/", {"q": typed}).status_code == 200, typed
    assert client.get("/search/", {"q": "risk", "kind": "nonsense\x00"}).status_code == 200
    assert client.get("/search/?q=%FF%00%ed%a0%80").status_code == 200
    assert client.get("/search/?q=a&q=risk").status_code == 200
    assert "Only the first 200" in read(client.get("/search/", {"q": "risk " * 100})).one(id="search-said").text


def test_sql_wildcards_are_literal(signed_in: SignedIn, cast: Cast) -> None:
    report(4, cast.head, "harpoon")
    for typed in ("harp_on", "har%on", "%arpoon", "h.rpoon", "harp% icicle"):
        assert hits(signed_in("head"), typed, "updates") == [], typed


def test_closest_results_come_first(signed_in: SignedIn, cast: Cast) -> None:
    report(5, cast.head, "A gondola. " + "Nothing of it is to be seen anywhere here. " * 9)
    report(4, cast.head, "Gondola by gondola, a gondola.")
    report(1, cast.head, "A gondola.")
    found = titles(signed_in("head"), "gondola", "updates")
    assert found[0] == "Recommendation 4, West Kent PDU"
    assert len(found) == 3


# -- removed for good ------------------------------------------------------------------------------------------------
def test_removed_text_is_not_searchable(signed_in: SignedIn, cast: Cast, own_store: Path) -> None:
    report(4, cast.head, "Mr Icicle was recalled.")
    (one,) = give(cast.head, [4], caption="Letter of Mr Icicle")
    client = signed_in("director")
    assert len(hits(client, "icicle")) == 2
    words = FreeText.objects.get(text="Mr Icicle was recalled.")
    for what in (f"w{words.pk}", f"e{one.pk}"):
        agree_removal(
            ask_removal(recommendation(4), what, by=Actor(cast.admin), at=NOON), by=Actor(cast.director), at=NOON
        )
    for typed in ("icicle", '"mr icicle"', "icicl", "recalled", "removed", "[removed]"):
        assert hits(client, typed) == [], typed
    assert Evidence.objects.get(pk=one.pk).is_removed
