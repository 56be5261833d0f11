"""Untrusted text to typed values; a module for each noun."""
