"""Mutants that no test can catch, each with the reason. Where the code can be simpler instead, it is made simpler."""

CHEAPER = "It saves two queries: whoever may decide has none of these parts."
NARROWER = "It reads fewer covers: the others are of people about whom nothing is asked."
FEWER_LEADS = "It reads fewer leads: only those of these organisations are looked up."
TOGETHER = "Both are there or neither; the types do not know that."
ALLOWED = {
    "tracker/accounts/policies.py Access.covering: without and row.for_id is not None": TOGETHER,
    "tracker/accounts/policies.py Access.covering: without and row.until_on is not None": TOGETHER,
    "tracker/accounts/policies.py Access._led: without organisation__in=[pk for pk, _path in rows]": FEWER_LEADS,
    "tracker/recommendations/action/operations.py _hold: never refuse when not set(action.answers) <= "
    "{item.pk for item in items}": "Only another process can link the action between the two reads, under no lock yet.",
    "tracker/recommendations/decision/policies.py why_barred: without or can_decide(access, item)": CHEAPER,
    "tracker/recommendations/decision/policies.py _covers_around: without filter(person__in=people)": NARROWER,
    "tracker/recommendations/decision/policies.py _covers_around: without filter(Q(cover__in=people) | "
    "Q(cover__in=theirs))": NARROWER,
}
