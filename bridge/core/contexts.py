"""All contexts of a launch: those that begin are admitted here, and found again."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ..errors import BridgeError, ChannelError, ContextError, ExtensionError
from ..protocol.frames import BeFindable, Hello
from ..protocol.played import PLAYED
from ..waiting.lookout import Lookout
from ..waiting.waits import settle, wait
from ..wire.link import Link
from .context import Context
from .recipients import Recipients
from .session import Session
from .views import Views

__all__ = ["Contexts"]

_KINDS = ("content", "page", "web")
_EXTENSIONS = ("chrome-extension:", "moz-extension:")
_DISABLED = "The extension was unloaded: it was disabled or uninstalled, or it reloads itself"
_NOT_INSTALLED = "The extension is not installed, as launch(install=False) wants it; bridge.install() installs it"
_UNINSTALLED = "The extension was uninstalled; bridge.reload() installs it again"
_ORPHAN = 'this script is an orphan, whose own calls throw "Extension context invalidated."'


class Contexts:
    """The registry of contexts.

    Args:
        session: What the contexts share.
        replace: The parts of the extension that Python plays alone: there, connections are kept from the start.
        offer: Returns an address at which the agent of a link may connect to Python itself.

    Attributes:
        begun: Sees each context that begins, as soon as it has its view.
    """

    def __init__(
        self, session: Session, replace: frozenset[str], offer: Callable[[Link], str | None] = lambda link: None
    ) -> None:
        self._session = session
        self._replace = replace
        self._offer = offer
        self._others: list[Context] = []
        self._searches: dict[str, asyncio.Future[Context]] = {}
        self._watchers: list[tuple[Callable[[Context], bool], asyncio.Future[Context]]] = []
        self.begun: Lookout[Context] = Lookout()
        self._views = Views(session, self.begun.see)
        session.recipients = Recipients(self.tell_routes)
        self._lost: BridgeError | None = None
        self._absent: ContextError | None = None
        self._uninstalled = False
        self._changing = False  # Python is loading the extension anew, and its background has not started yet
        self._removing = False  # Python is unloading it, so a background that says hello is still the former one
        self.background = Context("background", session, self._played("background"))
        self.private_background = Context("background", session, self._played("background"), private=True)
        self._backgrounds = self.background, self.private_background
        self.external = Context("external", session)

    @property
    def alive(self) -> list[Context]:
        """Every context that is not closed."""
        return [context for context in (*self._backgrounds, self.external, *self._others) if not context.closed]

    @property
    def changing(self) -> bool:
        """Whether Python is loading the extension anew, and its background has not started yet."""
        return self._changing

    @property
    def absent(self) -> ContextError | None:
        """Why the extension does not run, if Python disabled it or anybody uninstalled it."""
        return self._absent

    @property
    def uninstalled(self) -> bool:
        """Whether the extension is not installed."""
        return self._uninstalled

    def require_present(self) -> None:
        """Raise ContextError if Python disabled the extension, or if it is not installed."""
        if self._absent:
            raise ContextError(str(self._absent))

    def require_enabled(self) -> None:
        """Raise ContextError if Python disabled the extension."""
        if not self._uninstalled:
            self.require_present()

    def require_installed(self) -> None:
        """Raise ContextError if the extension is not installed."""
        if self._uninstalled:
            self.require_present()

    async def tell_routes(self) -> None:
        """Have every agent know the routes; then Python has heard all that they had said before."""

        async def tell(context: Context) -> None:
            with suppress(ContextError):  # it ended; the next one is told as it begins
                await context._routed.tell()

        await asyncio.gather(*map(tell, self.alive))

    def leave_out(self) -> None:
        """The extension is not installed before Python says so."""
        reason = self._absent = ContextError(_NOT_INSTALLED)
        self._uninstalled, self._changing = True, False
        for background in self._backgrounds:
            background._unloaded(reason)

    def returns(self) -> None:
        """The extension runs again."""
        self._absent, self._uninstalled = None, False

    def admit(self, link: Link, hello: Hello) -> Context:
        """An agent said hello over a new link: return its context, a new one or one that starts again.

        Raises:
            ChannelError: The agent stands in no kind of context that there is, or not where it says.
        """
        self._check_claim(hello.kind, link.sender)
        kind = "page" if hello.kind == "background" and "tab" in link.sender else hello.kind
        context = self._context_for(kind, private=hello.private)  # a background page may also be opened in a tab
        if context is self.background and not self._removing:
            self._changing = False
            self.returns()  # it may be another extension that has enabled it
        direct = self._offer(link) if hello.dials else None
        context._attach(link, hello.url, hello.time / 1000, direct)
        self.announce(context)
        self._views.identify(context, hello.view)
        return context

    def of_sender(self, sender: dict[str, Any]) -> Context | None:
        """Return the context that the browser describes so; None if there is none."""
        return next((context for context in self.alive if _is_same(context._require_link().sender, sender)), None)

    def found(self, token: str, context: Context) -> None:
        """The agent of `context` saw the search with that token."""
        if token in self._searches:
            settle(self._searches[token], context)

    def announce(self, context: Context) -> None:
        """Tell those who wait for a context that this one began, or became findable again."""
        for accepts, future in self._watchers:
            if accepts(context):
                settle(future, context)

    @contextmanager
    def search(self) -> Iterator[tuple[str, "asyncio.Future[Context]"]]:
        """Give a token, and a future of the context whose agent reports that token."""
        token = secrets.token_hex(16)
        found = self._searches[token] = self._future()
        try:
            yield token, found
        finally:
            del self._searches[token]

    async def wait_for(
        self, accepts: Callable[[Context], bool], timeout_ms: float = 0, describe: Callable[[], str] = str
    ) -> Context:
        """Return a context that `accepts` says yes to: one alive, or the next to begin."""
        for context in self.alive:
            if accepts(context):
                return context
        return await self.wait_for_next(accepts, timeout_ms, describe)

    async def wait_for_next(
        self, accepts: Callable[[Context], bool], timeout_ms: float = 0, describe: Callable[[], str] = str
    ) -> Context:
        """Return the next context to begin that `accepts` says yes to."""
        with self.next(accepts) as following:
            return await wait(following, timeout_ms, describe)

    @contextmanager
    def next(self, accepts: Callable[[Context], bool]) -> Iterator["asyncio.Future[Context]"]:
        """Give a future of the next context to begin, or to become findable again, that `accepts` says yes to."""
        watcher = accepts, self._future()
        self._watchers.append(watcher)
        try:
            yield watcher[1]
        finally:
            self._watchers.remove(watcher)

    def be_findable(self, accepts: Callable[[Context], bool]) -> None:
        """Have the agents of those content scripts see that they hear searches; one that did not becomes the `next`."""
        for context in self._others:
            if context.kind == "content" and not context.closed and accepts(context):
                context._send(BeFindable())

    def end(self, reason: BridgeError) -> None:
        """Close every context for good, and end all waits for one."""
        for context in [*self._backgrounds, *self._others, self.external]:
            context._end(reason)
        self._others.clear()
        lost = self._lost = self._lost or reason
        self.begun.end(lambda: lost)
        for future in [*self._searches.values(), *(future for _, future in self._watchers)]:
            settle(future, reason)

    def forget(self) -> None:
        """Disconnect the ports, and remove all listeners, routes and what is kept for them."""
        self._session.routes.clear()
        for context in {*self._backgrounds, *self.alive}:
            context._forget()

    @contextmanager
    def reloading(self, reason: BridgeError, *, closes_pages: bool = False) -> Iterator[None]:
        """Close the contexts of the extension under test, as they are now, with the block that loads it anew.

        If the block raises ExtensionError, the browser kept the old one, and so are they.

        Args:
            reason: Why they close.
            closes_pages: Whether the block closes the pages too, so that no script is left in them as an orphan.
        """
        former = self._absent, self._uninstalled
        self._changing, self._removing = True, closes_pages
        self.returns()
        links = self._take_leave(reason, closes_pages=closes_pages)
        try:
            yield
        except ExtensionError:
            for link in links:
                link.farewell = None
            links.clear()
            self._changing = False
            self._absent, self._uninstalled = former
            raise
        finally:
            self._removing = False
            if closes_pages:  # what began meanwhile is gone too, and the relay may be late to say so
                links |= self._take_leave(reason, closes_pages=True)
            for link, farewell in links.items():
                link.close(farewell)

    @contextmanager
    def unloading(self, reason: ContextError, *, uninstalled: bool = False) -> Iterator[None]:
        """Close the contexts of the extension under test with the block that disables or uninstalls it.

        If the block raises, the extension runs on, and so do they.
        """
        former = self._absent, self._uninstalled
        self._absent, self._uninstalled, self._removing = reason, uninstalled, True
        links = self._take_leave(reason)
        try:
            yield
        except BaseException:
            for link in links:
                link.farewell = None
            self._absent, self._uninstalled = former
            raise
        finally:
            self._removing = False
        for link, farewell in links.items():
            link.close(farewell)
        for background in self._backgrounds:
            background._unloaded(reason)  # it may have been stopped
        self._end_waits_for_background(reason)
        if uninstalled:
            self._interrupt(reason)

    def _take_leave(self, reason: BridgeError, *, closes_pages: bool = False) -> dict[Link, BridgeError]:
        links = {
            context._require_link(): reason if closes_pages else self._unloading(context, reason)
            for context in (*self._backgrounds, *self._others)
            if not context.closed
        }
        for link, farewell in links.items():
            link.farewell = farewell  # the browser may close them before the block ends
        return links

    def unloaded(self, extension_id: str, *, uninstalled: bool) -> None:
        """The browser has unloaded an extension. If it is the one under test, its contexts are gone.

        Those of content scripts do not end by themselves in Chromium: they are orphans, which nothing reaches.
        """
        if extension_id != self._session.extension_id:
            return
        if self._absent and (self._uninstalled or not uninstalled):
            reason = self._absent  # Python did it, and says it better
        else:
            reason = ContextError(_UNINSTALLED if uninstalled else _DISABLED)
        for context in (*self._backgrounds, *self._others):
            context._unloaded(self._unloading(context, reason))
        if uninstalled and not self._changing:
            self._absent, self._uninstalled = reason, True
            self._interrupt(reason)
            self._end_waits_for_background(reason)

    def _interrupt(self, reason: BridgeError) -> None:
        for background in self._backgrounds:
            background._interrupt(reason)

    def _end_waits_for_background(self, reason: ContextError) -> None:
        for accepts, future in self._watchers:
            if accepts == self._is_background:
                settle(future, reason)

    def _unloading(self, context: Context, reason: BridgeError) -> BridgeError:
        """Why a context ends whose extension is unloaded for that reason."""
        orphaned = context.kind == "content" and self._session.leaves_orphans
        return ContextError(f"{reason}; {_ORPHAN}") if orphaned else reason

    async def background_started(self, timeout_ms: float, describe: Callable[[], str]) -> None:
        """Return when the background runs.

        Raises:
            ContextError: Python disabled the extension, or it was uninstalled.
        """
        if self._absent:
            raise self._absent
        await self.wait_for(self._is_background, timeout_ms, describe)

    def _is_background(self, context: Context) -> bool:
        return context is self.background

    def _future(self) -> "asyncio.Future[Context]":
        future: asyncio.Future[Context] = asyncio.get_running_loop().create_future()
        if self._lost:
            settle(future, self._lost)
        return future

    def _context_for(self, kind: str, *, private: bool) -> Context:
        if kind == "background":
            return self.private_background if private else self.background
        if kind == "external":
            return self.external
        if kind not in _KINDS:
            raise ChannelError(f"An agent in a context of kind {kind!r}")
        self._others = [context for context in self._others if not context.closed]
        self._others.append(Context(kind, self._session, self._played(kind)))
        return self._others[-1]

    def _check_claim(self, kind: str, sender: dict[str, Any]) -> None:
        """Compare what an agent says of itself with what the browser says of it.

        A web page that Python entered by `Bridge.web` has the address of the relay, and could pose as anybody.
        """
        if not self._session.relay_id:
            return  # no browser has been started
        allowed = _kinds_of(sender, self._session.relay_id)
        if kind not in allowed:
            raise ChannelError(
                f"An agent says that it is of kind {kind!r}, but the browser says {' or '.join(allowed)}"
            )

    def _played(self, kind: str) -> tuple[str, ...]:
        return PLAYED[kind] if kind in self._replace else ()


def _kinds_of(sender: dict[str, Any], relay_id: str) -> tuple[str, ...]:
    if not sender.get("id"):
        return ("web",)
    if sender["id"] == relay_id:
        return ("external",)
    return ("background", "page") if str(sender.get("url", "")).startswith(_EXTENSIONS) else ("content",)


def _is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two senders describe one context."""
    if one.get("id") != other.get("id"):
        return False  # a web page, which has none, and a content script in it share the rest
    if "documentId" in one:
        return bool(one["documentId"] == other.get("documentId"))

    def place(sender: dict[str, Any]) -> tuple[Any, ...]:
        return sender.get("url"), (sender.get("tab") or {}).get("id"), sender.get("frameId")

    return place(one) == place(other)
