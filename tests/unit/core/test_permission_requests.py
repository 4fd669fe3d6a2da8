"""Who answers what an extension requests."""

import asyncio
from typing import Any, cast

import pytest

from bridge.core.permission_requests import PermissionRequest, PermissionRequests
from bridge.core.session import Session
from bridge.errors import ContextError, UnsupportedError
from bridge.waiting.event import invoke_here

OURS = "ours"


class Driver:
    """A browser that can be heard, or not."""

    def __init__(self) -> None:
        self.hears: list[bool] = []
        self.refuses: Exception | None = None
        self.fails: Exception | None = None

    def require_requests_heard(self) -> None:
        if self.refuses:
            raise self.refuses

    async def hear_requests(self, decide: Any) -> None:
        self.hears.append(decide is not None)
        if self.fails:
            raise self.fails


@pytest.fixture
def driver() -> Driver:
    return Driver()


@pytest.fixture
async def session() -> Session:
    session = Session(invoke_here)
    session.allows_requests = False
    return session


@pytest.fixture
async def requests(session: Session, driver: Driver) -> PermissionRequests:
    return PermissionRequests(session, cast(Any, driver), lambda: OURS)


async def test_nobody_hears(requests: PermissionRequests, session: Session) -> None:
    assert await requests.decide(OURS, ["tabs"], []) is False
    session.allows_requests = True
    assert await requests.decide(OURS, ["tabs"], []) is True


async def test_another_extension_gets_the_answer_of_the_launch(requests: PermissionRequests) -> None:
    await requests.addListener(PermissionRequest.allow)
    assert await requests.decide("other", ["tabs"], []) is False
    assert await requests.decide(OURS, ["tabs"], []) is True


async def test_the_browser_is_heard_while_somebody_listens_or_waits(
    requests: PermissionRequests, driver: Driver
) -> None:
    await requests.addListener(PermissionRequest.allow)
    await requests.addListener(PermissionRequest.refuse)
    await requests.removeListener(PermissionRequest.allow)
    assert driver.hears == [True]
    await requests.removeListener(PermissionRequest.refuse)
    async with requests.expect(None, 1000) as info:
        assert driver.hears == [True, False, True]
        deciding = asyncio.ensure_future(requests.decide(OURS, [], ["http://a/*"]))
    (await info.value).allow()
    assert await deciding and driver.hears == [True, False, True, False]


async def test_a_wait_for_another_request_is_no_answer(requests: PermissionRequests) -> None:
    async with requests.expect(lambda request: request.origins, 1000) as info:
        assert await requests.decide(OURS, ["tabs"], []) is False
        deciding = asyncio.ensure_future(requests.decide(OURS, [], ["http://a/*"]))
    request = await info.value
    assert (request.permissions, request.origins) == ([], ["http://a/*"])
    assert "for ['http://a/*'], open" in repr(request)
    request.refuse()
    assert await deciding is False and request.answered == "refused"


async def test_a_browser_that_cannot_be_heard(
    requests: PermissionRequests, driver: Driver, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.refuses = UnsupportedError("not asked")
    with pytest.raises(UnsupportedError):
        requests.addListener(PermissionRequest.allow)
    with pytest.raises(UnsupportedError):
        async with requests.expect(None, 1000):
            pass
    assert not requests and driver.hears == []
    driver.refuses, driver.fails = None, ContextError("gone")
    with pytest.raises(ContextError):
        await requests.addListener(PermissionRequest.allow)
    assert not session.deferred
    kept = asyncio.Event()
    add = session.deferred.add
    monkeypatch.setattr(session.deferred, "add", lambda owner, error: (add(owner, error), kept.set()))
    requests.removeListener(PermissionRequest.allow)  # nobody awaits this
    await kept.wait()
    with pytest.raises(ContextError, match="gone"):
        session.deferred.raise_all()


async def test_open_requests_and_their_end(requests: PermissionRequests, session: Session) -> None:
    await requests.addListener(lambda request: None)
    withdrawn, forgotten = (asyncio.ensure_future(requests.decide(OURS, [name], [])) for name in ("a", "b"))
    await asyncio.sleep(0)
    first, second = requests.open
    assert "Python has not answered <PermissionRequest for ['a'], open>" in session.unanswered()
    withdrawn.cancel()
    await asyncio.wait([withdrawn])
    assert first.answered == "the browser no longer asks" and requests.open == [second]
    first.allow()
    assert first.answered == "the browser no longer asks"
    requests.forget()
    assert await forgotten is False and second.answered == "refused" and not requests
    await requests.addListener(lambda request: None)
    ended = asyncio.ensure_future(requests.decide(OURS, ["c"], []))
    await asyncio.sleep(0)
    (third,) = requests.open
    requests.end(ContextError("The browser closed"))
    assert await ended is False and third.answered == "The browser closed"
    with pytest.raises(ContextError, match="The browser closed"):
        async with requests.expect(None, 1000):
            pass
