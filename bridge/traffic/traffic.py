"""The traffic of a launch, as its user sees it."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import BridgeError
from ..waiting.deferred import DeferredErrors
from ..waiting.expect import Expect
from ..waiting.lookout import Lookout
from .file import RecordFile
from .history import History, RecordedMessage, RecordedPlace, RecordedPort, matches
from .kept import KeptRecords
from .limits import MAX_LINES
from .posted import Posted
from .records import Omitted, Record, encode_line, read_lines
from .redact import Redact, redactor, without_payload
from .text import line_of

__all__ = ["Traffic"]


class Traffic:
    """The recorded traffic. ``launch(record=...)`` says what is recorded.

    With ``record="python"``, the default, it is what goes over the ports that Python holds. With ``record="all"``, it
    is also what goes over the ports of the extension's own scripts, and their one-time messages.
    """

    def __init__(self, timeout_ms: Callable[[float | None], float], deferred: DeferredErrors) -> None:
        self._timeout_ms = timeout_ms
        self._deferred = deferred
        self._records = KeptRecords()
        self._subscribers: list[Callable[[Record], None]] = []
        self._failed: list[object] = []  # subscribers, and the function of `redact`, that have raised
        self._redacts = False
        self._redact: Callable[[Record], Record] = lambda record: record
        self._file: RecordFile | None = None
        self._history: History | None = None
        self._followed: History | None = None  # while somebody expects a message
        self._lookout: Lookout[RecordedMessage] = Lookout()

    # --- what there is ----------------------------------------------------------------------------------------------

    @property
    def records(self) -> list[Record]:
        """The records in memory, the oldest first: the last 100 000.

        Of the older ones, memory keeps the launch, and where places and ports that are still alive began. An `Omitted`
        record says how many others were dropped.
        """
        return list(self._records)

    @property
    def places(self) -> list[RecordedPlace]:
        """The places that have ports, or could have: contexts, other extensions, native applications."""
        return list(self._put_together().places.values())

    def ports(self, name: str | None = None) -> list[RecordedPort]:
        """Return the ports of that name, or all for None, in the order in which they were opened."""
        return [port for port in self._put_together().ports.values() if name is None or port.name == name]

    def messages(
        self, name: str | None = None, predicate: Callable[[RecordedMessage], Any] | None = None
    ) -> list[RecordedMessage]:
        """Return messages in the order in which the bridge learned of them, each once, however many received it.

        Args:
            name: The name of the port; None for all ports and for one-time messages.
            predicate: Gets each message, and returns true for those that you want.
        """
        return self._put_together().find(name, predicate)

    def expect_message(
        self,
        name: str | None = None,
        predicate: Callable[[RecordedMessage], Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> Expect[RecordedMessage]:
        """Wait for a message that is recorded after the ``async with`` block has begun.

            async with bridge.traffic.expect_message("port-from-cs", lambda m: m.by == "script") as info:
                await page.click("body")
            message = await info.value

        Args:
            name: The name of the port; None for any port, and for one-time messages.
            predicate: Gets each `RecordedMessage`, and returns true for the one that you want.
            timeout: In milliseconds from the start of the block; 0 means no limit, None the bridge's default.

        Raises:
            BridgeTimeoutError: No such message was recorded in time.
            Exception: What the function of `redact`, a subscriber or the file of `record_to` raised before.
        """
        self._deferred.raise_for(self)
        wanted = "a message" if name is None else f"a message on a port named {name!r}"
        return Expect(
            self._lookout,
            lambda message: matches(message, name, predicate),
            self._timeout_ms(timeout),
            lambda: f"Waited for {wanted} in the recorded traffic, which ends with:\n" + "\n".join(self.lines()[-10:]),
        )

    def subscribe(self, callback: Callable[[Record], None]) -> Callable[[], None]:
        """Call `callback` on the event loop with each new record. Call the returned function to stop that.

        `callback` must be quick. If it raises, it is still called for later records; the next wait, or closing the
        bridge, raises its first exception again.
        """
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return unsubscribe

    def lines(self) -> list[str]:
        """Return the last records as lines of text, the oldest first."""
        history = self._put_together()
        return [line for record in self._records.latest(MAX_LINES) if (line := line_of(record, history))]

    # --- files ------------------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str], *, redact: Redact | None = None) -> None:
        """Write the records in memory to a file, as JSON Lines. docs/traffic.md describes the format.

        Args:
            path: The file.
            redact: What to leave out, in addition to what the launch leaves out: names of members, or a function that
                gets a message and returns what to write instead.
        """
        leave_out = redactor(redact)
        lines = [f"{encode_line(leave_out(record))}\n" for record in self._records]
        with Path(path).open("w", encoding="utf-8") as file:
            file.writelines(lines)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> History:
        """Read a file of records. Return a history with `places`, `ports` and `messages`.

        Raises:
            BridgeError: It is not such a file; the error names the line.
        """
        with Path(path).open(encoding="utf-8") as file:
            try:
                return History(read_lines(file))
            except (BridgeError, UnicodeDecodeError) as error:
                raise BridgeError(f"{os.fspath(path)}: {error}") from error

    # --- for the engine ---------------------------------------------------------------------------------------------

    def _begin(self, path: str | os.PathLike[str] | None, redact: Redact | None) -> None:
        """Leave out what is secret, and write each record to the file as it comes."""
        self._redacts, self._redact = redact is not None, redactor(redact)
        if path is not None:
            self._file = RecordFile(path)

    def _add(self, record: Record) -> None:
        """Take in a record. What an observer raises does not get out of here: see `_defer`."""
        try:
            record = self._redact(record)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # pytest.fail() raises no Exception
            why = type(error).__name__  # and not its text, which may have what was to be left out
            self._take(without_payload(record, why))
            self._take(Omitted(time=record.time, count=1, reason=f"a message: the function of redact= raised {why}"))
            self._defer(self._redact, error, "The function of redact= raised this: the record lacks that message")
        else:
            self._take(record)

    def _add_posted(self, posted: Posted) -> None:
        """Take in a message; its record is made now only if somebody looks on."""
        if self._redacts or self._file or self._subscribers or self._lookout:
            self._add(posted.record())
        else:
            self._history = self._followed = None
            self._records.append(posted)

    def _clear(self) -> None:
        """Forget what came before the next test, but for the launch and the places that exist; the file goes on."""
        self._records.forget_all_but([place.id for place in self.places if place.ended is None])
        self._history = self._followed = None
        self._failed.clear()

    def _end(self, reason: BridgeError) -> None:
        """Nothing more will come."""
        self._lookout.end(lambda: reason)
        file, self._file = self._file, None
        if file:
            try:
                file.close()
            except BridgeError as error:
                self._deferred.add(None, error)

    def _take(self, record: Record) -> None:
        message = self._follow(record)
        self._history = None
        self._records.append(record)
        lacking = self._write(record)
        for callback in list(self._subscribers):
            self._tell(callback, record)
        if message:
            self._lookout.see(message)
        if lacking:
            self._take(lacking)

    def _write(self, record: Record) -> Omitted | None:
        """Write a record to the file, if there is one; return what to record if that fails."""
        file = self._file
        if file is None:
            return None
        try:
            file.write(record)
        except BridgeError as error:
            self._file = None  # for good: nothing can follow half a line
            with suppress(BridgeError):
                file.close()
            self._deferred.add(None, error)
            return Omitted(time=record.time, count=0, reason=str(error))
        return None

    def _tell(self, callback: Callable[[Record], None], record: Record) -> None:
        try:
            callback(record)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            self._defer(callback, error, "A subscriber of the bridge's traffic raised this")

    def _defer(self, observer: object, error: BaseException, note: str) -> None:
        """Have the next wait, or the bridge's `close`, raise the first error of an observer."""
        if not any(known is observer for known in self._failed):
            self._failed.append(observer)
            error.add_note(note)
            self._deferred.add(None, error)

    def _put_together(self) -> History:
        if self._history is None:
            self._history = History(self._records)
        return self._history

    def _follow(self, record: Record) -> RecordedMessage | None:
        """Return the message that a record tells of, if somebody waits for one."""
        if not self._lookout:
            self._followed = None  # it would only grow
            return None
        if self._followed is None:
            self._followed = History(self._records)
        return self._followed.add(record)
