"""Opening contexts: what is refused before the browser is asked, which page comes to the front, what a timeout says."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.async_api import Error as PlaywrightError
from unit.core.fakes import Agent, session, ticks

from bridge.core.contexts import Contexts
from bridge.core.opening import Opening
from bridge.driver import Loaded
from bridge.errors import BridgeTimeoutError, ContextError, UnsupportedError
from bridge.webext.manifest import Manifest

POPUP = {"action": {"default_popup": "p.html"}}
PANEL = {"permissions": ["sidePanel"], "side_panel": {"default_path": "p.html"}}


class Page:
    """One of Playwright's, which may refuse to come to the front."""

    def __init__(self, refuses: bool = False) -> None:
        self.refuses = refuses
        self.asked = 0

    async def bring_to_front(self) -> None:
        self.asked += 1
        if self.refuses:
            raise PlaywrightError("Target page, context or browser has been closed")


class Driver:
    """One that opens what it is told to, in the window 1, or never answers."""

    def __init__(self, *, answers: bool = True) -> None:
        self.answers = answers
        self.opened: list[str] = []

    async def _open(self, what: str) -> None:
        if not self.answers:
            await asyncio.get_running_loop().create_future()
        self.opened.append(what)

    async def click_action(self, extension_id: str, page: Any) -> None:
        await self._open("button")

    async def open_side_panel(self, loaded: Loaded, page: Any) -> int | None:
        await self._open("side panel")
        return 1

    async def open_options(self, loaded: Loaded) -> None:
        await self._open("options")

    async def open_devtools(self, loaded: Loaded, page: Any) -> int:
        await self._open("devtools")
        return 1


def opening(
    manifest: dict[str, Any], *pages: Page, browser_name: str = "chromium", driver: Any = None
) -> tuple[Opening, Contexts]:
    shared = session()
    contexts = Contexts(shared, frozenset())
    extension: Any = SimpleNamespace(manifest=Manifest(manifest))
    loading: Any = SimpleNamespace(loaded=Loaded("id", "base/"))
    browser_context = SimpleNamespace(pages=list(pages))
    made = Opening(
        extension=extension,
        loading=loading,
        browser_name=browser_name,
        browser_context=browser_context,
        driver=driver or Driver(),
        contexts=contexts,
        session=shared,
    )
    return made, contexts


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ({}, "no toolbar button"),
        ({"action": {}}, r"no popup: the manifest's 'action' has no 'default_popup', .* use click_action\(\)"),
        ({"action": {"default_popup": ""}}, "no popup"),
    ],
)
async def test_a_popup_that_there_is_not(manifest: dict[str, Any], said: str) -> None:
    with pytest.raises(UnsupportedError, match=said):
        await opening(manifest, Page())[0].popup(None, 0)


@pytest.mark.parametrize(
    ("name", "manifest", "said"),
    [
        ("chromium", {"sidebar_action": {}}, "no side panel: its manifest lacks the permission 'sidePanel'"),
        ("chromium", {"permissions": ["sidePanel"]}, "no side panel: its manifest has no 'side_panel' key"),
        ("firefox", PANEL, "no sidebar: its manifest has no 'sidebar_action' key"),
    ],
)
async def test_a_side_panel_that_there_is_not(name: str, manifest: dict[str, Any], said: str) -> None:
    with pytest.raises(UnsupportedError, match=said):
        await opening(manifest, Page(), browser_name=name)[0].side_panel(None, 0)


async def test_options_and_developer_tools_that_there_are_not() -> None:
    nothing, _ = opening({})
    with pytest.raises(UnsupportedError, match="no options: its manifest names no page in 'options_ui'"):
        await nothing.options(0)
    with pytest.raises(UnsupportedError, match="no panel: its manifest has no 'devtools_page' key"):
        await nothing.devtools(Page(), 0)


# --- which page -----------------------------------------------------------------------------------------------------


async def test_there_must_be_a_page() -> None:
    with pytest.raises(ContextError, match=r"no page to open it beside: open one in bridge\.browser_context"):
        await opening(PANEL)[0].side_panel(None, 0)
    with pytest.raises(ContextError, match="no page to press the button on"):
        await opening(POPUP)[0].popup(None, 0)


async def test_the_newest_page_that_comes_to_the_front() -> None:
    old, newer, gone = Page(), Page(), Page(refuses=True)
    driver = Driver()
    await opening(POPUP, old, newer, gone, driver=driver)[0].click_action(None, 0)
    assert [page.asked for page in (old, newer, gone)] == [0, 1, 1] and driver.opened == ["button"]
    driver = Driver()
    for page in (None, gone):
        with pytest.raises(PlaywrightError, match="has been closed"):
            await opening(POPUP, gone, driver=driver)[0].click_action(page, 0)
    assert driver.opened == []


# --- what a timeout says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            False,
            ["press the toolbar button", "open the side panel", "open the options page", "open the developer tools"],
        ),
        (True, ["no popup of the extension opened", "the side panel, but", "the options page, but", "the panel, but"]),
    ],
)
async def test_a_timeout_says_what_did_not_open(answers: bool, said: list[str]) -> None:
    manifest = {**POPUP, **PANEL, "options_ui": {"page": "o.html"}, "devtools_page": "d.html"}
    opens, _ = opening(manifest, Page(), driver=Driver(answers=answers))
    page = Page()
    for begun, words in zip(
        (opens.popup(None, 1), opens.side_panel(None, 1), opens.options(1), opens.devtools(page, 1)), said, strict=True
    ):
        with pytest.raises(BridgeTimeoutError, match=rf"^Timeout 1 ms exceeded\. .*{words}"):
            await begun


async def test_a_popup_whose_scripts_do_not_finish() -> None:
    opens, contexts = opening(POPUP, Page())
    waiting = asyncio.ensure_future(opens.popup(None, 20))
    await ticks()
    Agent(contexts).hello("page", "base/p.html", view="popup")
    with pytest.raises(BridgeTimeoutError, match="Waited for the scripts of the popup to run"):
        await waiting
