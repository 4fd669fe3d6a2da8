"""How one-time messages are measured: who is asked, by what, and that nobody goes on listening."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import extension
from benchmarks.figures import GROUPS
from benchmarks.measures import once
from benchmarks.stage import Size

SIZE = Size(round_trips=20, messages=0, large=0, ports=0, requests=7, tests=0, idle_s=0)
TAB, EXTENSION = 3, "subject"


class FakeEvent:
    def __init__(self) -> None:
        self.listeners: list[Any] = []

    async def addListener(self, listener: Any) -> None:
        self.listeners.append(listener)

    async def removeListener(self, listener: Any) -> None:
        self.listeners.remove(listener)


class FakePort:
    """Its other end does what it is told, by asking whoever listens."""

    def __init__(self, event: FakeEvent) -> None:
        self._event = event
        self.orders: list[dict[str, Any]] = []
        self.is_open = True

    def postMessage(self, order: dict[str, Any]) -> None:
        self.orders.append(order)

    async def receive(self) -> list[float]:
        (listener,) = self._event.listeners
        assert await listener({"x": 1}) == {"x": 1}
        return [1.0, 2.0, 3.0]

    def disconnect(self) -> None:
        self.is_open = False


class FakeStand:
    """Contexts that note who was asked, and ports that note what was ordered."""

    def __init__(self, answer: Callable[[], Any] | None = None) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._answer = answer
        self.content, self.page = self._context("content"), self._context("page")
        self.bridge = SimpleNamespace(
            background=self._context("background"), external=self._context("external"), extension_id=EXTENSION
        )
        self.ports: dict[str, FakePort] = {}

    def _context(self, place: str) -> Any:
        async def send(*arguments: Any) -> None:
            self.asked.append((place, *arguments))
            if self._answer:
                await self._answer()

        runtime = SimpleNamespace(sendMessage=send, onMessage=FakeEvent())
        return SimpleNamespace(runtime=runtime, tabs=SimpleNamespace(sendMessage=send), tab_id=TAB)

    def connect(self, place: str) -> Callable[[str], FakePort]:
        context = {"background": self.bridge.background, "content": self.content}[place]
        return lambda name: self.ports.setdefault(place, FakePort(context.runtime.onMessage))


class FakeStage:
    browser = "chromium"
    size = SIZE

    def __init__(self, stand: Any, server: Any = None) -> None:
        self._stand = stand
        self.server = server

    async def use(self, opener: Any) -> Any:
        return self._stand


@pytest.mark.parametrize(
    ("place", "call"),
    [
        ("background", ("background", TAB, {"x": 0}, {"frameId": 0})),
        ("page", ("page", {"x": 0})),
        ("external", ("external", EXTENSION, {"x": 0})),
        ("content", ("content", {"x": 0})),
    ],
)
async def test_python_asks_from_its_place(place: str, call: tuple[Any, ...]) -> None:
    stand = FakeStand()
    stage: Any = FakeStage(stand)
    times = await once.asked(place)(stage)
    assert stand.asked[0] == call
    assert len(stand.asked) == 10 + SIZE.round_trips  # the first ten warm up
    assert len(times) == SIZE.round_trips / 10


async def test_at_once_means_that_none_waits_for_another() -> None:
    stage: Any = FakeStage(FakeStand(asyncio.Barrier(SIZE.requests).wait))
    assert len(await once.asked_at_once("page")(stage)) == 1


@pytest.mark.parametrize(("place", "asker"), once.ASKER.items())
async def test_python_answers_what_a_genuine_script_asks_of_it_alone(place: str, asker: str) -> None:
    stand = FakeStand()
    stage: Any = FakeStage(stand)
    assert await once.answered(place)(stage) == [2.0, 3.0]
    assert await once.answered_at_once(place)(stage) == [1.0, 2.0, 3.0]
    port = stand.ports[place]
    assert [(order["measure"], order["count"]) for order in port.orders] == [("asks", 30), ("asksAtOnce", 7)]
    assert all((order["place"], order["tab"], order["to"]) == (asker, TAB, "Python") for order in port.orders)


async def test_python_stops_listening_also_when_the_measure_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_: FakePort) -> None:
        raise TimeoutError

    monkeypatch.setattr(FakePort, "receive", fail)
    stand = FakeStand()
    stage: Any = FakeStage(stand)
    with pytest.raises(TimeoutError):
        await once.answered("background")(stage)
    assert stand.bridge.background.runtime.onMessage.listeners == []
    assert not stand.ports["background"].is_open


async def test_evaluations_answer_each_message_with_itself() -> None:
    answers: list[Any] = []

    class Worker:
        url = "chrome-extension://yardstick/background.js"

        def __init__(self) -> None:
            self._taken = 0

        async def evaluate(self, function: str, answer: Any = None) -> Any:
            if "answerAsked" in function:
                answers.append(answer)
            if "takeAsked" not in function:
                return None
            self._taken += 1
            return {"x": self._taken}

    async def order(**order: Any) -> list[float]:
        assert (order["place"], order["to"]) == ("content", "evaluate")
        return [1.0, 2.0]

    stand = FakeStand()
    stand.bridge.browser_context = SimpleNamespace(service_workers=[SimpleNamespace(url="other"), Worker()])
    stage: Any = FakeStage(stand, SimpleNamespace(order=order, extension="yardstick"))
    assert await once.answered_by_evaluate(stage) == [2.0]
    assert answers == [{"x": number} for number in range(1, 31)]


def test_evaluate_is_compared_where_playwright_reaches_the_extension() -> None:
    compared = {
        browser: [figure.name for figure in GROUPS["one-time"] if "E" in figure.yardsticks_in(browser)]
        for browser in ("chromium", "firefox")
    }
    asked = [f"one-time, asked from {place}" for place in ("background", "page", "external")]
    assert compared == {"chromium": [*asked, "one-time, answered in background"], "firefox": []}


def test_all_contexts_load_the_same_scripts_first(tmp_path: Path) -> None:
    manifest = extension.write(tmp_path / "extension", extension.SUBJECT) / "manifest.json"
    page, worker = ((manifest.parent / name).read_text("utf-8") for name in ("page.html", "background.js"))
    (imported,) = re.findall(r"importScripts\((.*)\)", worker)
    loaded = [re.findall(r'"([\w.]+\.js)"', imported), re.findall(r'src="([\w.]+)"', page)[:-1]]
    declared = re.findall(r"[\w.]+\.js", manifest.read_text("utf-8"))
    first = ["config.js", "ports.js", "messages.js"]
    assert loaded == [first, first]
    assert declared == ["background.js", *first, "background.js", *first, "content.js"]
