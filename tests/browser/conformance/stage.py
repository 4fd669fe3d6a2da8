"""The browsers that cases are played in: one without the bridge, and one with it."""

import asyncio
import itertools
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bridge.async_api import Bridge, launch
from bridge.browsers import chromium, firefox
from bridge.browsers.find import find_browser
from bridge.browsers.plan import environment
from bridge.browsers.start import close_browser, open_browser
from bridge.native.manifests import HostManifests
from bridge.traffic.recorder import Mode

from .conductor import Conductor, JavaScriptPlayer, Role
from .extensions import Extension, manifest_v2, player_script
from .pages import Pages
from .place import Place
from .plain import plain_chromium
from .program import write_host
from .steps import connect

__all__ = ["Stage", "bridged_stage", "raw_stage"]

_TIMEOUT_MS = 100_000  # a busy machine may start three browsers at once
_numbers = itertools.count(1)
_ADDON = (
    'ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs")'
    ".AddonManager.getAddonByID(policy.id).then((addon) => addon.%s())"
)
_UNINSTALL, _DISABLE = _ADDON % "uninstall", _ADDON % "disable"
_IDLE_TIMEOUT = "extensions.background.idle.timeout"
_AWAKE = {_IDLE_TIMEOUT: 3_600_000}  # Firefox: no event page goes to sleep by itself
_SLEEPY = {_IDLE_TIMEOUT: 4_000}
# What Firefox itself does while an event page waits for the answer to a prompt: it counts from when that is there.
_HOLD_AWAKE = """(policy.extension.letGo?.(), policy.extension.emit("background-script-idle-waituntil", {
  promise: new Promise((resolve) => { policy.extension.letGo = resolve; }),
  reason: "permissions_request",
}), true)"""
_LET_GO = "policy.extension.letGo()"
_STOP_S = {"chromium": 40, "firefox": 15}  # for the browser to stop an idle background; in Chromium it takes 30 s
_PULSE_S = 15


class Stage:
    """A running browser with both extensions in it.

    Attributes:
        name: What the players call this browser.
        bridge: None in the browser without it.
        driver: What loads extensions in the browser without the bridge.
        folder: Where the tested extension lies.
        stands: The tested extension's background listens from its start on.
        is_plain: There is no debugger, and so neither `driver` nor Playwright.
        shares_pages: Whether a play may leave its pages to the next one.
        kept_pages: The pages that plays left, by the place where Python stood.
    """

    def __init__(self, name: str, engine_type: Any, conductor: Conductor, folder: Path, stands: bool) -> None:
        self.name = name
        self.browser_name: str = engine_type.name
        self.conductor = conductor
        self.folder = folder
        self.stands = stands
        self.is_plain = False
        self.shares_pages = True
        self.kept_pages: dict[Place | None, Pages] = {}
        self.bridge: Bridge | None = None
        self.driver: Any = None
        self.browser_context: Any = None
        self.bases: dict[str, str] = {}
        self._pool: list[Any] = []

    def id_of(self, extension: str) -> str:
        """The id of an extension."""
        return Extension(extension).id(self.browser_name)

    async def meet(self) -> None:
        """Return when the backgrounds are there."""
        for extension in ("tested", "neighbour"):
            self._is_at(extension, (await self.player(Place("background", extension), "")).url)

    def _is_at(self, extension: str, url: str) -> None:
        self.bases[extension] = "/".join(url.split("/")[:3]) + "/"

    async def player(self, place: Place, run: str) -> JavaScriptPlayer:
        """The JavaScript player at a place."""
        return await self.conductor.player(self.role(place, run))

    def role(self, place: Place, run: str) -> Role:
        """How the conductor knows the player at a place."""
        name = f"{run}t{place.tab}" if place.in_a_tab else ""
        extension = "web" if place.kind == "web" else place.extension
        return Role(self.name, extension, place.kind, name if place.frame == "top" else f"{name}-{place.frame}")

    async def stagehand(self, path: str, *arguments: Any) -> Any:
        """Call a function of the extension API in the neighbour's background."""
        hand = await self.player(Place("background", "neighbour"), "")
        return await hand.order("call", path=path, args=list(arguments))

    async def wake(self) -> None:
        """Have the tested extension's background run: another extension's connect wakes one that was stopped."""
        role = self.role(Place("background"), "")
        if self.conductor.is_there(role):
            return
        arrival = self.conductor.next_player(role)
        hand = await self.player(Place("background", "neighbour"), "")
        step = connect("wake", self.id_of("tested"), {"name": "fence to wake it"}, hears=False)
        step["arguments"] = [{"json": json.dumps(argument)} for argument in step["arguments"]]
        await hand.order("do", steps=[step])
        await arrival

    async def stop_background(self, *, patience_s: float | None = None) -> bool:
        """Have the tested extension's background stop: without the bridge, the browser stops it as it is idle.

        Args:
            patience_s: How long the browser may take, if that is longer than for a background that waits for nothing.

        Returns:
            False if the browser keeps it awake.
        """
        self._spoil_pages()
        player = await self.player(Place("background"), "")
        if self.bridge:
            await self.bridge.stop_background()
        elif self.driver:
            await self.driver._evaluate(_LET_GO, self.id_of("tested"))
        try:
            await asyncio.wait_for(player.gone.wait(), patience_s or _STOP_S[self.browser_name])
        except TimeoutError:
            return False
        return True

    async def hold_awake(self, extension: str) -> None:
        """Keep an extension's background from being idle, in the Firefox that stops backgrounds: the tested one's
        until `stop_background`, and the neighbour's.
        """
        if self.driver and self.stands:
            await self.driver._evaluate(_HOLD_AWAKE, self.id_of(extension))

    async def stay_awake(self) -> None:
        """Keep the neighbour from being idle, in the Chromium that stops backgrounds."""
        while True:
            await (await self.player(Place("background", "neighbour"), "")).order("do", steps=[])
            await asyncio.sleep(_PULSE_S)

    async def reload_extension(self) -> None:
        """Load the tested extension anew."""
        self._spoil_pages()
        arrival = self.conductor.next_player(self.role(Place("background"), ""))
        if self.bridge:
            await self.bridge.reload()
        else:
            await self.driver.load(self.folder, timeout_ms=_TIMEOUT_MS)
        self._is_at("tested", (await arrival).url)  # elsewhere, in Firefox, after it was uninstalled

    async def uninstall_extension(self) -> None:
        """Uninstall the tested extension; `reload_extension` brings it back."""
        self._spoil_pages()
        id = self.id_of("tested")
        if self.browser_name == "chromium":
            session = await self.browser_context.browser.new_browser_cdp_session()
            await session.send("Extensions.uninstall", {"id": id})
        else:
            driver = self.bridge._driver if self.bridge else self.driver
            await driver._evaluate(_UNINSTALL, id)

    async def disable_extension(self) -> None:
        """Switch the tested extension off, as the user does in the browser's list."""
        self._spoil_pages()
        id = self.id_of("tested")
        if self.browser_name == "chromium":
            await self.stagehand("management.setEnabled", id, False)
        else:
            driver = self.bridge._driver if self.bridge else self.driver
            await driver._evaluate(_DISABLE, id)

    def _spoil_pages(self) -> None:
        for pages in self.kept_pages.values():
            pages.spoiled = True

    async def borrow_page(self) -> Any:
        """A Playwright page, perhaps one that an earlier case left."""
        while self._pool:
            page = self._pool.pop()
            if not page.is_closed():
                return page
        return await self.browser_context.new_page()

    def give_back(self, page: Any) -> None:
        """Take back a page that is as good as new."""
        self._pool.append(page)


@asynccontextmanager
async def raw_stage(
    engine_type: Any, conductor: Conductor, version: int, *, stands: bool = False, bfcache: bool = False
) -> AsyncIterator[Stage]:
    """Start a browser as the bridge does, but without the bridge: no agent, no relay.

    Where backgrounds stop, Chromium is started without Playwright, because it stops none under a debugger.

    Raises:
        Unavailable: That is impossible with this Chromium.
    """
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        (home / "tmp").mkdir()
        stage, neighbour = _write(engine_type, conductor, version, home, stands)
        if stands and stage.browser_name == "chromium":
            yield await _plain(stage, neighbour, engine_type, home, stack)
            return
        options: dict[str, Any] = {"headless": True, "args": [], "env": environment(None, home / "tmp")}
        choice = find_browser(engine_type.name, engine_type.executable_path)
        if stage.browser_name == "firefox":
            options["firefox_user_prefs"] = _SLEEPY if stands else _AWAKE
            plan = firefox.plan(choice, home / "profile", home, options, bfcache=bfcache)
        else:
            plan = chromium.plan(choice, home / "profile", options, conductor.port, bfcache=bfcache)
        _install_hosts(stage, plan.native_hosts, home)
        stage.browser_context = await open_browser(engine_type, plan, timeout_ms=_TIMEOUT_MS)
        stack.push_async_callback(close_browser, stage.browser_context, plan.user_data_dir)
        if stage.browser_name == "firefox":
            stage.driver = await firefox.FirefoxDriver.attach(plan.debugger, timeout_ms=_TIMEOUT_MS)
        else:
            stage.driver = await chromium.ChromiumDriver.attach(stage.browser_context)
        stack.push_async_callback(stage.driver.close)
        for extension in (neighbour, stage.folder):
            await stage.driver.load(extension, timeout_ms=_TIMEOUT_MS)
        await stage.meet()
        await stage.hold_awake("neighbour")
        yield stage


async def _plain(stage: Stage, neighbour: Path, engine_type: Any, home: Path, stack: AsyncExitStack) -> Stage:
    profile = home / "profile"
    _install_hosts(stage, profile / "NativeMessagingHosts", home)
    chromium = plain_chromium(
        engine_type, [neighbour, stage.folder], profile, environment(None, home / "tmp"), stage.stagehand
    )
    stage.browser_context = await stack.enter_async_context(chromium)
    stage.is_plain = True
    await stage.meet()
    stack.callback(asyncio.ensure_future(stage.stay_awake()).cancel)
    return stage


@asynccontextmanager
async def bridged_stage(
    engine_type: Any,
    conductor: Conductor,
    version: int,
    *,
    stands: bool = False,
    bfcache: bool = False,
    record: Mode = "python",
) -> AsyncIterator[Stage]:
    """Start a browser with the same extensions through the bridge."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        stage, neighbour = _write(engine_type, conductor, version, Path(name), stands)
        preferences = {"firefox_user_prefs": _AWAKE} if stage.browser_name == "firefox" else {}
        async with launch(
            engine_type,
            stage.folder,
            also=[neighbour],
            native_hosts=_hosts(Path(name)),
            bfcache=bfcache,
            record=record,
            timeout=_TIMEOUT_MS,
            **preferences,
        ) as bridge:
            stage.bridge = bridge
            stage.browser_context = bridge.browser_context
            await stage.meet()
            yield stage


def _install_hosts(stage: Stage, folder: Path, home: Path) -> None:
    hosts = HostManifests(folder, home / "native", stage.browser_name, stage.id_of("tested"))
    for host in _hosts(home):
        hosts.install_host(host)


def _hosts(home: Path) -> list[Path]:
    return sorted(home.glob("hosts/*.json"))


def _write(engine_type: Any, conductor: Conductor, version: int, home: Path, stands: bool) -> tuple[Stage, Path]:
    stage = Stage(f"stage{next(_numbers)}", engine_type, conductor, home / "tested", stands)
    url = f"ws://127.0.0.1:{conductor.port}/player/{stage.name}"
    manifest = manifest_v2() if version == 2 else {}
    Extension("tested").write(stage.folder, url, manifest, stands=stands)
    closed = {"externally_connectable": {"matches": ["http://127.0.0.1/*"]}} if stands else {}  # to other extensions
    neighbour = Extension("neighbour").write(home / "neighbour", url, manifest | closed)
    conductor.set_web_player(stage.name, player_script("web", "web", url))
    write_host(home / "hosts", conductor.program_port, stage.name)
    return stage, neighbour
