"""How much of what can be repeated a test takes: little in CI, much with dev.py test --full."""

import os

IS_FULL = bool(os.environ.get("TESTS_FULL"))


def examples(few: int, many: int) -> int:
    return many if IS_FULL else few


# Rows where a page must take as many queries for many as for few.
MANY = examples(200, 5_000)
