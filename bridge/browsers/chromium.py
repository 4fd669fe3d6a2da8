"""Chromium, Chrome and Edge: Playwright drives them, and the DevTools protocol loads their extensions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from .. import _playwright
from ..driver import Loaded, PermissionAnswer, Scope, Sought
from ..errors import ContextError, ExtensionError, LaunchError, UnsupportedError
from ..webext.ids import chromium_id, key_bytes, path_bytes
from ..webext.reading import read_manifest
from .chromium_opening import ChromiumOpening
from .chromium_prompts import ChromiumPrompts, with_prompts
from .chromium_scripts import ChromiumScripts
from .idle_watch import IdleWatch
from .plan import Choice, LaunchPlan
from .wake_state import WakeState
from .worker_watch import WorkerWatch

__all__ = ["ChromiumDriver", "plan"]

_SWITCH = "--enable-unsafe-extension-debugging"  # opens the DevTools domain `Extensions`
_DROPPED = ["--disable-extensions"]  # Playwright's own argument
_READY_S = 5  # for the session of a worker that runs
_NO_BFCACHE = ["--disable-back-forward-cache"]  # Playwright's too


def plan(
    choice: Choice,
    user_data_dir: Path,
    options: dict[str, Any],
    channel_port: int,
    *,
    bfcache: bool = False,
    prompts: bool = False,
) -> LaunchPlan:
    """Return what to launch; `prompts`: so that the driver can refuse what extensions request."""
    args = [_SWITCH, *(options.get("args") or [])]
    options = {
        **options,
        **choice.options(),
        "args": with_prompts(args) if prompts else args,
        "ignore_default_args": _ignored(options.get("ignore_default_args"), bfcache),
    }
    if proxy := options.get("proxy"):
        options["proxy"] = {**proxy, "bypass": _bypass(proxy.get("bypass"), channel_port)}
    return LaunchPlan(user_data_dir, options, user_data_dir / "NativeMessagingHosts")


def _ignored(given: bool | list[str] | None, bfcache: bool) -> bool | list[str]:
    return True if given is True else [*_DROPPED, *(_NO_BFCACHE if bfcache else []), *(given or [])]


def _bypass(given: str | None, channel_port: int) -> str:
    # Playwright adds the rule "<-loopback>" after the caller's, so that loopback addresses go through the proxy too. In
    # Chromium the last rule that fits decides, so the channel's rule must come after it.
    return ",".join([*([given] if given else []), "<-loopback>", f"127.0.0.1:{channel_port}"])


class ChromiumDriver:
    """See `driver.Driver`."""

    def __init__(self, context: Any, session: Any, user_data_dir: Path | None = None) -> None:
        self._context = context
        self._user_data_dir = user_data_dir
        self._prompts: ChromiumPrompts | None = None
        self._session = session
        self._folders: set[Path] = set()
        self._unloaded: set[str] = set()
        self._idle_watch: IdleWatch | None = None
        self._wake_state: WakeState | None = None
        self._scripts: ChromiumScripts | None = None
        self._opening: ChromiumOpening | None = None

    @classmethod
    async def attach(cls, context: Any, user_data_dir: Path | None = None) -> "ChromiumDriver":
        """Attach to a browser that Playwright just launched; with that folder, it can answer prompts."""
        return cls(context, await _playwright.call(context.browser.new_browser_cdp_session), user_data_dir)

    async def load(self, *folders: Path, timeout_ms: float) -> Loaded:
        """Load or reload unpacked extensions. Return the last one once all their service workers run.

        The workers start side by side. If one connects to an extension earlier in the list, Chromium holds the
        connection until that extension's worker has started.

        Raises:
            ExtensionError: Chromium rejects one of them.
            LaunchError: A service worker throws at its start, has a syntax error, or hangs.
        """
        with_worker = [_has_worker(folder) for folder in folders]
        if not any(with_worker):
            return [await self._load(folder) for folder in folders][-1]
        async with self._watch() as workers:
            try:
                async with asyncio.timeout(timeout_ms / 1000 or None):
                    await workers.reported()
                    await self._forget_former(workers, folders)
                    known = workers.known()
                    loaded = [await self._load(folder) for folder in folders]
                    for extension, has_worker in zip(loaded, with_worker, strict=True):
                        if has_worker:
                            await workers.started(extension.base_url, known)
            except TimeoutError as error:
                raise LaunchError(f"The extension's service worker did not start within {timeout_ms:g} ms") from error
        return loaded[-1]

    async def _forget_former(self, workers: WorkerWatch, folders: tuple[Path, ...]) -> None:
        """Unregister the workers that an earlier launch with the same profile left behind.

        Chromium 156 would take them for those of the extensions that are loaded now, and run their old text.
        """
        for folder in folders:
            if folder not in self._folders:
                self._folders.add(folder)
                await workers.unregister(_base_url(folder))

    async def unload(self, extension_id: str) -> None:
        """Uninstall an extension, unless it has uninstalled itself."""
        self._unloaded.add(extension_id)
        try:
            await self._send("Extensions.uninstall", id=extension_id)
        except Exception as error:  # Playwright's
            if "could not find extension" not in str(error):
                raise

    async def set_enabled(self, extension_id: str, *, enabled: bool) -> bool | None:
        """Turn an extension on or off."""
        return await (await self._opener()).set_enabled(extension_id, enabled=enabled)

    async def click_action(self, extension_id: str, page: Any) -> None:
        """Press the toolbar button while `page` is in front."""
        targets = (await self._send("Target.getTargets", filter=[{"type": "tab"}]))["targetInfos"]
        tab = max(targets, key=lambda target: (_is_active(target), target["url"] == page.url))
        await self._send("Extensions.triggerAction", id=extension_id, targetId=tab["targetId"])

    async def click_page_action(self, extension_id: str) -> None:
        """Nothing to do: Manifest V3 has no page actions in Chromium."""

    async def open_side_panel(self, loaded: Loaded, page: Any) -> int | None:
        """Open the side panel beside `page`."""
        return await (await self._opener()).side_panel(loaded, await self._target_of(page))

    async def open_options(self, loaded: Loaded) -> None:
        """Open the options page."""
        await (await self._opener()).options(loaded)

    async def open_devtools(self, loaded: Loaded, page: Any) -> int:
        """Open the developer tools of `page`."""
        return await (await self._opener()).devtools(loaded, await self._target_of(page))

    async def close_devtools(self, loaded: Loaded, tab_id: int) -> None:
        """Close the developer tools of a tab."""
        await (await self._opener()).close_devtools(loaded, tab_id)

    async def grant(self, loaded: Loaded, permissions: list[str], origins: list[str]) -> None:
        """Have the extension request them; `allow_requests` has seen to it that Chromium does not ask."""
        if self._prompts:
            async with self._prompts.accepting():
                await (await self._opener()).request(loaded, permissions, origins)
            return
        if loaded.id in self._unloaded:
            raise UnsupportedError(
                "When reset() or uninstall() removed the extension, Chromium forgot which permissions it may have "
                "without a prompt, and nobody can answer a prompt. Grant them before that, or launch with "
                'permission_requests="refuse", with which the bridge presses the button'
            )
        await (await self._opener()).request(loaded, permissions, origins)

    async def revoke(self, loaded: Loaded, permissions: list[str], origins: list[str]) -> None:
        """Have the extension remove them."""
        await (await self._opener()).remove(loaded, permissions, origins)

    async def answer_requests(self, answer: PermissionAnswer) -> None:
        """Press the button of each prompt that refuses; what is allowed needs none, see `allow_requests`."""
        if answer == "refuse" and self._user_data_dir:
            self._prompts = ChromiumPrompts(self._user_data_dir)
            await self._prompts.start()

    async def _opener(self) -> ChromiumOpening:
        if self._opening is None:
            self._opening = ChromiumOpening(await _playwright.call(self._context.browser.new_browser_cdp_session))
        return self._opening

    async def stop_background(self, extension_id: str) -> None:
        """Stop the service worker."""
        if self._wake_state:
            await self._wake_state.settled()
        for target in (await self._send("Target.getTargets"))["targetInfos"]:
            if target["type"] == "service_worker" and target["url"].startswith(f"chrome-extension://{extension_id}/"):
                await self._send("Target.closeTarget", targetId=target["targetId"])
                return
        raise ContextError("The extension has no running service worker")

    async def start_background(self, loaded: Loaded) -> None:
        """Start the service worker."""
        async with self._any_page() as page, self._session_of(page) as session:
            await _playwright.call(session.send, "ServiceWorker.enable")
            await _playwright.call(session.send, "ServiceWorker.startWorker", {"scopeURL": loaded.base_url})

    async def background_state(self, loaded: Loaded) -> str:
        """Return the states of the extension's service workers."""
        async with self._watch() as workers:
            await workers.reported()
            states = workers.states(loaded.base_url)
        return f"Chromium says of its service worker: {'; '.join(states) or 'none is registered'}"

    async def stop_when_idle(self, loaded: Loaded, idle_ms: float) -> None:
        """Stop the service worker whenever it is idle, as Chromium itself does if nobody debugs it."""
        session = await _playwright.call(self._context.browser.new_browser_cdp_session)
        self._idle_watch = IdleWatch(session, loaded.base_url, idle_ms)
        await self._idle_watch.start()

    def notes(self) -> list[str]:
        """Return nothing: there is nothing to know."""
        return []

    async def watch_wakes(self, loaded: Loaded, name: str, state: frozenset[str], *, is_starting: bool) -> None:
        """Have the service worker know at each start what Python listens to."""
        session = await _playwright.call(self._context.browser.new_browser_cdp_session)
        self._wake_state = WakeState(session, loaded.base_url, name, state)
        await self._wake_state.start()
        if is_starting:
            with suppress(TimeoutError):  # until then the worker knows what its file says
                await asyncio.wait_for(self._wake_state.ready(), _READY_S)

    async def set_listening(self, state: frozenset[str]) -> None:
        """Say what Python listens to in the service worker."""
        if self._wake_state:
            await self._wake_state.set(state)

    async def scope(self, loaded: Loaded, sought: Sought) -> Scope | None:
        """Return the global scope of a script context."""
        if self._scripts is None:
            self._scripts = ChromiumScripts(await _playwright.call(self._context.browser.new_browser_cdp_session))
        return await self._scripts.scope(loaded, sought)

    async def embeds_options(self, extension_id: str, tab_id: Any) -> bool:
        """Return False: embedded options are in no tab here."""
        return False

    async def close(self) -> None:
        """End the watches; the sessions close with the browser."""
        if self._prompts:
            self._prompts.stop()
        if self._wake_state:
            self._wake_state.stop()
        if self._idle_watch:
            self._idle_watch.stop()
        if self._scripts:
            self._scripts.stop()

    async def _load(self, folder: Path) -> Loaded:
        try:
            answer = await self._send("Extensions.loadUnpacked", path=str(folder))
        except Exception as error:  # Playwright's
            words = str(error).rpartition("(Extensions.loadUnpacked): ")[2]
            raise ExtensionError(f"Chromium rejects the extension: {words}") from error
        return Loaded(answer["id"], f"chrome-extension://{answer['id']}/")

    @asynccontextmanager
    async def _watch(self) -> AsyncIterator[WorkerWatch]:
        async with self._any_page() as page, self._session_of(page) as session:
            workers = WorkerWatch(session)
            await workers.start()
            yield workers

    @asynccontextmanager
    async def _session_of(self, page: Any) -> AsyncIterator[Any]:
        session = await _playwright.call(self._context.new_cdp_session, page)
        try:
            yield session
        finally:
            await _playwright.clean_up(session.detach)

    async def _target_of(self, page: Any) -> str:
        async with self._session_of(page) as session:
            target: str = (await _playwright.call(session.send, "Target.getTargetInfo"))["targetInfo"]["targetId"]
            return target

    # Only a page's session has the DevTools domain `ServiceWorker`; any page will do.
    @asynccontextmanager
    async def _any_page(self) -> AsyncIterator[Any]:
        pages = self._context.pages
        page = pages[0] if pages else await _playwright.call(self._context.new_page)
        try:
            yield page
        finally:
            if not pages:
                await _playwright.clean_up(page.close)

    async def _send(self, method: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await _playwright.call(self._session.send, method, params)
        return answer


def _base_url(folder: Path) -> str:
    key = read_manifest(folder).key
    return f"chrome-extension://{chromium_id((key and key_bytes(key)) or path_bytes(folder))}/"


def _has_worker(folder: Path) -> bool:
    return read_manifest(folder).background_kind("chromium") == "service_worker"


def _is_active(target: dict[str, Any]) -> bool:
    return bool(target.get("embedderData", {}).get("tabActive"))
