"""Where figures are measured: one browser's launches, opened when a measure first needs them."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .server import Server, serve

__all__ = ["FULL", "QUICK", "Size", "Stage", "UnavailableError"]

T = TypeVar("T")


class UnavailableError(Exception):
    """A peer cannot be measured here; the text says why."""


@dataclass(frozen=True)
class Size:
    """How much is measured at once."""

    round_trips: int
    messages: int
    large: int
    ports: int
    requests: int
    tests: int
    idle_s: float


FULL = Size(round_trips=100, messages=10_000, large=10, ports=1_000, requests=1_000, tests=5, idle_s=25)
QUICK = Size(round_trips=30, messages=2_000, large=5, ports=200, requests=200, tests=3, idle_s=3)


class Stage:
    """What the measures of one group of figures share in one browser.

    Attributes:
        browser: ``chromium`` or ``firefox``.
        playwright: The async flavour.
        size: How much is measured at once.
        server: The benchmark's own.
        folder: For files; gone with the stage.
    """

    def __init__(self, playwright: Any, browser: str, size: Size) -> None:
        self.browser = browser
        self.playwright = playwright
        self.size = size
        self.server: Server
        self.folder: Path
        self._opened: dict[Any, Any] = {}
        self._stack = AsyncExitStack()

    @property
    def browser_type(self) -> Any:
        """Playwright's."""
        return getattr(self.playwright, self.browser)

    async def use(self, opener: "Callable[[Stage], AbstractAsyncContextManager[T]]") -> T:
        """Return what `opener` opens: at the first call it is opened, at the stage's end closed."""
        if opener not in self._opened:
            self._opened[opener] = await self._stack.enter_async_context(opener(self))
        opened: T = self._opened[opener]
        return opened

    async def __aenter__(self) -> "Stage":
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        self.server = await self._stack.enter_async_context(serve())
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._stack.__aexit__(*error)
