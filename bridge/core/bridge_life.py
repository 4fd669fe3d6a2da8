"""The part of `Bridge` that says what becomes of the extension: permissions, its background, reloads and the like."""

import os
from collections.abc import Callable
from typing import Any

from ..waiting.event import Event
from ..waiting.expect import Expect
from ..waiting.waits import DEFAULT_TIMEOUT_MS
from .granting import Granting
from .life import Life
from .loading import Loading
from .permission_requests import PermissionRequest, PermissionRequests
from .session import Session

__all__ = ["BridgeLife"]


class BridgeLife:
    """What grants, stops, starts, reloads, upgrades, disables, uninstalls and resets the extension."""

    _granting: Granting
    _life: Life
    _loading: Loading
    _permission_requests: PermissionRequests
    _session: Session

    async def grant(self, *permissions: str, timeout: float | None = None) -> None:
        """Grant optional permissions to the extension, as if its user had allowed them. `permissions.onAdded` fires.

            await bridge.grant("bookmarks", "https://example.org/*")

        What it has already stays. In Chromium, a hidden document of the extension calls `permissions.request()`; after
        a `reset` or `uninstall`, and with ``launch(permission_requests="refuse")``, Chromium shows its prompt, and the
        bridge presses the button after a second. Grants end with the installation, but for those of
        ``launch(grant=...)``.

        Args:
            permissions: Names and match patterns for hosts that the manifest has in ``optional_permissions`` and
                ``optional_host_permissions``, or narrower patterns. The path of a pattern does not count.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ExtensionError: The manifest does not list one of them as optional; the message says which it lists.
            UnsupportedError: This Chromium has no UI DevTools, and would ask its user.
            ContextError: The extension was disabled or uninstalled.
            RemoteError: The browser refuses; the message is the browser's.
        """
        await self._granting.grant(permissions, self._session.timeout_ms(timeout))

    async def revoke(self, *permissions: str, timeout: float | None = None) -> None:
        """Take optional permissions away from the extension. `permissions.onRemoved` fires for those that it had.

        A script that was injected into a page already stays there, as it does for any user.

        Args and errors: see `grant`.
        """
        await self._granting.revoke(permissions, self._session.timeout_ms(timeout))

    @property
    def permission_requests(self) -> Event:
        """What the extension itself requests of its user: listeners get each `PermissionRequest`, and answer it.

            bridge.permission_requests.addListener(lambda request: request.allow())

        The extension calls `permissions.request()`, as it may after a click. Listeners get what the browser would ask
        its user, before it goes on. The prompt stays until one of them, or somebody later, calls `allow()` or
        `refuse()`: the errors of waits name what is open. If a listener raises before that, and while there is none,
        the answer is that of ``launch(permission_requests=...)``. In Chromium, adding a listener raises
        UnsupportedError unless the launch had ``permission_requests="refuse"``: otherwise it grants without asking.
        """
        return self._permission_requests

    @property
    def open_permission_requests(self) -> list[PermissionRequest]:
        """What the extension requests of its user and nobody has answered, the oldest first."""
        return self._permission_requests.open

    def expect_permission_request(
        self, predicate: Callable[[PermissionRequest], Any] | None = None, *, timeout: float | None = None
    ) -> Expect[PermissionRequest]:
        """Wait for what the extension requests during the block of the ``async with``, or after it in time.

            async with bridge.expect_permission_request() as info:
                await page.click("#more")
            (await info.value).allow()

        Args:
            predicate: Gets each request; returns true for the right one. None takes the first.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            UnsupportedError: As in `permission_requests`.
            BridgeTimeoutError: The browser asked for no such thing in time.
        """
        return self._permission_requests.expect(predicate, self._session.timeout_ms(timeout))

    async def stop_background(self, *, timeout: float | None = None) -> None:
        """Stop the background, as the browser does with an idle one. The next event starts it again.

        Its ports close. Python's listeners stay: when an event starts the background, they are put back before the
        browser delivers that event. In Chromium, to listen to something new there starts the background.

        Raises:
            UnsupportedError: It is a persistent background page, which never stops.
            ContextError: It is not running, or the manifest has none.
        """
        await self._life.stop_background(self._session.timeout_ms(timeout))

    async def start_background(self, *, timeout: float | None = None) -> None:
        """Start the background without an event, if it is stopped. Return once it runs.

        Raises:
            ContextError: The manifest has no background, or the extension was disabled or uninstalled.
            BridgeTimeoutError: It did not start in time.
        """
        await self._life.start_background(self._session.timeout_ms(timeout))

    async def wait_for_background(self, *, timeout: float | None = None) -> None:
        """Return once the background runs: at once if it runs already, otherwise after an event has started it.

        Raises:
            ContextError: The manifest has no background.
            BridgeTimeoutError: Nothing started it in time.
        """
        await self._life.wait_for_background(self._session.timeout_ms(timeout))

    async def reload(self, *, timeout: float | None = None) -> None:
        """Reload the extension with its files as they are now.

        Its `runtime.onInstalled` fires with ``"update"``, and with the version of before as `previousVersion`, also if
        the version is the same. (Firefox 153 fires nothing if the version is lower than before.) An extension that was
        uninstalled is installed again, and hears ``"install"``.

        Contexts and ports from before close. Listeners of `background` and `external` stay. Content scripts in open
        pages become orphans, as after any update: navigate or reload those pages.

        Raises:
            ExtensionError: The files can no longer be used; the extension keeps running as it was.
            ContextError: `disable` has disabled the extension.
            LaunchError: The background does not start.
        """
        timeout_ms = self._session.timeout_ms(timeout)
        await self._loading.reload(timeout_ms)

    async def upgrade(self, extension: str | os.PathLike[str], *, timeout: float | None = None) -> None:
        """Load another folder or archive in the place of the extension, as its next version.

        It keeps the id and the storage, and its `runtime.onInstalled` fires with ``"update"`` and the version of before
        as `previousVersion`, as in `reload`, which takes its files from there from now on. Contexts and ports from
        before close, listeners of `background` and `external` stay, and the record goes on. Content scripts in open
        pages become orphans. A manifest that names no id gets the one of the extension that runs.

        Args:
            extension: The folder that has the ``manifest.json``, or a ``.zip``, ``.xpi`` or ``.crx`` file.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ExtensionError: It cannot be used, or has another id; the extension keeps running as it was.
            ContextError: `disable` has disabled the extension.
            LaunchError: The background does not start.
        """
        await self._loading.upgrade(extension, self._session.timeout_ms(timeout))

    async def disable(self, *, timeout: float | None = None) -> None:
        """Disable the extension, as the switch in the browser's page of extensions does.

        Its contexts and ports close with the reason, its pages too. Content scripts in open pages become orphans, as in
        `reload`. Its storage stays, and so do Python's listeners in `background`, which are back after `enable`. To
        disable it twice does nothing more. Until it is enabled, what needs the extension raises ContextError.

        Args:
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension was uninstalled.
        """
        await self._life.disable(self._session.timeout_ms(timeout))

    async def enable(self, *, timeout: float | None = None) -> None:
        """Enable the extension again after `disable`. Return once its background runs, if the manifest has one.

        `runtime.onInstalled` does not fire. Reload the pages to have its content scripts there; Firefox runs them in
        open pages by itself. If the extension is enabled already, nothing happens, and a stopped background stays so.

        Args:
            timeout: How long to wait for the background, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The extension was uninstalled.
            BridgeTimeoutError: The background did not start in time.
        """
        await self._life.enable(self._session.timeout_ms(timeout))

    async def uninstall(self, *, timeout: float | None = None) -> None:
        """Uninstall the extension, as the user does; the browser deletes its storage too.

        Its contexts and ports close with the reason. To uninstall it twice does nothing more. `reload` and `reset`
        install it again; after `reload`, Python's listeners in `background` are there again.

        Args:
            timeout: How long the browser may take, in milliseconds; 0 means no limit, None the bridge's default.
        """
        await self._life.uninstall(self._session.timeout_ms(timeout))

    async def install(self, *, timeout: float | None = None) -> None:
        """Install the extension after ``launch(install=False)``. Return once its background runs, if it has one.

        Its `runtime.onInstalled` fires with ``"install"``. Listeners that Python has added in `background` before are
        there from its first line on. Reload the pages that are open to have its content scripts there; Firefox runs
        them in open pages by itself. If it is installed already, nothing happens.

        Args:
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ExtensionError: The browser rejects the extension.
            ContextError: `disable` has disabled the extension.
            LaunchError: The background does not start.
        """
        await self._loading.install(self._session.timeout_ms(timeout))

    async def reset(self, *, timeout: float | None = None) -> None:
        """Return the browser to its state after the launch, for the next test. This is cheaper than another browser.

        The extension is reinstalled, with the storage and the optional permissions that the launch gave it, and no
        others; after ``launch(install=False)`` it is uninstalled. All pages close, and one empty page is opened.
        Cookies, permissions granted to pages, and routes are removed, and so are ports, listeners, kept messages and
        connections, and the default timeout. Other data that sites have stored stays. So do the init scripts, exposed
        functions and event handlers of `browser_context`, and the native applications that Python has become.

        Raises:
            Exception: After the reset: what a listener raised and no wait has raised yet, as in `close`.
            LaunchError: The background does not start.
        """
        self._session.default_timeout_ms = DEFAULT_TIMEOUT_MS
        timeout_ms = self._session.timeout_ms(timeout)
        await self._loading.reset(timeout_ms)
        self._session.deferred.raise_all()
