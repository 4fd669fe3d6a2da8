"""The file of `--route`: Python of the user's, which says what to route."""

import inspect
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from ..async_api import Bridge, BridgeError

__all__ = ["RouteFile", "located"]

_MODULE = "portbridge_route"
_EXAMPLE = """\
    from bridge.async_api import faults

    async def route(bridge):
        await bridge.route_port("sync", faults(drop=0.1))"""


class RouteFile:
    """The file, run once.

    Args:
        file: Its path.

    Raises:
        BridgeError: It cannot be run, or has no `route`; the text says where, and what to write.
        OSError: It cannot be read.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        module = ModuleType(_MODULE)
        module.__file__ = file
        sys.modules[_MODULE] = module  # as dataclasses want it
        sys.path.insert(0, str(Path(file).resolve().parent))  # as for a script, whose neighbours it can import
        source = Path(file).read_bytes()
        try:
            exec(compile(source, file, "exec"), module.__dict__)
        except Exception as error:
            raise BridgeError(located(error, file)) from error
        self._route = self._checked(module.__dict__.get("route"))

    async def set_routes(self, bridge: Bridge) -> None:
        """Call its `route`.

        Raises:
            BridgeError: That raised; the text says where.
        """
        try:
            await self._route(bridge)
        except Exception as error:
            raise BridgeError(located(error, self._file)) from error

    def raised(self, error: BaseException) -> str:
        """Return in words what one of its handlers raised."""
        return located(error, self._file)

    def _checked(self, route: Any) -> Any:
        if route is None:
            raise BridgeError(f"{self._file} has no function route. Write, for example:\n\n{_EXAMPLE}")
        place = _place(self._file, _line_of(route))
        # A plain function would get coroutines from route_port(), and set no route.
        if not inspect.iscoroutinefunction(route):
            raise BridgeError(
                f"{place}route must be a coroutine function, so that it can await. Write, for example:\n\n{_EXAMPLE}"
            )
        try:
            inspect.signature(route).bind(None)
        except TypeError as error:
            raise BridgeError(f"{place}route must take one argument: async def route(bridge)") from error
        return route


def located(error: BaseException, file: str) -> str:
    """Return what was raised, after the line of `file` where that was, if it was there."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return f"{_place(file, error.lineno)}{type(error).__name__}: {error.msg}"
    lines = list(_lines_in(error, file))
    what = str(error)
    kind = "" if isinstance(error, BridgeError) else type(error).__name__
    return f"{_place(file, lines[-1] if lines else None)}{': '.join(part for part in (kind, what) if part)}"


def _lines_in(error: BaseException, file: str) -> Iterator[int | None]:
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == file:
            yield frame.lineno


def _line_of(function: Any) -> int | None:
    code = getattr(function, "__code__", None)
    return code.co_firstlineno if code else None


def _place(file: str, line: int | None) -> str:
    return f"{file}, line {line}: " if line else f"{file}: "
