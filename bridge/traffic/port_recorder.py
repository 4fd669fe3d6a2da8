"""Records ports: who opened each one, and who accepted it."""

from collections import deque
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from .end_recorder import EndRecorder
from .ends import Connection, End, SilentEnd
from .limits import MAX_PORTS_PER_NAME
from .matching import Openings, Target
from .places import NATIVE, Place
from .records import Actor, PortAccepted, PortOpened, printable
from .shared_recording import SharedRecording

__all__ = ["PortRecorder"]

_Opener = tuple[Place, str | None]  # where ports were opened, and under which name
_ON_ITS_WAY_S = 0.05  # how long it may take from `connect()` until the browser asks who listens


class PortRecorder:
    """Takes reports that a port was opened or accepted, and finds out which ends belong to one port."""

    def __init__(self, shared: SharedRecording) -> None:
        self._shared = shared
        self._reports = EndRecorder(shared)
        self._count = 0
        self._openings: Openings[Connection] = Openings()
        self._waiting: list[_Accepted] = []  # for the report that it was opened
        self._supposed: dict[_Opener, deque[Connection]] = {}  # accepted by somebody, and not reported as opened

    def opened(
        self, place: Place, by: Actor, function: str, name: str | None, target: Target, time: float | None = None
    ) -> End:
        """A port was opened at `place`."""
        if self._shared.mode == "off":
            return SilentEnd(self._reports, place, by, opened=True)
        end = End(self._reports, place, by, opened=True)
        if self._confirm(place, name, target, end, time):
            return end
        connection = self._connection(name, place, target, self._shared.at(time))
        self._shared.emit(
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
        if self._shared.mode == "off":
            return SilentEnd(self._reports, place, by, opened=False)
        end = End(self._reports, place, by, opened=False)
        opener = self._shared.opener(place, event, sender, time)
        key = (NATIVE, name) if place.kind == NATIVE else (opener.id, name)
        accepted = _Accepted(key, end, event, name, opener, time, None if since is None else self._shared.at(since))
        if connection := self._opening_of(accepted):
            self._accept(accepted, connection)
        elif self._shared.mode == "all" and by == "script" and not opener.outside:
            self._wait(accepted)
        else:
            self._accept_unknown(accepted)
        return end

    def place_ended(self, place: Place, reason: str) -> None:
        """A context is gone, with the ends of ports that it had."""
        self._reports.place_ended(place, reason)
        self._await_last_reports([it for key, of_it in self._supposed.items() if key[0] is place for it in of_it])

    def named(self, name: str | None) -> Iterable[Connection]:
        """Return the ports that were opened under that name, None for any, as far as they are kept."""
        return [connection for connection in self._openings if name in (None, connection.name)]

    def _connection(self, name: str | None, opener: Place, target: Target, time: float) -> Connection:
        self._count += 1
        connection = Connection(self._count, name, opener, target, self._shared.outside(target), time)
        self._reports.opened(connection)
        return connection

    def _key(self, connection: Connection) -> Any:
        application = connection.target.application
        return (NATIVE, application) if application else (connection.origin.id, connection.name)

    def _opening_of(self, accepted: "_Accepted") -> Connection | None:
        """Return the port that was accepted, if it has been reported as opened."""
        end = accepted.end
        return self._openings.take(accepted.key, (end.place.id, end.by), end.place, accepted.may_be)

    def _accept(self, accepted: "_Accepted", connection: Connection) -> None:
        end, time = accepted.end, self._shared.at(accepted.time)
        if end.place not in connection.receivers:
            connection.receivers.append(end.place)
        event = accepted.event
        self._shared.emit(PortAccepted(time=time, port=connection.id, place=end.place.id, by=end.by, event=event))
        end.belongs_to(connection)

    def _accept_unknown(self, accepted: "_Accepted") -> None:
        """Record a port that nobody has reported as opened."""
        place = accepted.end.place
        reported = self._shared.mode == "all" and not accepted.opener.outside and place.kind != NATIVE
        by_python = reported and accepted.end.by == "python"
        target = Target(tab=place.tab) if by_python and place.kind == "content" else Target()
        connection = self._connection(accepted.name, accepted.opener, target, self._shared.at(accepted.time))
        function = "runtime.connectNative" if place.kind == NATIVE else ""
        if by_python:  # it is not to wait for the report: the port is in the record as soon as Python has it
            function = "runtime.connect" if target.tab is None else "tabs.connect"
        if reported:
            self._suppose(connection)
        self._shared.emit(
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

    def _suppose(self, connection: Connection) -> None:
        key = (connection.origin, connection.name)
        self._supposed.setdefault(key, deque(maxlen=MAX_PORTS_PER_NAME)).append(connection)
        if connection.origin.ended:
            self._await_last_reports([connection])

    def _await_last_reports(self, connections: list[Connection]) -> None:
        """The place that opened these is gone: the reports of it may be on their way, and none comes after them."""
        if connections:
            self._shared.hold_back(partial(self._suppose_no_longer, connections))

    def _suppose_no_longer(self, connections: Iterable[Connection]) -> None:
        for connection in connections:
            key = (connection.origin, connection.name)
            if connection in (supposed := self._supposed.get(key, deque())):
                supposed.remove(connection)
                if not supposed:
                    del self._supposed[key]

    def _confirm(self, place: Place, name: str | None, target: Target, end: End, time: float | None) -> bool:
        """Return whether it is the opening of a port that was accepted before; `end` then belongs to that.

        On a busy machine such a report may take seconds. One that is about a later time is about another port.
        """
        opened = self._shared.at(time)
        supposed = self._supposed.get((place, name), ())
        connection = next((it for it in supposed if opened <= it.time + _ON_ITS_WAY_S), None)
        if connection is None:
            return False
        self._suppose_no_longer([connection])
        connection.target, connection.time = target, opened
        end.belongs_to(connection)
        return True

    def _wait(self, accepted: "_Accepted") -> None:
        self._waiting.append(accepted)

        def give_up() -> None:
            if accepted in self._waiting:
                self._waiting.remove(accepted)
                self._accept_unknown(accepted)

        self._shared.hold_back(give_up)

    def _match_waiting(self, key: Any) -> None:
        for accepted in [accepted for accepted in self._waiting if accepted.key == key]:
            if connection := self._opening_of(accepted):
                self._waiting.remove(accepted)
                self._accept(accepted, connection)


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
