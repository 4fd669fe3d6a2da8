"""Browsers for tests. Each test that takes `engine` runs once in each browser.

But for `browser_type`, no fixture here has the name of one of pytest-playwright's, which the suite of the sample
extension uses as its users do. A test that has an argument of such a name (`page`, `context`, `browser` ...) is run by
that plugin once in each browser, whoever gives the argument: so no other tests have one.
"""

import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Playwright, async_playwright

from bridge.async_api import Bridge, BrowserNotFoundError, launch
from bridge.browsers.find import find_browser
from bridge.sync_api import Bridge as SyncBridge
from bridge.sync_api import launch as sync_launch
from support import BROWSERS_REQUIRED, GECKO, LAUNCH_MS, SAMPLE, write_extension

Launch = Callable[..., Awaitable[Bridge]]


@pytest.fixture(scope="session", params=["chromium", "firefox"])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of the browser that the test runs in."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
async def playwright_async() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
async def engine_type(playwright_async: Playwright, engine: str) -> Any:
    return _available(getattr(playwright_async, engine))


def _available(engine_type: Any) -> Any:
    try:
        find_browser(engine_type.name, engine_type.executable_path)
    except BrowserNotFoundError as error:
        if BROWSERS_REQUIRED:
            raise
        pytest.skip(str(error))
    return engine_type


@pytest.fixture
async def start(engine_type: Any, tmp_path: Path) -> AsyncIterator[Launch]:
    """Launch extensions: ``await start(folder)`` or ``await start(manifest, files)``; closed when the test ends."""
    async with AsyncExitStack() as stack:

        async def start(extension: Any, files: dict[str, str] | None = None, **options: Any) -> Bridge:
            if files is not None:
                extension = write_extension(tmp_path / "extension", extension, files)
            return await stack.enter_async_context(launch(engine_type, extension, **{"timeout": LAUNCH_MS, **options}))

        yield start


# Chromium paints its tabs and its toolbar, sixty times a second while they move: a tenth and more of what a test costs.
UNMOVED = "--animation-duration-scale=0"


class SharedBrowser:
    """A browser that is launched once; each test gets its extension in it, as if it had just been launched."""

    def __init__(self, engine_type: Any, folder: Path) -> None:
        self._browser_type = engine_type
        self._folder = folder
        self._stack = AsyncExitStack()
        self._bridge: Bridge | None = None

    async def load(self, extension: Any, files: dict[str, str] | None = None, **options: Any) -> Bridge:
        """Exchange the extension, for one of the same id; launch anew after a browser that ended.

        The options are the same each time.
        """
        if self._bridge and self._bridge.contexts == []:
            await self.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        if files is None:
            shutil.copytree(extension, self._folder)
        else:
            write_extension(self._folder, extension, files)
        if self._bridge is None:
            if self._browser_type.name == "chromium":
                options = {**options, "args": [*options.get("args", []), UNMOVED]}
            launching = launch(self._browser_type, self._folder, timeout=LAUNCH_MS, **options)
            self._bridge = await self._stack.enter_async_context(launching)
        else:
            await self._exchange(self._bridge)
        return self._bridge

    async def _exchange(self, bridge: Bridge) -> None:
        loading = bridge._loading
        load = loading._load

        # What no user does: another extension. Its files are written once the former one is unloaded, for a page of the
        # last test that still loads may ask for its files.
        async def write_and_load(*args: Any, **kwargs: Any) -> Any:
            bridge._extension.write_copy()
            manifest = bridge._extension.manifest
            bridge._session.permissions = manifest.permissions | manifest.optional_permissions
            return await load(*args, **kwargs)

        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(loading, "_load", write_and_load)
                await bridge.reset()
        except BaseException:  # it fails this test alone: the next one gets another browser
            await self.close()
            raise

    async def close(self) -> None:
        self._bridge = None
        await self._stack.aclose()


class SharedBrowsers:
    """Browsers by the options that they were launched with, and by the extension's id, which a launch writes into host
    manifests; those that were used last, for a launch costs seconds.
    """

    def __init__(self, engine_type: Any, folder: Path, most: int) -> None:
        self._browser_type = engine_type
        self._folder = folder
        self._most = most
        self._made = 0
        self._browsers: list[tuple[Any, SharedBrowser]] = []  # the one that was used last is the last

    async def load(self, extension: Any, files: dict[str, str] | None = None, **options: Any) -> Bridge:
        browser = await self._of((options, _id_of(extension, files)))
        return await browser.load(extension, files, **options)

    async def _of(self, kind: Any) -> SharedBrowser:
        of_this = [entry for entry in self._browsers if entry[0] == kind]
        if of_this:
            self._browsers.remove(of_this[0])
        else:
            if len(self._browsers) == self._most:
                await self._browsers.pop(0)[1].close()
            self._made += 1
            of_this = [(kind, SharedBrowser(self._browser_type, self._folder / str(self._made)))]
        self._browsers += of_this
        return of_this[0][1]

    async def close(self) -> None:
        for _, browser in self._browsers:
            await browser.close()


def _id_of(extension: Any, files: dict[str, str] | None) -> tuple[Any, Any]:
    """What an extension's id comes from, in Chromium and in Firefox."""
    whole = files is None
    manifest = json.loads(Path(extension, "manifest.json").read_text("utf-8")) if whole else GECKO | extension
    return manifest.get("key"), manifest.get("browser_specific_settings")


@pytest.fixture(scope="session")
async def shared_browsers(engine_type: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SharedBrowsers]:
    browsers = SharedBrowsers(engine_type, tmp_path_factory.mktemp("shared"), most=3)
    yield browsers
    await browsers.close()


@pytest.fixture
def load(shared_browsers: SharedBrowsers) -> Launch:
    """Run an extension in a browser that tests share: ``await load(folder)`` or ``await load(manifest, files)``.

    For tests of what an extension does, also with options of the launch (``record="all"``), which share a browser if
    they have the same ones. Tests of a launch and of its end take `start`.
    """
    return shared_browsers.load


@pytest.fixture(scope="session")
async def modules_browsers(engine_type: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SharedBrowsers]:
    browsers = SharedBrowsers(engine_type, tmp_path_factory.mktemp("modules"), most=2)
    yield browsers
    await browsers.close()


@pytest.fixture(scope="module")
def load_for_module(modules_browsers: SharedBrowsers) -> Launch:
    """Like `load`, for a fixture whose extension runs for all tests of a module, in browsers of their own."""
    return modules_browsers.load


@pytest.fixture(scope="module")
async def sample(load_for_module: Launch) -> Bridge:
    """The sample extension, running for all tests of a module."""
    return await load_for_module(SAMPLE)


@pytest.fixture
async def sample_page(sample: Bridge) -> AsyncIterator[Any]:
    """A new page in the browser of `sample`."""
    page = await sample.browser_context.new_page()
    yield page
    await page.close()


# --- the sync flavour -----------------------------------------------------------------------------------------------


# In these tests pytest-playwright's `browser_name` says which browser, not `engine`: no async fixture hangs on that,
# which could not be ended any more when sync Playwright has begun.
@pytest.fixture(scope="session")
def browser_type(browser_type: Any) -> Any:
    return _available(browser_type)


@pytest.fixture(scope="module")
def sync_sample(browser_type: Any) -> Iterator[SyncBridge]:
    """The sample extension in the sync flavour."""
    with sync_launch(browser_type, SAMPLE, timeout=LAUNCH_MS) as bridge:
        yield bridge


@pytest.fixture
def sync_page(sync_sample: SyncBridge) -> Iterator[Any]:
    page = sync_sample.browser_context.new_page()
    yield page
    page.close()
