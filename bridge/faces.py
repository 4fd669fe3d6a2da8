"""Sync faces: how the sync flavour shows the objects of the async one. The classes in `sync_api` are made of these."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from functools import partial
from types import TracebackType
from typing import Any, Generic, TypeVar

from . import _playwright
from .launch import Order, start
from .waiting.event import Event as AsyncEvent
from .waiting.event import OnResult, is_coroutine_function
from .waiting.expect import Expect as AsyncExpect
from .waiting.expect import ExpectInfo as AsyncExpectInfo
from .waiting.waits import Pending

__all__ = [
    "FACES",
    "EventFace",
    "Expect",
    "ExpectInfo",
    "Face",
    "Run",
    "face_of",
    "invoke_in_greenlet",
    "require_plain",
    "start_sync",
]

T = TypeVar("T")
E = TypeVar("E", bound=AsyncEvent)
Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine on the loop of sync Playwright and returns its result."""


class Face(Generic[T]):
    """The sync object that stands for an async one."""

    def __init__(self, impl: T, run: Run) -> None:
        self._impl = impl
        self._run = run

    def _show(self, value: Any) -> Any:
        return face_of(value, self._run)

    def _call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self._show(self._run(_finish(function, *args, **kwargs)))

    def _begin(self, function: Callable[..., Pending[Any]], *args: Any) -> Any:
        """Call a function that returns a `Pending`, and run the loop only if there is something left to wait for."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # after Playwright has ended, or in another thread
            return self._run(_finish(function, *args))
        pending = function(*args)
        return pending.result() if pending.done() else self._run(_finish(lambda: pending))

    def __repr__(self) -> str:
        return repr(self._impl)


class EventFace(Face[E]):
    """The sync object that stands for an event."""

    def _call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # With nothing to wait for, the loop must not run: what was kept for the first listener would come out before
        # the caller could add the second one.
        return self._begin(partial(function, **kwargs), *args)


class ExpectInfo(Face[AsyncExpectInfo[Any]], Generic[T]):
    """What the block of an `expect_*` gets."""

    @property
    def value(self) -> T:
        """What was expected, once it has come; waits for it.

        Raises:
            BridgeTimeoutError: It did not come in time.
        """
        value: T = self._call(lambda: self._impl.value)
        return value


class Expect(Face[AsyncExpect[Any]], Generic[T]):
    """Expects something while the block of a ``with`` runs, and waits for it at the block's end."""

    def __enter__(self) -> ExpectInfo[T]:
        info: ExpectInfo[T] = self._call(self._impl.__aenter__)
        return info

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._impl.__aexit__, kind, error, trace)


def start_sync(order: Order) -> Any:
    """Do what the order says on the loop of sync Playwright, and return the sync bridge."""
    run: Run = partial(_playwright.run, order.browser_type)
    return face_of(run(start(order, partial(invoke_in_greenlet, run))), run)


def require_plain(listener: Callable[..., Any]) -> None:
    """Raise TypeError for a coroutine function."""
    if is_coroutine_function(listener):
        raise TypeError("addListener() of bridge.sync_api takes plain functions; use bridge.async_api for this one")


def invoke_in_greenlet(
    run: Run,
    listener: Callable[..., Any],
    args: tuple[Any, ...],
    on_error: Callable[[BaseException], None],
    on_result: OnResult | None = None,
) -> None:
    """Call a listener with the sync faces of its arguments, in a greenlet in which it may call Playwright."""

    def on_end(error: BaseException | None, result: Any) -> None:
        if inspect.iscoroutine(result):
            result.close()
            error = TypeError("A listener returned a coroutine; those of bridge.sync_api are plain functions")
        if error:
            on_error(error)
        elif on_result:
            on_result(result, awaited=False)

    _playwright.run_in_greenlet(lambda: listener(*(face_of(arg, run) for arg in args)), on_end)


async def _finish(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    result = function(*args, **kwargs)
    return await result if inspect.isawaitable(result) else result


def face_of(value: Any, run: Run) -> Any:
    """Return the sync object for an async one, always the same one; any other value as it is."""
    if inspect.ismethod(value) and type(value.__self__) in FACES:
        return getattr(face_of(value.__self__, run), value.__name__)
    face = next((FACES[cls] for cls in type(value).__mro__ if cls in FACES), None)
    if face is None:
        return value
    # The async object keeps its face: so the two live equally long.
    members = vars(value)
    if _FACE not in members:
        members[_FACE] = face(value, run)
    return members[_FACE]


_FACE = "_face"
FACES: dict[type, type[Face[Any]]] = {AsyncExpect: Expect, AsyncExpectInfo: ExpectInfo}
"""The sync class for each async one; `sync_api` adds its own."""
