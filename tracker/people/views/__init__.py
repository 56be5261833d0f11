"""Views of people, roles, organisations, removals and covers."""
