"""Waits with timeouts, and what they wait for: events, inboxes, and errors that a later wait raises."""
