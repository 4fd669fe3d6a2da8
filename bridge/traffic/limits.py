"""How much is kept of the traffic. Each limit has a test in tests/unit/traffic/test_limits.py."""

__all__ = [
    "MAX_BEGINNINGS_KEPT",
    "MAX_EARLY_REQUESTS",
    "MAX_LINES",
    "MAX_LINE_CHARACTERS",
    "MAX_MESSAGE_BYTES_KEPT",
    "MAX_MESSAGE_CHARACTERS",
    "MAX_PLACES_ENDED",
    "MAX_PORTS_PER_NAME",
    "MAX_POSTS_TO_COME",
    "MAX_RECORDS_KEPT",
    "MAX_RECORDS_UNSENT",
    "OPENED_WAIT_S",
]

MAX_RECORDS_KEPT = 100_000
"""The latest records, in memory; the file of `launch(record_to=...)` has all."""

MAX_MESSAGE_BYTES_KEPT = 100 * 1024 * 1024
"""Of the messages in those records; older ones are dropped for it."""

MAX_BEGINNINGS_KEPT = 10_000
"""Places, and likewise ports, that still live and whose beginning is older than the records kept."""

MAX_MESSAGE_CHARACTERS = 100_000
"""Of a message's text: the rest is cut off, in the browser already."""

MAX_RECORDS_UNSENT = 10_000
"""Records that wait for one page of the inspector."""

MAX_LINES = 200
"""Records of which `Traffic.lines` makes text."""

MAX_LINE_CHARACTERS = 500
"""Of a message's text in such a line."""

MAX_EARLY_REQUESTS = 100
"""One-time messages of which it is known that they were heard, and not yet that they were sent."""

MAX_POSTS_TO_COME = 1_000
"""Messages of one port that Python posted, and that another end in Python may yet report as arrived."""

MAX_PORTS_PER_NAME = 256
"""Ports of one name from one place (and one-time messages from one place) that may yet be accepted."""

MAX_PLACES_ENDED = 1_000
"""Places that ended, by which a late report still finds its sender."""

OPENED_WAIT_S = 1.0
"""Seconds for the report that a port was opened, which may come after the report that it was accepted."""
