"""Search: results a person can see, by kind, best match first."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from operator import add, or_
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, F, FloatField, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import User
from tracker.accounts.policies import Access, administered_people
from tracker.history.models import FreeText
from tracker.people.queries import REMOVED
from tracker.recommendations.action.policies import visible_actions
from tracker.recommendations.evidence.policies import visible_evidence
from tracker.recommendations.models import Action, Evidence, Recommendation, Update
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.reviews.forms.search import Sought
from tracker.reviews.queries.query_expansion import Meaning, meanings
from tracker.reviews.queries.words import Asked, Piece, closeness, holding, marked_up

# Of each kind among the others, and of one kind alone.
FEW, MANY = 6, 100
# So many are counted, and the closest are looked for among so many of the newest.
COUNTED = 1000


@dataclass(frozen=True)
class Hit:
    """`words` is the text around what was found, `by` whose it is and where it stands."""

    url: str
    title: list[Piece]
    by: list[Piece]
    words: list[Piece]


@dataclass(frozen=True)
class Kind:
    """`texts` lead from its rows to FreeText; a recommendation has its own text. `of` leads to the recommendation."""

    name: str
    title: Any
    rows: Callable[[Access], QuerySet[Any]]
    texts: tuple[str, ...]
    of: str
    with_all: Callable[[QuerySet[Any]], QuerySet[Any]]
    hit: Callable[[Any, Sought], Hit]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"{name}__text" for name in self.texts) or ("text",)


@dataclass(frozen=True)
class Found:
    """`count` is exact up to a thousand; `rest` says how many are not among the hits."""

    name: str
    title: str
    count: int
    hits: list[Hit]

    @property
    def is_more_than_counted(self) -> bool:
        return self.count > COUNTED

    @property
    def rest(self) -> int:
        return self.count - len(self.hits)


def find(access: Access, asked: Sought, only: str = "") -> list[Found]:
    """The same number of queries for any result. `only` names one kind, of which more is shown."""
    if asked.is_empty:
        return []
    meant = meanings(access, asked)
    found = [_found(access, asked, meant, kind, MANY if only else FEW) for kind in KINDS if only in ("", kind.name)]
    if only in ("", "people"):
        found.append(_people_found(access, asked, MANY if only else FEW))
    return [one for one in found if one.count]


def matching(access: Access, asked: Sought, meant: list[Meaning], kind: Kind) -> QuerySet[Any]:
    """Rows of which one text holds all the terms, but for those by which the recommendation is meant.

    At least one stands in the text, if it is not the recommendation itself that is looked for.
    """
    rows = kind.rows(access)
    if asked.is_literal:
        return rows.filter(_holds(kind, asked))
    if in_text := [meaning.term for meaning in meant if meaning.about is None]:
        rows = rows.filter(_holds(kind, in_text))
    meaning_it = {meaning.term: meaning.about for meaning in meant if meaning.about is not None}
    for term, about in meaning_it.items():
        items = Recommendation.objects.filter(about).order_by().values("pk")
        rows = rows.filter(_holds(kind, [term]) | Q(**{f"{kind.of}__in": items}))
    if kind.texts and not in_text:
        return rows.filter(functools.reduce(or_, (_holds(kind, [term]) for term in meaning_it)))
    return rows


def _holds(kind: Kind, asked: Asked) -> Q:
    if not kind.texts:
        return Q(pk__in=holding(Recommendation.objects.order_by(), "text", asked).values("pk"))
    # Removed text cannot be found by its replacement "[removed]".
    texts = holding(FreeText.objects.exclude(text=REMOVED), "text", asked).values("pk")
    return functools.reduce(or_, (Q(**{f"{name}__in": texts}) for name in kind.texts))


def _found(access: Access, asked: Sought, meant: list[Meaning], kind: Kind, most: int) -> Found:
    rows = matching(access, asked, meant, kind)
    newest = list(rows.order_by("-pk").values_list("pk", flat=True)[: COUNTED + 1])
    near: Any = Cast(closeness(kind.columns, asked), FloatField()) + _means(kind, meant)
    closest = kind.with_all(rows.model._default_manager.filter(pk__in=newest[:COUNTED]))
    hits = closest.annotate(near=near).order_by(F("near").desc(nulls_last=True), "-pk")[:most]
    return Found(kind.name, str(kind.title), len(newest), [kind.hit(row, asked) for row in hits])


def _means(kind: Kind, meant: list[Meaning]) -> Any:
    """A recommendation with that number comes before one that only mentions it."""
    said = [meaning.about for meaning in meant if meaning.about is not None]
    if kind.texts or not said:
        return Value(0.0)
    cases: list[Any] = [Case(When(condition, then=Value(2.0)), default=Value(0.0)) for condition in said]
    return functools.reduce(add, cases)


# -- how each kind is shown ------------------------------------------------------------------------------------------
def _where(item: Recommendation) -> str:
    place = f"{item.inspection.organisation}, {item.inspection.published}"
    if item.addressee_id == item.inspection.organisation_id:
        return place
    return _("%(place)s, to %(name)s") % {"place": place, "name": item.addressee}


def _recommendation(item: Recommendation, asked: Sought) -> Hit:
    url = reverse("recommendations:detail", args=[item.pk])
    return Hit(url, marked_up(item.title, asked), marked_up(_where(item), asked), marked_up(item.text, asked))


def _action(action: Action, asked: Sought) -> Hit:
    by = _("Action of %(name)s, %(state)s") % {"name": action.addressee, "state": action.get_state_display().lower()}
    words = str(action.words) + (f" ({action.done_by})" if action.done_by else "")
    title = marked_up(words, asked)
    return Hit(reverse("recommendations:action", args=[action.pk]), title, marked_up(by, asked), [])


def _update(update: Update, asked: Sought) -> Hit:
    item = update.recommendation
    url = f"{reverse('recommendations:detail', args=[item.pk])}#update-{update.pk}"
    day = format_date(update.day, "j F Y")
    by = _("%(who)s: %(name)s, %(day)s") % {"who": update.get_speaker_display(), "name": update.author, "day": day}
    words = " ".join(str(one) for one in (update.what_changed, update.outlook_reason) if one)
    return Hit(url, _titled(item, asked), [Piece(by)], marked_up(words, asked))


def _evidence(evidence: Evidence, asked: Sought) -> Hit:
    item = evidence.recommendation
    url = f"{reverse('recommendations:detail', args=[item.pk])}#evidence-{evidence.pk}"
    by = _("Evidence from %(day)s") % {"day": format_date(evidence.speaks_of, "j F Y")}
    if evidence.withdrawn_on:
        by = _("%(by)s. Withdrawn") % {"by": by}
    return Hit(url, _titled(item, asked), [Piece(by)], marked_up(evidence.caption, asked))


def _titled(item: Recommendation, asked: Sought) -> list[Piece]:
    return marked_up(f"{item.title}, {item.inspection.organisation}", asked)


ON_ITEM = ("recommendation__inspection__organisation",)
KINDS = (
    Kind(
        "recommendations",
        gettext_lazy("Recommendations"),
        visible_recommendations,
        (),
        "pk",
        lambda rows: rows.select_related("inspection__organisation", "addressee"),
        _recommendation,
    ),
    Kind(
        "actions",
        gettext_lazy("Actions"),
        visible_actions,
        ("words", "done_by"),
        "recommendations",
        lambda rows: rows.select_related("words", "done_by", "addressee"),
        _action,
    ),
    Kind(
        "updates",
        gettext_lazy("Updates"),
        lambda access: Update.objects.filter(recommendation__in=visible_recommendations(access).values("pk")),
        ("what_changed", "outlook_reason"),
        "recommendation",
        lambda rows: rows.select_related("what_changed", "outlook_reason", "author", *ON_ITEM),
        _update,
    ),
    Kind(
        "evidence",
        gettext_lazy("Evidence"),
        visible_evidence,
        ("caption",),
        "recommendation",
        lambda rows: rows.select_related("caption", *ON_ITEM),
        _evidence,
    ),
)
NAMES = (*(kind.name for kind in KINDS), "people")


# -- people ----------------------------------------------------------------------------------------------------------
def findable_people(access: Access, asked: Sought) -> QuerySet[User]:
    """Those who own something the person sees, by name; those whom they administer, also by their address."""
    owners = visible_recommendations(access).order_by().exclude(owner=None).values("owner")
    seen, administered = Q(pk__in=owners), Q(pk__in=administered_people(access).values("pk"))
    for word in asked.words:
        seen &= Q(name__icontains=word)
        administered &= Q(name__icontains=word) | Q(email__icontains=word)
    return User.objects.filter(seen | administered)


def _people_found(access: Access, asked: Sought, most: int) -> Found:
    """One who is administered leads to their page, any other to the list of what they own."""
    rows = findable_people(access, asked).order_by("-is_active", "name", "pk")
    people = list(rows[: COUNTED + 1])
    here = set(administered_people(access).filter(pk__in=[one.pk for one in people]).values_list("pk", flat=True))
    return Found("people", _("People"), len(people), [_person(one, asked, one.pk in here) for one in people[:most]])


def _person(person: User, asked: Sought, is_administered: bool) -> Hit:
    title = marked_up(person.name, asked)
    if is_administered:
        return Hit(reverse("people:person", args=[person.pk]), title, marked_up(person.email, asked), [])
    url = f"{reverse('recommendations:list')}?{urlencode({'owner': person.pk})}"
    return Hit(url, title, [Piece(_("Owner: see their recommendations"))], [])
