"""What a bridge refuses before it asks the browser."""

from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any

import pytest
from unit.core.fakes import session

from bridge.core.bridge import Bridge
from bridge.core.contexts import Contexts
from bridge.driver import Loaded
from bridge.errors import ContextError, UnsupportedError


def bridge(manifest: dict[str, Any], **extension: Any) -> Bridge:
    nothing: Any = None
    shared = session()
    files: Any = SimpleNamespace(manifest=manifest, **extension)
    return Bridge(
        extension=files,
        loaded=Loaded("id", "base/"),
        browser_name="chromium",
        browser_context=SimpleNamespace(pages=[]),
        driver=nothing,
        contexts=Contexts(shared, frozenset()),
        natives=nothing,
        session=shared,
        make_inspector=nothing,
        clean_up=AsyncExitStack(),
    )


@pytest.mark.parametrize("key", ["action", "browser_action"])
async def test_a_click_needs_a_page(key: str) -> None:
    with pytest.raises(ContextError, match="no page to press the button on: open one in bridge.browser_context"):
        await bridge({key: {}}).click_action()


async def test_a_click_needs_a_button() -> None:
    with pytest.raises(UnsupportedError, match="no toolbar button"):
        await bridge({}).click_action()


async def test_a_file_without_the_bridges_script_is_refused_at_once() -> None:
    files = bridge({}, has_page=lambda path: True, is_instrumented=lambda path: False, blank_page="blank")
    with pytest.raises(ContextError, match=r"The bridge has no script in 'a\.txt': it is no HTML or XHTML file"):
        await files.page("/a.txt")
