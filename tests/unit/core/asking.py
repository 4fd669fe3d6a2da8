"""What the tests of one-time messages share: a script asks, and what Python answers."""

from typing import Any

import pytest
from unit.core.fakes import Agent, Sent, Stage

from bridge.protocol import frames

ON_MESSAGE = "runtime.onMessage"
EXTERNAL = "runtime.onMessageExternal"


def told(agent: Agent) -> list[tuple[str, str, bool]]:
    """What the browser was told of listeners, and whether Python may answer."""
    return [
        (sent.frame["type"], sent.frame["event"], sent.frame.get("answers", False))
        for sent in agent.heard()
        if sent.frame["type"] in ("listen", "unlisten")
    ]


def asks(agent: Agent, message: Any = "m", request: int = 1, event: str = ON_MESSAGE, **sender: Any) -> None:
    """A script asks, and waits."""
    agent.says(frames.Asked(request, event, sender, open=True), message)


def answers(agent: Agent) -> list[tuple[Any, ...]]:
    """What Python answered since the last look, without what it said of listeners."""
    return [_answer(sent) for sent in agent.heard() if sent.frame["type"] not in ("listen", "unlisten")]


def _answer(sent: Sent) -> tuple[Any, ...]:
    kind, request = sent.frame["type"], sent.frame["request"]
    return {
        "respond": (kind, request, sent.payload),
        "reject": (kind, request, sent.frame.get("message")),
        "letGo": (kind, request),
    }[kind]


def silent(message: Any) -> None:
    pass


def declining(message: Any, sender: Any, sendResponse: Any) -> None:
    pass


def deferred(stage: Stage) -> list[BaseException]:
    """Take what the next waits would raise."""
    kept = []
    while stage.context._session.deferred:
        with pytest.raises(BaseException) as caught:
            stage.context._session.deferred.raise_for(stage.context)
        kept.append(caught.value)
    return kept


async def awaited(pending: Any) -> Any:
    """The coroutine of what may be awaited, to make a task of."""
    return await pending
