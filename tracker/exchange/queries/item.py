"""One recommendation in a meeting pack: what was recommended, what is reported, and the evidence."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.exchange.queries.blocks import Block, Facts, Heading, Points, Table, Text
from tracker.exchange.queries.dossier import day_in_words
from tracker.exchange.queries.record import Asked, Dossier, Proof, RecordedFigure, Step, Value
from tracker.recommendations.timeline.queries import Entry

# Longer text is cut to this. The full text is on the page of the recommendation.
READINGS, PIECES, ENTRIES = 4, 10, 5


def item_blocks(one: Dossier) -> Iterator[Block]:
    yield Heading(one.title, 3, note=one.lateness)
    yield Text(one.text, "printed")
    yield Text(source(one), "small")
    yield Facts(tuple(_facts(one)))
    yield voices(one)
    if one.voices.gaps:
        yield Points(tuple(one.voices.gaps))
    yield from _proof(one)
    how = _("Status")
    if one.steps:
        rows = tuple((step.words, step.who, step.due or _("no date"), _step(step)) for step in one.steps)
        yield Table(_("Actions"), (_("Action"), _("Who"), _("Due"), how), rows, (42, 20, 18, 20))
    yield from measures(one, READINGS)
    if one.asks:
        asked = tuple((ask.words, ask.asked_of, day_in_words(ask.wanted_on), _ask(ask)) for ask in one.asks)
        head = (_("Request"), _("To"), _("Needed by"), how)
        yield Table(_("Requests to others"), head, asked, (42, 20, 18, 20))
    yield from _history(one)


def source(one: Dossier) -> str:
    printed = _("As printed by HMIP: %(report)s, %(published)s") % {"report": one.report, "published": one.published}
    return f"{printed}, {one.place}" if one.place else printed


def _facts(one: Dossier) -> Iterator[tuple[str, str]]:
    yield _("Addressed to"), one.addressee
    yield _("Status"), one.status
    yield _("Response"), sentences(one.response, one.response_part, one.response_reason)
    yield _("Owner"), one.owner
    due = one.due or _("No due date")
    if one.is_draft_date:
        due = _("%(due)s (provisional)") % {"due": due}
    elif one.original_due and one.original_due != one.due:
        due = _("%(due)s (original due date: %(original)s)") % {"due": due, "original": one.original_due}
    yield _("Due date"), due
    yield from one.more_facts
    if one.repeats:
        yield _("Repeat recommendation"), one.repeats
    yield _("Verified"), one.verified


def voices(one: Dossier) -> Table:
    rows = tuple(
        (voice.title, voice.word or voice.nobody, _said_by(voice.speaker, voice.day, voice.how), voice.words)
        for voice in one.voices.all
    )
    head = (_("Source"), _("Progress"), _("Who and when"), _("Details"))
    return Table(_("Progress"), head, rows, (18, 18, 24, 40))


def _said_by(speaker: str, day: str, how: str) -> str:
    return ", ".join(part for part in (speaker, day, how) if part) or "-"


def _step(step: Step) -> str:
    return _late(step.state, step.days_overdue)


def _ask(ask: Asked) -> str:
    return sentences(_late(ask.state, ask.days_overdue), ask.answer)


def _late(said: str, days: int) -> str:
    late = ngettext("%(n)s day late", "%(n)s days late", days) % {"n": days}
    return f"{said}, {late}" if days else said


def sentences(*parts: str) -> str:
    """Join sentences, with a full stop after each except the last."""
    said = [part for part in parts if part]
    return " ".join([part if part[-1] in ".!?…" else f"{part}." for part in said[:-1]] + said[-1:])


def _proof(one: Dossier) -> Iterator[Block]:
    """The last submission and the valid evidence."""
    if one.submissions:
        last = one.submissions[0]
        said = _("Submitted by %(name)s, %(day)s: %(outcome)s") % {
            "name": last.by,
            "day": day_in_words(last.day),
            "outcome": last.title,
        }
        yield Facts(((_("Last submission"), sentences(said, last.words, last.answer)),))
    held = [piece for piece in one.evidence if not piece.state]
    if not held:
        yield Facts(((_("Evidence"), _("none")),))
        return
    yield Facts(((_("Evidence"), ngettext("%(n)s piece", "%(n)s pieces", len(held)) % {"n": len(held)}),))
    more = len(held) - PIECES
    said_more = [ngettext("%(n)s more", "%(n)s more", more) % {"n": more}] if more > 0 else []
    yield Points((*(_piece(piece) for piece in held[:PIECES]), *said_more))


def _piece(piece: Proof) -> str:
    where = piece.name or piece.host
    said = {"caption": piece.caption, "where": where, "day": day_in_words(piece.speaks_of)}
    return _("%(caption)s (%(where)s), relates to %(day)s") % said


def measures(one: Dossier, most: int | None = None) -> Iterator[Block]:
    """Its measures, each with its latest readings, or with all."""
    if one.figures:
        head = (_("Measure"), _("In the report"), _("Figures, newest first"), _("Change"))
        yield Table(_("Measures"), head, tuple(_figure(figure, most) for figure in one.figures), (30, 24, 28, 18))


def _figure(figure: RecordedFigure, most: int | None) -> tuple[str, str, str, str]:
    baseline = figure.baseline
    if baseline and figure.baseline_place:
        baseline = f"{baseline} ({figure.baseline_place})"
    target = _("Target: %(target)s") % {"target": figure.target} if figure.target else ""
    readings = [_reading(value) for value in figure.values[:most]]
    more = len(figure.values) - len(readings)
    if more:
        readings.append(ngettext("%(n)s earlier", "%(n)s earlier", more) % {"n": more})
    return (
        sentences(figure.name, figure.caution),
        baseline or _("not printed"),
        "\n".join(readings) or _("none yet"),
        sentences(figure.better, target, figure.change),
    )


def _reading(value: Value) -> str:
    other = _("calculated differently") if value.is_other_method else ""
    notes = "; ".join(part for part in (day_in_words(value.as_of), value.source, other, value.caution) if part)
    return f"{value.value} ({notes})"


def _history(one: Dossier) -> Iterator[Block]:
    rows = tuple(
        (day_in_words(entry.at.date()), f"{entry.title}, {entry.by}", changed(entry)) for entry in one.history[:ENTRIES]
    )
    if rows:
        head = (_("Date"), _("What happened and who did it"), _("What changed and why"))
        yield Table(_("Recent history"), head, rows, (20, 36, 44))
    more = len(one.history) - ENTRIES
    if more > 0:
        said = ngettext("%(n)s earlier entry is not shown.", "%(n)s earlier entries are not shown.", more)
        yield Text(said % {"n": more}, "small")


def changed(entry: Entry) -> str:
    lines = [f"{line.name}: {line.before} → {line.after}" for line in entry.lines]
    return "; ".join([*lines, *([entry.why] if entry.why else [])])
