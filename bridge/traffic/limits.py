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
    "REPORT_WAIT_S",
    "UNACCEPTED_WAIT_S",
]

MAX_RECORDS_KEPT = 100_000
"""Records in memory: the latest. The file of `launch(record_to=...)` has all."""

MAX_MESSAGE_BYTES_KEPT = 100 * 1024 * 1024
"""Bytes of the messages in those records; beyond that, the oldest records are dropped."""

MAX_BEGINNINGS_KEPT = 10_000
"""Places that still exist though their beginning is no longer among the latest records; likewise ports."""

MAX_MESSAGE_CHARACTERS = 100_000
"""Characters of one message; the browser already cuts off the rest."""

MAX_RECORDS_UNSENT = 10_000
"""Records that wait for one page of the inspector."""

MAX_LINES = 200
"""Lines that `Traffic.lines` returns, at most."""

MAX_LINE_CHARACTERS = 500
"""Characters of a message in such a line."""

MAX_EARLY_REQUESTS = 100
"""One-time messages that were reported as heard, and not yet as sent."""

MAX_POSTS_TO_COME = 1_000
"""Messages of one port that Python posted, and that another end in Python may still report as arrived."""

MAX_PORTS_PER_NAME = 256
"""Ports that one place opened under one name and that others may still accept; likewise one-time messages, and ports
that were accepted before their opening was reported."""

MAX_PLACES_ENDED = 1_000
"""Places that have ended and are remembered, so that a late report still finds its sender."""

REPORT_WAIT_S = 5.0
"""Seconds to wait for the report of something that came before what is reported: that a port was opened before it was
accepted, or that a message was posted before it was answered. On a busy machine such a report takes more than one."""

UNACCEPTED_WAIT_S = 1.0
"""Seconds from the end of a page until a port that it opened counts as closed, if nobody has accepted it."""
