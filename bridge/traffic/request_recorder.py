"""Records one-time messages: who sent each one, who heard it, and its answer."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .limits import MAX_EARLY_REQUESTS
from .matching import Opening, Openings, Target
from .places import Place
from .records import Actor, RequestAnswered, RequestHeard, RequestSent, payload, printable
from .shared_recording import EXTERNAL, SharedRecording

__all__ = ["RecordedRequest", "RequestRecorder"]

_Early = tuple[Place, str, Place, str, float | None]
"""A message that was heard, and is not yet reported as sent: who asked, the text, and where and when it was heard."""


class RecordedRequest(Opening):
    """A one-time message.

    Attributes:
        text: The message, encoded as by `protocol.values`.
        heard: Whether it is recorded that somebody got it.
        answer: Records the answer; None if there is none, or if it is recorded.
    """

    __slots__ = ("answer", "heard", "id", "text")

    def __init__(self, id: int, origin: Place, target: Target, text: str, time: float) -> None:
        super().__init__(origin, target, time)
        self.id = id
        self.text = text
        self.heard = False
        self.answer: Callable[[], None] | None = None

    def record_answer(self) -> None:
        """Record the answer that was held back, if there is one."""
        answer, self.answer = self.answer, None
        if answer:
            answer()


class RequestRecorder:
    """Takes reports of one-time messages."""

    def __init__(self, shared: SharedRecording) -> None:
        self._shared = shared
        self._count = 0
        self._asked: Openings[RecordedRequest] = Openings()
        self._early: deque[_Early] = deque(maxlen=MAX_EARLY_REQUESTS)

    def asked(
        self,
        place: Place,
        by: Actor,
        function: str,
        target: Target,
        text: str,
        time: float | None = None,
        length: int | None = None,
    ) -> RecordedRequest:
        """A one-time message was sent; `text` and `length` as in `End.posted`."""
        self._count += 1
        request = RecordedRequest(self._count, place, target, text, self._shared.at(time))
        self._asked.add(place.id, request)
        self._shared.emit(
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
        if outside := self._shared.outside(target):
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
    ) -> RecordedRequest | None:
        """A listener at `place` got a one-time message; `text` and `length` as in `End.posted`.

        Returns:
            The message, if nobody else reports its answer.
        """
        asker = self._shared.opener(place, event, sender, time)
        if self._match(asker, text, place, event, time):
            return None
        if not asker.outside and self._shared.mode == "all":
            early = (asker, text, place, event, time)
            self._early.append(early)
            self._shared.hold_back(lambda: self._give_up(early, length))
            return None
        target = Target(self._shared.extension) if event in EXTERNAL else Target()
        request = self.asked(asker, "script", "runtime.sendMessage", target, text, time, length)
        self._hear(request, place, event, time)
        return request

    def answered(
        self,
        request: RecordedRequest,
        text: str | None,
        error: str | None,
        time: float | None = None,
        length: int | None = None,
    ) -> None:
        """A one-time message was answered (`text` None: with ``undefined``), or it failed with an error."""
        record = RequestAnswered(
            time=self._shared.at(time),
            request=request.id,
            place=request.origin.id,
            payload=None if text is None else payload(text, length),
            error=None if error is None else printable(error),
        )
        request.answer = lambda: self._shared.emit(record)
        # Whoever answered has heard it, which another agent reports.
        if self._shared.mode == "all" and error is None and not request.heard:
            self._shared.hold_back(request.record_answer)
        else:
            request.record_answer()

    def kept(self) -> Iterable[RecordedRequest]:
        """Return the messages that were sent, as far as they are kept."""
        return self._asked

    def _give_up(self, early: _Early, length: int | None) -> None:
        """Record a message from a context without an agent, which nobody reports as sent."""
        asker, text, place, event, time = early
        if asker.supposed and early in self._early:
            self._early.remove(early)
            request = self.asked(asker, "script", "runtime.sendMessage", Target(), text, time, length)
            self._hear(request, place, event, time)

    def _match(self, asker: Place, text: str, place: Place, event: str, time: float | None) -> bool:
        request = self._asked.take(asker.id, place.id, place, lambda request: request.text == text)
        if request:
            self._hear(request, place, event, time)
        return request is not None

    def _hear(self, request: RecordedRequest, place: Place, event: str, time: float | None) -> None:
        self._shared.emit(RequestHeard(time=self._shared.at(time), request=request.id, place=place.id, event=event))
        request.heard = True
        request.record_answer()
