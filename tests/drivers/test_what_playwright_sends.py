"""What Playwright makes of a launch plan, told by fakes of the browser: a guard against new releases of Playwright.

It proves nothing of extensions: the fakes have none.
"""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Playwright, async_playwright

from bridge.browsers import firefox
from bridge.browsers.bidi_filter import MEDIA, ON_REQUEST
from bridge.browsers.plan import Choice, LaunchPlan
from bridge.browsers.start import close_browser, open_browser
from bridge.browsers.stock_firefox import _EMULATIONS, PLAYWRIGHT, _numbers, excused
from bridge.errors import LaunchError

from .conftest import Fake

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fakes are scripts")

LAUNCH_MS = 60_000
PROXY = {"server": "http://proxy.test:8080", "bypass": "a.test"}
SENDS_MEDIA = _numbers(PLAYWRIGHT) >= (1, 65)


@pytest.fixture
async def playwright_async() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


def plan(channel: str | None, fake: Fake, folder: Path, **options: Any) -> LaunchPlan:
    options = {"env": fake.environment, **options}
    return firefox.plan(Choice(channel, str(fake.program)), folder / "profile", folder, options)


async def launched(playwright: Playwright, plan: LaunchPlan) -> None:
    context = await open_browser(playwright.firefox, plan, timeout_ms=LAUNCH_MS)
    await close_browser(context, plan.user_data_dir)


def lines(plan: LaunchPlan) -> set[str]:
    preferences = plan.options["firefox_user_prefs"]
    return {f'user_pref("{name}", {str(value).lower()});' for name, value in preferences.items()}


# --- a stock Firefox ------------------------------------------------------------------------------------------------


async def test_a_stock_firefox(playwright_async: Playwright, stock_firefox: Fake, tmp_path: Path) -> None:
    planned = plan("moz-firefox", stock_firefox, tmp_path, args=["--mine"], proxy=PROXY)
    await launched(playwright_async, planned)
    start, commands = stock_firefox.start, stock_firefox.commands
    profile = ["--profile", str(tmp_path / "profile")]
    assert start["arguments"] == [
        "--remote-debugging-port=0",
        "--headless",
        *profile,
        f"--start-debugger-server={planned.debugger}",
        "--mine",
    ]
    assert start["home"] == str(tmp_path / "home")
    assert lines(planned) <= set(start["user_js"].splitlines())
    assert commands["session.new"]["capabilities"]["alwaysMatch"]["proxy"] == {
        "proxyType": "manual",
        "httpProxy": "proxy.test:8080",
        "noProxy": ["a.test"],
    }
    assert next(iter(commands)) == "session.new" and list(commands)[-1] == "browser.close"
    assert (MEDIA in commands) == SENDS_MEDIA


async def test_a_stock_firefox_that_does_not_know_media(
    playwright_async: Playwright, stock_firefox: Fake, tmp_path: Path
) -> None:
    stock_firefox.environment["FAKE_UNKNOWN"] = MEDIA
    planned = plan("moz-firefox", stock_firefox, tmp_path)
    await launched(playwright_async, planned)
    assert excused(planned.excused) == ([MEDIA] if SENDS_MEDIA else [])


async def test_no_other_emulation_is_sent_unless_somebody_asks(
    playwright_async: Playwright, stock_firefox: Fake, tmp_path: Path
) -> None:
    await launched(playwright_async, plan("moz-firefox", stock_firefox, tmp_path))
    sent = {command for command in stock_firefox.commands if command.startswith("emulation.")}
    assert sent.isdisjoint(ON_REQUEST)


OPTIONS: dict[str, Any] = {
    "color_scheme": "dark",
    "geolocation": {"latitude": 1, "longitude": 2},
    "locale": "de-DE",
    "offline": True,
    "timezone_id": "Europe/Berlin",
    "user_agent": "mine",
}


@pytest.mark.parametrize("option", OPTIONS)
async def test_an_emulation_that_somebody_asked_for(
    playwright_async: Playwright, stock_firefox: Fake, tmp_path: Path, option: str
) -> None:
    command = _EMULATIONS[option]
    if command == MEDIA and not SENDS_MEDIA:
        pytest.skip("this release of Playwright does not send it")
    stock_firefox.environment["FAKE_UNKNOWN"] = command
    planned = plan("moz-firefox", stock_firefox, tmp_path, **{option: OPTIONS[option]})
    with pytest.raises(
        LaunchError, match=f"this Firefox does not know {command}, the command for {option}=: leave that"
    ):
        await launched(playwright_async, planned)


# --- Playwright's own Firefox ---------------------------------------------------------------------------------------


async def test_playwrights_own_firefox(playwright_async: Playwright, playwrights_firefox: Fake, tmp_path: Path) -> None:
    planned = plan(None, playwrights_firefox, tmp_path, args=["--mine"], proxy=PROXY)
    await launched(playwright_async, planned)
    start, commands = playwrights_firefox.start, playwrights_firefox.commands
    assert start["arguments"] == [
        "-no-remote",
        "-headless",
        "-profile",
        str(tmp_path / "profile"),
        "-juggler-pipe",
        f"--start-debugger-server={planned.debugger}",
        "--mine",
        "about:blank",
    ]
    assert start["home"] == str(tmp_path / "home")
    assert lines(planned) <= set(start["user_js"].splitlines())  # when it starts, and not only through the pipe
    preferences = {it["name"]: it["value"] for it in commands["Browser.enable"]["userPrefs"]}
    assert planned.options["firefox_user_prefs"].items() <= preferences.items()
    assert commands["Browser.setBrowserProxy"]["bypass"] == ["a.test", "127.0.0.1"]
    assert next(iter(commands)) == "Browser.enable" and list(commands)[-1] == "Browser.close"
