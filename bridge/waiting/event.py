"""Events, which call their listeners in the order in which these were added."""

import asyncio
import functools
import inspect
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from .waits import Pending, done

__all__ = ["Event", "Invoke", "Listener", "OnResult", "arity", "invoke_here", "is_coroutine_function"]

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_running: set["asyncio.Task[Any]"] = set()


class OnResult(Protocol):
    """What to do with what a listener returns; `awaited` says that it was a coroutine's result."""

    def __call__(self, result: Any, *, awaited: bool) -> None: ...


def _ignore(result: Any, *, awaited: bool) -> None:
    pass


class Invoke(Protocol):
    """How to call a listener. The sync and the async flavour each have their own way."""

    def __call__(
        self,
        listener: Callable[..., Any],
        args: tuple[Any, ...],
        on_error: Callable[[BaseException], None],
        on_result: OnResult = _ignore,
    ) -> None: ...


def invoke_here(
    listener: Callable[..., Any],
    args: tuple[Any, ...],
    on_error: Callable[[BaseException], None],
    on_result: OnResult = _ignore,
) -> None:
    """Call a plain function, or start a coroutine function as a task."""
    try:
        result = listener(*args)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # pytest.fail() raises no Exception
        on_error(error)
        return
    if result is None:  # as from most listeners
        _report(result, on_error, on_result, awaited=False)
    elif inspect.isawaitable(result):
        task = asyncio.ensure_future(_finish(result, on_error, on_result))
        _running.add(task)  # the loop holds tasks weakly
        task.add_done_callback(_running.discard)
    else:
        _report(result, on_error, on_result, awaited=False)


async def _finish(result: Any, on_error: Callable[[BaseException], None], on_result: OnResult) -> None:
    try:
        value = await result
    except (KeyboardInterrupt, SystemExit, asyncio.CancelledError):
        raise
    except BaseException as error:
        on_error(error)
    else:
        _report(value, on_error, on_result, awaited=True)


def _report(result: Any, on_error: Callable[[BaseException], None], on_result: OnResult, *, awaited: bool) -> None:
    try:
        on_result(result, awaited=awaited)
    except Exception as error:  # for example, a result that cannot be sent
        on_error(error)


class Listener(NamedTuple):
    """A listener, and what can be told of it before it is called.

    Attributes:
        function: What is called.
        takes: How many of the event's arguments it gets; None for all.
        named: How many parameters by position it names.
        is_coroutine: See `is_coroutine_function`.
    """

    function: Callable[..., Any]
    takes: int | None
    named: int
    is_coroutine: bool

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "Listener":
        """Look at a function."""
        is_coroutine = is_coroutine_function(function, wrapped=True)
        try:
            kinds = [parameter.kind for parameter in inspect.signature(function).parameters.values()]
        except (ValueError, TypeError):  # some builtins have no signature
            return cls(function, 1, 1, is_coroutine)
        named = sum(kind in _POSITIONAL for kind in kinds)
        takes = None if inspect.Parameter.VAR_POSITIONAL in kinds else named
        return cls(function, takes, named, is_coroutine)


class Event:
    """An event with the browser's own methods: `addListener`, `removeListener`, `hasListener`.

    A listener gets the event's arguments, as many as it takes by position: parameters with a default count,
    ``*args`` and a `unittest.mock.Mock` take all, and a builtin that hides its parameters gets one. To give a listener
    a value of your own, bind it with `functools.partial`, or make it a keyword-only parameter.

    Adding a listener twice has no effect. A listener that raises does not stop the others: the next wait on the port or
    context raises its exception again, or else closing the bridge does.
    """

    def __init__(self, invoke: Invoke, on_error: Callable[[BaseException], None]) -> None:
        self._invoke = invoke
        self._on_error = on_error
        self._listeners: dict[object, Listener] = {}

    def addListener(self, listener: Callable[..., Any]) -> Pending[None]:
        """Call `listener` whenever the event fires.

        Returns:
            Something that may be awaited: then the browser has the listener.

        Raises:
            TypeError: `listener` is not callable.
            BridgeTimeoutError: Awaiting took longer than the bridge's default timeout.
        """
        if not callable(listener):
            raise TypeError(f"addListener() takes a function, not {type(listener).__name__}")
        key = _key(listener)
        if key in self._listeners:
            return done()
        self._listeners[key] = Listener.of(listener)
        try:
            return self._limited(self._added())
        except BaseException:
            del self._listeners[key]
            raise

    def removeListener(self, listener: Callable[..., Any]) -> Pending[None]:
        """Stop calling `listener`. It need not have been added."""
        if self._listeners.pop(_key(listener), None) is None:
            return done()
        return self._limited(self._removed())

    def hasListener(self, listener: Callable[..., Any]) -> bool:
        """Whether `listener` has been added and not removed."""
        return _key(listener) in self._listeners

    def _emit(self, *args: Any) -> bool:
        """Call every listener. Return False if there is none."""
        listeners = list(self._listeners.values())
        for listener in listeners:
            self._invoke(listener.function, args[: listener.takes], self._on_error)
        return bool(listeners)

    def _clear(self) -> None:
        """Remove all listeners."""
        for listener in list(self._listeners.values()):
            self.removeListener(listener.function)

    def _limited(self, pending: Pending[None]) -> Pending[None]:
        """Return it with the limit for whoever awaits it, if there is one."""
        return pending

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def _added(self) -> Pending[None]:
        """A listener was added."""
        return done()

    def _removed(self) -> Pending[None]:
        """A listener was removed."""
        return done()


def _key(listener: Callable[..., Any]) -> object:
    """By what to know it again. Two bound methods of one object are equal; a dataclass, for one, has no hash."""
    try:
        hash(listener)
    except TypeError:
        return id(listener)
    return listener


def is_coroutine_function(function: Any, *, wrapped: bool = False) -> bool:
    """Whether calling it gives a coroutine, be it a `functools.partial` or an object whose ``__call__`` is async.

    Args:
        function: Anything that can be called.
        wrapped: Whether it counts, too, if it only wraps such a function, as a decorator with `functools.wraps` does.
    """
    while isinstance(function, functools.partial):
        function = function.func
    if wrapped:
        with suppress(ValueError):  # it says that it wraps itself
            function = inspect.unwrap(function)
    try:
        own_call = inspect.getattr_static(type(function), "__call__", None)
        return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(own_call)
    except TypeError:  # a Mock with the spec of a function, whose flags are a Mock too
        return False


def arity(predicate: Callable[..., Any]) -> int | None:
    """How many arguments to pass: one for each parameter without a default; one if all have defaults or for *args."""
    try:
        parameters = inspect.signature(predicate).parameters.values()
    except (ValueError, TypeError):  # some builtins have no signature
        return 1
    required = sum(p.kind in _POSITIONAL and p.default is p.empty for p in parameters)
    accepts_any = any(p.kind in (*_POSITIONAL, p.VAR_POSITIONAL) for p in parameters)
    return required or int(accepts_any)
