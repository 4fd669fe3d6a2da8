"""A service worker that starts is told from one that is slow, and from one that threw."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bridge.browsers.worker_watch import WorkerWatch
from bridge.errors import LaunchError

BASE = "chrome-extension://x/"


class Session:
    """A CDPSession of Playwright's, as far as it is used here."""

    def __init__(self) -> None:
        self.listeners: dict[str, Callable[[dict[str, Any]], None]] = {}
        self.sent: list[str] = []

    def on(self, event: str, listener: Callable[[dict[str, Any]], None]) -> None:
        self.listeners[event] = listener

    async def send(self, method: str, params: dict[str, Any] | None = None) -> None:
        self.sent.append(f"{method} {params['scopeURL']}" if params else method)

    def version(self, id: str, status: str, url: str = f"{BASE}worker.js", running: str = "running") -> None:
        version = {"versionId": id, "status": status, "scriptURL": url, "runningStatus": running}
        self.listeners["ServiceWorker.workerVersionUpdated"]({"versions": [version]})

    def error(self, id: str, text: str, line: int = 3) -> None:
        message = {"versionId": id, "errorMessage": text, "lineNumber": line, "sourceURL": f"{BASE}worker.js"}
        self.listeners["ServiceWorker.workerErrorReported"]({"errorMessage": message})


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
async def watch(session: Session) -> WorkerWatch:
    watch = WorkerWatch(session)
    await watch.start()
    return watch


async def test_it_listens_before_it_asks(watch: WorkerWatch, session: Session) -> None:
    assert session.sent == ["ServiceWorker.enable"]


@pytest.mark.parametrize("status", ["activating", "activated"])
async def test_a_worker_runs_once_it_is_being_activated(watch: WorkerWatch, session: Session, status: str) -> None:
    waiting = asyncio.ensure_future(watch.started(BASE, set()))
    for early in ("new", "installing", "installed"):
        session.version("1", early)
        await asyncio.sleep(0)
        assert not waiting.done()
    session.version("1", status)
    await waiting


async def test_a_worker_that_ran_before_anybody_waited(watch: WorkerWatch, session: Session) -> None:
    session.version("1", "activated")
    await watch.started(BASE, set())


async def test_other_workers_and_earlier_versions_do_not_count(watch: WorkerWatch, session: Session) -> None:
    session.version("old", "activated")
    known = watch.known()
    assert known == {"old"}
    waiting = asyncio.ensure_future(watch.started(BASE, known))
    session.version("other", "activated", "chrome-extension://other/worker.js")
    session.version("page", "redundant", "https://example.org/worker.js")
    session.version("old", "redundant")
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    session.version("new", "activated")
    await waiting


async def test_a_worker_that_threw_is_an_error_in_its_own_words(watch: WorkerWatch, session: Session) -> None:
    waiting = asyncio.ensure_future(watch.started(BASE, set()))
    session.version("1", "installing")
    session.error("other", "not mine")
    session.error("1", "Uncaught Error: oops")
    session.error("1", "a later one")
    session.error("1", "the registration failed", line=-1)
    session.version("1", "redundant")
    with pytest.raises(LaunchError) as caught:
        await waiting
    assert str(caught.value) == (
        f"The extension's service worker did not start: Uncaught Error: oops ({BASE}worker.js:3)"
    )


async def test_a_worker_that_ended_for_no_reason_given(watch: WorkerWatch, session: Session) -> None:
    session.error("1", "the registration failed", line=-1)
    session.version("1", "redundant")
    with pytest.raises(LaunchError, match=r"did not start: the registration failed$"):
        await watch.started(BASE, set())


async def test_states_in_chromiums_words(watch: WorkerWatch, session: Session) -> None:
    assert watch.states(BASE) == []
    session.version("other", "activated", "chrome-extension://other/worker.js")
    session.version("old", "activated", running="stopped")
    session.version("new", "redundant")
    session.error("new", "oops")
    assert watch.states(BASE) == ["activated, stopped", f"redundant, running (oops ({BASE}worker.js:3))"]


async def test_workers_of_an_earlier_launch_are_unregistered(watch: WorkerWatch, session: Session) -> None:
    session.version("other", "activated", "chrome-extension://other/worker.js")
    await watch.unregister(BASE)
    assert session.sent == ["ServiceWorker.enable"]
    session.version("old", "activated", running="stopped")
    unregistering = asyncio.ensure_future(watch.unregister(BASE))
    for status in ("activated", "redundant"):
        for _ in range(3):
            await asyncio.sleep(0)
        assert session.sent[1:] == [f"ServiceWorker.unregister {BASE}"] and not unregistering.done()
        session.version("old", status)
    await unregistering
