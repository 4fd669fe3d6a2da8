"""Debugging sessions with any target of Chromium, over one browser-level session."""

import asyncio
import itertools
import json
from typing import Any

from .. import _playwright

__all__ = ["TargetError", "TargetSessions"]


class TargetError(Exception):
    """A target answered with an error, or its session ended before it answered."""


class TargetSessions:
    """Attaches to targets, and asks them.

    Args:
        session: A browser-level CDPSession of Playwright's that nobody else uses.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self._numbers = itertools.count(1)
        self._answers: dict[int, tuple[str, asyncio.Future[dict[str, Any]]]] = {}

    def _listen(self) -> None:
        """Take what the targets say from now on."""
        self._session.on("Target.receivedMessageFromTarget", self._on_message)
        self._session.on("Target.detachedFromTarget", self._on_detached)

    async def _attach_to(self, target: str) -> str:
        """Return the id of a new session with a target."""
        answer = await self._send("Target.attachToTarget", targetId=target, flatten=False)
        session: str = answer["sessionId"]
        return session

    async def ask(self, session: str, method: str, **params: Any) -> dict[str, Any]:
        """Return a target's answer.

        Raises:
            TargetError: It is an error, or the session has ended.
        """
        message = await (await self.begin_to_ask(session, method, **params))
        if "error" in message:
            raise TargetError(message["error"].get("message", "an unknown error"))
        result: dict[str, Any] = message.get("result", {})
        return result

    async def begin_to_ask(self, session: str, method: str, **params: Any) -> "asyncio.Future[dict[str, Any]]":
        """Ask, and return what gets the target's answer as it comes: it may be an error, or say it is gone."""
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = session, answer
        answer.add_done_callback(lambda _: self._answers.pop(number, None))
        try:
            await self._post(session, number, method, params)
        except BaseException:
            answer.cancel()
            raise
        return answer

    async def tell(self, session: str, method: str, **params: Any) -> None:
        """Ask without waiting for the answer."""
        await self._post(session, next(self._numbers), method, params)

    def _heard(self, session: str, event: dict[str, Any]) -> None:
        """A target reports an event."""

    def _ended(self, session: str) -> None:
        """A session has ended."""

    async def _post(self, session: str, number: int, method: str, params: dict[str, Any]) -> None:
        message = json.dumps({"id": number, "method": method, "params": params})
        await self._send("Target.sendMessageToTarget", sessionId=session, message=message)

    def _on_message(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        if "id" not in message:
            self._heard(event["sessionId"], message)
            return
        _, answer = self._answers.get(message["id"], (None, None))
        if answer and not answer.done():
            answer.set_result(message)

    def _on_detached(self, event: dict[str, Any]) -> None:
        self._ended(event["sessionId"])
        for session, answer in self._answers.values():
            if session == event["sessionId"] and not answer.done():
                answer.set_result({"error": {"message": "The target is gone"}})

    async def _own_context(self) -> str | None:
        """The id of the profile's own browser context; private windows have another. None if Chromium is too old."""
        own: str | None = (await self._send("Target.getBrowserContexts")).get("defaultBrowserContextId")
        return own

    async def _send(self, method: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await _playwright.call(self._session.send, method, params)
        return answer
