"""Lines on Chromium's consoles: how arguments are shown, and which events belong to a script context."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from unit.core.fakes import ticks

from bridge.browsers.chromium_console import ChromiumConsole
from bridge.browsers.target_sessions import TargetError
from bridge.driver import Said

OBJECT = {"type": "object", "description": "Object", "objectId": "o"}


class Target:
    """A target; it keeps what was said before."""

    def __init__(self) -> None:
        self.before: list[dict[str, Any]] = []
        self.console: ChromiumConsole
        self.asked: list[str] = []
        self.detached = False
        self.value: Any = "1"

    async def ask(self, session: str, method: str, **params: Any) -> dict[str, Any]:
        self.asked.append(method)
        if method == "Runtime.enable":
            for event in self.before:
                self.console.heard(event)
        if isinstance(self.value, Exception):
            raise self.value
        return {"result": {"value": self.value}}

    async def tell(self, session: str, method: str, **params: Any) -> None:
        self.asked.append(method)

    async def detach(self, session: str) -> None:
        self.detached = True


def created(number: int, world: str) -> dict[str, Any]:
    return {"method": "Runtime.executionContextCreated", "params": {"context": {"id": number, "uniqueId": world}}}


def logged(*args: Any, number: int = 1, type: str = "log") -> dict[str, Any]:
    frames = [{"functionName": "f", "url": "x/b.js", "lineNumber": 2, "columnNumber": 6}]
    given = {"type": type, "args": list(args), "executionContextId": number, "timestamp": 5000}
    return {"method": "Runtime.consoleAPICalled", "params": {**given, "stackTrace": {"callFrames": frames}}}


def text(value: str) -> dict[str, Any]:
    return {"type": "string", "value": value}


def number(value: Any) -> dict[str, Any]:
    return {"type": "number", "value": value, "description": str(value)}


def preview(*properties: dict[str, Any], description: str = "Object", **more: Any) -> dict[str, Any]:
    shown = {"type": "object", "description": description, "overflow": False, "properties": list(properties), **more}
    return {"type": "object", "description": description, "objectId": "o", "preview": shown}


CONSOLES: list[Target] = []


@pytest.fixture(autouse=True)
async def stopped() -> AsyncIterator[None]:
    yield
    while CONSOLES:
        CONSOLES.pop().console.stop()
    await ticks()


async def watched(target: Target, reader: str | None = None, *, from_start: bool = True) -> list[Said]:
    said: list[Said] = []
    CONSOLES.append(target)
    target.console = ChromiumConsole(target, "s", "world", said.append, reader, from_start=from_start)
    await target.console.start()
    await ticks()
    return said


async def shown(*args: Any, type: str = "log") -> str:
    target = Target()
    target.before = [created(1, "world"), logged(*args, type=type)]
    (said,) = await watched(target)
    return said.text


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((text("a"), number(1.5), {"type": "undefined"}, {"type": "object", "subtype": "null", "value": None}),
         "a 1.5 undefined null"),
        ((text("%s is %d%% %i %f %o"), text("x"), number(3.7), number(2), number(0.5), text("y")), "x is 3% 2 0.5 y"),
        ((text("%c red %s"), text("color: red")), " red %s"),
        ((text("%d"), text("x")), "NaN"),
        ((text("100%s"),), "100%s"),
        ((preview({"name": "a", "type": "string", "value": 'x"'}, {"name": "b", "type": "accessor"}),),
         '{a: "x\\"", b: …}'),
        ((preview({"name": "0", "type": "number", "value": "1"}, subtype="array", overflow=True),), "[1, …]"),
        ((preview({"name": "x", "type": "number", "value": "1"}, description="Point"),), "Point {x: 1}"),
        (({"type": "object", "subtype": "error", "description": "E: no\n    at f (x:1:1)", "objectId": "o"},), "E: no"),
    ],
)  # fmt: skip
async def test_arguments_as_the_console_shows_them(args: tuple[Any, ...], expected: str) -> None:
    assert await shown(*args) == expected


async def test_what_chromium_makes_up() -> None:
    assert await shown(text("console.clear"), type="clear") == ""
    assert await shown(text("console.clear")) == "console.clear"
    assert await shown(type="assert") == "Assertion failed"


async def test_only_the_lines_of_one_script_context_and_what_is_early() -> None:
    target = Target()
    target.before = [created(1, "world"), created(2, "other"), logged(text("a")), logged(text("b"), number=2)]
    said = await watched(target)
    target.console.heard(logged(text("c")))
    await ticks()
    assert [(line.text, line.early) for line in said] == [("a", True), ("c", False)]
    assert (said[0].url, said[0].line, said[0].column, said[0].time) == ("x/b.js", 3, 7, 5.0)
    assert said[0].stack == "f (x/b.js:3:7)"


async def test_what_was_said_before_is_left_out_unread() -> None:
    target = Target()
    target.before = [created(1, "world"), logged(preview())]
    said = await watched(target, "reader", from_start=False)
    target.console.heard(logged(text("later")))
    await ticks()
    assert [line.text for line in said] == ["later"]
    assert target.asked == ["Runtime.enable"]


async def test_values_are_read_and_let_go() -> None:
    target = Target()
    target.before = [created(1, "world")]
    said = await watched(target, "reader")
    target.console.heard(logged(text('"'), preview()))
    await ticks(20)
    assert said[0].values == ('"\\""', "1")
    assert target.asked[-1] == "Runtime.releaseObject"
    target.value = TargetError("gone")
    target.console.heard(logged(preview()))
    await ticks(20)
    assert said[1].values == ("",)


async def test_the_end_of_the_script_context_ends_the_watch_after_its_last_line() -> None:
    target = Target()
    target.before = [created(1, "world")]
    said = await watched(target)
    target.console.heard(logged(text("last")))
    target.console.heard({"method": "Runtime.executionContextDestroyed", "params": {"executionContextId": 1}})
    await target.console.over
    await ticks()
    assert [line.text for line in said] == ["last"]
    assert target.detached


async def test_a_script_context_that_is_gone() -> None:
    target = Target()
    await watched(target)
    assert target.console.over.done()


async def test_what_nobody_foresaw_ends_the_watch_and_is_told() -> None:
    target = Target()
    target.before = [created(1, "world")]
    await watched(target)
    target.console.heard({"method": "Runtime.consoleAPICalled", "params": {"executionContextId": 1}})
    with pytest.raises(KeyError):
        await target.console.over
    await ticks()
    assert target.detached
