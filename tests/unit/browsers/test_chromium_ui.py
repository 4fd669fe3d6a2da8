"""Which of Chromium's windows is meant, and what characters become there."""

import asyncio
import gc
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from bridge import _playwright
from bridge.browsers import chromium_ui
from bridge.browsers.chromium_ui import ChromiumUi, Node
from bridge.errors import ContextError


class Ui(ChromiumUi):
    """Chromium's user interface, with windows in these places; what it is asked is kept."""

    def __init__(self, *places: str) -> None:
        self.places = places
        self.asked: list[dict[str, Any]] = []

    async def root(self) -> Node:
        widgets = [Node(number, "Widget", "BrowserWidget") for number in range(len(self.places))]
        windows = [Node(10 + node.id, "Window", "BrowserWidget", [Node(99, "Window", "", [node])]) for node in widgets]
        return Node(-1, "root", "", windows)

    async def properties(self, node: Node) -> dict[str, str]:
        return {"WindowBoundsInScreen": self.places[node.id]}

    async def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self.asked.append(params)
        return {}


@pytest.mark.parametrize(("bounds", "number"), [("0,0 9x9", 0), ("1,1 9x9", 1), ("5,5 9x9", 0)])
async def test_a_window_is_found_by_its_place(bounds: str, number: int) -> None:
    window, widget = await Ui("0,0 9x9", "1,1 9x9").browser_window(bounds)
    assert (window.id, widget.id) == (10 + number, number)


async def test_the_only_window_may_be_anywhere() -> None:
    assert (await Ui("0,0 9x9").browser_window("1,1 9x9")).widget.id == 0


async def test_without_a_window_no_key_can_be_pressed() -> None:
    with pytest.raises(ContextError, match="Chromium shows no window"):
        await Ui().browser_window("0,0 9x9")


async def test_a_character_is_one_event_or_two() -> None:
    ui = Ui("0,0 9x9")
    await ui.write(Node(7, "Window", "BrowserWidget"), "aé😀")
    assert [(it["nodeId"], it["event"]["key"]) for it in ui.asked] == [(7, 0x61), (7, 0xE9), (7, 0xD83D), (7, 0xDE00)]
    assert all(it["event"]["isChar"] for it in ui.asked)


async def test_a_look_at_a_browser_that_hangs_ends_when_it_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_playwright, "_CLEAN_UP_S", 0.01)
    ui = Ui("0,0 9x9")
    ui._turn = asyncio.Lock()
    hangs = asyncio.Event()

    async def ask(method: str, **params: Any) -> dict[str, Any]:
        if method != "DOM.enable":
            hangs.set()
            await asyncio.Event().wait()
        return {}

    monkeypatch.setattr(ui, "_socket", lambda: ask("DOM.enable"))
    monkeypatch.setattr(ui, "_ask", ask)

    async def look() -> None:
        async with ui.looking():
            await ui._ask("DOM.getDocument")

    looking = asyncio.ensure_future(look())
    await hangs.wait()
    looking.cancel()
    await asyncio.wait([looking], timeout=5)
    assert looking.cancelled() and not ui._turn.locked()


@pytest.mark.parametrize("turns", range(6))
async def test_a_cancellation_counts_at_each_turn_of_the_loop(turns: int) -> None:
    ui = Ui()
    ui._connecting = asyncio.get_running_loop().create_future()
    ui._connecting.set_result((None, "socket"))

    async def ask() -> None:
        for _ in range(10):
            await ui._socket()
            await asyncio.sleep(0)

    asking = asyncio.ensure_future(ask())
    for _ in range(turns):
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait([asking], timeout=5)
    assert asking.cancelled()


async def test_that_chromium_opens_none_is_no_news_where_nobody_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium_ui, "_OPENING_S", 0.001)
    told: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["message"]))
    ui = ChromiumUi(tmp_path)
    await asyncio.wait([ui._connecting])
    del ui
    gc.collect()
    assert told == []


@pytest.mark.parametrize("hangs", [False, True])
async def test_the_connection_is_closed_and_not_left_to_the_garbage_collector(tmp_path: Path, hangs: bool) -> None:
    goes_on, farewell = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def chromium(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoclose=False)
        await socket.prepare(request)
        farewell.set_result((await socket.receive()).type)
        if hangs:
            await goes_on.wait()
        await socket.close()
        return socket

    runner = web.ServerRunner(web.Server(chromium))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    (tmp_path / chromium_ui.PORT_FILE).write_text(f"{runner.addresses[0][1]}\n", "utf-8")
    ui = ChromiumUi(tmp_path)
    _, socket = await ui._connecting
    await asyncio.wait_for(ui.close(), 5)
    assert await farewell is WSMsgType.CLOSE and socket.closed
    assert socket.get_extra_info("peername") is None  # it has let its connection go
    goes_on.set()
    await runner.cleanup()
