"""The console of a context: an event with each of its lines."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..driver import Said, Watch
from ..errors import BridgeError, ContextError, UnsupportedError
from ..javascript import Opaque
from ..protocol import values
from ..protocol.shown import shown
from ..waiting.event import Event
from ..waiting.expect import Expect
from ..waiting.lookout import Lookout
from ..waiting.waits import Pending, done, limited, settle
from ..webext.generated import reader
from ..wire.link import Link

if TYPE_CHECKING:
    from .context import Context

__all__ = ["ConsoleEvent", "ConsoleLine"]

_ELSEWHERE = {
    "web": "console is that of the extension's own scripts; in a web page, use Playwright's page.on('console')",
    "external": "console is that of the extension under test; bridge.external is another extension",
}
_LEVELS = ("debug", "info", "log", "warning", "error")
_LAST_WORDS_S = 1  # for the lines that were said before the context went, which come another way
_UNREADABLE = Opaque("unknown")
_NAMED = 3  # lines, in the error of a wait


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """A line on the console of a context, or an error there that no script caught.

    Attributes:
        type: As `type` of Playwright's ``ConsoleMessage``: ``"log"``, ``"info"``, ``"warning"``, ``"error"``,
            ``"debug"``, ``"trace"``, ``"assert"``, ``"table"``, ``"startGroup"`` ... of an uncaught error, ``"error"``.
        text: The line as the console shows it, in one line for objects and without the stack of an error.
        values: What was logged, or thrown, as the guide's table of values has it. `javascript.Opaque` stands for what
            cannot be read. In Firefox, the first value already holds those that its ``%s`` and the like name.
        uncaught: Whether this is an exception that no script caught, or a rejection that none handled.
        url: The script, or "" if the browser does not know it; as `line` and `column`, which count from 1, and are 0
            then.
        line: In that script.
        column: In that line.
        time: When it was said, in seconds since 1970.
        stack: The calls that led there, one a line, if the browser keeps them.
    """

    type: str
    text: str
    values: tuple[Any, ...] = ()
    uncaught: bool = False
    url: str = ""
    line: int = 0
    column: int = 0
    time: float = 0.0
    stack: str = ""

    @property
    def level(self) -> str:
        """How grave it is: ``"debug"``, ``"info"``, ``"log"``, ``"warning"`` or ``"error"``."""
        return self.type if self.type in _LEVELS else "error" if self.type == "assert" else "log"

    def __str__(self) -> str:
        place = f" ({self.url}:{self.line}:{self.column})" if self.url else ""
        return f"{'uncaught ' if self.uncaught else ''}{self.type}: {self.text}{place}"


class ConsoleEvent(Event):
    """`Context.console`."""

    def __init__(self, context: "Context") -> None:
        super().__init__(context._session.invoke, lambda error: context._session.deferred.add(context, error))
        self._context = context
        self._lookout: Lookout[ConsoleLine] = Lookout()
        self._waits = 0
        self._watching: Watching | None = None
        self._recording: Watching | None = None
        self._seen: deque[ConsoleLine] = deque(maxlen=_NAMED)

    def checked(self) -> "ConsoleEvent":
        """Return this event.

        Raises:
            UnsupportedError: The context has none of the extension's scripts.
        """
        if self._context.kind in _ELSEWHERE:
            raise UnsupportedError(_ELSEWHERE[self._context.kind])
        return self

    def expect(self, predicate: Callable[[ConsoleLine], Any] | None, timeout_ms: float) -> Expect[ConsoleLine]:
        """See `Context.expect_console`."""
        accepts = predicate or (lambda line: True)
        begin, end = self._begin_wait, self._end_wait
        return Expect(self._lookout, accepts, timeout_ms, self._waited_for, begin=begin, end=end)

    def began(self, link: Link) -> None:
        """The context's script context began, perhaps not for the first time."""
        if self._context.kind in _ELSEWHERE:
            return
        if self._context._session.records_console:
            self._recording = Watching(self._context, link, self._recorded(), None, from_start=True)
            Pending(self._recording.begun).when_failed(self._recording_failed)
        if self._wanted:
            self._begin(link, from_start=True)

    def context_closed(self, reason: BridgeError) -> None:
        """The script context is gone; what it said last may still be on its way."""
        watching, self._watching = self._watching, None
        if self._recording:
            self._recording.finish()
            self._recording = None

        def ended() -> None:
            if not self._context._may_start:
                self.end(reason)

        if watching:
            watching.finish(ended)
        else:
            ended()

    def end(self, reason: BridgeError) -> None:
        """Nothing more will come."""
        self._stop()
        if self._recording:
            self._recording.stop()
        self._lookout.end(lambda: ContextError(f"{self._context._label}: {reason}"))

    @property
    def _wanted(self) -> bool:
        return bool(self._listeners or self._waits)

    def _added(self) -> Pending[None]:
        return self._want()

    def _removed(self) -> Pending[None]:
        return self._want_less()

    def _limited(self, pending: Pending[None]) -> Pending[None]:
        timeout_ms = self._context._session.timeout_ms(None)
        return limited(pending, timeout_ms, lambda: f"The browser did not show the console of {self._context._label}")

    def _begin_wait(self) -> Pending[None]:
        self._seen.clear()
        pending = self._want()
        self._waits += 1
        return pending

    def _end_wait(self) -> None:
        self._waits -= 1
        self._want_less()

    def _want(self) -> Pending[None]:
        if self._watching:
            return Pending(self._watching.begun)
        if self._context.closed and self._context._may_start:
            return done()  # the watch begins when the context starts
        return self._begin(self._context._require_link(), from_start=False)

    def _want_less(self) -> Pending[None]:
        if not self._wanted:
            self._stop()
        return done()

    def _begin(self, link: Link, *, from_start: bool) -> Pending[None]:
        self._watching = Watching(self._context, link, self._heard, reader(), from_start=from_start)
        return Pending(self._watching.begun)

    def _stop(self) -> None:
        if self._watching:
            self._watching.stop()
            self._watching = None

    def _recorded(self) -> Callable[[Said], None]:
        recorder, place = self._context._session.recorder, self._context._place

        def record(said: Said) -> None:
            line = _line(said)
            recorder.said(
                place, line.level, line.text, line.url, line.line, line.column, line.time, uncaught=line.uncaught
            )

        return record

    def _recording_failed(self, error: BaseException, *, seen: bool) -> None:
        if not isinstance(error, BridgeError):  # else the context is gone, or the browser does not answer
            self._context._session.deferred.add(self._context, error)

    def _heard(self, said: Said) -> None:
        if not self._wanted:
            return
        line = _line(said)
        self._seen.append(line)
        self._lookout.see(line)
        self._emit(line)

    def _waited_for(self) -> str:
        seen = f"; the last to come: {'; '.join(shown(str(line)) for line in self._seen)}" if self._seen else ""
        return f"Waited for a line on the console of {self._context._label}{seen}{self._context._state}"


class Watching:
    """The watch of one script context, from its search on.

    Args:
        context: The context.
        link: To its agent.
        hear: Gets each line.
        reader: See `driver.Scope.watch`.
        from_start: Whether lines count that were said before the watch began.

    Attributes:
        begun: Done when the browser watches.
    """

    def __init__(
        self, context: "Context", link: Link, hear: Callable[[Said], None], reader: str | None, *, from_start: bool
    ) -> None:
        self._context = context
        self._hear = hear
        self._from_start = from_start
        self._watch: Watch | None = None
        self._stopped = False
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._beginning = asyncio.ensure_future(self._begin(link, reader))

    def stop(self) -> None:
        """Hear no more."""
        self._stopped = True
        settle(self.begun, None)
        if self._watch:
            self._watch.stop()

    def finish(self, then: Callable[[], None] = lambda: None) -> None:
        """Hear what was said before the script context went, for a moment at most; call `then` after that."""

        def end(_: object = None) -> None:
            limit.cancel()
            if not self._stopped:
                self.stop()
                then()

        limit = asyncio.get_running_loop().call_later(_LAST_WORDS_S, end)
        if self._watch:
            self._watch.over.add_done_callback(end)

    # It goes on when the watch is stopped meanwhile, since the browser must be told to end what it has begun.
    async def _begin(self, link: Link, reader: str | None) -> None:
        try:
            self._watch = await self._context._evaluation.watch(link, self._take, reader, from_start=self._from_start)
        except Exception as error:
            is_no_fault = isinstance(error, ContextError) and self._context._may_start
            settle(self.begun, None if is_no_fault else error)
            return
        self._watch.over.add_done_callback(self._tell_fault)
        if self._stopped:
            self._watch.stop()
        settle(self.begun, None)

    def _tell_fault(self, over: "asyncio.Future[None]") -> None:
        if error := over.exception():
            self._context._session.deferred.add(self._context, error)

    def _take(self, said: Said) -> None:
        if not self._stopped and (self._from_start or not said.early):
            self._hear(said)


def _line(said: Said) -> ConsoleLine:
    read = tuple(_value(text) for text in said.values)
    return ConsoleLine(
        said.type, said.text, read, said.uncaught, said.url, said.line, said.column, said.time, said.stack
    )


def _value(text: str) -> Any:
    try:
        return values.decode(text) if text else _UNREADABLE
    except values.UndecodableError:
        return _UNREADABLE
