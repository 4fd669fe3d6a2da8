"""Watches the console of one script context in Chromium."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from playwright.async_api import Error as PlaywrightError

from ..driver import Said
from ..waiting.waits import settle
from .target_sessions import TargetError

__all__ = ["ChromiumConsole"]

_FILLED = re.compile(r"%[sdifoOc%]")
_NUMBERS = ("%d", "%i", "%f")
_MADE_UP = {"clear": "console.clear", "endGroup": "console.groupEnd", "trace": "console.trace"}
"""What Chromium says in place of the arguments if there are none."""
_OURS = re.compile(r"^(evaluate|portbridge)$")
_SAME = "function () { return this; }"


class _Target(Protocol):
    """The sessions with targets; see `TargetSessions`."""

    async def ask(self, session: str, method: str, **params: Any) -> dict[str, Any]: ...

    async def tell(self, session: str, method: str, **params: Any) -> None: ...

    async def detach(self, session: str) -> None: ...


class ChromiumConsole:
    """See `driver.Watch`. Chromium keeps what was said before, and says it again to a new session.

    Args:
        target: The sessions.
        session: The id of a session with the target, for this watch alone.
        world: The unique id of the script context.
        hear: See `driver.Scope.watch`.
        reader: See `driver.Scope.watch`.
        from_start: See `driver.Scope.watch`.
    """

    def __init__(
        self,
        target: _Target,
        session: str,
        world: str,
        hear: Callable[[Said], None],
        reader: str | None,
        *,
        from_start: bool,
    ) -> None:
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._target = target
        self._session = session
        self._world = world
        self._hear = hear
        self._reader = reader
        self._from_start = from_start
        self._number: int | None = None  # by which events name the script context
        self._early = True
        self._events: asyncio.Queue[tuple[dict[str, Any], bool] | None] = asyncio.Queue()
        self._work = asyncio.ensure_future(self._tell_all())
        self._detaching: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Begin to hear."""
        try:
            await self._target.ask(self._session, "Runtime.enable")
        except BaseException:
            self.stop()
            raise
        self._early = False
        if self._number is None:
            self.ended()

    def stop(self) -> None:
        """See `driver.Watch`."""
        self._work.cancel()
        self._end()

    def ended(self) -> None:
        """The script context or the session is gone."""
        self._events.put_nowait(None)

    def heard(self, event: dict[str, Any]) -> None:
        """The target reports an event."""
        given = event["params"]
        method = event["method"]
        if self._early and not self._from_start and method != "Runtime.executionContextCreated":
            return  # to show and read a thousand lines for nothing would take long
        match method:
            case "Runtime.executionContextCreated" if given["context"]["uniqueId"] == self._world:
                self._number = given["context"]["id"]
            case "Runtime.executionContextDestroyed" if given["executionContextId"] == self._number:
                self.ended()
            case "Runtime.executionContextsCleared" if self._number is not None:
                self._number = None
                self.ended()
            case "Runtime.consoleAPICalled" if given["executionContextId"] == self._number:
                self._events.put_nowait((given, self._early))
            case "Runtime.exceptionThrown" if given["exceptionDetails"].get("executionContextId") == self._number:
                self._events.put_nowait((given, self._early))

    # One after the other, since values take a question each.
    async def _tell_all(self) -> None:
        try:
            while (event := await self._events.get()) is not None:
                given, early = event
                said = self._thrown if "exceptionDetails" in given else self._logged
                self._hear(await said(given, early=early))
        except Exception as error:  # that nobody foresaw
            self._end(error)
        finally:
            self._end()

    def _end(self, error: Exception | None = None) -> None:
        if settle(self.over, error):
            self._detaching = asyncio.ensure_future(self._target.detach(self._session))

    async def _logged(self, given: dict[str, Any], *, early: bool) -> Said:
        type, args = given["type"], given["args"]
        if type in _MADE_UP and [arg.get("value") for arg in args] == [_MADE_UP[type]]:
            args = []
        frames = given.get("stackTrace", {}).get("callFrames", [])
        place = frames[0] if frames else {}
        args = [await self._previewed(arg) for arg in args]
        text = " ".join(_texts(args))
        if type == "assert":
            text = f"Assertion failed: {text}" if args else "Assertion failed"
        return await self._said(type, text, args, place, given, frames, uncaught=False, early=early)

    async def _thrown(self, given: dict[str, Any], *, early: bool) -> Said:
        details = given["exceptionDetails"]
        frames = details.get("stackTrace", {}).get("callFrames", [])
        thrown = [await self._previewed(details["exception"])] if "exception" in details else []
        text = " ".join(_texts(thrown)) or details["text"]
        place = {"url": frames[0]["url"] if frames else "", **details}
        return await self._said("error", text, thrown, place, given, frames, uncaught=True, early=early)

    async def _said(
        self,
        type: str,
        text: str,
        args: list[dict[str, Any]],
        place: dict[str, Any],
        given: dict[str, Any],
        frames: list[dict[str, Any]],
        *,
        uncaught: bool,
        early: bool,
    ) -> Said:
        values = tuple([await self._read(arg) for arg in args]) if self._reader else ()
        for arg in args:
            if "objectId" in arg:
                await self._quietly(self._target.tell, "Runtime.releaseObject", objectId=arg["objectId"])
        known = "lineNumber" in place
        return Said(
            type,
            text,
            values,
            uncaught,
            place.get("url", ""),
            place["lineNumber"] + 1 if known else 0,
            place["columnNumber"] + 1 if known else 0,
            given["timestamp"] / 1000,
            "\n".join(_stack(frames)),
            early,
        )

    async def _previewed(self, arg: dict[str, Any]) -> dict[str, Any]:
        """Chromium has no previews of what was logged before anybody watched."""
        is_shown_whole = arg["type"] != "object" or arg.get("subtype") == "error"
        if is_shown_whole or "objectId" not in arg or "preview" in arg:
            return arg
        answer = await self._quietly(
            self._target.ask,
            "Runtime.callFunctionOn",
            functionDeclaration=_SAME,
            objectId=arg["objectId"],
            generatePreview=True,
        )
        await self._quietly(self._target.tell, "Runtime.releaseObject", objectId=arg["objectId"])
        return answer["result"] if answer and "exceptionDetails" not in answer else arg

    async def _read(self, arg: dict[str, Any]) -> str:
        if arg["type"] in ("string", "boolean"):
            return json.dumps(arg["value"])
        names = ("objectId", "unserializableValue", "value")
        answer = await self._quietly(
            self._target.ask,
            "Runtime.callFunctionOn",
            functionDeclaration=self._reader,
            arguments=[{name: arg[name] for name in names if name in arg}],
            executionContextId=self._number,
            awaitPromise=True,
            returnByValue=True,
        )
        value = answer["result"].get("value") if answer and "exceptionDetails" not in answer else ""
        return value if isinstance(value, str) else ""

    async def _quietly(self, function: Callable[..., Any], method: str, **params: Any) -> Any:
        try:
            return await function(self._session, method, **params)
        except (PlaywrightError, TargetError):  # the script context is gone
            return None


def _stack(frames: list[dict[str, Any]]) -> Iterator[str]:
    for frame in frames:
        if _OURS.match(frame["url"]):
            continue
        place = f"{frame['url']}:{frame['lineNumber'] + 1}:{frame['columnNumber'] + 1}"
        yield f"{frame['functionName']} ({place})" if frame["functionName"] else place


def _texts(args: list[dict[str, Any]]) -> Iterator[str]:
    """The arguments as the console shows them; the first may say where the others go."""
    left = list(args)
    if left and left[0]["type"] == "string" and len(left) > 1:

        def filled(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%"
            if not left[1:]:
                return found[0]
            arg = left.pop(1)
            return "" if found[0] == "%c" else _number(arg, found[0]) if found[0] in _NUMBERS else _shown(arg)

        first = _FILLED.sub(filled, left[0]["value"])
        left[0] = {"type": "string", "value": first}
    yield from map(_shown, left)


def _number(arg: dict[str, Any], directive: str) -> str:
    value = arg.get("value")
    if not isinstance(value, int | float):
        return arg.get("unserializableValue", "NaN") if arg["type"] in ("number", "bigint") else "NaN"
    return f"{value:g}" if directive == "%f" else str(int(value))


def _shown(arg: dict[str, Any]) -> str:
    if arg["type"] == "string":
        return str(arg["value"])
    if arg["type"] == "undefined":
        return "undefined"
    if arg.get("subtype") == "null":
        return "null"
    if "preview" in arg and arg.get("subtype") != "error":
        return _preview(arg["preview"])
    description: str = arg.get("description") or json.dumps(arg.get("value"))
    return description.partition("\n    at ")[0] if arg.get("subtype") == "error" else description


def _preview(preview: dict[str, Any]) -> str:
    more = ["…"] if preview["overflow"] else []
    name: str = preview.get("description", "")
    if preview.get("subtype") == "array":
        return f"[{', '.join([*map(_member, preview['properties']), *more])}]"
    if "entries" in preview:
        return f"{name} {{{', '.join([*map(_entry, preview['entries']), *more])}}}"
    if preview.get("subtype"):  # a date, a node, a regular expression ...
        return name
    members = ", ".join([*(f"{it['name']}: {_member(it)}" for it in preview["properties"]), *more])
    return f"{{{members}}}" if name == "Object" else f"{name} {{{members}}}" if members else name


def _entry(entry: dict[str, Any]) -> str:
    value = _inner(entry["value"])
    return f"{_inner(entry['key'])} => {value}" if "key" in entry else value


def _inner(preview: dict[str, Any]) -> str:
    name: str = preview.get("description", "")
    return json.dumps(name, ensure_ascii=False) if preview["type"] == "string" else name


def _member(member: dict[str, Any]) -> str:
    if member["type"] == "string":
        return json.dumps(member.get("value", ""), ensure_ascii=False)
    value: str = member.get("value", "")
    return value or ("…" if member["type"] == "accessor" else member["type"])
