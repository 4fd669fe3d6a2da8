"""Starts a browser with an extension, and undoes every step when a later one fails."""

import asyncio
import os
from collections.abc import Awaitable, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

from . import _playwright
from .browsers.find import find_browser
from .browsers.plan import LaunchPlan, environment
from .browsers.private_start import require_ordinary_start
from .browsers.processes import end_browser
from .browsers.start import close_browser, open_browser
from .core.agent import Agent
from .core.beginning import Beginning, checked_storage
from .core.bridge import Bridge
from .core.contexts import Contexts
from .core.frame_context import prepare
from .core.native import NativeApplication, NativeApplications
from .core.optional_permissions import optional
from .core.session import Session
from .driver import Driver, Loaded, PermissionAnswer
from .errors import BridgeError, BridgeTimeoutError, ContextError, ExtensionError
from .native.manifests import HostManifests
from .private_folder import PrivateFolder
from .traffic.recorder import Mode
from .waiting.event import Invoke
from .waiting.waits import Pending, done
from .webext.generated import GeneratedExtension
from .webext.manifest import BrowserName, local_path
from .webext.patterns import is_pattern
from .webext.reading import read_manifest
from .webext.unpacking import unpack
from .wire.channel import Channel
from .wire.direct import DirectDoors
from .wire.gate import Peer
from .wire.relay import Relay

if TYPE_CHECKING:
    from .inspector.server import Inspector

__all__ = ["Order", "start"]

_MODES = get_args(Mode)
_ANSWERS = get_args(PermissionAnswer)
_REPLACEABLE = frozenset({"background", "content"})
_REVIVE_S = 5  # for a relay that was stopped
_MIN_IDLE_MS = 100  # Firefox takes no less
_OURS = frozenset({"user_data_dir", "channel", "executable_path"})
_PLAYWRIGHTS = ("headless", "args")  # options that go on to Playwright as they are
_LISTS = ("args", "replace", "also", "native", "native_hosts", "grant")


class Order:
    """What the caller of `launch` asked for: each of its arguments is an attribute.

    Which there are, with their types and defaults, stands in the signature of `async_api.launch`, and nowhere else.

    Args:
        arguments: By name, as that function has them.
        sync: Whether they are for the sync flavour.

    Raises:
        TypeError: An option that nobody knows, or one that is no list where it takes several.
        ValueError: An option has no such value.
    """

    def __init__(self, arguments: Mapping[str, Any], *, sync: bool) -> None:
        listed = {name: _as_tuple(name, arguments[name]) for name in _LISTS}
        given = {**arguments, **listed}
        self.options: dict[str, Any] = {
            **{name: given.pop(name) for name in _PLAYWRIGHTS},
            **given.pop("persistent_context_options"),
        }
        vars(self).update(given)
        self._check(sync=sync)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"launch() has no option {name!r}")

    def _check(self, *, sync: bool) -> None:
        if not hasattr(self.browser_type, "launch_persistent_context"):
            raise TypeError(
                f"browser_type must be one of Playwright's, such as playwright.chromium, not {self.browser_type!r}"
            )
        if _playwright.is_sync(self.browser_type) is not sync:
            this, other = ("sync", "async") if sync else ("async", "sync")
            raise TypeError(f"bridge.{this}_api needs a BrowserType of playwright.{this}_api, not of the {other} one")
        known = set(signature(self.browser_type.launch_persistent_context).parameters) - _OURS
        for name in self.options:
            if name not in known:
                raise TypeError(
                    f"launch() knows no option {name!r}, and neither does Playwright's launch_persistent_context()"
                )
        if self.background_idle_timeout is not None and self.background_idle_timeout < _MIN_IDLE_MS:
            raise ValueError(
                f"background_idle_timeout={self.background_idle_timeout!r} is too short: "
                f"give it at least {_MIN_IDLE_MS} ms"
            )
        if self.copy_limit is not None and self.copy_limit <= 0:
            raise ValueError(f"copy_limit={self.copy_limit!r} is too small: it is a number of bytes")
        if self.unread_limit <= 0:
            raise ValueError(f"unread_limit={self.unread_limit!r} is too small: it is a number of bytes")
        if self.record not in _MODES:
            raise ValueError(f"record={self.record!r} is unknown: use one of {', '.join(map(repr, _MODES))}")
        self._check_names()

    def _check_names(self) -> None:
        if self.permission_requests not in _ANSWERS:
            raise ValueError(
                f"permission_requests={self.permission_requests!r} is unknown: use {' or '.join(map(repr, _ANSWERS))}"
            )
        if not set(self.replace) <= _REPLACEABLE:
            allowed = " and ".join(map(repr, sorted(_REPLACEABLE)))
            raise ValueError(f"replace={list(self.replace)!r} is unknown: it may contain {allowed}")


async def start(order: Order, invoke: Invoke) -> Bridge:
    """Do what the order says; see `async_api.launch`."""
    async with AsyncExitStack() as stack:
        steps = _Steps(order, Session(invoke, order.record, order.unread_limit), stack)
        await steps.open_channel()
        plan = steps.plan()
        steps.install_native(plan)
        driver = await steps.open_browser(plan)
        loaded = await steps.load(driver)
        bridge = steps.bridge(loaded, driver)
    try:
        if order.install:
            await bridge._loading.background_started(order.timeout)
    except BaseException:
        await bridge.close()
        raise
    return bridge


# Each browser's modules, and the inspector's, are imported by what needs them: a first launch waits for its imports.
class _Steps:
    """The steps of a launch; each leaves on `stack` how to undo it."""

    def __init__(self, order: Order, session: Session, stack: AsyncExitStack) -> None:
        self._order = order
        self._session = session
        self._stack = stack
        self._choice = find_browser(
            order.browser_type.name,
            order.browser_type.executable_path,
            channel=order.channel,
            executable_path=os.fspath(order.executable_path) if order.executable_path else None,
        )
        self._browser_name: BrowserName = order.browser_type.name
        self._storage = checked_storage(order.storage, self._browser_name)
        self._folder = PrivateFolder()
        stack.push_async_callback(asyncio.to_thread, self._folder.remove)
        self._home = self._folder.path
        self._closing = False
        self._generated = GeneratedExtension(
            order.extension,
            self._home,
            self._browser_name,
            frozenset(order.replace),
            watched=order.record == "all",
            routes=order.routes,
            copy_limit=order.copy_limit,
        )
        self._generated.write_copy()
        self._grant = optional(self._generated.manifest, order.grant)
        if order.grant and not self._generated.extension_id:
            raise ExtensionError(
                "launch(grant=...) needs an id in the manifest's browser_specific_settings.gecko.id: without one, "
                "Firefox makes an id up as it installs the extension. Add one, or call bridge.grant() after the launch"
            )
        self._others = [self._unpack_other(number, extension) for number, extension in enumerate(order.also)]
        self._begin_record()
        self._tell_session()
        self._channel = Channel()
        self._relay = Relay(
            lambda link: Agent(link, self._contexts),
            self._relay_lost,
            lambda error: session.deferred.add(self._relay, error),
            lambda frame: self._contexts.unloaded(frame.extension, uninstalled=frame.uninstalled),
        )
        doors = DirectDoors(self._channel, self._relay)
        self._contexts = Contexts(session, frozenset(order.replace), doors.offer)
        self._natives = NativeApplications(session, self._install_application)
        self._browser_context: Any = None
        self._hosts: HostManifests | None = None
        self._driver: Driver | None = None
        self._gone = False
        self._reviving: asyncio.Future[None] | None = None

    def _begin_record(self) -> None:
        session, generated = self._session, self._generated
        session.traffic._begin(self._order.record_to, self._order.redact)
        self._stack.callback(session.end_record, BridgeError("The bridge was closed"))
        session.recorder.launched(
            self._browser_name,
            generated.extension_id,
            generated.relay_id,
            name=generated.manifest.name,
            version=generated.manifest.extension_version,
        )

    def _tell_session(self) -> None:
        """Tell the session what is known before there is a browser."""
        session, manifest = self._session, self._generated.manifest
        session.permissions = manifest.permissions | manifest.optional_permissions
        session.beginning = self._beginning()
        session.installs = self._order.install
        session.routes.enabled = self._order.routes
        session.allows_private = self._order.private
        session.allows_requests = self._order.permission_requests == "allow"
        session.on_listening = self._listens
        session.relay_id = self._generated.relay_id
        session.is_embedded = self._is_embedded
        session.runs_in(self._browser_name)

    async def open_channel(self) -> None:
        """Serve the relay, and write it."""
        await self._channel.start()
        self._stack.push_async_callback(self._channel.close)
        self._stack.callback(self._relay.close, BridgeError("The bridge was closed"))
        path = self._channel.add_door(self._relay.serve, peer=Peer.EXTENSION, refusal=self._relay.refusal)
        self._generated.write_relay(self._channel.url(path))

    def plan(self) -> LaunchPlan:
        """Plan the launch of the browser."""
        order, home = self._order, self._home
        options = {**order.options, "env": environment(order.options.get("env"), self._folder.temporary)}
        user_data_dir = Path(order.user_data_dir).absolute() if order.user_data_dir else home / "profile"
        require_ordinary_start(self._browser_name, user_data_dir, options)
        if self._browser_name == "firefox":
            from .browsers import firefox

            idle_ms = order.background_idle_timeout
            return firefox.plan(
                self._choice, user_data_dir, home, options, bfcache=order.bfcache, background_idle_timeout=idle_ms
            )
        from .browsers import chromium
        from .browsers.chromium_profile import allow_requests, set_developer_mode

        args = options.get("args") or []
        set_developer_mode(user_data_dir, args)
        manifest = self._generated.manifest
        names = [name for name in sorted(manifest.optional_permissions) if not is_pattern(name)]
        asks = order.permission_requests == "refuse"
        allowed = self._grant if asks else (names, manifest.optional_host_patterns)
        if any(allowed):
            allow_requests(user_data_dir, args, self._generated.extension_id, allowed, self._grant)
        port = self._channel.port
        return chromium.plan(self._choice, user_data_dir, options, port, home=home, bfcache=order.bfcache, asks=asks)

    def install_native(self, plan: LaunchPlan) -> None:
        """Install the host manifests that must be there before the extension starts."""
        id = self._generated.extension_id
        hosts = self._hosts = HostManifests(plan.native_hosts, self._home / "native", self._browser_name, id)
        self._stack.callback(hosts.remove)
        for manifest in self._order.native_hosts:
            self._session.require_permission("nativeMessaging")
            hosts.install_host(Path(manifest))
        for name in self._order.native:
            self._natives.get(name)

    async def open_browser(self, plan: LaunchPlan) -> Driver:
        """Start the browser and attach to it."""
        context = await open_browser(self._order.browser_type, plan, timeout_ms=self._order.timeout)
        self._browser_context = context
        self._stack.push_async_callback(self._close_browser, context, plan.user_data_dir)
        self._stack.callback(self._begin_to_close)  # which comes before that
        self._stack.callback(_playwright.on_driver_end(context, lambda: self._driver_ended(plan.user_data_dir)))
        await prepare(context)
        context.on("close", lambda *_: self._lost(ContextError("The browser closed")))
        driver = self._driver = await self._attach(context, plan)
        self._stack.push_async_callback(driver.close)
        await driver.answer_requests(self._order.permission_requests)
        return driver

    async def load(self, driver: Driver) -> Loaded:
        """Load the relay, which must be there first, the other extensions, and the one under test, if it is wanted."""
        timeout_ms, id = self._order.timeout, self._generated.extension_id
        folders = (self._generated.relay, *self._others)
        if self._order.private:
            for folder in folders:
                await driver.allow_private(folder)
        if self._order.install:
            await self._session.beginning.prepare(driver, self._generated.copy, id)
            loaded = await driver.load(*folders, self._generated.copy, timeout_ms=timeout_ms)
        else:
            await driver.load(*folders, timeout_ms=timeout_ms)
            loaded = Loaded(id, f"chrome-extension://{id}/" if self._browser_name == "chromium" else "")
            self._contexts.leave_out()
        self._session.extension_id = loaded.id
        await self._relay.greeted(timeout_ms)
        listening = self._contexts.background._listening
        state = _state(listening.events, listening.answers)
        is_starting = self._order.install and self._generated.has_background  # else a reload may bring one
        await driver.watch_wakes(loaded, self._generated.wake_name, state, is_starting=is_starting)
        if self._browser_name == "chromium":
            self._session.start_background = self._start_background
        if self._order.background_idle_timeout is not None:
            await driver.stop_when_idle(loaded, self._order.background_idle_timeout)
        return loaded

    def bridge(self, loaded: Loaded, driver: Driver) -> Bridge:
        """Make the bridge, which from now on answers for the cleaning up."""
        return Bridge(
            extension=self._generated,
            loaded=loaded,
            browser_name=self._browser_name,
            browser_context=self._browser_context,
            driver=driver,
            contexts=self._contexts,
            natives=self._natives,
            session=self._session,
            make_inspector=self._make_inspector,
            clean_up=self._stack.pop_all(),
        )

    def _make_inspector(self, bridge: Bridge) -> "Inspector":
        from .inspector.server import Inspector

        return Inspector(bridge, folder=self._home)

    def _beginning(self) -> Beginning:
        storage = self._storage
        if storage:
            self._session.require_permission("storage")
        if storage.keys() & {"sync", "managed"} and not self._generated.extension_id:
            raise ExtensionError(
                'launch(storage=...): without an id, Firefox gives an extension no "sync" and no "managed" storage. '
                "Add one to the manifest, as browser_specific_settings.gecko.id"
            )
        if self._order.private and not self._generated.extension_id:
            raise ExtensionError(
                "launch(private=True) needs an id in the manifest, as browser_specific_settings.gecko.id: by that, "
                "Firefox knows which extensions may run in private windows"
            )
        return Beginning(storage, self._grant, private=self._order.private)

    def _unpack_other(self, number: int, extension: str | os.PathLike[str]) -> Path:
        folder = self._home / f"also-{number}"
        unpack(extension, folder, self._browser_name, self._order.copy_limit)
        try:
            read_manifest(folder)
        except ExtensionError as error:  # it names only files of the copy
            raise ExtensionError(f"{os.fspath(extension)}: {error}") from error
        return folder

    async def _attach(self, context: Any, plan: LaunchPlan) -> Driver:
        if self._browser_name == "firefox":
            from .browsers import firefox

            return await firefox.FirefoxDriver.attach(
                plan.debugger, timeout_ms=self._order.timeout, excused=plan.excused
            )
        from .browsers import chromium
        from .browsers.chromium_profile import profile_folder

        profile = profile_folder(plan.user_data_dir, self._order.options.get("args") or [])
        return await chromium.ChromiumDriver.attach(context, profile)

    def _install_application(self, application: NativeApplication) -> None:
        path = self._channel.add_door(application._serve, peer=Peer.PROGRAM)
        assert self._hosts
        self._hosts.install_application(application.name, self._channel.port, path)

    def _begin_to_close(self) -> None:
        self._closing = True
        if self._reviving:
            self._reviving.cancel()
        if not self._browser_context.pages:  # with its last window a browser ends by itself
            self._folder.browser_ended = True

    async def _close_browser(self, context: Any, profile: Path) -> None:
        try:
            await close_browser(context, profile)
        except BridgeTimeoutError as error:  # `Bridge.close` raises it, once
            self._session.deferred.add(None, error)

    def _driver_ended(self, profile: Path) -> None:
        self._lost(ContextError("Playwright's driver ended, and with it the browser"))
        asyncio.get_running_loop().run_in_executor(None, end_browser, profile)  # Firefox does not end by itself

    def _listens(self, events: frozenset[str], answers: frozenset[str]) -> Pending[None]:
        """What Python listens to in the background has changed."""
        self._generated.set_listening(events, answers)
        if self._driver is None or self._gone:
            return done()
        told = asyncio.ensure_future(self._tell_listening(self._driver, _state(events, answers)))
        return Pending(told)

    def _is_embedded(self, url: str, tab_id: Any) -> Awaitable[bool] | None:
        """Ask Firefox, which says of embedded options that they are in a tab."""
        options = self._generated.manifest.pages.get("options_ui.page", "")
        if self._browser_name != "firefox" or self._driver is None or self._gone:
            return None
        if local_path(urlsplit(url).path) != local_path(options):
            return None
        return self._driver.embeds_options(self._session.extension_id, tab_id)

    async def _start_background(self) -> None:
        """Start the background, unless it is being loaded anyway, or is there no more."""
        if self._driver is None or self._gone or self._contexts.changing or not self._generated.has_background:
            return
        if self._contexts.absent:
            return
        id = self._session.extension_id
        with suppress(Exception):  # of Playwright, or it was uninstalled
            await self._driver.start_background(Loaded(id, f"chrome-extension://{id}/"))
            timeout_ms = self._session.timeout_ms(None)
            await self._contexts.background_started(timeout_ms, lambda: "The background did not start")

    async def _tell_listening(self, driver: Driver, state: frozenset[str]) -> None:
        with suppress(Exception):  # of Playwright: the browser is gone, or its driver
            await driver.set_listening(state)

    def _relay_lost(self, reason: BridgeError) -> None:
        if self._closing or self._gone or self._driver is None:
            self._lost(reason)
        else:
            self._reviving = asyncio.ensure_future(self._revive(self._driver, reason))

    async def _revive(self, driver: Driver, reason: BridgeError) -> None:
        """Wait for the relay to come back, if the browser has only stopped it; all agents then say hello again."""
        with suppress(Exception):  # the browser is ending, or it is Firefox, which cannot stop the relay
            async with asyncio.timeout(_REVIVE_S):
                await driver.start_background(
                    Loaded(self._generated.relay_id, f"chrome-extension://{self._generated.relay_id}/")
                )
        try:
            await self._relay.greeted(_REVIVE_S * 1000)
        except BridgeError:
            self._lost(reason)

    def _lost(self, reason: BridgeError) -> None:
        self._gone = True
        if not self._closing:
            self._folder.browser_ended = True
        self._contexts.end(reason)
        self._natives.end(reason)
        self._session.end_requests(reason)
        self._session.end_record(reason)  # last: what ended is in the record


def _as_tuple(name: str, values: Iterable[Any] | None) -> tuple[Any, ...]:
    if isinstance(values, str | os.PathLike):  # what was meant is a list with that
        raise TypeError(f"launch() takes a list where it got {name}={values!r}: write {name}=[{values!r}]")
    return tuple(values or ())


def _state(events: Iterable[str], answers: Iterable[str]) -> frozenset[str]:
    """What Python listens to, as the agent of a service worker is told."""
    return frozenset([*(f"event:{event}" for event in events), *(f"answers:{event}" for event in answers)])
