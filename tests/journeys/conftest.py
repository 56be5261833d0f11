"""Journeys need Playwright, which --quick does not install: without it they are not even read."""

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("playwright") else ["test_*.py"]
