"""Letters: queueing them, sending them, and what an administrator does about those that did not go."""
