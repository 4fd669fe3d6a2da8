"""Messages in the record that nobody has looked at. Few are ever looked at, so their records are made when needed."""

import msgspec

from .limits import MAX_MESSAGE_CHARACTERS
from .records import Actor, MessagePosted, Record, payload

__all__ = ["Posted", "made"]


class Posted(msgspec.Struct, frozen=True, gc=False):
    """What a `MessagePosted` is made of; making this takes a tenth of the time.

    Attributes:
        time: As in the record, like `port`, `place` and `by`.
        text: The message, whole, as by `protocol.values`.
        size: Bytes of that.
    """

    time: float
    port: int
    place: int
    by: Actor
    text: str
    size: int

    @classmethod
    def of(cls, time: float, port: int, place: int, by: Actor, text: str) -> "Posted | None":
        """Return it; None for a message so long that the record is to keep only its beginning."""
        if len(text) > MAX_MESSAGE_CHARACTERS:
            return None
        return cls(time, port, place, by, text, len(text) if text.isascii() else len(text.encode(errors="replace")))

    def record(self) -> MessagePosted:
        """Make the record."""
        return MessagePosted(time=self.time, port=self.port, place=self.place, by=self.by, payload=payload(self.text))


def made(kept: "Record | Posted") -> Record:
    """Return the record itself, whichever it is."""
    return kept.record() if isinstance(kept, Posted) else kept
