"""Makes records of what ends of ports report: each message once, and each port with all its ends."""

import time as clock
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal, NamedTuple

from .ends import Connection, End, Request, SilentEnd
from .limits import MAX_EARLY_REQUESTS, MAX_POSTS_TO_COME, REPORT_WAIT_S
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
_ON_ITS_WAY_S = 0.05  # how long it may take from `connect()` until the browser asks who listens
_COMPARED = 10_000  # characters of a message; the agent may cut off the rest of a long one
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
        self._waiting: list[_Accepted] = []
        self._supposed: list[Connection] = []  # which Python accepted, and nobody has reported as opened
        self._held_back: dict[int, Callable[[], None]] = {}
        self._holds = 0

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
        if self._confirm(place, name, target, end, time):
            return end
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
        since: float | None = None,
    ) -> End:
        """A listener at `place` got a port.

        Args:
            place: Where.
            by: Whose listener it is.
            event: Of the listener.
            name: The port's.
            sender: What the browser says of the opener.
            time: Seconds since 1970; None for now.
            since: When it began to listen there, in seconds since 1970; None if that is not known.
        """
        if self.mode == "off":
            return SilentEnd(self, place, by, opened=False)
        end = End(self, place, by, opened=False)
        opener = self._opener(place, event, sender, time)
        key = (_NATIVE, name) if place.kind == _NATIVE else (opener.id, name)
        accepted = _Accepted(key, end, event, name, opener, time, None if since is None else self._at(since))
        if connection := self._opening_of(accepted):
            self._accept(accepted, connection)
        elif self.mode == "all" and by == "script" and not opener.outside:
            self._wait(accepted)
        else:
            self._accept_unknown(accepted)
        return end

    def posted(self, connection: Connection, end: End, text: str, time: float | None, length: int | None) -> None:
        """See `End.posted`."""
        if self.mode == "python":
            by_python, entry = connection.by_python, (end.opened, hash(text))
            by_python[entry] = by_python.get(entry, 0) + 1
            if len(by_python) > MAX_POSTS_TO_COME:
                del by_python[next(iter(by_python))]
        elif end.by == "script" and self._was_early(connection, end, text):
            return
        self._post(connection, end.place, end.by, end.opened, time, payload(text, length))

    def arrived(self, connection: Connection, end: End, text: str, time: float | None, length: int | None) -> None:
        """See `End.arrived`. Nothing is recorded if it was already, where it was posted or where else it arrived."""
        if self.mode == "all" and not connection.comes_from_outside(end):
            self._arrived_early(connection, end, text, time, length)
            return
        seen, digest = end.by_python.get(hash(text), 0), hash(text)
        if seen < connection.by_python.get((not end.opened, digest), 0):
            end.by_python[digest] = seen + 1
            return
        end.others += 1
        if end.others <= connection.others[not end.opened]:
            return  # another end got it, too: each gets all, in the same order
        connection.others[not end.opened] = end.others
        self._post(connection, self._opposite(connection, end), "script", not end.opened, time, payload(text, length))

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

    def overdue(self, give_up: Callable[[], None]) -> None:
        """See `Reports.overdue`."""
        self._hold_back(give_up)

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
        asker = self._opener(place, event, sender, time)
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
        record = RequestAnswered(
            time=self._at(time),
            request=request.id,
            place=request.origin.id,
            payload=None if text is None else payload(text, length),
            error=None if error is None else printable(error),
        )
        request.answer = lambda: self._emit(record)
        # Whoever answered has heard it, which another agent reports.
        if self.mode == "all" and error is None and not request.heard:
            self._hold_back(request.record_answer)
        else:
            request.record_answer()

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

    def flush(self) -> None:
        """Record what was held back for the sake of order: the reports that it waits for will not come any more."""
        while self._held_back:
            self._let_go(next(iter(self._held_back)))

    def omitted(self, count: int, reason: str) -> None:
        """So many things are missing in the record."""
        self._emit(Omitted(time=self._at(None), count=count, reason=printable(reason)))

    # --- how ------------------------------------------------------------------------------------------------------

    def _hold_back(self, let_go: Callable[[], None]) -> None:
        """Call `let_go`, which does nothing where it is no longer needed, when the wait has been long enough."""
        self._holds += 1
        self._held_back[self._holds] = let_go
        self._later(REPORT_WAIT_S, partial(self._let_go, self._holds))

    def _let_go(self, hold: int) -> None:
        if let_go := self._held_back.pop(hold, None):
            let_go()

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

    def _opener(self, place: Place, event: str, sender: Mapping[str, Any], time: float | None) -> Place:
        if place.kind == _NATIVE:
            return self._places.background
        id = sender.get("id")
        if id == self._extension or event not in _EXTERNAL:
            return self._places.opener(sender, self._at(time))
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

    def _opening_of(self, accepted: "_Accepted") -> Connection | None:
        """Return the port that was accepted, if it has been reported as opened."""
        end = accepted.end
        return self._openings.take(accepted.key, (end.place.id, end.by), end.place, accepted.may_be)

    def _accept(self, accepted: "_Accepted", connection: Connection) -> None:
        end, time = accepted.end, self._at(accepted.time)
        if end.place not in connection.receivers:
            connection.receivers.append(end.place)
        self._emit(PortAccepted(time=time, port=connection.id, place=end.place.id, by=end.by, event=accepted.event))
        end.belongs_to(connection)

    def _accept_unknown(self, accepted: "_Accepted") -> None:
        """Record a port that nobody has reported as opened."""
        place, by_python = accepted.end.place, accepted.end.by == "python"
        reported = self.mode == "all" and by_python and not accepted.opener.outside and place.kind != _NATIVE
        target = Target(tab=place.tab) if reported and place.kind == "content" else Target()
        connection = self._connection(accepted.name, accepted.opener, target, self._at(accepted.time))
        function = "runtime.connectNative" if place.kind == _NATIVE else ""
        if reported:  # Python is not to wait for that: the port is in the record as soon as Python has it
            function = "runtime.connect" if target.tab is None else "tabs.connect"
            self._suppose(connection)
        self._emit(
            PortOpened(
                time=connection.time,
                port=connection.id,
                place=accepted.opener.id,
                function=function,
                name=None if accepted.name is None else printable(accepted.name),
                target=target.text,
            )
        )
        self._openings.add(accepted.key, connection)
        self._opening_of(accepted)
        self._accept(accepted, connection)
        self._match_waiting(accepted.key)

    def _arrived_early(
        self, connection: Connection, end: End, text: str, time: float | None, length: int | None
    ) -> None:
        """Record a message of a script that Python got before its agent reported that it was posted.

        So it is in the record when Python has it. If several ends may have posted it, the report is waited for.
        """
        by_opener = not end.opened
        end.others += 1
        posters = [other for other in connection.ends if other.opened == by_opener]
        if end.others > connection.posts[by_opener] and len(posters) < 2:
            connection.unreported[by_opener].append(hash(text[:_COMPARED]))
            place = posters[0].place if posters else self._opposite(connection, end)
            self._post(connection, place, "script", by_opener, time, payload(text, length))

    def _was_early(self, connection: Connection, end: End, text: str) -> bool:
        """Whether a message that a script posted is recorded, because it had already arrived."""
        unreported = connection.unreported[end.opened]
        if not unreported:
            return False
        digest = hash(text[:_COMPARED])
        if digest in unreported:
            unreported.remove(digest)
        elif sum(other.opened == end.opened for other in connection.ends) < 2:
            unreported.popleft()  # the message reads otherwise where it arrives, such as a Blob
        else:
            return False
        return True

    def _suppose(self, connection: Connection) -> None:
        self._supposed.append(connection)

        def give_up() -> None:
            if connection in self._supposed:
                self._supposed.remove(connection)

        self._hold_back(give_up)

    def _confirm(self, place: Place, name: str | None, target: Target, end: End, time: float | None) -> bool:
        """Return whether it is the opening of a port that Python has accepted; `end` then belongs to that."""
        found = (supposed for supposed in self._supposed if (supposed.origin, supposed.name) == (place, name))
        connection = next(found, None)
        if connection is None:
            return False
        self._supposed.remove(connection)
        connection.target, connection.time = target, self._at(time)
        end.belongs_to(connection)
        return True

    def _wait(self, accepted: "_Accepted") -> None:
        self._waiting.append(accepted)

        def give_up() -> None:
            if accepted in self._waiting:
                self._waiting.remove(accepted)
                self._accept_unknown(accepted)

        self._hold_back(give_up)

    def _match_waiting(self, key: Any) -> None:
        for accepted in [accepted for accepted in self._waiting if accepted.key == key]:
            if connection := self._opening_of(accepted):
                self._waiting.remove(accepted)
                self._accept(accepted, connection)

    def _post(
        self, connection: Connection, place: Place, by: Actor, by_opener: bool, time: float | None, message: Payload
    ) -> None:
        self._emit(MessagePosted(time=self._at(time), port=connection.id, place=place.id, by=by, payload=message))
        connection.count_post(by_opener)

    def _hear(self, request: Request, place: Place, event: str, time: float | None) -> None:
        self._emit(RequestHeard(time=self._at(time), request=request.id, place=place.id, event=event))
        request.heard = True
        request.record_answer()


class _Accepted(NamedTuple):
    """That a listener got a port, which has to be found among those that were opened."""

    key: Any
    end: End
    event: str
    name: str | None
    opener: Place
    time: float | None
    since: float | None

    def may_be(self, connection: Connection) -> bool:
        """Whether it can be that port: one that was opened before the place listened went past it.

        Unless the place began later, too: then the port may be what started it.
        """
        on_its_way = self.since is None or connection.time >= self.since - _ON_ITS_WAY_S
        return on_its_way or self.end.place.began > connection.time
