"""What a user would do with Selenium: it reaches pages only, so a content script is asked by DOM events."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from ..browsers import program
from ..extension import YARDSTICK, write
from ..stage import Stage, UnavailableError
from .threads import InThread, in_thread
from .timing import in_turn_blocking

__all__ = ["first_answer", "round_trip"]

_ASK = """
const [message, done] = arguments;
addEventListener("bench-answer", ({ detail }) => done(JSON.parse(detail)), { once: true });
dispatchEvent(new CustomEvent("bench-ask", { detail: JSON.stringify(message) }));
"""


async def round_trip(stage: Stage) -> list[float]:
    """`execute_async_script`, from the page by its content script over a port to the background, and back."""
    driver = await stage.use(_driver)
    return await driver.do(partial(_round_trips, count=stage.size.round_trips))


async def first_answer(stage: Stage) -> list[float]:
    """Start a browser, install the extension, open a page, and have an answer from the background."""
    open = partial(_open, stage.browser, program(stage.browser_type)[0], await stage.use(_extension), stage.server.page)
    start = perf_counter()
    async with in_thread(open):
        return [(perf_counter() - start) * 1000]


@asynccontextmanager
async def _extension(stage: Stage) -> AsyncIterator[Path]:
    yield write(stage.folder / "selenium", YARDSTICK)


@asynccontextmanager
async def _driver(stage: Stage) -> AsyncIterator[InThread[Any]]:
    path = program(stage.browser_type)[0]
    async with in_thread(partial(_open, stage.browser, path, await stage.use(_extension), stage.server.page)) as driver:
        yield driver


@contextmanager
def _open(browser: str, path: str, extension: Path, url: str) -> Iterator[Any]:
    driver = _LAUNCHES[browser](path, extension)
    try:
        driver.get(url)
        driver.execute_async_script(_ASK, {"x": 0})
        yield driver
    finally:
        driver.quit()


def _round_trips(driver: Any, count: int) -> list[float]:
    return in_turn_blocking(lambda x: driver.execute_async_script(_ASK, {"x": x}), count)


def _chromium(path: str, extension: Path) -> Any:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = path
    for switch in ("--headless=new", "--no-sandbox", "--disable-gpu", f"--load-extension={extension}"):
        options.add_argument(switch)
    return _started(lambda service: webdriver.Chrome(options, service), webdriver.ChromeService, "chromedriver")


def _firefox(path: str, extension: Path) -> Any:
    from selenium import webdriver

    options = webdriver.FirefoxOptions()
    options.binary_location = path
    options.add_argument("-headless")
    driver = _started(lambda service: webdriver.Firefox(options, service), webdriver.FirefoxService, "geckodriver")
    driver.install_addon(str(extension), temporary=True)
    return driver


_LAUNCHES: dict[str, Callable[[str, Path], Any]] = {"chromium": _chromium, "firefox": _firefox}


def _started(start: Callable[[Any], Any], service: Callable[..., Any], driver: str) -> Any:
    # Selenium's own manager downloads a driver if there is none, where it can.
    from selenium.common.exceptions import NoSuchDriverException, SessionNotCreatedException

    try:
        return start(service(shutil.which(driver)))
    except (NoSuchDriverException, SessionNotCreatedException) as error:
        words = str(error.msg).partition(";")[0].strip()
        raise UnavailableError(f"Selenium needs a {driver} on the PATH that fits the browser ({words})") from error
