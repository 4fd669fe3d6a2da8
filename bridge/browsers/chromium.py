"""Chromium, Chrome and Edge: Playwright drives them, and the DevTools protocol loads their extensions."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from .. import _playwright
from ..driver import Decide, Loaded, MenuPlace, PermissionAnswer, Scope, Sought, Storage
from ..errors import ContextError, ExtensionError, LaunchError, UnsupportedError
from ..webext.ids import chromium_id, key_bytes, path_bytes
from ..webext.reading import read_manifest
from .chromium_menus import ChromiumMenus
from .chromium_notifications import ChromiumNotifications
from .chromium_omnibox import ChromiumOmnibox
from .chromium_opening import ChromiumOpening
from .chromium_prompts import ChromiumPrompts
from .chromium_raising import ChromiumRaising
from .chromium_requests import ChromiumRequests
from .chromium_scripts import ChromiumScripts
from .chromium_storage import fill_storage
from .chromium_ui import FEATURE, PORT_FILE, SWITCH, ChromiumUi
from .desktop_tools import tools, with_tools
from .idle_watch import IdleWatch
from .plan import Choice, File, LaunchPlan
from .wake_state import WakeState
from .worker_watch import WorkerWatch

__all__ = ["ChromiumDriver", "plan"]

_SWITCHES = ["--enable-unsafe-extension-debugging", SWITCH]  # the first opens the DevTools domain `Extensions`
# Of several such arguments Chromium takes the last one. Playwright's is an earlier one; it has these.
_FEATURES = "--enable-features="
_PLAYWRIGHTS_FEATURES = ["CDPScreenshotNewSurface", "SkipListAccountsWithoutGaiaCookies"]
_ACTIVITY = "--enable-extension-activity-logging"  # by which `ChromiumRequests` knows what is requested
_DROPPED = ["--disable-extensions"]  # Playwright's own argument
_READY_S = 5  # for the session of a worker that runs
_NO_BFCACHE = ["--disable-back-forward-cache"]  # Playwright's too


def plan(
    choice: Choice,
    user_data_dir: Path,
    options: dict[str, Any],
    channel_port: int,
    *,
    home: Path | None = None,
    bfcache: bool = False,
    asks: bool = False,
) -> LaunchPlan:
    """Return what to launch.

    Args:
        choice: Which browser.
        user_data_dir: The folder of its profile.
        options: Playwright's.
        channel_port: Of the bridge's server, which no proxy may stand before.
        home: A folder of this launch's own, for what takes the place of the desktop's tools; without it, Chromium has
            those of the system.
        bfcache: Whether pages may go to the back/forward cache.
        asks: Whether it will prompt for permissions from the start.
    """
    options = {
        **options,
        **choice.options(),
        "args": _arguments(options.get("args") or [], asks, ignores_all=options.get("ignore_default_args") is True),
        "ignore_default_args": _ignored(options.get("ignore_default_args"), bfcache),
    }
    if proxy := options.get("proxy"):
        options["proxy"] = {**proxy, "bypass": _bypass(proxy.get("bypass"), channel_port)}
    # A profile that was used before may have the port of another Chromium.
    files = [File(user_data_dir / PORT_FILE, "")]
    if home:
        env, folder = options.get("env"), home / "desktop-tools"
        options["env"] = with_tools(os.environ if env is None else env, folder)
        files += tools(folder)
    return LaunchPlan(user_data_dir, options, user_data_dir / "NativeMessagingHosts", files=tuple(files))


def _arguments(given: list[str], asks: bool, *, ignores_all: bool) -> list[str]:
    theirs = [name for it in given if it.startswith(_FEATURES) for name in it.removeprefix(_FEATURES).split(",")]
    features = [*([] if ignores_all else _PLAYWRIGHTS_FEATURES), FEATURE, *theirs]
    rest = [it for it in given if not it.startswith(_FEATURES)]
    return [*_SWITCHES, *([_ACTIVITY] if asks else []), f"{_FEATURES}{','.join(features)}", *rest]


def _ignored(given: bool | list[str] | None, bfcache: bool) -> bool | list[str]:
    return True if given is True else [*_DROPPED, *(_NO_BFCACHE if bfcache else []), *(given or [])]


def _bypass(given: str | None, channel_port: int) -> str:
    # Playwright adds the rule "<-loopback>" after the caller's, so that loopback addresses go through the proxy too. In
    # Chromium the last rule that fits decides, so the channel's rule must come after it.
    return ",".join([*([given] if given else []), "<-loopback>", f"127.0.0.1:{channel_port}"])


class ChromiumDriver:
    """See `driver.Driver`."""

    grants_early = False  # but the profile may say it before the launch; see `allow_requests`

    def __init__(self, context: Any, session: Any, profile: Path | None = None) -> None:
        self._context = context
        self._session = session
        self._ui = ChromiumUi(profile.parent) if profile else None
        self._profile = profile
        self._prompts = ChromiumPrompts(self._ui) if self._ui else None
        self._folders: set[Path] = set()
        self._allowed_private: set[Path] = set()
        self._unloaded: set[str] = set()
        self._asks = False
        self._requests: ChromiumRequests | None = None
        self._idle_watch: IdleWatch | None = None
        self._wake_state: WakeState | None = None
        self._scripts: ChromiumScripts | None = None
        self._opening: ChromiumOpening | None = None

    @classmethod
    async def attach(cls, context: Any, profile: Path | None = None) -> "ChromiumDriver":
        """Attach to a browser that Playwright just launched.

        Args:
            context: Playwright's ``BrowserContext``.
            profile: The folder of the profile; without it, the driver can neither press keys nor fill storage.
        """
        return cls(context, await _playwright.call(context.browser.new_browser_cdp_session), profile)

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

    async def fill_storage(self, folder: Path, storage: Storage) -> None:
        """Fill the storage of an extension that is not installed."""
        assert self._profile
        await fill_storage(self._profile, _id(folder), storage)

    async def allow_private(self, folder: Path) -> None:
        """Have an extension run in private windows, too."""
        self._allowed_private.add(folder)

    async def is_private(self, page: Any) -> bool:
        """Whether a page is in a private window: of another context than the profile's own."""
        async with self._session_of(page) as session:
            target = (await _playwright.call(session.send, "Target.getTargetInfo"))["targetInfo"]
        return await self._is_of_another_profile(target)

    async def _is_of_another_profile(self, target: dict[str, Any]) -> bool:
        own = (await self._send("Target.getBrowserContexts")).get("defaultBrowserContextId")
        return own is not None and target.get("browserContextId") != own

    async def window_of(self, page: Any) -> int | None:
        """Return the number of a window, which is the same here and in the extension API."""
        target = await self._target_of(page)
        window: int = (await self._send("Browser.getWindowForTarget", targetId=target))["windowId"]
        return window

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
        """Have the extension request them. Chromium asks nobody if `allow_requests` has seen to it."""
        async with self._prompts.granting() if self._prompts else nullcontext():
            await (await self._opener()).request(loaded, permissions, origins)

    async def revoke(self, loaded: Loaded, permissions: list[str], origins: list[str]) -> None:
        """Have the extension remove them."""
        await (await self._opener()).remove(loaded, permissions, origins)

    async def press_command(self, loaded: Loaded, name: str, page: Any) -> None:
        """Press the key of a command while `page` is in front."""
        await (await self._raiser()).command(loaded, name, await self._target_of(page))

    async def click_menu(
        self, loaded: Loaded, item_id: str, on: MenuPlace, page: Any, right_click: Callable[[], Awaitable[None]]
    ) -> list[str] | None:
        """Click an item of a context menu."""
        assert self._ui and self._profile
        menus = ChromiumMenus(await self._opener(), self._ui, self._profile)
        return await menus.click(loaded, item_id, on, await self._target_of(page), right_click)

    async def set_idle_state(self, loaded: Loaded, state: str) -> None:
        """Not to be had: `Emulation.setIdleOverride` counts for web pages alone, as seen with Chromium 156."""
        raise UnsupportedError(
            "Chromium cannot be told that its user is idle, but for web pages. To call the extension's listeners, and "
            f'leave idle.queryState() as it is: background.dispatch("idle.onStateChanged", "{state}")'
        )

    async def fire_alarm(self, loaded: Loaded, name: str) -> list[str]:
        """Put an alarm forward to now."""
        return await (await self._raiser()).alarm(loaded, name)

    async def click_notification(self, loaded: Loaded, id: str, button: int | None) -> list[str] | None:
        """Click a notification, or a button of it."""
        assert self._ui
        return await ChromiumNotifications(await self._opener(), self._ui).click(loaded, id, button)

    async def omnibox(self, loaded: Loaded, page: Any) -> ChromiumOmnibox:
        """Return the address bar of a window."""
        assert self._ui
        return ChromiumOmnibox(await self._opener(), self._ui, loaded, await self._target_of(page))

    async def _raiser(self) -> ChromiumRaising:
        assert self._ui
        return ChromiumRaising(await self._opener(), self._ui)

    async def answer_requests(self, answer: PermissionAnswer) -> None:
        """Press the button of each prompt that refuses; what is allowed needs none, see `allow_requests`."""
        assert self._prompts
        self._prompts.allows = answer == "allow"
        self._asks = answer == "refuse"
        if self._asks:
            await self._prompts.begin()

    def require_requests_heard(self) -> None:
        """Raise UnsupportedError if Chromium may grant without a prompt, so that there is nothing to answer."""
        if not self._asks:
            raise UnsupportedError(
                "This Chromium was launched to grant without asking what the manifest lists as optional, so nobody can "
                'answer. Launch it with permission_requests="refuse", which is the answer only while nobody listens'
            )

    async def hear_requests(self, decide: Decide | None) -> None:
        """Have someone decide which button of a prompt is pressed."""
        assert self._prompts
        if self._requests is None:
            self._requests = ChromiumRequests(await self._opener())
        if decide:
            await self._requests.begin(decide)
            self._prompts.decide = self._requests.decide
        else:
            self._prompts.decide = None
            await self._requests.end()

    async def _opener(self) -> ChromiumOpening:
        if self._opening is None:
            self._opening = ChromiumOpening(await _playwright.call(self._context.browser.new_browser_cdp_session))
        return self._opening

    async def stop_background(self, extension_id: str) -> None:
        """Stop the service worker."""
        if self._wake_state:
            await self._wake_state.settled()
        for target in (await self._send("Target.getTargets"))["targetInfos"]:
            url = f"chrome-extension://{extension_id}/"
            if target["type"] != "service_worker" or not target["url"].startswith(url):
                continue
            if not await self._is_of_another_profile(target):
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
                async with asyncio.timeout(_READY_S):
                    await self._wake_state.ready()

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
        """End the watches and the connection to the user interface; the sessions close with the browser."""
        if self._prompts:
            self._prompts.stop()
        if self._wake_state:
            self._wake_state.stop()
        if self._idle_watch:
            self._idle_watch.stop()
        if self._scripts:
            self._scripts.stop()
        if self._ui:
            await self._ui.close()

    async def _expect_prompts(self, folder: Path) -> None:
        """Answer the prompts of an extension that was uninstalled: what `allow_requests` said is forgotten."""
        if self._prompts and _id(folder) in self._unloaded and read_manifest(folder).has_optional_permissions:
            await self._prompts.begin()

    async def _load(self, folder: Path) -> Loaded:
        await self._expect_prompts(folder)
        try:
            private = {"enableInIncognito": True} if folder in self._allowed_private else {}
            answer = await self._send("Extensions.loadUnpacked", path=str(folder), **private)
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

    # Only a page's session has the DevTools domain `ServiceWorker`; any page will do that is in no private window.
    @asynccontextmanager
    async def _any_page(self) -> AsyncIterator[Any]:
        page = await self._ordinary_page()
        if page:
            yield page
            return
        page = await _playwright.call(self._context.new_page)
        try:
            yield page
        finally:
            await _playwright.clean_up(page.close)

    async def _ordinary_page(self) -> Any:
        for page in self._context.pages:
            if not self._allowed_private or not await self.is_private(page):
                return page
        return None

    async def _send(self, method: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await _playwright.call(self._session.send, method, params)
        return answer


def _id(folder: Path) -> str:
    key = read_manifest(folder).key
    return chromium_id((key and key_bytes(key)) or path_bytes(folder))


def _base_url(folder: Path) -> str:
    return f"chrome-extension://{_id(folder)}/"


def _has_worker(folder: Path) -> bool:
    return read_manifest(folder).background_kind("chromium") == "service_worker"


def _is_active(target: dict[str, Any]) -> bool:
    return bool(target.get("embedderData", {}).get("tabActive"))
