"""Firefox: Playwright drives it, and Firefox's remote debugging protocol loads its extensions."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..driver import Decide, Loaded, MenuPlace, PermissionAnswer, Scope, Sought, Storage
from ..errors import ExtensionError, LaunchError, RemoteError, UnsupportedError
from ..webext.reading import read_manifest
from .firefox_omnibox import FirefoxOmnibox
from .firefox_opening import FirefoxOpening
from .firefox_raising import FirefoxRaising
from .firefox_requests import FirefoxRequests
from .firefox_scripts import FirefoxScripts
from .firefox_storage import filling
from .plan import Choice, LaunchPlan
from .rdp import DebuggerClient, connect
from .stock_firefox import PLAYWRIGHT, excused, filtered, is_stock
from .user_js import user_js

__all__ = ["FirefoxDriver", "plan"]

_PREFERENCES = {
    "devtools.debugger.remote-enabled": True,
    "devtools.debugger.prompt-connection": False,
    "devtools.chrome.enabled": True,
}
_IDLE_TIMEOUT = "extensions.background.idle.timeout"  # in milliseconds; Firefox takes at least 100
_NO_BFCACHE = {"browser.sessionhistory.max_total_viewers": 0}
_NATIVE_HOSTS = (
    "Library/Application Support/Mozilla/NativeMessagingHosts"
    if sys.platform == "darwin"
    else ".mozilla/native-messaging-hosts"
)
_LOOPBACK = "127.0.0.1"  # Playwright's own Firefox sends it through a proxy, and with it the channel
_RETRY_S = 0.05
# Its own notifications, since those of the desktop close at once where there is no desktop.
_NOTIFICATIONS = {"alerts.useSystemBackend": False}
_SOCKET_PATH_LIMIT = 100  # bytes in the path of a Unix socket: 104 on macOS, 108 on Linux


def plan(
    choice: Choice,
    user_data_dir: Path,
    home: Path,
    options: dict[str, Any],
    *,
    bfcache: bool = False,
    background_idle_timeout: float | None = None,
    playwright: str = PLAYWRIGHT,
) -> LaunchPlan:
    """Return what to launch.

    The debugger listens on a socket in the private folder `home`. On Windows, or if the path of the socket would be too
    long, it listens on a port.

    Raises:
        UnsupportedError: Playwright's own Firefox cannot do this.
        LaunchError: The caller's profile lacks preferences that the bridge cannot add.
    """
    if bfcache and not is_stock(choice):
        raise UnsupportedError(
            "bfcache=True: Playwright's own Firefox has no back/forward cache. Use a stock Firefox, with "
            "executable_path= or PORTBRIDGE_FIREFOX, or Chromium."
        )
    debugger = str(home / "debugger.sock")
    if sys.platform == "win32" or len(os.fsencode(debugger)) > _SOCKET_PATH_LIMIT:
        debugger = str(_free_port())
    options = {
        **options,
        **choice.options(),
        "args": [f"--start-debugger-server={debugger}", *(options.get("args") or [])],
        "firefox_user_prefs": {
            **_NOTIFICATIONS,
            **({} if bfcache else _NO_BFCACHE),
            **({} if background_idle_timeout is None else {_IDLE_TIMEOUT: round(background_idle_timeout)}),
            **(options.get("firefox_user_prefs") or {}),
            **_PREFERENCES,
        },
    }
    user_home = home / "home"  # so that a launch sees neither other launches' native applications nor the user's
    options["env"] = {"HOME": str(user_home), **_without_own_home(options.get("env") or {})}
    plan = LaunchPlan(user_data_dir, options, Path(options["env"]["HOME"]) / _NATIVE_HOSTS, debugger)
    return filtered(plan, choice, home, playwright) if is_stock(choice) else _for_playwrights_own(plan)


def _for_playwrights_own(plan: LaunchPlan) -> LaunchPlan:
    options = dict(plan.options)
    if proxy := options.get("proxy"):
        options["proxy"] = {**proxy, "bypass": ",".join(filter(None, (proxy.get("bypass"), _LOOPBACK)))}
    files = user_js(plan.user_data_dir, options["firefox_user_prefs"], _PREFERENCES)
    return replace(plan, options=options, files=files)


def _without_own_home(env: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name != "HOME" or value != os.environ.get("HOME")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class FirefoxDriver:
    """See `driver.Driver`."""

    grants_early = True

    def __init__(self, client: DebuggerClient, addons: str, console: str) -> None:
        self._client = client
        self._addons = addons
        self._console = console
        self._excused: Path | None = None
        self._scripts = FirefoxScripts(client, self._evaluate)
        self._opening = FirefoxOpening(self._evaluate)
        self._raising = FirefoxRaising(self._evaluate)
        self._requests = FirefoxRequests(self._evaluate)

    @classmethod
    async def attach(cls, address: str, *, timeout_ms: float, excused: Path | None = None) -> "FirefoxDriver":
        """Connect to the debugger of a Firefox that was just launched; `excused` as in its `LaunchPlan`.

        Raises:
            LaunchError: It does not answer.
        """
        try:
            async with asyncio.timeout(timeout_ms / 1000 or None):
                driver = await cls._attach(await connect(address, timeout_ms))
        except TimeoutError as error:
            raise LaunchError(
                f"Firefox runs, but its debugger did not answer within {timeout_ms:g} ms. The bridge needs it to load "
                "extensions. Does a policy or a preference forbid devtools.debugger.remote-enabled?"
            ) from error
        driver._excused = excused
        return driver

    @classmethod
    async def _attach(cls, client: DebuggerClient) -> "FirefoxDriver":
        try:
            root = await client.ask("root", "getRoot")
            return cls(client, root["addonsActor"], await _console(client))
        except BaseException:
            await client.close()
            raise

    async def load(self, *folders: Path, timeout_ms: float) -> Loaded:
        """Load or reload unpacked extensions. Return the last one.

        Raises:
            ExtensionError: Firefox rejects one of them.
            LaunchError: A background script hangs; Firefox waits until it has run.
        """
        return [await self._load(folder, timeout_ms) for folder in folders][-1]

    async def _load(self, folder: Path, timeout_ms: float) -> Loaded:
        try:
            async with asyncio.timeout(timeout_ms / 1000 or None):
                answer = await self._client.ask(self._addons, "installTemporaryAddon", addonPath=str(folder))
        except TimeoutError as error:
            raise LaunchError(
                f"Firefox did not load the extension within {timeout_ms:g} ms: its background script has not finished"
            ) from error
        except RemoteError as error:
            words = str(error).removeprefix(f"Could not install add-on at '{folder}': ")
            raise ExtensionError(f"Firefox rejects the extension: {words}") from error
        id = answer["addon"]["id"]
        base_url = await self._evaluate(_BASE_URL, id)
        if not base_url:
            raise ExtensionError("Firefox rejects the extension: it does not start; Firefox's browser console says why")
        return Loaded(id, base_url)

    async def fill_storage(self, folder: Path, storage: Storage) -> None:
        """Fill the storage of an extension that is not installed."""
        await self._evaluate(filling(folder, storage), "")

    async def allow_private(self, folder: Path) -> None:
        """Have an extension run in private windows, too, if its manifest has an id: Firefox makes others up later."""
        if id := read_manifest(folder).gecko_id:
            await self.grant(Loaded(id, ""), ["internal:privateBrowsingAllowed"], [])

    async def is_private(self, page: Any) -> bool:
        """Whether only private windows show the page's address: Playwright does not say which tab it is."""
        return bool(await self._evaluate(_IS_PRIVATE % json.dumps(page.url), ""))

    async def window_of(self, page: Any) -> int | None:
        """Return None: the caller has brought the page to the front."""
        del page
        return None

    async def unload(self, extension_id: str) -> None:
        """Uninstall an extension, unless it has uninstalled itself."""
        if await self._evaluate(_IS_INSTALLED, extension_id):
            await self._client.ask(self._addons, "uninstallAddon", addonId=extension_id)
        await self._raising.end_idle()

    async def set_enabled(self, extension_id: str, *, enabled: bool) -> bool | None:
        """Turn an extension on or off."""
        changed = await self._evaluate(_SET_ENABLED % json.dumps(enabled), extension_id)
        return changed if isinstance(changed, bool) else None

    async def click_action(self, extension_id: str, page: Any) -> None:
        """Press the toolbar button in the front window."""
        del page  # the caller has brought it to the front
        await self._evaluate(_CLICK, extension_id)

    async def click_page_action(self, extension_id: str) -> None:
        """Press the button in the address bar of the front window, once the extension shows it there."""
        while True:
            if await self._evaluate(_CLICK_PAGE_ACTION, extension_id):
                return
            await asyncio.sleep(_RETRY_S)  # Firefox tells nobody when a page action is shown

    async def open_side_panel(self, loaded: Loaded, page: Any) -> int | None:
        """Open the sidebar in the front window."""
        del page  # the caller has brought it to the front
        return await self._opening.sidebar(loaded.id)

    async def open_options(self, loaded: Loaded) -> None:
        """Open the options page."""
        await self._opening.options(loaded.id)

    async def open_devtools(self, loaded: Loaded, page: Any) -> int:
        """Open the developer tools of the active tab in the front window."""
        del page  # the caller has brought it to the front
        return await self._opening.devtools(loaded.id)

    async def close_devtools(self, loaded: Loaded, tab_id: int) -> None:
        """Close the developer tools of a tab."""
        await self._opening.close_devtools(loaded.id, tab_id)

    async def grant(self, loaded: Loaded, permissions: list[str], origins: list[str]) -> None:
        """Grant permissions; also before the extension is installed."""
        await self._evaluate(_CHANGE % ("add", _perms(permissions, origins)), loaded.id)

    async def revoke(self, loaded: Loaded, permissions: list[str], origins: list[str]) -> None:
        """Take permissions away."""
        await self._evaluate(_CHANGE % ("remove", _perms(permissions, origins)), loaded.id)

    async def press_command(self, loaded: Loaded, name: str, page: Any) -> None:
        """Do what the key of a command does, in the front window."""
        del page  # the caller has brought it to the front
        await self._raising.command(loaded.id, name)

    async def click_menu(
        self, loaded: Loaded, item_id: str, on: MenuPlace, page: Any, right_click: Callable[[], Awaitable[None]]
    ) -> list[str] | None:
        """Click an item of a context menu of the front window."""
        del page  # the caller has brought it to the front
        return await self._raising.menu(loaded.id, item_id, on, right_click)

    async def set_idle_state(self, loaded: Loaded, state: str) -> None:
        """Put another service in the place of the one that knows when the user did something."""
        if state == "locked":
            raise UnsupportedError("In Firefox, extensions do not hear that the screen is locked: it is 'idle' then")
        await self._raising.idle(loaded.id, state)

    async def fire_alarm(self, loaded: Loaded, name: str) -> list[str]:
        """Have the timer of an alarm go off."""
        return await self._raising.alarm(loaded.id, name)

    async def click_notification(self, loaded: Loaded, id: str, button: int | None) -> list[str] | None:
        """Do what a click on a notification does."""
        return await self._raising.notification(loaded.id, id, button)

    async def omnibox(self, loaded: Loaded, page: Any) -> FirefoxOmnibox:
        """Return the address bar of the front window."""
        del page  # the caller has brought it to the front
        return FirefoxOmnibox(self._evaluate, loaded.id)

    async def answer_requests(self, answer: PermissionAnswer) -> None:
        """Answer in place of the prompt."""
        await self._requests.answer(allows=answer == "allow")

    def require_requests_heard(self) -> None:
        """Nothing to do: they always can be."""

    async def hear_requests(self, decide: Decide | None) -> None:
        """Have someone decide in place of the prompt."""
        await self._requests.hear(decide)

    async def stop_background(self, extension_id: str) -> None:
        """Suspend the event page."""
        if not await self._evaluate(_SUSPEND, extension_id):
            raise UnsupportedError(
                "Firefox stops only event pages; this extension has a persistent background page, which never stops"
            )

    async def start_background(self, loaded: Loaded) -> None:
        """Start the event page."""
        await self._evaluate("policy.extension.wakeupBackground().then(() => true)", loaded.id)

    async def background_state(self, loaded: Loaded) -> str:
        """Return the state of the background page."""
        state = await self._evaluate("policy?.extension?.backgroundState", loaded.id)
        return f"Firefox says of its background page: {state or 'there is none'}"

    async def stop_when_idle(self, loaded: Loaded, idle_ms: float) -> None:
        """Nothing to do: `plan` has set the preference, and Firefox does the rest."""

    def notes(self) -> list[str]:
        """Return which commands the filter has answered."""
        return [
            f"This Firefox does not know {command}, which Playwright {PLAYWRIGHT} sends to every context. The bridge "
            "answered in its place; only an emulation that you ask for is an error."
            for command in excused(self._excused)
        ]

    async def watch_wakes(self, loaded: Loaded, name: str, state: frozenset[str], *, is_starting: bool) -> None:
        """Nothing to do: Firefox reads the agent's file at each start."""

    async def set_listening(self, state: frozenset[str]) -> None:
        """Nothing to do."""

    async def scope(self, loaded: Loaded, sought: Sought) -> Scope | None:
        """Return the global scope of a script context."""
        return await self._scripts.scope(loaded, sought)

    async def embeds_options(self, extension_id: str, tab_id: Any) -> bool:
        """Whether the tab shows about:addons, and in it the extension's options."""
        return bool(await self._evaluate(_EMBEDS % json.dumps(tab_id), extension_id))

    async def close(self) -> None:
        """End the debugging connection."""
        self._requests.stop()
        await self._client.close()

    async def _evaluate(self, expression: str, extension_id: str) -> Any:
        names = f"const id = {json.dumps(extension_id)}; const policy = WebExtensionPolicy.getByID(id)"
        code = f"(() => {{ {names}; return {expression}; }})()"
        try:
            return await self._client.evaluate(self._console, code)
        except RemoteError as error:
            if error.name != "noSuchActor":
                raise
            # Firefox 153 keeps the target for its parent process in one of the windows, and it may go away with that
            # window: seen once.
            self._console = await _console(self._client)
            return await self._client.evaluate(self._console, code)


def _perms(permissions: list[str], origins: list[str]) -> str:
    return json.dumps({"permissions": permissions, "origins": origins})


async def _console(client: DebuggerClient) -> str:
    process = await client.ask("root", "getProcess", id=0)
    target = await client.ask(process["processDescriptor"]["actor"], "getTarget")
    console: str = target["process"]["consoleActor"]
    return console


# Code for Firefox's parent process. `id` is the extension's, `policy` its WebExtensionPolicy.
# The policy may come a little later than the answer of installTemporaryAddon: seen once, while Firefox itself started.
_BASE_URL = """(async () => {
  if (policy) return policy.getURL("");
  const { AddonManager } = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");
  await (await AddonManager.getAddonByID(id))?.startupPromise;
  return WebExtensionPolicy.getByID(id)?.getURL("") ?? "";
})()"""

_IS_INSTALLED = """(async () => {
  const { AddonManager } = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");
  return Boolean(await AddonManager.getAddonByID(id));
})()"""

_SET_ENABLED = """(async () => {
  const { AddonManager } = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");
  const addon = await AddonManager.getAddonByID(id);
  const enabled = %s;
  if (!addon) return "absent";
  if (addon.userDisabled !== enabled) return false;
  await (enabled ? addon.enable() : addon.disable());
  return true;
})()"""

_CLICK = """(() => {
  const window = Services.wm.getMostRecentWindow("navigator:browser");
  const { ExtensionParent } = ChromeUtils.importESModule("resource://gre/modules/ExtensionParent.sys.mjs");
  return ExtensionParent.apiManager.global.browserActionFor(policy.extension).triggerAction(window);
})()"""

_CLICK_PAGE_ACTION = """(() => {
  const window = Services.wm.getMostRecentWindow("navigator:browser");
  const { ExtensionParent } = ChromeUtils.importESModule("resource://gre/modules/ExtensionParent.sys.mjs");
  const pageAction = ExtensionParent.apiManager.global.pageActionFor(policy.extension);
  if (!pageAction?.action.isShownForTab(window.gBrowser.selectedTab)) return false;
  pageAction.triggerAction(window);
  return true;
})()"""

_IS_PRIVATE = """(() => {
  const { PrivateBrowsingUtils } = ChromeUtils.importESModule("resource://gre/modules/PrivateBrowsingUtils.sys.mjs");
  const windows = [...Services.wm.getEnumerator("navigator:browser")];
  const having = windows.filter((it) => it.gBrowser.browsers.some((tab) => tab.currentURI.spec === %s));
  return having.length > 0 && having.every((it) => PrivateBrowsingUtils.isWindowPrivate(it));
})()"""

# What `permissions.request()` does after the prompt, and `permissions.remove()`.
_CHANGE = """(async () => {
  const { ExtensionPermissions } = ChromeUtils.importESModule("resource://gre/modules/ExtensionPermissions.sys.mjs");
  await ExtensionPermissions.%s(id, %s, policy?.extension);
  return true;
})()"""

# A page of the extension in a tab is in a <browser> of the window; embedded options are in one of about:addons.
_EMBEDS = """[...policy.extension.views].some(({ viewType, tabId, xulBrowser }) =>
  viewType === "tab" && tabId === %s && xulBrowser.ownerDocument.documentURI.startsWith("about:addons"))"""

_SUSPEND = """(async () => {
  if (policy.extension.persistentBackground) return false;
  await policy.extension.terminateBackground({ ignoreDevToolsAttached: true, disableResetIdleForTest: true });
  return true;
})()"""
