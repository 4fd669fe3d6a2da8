"""Finds the context that belongs to a frame of Playwright's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from .. import _playwright
from ..errors import ContextError
from ..waiting.waits import settle, wait
from ..webext.manifest import Manifest
from ..webext.reach import chances, lacking
from .context import Context
from .contexts import Contexts

__all__ = ["Bring", "Searched", "answering", "enter_web", "find", "find_content", "hearing", "prepare"]

Bring = Callable[[Any], Awaitable[bool]]
"""Brings the agent into the extension's world of a frame; returns whether the browser shows such a world."""

# The agent of that frame, in the content-script world, hears the event, says so by preventDefault(), and reports the
# token; it alone knows the name. The event comes from a world of Playwright's own, so that a page that has replaced
# CustomEvent or dispatchEvent learns neither: the code is a selector engine, which finds something if an agent heard.
# Where there is no agent, it is the other way round: that world of Playwright's hears an event that the browser's
# debugging protocol dispatches, and so tells which document the frame has. "+" and "-" begin and end that.
_ENGINE = "portbridge"
_DISPATCH = """({
  hear: (event) => event.preventDefault(),
  queryAll(root, selector) {
    const [name, detail] = selector.split("/");
    if (detail === "+") return addEventListener(name, this.hear), [];
    if (detail === "-") return removeEventListener(name, this.hear), [];
    return dispatchEvent(new CustomEvent(name, { detail, cancelable: true })) ? [] : [root];
  },
  query(root, selector) {
    return this.queryAll(root, selector)[0];
  },
})"""
_ADDRESS = "document.documentURI"
_ENTER = "(() => { const connectable = Boolean(globalThis.chrome?.runtime?.connect); %s; return connectable; })()"
_BLANK = ("", "about:blank")  # Playwright's address of a frame that has loaded nothing
_ERROR_PAGES = ("about:neterror", "about:certerror", "about:blocked", "about:httpsonlyerror", "chrome-error:")
# Playwright's own Firefox names no new document then, so the search cannot know.
_AFTER_ERROR = " If page.goto() failed, the page shows an error, where no extension runs"
_ASK_AGAIN_S = 0.5  # where no agent begins
_PATIENCE_S = 1  # for an agent that the manifest brings, before the debugging protocol looks for worlds without one
_FIRST_PAUSE_S, _LAST_PAUSE_S = 0.05, 0.4  # between two such looks
_REPLACED = "context was destroyed"  # in Playwright's words, when a document goes while a script is evaluated in it


class Searched(Protocol):
    """What a search has to know of the extension under test."""

    manifest: Manifest
    search_event: str

    def runs_at(self, url: str) -> bool: ...

    def agent(self, kind: str, **more: Any) -> str: ...


class _End(NamedTuple):
    """An event of Playwright's pages after which a search is in vain, and what to say then."""

    event: str
    concerns: Callable[[Any, Any], bool]
    words: str


_GONE = "There is no {script} any more in {url}: "
_ERROR_PAGE = "There is an error page of the browser's own in {url}, where no extension runs"
_ENDS = (
    _End("framedetached", lambda given, frame: given is frame, _GONE + "the frame was removed"),
    _End("close", lambda given, frame: True, _GONE + "the page was closed"),
    _End("crash", lambda given, frame: True, _GONE + "the page crashed"),
    # No agent begins in an error page, so nothing else would make the search ask again.
    _End("framenavigated", lambda given, frame: given is frame and _shows_error(frame), _ERROR_PAGE),
)


def _in_vain(words: str, frame: Any, script: str = "") -> ContextError:
    return ContextError(words.format(script=script, url=frame.url or "the frame"))


def _shows_error(frame: Any) -> bool:
    url: str = frame.url
    return url.startswith(_ERROR_PAGES)


async def prepare(browser_context: Any) -> None:
    """Make the frames of a browser fit to be searched."""
    await _playwright.add_selector_engine(browser_context, _ENGINE, _DISPATCH)


@asynccontextmanager
async def hearing(frame: Any, name: str) -> AsyncIterator[None]:
    """Have Playwright's world in the frame's document hear events of that name, by preventDefault(), for the block."""
    selector = f"{_ENGINE}={name}/"
    await _asked(frame, frame.locator(selector + "+").count)
    try:
        yield
    finally:
        with suppress(Exception):  # Playwright's: the frame is gone
            await _playwright.call(frame.locator(selector + "-").count)


async def find_content(contexts: Contexts, extension: Searched, frame: Any, timeout_ms: float, bring: Bring) -> Context:
    """See `Bridge.content`."""
    contexts.require_present()
    _require_no_error(frame)
    with contexts.search() as (token, found), _failing_with("content script", frame, found):
        search = _Search(contexts, frame, _selector(extension, token))
        with _running(search.run(found)), _running(_bring(search, extension, frame, bring, found)):
            context = await wait(found, timeout_ms, lambda: _not_found(extension.manifest, frame))
    context._frame = frame
    return context


async def find(
    contexts: Contexts, extension: Searched, base_url: str, frame: Any, timeout_ms: float, bring: Bring
) -> Context:
    """See `Bridge.context_of`; `base_url` is the extension's."""
    if not frame.url.startswith(base_url) and frame.url not in _BLANK:
        return await find_content(contexts, extension, frame, timeout_ms, bring)
    contexts.require_present()
    with contexts.search() as (token, found), _failing_with("script of the extension", frame, found):
        search = _Search(contexts, frame, _selector(extension, token), ("content", "page"))
        with _running(search.run(found)):
            context = await wait(found, timeout_ms, lambda: _no_answer(frame))
    context._frame = frame
    return context


async def answering(contexts: Contexts, extension: Searched, frame: Any) -> Context | None:
    """Return the context whose agent hears a search in the document that the frame has now, or None."""
    with contexts.search() as (token, found):
        asking = asyncio.ensure_future(_asked(frame, frame.locator(_selector(extension, token)).count))
        try:
            await asyncio.wait([asking, found], return_when=asyncio.FIRST_COMPLETED)
            if not found.done() and not await asking:
                return None
        except Exception:  # Playwright's, or the frame is gone
            return None
        finally:
            asking.cancel()
        context = await found
    context._frame = frame
    return context


def _selector(extension: Searched, token: str) -> str:
    return f"{_ENGINE}={extension.search_event}/{token}"


def _no_answer(frame: Any) -> str:
    return (
        f"No script of the extension answered in {frame.url or 'about:blank'}; in Firefox, Playwright cannot reach "
        "into some extension pages (bridge.wait_for_context() finds them without it)"
    )


def _require_no_error(frame: Any) -> None:
    if _shows_error(frame):
        raise _in_vain(_ERROR_PAGE, frame)


def _deciding_url(frame: Any) -> str:
    """The address that the manifest's patterns are compared with, as far as it is sure; else the frame's own."""
    url: str = frame.url
    if url == "about:srcdoc":  # made by its parent
        return _deciding_url(frame.parent_frame)
    origin = url.removeprefix("blob:")
    return origin if origin.startswith(("http://", "https://")) else url


def _not_found(manifest: Manifest, frame: Any) -> str:
    if frame.url not in _BLANK and (may := chances(manifest, _deciding_url(frame))):
        hint = f"the extension has run none there yet: {'; '.join(may)}.{_AFTER_ERROR}"
    elif frame.url not in _BLANK:
        hint = "was it open before the extension was loaded (then reload it), or does the browser let no extension in?"
        hint += _AFTER_ERROR
    elif frame.parent_frame is None:
        hint = "call page.goto() first." + _AFTER_ERROR
    else:
        hint = "the frame has loaded nothing, or its page is one in which the extension runs no content script"
    return f"No content script answered in {frame.url or 'about:blank'}; {hint}"


@contextmanager
def _failing_with(script: str, frame: Any, found: "asyncio.Future[Context]") -> Iterator[None]:
    """Have `found` raise ContextError as soon as the frame or its page is gone, or shows an error page."""

    def on(end: _End) -> Callable[[Any], None]:
        def listener(given: Any) -> None:
            if end.concerns(given, frame):
                settle(found, _in_vain(end.words, frame, script))

        return listener

    listeners = [(end.event, on(end)) for end in _ENDS]
    page = frame.page
    for event, listener in listeners:
        page.on(event, listener)
    try:
        yield
    finally:
        for event, listener in listeners:
            page.remove_listener(event, listener)


@contextmanager
def _running(coroutine: Coroutine[Any, Any, None]) -> Iterator[None]:
    task = asyncio.ensure_future(coroutine)
    try:
        yield
    finally:
        task.cancel()


async def _asked(frame: Any, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function of Playwright's about the frame's document; if that is replaced meanwhile, about the next one."""
    while True:
        try:
            return await _playwright.call(function, *arguments)
        except Exception as error:  # Playwright's
            if frame.is_detached() or frame.page.is_closed() or "crashed" in str(error):
                raise ContextError(f"The page or frame {frame.url} is gone: {error}") from error
            if _REPLACED not in str(error):
                raise


class _Search:
    """Asks a frame's documents, one after the other, until an agent reports the token."""

    def __init__(self, contexts: Contexts, frame: Any, selector: str, kinds: tuple[str, ...] = ("content",)) -> None:
        self._contexts = contexts
        self._frame = frame
        self._selector = selector
        self._kinds = kinds
        self._roused: set[str] = set()
        self.heard = False
        """Whether an agent heard the last search."""
        self.asked = asyncio.Event()
        """Set when the frame was asked once."""

    async def run(self, found: "asyncio.Future[Context]") -> None:
        while not found.done():
            with self._contexts.next(lambda context: context.kind in self._kinds) as following:
                try:
                    await self._ask()
                except ContextError as error:
                    settle(found, error)
                self.asked.set()
                # Perhaps that document was on its way out, or its agent is on its way in: ask again when one begins.
                # But Playwright may be late, and have asked the former document after the agent of this one began.
                await asyncio.wait([following], timeout=_ASK_AGAIN_S)

    async def _ask(self) -> None:
        try:
            self.heard = bool(await _asked(self._frame, self._frame.locator(self._selector).count))
            if self.heard:
                return
            url = await _asked(self._frame, self._frame.evaluate, _ADDRESS)
        except ContextError:
            raise
        except Exception:  # Playwright's: the frame is on its way out, or the page forbids it
            return
        if url.startswith(_ERROR_PAGES):
            raise _in_vain(_ERROR_PAGE, self._frame)
        if url not in self._roused:
            self._roused.add(url)
            self._contexts.be_findable(lambda context: _may_be_at(context.url, url))


async def _bring(
    search: _Search, extension: Searched, frame: Any, bring: Bring, found: "asyncio.Future[Context]"
) -> None:
    """Bring the agent as soon as the extension has a world in the frame. Give up where it may never have one."""
    await search.asked.wait()
    pause_s = _FIRST_PAUSE_S
    while not found.done():
        url = _deciding_url(frame)
        comes = search.heard or extension.runs_at(url)
        if not comes and not chances(extension.manifest, url):
            settle(found, ContextError(_refusal(extension.manifest, frame)))
            return
        if comes and pause_s == _FIRST_PAUSE_S:
            await asyncio.sleep(_PATIENCE_S)
        with suppress(Exception):  # the frame is on its way out, or the browser: their ends say so better
            await bring(frame)
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, _LAST_PAUSE_S)


def _refusal(manifest: Manifest, frame: Any) -> str:
    return f"The extension runs no script in {frame.url or 'about:blank'}: {lacking(manifest, _deciding_url(frame))}"


def _may_be_at(began: str, now: str) -> bool:
    """Whether the document that began at one address may be at the other: document.open() and scripts change it."""
    return _origin(began) == _origin(now) or (began.startswith("about:") and now.startswith(("http:", "https:")))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


async def enter_web(contexts: Contexts, extension: Searched, frame: Any, timeout_ms: float) -> Context:
    """See `Bridge.web`."""
    _require_no_error(frame)
    with contexts.search() as (token, found), _failing_with("web page", frame, found):
        script = _ENTER % extension.agent("web", token=token).rstrip().removesuffix(";")
        with _running(_enter(frame, script, extension, found)):
            context = await wait(found, timeout_ms, lambda: _no_entrance(frame))
    context._frame = frame
    return context


def _no_entrance(frame: Any) -> str:
    return (
        f"Waited for {frame.url} to connect. If only a later version of the manifest names it in "
        "externally_connectable.matches, launch that version: the relay has the patterns of the launch"
    )


async def _enter(frame: Any, script: str, extension: Searched, found: "asyncio.Future[Context]") -> None:
    try:
        if not await _asked(frame, frame.evaluate, script):
            raise ContextError(
                f"{frame.url} has no chrome.runtime: the manifest's externally_connectable.matches is "
                f"{extension.manifest.connectable}"
            )
    except ContextError as error:
        settle(found, error)
    except Exception as error:  # Playwright's
        settle(found, ContextError(f"Python cannot stand in {frame.url}: {error}"))
