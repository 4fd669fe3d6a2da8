"""Scopes in Chromium: which documents are searched, in which worlds, and what ends an evaluation."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Error as PlaywrightError
from unit.core.fakes import ticks

from bridge.browsers import chromium_scripts
from bridge.browsers.chromium_scripts import ChromiumScripts
from bridge.driver import Code, Loaded, Scope
from bridge.errors import ContextError, RemoteError

LOADED = Loaded("x", "chrome-extension://x/")
CODE = Code("{ it\n}", "(it) => it", "null", False)


def world(id: str, origin: str, type: str = "default", frame: str = "f") -> dict[str, Any]:
    return {"uniqueId": id, "origin": origin, "auxData": {"type": type, "frameId": frame}}


PAGE = [world("page", "https://a.org"), world("playwright", "https://a.org", "isolated")]
OTHERS = world("other extension", "chrome-extension://y", "isolated")
SCRIPT = world("script", "chrome-extension://x", "isolated")
OWN_PAGE = [world("main", "chrome-extension://x"), world("playwright", "chrome-extension://x", "isolated")]


class Session:
    """A browser-level CDPSession; each target is named after its address, and its session after it.

    Attributes:
        worlds: Those in each target.
        home: The target in which the right agent is.
        hung: Targets that do not answer.
        delay_s: How long the others take to answer.
        answers: What `Runtime.callFunctionOn` brings.
        asked: What targets were asked, in order.
    """

    def __init__(self, **worlds: list[dict[str, Any]]) -> None:
        self.worlds = worlds
        self.types: dict[str, str] = {}
        self.contexts: dict[str, str] = {}
        self.home = ""
        self.hung: set[str] = set()
        self.delay_s = 0.0
        self.answers: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.attached: list[str] = []
        self.gone: Exception | None = None
        self._listeners: dict[str, Callable[[dict[str, Any]], None]] = {}

    def on(self, event: str, listener: Callable[[dict[str, Any]], None]) -> None:
        self._listeners[event] = listener

    async def send(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if self.gone:
            raise self.gone
        if method == "Target.getTargets":
            return {"targetInfos": [self._info(name) for name in self.worlds]}
        if method == "Target.getBrowserContexts":
            return {"defaultBrowserContextId": "own"}
        if method == "Target.attachToTarget":
            self.attached.append(params["targetId"])
            return {"sessionId": params["targetId"]}
        message = json.loads(params["message"])
        target, question, given = params["sessionId"], message["method"], message["params"]
        self.asked.append((target, question, given))
        if target not in self.hung:
            await asyncio.sleep(self.delay_s)
            self._say(target, {"id": message["id"], **self._answer(target, question, given)})
        return {}

    def detach(self, target: str) -> None:
        self._listeners["Target.detachedFromTarget"]({"sessionId": target})

    def _info(self, name: str) -> dict[str, Any]:
        type = self.types.get(name, "page")
        url = f"{LOADED.base_url}b.js" if type == "service_worker" else f"https://{name}/"
        return {"targetId": name, "type": type, "url": url, "browserContextId": self.contexts.get(name, "own")}

    def _answer(self, target: str, question: str, given: dict[str, Any]) -> dict[str, Any]:
        if question == "Runtime.enable":
            for world in self.worlds[target]:
                self._say(target, {"method": "Runtime.executionContextCreated", "params": {"context": world}})
        elif question == "Page.createIsolatedWorld":
            return {"result": {"executionContextId": 9}}
        elif question == "Runtime.evaluate" and given.get("contextId") == 9:
            return {"result": {"result": {"value": target == self.home}}}
        elif question == "Runtime.evaluate" and "runtime" in given["expression"]:
            self.asked.pop()  # so that `ran_in` sees only where code ran
            return {"result": {"result": {"value": given["uniqueContextId"] == "script"}}}
        elif question == "Runtime.evaluate":
            return {"result": {"result": {"objectId": "o"}}}
        elif question == "Runtime.callFunctionOn":
            return self.answers.pop(0)
        return {"result": {}}

    def _say(self, target: str, message: dict[str, Any]) -> None:
        event = {"sessionId": target, "message": json.dumps(message)}
        self._listeners["Target.receivedMessageFromTarget"](event)


class Sought:
    """A context; its agent answers wherever the browser says that one heard."""

    tab_id = frame_id = None
    search_event = "the-event"

    def __init__(self, kind: str, *, private: bool = False) -> None:
        self.kind = kind
        self.private = private

    async def is_here(self, dispatch: Callable[[str], Awaitable[bool]]) -> bool:
        return await dispatch("the-token")


async def found(session: Session, kind: str = "content", *, private: bool = False) -> Scope | None:
    return await ChromiumScripts(session).scope(LOADED, Sought(kind, private=private))


async def ran_in(session: Session, scope: Scope | None) -> str:
    """The world in which a scope evaluates."""
    assert scope
    session.answers.append({"result": {"result": {"value": "=1"}}})
    assert await scope.run(CODE) == "=1"
    (where,) = {given["uniqueContextId"] for _, _, given in session.asked if "uniqueContextId" in given}
    return str(where)


async def test_a_content_script() -> None:
    session = Session(a=[*PAGE, OTHERS, world("twin", "chrome-extension://x", "isolated")], b=[*PAGE, OTHERS, SCRIPT])
    session.home = "b"
    assert await ran_in(session, await found(session)) == "script"
    searched = [given["expression"] for _, question, given in session.asked if question == "Runtime.evaluate"]
    assert any("'the-event'" in code and "'the-token'" in code for code in searched)


@pytest.mark.parametrize("order", [1, -1], ids=["before", "after"])
async def test_a_content_script_is_not_taken_for_a_user_script_or_an_orphan_in_its_document(order: int) -> None:
    other = world("user script", "chrome-extension://x", "isolated")
    elsewhere = world("elsewhere", "chrome-extension://x", "isolated", frame="g")
    session = Session(a=[*PAGE, *[other, SCRIPT][::order], elsewhere])
    session.home = "a"
    assert await ran_in(session, await found(session)) == "script"


async def test_a_page() -> None:
    session = Session(a=[*PAGE, SCRIPT], b=OWN_PAGE)
    session.home = "b"
    assert await ran_in(session, await found(session, "page")) == "main"


async def test_a_worker_needs_no_search() -> None:
    session = Session(a=OWN_PAGE, w=[{"uniqueId": "worker", "origin": "chrome-extension://x/b.js"}])
    session.types["w"] = "service_worker"
    assert await ran_in(session, await found(session, "background")) == "worker"
    assert session.attached == ["w"]


@pytest.mark.parametrize("in_private", ["first", "second"])
@pytest.mark.parametrize("private", [False, True])
async def test_the_worker_of_private_windows_is_another(in_private: str, private: bool) -> None:
    workers = {name: [{"uniqueId": name, "origin": "chrome-extension://x/b.js"}] for name in ("first", "second")}
    session = Session(**workers)
    session.types = dict.fromkeys(workers, "service_worker")
    session.contexts[in_private] = "private"
    ran = await ran_in(session, await found(session, "background", private=private))
    assert (ran == in_private) is private


async def test_one_that_is_nowhere() -> None:
    assert await found(Session(a=[SCRIPT])) is None
    assert await found(Session(), "background") is None


async def test_a_page_that_hangs_holds_up_nobody() -> None:
    session = Session(a=[SCRIPT], b=[SCRIPT])
    session.home, session.hung = "b", {"a"}
    assert await asyncio.wait_for(found(session), 5)


async def test_a_page_that_hangs_does_not_keep_one_from_looking_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium_scripts, "_PATIENCE_S", 0.01)
    session = Session(a=[SCRIPT], b=[SCRIPT])
    session.hung = {"a"}
    scripts = ChromiumScripts(session)
    assert await asyncio.wait_for(scripts.scope(LOADED, Sought("content")), 5) is None
    session.home = "b"
    while not await scripts.scope(LOADED, Sought("content")):  # on a busy machine, the first may be too short
        pass


async def test_a_page_that_is_slow_gets_more_time_from_one_search_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium_scripts, "_PATIENCE_S", 0.01)
    session = Session(a=[SCRIPT])
    session.home, session.delay_s = "a", 0.02
    scripts = ChromiumScripts(session)
    searches = 1
    while not await scripts.scope(LOADED, Sought("content")):
        searches += 1
    assert 1 < searches < 10


async def test_no_domain_stays_enabled() -> None:
    session = Session(b=[SCRIPT])
    session.home = "b"
    await found(session)
    domains = [question for _, question, _ in session.asked if question.endswith("able")]
    assert domains == ["Runtime.disable", "Runtime.enable", "Runtime.disable"]


async def test_a_target_is_attached_to_once_until_it_goes() -> None:
    session = Session(b=[SCRIPT])
    session.home = "b"
    scripts = ChromiumScripts(session)
    for _ in range(2):
        await scripts.scope(LOADED, Sought("content"))
    assert session.attached == ["b"]
    session.detach("b")
    await scripts.scope(LOADED, Sought("content"))
    assert session.attached == ["b", "b"]


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        ({"error": {"message": "uniqueContextId not found"}}, ContextError, "Chromium says: uniqueContextId"),
        ({"error": {"message": "Promise was collected"}}, RemoteError, "thrown away"),
        (
            {"result": {"result": {}, "exceptionDetails": {"exception": {"description": "SyntaxError: no"}}}},
            RemoteError,
            "SyntaxError: no",
        ),
    ],
)
async def test_no_answer(answer: dict[str, Any], error: type[Exception], text: str) -> None:
    session = Session(b=[SCRIPT])
    session.home = "b"
    scope = await found(session)
    session.answers.append(answer)
    assert scope
    with pytest.raises(error, match=text):
        await scope.run(CODE)


async def test_a_target_that_goes_meanwhile() -> None:
    session = Session(b=[SCRIPT])
    session.home = "b"
    scope = await found(session)
    assert scope
    session.hung.add("b")
    running = asyncio.ensure_future(scope.run(CODE))
    await ticks()
    session.detach("b")
    with pytest.raises(ContextError, match="The target is gone"):
        await asyncio.wait_for(running, 5)


async def test_a_browser_that_is_gone() -> None:
    session = Session(b=[SCRIPT])
    session.home = "b"
    scripts = ChromiumScripts(session)
    scope = await scripts.scope(LOADED, Sought("content"))
    assert scope
    session.gone = PlaywrightError("Target closed")
    with pytest.raises(ContextError, match="Target closed"):
        await scope.run(CODE)
    assert await scripts.scope(LOADED, Sought("content")) is None
