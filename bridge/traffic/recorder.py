"""Makes records of what ends of ports report: each message once, and each port with all its ends."""

import time as clock
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from .ends import Connection, End, Request, SilentEnd
from .limits import MAX_EARLY_REQUESTS, MAX_POSTS_TO_COME, OPENED_WAIT_S
from .matching import Opening, Openings, Target
from .places import NOWHERE, Place, Places
from .records import (
    Actor,
    Launched,
    MessagePosted,
    Omitted,
    Payload,
    PortAccepted,
    PortClosed,
    PortOpened,
    Record,
    RequestAnswered,
    RequestHeard,
    RequestSent,
    payload,
    printable,
)

__all__ = ["Mode", "Recorder"]

Mode = Literal["python", "all", "off"]
"""What is recorded: only the ports that Python holds, those of the extension's scripts too, or nothing."""

_NATIVE = "native"
_OWN = ("background", "content", "page")
_EXTERNAL = ("runtime.onConnectExternal", "runtime.onMessageExternal")


class Recorder:
    """Takes reports and emits records.

    Args:
        mode: What is recorded.
        emit: Gets each record.
        later: Calls a function after that many seconds.
    """

    def __init__(
        self, mode: Mode, emit: Callable[[Record], None], later: Callable[[float, Callable[[], None]], object]
    ) -> None:
        self.mode = mode
        self._emit: Callable[[Record], None] = emit if mode != "off" else lambda record: None
        self._later = later
        self._began = clock.time()
        self._extension = self._relay = ""
        self._places = Places(self._emit)
        self._ports = self._requests = 0
        self._openings: Openings[Connection] = Openings()
        self._asked: Openings[Request] = Openings()
        self._early: deque[tuple[Place, str, Place, str, float | None]] = deque(maxlen=MAX_EARLY_REQUESTS)
        self._waiting: list[tuple[Any, End, str, float | None]] = []

    # --- the launch and its places ----------------------------------------------------------------------------------

    def launched(self, browser: str, extension: str, relay: str, *, name: str, version: str) -> None:
        """Record what runs. This is the first report."""
        self._extension, self._relay = extension, relay
        self._emit(
            Launched(
                began=datetime.fromtimestamp(self._began, UTC).isoformat(timespec="milliseconds"),
                browser=browser,
                extension=extension,
                name=printable(name),
                version=printable(version),
                record=self.mode,
            )
        )

    def began(self, kind: str, url: str, sender: Mapping[str, Any], time: float | None = None) -> Place:
        """A context began; `sender` is what the browser says of it."""
        if kind in _OWN:
            self._extension = sender.get("id") or self._extension  # Firefox may have chosen it
        if kind == "external":
            return self._places.outside("extension", self._relay or str(sender.get("id", "")), self._at(time))
        return self._places.begin(kind, url, sender, self._at(time))

    def ended(self, place: Place, reason: str) -> None:
        """A context is gone."""
        self._places.end(place, reason, self._at(None))

    def application(self, name: str) -> Place:
        """The place of a native application."""
        return self._places.outside(_NATIVE, name, self._at(None))

    # --- ports ------------------------------------------------------------------------------------------------------

    def opened(
        self, place: Place, by: Actor, function: str, name: str | None, target: Target, time: float | None = None
    ) -> End:
        """A port was opened at `place`."""
        if self.mode == "off":
            return SilentEnd(self, place, by, opened=True)
        end = End(self, place, by, opened=True)
        connection = self._connection(name, place, target, self._at(time))
        self._emit(
            PortOpened(
                time=connection.time,
                port=connection.id,
                place=place.id,
                by=by,
                function=function,
                name=None if name is None else printable(name),
                target=printable(target.text),
                leads_to=connection.leads_to.id if connection.leads_to else None,
            )
        )
        end.belongs_to(connection)
        self._openings.add(self._key(connection), connection)
        self._match_waiting(self._key(connection))
        return end

    def accepted(
        self,
        place: Place,
        by: Actor,
        event: str,
        name: str | None,
        sender: Mapping[str, Any],
        time: float | None = None,
    ) -> End:
        """A listener at `place` got a port."""
        if self.mode == "off":
            return SilentEnd(self, place, by, opened=False)
        end = End(self, place, by, opened=False)
        opener = self._opener(place, event, sender)
        key = (_NATIVE, name) if place.kind == _NATIVE else (opener.id, name)
        connection = self._openings.take(key, (place.id, by), place)
        if connection:
            self._accept(end, connection, event, time)
        elif self.mode == "all" and by == "script" and not opener.outside:
            self._wait(key, end, event, name, opener, time)
        else:
            self._accept_unknown(end, event, name, opener, time)
        return end

    def posted(self, connection: Connection, end: End, text: str, time: float | None, length: int | None) -> None:
        """See `End.posted`."""
        if self.mode == "python":
            to_come, entry = connection.to_come, (end.opened, hash(text))
            to_come[entry] = to_come.get(entry, 0) + 1
            if len(to_come) > MAX_POSTS_TO_COME:
                del to_come[next(iter(to_come))]
        self._post(connection, end.place, end.by, time, payload(text, length))

    def arrived(self, connection: Connection, end: End, text: str, time: float | None, length: int | None) -> None:
        """See `End.arrived`. Nothing is recorded if it was already recorded where it was posted."""
        if self.mode == "all" and not connection.comes_from_outside(end):
            return
        if (entry := (not end.opened, hash(text))) in connection.to_come:
            connection.to_come[entry] -= 1
            if not connection.to_come[entry]:
                del connection.to_come[entry]
            return
        self._post(connection, self._opposite(connection, end), "script", time, payload(text, length))

    def closed(
        self, connection: Connection, end: End, by: Actor, reason: str, error: str | None, time: float | None
    ) -> None:
        """See `End.closed`. The first report counts, but one that says who closed it beats one of the browser."""
        if connection.closed is not None and (connection.closed != "browser" or by == "browser"):
            return
        connection.closed = by
        connection.over = connection.over or (error is not None and end.opened and not connection.receivers)
        self._emit(
            PortClosed(
                time=self._at(time),
                port=connection.id,
                place=end.place.id,
                by=by,
                reason=printable(reason),
                error=None if error is None else printable(error),
            )
        )

    # --- one-time messages ------------------------------------------------------------------------------------------

    def asked(
        self,
        place: Place,
        by: Actor,
        function: str,
        target: Target,
        text: str,
        time: float | None = None,
        length: int | None = None,
    ) -> Request:
        """A one-time message was sent; `text` and `length` as in `End.posted`."""
        self._requests += 1
        request = Request(self._requests, place, target, text, self._at(time))
        self._asked.add(place.id, request)
        self._emit(
            RequestSent(
                time=request.time,
                request=request.id,
                place=place.id,
                by=by,
                function=function,
                target=printable(target.text),
                payload=payload(text, length),
            )
        )
        if outside := self._outside(target):
            self._hear(request, outside, "", time)
        for early in [early for early in self._early if early[0] is place and early[1] == text]:
            if self._match(*early):
                self._early.remove(early)
        return request

    def heard(
        self,
        place: Place,
        event: str,
        sender: Mapping[str, Any],
        text: str,
        time: float | None = None,
        length: int | None = None,
    ) -> Request | None:
        """A listener at `place` got a one-time message; `text` and `length` as in `End.posted`.

        Returns:
            The message, if nobody else reports its answer.
        """
        asker = self._opener(place, event, sender)
        if self._match(asker, text, place, event, time):
            return None
        if not asker.outside and self.mode == "all":
            self._early.append((asker, text, place, event, time))
            return None
        target = Target(self._extension) if asker.outside else Target()
        request = self.asked(asker, "script", "runtime.sendMessage", target, text, time, length)
        self._hear(request, place, event, time)
        return request

    def answered(
        self,
        request: Request,
        text: str | None,
        error: str | None,
        time: float | None = None,
        length: int | None = None,
    ) -> None:
        """A one-time message was answered (`text` None: with ``undefined``), or it failed with an error."""
        self._emit(
            RequestAnswered(
                time=self._at(time),
                request=request.id,
                place=request.origin.id,
                payload=None if text is None else payload(text, length),
                error=None if error is None else printable(error),
            )
        )

    def last_for(self, place: Place, event: str, after: float, before: float, name: str | None = None) -> float | None:
        """Return when the last came that `event` would have told a listener at one of the extension's own places.

        Args:
            place: Where nobody listened.
            event: Such as ``runtime.onConnect`` or ``runtime.onMessage``.
            after: Seconds since 1970.
            before: Likewise.
            name: Of a port; None for any.

        Returns:
            Seconds since 1970; None if none came in that time, as far as it is recorded.
        """
        openings: Iterable[Opening] = self._asked
        if event.startswith("runtime.onConnect"):
            openings = [connection for connection in self._openings if name in (None, connection.name)]
        times = [
            self._began + opening.time
            for opening in openings
            if opening.target.leads_to(place)
            and opening.origin is not place
            and opening.origin.outside == (event in _EXTERNAL)
            and not self._leads_outside(opening.target)
        ]
        return max((time for time in times if after < time < before), default=None)

    def omitted(self, count: int, reason: str) -> None:
        """So many things are missing in the record."""
        self._emit(Omitted(time=self._at(None), count=count, reason=printable(reason)))

    # --- how ------------------------------------------------------------------------------------------------------

    def _at(self, time: float | None) -> float:
        return round((clock.time() if time is None else time) - self._began, 6)

    def _connection(self, name: str | None, opener: Place, target: Target, time: float) -> Connection:
        self._ports += 1
        return Connection(self._ports, name, opener, target, self._outside(target), time)

    def _key(self, connection: Connection) -> Any:
        application = connection.target.application
        return (_NATIVE, application) if application else (connection.origin.id, connection.name)

    def _match(self, asker: Place, text: str, place: Place, event: str, time: float | None) -> bool:
        request = self._asked.take(asker.id, place.id, place, lambda request: request.text == text)
        if request:
            self._hear(request, place, event, time)
        return request is not None

    def _opener(self, place: Place, event: str, sender: Mapping[str, Any]) -> Place:
        if place.kind == _NATIVE:
            return self._places.background
        id = sender.get("id")
        if id == self._extension or event not in _EXTERNAL:
            return self._places.of_sender(sender) or self._places.background
        if id is None:
            found = self._places.of_sender(sender)
            web = found if found and found.kind == "web" else None
            return web or self._places.outside("web", str(sender.get("url", "")), self._at(None), sender)
        return self._places.outside("extension", str(id), self._at(None))

    def _outside(self, target: Target) -> Place | None:
        if target.application:
            return self.application(target.application)
        if not self._leads_outside(target):
            return None
        return self._places.outside("extension", str(target.extension), self._at(None))

    def _leads_outside(self, target: Target) -> bool:
        return target.application is not None or target.extension not in (None, "", self._extension)

    def _opposite(self, connection: Connection, end: End) -> Place:
        """Return the place that posted what arrives at `end`, as far as the bridge knows."""
        if not end.opened:
            return connection.origin
        if connection.receivers or connection.leads_to:
            return connection.receivers[0] if connection.receivers else connection.leads_to or NOWHERE
        if connection.supposed is None:
            tab, frame = connection.target.tab, connection.target.frame
            connection.supposed = self._places.background if tab is None else self._places.in_tab(tab, frame)
        return connection.supposed or NOWHERE

    def _accept(self, end: End, connection: Connection, event: str, time: float | None) -> None:
        if end.place not in connection.receivers:
            connection.receivers.append(end.place)
        self._emit(PortAccepted(time=self._at(time), port=connection.id, place=end.place.id, by=end.by, event=event))
        end.belongs_to(connection)

    def _accept_unknown(self, end: End, event: str, name: str | None, opener: Place, time: float | None) -> None:
        connection = self._connection(name, opener, Target(), self._at(time))
        self._emit(
            PortOpened(
                time=connection.time,
                port=connection.id,
                place=opener.id,
                function="runtime.connectNative" if end.place.kind == _NATIVE else "",
                name=None if name is None else printable(name),
            )
        )
        self._openings.add(self._key(connection), connection)
        self._openings.take(self._key(connection), (end.place.id, end.by), end.place)
        self._accept(end, connection, event, time)

    def _wait(self, key: Any, end: End, event: str, name: str | None, opener: Place, time: float | None) -> None:
        entry = (key, end, event, time)
        self._waiting.append(entry)

        def give_up() -> None:
            if entry in self._waiting:
                self._waiting.remove(entry)
                self._accept_unknown(end, event, name, opener, time)

        self._later(OPENED_WAIT_S, give_up)

    def _match_waiting(self, key: Any) -> None:
        for entry in [entry for entry in self._waiting if entry[0] == key]:
            _, end, event, time = entry
            connection = self._openings.take(key, (end.place.id, end.by), end.place)
            if connection:
                self._waiting.remove(entry)
                self._accept(end, connection, event, time)

    def _post(self, connection: Connection, place: Place, by: Actor, time: float | None, message: Payload) -> None:
        self._emit(MessagePosted(time=self._at(time), port=connection.id, place=place.id, by=by, payload=message))

    def _hear(self, request: Request, place: Place, event: str, time: float | None) -> None:
        self._emit(RequestHeard(time=self._at(time), request=request.id, place=place.id, event=event))
