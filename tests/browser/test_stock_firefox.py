"""A stock Firefox, which Playwright drives through the bridge's filter: `tests/drivers/` has the rest."""

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from bridge.async_api import LaunchError, launch
from bridge.browsers import firefox
from bridge.browsers.bidi_filter import MEDIA
from bridge.browsers.find import find_browser
from bridge.browsers.plan import LaunchPlan
from bridge.browsers.processes import browser_processes
from bridge.browsers.start import close_browser, open_browser
from bridge.browsers.stock_firefox import is_stock
from support import LAUNCH_MS, SAMPLE

DARK = "matchMedia('(prefers-color-scheme: dark)').matches"


@pytest.fixture
def plan(engine: str, engine_type: Any, tmp_path: Path) -> LaunchPlan:
    if engine == "chromium":
        pytest.skip("it is about Firefox")
    choice = find_browser("firefox", engine_type.executable_path)
    if not is_stock(choice):
        pytest.skip("this is Playwright's own Firefox")
    return firefox.plan(choice, tmp_path / "profile", tmp_path, {"env": dict(os.environ)})


@pytest.fixture
async def answered(plan: LaunchPlan, start: Any) -> Any:
    """A bridge for whose Firefox the filter has answered."""
    if plan.excused is None:
        pytest.skip("this Playwright sends no command that Firefox may lack")
    bridge = await start(SAMPLE, user_data_dir=plan.user_data_dir)
    if not bridge._driver.notes():
        pytest.skip("this Firefox knows all commands that Playwright sends")
    return bridge


async def test_what_was_answered_is_known(answered: Any) -> None:
    (note,) = answered._driver.notes()
    assert note.startswith(f"This Firefox does not know {MEDIA}, which Playwright ")


async def test_a_page_cannot_emulate_what_firefox_lacks(answered: Any) -> None:
    page = await answered.browser_context.new_page()
    with pytest.raises(Exception, match="unknown command"):  # Playwright's
        await page.emulate_media(color_scheme="dark")


async def test_an_option_that_firefox_lacks(answered: Any, engine_type: Any) -> None:
    await answered.close()
    with pytest.raises(
        LaunchError, match=f"does not know {MEDIA}, the command for color_scheme=: leave that out"
    ) as caught:
        await launch(engine_type, SAMPLE, color_scheme="dark", timeout=LAUNCH_MS)
    advised = str(caught.value).partition("set firefox_user_prefs=")[2].partition(" instead")[0]
    async with launch(engine_type, SAMPLE, firefox_user_prefs=eval(advised), timeout=LAUNCH_MS) as bridge:
        page = await bridge.browser_context.new_page()
        assert await page.evaluate(DARK)


async def test_firefox_does_not_outlive_a_filter_that_was_killed(answered: Any, plan: LaunchPlan) -> None:
    processes = set(browser_processes(plan.user_data_dir))
    (filter,) = (process for process in processes if "bidi_filter" in " ".join(process.cmdline()))
    filter.send_signal(signal.SIGKILL)
    await answered.background.wait_for_close()
    await answered.close()
    assert psutil.wait_procs(processes, timeout=20)[1] == []


async def test_without_user_js_the_debugger_does_not_answer(engine_type: Any, plan: LaunchPlan) -> None:
    """So a launch of Playwright's own Firefox would fail if the preferences came only through Playwright."""
    late = replace(plan, options={**plan.options, "firefox_user_prefs": {}})
    context = await open_browser(engine_type, late, timeout_ms=LAUNCH_MS)
    try:
        with pytest.raises(LaunchError, match="its debugger did not answer within 3000 ms"):
            await firefox.FirefoxDriver.attach(late.debugger, timeout_ms=3000)
    finally:
        await close_browser(context, plan.user_data_dir)
