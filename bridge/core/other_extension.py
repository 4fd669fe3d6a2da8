"""Evaluates code among the scripts of other extensions, in which the bridge has no agent."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from ..driver import Driver, Loaded, Scope
from ..errors import ContextError, RemoteError
from ..protocol.shown import shown
from ..waiting.waits import within
from .context import Context
from .evaluation import code_of, value_of
from .frame_context import hearing

if TYPE_CHECKING:
    from playwright.async_api import Frame, Page

__all__ = ["OtherContext", "OtherExtension"]

_RETRY_S = 0.05  # until a context is looked for again


class OtherExtension:
    """Another extension in the browser, such as one of ``launch(also=...)``: Python can evaluate code in it.

    It runs unchanged: nothing of the bridge is in it, and it has no ports of Python's.
    """

    def __init__(
        self, id: str, *, driver: Driver, relay: Context, timeout_ms: Callable[[float | None], float], own_frame: Any
    ) -> None:
        self._id = id
        self._driver = driver
        self._relay = relay
        self._timeout_ms = timeout_ms
        self._own_frame = own_frame

    @property
    def id(self) -> str:
        """Its id, as `runtime.id` has it."""
        return self._id

    @property
    def background(self) -> "OtherContext":
        """Its service worker, event page or background page."""
        return OtherContext(self, "background", None)

    def content(self, page_or_frame: "Page | Frame") -> "OtherContext":
        """Return its content scripts in a Playwright ``Page``, which means its main frame, or in a ``Frame``."""
        return OtherContext(self, "content", self._own_frame(page_or_frame))

    def page(self, page_or_frame: "Page | Frame") -> "OtherContext":
        """Return its own page in a Playwright ``Page``, which means its main frame, or in a ``Frame``."""
        return OtherContext(self, "page", self._own_frame(page_or_frame))

    async def _require(self) -> None:
        """Raise ContextError if no such extension runs."""
        try:
            info = await self._relay._call("management.get", self._id)
        except RemoteError as error:
            listed = await self._relay._call("management.getAll")
            names = ", ".join(sorted(f"{it['id']} ({it['name']})" for it in listed if it["enabled"]))
            raise ContextError(f"No extension has the id {self._id!r}. These run: {names}") from error
        if not info["enabled"]:
            raise ContextError(f"The extension {info['name']!r} is disabled")

    def __repr__(self) -> str:
        return f"<OtherExtension {self._id}>"


class OtherContext:
    """A script context of another extension."""

    def __init__(self, extension: OtherExtension, kind: str, frame: Any) -> None:
        self._extension = extension
        self._kind = kind
        self._frame = frame

    async def evaluate(self, expression: str, arg: Any = None, *, timeout: float | None = None) -> Any:
        """Evaluate JavaScript among the context's own scripts, as `Context.evaluate` does.

        Args:
            expression: As in `Context.evaluate`.
            arg: As in `Context.evaluate`.
            timeout: How long it may take until there is such a context, and until it answers, in milliseconds; 0 means
                no limit, None the bridge's default.

        Raises:
            RemoteError: The code threw, or its promise was rejected.
            TypeError: `arg` cannot be sent.
            ContextError: No such extension runs, or the context ended before it answered.
            BridgeTimeoutError: There was no such context in time, or it did not answer.
        """
        code = code_of(expression, arg)
        async with within(self._extension._timeout_ms(timeout), f"Waited for {self._label}") as limit:
            scope = await self._scope()
            limit.doing = f"{self._label} did not answer evaluate()"
            return value_of(await scope.run(code))

    async def wait_for_function(
        self, expression: str, arg: Any = None, *, polling: float = 50, timeout: float | None = None
    ) -> Any:
        """Evaluate JavaScript among the context's own scripts again and again, until it comes to something truthy.

        Args:
            expression: As in `Context.evaluate`.
            arg: As in `Context.evaluate`.
            polling: How long to wait before the next try, in milliseconds.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Returns:
            The truthy value itself.

        Raises:
            BridgeTimeoutError: It stayed falsy, or there was no such context.
            Exception: As in `evaluate`.
        """
        code = code_of(expression, arg, wanted=True)
        async with within(self._extension._timeout_ms(timeout), f"Waited for {self._label}") as limit:
            scope = await self._scope()
            limit.doing = f"Waited in {self._label} for {shown(expression)}, which stayed falsy"
            answer = await scope.run(code)
            while not answer:
                await asyncio.sleep(polling / 1000)
                answer = await scope.run(code)
            return value_of(answer)

    async def _scope(self) -> Scope:
        id = self._extension.id
        loaded = Loaded(id, f"chrome-extension://{id}/")  # Firefox goes by the id alone
        while True:
            await self._extension._require()  # each time: it may end meanwhile, and the browser too
            name = f"portbridge-{secrets.token_hex(16)}"
            async with self._hearing(name):
                if scope := await self._extension._driver.scope(loaded, _Sought(self._kind, name)):
                    return scope
            await asyncio.sleep(_RETRY_S)

    def _hearing(self, name: str) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._frame is None else hearing(self._frame, name)

    @property
    def _label(self) -> str:
        """How errors name it."""
        where = "" if self._frame is None else f" in {self._frame.url}"
        return f"the {self._kind} of the extension {self._extension.id}{where}"

    def __repr__(self) -> str:
        return f"<OtherContext: {self._label}>"


class _Sought:
    """See `driver.Sought`. In a document, Playwright's world in the frame hears the event."""

    private = False
    tab_id: int | None = None
    frame_id: int | None = None

    def __init__(self, kind: str, search_event: str) -> None:
        self.kind = kind
        self.search_event = search_event

    async def is_here(self, dispatch: Callable[[str], Awaitable[bool]]) -> bool:
        return self.kind == "background" or await dispatch("")
