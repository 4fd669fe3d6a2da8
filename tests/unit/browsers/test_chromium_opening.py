"""Opening in Chromium: the hidden document, what it leaves behind, and a Chromium that cannot."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Error as PlaywrightError
from unit.core.fakes import ticks

from bridge.browsers.chromium_opening import ChromiumOpening
from bridge.driver import Loaded
from bridge.errors import ContextError, RemoteError, UnsupportedError

LOADED = Loaded("x", "chrome-extension://x/")
TARGETS = [
    {"targetId": "page", "type": "page", "url": "https://a.org/"},
    {"targetId": "framed", "type": "iframe", "url": f"{LOADED.base_url}f.html", "parentFrameId": "page"},
    {"targetId": "other tool", "type": "iframe", "url": "chrome-extension://y/d.html", "parentFrameId": "tools"},
    {"targetId": "elsewhere", "type": "iframe", "url": f"{LOADED.base_url}d.html", "parentFrameId": "other tools"},
    {"targetId": "tool", "type": "iframe", "url": f"{LOADED.base_url}d.html", "parentFrameId": "tools"},
]
TABS = {"elsewhere": 1, "tool": 2}


class Session:
    """A browser-level CDPSession; each target is named, and its session after it.

    Attributes:
        answers: What each target answers to evaluations, in order; an exception is an error of the command's.
        ended: The targets that were closed, and the sessions that were detached.
        unknown: Commands that this Chromium does not know.
    """

    def __init__(self, **answers: list[Any]) -> None:
        self.answers = answers
        self.ended: list[str] = []
        self.unknown: set[str] = set()
        self.made: dict[str, Any] = {}
        self.gestures: list[bool] = []
        self._listeners: dict[str, Callable[[dict[str, Any]], None]] = {}

    def on(self, event: str, listener: Callable[[dict[str, Any]], None]) -> None:
        self._listeners[event] = listener

    async def send(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if method in self.unknown:
            raise PlaywrightError(f"Protocol error ({method}): '{method}' wasn't found")
        match method:
            case "Target.createTarget":
                self.made = params
                return {"targetId": "hidden"}
            case "Target.attachToTarget":
                return {"sessionId": params["targetId"]}
            case "Target.getTargets":
                return {"targetInfos": TARGETS}
            case "Target.openDevTools":
                return {"targetId": "tools"}
            case "Browser.getWindowForTarget":
                return {"windowId": 7}
            case "Target.sendMessageToTarget":
                self._evaluate(params["sessionId"], json.loads(params["message"]))
            case "Target.closeTarget" | "Target.detachFromTarget":
                self.ended.append(params.get("targetId") or params["sessionId"])
        return {}

    def _evaluate(self, session: str, question: dict[str, Any]) -> None:
        self.gestures.append(question["params"].get("userGesture", False))
        value = TABS.get(session) if session in [target["targetId"] for target in TARGETS] else self._next(session)
        answer: dict[str, Any] = {"result": {"result": {"value": value}}}
        if isinstance(value, LookupError):
            answer = {"error": {"message": str(value)}}
        elif isinstance(value, Exception):
            answer = {
                "result": {"result": {}, "exceptionDetails": {"exception": {"description": f"Error: {value}\nat"}}}
            }
        message = json.dumps({"id": question["id"], **answer})
        self._listeners["Target.receivedMessageFromTarget"]({"sessionId": session, "message": message})

    def _next(self, session: str) -> Any:
        return self.answers[session].pop(0)


GONE = LookupError("Inspected target navigated or closed")


@pytest.mark.parametrize("is_open", [True, False])
async def test_the_side_panel_opens_from_a_hidden_document_with_a_gesture(is_open: bool) -> None:
    session = Session(hidden=[GONE, False, True, is_open])
    window = await ChromiumOpening(session).side_panel(LOADED, "page")
    assert window == (7 if is_open else None)
    assert session.made == {"url": f"{LOADED.base_url}manifest.json", "background": True, "hidden": True}
    assert session.gestures == [False, False, False, True]
    assert session.ended == ["hidden"]


async def test_the_hidden_document_closes_though_the_browser_refuses() -> None:
    session = Session(hidden=[True, ValueError("No active side panel for tabId: 1")])
    with pytest.raises(RemoteError, match="^No active side panel for tabId: 1$"):
        await ChromiumOpening(session).side_panel(LOADED, "page")
    assert session.ended == ["hidden"]
    session = Session(hidden=[True, None])
    await ChromiumOpening(session).options(LOADED)
    assert session.ended == ["hidden"]


async def test_the_tab_that_the_right_developer_tools_inspect() -> None:
    session = Session(tools=[GONE, ValueError("still loading"), False, True])
    assert await ChromiumOpening(session).devtools(LOADED, "page") == 2
    assert session.ended == ["framed", "elsewhere", "tool", "tools"]  # no debugging session stays


async def test_developer_tools_that_close_before_there_is_a_panel() -> None:
    session = Session(tools=[False, GONE])
    opening = asyncio.ensure_future(ChromiumOpening(session).devtools(LOADED, "page"))
    while session.answers["tools"]:
        await ticks()
    session.unknown = {"Target.sendMessageToTarget"}
    with pytest.raises(ContextError, match="The developer tools closed"):
        await asyncio.wait_for(opening, 10)


@pytest.mark.parametrize(("tab", "closed"), [(1, ["other tools"]), (2, ["tools"]), (3, [])])
async def test_the_developer_tools_of_a_tab_are_closed(tab: int, closed: list[str]) -> None:
    session = Session()
    await ChromiumOpening(session).close_devtools(LOADED, tab)
    assert session.ended == ["framed", "elsewhere", "tool", *closed]


async def test_a_chromium_that_opens_no_developer_tools() -> None:
    session = Session()
    session.unknown = {"Target.openDevTools"}
    with pytest.raises(UnsupportedError, match=r'args=\["--auto-open-devtools-for-tabs"\]'):
        await ChromiumOpening(session).devtools(LOADED, "page")
