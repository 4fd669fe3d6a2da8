"""What the document of an actor goes through; the docstrings complete the titles of the cases."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from playwright.async_api import Error as PlaywrightError

from .scene import Actor, Scene

__all__ = [
    "Change",
    "change_the_hash",
    "close_the_tab",
    "crash",
    "empty_the_document",
    "move_the_frame",
    "navigate",
    "navigate_the_frame",
    "navigate_to_about_blank",
    "navigate_to_another_origin",
    "push_state",
    "reload",
    "reload_the_page",
    "remove_the_frame",
    "write_the_document",
]

Change = Callable[[Scene, Actor], Awaitable[Any]]


async def navigate(scene: Scene, actor: Actor) -> None:
    """its page goes to another address"""
    await scene.page(actor).goto(scene.url())


async def navigate_to_another_origin(scene: Scene, actor: Actor) -> None:
    """its page goes to another origin"""
    await scene.page(actor).goto(scene.url().replace("127.0.0.1", "localhost"))


async def navigate_to_about_blank(scene: Scene, actor: Actor) -> None:
    """its page goes to about:blank"""
    await scene.page(actor).goto("about:blank")


async def reload(scene: Scene, actor: Actor) -> None:
    """its page is reloaded"""
    await scene.page(actor).reload()


async def close_the_tab(scene: Scene, actor: Actor) -> None:
    """its tab is closed"""
    await scene.close_tab(actor)


async def remove_the_frame(scene: Scene, actor: Actor) -> None:
    """its frame is removed"""
    await scene.page(actor).evaluate("document.querySelector('iframe').remove()")


async def navigate_the_frame(scene: Scene, actor: Actor) -> None:
    """its frame goes to another address"""
    await scene.page(actor).evaluate("url => { document.querySelector('iframe').src = url }", scene.url())


async def reload_the_page(scene: Scene, actor: Actor) -> None:
    """its page is reloaded"""
    await scene.reload_tab(actor)


async def move_the_frame(scene: Scene, actor: Actor) -> None:
    """its frame is moved within the page"""
    await scene.page(actor).evaluate("document.body.prepend(document.querySelector('iframe'))")


async def crash(scene: Scene, actor: Actor) -> None:
    """its page crashes"""
    page = scene.page(actor)
    session = await page.context.new_cdp_session(page)
    async with page.expect_event("crash"):
        crashing = asyncio.ensure_future(session.send("Page.crash"))  # nobody is left to answer it
    await page.close()
    crashing.cancel()
    with suppress(PlaywrightError, asyncio.CancelledError):
        await crashing


async def change_the_hash(scene: Scene, actor: Actor) -> None:
    """the page changes its hash"""
    await scene.page(actor).evaluate("location.hash = 'top'")


async def push_state(scene: Scene, actor: Actor) -> None:
    """the page calls history.pushState()"""
    await scene.page(actor).evaluate("history.pushState({}, '', '/elsewhere')")


async def write_the_document(scene: Scene, actor: Actor) -> None:
    """the page writes itself anew with document.open()"""
    await scene.page(actor).evaluate("document.open(); document.write('<p>anew'); document.close()")


async def empty_the_document(scene: Scene, actor: Actor) -> None:
    """the page removes its root element"""
    await scene.page(actor).evaluate("document.documentElement.remove()")
