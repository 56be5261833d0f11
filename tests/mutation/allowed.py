"""Mutants that no test can catch, each with the reason. Where the code can be simpler instead, it is made simpler."""

ALLOWED = {
    "tracker/recommendations/action/operations.py _hold: never refuse when not set(action.answers) <= "
    "{item.pk for item in items}": "Only another process can link the action between the two reads, under no lock yet.",
}
