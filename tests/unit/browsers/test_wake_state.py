"""What Python listens to is told to each worker, so that the next one has it when it starts."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from playwright.async_api import Error as PlaywrightError

from bridge.browsers import wake_state
from bridge.browsers.wake_state import WakeState

BASE = "chrome-extension://x/"
NAME = "word"
ENABLE = ("Runtime.enable",)
TICKS = 20


class Session:
    """A browser-level CDPSession with one session for each target that is attached to, named after it.

    Attributes:
        said: What was sent to the workers: the worker, the method, and what it is about.
        gone: The workers to which nothing can be sent.
        last_id: The id of what was last sent to a worker.
        hold: If there is one, what is sent to workers waits for it.
        silent: Whether the workers answer nothing.
        on_the_way: Workers that have begun, which the browser says before it answers.
    """

    def __init__(self) -> None:
        self.said: list[tuple[str, ...]] = []
        self.expressions: list[str] = []
        self.gone: set[str] = set()
        self.last_id = 0
        self.hold: asyncio.Event | None = None
        self.silent = False
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.on_the_way: list[str] = []
        self._listeners: dict[str, Callable[[dict[str, Any]], None]] = {}

    def on(self, event: str, listener: Callable[[dict[str, Any]], None]) -> None:
        self._listeners[event] = listener

    async def send(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self.sent.append((method, params))
        if method == "Target.getTargets" and self.on_the_way:
            self.begin(self.on_the_way.pop())
        if method == "Target.sendMessageToTarget":
            await self._to_worker(params["sessionId"], json.loads(params["message"]))
        return {"sessionId": f"session of {params.get('targetId')}"}

    async def _to_worker(self, worker: str, message: dict[str, Any]) -> None:
        if self.hold:
            await self.hold.wait()
        if worker in self.gone:
            raise PlaywrightError("No session with given id")
        self.last_id = message["id"]
        method, params = message["method"], message["params"]
        if method == "Runtime.evaluate":
            self.expressions.append(params["expression"])
            self.said.append((worker, method, *state_in(params["expression"])))
            if not self.silent:
                self.answer(worker, message["id"])
        else:
            self.said.append((worker, method, *params.values()))

    def answer(self, worker: str, id: int) -> None:
        message = json.dumps({"id": id, "result": {}})
        self._listeners["Target.receivedMessageFromTarget"]({"sessionId": worker, "message": message})

    def detach(self, worker: str = "session of t") -> None:
        self._listeners["Target.detachedFromTarget"]({"sessionId": worker})

    def heard(self, worker: str = "session of t") -> list[tuple[str, ...]]:
        """Return what that worker was told since the last look."""
        mine = [rest for to, *rest in self.said if to == worker]
        self.said = [entry for entry in self.said if entry[0] != worker]
        return [tuple(entry) for entry in mine]

    def begin(self, target: str = "t", url: str = f"{BASE}b.js") -> None:
        info = {"targetId": target, "type": "service_worker", "url": url}
        self._listeners["Target.targetCreated"]({"targetInfo": info})

    def end(self, target: str = "t") -> None:
        self.gone.add(f"session of {target}")
        self._listeners["Target.targetDestroyed"]({"targetId": target})


def state_in(expression: str) -> list[str]:
    """What the script tells the agent, under the right name."""
    name, state = json.loads(f"[{expression.rsplit('(', 1)[1].removesuffix(')')}]")
    assert name == NAME
    return [str(item) for item in state]


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
async def wake(session: Session) -> AsyncIterator[WakeState]:
    wake = WakeState(session, BASE, NAME)
    await wake.start()
    yield wake
    wake.stop()


async def ticks() -> None:
    for _ in range(TICKS):
        await asyncio.sleep(0)


def binding(*names: str, verb: str = "add") -> list[tuple[str, str]]:
    return [(f"Runtime.{verb}Binding", f"{NAME}:{name}") for name in names]


async def test_a_worker_is_told_that_there_is_no_state_yet(wake: WakeState, session: Session) -> None:
    session.begin()
    await wake.ready()
    assert session.heard() == [ENABLE, ("Runtime.addBinding", NAME), ("Runtime.evaluate",)]
    (attached,) = [params for method, params in session.sent if method == "Target.attachToTarget"]
    assert attached["flatten"] is False  # else Playwright would see the worker's session too


async def test_it_is_ready_only_when_a_worker_has_the_state(wake: WakeState, session: Session) -> None:
    session.hold = asyncio.Event()
    ready = asyncio.ensure_future(wake.ready())
    session.begin()
    await ticks()
    assert not ready.done()
    session.hold.set()
    await ready


async def test_what_was_set_before_there_is_a_worker_is_told_to_the_first(wake: WakeState, session: Session) -> None:
    await wake.set(frozenset(["a"]))
    assert session.said == []
    session.begin()
    await wake.ready()
    assert session.heard()[2:] == [*binding("a"), ("Runtime.evaluate", "a")]


async def test_only_what_changes_is_bound_or_unbound_and_all_is_said(wake: WakeState, session: Session) -> None:
    session.begin()
    await wake.ready()
    session.heard()
    await wake.set(frozenset(["b", "a"]))
    *bound, said = session.heard()
    assert sorted(bound) == binding("a", "b") and said == ("Runtime.evaluate", "a", "b")
    await wake.set(frozenset(["b", "c"]))
    assert session.heard() == [*binding("c"), *binding("a", verb="remove"), ("Runtime.evaluate", "b", "c")]
    await wake.set(frozenset())
    *bound, said = session.heard()
    assert sorted(bound) == binding("b", "c", verb="remove") and said == ("Runtime.evaluate",)


async def test_a_worker_is_told_one_state_after_the_other(wake: WakeState, session: Session) -> None:
    session.begin()
    await wake.ready()
    session.heard()
    session.hold = asyncio.Event()
    settings = [asyncio.ensure_future(wake.set(frozenset(state))) for state in ("a", "b")]
    await ticks()
    assert session.said == [] and not any(setting.done() for setting in settings)
    session.hold.set()
    await asyncio.gather(*settings)
    assert session.heard() == [
        *binding("a"),
        ("Runtime.evaluate", "a"),
        *binding("b"),
        *binding("a", verb="remove"),
        ("Runtime.evaluate", "b"),
    ]


async def test_what_is_set_while_a_worker_begins_is_told_to_it(wake: WakeState, session: Session) -> None:
    session.hold = asyncio.Event()
    session.begin()
    await ticks()
    setting = asyncio.ensure_future(wake.set(frozenset(["a"])))
    await ticks()
    assert not setting.done()
    session.hold.set()
    await setting
    heard = session.heard()
    assert heard[:2] == [ENABLE, ("Runtime.addBinding", NAME)]
    assert heard[-1] == ("Runtime.evaluate", "a") and binding("a")[0] in heard


async def test_it_is_settled_only_when_each_worker_that_has_begun_has_the_state(
    wake: WakeState, session: Session
) -> None:
    await wake.set(frozenset(["a"]))
    session.on_the_way.append("t")
    await wake.settled()
    assert session.heard()[-1] == ("Runtime.evaluate", "a")


@pytest.mark.parametrize("end", ["answer", "detach"])
async def test_it_is_settled_only_when_the_worker_has_taken_the_state(
    wake: WakeState, session: Session, end: str
) -> None:
    session.begin()
    await wake.ready()
    session.silent = True
    await wake.set(frozenset(["a"]))
    settled = asyncio.ensure_future(wake.settled())
    await ticks()
    assert not settled.done()
    if end == "answer":
        session.answer("session of t", session.last_id)
    else:
        session.detach()
    await asyncio.wait_for(settled, 10)


async def test_a_worker_that_hangs_is_not_waited_for(
    wake: WakeState, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake_state, "_ANSWER_S", 0)
    session.silent = True
    session.begin()
    await asyncio.wait_for(wake.settled(), 10)


async def test_a_worker_that_comes_after_another_is_told_all(wake: WakeState, session: Session) -> None:
    session.begin()
    await wake.ready()
    await wake.set(frozenset(["a"]))
    session.end()
    session.begin("u")
    await ticks()
    assert session.heard("session of u") == [
        ENABLE,
        ("Runtime.addBinding", NAME),
        *binding("a"),
        ("Runtime.evaluate", "a"),
    ]
    session.heard()
    await wake.set(frozenset(["a", "b"]))
    assert session.heard("session of u") == [*binding("b"), ("Runtime.evaluate", "a", "b")]
    assert session.heard() == []


async def test_what_is_set_after_the_worker_went_is_told_to_the_next(wake: WakeState, session: Session) -> None:
    session.begin()
    await wake.ready()
    session.end()
    with pytest.raises(PlaywrightError):
        await wake.set(frozenset(["a"]))
    session.begin("u")
    await ticks()
    assert session.heard("session of u")[2:] == [*binding("a"), ("Runtime.evaluate", "a")]


async def test_a_worker_that_goes_while_it_is_told_does_not_hold_up_the_next(wake: WakeState, session: Session) -> None:
    session.hold = asyncio.Event()
    session.begin()
    await ticks()
    session.end()
    await ticks()
    session.hold = None
    session.begin("u")
    await asyncio.wait_for(wake.ready(), 10)
    assert session.heard("session of u")[-1] == ("Runtime.evaluate",)
    assert session.heard() == []


async def test_other_extensions_are_told_nothing(wake: WakeState, session: Session) -> None:
    session.begin(url="chrome-extension://y/b.js")
    await ticks()
    assert session.said == []


async def test_the_script_removes_the_bindings_before_it_tells_the_agent(wake: WakeState, session: Session) -> None:
    session.begin()
    await wake.ready()
    (script,) = session.expressions
    assert script.index("delete globalThis[key]") < script.index("dispatchEvent")
