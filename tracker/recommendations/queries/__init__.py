"""Reads over several nouns: what waits, lists, what one page shows; a module for each."""
