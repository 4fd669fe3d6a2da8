"""What a reset leaves behind: the browser is played by the test."""

import asyncio
from typing import Any

from unit.core.fakes import session

from bridge.core.contexts import Contexts
from bridge.core.loading import Loading
from bridge.driver import Loaded


class Page:
    """A page of Playwright's, which the browser lists while it is open."""

    url = "http://a.test/"

    def __init__(self, browser: "Browser") -> None:
        self._browser = browser
        browser.pages.append(self)

    async def close(self) -> None:
        self._browser.pages.remove(self)


class Browser:
    """Playwright's context, the driver, and all else that a reset calls. Playwright lists two pages late."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.fresh: Page | None = None

    async def new_page(self) -> Page:
        Page(self)
        self.fresh = Page(self)
        return self.fresh

    async def unload(self, extension_id: str) -> None:
        Page(self)

    async def close(self) -> None: ...

    async def clear_cookies(self) -> None: ...

    clear_permissions = unroute_all = clear_cookies

    def forget(self) -> None: ...


async def test_a_reset_closes_pages_that_playwright_lists_late() -> None:
    browser: Any = Browser()
    tested = session()
    tested.installs = False
    loading = Loading(
        extension=browser,
        loaded=Loaded("tested", ""),
        browser_context=browser,
        driver=browser,
        contexts=Contexts(tested, frozenset()),
        natives=browser,
        private_windows=browser,
        session=tested,
    )
    Page(browser)
    await asyncio.wait_for(loading.reset(0), 10)
    assert browser.pages == [browser.fresh]
