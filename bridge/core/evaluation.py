"""Evaluates code among a context's own scripts."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import msgspec

from ..driver import Code, Said, Scope, Watch, World
from ..errors import BridgeError, BridgeTimeoutError, ContextError, RemoteError, UnsupportedError
from ..protocol import values
from ..protocol.frames import BeFindable
from ..protocol.shown import shown
from ..waiting.waits import within
from ..webext.generated import evaluator
from ..wire.link import Link

if TYPE_CHECKING:
    from .context import Context

__all__ = ["Evaluation", "code_of", "value_of"]

T = TypeVar("T")

_WORLDS = get_args(World)
_RETRY_S = 0.05  # until a document is looked for again
_PATIENCE_S = 1  # for the link to say why the context is gone, which the debugger noticed first
_FUNCTION = re.compile(r"(async\s*)?function\b")
_ELSEWHERE = {
    "web": "evaluate() runs among scripts of the extension; in a web page, use Playwright's page.evaluate()",
    "external": "evaluate() runs among scripts of the extension under test; bridge.external is another extension",
}
_EVENT = re.compile(r"[a-zA-Z]\w*(\.[a-zA-Z]\w*)+")
_OURS = re.compile(r"\bportbridge:\d+:\d+|debugger eval code:")


class _Thrown(msgspec.Struct):
    """What `webext/js/evaluate.js` says of an exception."""

    name: str
    message: str
    stack: str


class Evaluation:
    """`Context.evaluate` and `Context.wait_for_function`."""

    def __init__(self, context: "Context") -> None:
        self._context = context
        self._found: tuple[Link, Scope] | None = None
        self._finding = asyncio.Lock()

    async def once(self, expression: str, argument: Any, world: World, timeout_ms: float) -> Any:
        """Return what the expression comes to."""
        code = self._code(expression, argument, world, wanted=False)
        link = self._context._require_link()
        async with within(timeout_ms, f"{self._context._label} did not answer evaluate()"):
            return value_of(await self._before_end(link, "evaluate()", self._run(link, code)))

    async def until_truthy(
        self, expression: str, argument: Any, world: World, polling_ms: float, timeout_ms: float
    ) -> Any:
        """Return what the expression comes to, once that is truthy."""
        code = self._code(expression, argument, world, wanted=True)
        link = self._context._require_link()
        waits = f"Waited in {self._context._label} for {shown(expression)}, which stayed falsy"
        try:
            async with within(timeout_ms, waits):
                return value_of(await self._before_end(link, "wait_for_function()", self._poll(link, code, polling_ms)))
        except BridgeTimeoutError as error:
            raise BridgeTimeoutError(f"{error}{self._context._session.unanswered()}") from None

    async def dispatch(self, event: str, arguments: tuple[Any, ...], timeout_ms: float) -> None:
        """Call the scripts' listeners of an event."""
        if not isinstance(event, str) or not _EVENT.fullmatch(event):
            raise ValueError(f"An event is named like 'alarms.onAlarm', not {event!r}")
        code = self._code("", list(arguments), "ISOLATED", wanted=False)
        link = self._context._require_link()
        self._context._session.recorder.dispatched(self._context._place, event)
        async with within(timeout_ms, f"{self._context._label} did not answer dispatch()"):
            called = value_of(await self._before_end(link, "dispatch()", self._dispatch(link, event, code)))
        if not called:
            raise ContextError(f"No script in {self._context._label} listens to {event}")

    async def _dispatch(self, link: Link, event: str, code: Code) -> str:
        return await (await self._scope(link)).dispatch(event, code)

    async def watch(self, link: Link, hear: Callable[[Said], None], reader: str | None, *, from_start: bool) -> Watch:
        """Watch the context's console; see `driver.Scope.watch`."""
        return await self._before_end(link, "console", self._watch(link, hear, reader, from_start))

    async def _watch(self, link: Link, hear: Callable[[Said], None], reader: str | None, from_start: bool) -> Watch:
        while True:
            scope = await self._scope(link)
            try:
                return await scope.watch(hear, reader, from_start=from_start)
            except ContextError:  # a document that was replaced while it was looked for
                self._found = None
                await asyncio.sleep(_RETRY_S)

    def _code(self, expression: str, argument: Any, world: World, *, wanted: bool) -> Code:
        if self._context.kind in _ELSEWHERE:
            raise UnsupportedError(_ELSEWHERE[self._context.kind])
        if world not in _WORLDS:
            raise ValueError(f"world is {' or '.join(map(repr, _WORLDS))}, not {world!r}")
        if world == "MAIN" and self._context.kind != "content":
            raise UnsupportedError(
                f"A MAIN world is in the document of a content script; this is a {self._context.kind}"
            )
        return code_of(expression, argument, world, wanted=wanted)

    # The context does not poll by itself: when Python stops waiting, nothing is left there, and a script that has
    # replaced setTimeout() does not notice.
    async def _poll(self, link: Link, code: Code, polling_ms: float) -> str:
        answer = await self._run(link, code)
        while not answer:
            await asyncio.sleep(polling_ms / 1000)
            answer = await self._run(link, code)
        return answer

    async def _run(self, link: Link, code: Code) -> str:
        scope = await self._scope(link)
        try:
            return await scope.run(code)
        except ContextError:
            self._found = None
            raise

    async def _scope(self, link: Link) -> Scope:
        async with self._finding:
            if self._found is None or self._found[0] is not link:
                self._found = link, await self._find(link)
            return self._found[1]

    async def _find(self, link: Link) -> Scope:
        while True:
            if scope := await self._context._session.scope_of(self._context):
                return scope
            link.send(BeFindable())  # document.open() may have removed the agent's listener
            await asyncio.sleep(_RETRY_S)

    async def _before_end(self, link: Link, function: str, answering: Coroutine[Any, Any, T]) -> T:
        """Return the answer, unless the context ends before."""
        task = asyncio.ensure_future(answering)
        either: list[asyncio.Future[Any]] = [task, link.ended]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise self._ended(link, function)
            return task.result()
        except RemoteError:
            raise
        except BridgeError as error:
            await asyncio.wait([link.ended], timeout=_PATIENCE_S)
            if link.closed:
                raise self._ended(link, function) from error
            raise
        finally:
            task.cancel()

    def _ended(self, link: Link, function: str) -> BridgeError:
        reason = link.closed or ContextError(link.ending)
        return type(reason)(f"{self._context._label} ended before it answered {function}: {reason}")


def code_of(expression: str, argument: Any, world: World = "ISOLATED", *, wanted: bool = False) -> Code:
    """Return what a browser has to run for an expression; `wanted`: whether only a truthy value counts.

    Raises:
        TypeError: The expression is no str, or the argument cannot be sent.
    """
    if not isinstance(expression, str):
        raise TypeError(f"The expression is a str of JavaScript, not {type(expression).__name__}")
    return Code(_as_statements(expression), evaluator(), values.encode(argument, "arg"), wanted, world)


def _as_statements(expression: str) -> str:
    """Make of an expression or a function what can be run, and declares nothing that stays in the global scope."""
    if _FUNCTION.match(expression.lstrip()):
        return f"({expression}\n)"
    return f"{{ {expression}\n}}"


def value_of(answer: str) -> Any:
    """Return or raise what an answer of `webext/js/evaluate.js` says."""
    if answer.startswith("!"):
        thrown = msgspec.json.decode(answer[1:], type=_Thrown)
        raise RemoteError(thrown.message, thrown.name, _stack(thrown))
    try:
        return values.decode(answer[1:])
    except values.UndecodableError as error:
        raise RemoteError(f"The value cannot be read: {error}") from error


def _stack(thrown: _Thrown) -> str:
    """The lines of a stack that are the scripts' own; Chromium's begins with name and message."""
    head = f"{thrown.name}: {thrown.message}" if thrown.message else thrown.name
    lines = thrown.stack.removeprefix(head).splitlines()
    return "\n".join(f"    {line.strip()}" for line in lines if line.strip() and not _OURS.search(line))
