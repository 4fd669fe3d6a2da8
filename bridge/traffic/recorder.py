"""Makes the records of a launch: of its places here, of its ports and one-time messages through their recorders."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from .limits import MAX_MESSAGE_CHARACTERS
from .matching import Opening
from .places import Place
from .port_recorder import PortRecorder
from .posted import Posted
from .records import (
    ConsoleSaid,
    EventDispatched,
    Launched,
    Omitted,
    PortRouted,
    Record,
    RequestRouted,
    payload,
    printable,
)
from .request_recorder import RequestRecorder
from .shared_recording import Mode, SharedRecording, brings_from

__all__ = ["Mode", "Recorder"]

_OWN = ("background", "content", "page")


class Recorder:
    """Takes reports and emits records.

    Args:
        mode: What is recorded.
        emit: Gets each record.
        later: Calls a function after that many seconds.
        emit_posted: Gets the messages of ports instead, before their records are made.

    Attributes:
        ports: Takes reports that a port was opened or accepted; the end that it returns takes the others.
        requests: Takes reports of one-time messages.
    """

    def __init__(
        self,
        mode: Mode,
        emit: Callable[[Record], None],
        later: Callable[[float, Callable[[], None]], object],
        emit_posted: Callable[[Posted], None] | None = None,
    ) -> None:
        self._shared = SharedRecording(mode, emit, later, emit_posted)
        self.ports = PortRecorder(self._shared)
        self.requests = RequestRecorder(self._shared)

    def launched(self, browser: str, extension: str, relay: str, *, name: str, version: str) -> None:
        """Record what runs. This is the first report."""
        self._shared.extension, self._shared.relay = extension, relay
        self._shared.emit(
            Launched(
                began=datetime.fromtimestamp(self._shared.began, UTC).isoformat(timespec="milliseconds"),
                browser=browser,
                extension=extension,
                name=printable(name),
                version=printable(version),
                record=self._shared.mode,
            )
        )

    def began(self, kind: str, url: str, sender: Mapping[str, Any], time: float | None = None) -> Place:
        """A context began; `sender` is what the browser says of it."""
        if kind in _OWN:
            self._shared.extension = sender.get("id") or self._shared.extension  # Firefox may have chosen it
        if kind == "external":
            relay = self._shared.relay or str(sender.get("id", ""))
            return self._shared.places.outside("extension", relay, self._shared.at(time))
        return self._shared.places.begin(kind, url, sender, self._shared.at(time))

    def ended(self, place: Place, reason: str) -> None:
        """A context is gone."""
        self._shared.places.end(place, reason, self._shared.at(None))
        self.ports.place_ended(place, reason)

    def said(
        self, place: Place, level: str, text: str, url: str, line: int, column: int, time: float, *, uncaught: bool
    ) -> None:
        """A script of the extension said something on the console, or no script caught an error."""
        self._shared.emit(
            ConsoleSaid(
                time=self._shared.at(time),
                place=place.id,
                level=level,
                text=printable(text if len(text) <= MAX_MESSAGE_CHARACTERS else f"{text[:MAX_MESSAGE_CHARACTERS]}…"),
                uncaught=uncaught,
                url=printable(url),
                line=line,
                column=column,
            )
        )

    def dispatched(self, place: Place, event: str) -> None:
        """Python is about to call the scripts' listeners of an event that did not happen."""
        self._shared.emit(EventDispatched(time=self._shared.at(None), place=place.id, event=event))

    def routed(self, place: Place, name: str | None, what: str, message: str | None = None) -> None:
        """A route of Python's did something with a port that has come to `place`, or with a message on it.

        Args:
            place: Where the port has come.
            name: The port's.
            what: In words.
            message: The message, encoded.
        """
        if self._shared.mode == "off":
            return
        self._shared.emit(
            PortRouted(
                time=self._shared.at(None),
                place=place.id,
                name=None if name is None else printable(name),
                what=what,
                payload=None if message is None else payload(message),
            )
        )

    def routed_request(self, place: Place, what: str, message: str | None = None) -> None:
        """A route of Python's did something with a one-time message that has come to `place`.

        Args:
            place: Where the message has come.
            what: In words.
            message: What the scripts hear in its place, or the answer, encoded.
        """
        if self._shared.mode == "off":
            return
        said = None if message is None else payload(message)
        self._shared.emit(RequestRouted(time=self._shared.at(None), place=place.id, what=printable(what), payload=said))

    def application(self, name: str) -> Place:
        """The place of a native application."""
        return self._shared.application(name)

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
        connects = event.endswith(("onConnect", "onConnectExternal", "onUserScriptConnect"))
        openings: Iterable[Opening] = self.ports.named(name) if connects else self.requests.kept()
        times = [
            self._shared.began + opening.time
            for opening in openings
            if opening.target.leads_to(place)
            and opening.origin is not place
            and brings_from(event, opening.origin)
            and not self._shared.leads_outside(opening.target)
        ]
        return max((time for time in times if after < time < before), default=None)

    def omitted(self, count: int, reason: str) -> None:
        """So many things are missing in the record."""
        self._shared.emit(Omitted(time=self._shared.at(None), count=count, reason=printable(reason)))

    def flush(self) -> None:
        """Record what was held back for the sake of order: the reports that it waits for will not come any more."""
        self._shared.flush()
