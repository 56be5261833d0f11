"""What a run of the fault suite comes to: its figures in one line, what was not held, and an exit code."""

from dataclasses import dataclass, field

from tests.faults.counting import Verdict


@dataclass(frozen=True)
class Outcome:
    name: str
    verdict: Verdict
    faults: int
    kills: int
    seconds: float
    # From the end of the last fault until every row had ended.
    recovery: float
    # Faults that found no time, or no letter to happen to.
    not_happened: list[str] = field(default_factory=list)
    # Processes that nobody had killed and that ended: they are started again, as on a server.
    fell_over: dict[str, int] = field(default_factory=dict)

    @property
    def wrong(self) -> dict[str, list[str]]:
        wrong = dict(self.verdict.wrong)
        if self.not_happened:
            wrong["faults that did not happen"] = self.not_happened
        return wrong


def line(name: str, outcomes: list[Outcome]) -> str:
    found = [outcome.verdict for outcome in outcomes]
    return (
        f"{name}: {sum(one.kills for one in outcomes)} kills among {sum(one.faults for one in outcomes)} faults, "
        f"{sum(one.letters for one in found):,} letters: {sum(len(one.lost) for one in found)} lost, "
        f"{sum(len(one.second_ids) for one in found)} with a second Message-ID, "
        f"{sum(one.repeats for one in found)} repeats (at most {sum(one.repeats_allowed for one in found)}), "
        f"recovered {max(one.recovery for one in outcomes):.1f} s after the last fault, "
        f"{sum(one.seconds for one in outcomes):.0f} s in all"
    )


def report(outcomes: list[Outcome]) -> int:
    """Says all of it, the sum in the last line; 1 when something was not held."""
    held = not any(outcome.wrong for outcome in outcomes)
    for outcome in outcomes:
        for process, times in outcome.fell_over.items():
            print(f"On {outcome.name}, ended by itself and started again {times} times: {process}")
        for what, found in outcome.wrong.items():
            print(f"NOT HELD on {outcome.name}, {what}: {len(found)}, such as {'; '.join(found[:5])}")
    if len(outcomes) > 1:
        print("\n".join(line(outcome.name, [outcome]) for outcome in outcomes))
    print(line("All held" if held else "NOT ALL HELD", outcomes))
    return 0 if held else 1
