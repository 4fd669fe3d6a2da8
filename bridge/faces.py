"""Sync faces: how the sync flavour shows the objects of the async one."""

import inspect
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Generic, TypeVar

from . import _playwright
from .waiting.expect import Expect as AsyncExpect
from .waiting.expect import ExpectInfo as AsyncExpectInfo

__all__ = ["FACES", "Expect", "ExpectInfo", "Face", "Run", "face_of", "invoke_in_greenlet"]

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine on the loop of sync Playwright and returns its result."""


class Face(Generic[T]):
    """The sync object that stands for an async one."""

    def __init__(self, impl: T, run: Run) -> None:
        self._impl = impl
        self._run = run

    def _call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return face_of(self._run(_finish(function, *args, **kwargs)), self._run)

    def __repr__(self) -> str:
        return repr(self._impl)


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


def invoke_in_greenlet(
    run: Run, listener: Callable[..., Any], args: tuple[Any, ...], on_error: Callable[[BaseException], None]
) -> None:
    """Call a listener with the sync faces of its arguments, in a greenlet in which it may call Playwright."""

    def on_end(error: BaseException | None, result: Any) -> None:
        if error:
            on_error(error)

    _playwright.run_in_greenlet(lambda: listener(*(face_of(arg, run) for arg in args)), on_end)


async def _finish(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    result = function(*args, **kwargs)
    return await result if inspect.isawaitable(result) else result


def face_of(value: Any, run: Run) -> Any:
    """Return the sync object for an async one, always the same one; any other value as it is."""
    face = FACES.get(type(value))
    if face is None:
        return value
    if value.face is None:
        value.face = face(value, run)
    return value.face


FACES: dict[type, type[Face[Any]]] = {AsyncExpectInfo: ExpectInfo}
"""The sync class for each async one; `sync_api` adds its own."""
