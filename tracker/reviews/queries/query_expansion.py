"""What words of a search mean beside themselves: a number, an organisation by any of its names, a standard."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from tracker.accounts.models import Alias, Organisation
from tracker.accounts.policies import Access
from tracker.inspections.models import Rating
from tracker.inspections.policies import may_be_seen
from tracker.recommendations.models import StandardLink
from tracker.reviews.forms.search import STOP_WORDS, Sought, Term, words_in

# Half of all organisations have these in their names.
GENERAL = "pdu probation region service services unit delivery hm"
OF_ANY = frozenset(GENERAL.split())
# Fewer letters than this could begin too many names.
SHORTEST = 3


@dataclass
class Names:
    """`whole` is by the words of a name in order, `single` by a word that tells some organisations from others."""

    whole: dict[tuple[str, ...], set[int]] = field(default_factory=lambda: defaultdict(set))
    single: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, name: str, organisation: int) -> None:
        words = tuple(word for word in words_in(name) if word not in STOP_WORDS)
        self.whole[words].add(organisation)
        while words and words[-1] in OF_ANY:
            words = words[:-1]
        if words:
            self.whole[words].add(organisation)
        for word in set(words) - OF_ANY:
            self.single[word].add(organisation)


@dataclass(frozen=True)
class Meaning:
    """A term, and what it may mean of a recommendation that does not say so in its text."""

    term: Term
    places: frozenset[int] = frozenset()
    standards: frozenset[str] = frozenset()

    @property
    def about(self) -> Q | None:
        found = []
        if self.term.number and self.term.is_previous:
            found.append(Q(is_previous=True, position=int(self.term.number)))
        elif self.term.number:
            found.append(Q(is_previous=False, number=self.term.number))
        if self.places:
            found.append(Q(addressee__in=self.places) | Q(inspection__organisation__in=self.places))
        if self.standards:
            found.append(Q(pk__in=StandardLink.objects.filter(standard__in=self.standards).values("recommendation")))
        condition = Q()
        for one in found:
            condition |= one
        return condition if found else None


def meanings(access: Access, asked: Sought) -> list[Meaning]:
    """Three queries. Names of several words are one term; whoever asks literally means nothing else."""
    if asked.is_literal:
        return []
    names, standards = _names(), _standards(access)
    found, terms = [], list(asked.terms)
    while terms:
        term, places = _name_at_start(terms, names)
        terms = terms[len(term.text.split(" ")) :]
        found.append(Meaning(term, frozenset(places), frozenset(_standards_called(term, standards))))
    return found


def _names() -> Names:
    names = Names()
    for pk, name in Organisation.objects.order_by().values_list("pk", "name"):
        names.add(name, pk)
    for pk, name in Alias.objects.order_by().values_list("organisation", "name"):
        names.add(name, pk)
    return names


def _standards(access: Access) -> list[tuple[str, str]]:
    """Number and name, as reports print them that the person may see."""
    rows = Rating.objects.filter(may_be_seen(access, "inspection__")).order_by("standard", "name")
    return list(rows.values_list("standard", "name").distinct())


def _name_at_start(terms: list[Term], names: Names) -> tuple[Term, set[int]]:
    """The longest name that the terms begin with, as one term; else the first, with whom it may stand for."""
    for count in range(len(terms), 1, -1):
        words = tuple(term.text for term in terms[:count])
        if words in names.whole:
            return Term(" ".join(words)), names.whole[words]
    term = terms[0]
    if (term.text,) in names.whole:
        return term, names.whole[(term.text,)]
    return term, {pk for word, places in names.single.items() if _fits(term, word) for pk in places}


def _fits(term: Term, word: str) -> bool:
    return word == term.text or (term.is_last and len(term.text) >= SHORTEST and word.startswith(term.text))


def _standards_called(term: Term, standards: list[tuple[str, str]]) -> set[str]:
    named = {number for number, name in standards if any(_fits(term, word) for word in words_in(name))}
    return named | ({term.standard} if term.standard else set())
