"""An idle service worker is stopped; one whose functions run, or that was started anew, is not."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from playwright.async_api import Error as PlaywrightError

from bridge.browsers.idle_watch import IdleWatch

BASE = "chrome-extension://x/"
RAN = {"result": {"result": [{"functions": [{"ranges": [{"count": 1}]}]}]}}
QUIET = {"result": {"result": [{"functions": [{"ranges": [{"count": 0}]}]}]}}
ANEW = {"error": {"message": "Precise coverage has not been started."}}


class Session:
    """A browser-level CDPSession with one worker, which answers each look at its counters with the next of `looks`."""

    def __init__(self) -> None:
        self.looks: list[dict[str, Any]] = []
        self.sent: list[str] = []
        self.closed = asyncio.Event()
        self.gone = False
        self._listeners: dict[str, Callable[[dict[str, Any]], None]] = {}

    def on(self, event: str, listener: Callable[[dict[str, Any]], None]) -> None:
        self._listeners[event] = listener

    async def send(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if self.gone:
            raise PlaywrightError("Target closed")
        if method == "Target.sendMessageToTarget":
            question = json.loads(params["message"])
            self.sent.append(question["method"])
            if (answer := self._answer(question["method"])) is not None:
                message = json.dumps({"id": question["id"], **answer})
                self.fire("Target.receivedMessageFromTarget", message=message)
        else:
            self.sent.append(method)
        if method == "Target.closeTarget":
            self.closed.set()
        return {"sessionId": "s"}

    def _answer(self, method: str) -> dict[str, Any] | None:
        if method != "Profiler.takePreciseCoverage":
            return {"result": {}}
        return self.looks.pop(0) if self.looks else None  # a stopped worker does not answer

    def fire(self, event: str, **params: Any) -> None:
        self._listeners[event](params)

    def begin(self, url: str = f"{BASE}b.js", type: str = "service_worker") -> None:
        self.fire("Target.targetCreated", targetInfo={"targetId": "t", "type": type, "url": url})


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    session = Session()
    watch = IdleWatch(session, BASE, 1)
    await watch.start()
    yield session
    watch.stop()


def looks_before_close(session: Session) -> int:
    return session.sent[: session.sent.index("Target.closeTarget")].count("Profiler.takePreciseCoverage")


async def test_a_worker_is_stopped_when_nothing_ran(session: Session) -> None:
    session.looks = [QUIET]
    session.begin()
    await session.closed.wait()
    assert looks_before_close(session) == 1


async def test_a_worker_whose_functions_run_is_not(session: Session) -> None:
    session.looks = [RAN, RAN, RAN, QUIET]
    session.begin()
    await session.closed.wait()
    assert looks_before_close(session) == 4


async def test_a_worker_that_was_started_anew_is_counted_anew(session: Session) -> None:
    session.looks = [ANEW, QUIET]
    session.begin()
    await session.closed.wait()
    before = session.sent[: session.sent.index("Target.closeTarget")]
    assert before.count("Profiler.startPreciseCoverage") == 2


async def test_it_is_stopped_as_often_as_it_starts(session: Session) -> None:
    session.looks = [QUIET, RAN, QUIET]
    session.begin()
    for _ in range(2):
        await session.closed.wait()
        session.closed.clear()
    assert session.sent.count("Target.attachToTarget") == 1


@pytest.mark.parametrize(("url", "type"), [("chrome-extension://y/b.js", "service_worker"), (f"{BASE}p.html", "page")])
async def test_other_targets_are_left_alone(session: Session, url: str, type: str) -> None:
    session.begin(url, type)
    await asyncio.sleep(0)
    assert session.sent == ["Target.setDiscoverTargets"]


async def test_the_end_of_the_browser_ends_the_watch_in_silence(session: Session) -> None:
    session.looks = [RAN]
    session.gone = True
    session.begin()
    session.fire("Target.targetDestroyed", targetId="t")
    session.fire("Target.targetDestroyed", targetId="another")
    await asyncio.sleep(0)
    assert "Target.closeTarget" not in session.sent


async def test_the_watch_of_a_worker_ends_with_it(session: Session) -> None:
    before = asyncio.all_tasks()
    session.begin()
    (watch,) = asyncio.all_tasks() - before
    session.fire("Target.targetDestroyed", targetId="t")
    await asyncio.wait([watch], timeout=10)
    assert watch.cancelled()
