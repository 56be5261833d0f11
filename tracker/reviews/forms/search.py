"""Parses the text of the search box into terms."""

import re
from dataclasses import dataclass

from tracker.web.forms import clean_text

LONGEST = 200
# A sentence that was pasted is looked for as it is; more terms than this are not each thought about.
MOST_TERMS = 8
WORD = re.compile("\\d+(?:\\.\\d+)+|\\w+(?:['\u2019-]\\w+)*")
# PostgreSQL's own list for English: words that it does not index, so that nothing can be found by them.
TOO_COMMON = """i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers
herself it its itself they them their theirs themselves what which who whom this that these those am is are was were be
been being have has had having do does did doing a an the and but if or because as until while of at by for with about
against between into through during before after above below to from up down in out on off over under again further
then once here there when where why how all any both each few more most other some such no nor not only own same so
than too very s t can will just don should now"""
STOP_WORDS = frozenset(TOO_COMMON.split())
# Said before a number, and no part of what is looked for.
SAID_BEFORE = "recommendation recommendations rec number no standard standards previous"
BEFORE_A_NUMBER = frozenset(SAID_BEFORE.split())
# Endings of English that are left off where a database does not know them; the longest that fits first.
ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ions", "ion", "ies", "ed", "es", "ly", "s", "y", "e")
SHORTEST_STEM = 4
# What may follow a stem.
FORMS = (*ENDINGS, "ers", "er", "ors", "or")


@dataclass(frozen=True)
class Term:
    """One word, number or name. The last one may only be begun; `is_previous` as in "previous recommendation 3"."""

    text: str
    is_last: bool = False
    is_previous: bool = False

    @property
    def number(self) -> str:
        """The number of a recommendation, as in "4" or "R4", or ""."""
        found = re.fullmatch(r"(?:rec|r)?0*([1-9]\d{0,2})", self.text.lower())
        return found[1] if found else ""

    @property
    def standard(self) -> str:
        return self.text if re.fullmatch(r"\d\.\d{1,2}", self.text) else ""


@dataclass(frozen=True)
class Phrase:
    """Part of a literal search: words in this order, or words that must be absent."""

    words: tuple[str, ...]
    is_left_out: bool


@dataclass(frozen=True)
class Sought:
    """`is_literal` where quotes, a minus or "or" say how words are meant: then nothing is read into them."""

    typed: str
    terms: tuple[Term, ...] = ()
    is_literal: bool = False

    @property
    def is_too_short(self) -> bool:
        return bool(self.typed) and len(self.typed) < 2 and not self.typed.isdigit()

    @property
    def is_empty(self) -> bool:
        return self.is_too_short or not (self.words if self.is_literal else self.terms)

    @property
    def words(self) -> tuple[str, ...]:
        """The terms that a result contains, as typed."""
        if not self.is_literal:
            return tuple(term.text for term in self.terms)
        return tuple(
            word for group in self.alternatives for phrase in group if not phrase.is_left_out for word in phrase.words
        )

    @property
    def alternatives(self) -> list[list[Phrase]]:
        """What is asked for literally: any of these, of each all. As PostgreSQL reads a search on the web."""
        groups: list[list[Phrase]] = [[]]
        for minus, quoted, bare in re.findall(r'(-?)(?:"([^"]*)"?|(\S+))', self.typed):
            if bare.lower() == "or" and not minus:
                groups.append([])
            elif words := tuple(word for word in words_in(quoted or bare) if word not in STOP_WORDS):
                groups[-1].append(Phrase(words, is_left_out=bool(minus)))
        return [group for group in groups if any(not phrase.is_left_out for phrase in group)]


def words_in(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def sought(typed: str) -> Sought:
    text = clean_text(typed[: LONGEST * 4], lines=False)[:LONGEST].strip()
    found = words_in(text)
    says_how = '"' in text or re.search(r"(^|\s)-\w", text) or "or" in found
    if says_how or len(found) > MOST_TERMS:
        return Sought(text, is_literal=True)
    is_previous = "previous" in found
    kept = [
        word
        for word, following in zip(found, [*found, ""][1:], strict=True)
        if word not in STOP_WORDS and not (word in BEFORE_A_NUMBER and _leads_to_number(word, following, found))
    ]
    last = kept[-1:] == found[-1:]
    return Sought(
        text,
        tuple(Term(word, last and n == len(kept) - 1, is_previous) for n, word in enumerate(kept)),
    )


def _leads_to_number(word: str, following: str, found: list[str]) -> bool:
    """As both words of "previous recommendation 4" do."""
    if following in BEFORE_A_NUMBER:
        return any(one[0].isdigit() for one in found)
    return following[:1].isdigit()


def stem(word: str) -> str:
    """The beginning that the forms of a word have in common, about as English needs it."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word.removesuffix(ending)
    return word
