"""The counter of the fault suite, shown records in which something is wrong: it must say so, and what."""

import ast
import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faults import counting
from tests.faults.counting import Accepted, Expected, Row, count
from tests.faults.outcome import Outcome, report

PEOPLE = tuple(f"person{n}@example.test" for n in range(1, 7))
REFUSED, PUT_OFF, DEADLY = PEOPLE[3:]
EXPECTED = Expected(frozenset(PEOPLE), frozenset([REFUSED]), frozenset([PUT_OFF]), frozenset([DEADLY]))
AT = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)


def letter(to: str, message_id: str = "", date: str = "Mon, 23 Nov 2026 12:00:00 GMT") -> Accepted:
    return Accepted(to, message_id or f"<{to}>", date, AT)


def row(to: str, state: str = "sent", code: int | None = None, reason: str = "") -> Row:
    return Row(to, f"digest:{to}", state, f"<{to}>", code, reason)


def good() -> tuple[list[Accepted], list[Row]]:
    """A record as it must be: three sent, one refused for good, two set aside."""
    ended = [
        row(REFUSED, "failed", 550, "No such person"),
        row(PUT_OFF, "set_aside", 451, "Later"),
        row(DEADLY, "set_aside", None, "Whoever sent it ended"),
    ]
    return list(map(letter, PEOPLE[:3])), [*map(row, PEOPLE[:3]), *ended]


def test_correct_record_has_no_fault() -> None:
    accepted, table = good()
    found = count(accepted, table, EXPECTED, repeats_allowed=0)
    assert (found.letters, found.repeats, found.wrong) == (6, 0, {})


def test_repeated_emails_are_counted_and_limited() -> None:
    accepted, table = good()
    again = [*accepted, accepted[0], accepted[0], accepted[1]]
    assert count(again, table, EXPECTED, repeats_allowed=3).wrong == {}
    found = count(again, table, EXPECTED, repeats_allowed=2)
    assert (found.repeats, found.wrong) == (3, {"repeats": ["3 of at most 2"]})


@pytest.mark.parametrize("says", ["sent", "nothing"])
def test_email_never_accepted_by_the_server_counts_as_lost(says: str) -> None:
    accepted, table = good()
    table[0] = row(PEOPLE[0], says)
    found = count(accepted[1:], table, EXPECTED, repeats_allowed=9)
    assert found.lost == [PEOPLE[0]]
    assert found.wrong.keys() == {"lost", "ended otherwise than the mail server answered"}


def test_person_without_row_and_email_counts_as_lost() -> None:
    accepted, table = good()
    assert count(accepted[1:], table[1:], EXPECTED, repeats_allowed=9).wrong == {"lost": [PEOPLE[0]]}


def test_second_message_id_or_date_is_found_among_repeats() -> None:
    accepted, table = good()
    other_id = [*accepted, accepted[0], letter(PEOPLE[0], message_id="<another@example.test>")]
    assert count(other_id, table, EXPECTED, repeats_allowed=9).wrong == {"with a second Message-ID": [PEOPLE[0]]}
    other_date = [*accepted, letter(PEOPLE[0], date="Mon, 23 Nov 2026 12:00:01 GMT")]
    assert count(other_date, table, EXPECTED, repeats_allowed=9).wrong == {"with a second Date": [PEOPLE[0]]}


@pytest.mark.parametrize("state", ["waiting", "sending", "something new"])
def test_unfinished_row_is_found(state: str) -> None:
    accepted, table = good()
    table[2] = row(PEOPLE[2], state)
    assert list(count(accepted, table, EXPECTED, repeats_allowed=9).wrong) == ["not ended"]


def test_failure_without_a_reason_is_found() -> None:
    accepted, table = good()
    table[3] = row(REFUSED, "failed", 550, "")
    found = count(accepted, table, EXPECTED, repeats_allowed=9)
    assert found.without_reason == [f"digest:{REFUSED}"]
    assert REFUSED in found.lost, "A failure that does not say why is a loss."


@pytest.mark.parametrize(
    ("to", "state", "code"),
    [
        (PEOPLE[0], "failed", 550),  # nobody refused it
        (PEOPLE[0], "set_aside", 451),  # it would have gone through
        (REFUSED, "set_aside", 550),  # tried again and again, though refused for good
        (REFUSED, "failed", None),  # the answer is not kept
        (PUT_OFF, "failed", 451),  # "later" is not for good
        (DEADLY, "failed", None),  # nobody has refused it
    ],
)
def test_row_that_contradicts_the_mail_server_is_found(to: str, state: str, code: int | None) -> None:
    accepted, table = good()
    table = [row(to, state, code, "some reason") if one.to == to else one for one in table]
    assert list(count(accepted, table, EXPECTED, repeats_allowed=9).wrong) == [
        "ended otherwise than the mail server answered"
    ]


def test_the_counter_shares_nothing_with_the_sender() -> None:
    tree = ast.parse(Path(counting.__file__).read_text("utf-8"))
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [name for name in named if name.split(".")[0] in ("tracker", "django", "celery", "tests")]


def outcome(accepted: list[Accepted], table: list[Row], **more: Any) -> Outcome:
    verdict = count(accepted, table, EXPECTED, repeats_allowed=2)
    return Outcome("Somewhere", verdict, **{"faults": 7, "kills": 3, "seconds": 60, "recovery": 4.25} | more)


def test_the_last_line_gives_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    accepted, table = good()
    assert report([outcome([*accepted, accepted[0]], table)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "All held: 3 kills among 7 faults, 6 letters: 0 lost, 0 with a second Message-ID, 1 repeats (at most 2), "
        "recovered 4.2 s after the last fault, 60 s in all"
    ]


def test_one_lost_email_fails_both_runs_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    accepted, table = good()
    assert report([outcome(accepted, table), outcome(accepted[1:], table)]) == 1
    *said, last = capsys.readouterr().out.splitlines()
    assert f"NOT HELD on Somewhere, lost: 1, such as {PEOPLE[0]}" in said
    assert last.startswith("NOT ALL HELD: 6 kills among 14 faults, 12 letters: 1 lost, 0 with a second Message-ID")


def test_run_without_one_of_the_faults_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert report([outcome(*good(), not_happened=["worker killed"])]) == 1
    assert "faults that did not happen: 1, such as worker killed" in capsys.readouterr().out


def test_process_that_ended_by_itself_is_reported_and_is_no_loss(capsys: pytest.CaptureFixture[str]) -> None:
    assert report([outcome(*good(), fell_over={"worker": 2})]) == 0
    assert "started again 2 times: worker" in capsys.readouterr().out
