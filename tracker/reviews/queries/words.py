"""Which texts hold a word, and how often: by PostgreSQL's full text, or on SQLite by looking through them.

PostgreSQL makes anew what it keeps of a text whenever the text changes, so that what was removed is found by nobody.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, and_, or_
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector, SearchVectorField
from django.db import connection
from django.db.models import F, FloatField, Func, Q, QuerySet, Value
from django.db.models.constants import LOOKUP_SEP
from django.db.models.functions import Cast, Coalesce, Concat, Length, Lower, Replace

from tracker.history.models import FreeText
from tracker.reviews.forms.search import FORMS, Phrase, Sought, Term, stem, words_in
from tracker.web.forms import clean_text

ENGLISH = "english"
KEPT = "in_english"
# Letters of a text that are shown, around the first word found.
SHOWN, BEFORE = 260, 80


Asked = Sequence[Term] | Sought


def holding(rows: QuerySet[Any], column: str, asked: Asked) -> QuerySet[Any]:
    """Those whose `column` holds all the terms, or what is asked for literally."""
    if connection.vendor == "postgresql":
        with_vector: QuerySet[Any] = rows.annotate(vector=_vector(column, is_kept=rows.model is FreeText))
        return with_vector.filter(vector=_query(asked, and_))
    return rows.filter(_looked_through(column, asked))


def closeness(columns: tuple[str, ...], asked: Sought) -> Any:
    """The more a row speaks of it, the more; comparable within one search only."""
    if connection.vendor == "postgresql":
        query = _query(asked if asked.is_literal else asked.terms, or_)
        vectors = [_vector(column, is_kept=LOOKUP_SEP in column) for column in columns]
        return reduce(add, (Coalesce(SearchRank(vector, query), 0.0) for vector in vectors))
    text: Any = Value("")
    for column in columns:
        text = Concat(text, Value(" "), Coalesce(F(column), Value("")))
    return reduce(add, (_times(text, stem(word)) for word in asked.words))


class Kept(Func):
    """The vector that PostgreSQL keeps beside the text of FreeText."""

    output_field = SearchVectorField()

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_more: Any) -> tuple[str, Any]:
        text, params = compiler.compile(self.source_expressions[0])
        return f"{text.rpartition('.')[0]}.{connection.ops.quote_name(KEPT)}", params


def _vector(column: str, *, is_kept: bool) -> Any:
    """Kept for FreeText, which has many rows. That of a recommendation's text, which is short, is in the index only."""
    return Kept(column) if is_kept else SearchVector(column, config=ENGLISH)


def _query(asked: Asked, joined: Callable[[Any, Any], Any]) -> Any:
    if isinstance(asked, Sought):
        return SearchQuery(asked.typed, config=ENGLISH, search_type="websearch")
    return reduce(joined, map(_query_for, asked))


def _query_for(term: Term) -> SearchQuery:
    if term.is_last and term.text.isalnum() and len(term.text) > 1:
        return SearchQuery(f"{term.text}:*", config=ENGLISH, search_type="raw")
    # Two words are looked for as they stand.
    return SearchQuery(term.text, config=ENGLISH, search_type="phrase" if " " in term.text else "websearch")


def _looked_through(column: str, asked: Asked) -> Q:
    if not isinstance(asked, Sought):
        return reduce(and_, (_has(column, words_in(term.text), is_begun=term.is_last) for term in asked))
    found = Q(pk__in=[])
    for group in asked.alternatives:
        found |= reduce(and_, (_asked(column, phrase) for phrase in group))
    return found


def _asked(column: str, phrase: Phrase) -> Q:
    return ~_has(column, phrase.words) if phrase.is_left_out else _has(column, phrase.words)


def _has(column: str, words: Iterable[str], *, is_begun: bool = False) -> Q:
    """LIKE leaves few rows to the expression, which is dearer; it knows capitals of ASCII only."""
    few = Q()
    for word in words:
        if word.isascii():
            few &= Q(**{f"{column}__icontains": stem(word)})
    return few & Q(**{f"{column}__iregex": pattern(words, is_begun=is_begun)})


def _times(text: Any, word: str) -> Any:
    spare = Length(text) - Length(Replace(Lower(text), Value(word), Value("")))
    return Cast(spare, FloatField()) / Value(float(len(word)))


def pattern(words: Iterable[str], *, is_begun: bool = False) -> str:
    """A word, or several in this order, in any of its forms; or whatever begins with it."""
    forms = r"\w*" if is_begun else rf"(?:{'|'.join(FORMS)})?\b"
    return r"\b" + r"\W+".join(re.escape(stem(word)) + forms for word in words)


@dataclass(frozen=True)
class Piece:
    text: str
    is_found: bool = False


def _patterns(asked: Sought) -> list[str]:
    if asked.is_literal:
        return [pattern([word]) for word in asked.words]
    return [pattern(words_in(term.text), is_begun=term.is_last) for term in asked.terms]


def marked_up(text: object, asked: Sought, *, most: int = SHOWN) -> list[Piece]:
    """One line of the text around the first of the words, in pieces: each is one of them or is not."""
    line = clean_text(str(text)[: 20 * SHOWN], lines=False)
    finder = re.compile("|".join(_patterns(asked)) or "(?!)", re.IGNORECASE)
    first = finder.search(line)
    begin = first.start() - BEFORE if first and len(line) > most and first.start() > BEFORE else 0
    begin = line.find(" ", begin) + 1 if begin else 0
    end = len(line) if len(line) - begin <= most else max(line.rfind(" ", begin, begin + most), begin + most // 2)
    shown, at = line[begin:end], 0
    pieces = [Piece("… ")] if begin else []
    for found in finder.finditer(shown):
        pieces += [Piece(shown[at : found.start()]), Piece(found[0], is_found=True)]
        at = found.end()
    pieces.append(Piece(shown[at:] + (" …" if end < len(line) else "")))
    return [piece for piece in pieces if piece.text]
