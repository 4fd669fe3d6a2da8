"""The traffic of a launch, as its user sees it."""

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from ..errors import BridgeError
from ..waiting.expect import Expect
from ..waiting.lookout import Lookout
from .history import History, RecordedMessage, RecordedPlace, RecordedPort, matches
from .records import Began, Launched, Record, encode_line, read_lines
from .redact import Redact, redactor
from .text import line_of

__all__ = ["KEPT", "Traffic"]

KEPT = 100_000
"""Records that are kept in memory; the file of `record_to` has all."""

_SHOWN = 200  # of `lines`


class Traffic:
    """What went over ports, as far as `launch(record=...)` has it recorded.

    With ``record="python"``, the default, these are the ports that Python holds; with ``record="all"`` also those of
    the extension's own scripts, and one-time messages.
    """

    def __init__(self, timeout_ms: Callable[[float | None], float]) -> None:
        self._timeout_ms = timeout_ms
        self._records: deque[Record] = deque(maxlen=KEPT)
        self._subscribers: list[Callable[[Record], None]] = []
        self._redact: Callable[[Record], Record] = lambda record: record
        self._file: TextIO | None = None
        self._history: History | None = None
        self._followed: History | None = None  # while somebody expects a message
        self._lookout: Lookout[RecordedMessage] = Lookout()

    # --- what there is ----------------------------------------------------------------------------------------------

    @property
    def records(self) -> list[Record]:
        """All records that are kept, the oldest first: the last 100 000."""
        return list(self._records)

    @property
    def places(self) -> list[RecordedPlace]:
        """The places where something happened or could have: contexts, other extensions, native applications."""
        return list(self._put_together().places.values())

    def ports(self, name: str | None = None) -> list[RecordedPort]:
        """Return the ports of that name, None for all, in the order in which they were opened."""
        return [port for port in self._put_together().ports.values() if name is None or port.name == name]

    def messages(
        self, name: str | None = None, predicate: Callable[[RecordedMessage], Any] | None = None
    ) -> list[RecordedMessage]:
        """Return messages in the order in which they came to be known; each is there once, however many heard it.

        Args:
            name: Of the port; None for all ports and for one-time messages.
            predicate: Says which messages.
        """
        return self._put_together().find(name, predicate)

    def expect_message(
        self,
        name: str | None = None,
        predicate: Callable[[RecordedMessage], Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> Expect[RecordedMessage]:
        """Wait for a message that is recorded while the block of the ``async with`` runs, or soon after it.

            async with bridge.traffic.expect_message("port-from-cs", lambda m: m.by == "script") as info:
                await page.click("body")
            message = await info.value

        Args:
            name: Of the port; None for any, and for one-time messages.
            predicate: Gets the `RecordedMessage`; a true result takes it.
            timeout: In milliseconds, from the entry of the block on; 0 for ever, None the bridge's default.
        """
        self._followed = self._followed or History(self._records)
        wanted = "a message" if name is None else f"a message on a port named {name!r}"
        return Expect(
            self._lookout,
            lambda message: matches(message, name, predicate),
            self._timeout_ms(timeout),
            lambda: f"Waited for {wanted} in the recorded traffic; the last of it:\n" + "\n".join(self.lines()[-10:]),
        )

    def subscribe(self, callback: Callable[[Record], None]) -> Callable[[], None]:
        """Have `callback` called with each record to come, on the event loop; what this returns calls that off.

        It must be quick, and must not raise.
        """
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def lines(self) -> list[str]:
        """Return the last records as lines of text, the oldest first."""
        history = self._put_together()
        return [line for record in list(self._records)[-_SHOWN:] if (line := line_of(record, history))]

    # --- files ------------------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str], *, redact: Redact | None = None) -> None:
        """Write what is kept as JSON Lines, which docs/traffic.md describes.

        Args:
            path: The file.
            redact: What to leave out, besides what the launch leaves out already: names of members, or a function that
                gets a message and returns what to write instead.
        """
        leave_out = redactor(redact)
        with Path(path).open("w", encoding="utf-8") as file:
            file.writelines(f"{encode_line(leave_out(record))}\n" for record in self._records)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> History:
        """Return what a file tells, with `places`, `ports` and `messages`.

        Raises:
            BridgeError: It is no such file; the text says which line.
        """
        with Path(path).open(encoding="utf-8") as file:
            try:
                return History(read_lines(file))
            except (BridgeError, UnicodeDecodeError) as error:
                raise BridgeError(f"{os.fspath(path)}: {error}") from error

    # --- for the engine ---------------------------------------------------------------------------------------------

    def begin(self, path: str | os.PathLike[str] | None, redact: Redact | None) -> None:
        """Leave out what is secret, and write each record to the file as it comes."""
        self._redact = redactor(redact)
        if path is not None:
            self._file = Path(path).open("w", encoding="utf-8", buffering=1)  # noqa: SIM115 (end() closes it)

    def add(self, record: Record) -> None:
        """Something happened."""
        record = self._redact(record)
        self._history = None
        self._records.append(record)
        if self._file:
            self._file.write(f"{encode_line(record)}\n")
        for callback in list(self._subscribers):
            callback(record)
        if self._followed:
            self._follow(record, self._followed)

    def clear(self) -> None:
        """Forget what is kept, for the next test, but for what runs and the places that are there; the file stays."""
        there = {place.id for place in self.places if place.ended is None}
        kept = [r for r in self._records if isinstance(r, Launched) or (isinstance(r, Began) and r.place in there)]
        self._records.clear()
        self._records.extend(kept)
        self._history = self._followed = None

    def end(self, reason: BridgeError) -> None:
        """Nothing more will come."""
        self._lookout.end(lambda: reason)
        if self._file:
            self._file.close()
            self._file = None

    def _put_together(self) -> History:
        if self._history is None:
            self._history = History(self._records)
        return self._history

    def _follow(self, record: Record, history: History) -> None:
        message = history.add(record)
        if message:
            self._lookout.see(message)
        if not self._lookout:
            self._followed = None  # it would only grow
