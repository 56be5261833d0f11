"""Queues and sends emails, and sends again those that failed."""
