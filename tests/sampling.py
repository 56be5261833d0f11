"""How many random examples a property test draws: few in CI, many with dev.py test --full."""

import os

IS_FULL = bool(os.environ.get("TESTS_FULL"))


def examples(few: int, many: int) -> int:
    return many if IS_FULL else few
