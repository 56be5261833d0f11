"""The full record of one recommendation, unabridged and without anything internal."""

from collections.abc import Iterable, Iterator, Mapping

from django.conf import settings
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.exchange.queries.blocks import Block, Facts, Heading, Points, Table, Text
from tracker.exchange.queries.dossier import day_in_words
from tracker.exchange.queries.item import changed, measures, sentences, source, voices
from tracker.exchange.queries.record import Dossier, Proof, Said


def whole_blocks(one: Dossier, files: Mapping[int, str] | None = None) -> Iterator[Block]:
    """`files` maps ids of evidence to the paths of their files in the download."""
    yield Heading(one.title, 1)
    yield Text(one.text, "printed")
    yield Text(source(one), "small")
    yield Facts(tuple(_facts(one)))
    yield voices(one)
    if one.voices.gaps:
        yield Points(tuple(one.voices.gaps))
    yield from _findings(one)
    yield from _required_text(_("Updates"), _("Progress"), one.updates)
    yield from _required_text(_("Checks"), _("Progress and how it was checked"), one.checks)
    yield from _required_text(_("Submissions and sign-off"), _("Outcome"), one.submissions)
    yield from _required_text(_("Extensions"), _("Dates and decision"), one.extensions)
    yield from _evidence(one, files or {})
    yield from measures(one)
    yield from _history(one)
    yield Text(withheld(one.internal_comments), "small")


def withheld(count: int) -> str:
    if not count:
        return _("No internal comments are withheld.")
    return ngettext("%(n)s internal comment is withheld.", "%(n)s internal comments are withheld.", count) % {
        "n": count
    }


def _facts(one: Dossier) -> Iterator[tuple[str, str]]:
    yield _("Addressed to"), one.addressee
    yield _("Status"), one.status
    yield _("Response"), one.response
    if one.response_part:
        yield _("Part agreed"), one.response_part
    if one.response_reason:
        yield _("Reason"), one.response_reason
    yield _("Owner"), one.owner
    yield _("Original due date"), one.original_due or _("none confirmed")
    yield _("Current due date"), sentences(one.due or _("none"), one.lateness)
    yield _("Verified"), one.verified
    if one.standards:
        yield _("Standards"), one.standards
    if one.repeats:
        yield _("Recommended before"), one.repeats


def _findings(one: Dossier) -> Iterator[Block]:
    if one.findings:
        rows = tuple((f"{found.report}, {found.published}", found.progress, found.text) for found in one.findings)
        yield Table(_("HMIP findings"), (_("Report"), _("Progress"), _("Finding")), rows, (30, 20, 50))


def _required_text(caption: str, name: str, found: Iterable[Said]) -> Iterator[Block]:
    rows = tuple((day_in_words(said.day), said.by, said.title, sentences(said.words, said.answer)) for said in found)
    if rows:
        yield Table(caption, (_("Date"), _("Who"), name, _("Details")), rows, (18, 22, 24, 36))


def _evidence(one: Dossier, files: Mapping[int, str]) -> Iterator[Block]:
    if not one.evidence:
        yield Facts(((_("Evidence"), _("none")),))
        return
    rows = tuple(
        (piece.caption, day_in_words(piece.speaks_of), _given(piece), _where(piece, files), piece.sha256)
        for piece in one.evidence
    )
    head = (_("Evidence"), _("Relates to"), _("Added by"), _("Where"), _("SHA-256"))
    yield Table(_("Evidence"), head, rows, (26, 16, 18, 22, 18))


def _given(piece: Proof) -> str:
    return f"{piece.author}, {day_in_words(piece.given_on)}"


def _where(piece: Proof, files: Mapping[int, str]) -> str:
    if piece.state:
        return sentences(piece.state, piece.why)
    return files.get(piece.pk) or piece.link or piece.name


def _history(one: Dossier) -> Iterator[Block]:
    rows = tuple(
        (format_date(entry.at.astimezone(settings.LONDON), "j F Y, H:i"), entry.title, entry.by, changed(entry))
        for entry in one.history
    )
    if rows:
        head = (_("When"), _("What happened"), _("Who"), _("What changed and why"))
        yield Table(_("History, newest first"), head, rows, (20, 24, 20, 36))
