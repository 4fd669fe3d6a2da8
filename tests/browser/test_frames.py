"""Content scripts in the frames of a page: each frame is a context of its own, for as long as it lives."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from bridge.async_api import Bridge, Context, ContextError, PortDisconnectedError
from support import Site, background, content

EVERY_FRAME = {"all_frames": True, "match_about_blank": True, "match_origin_as_fallback": True}
BACKGROUND = "chrome.runtime.onConnect.addListener((port) => port.onMessage.addListener((m) => port.postMessage(m)));"
# Says in which document it sits, and which connections came there before.
CONTENT = """
    const names = [];
    chrome.runtime.onConnect.addListener((port) => {
      port.postMessage([location.href, [...names]]);
      names.push(port.name);
    });
"""


@pytest.fixture(scope="module")
async def bridge(load_for_module: Any) -> AsyncIterator[Bridge]:
    manifest = {**background("b.js"), **content("c.js", run_at="document_start", **EVERY_FRAME)}
    bridge = await load_for_module(manifest, {"b.js": BACKGROUND, "c.js": CONTENT})
    bridge.set_default_timeout(10_000)
    yield bridge
    bridge.set_default_timeout(30_000)  # as it was, for the next module


@pytest.fixture
async def own_page(bridge: Bridge) -> AsyncIterator[Any]:
    own_page = await bridge.browser_context.new_page()
    yield own_page
    await own_page.close()


async def open_family(own_page: Any, site: Site) -> dict[str, Any]:
    """Open a page with a frame of each kind, and return Playwright's frames by kind."""
    site.pages["/nesting"] = f"<iframe id=nested src={site.other_url}nested></iframe>"
    site.pages["/family"] = f"""<!doctype html><title>family</title><body>
        <iframe id=same src=/nesting></iframe>
        <iframe id=other src={site.other_url}other?q=1#part></iframe>
        <iframe id=srcdoc srcdoc="<p>srcdoc"></iframe>
        <iframe id=blank></iframe>
        <iframe id=sandboxed sandbox=allow-scripts src=/sandboxed></iframe>
        <iframe id=inert sandbox src=/inert></iframe>
        <iframe id=data src="data:text/html,<p>data"></iframe>
        <iframe id=blob></iframe>
        <script>blob.src = URL.createObjectURL(new Blob(["<p>blob"], {{ type: "text/html" }}))</script>"""
    await own_page.goto(f"{site.url}family")
    frames = {"top": own_page.main_frame}
    for kind in ("same", "other", "srcdoc", "blank", "sandboxed", "inert", "data", "blob"):
        frames[kind] = await (await own_page.query_selector(f"#{kind}")).content_frame()
    frames["nested"] = await (await frames["same"].query_selector("#nested")).content_frame()
    return frames


def expected_url(kind: str, frame: Any, site: Site) -> str:
    urls = {
        "top": f"{site.url}family",
        "same": f"{site.url}nesting",
        "other": f"{site.other_url}other?q=1#part",
        "srcdoc": "about:srcdoc",
        "blank": "about:blank",
        "sandboxed": f"{site.url}sandboxed",
        "inert": f"{site.url}inert",
        "data": "data:text/html,<p>data",
        "blob": frame.url,
        "nested": f"{site.other_url}nested",
    }
    return urls[kind]


def expected_origin(kind: str, site: Site) -> str:
    if kind in ("sandboxed", "inert", "data"):
        return "null"
    return (site.other_url if kind in ("other", "nested") else site.url).rstrip("/")


async def test_each_frame_is_a_context(bridge: Bridge, own_page: Any, site: Site) -> None:
    frames = await open_family(own_page, site)
    for kind, frame in frames.items():
        here = await bridge.content(frame)
        assert here.url == expected_url(kind, frame, site)
        async with bridge.background.expect_connection(kind) as info:
            port = here.runtime.connect({"name": kind})
        sender = (await info.value).sender
        assert (sender.url, sender.origin) == (expected_url(kind, frame, site), expected_origin(kind, site))
        assert (sender.frameId, sender.documentId) == (here.frame_id, here.document_id)
        assert sender.tab.id == here.tab_id
        assert (sender.frameId == 0) == (kind == "top")
        await port.postMessage([kind])
        assert await port.receive() == [kind]
    in_this_tab = [context for context in bridge.contexts if context.tab_id == here.tab_id]
    assert len(in_this_tab) == len({context.frame_id for context in in_this_tab}) == len(frames)


async def test_tabs_connect_reaches_just_that_frame(bridge: Bridge, own_page: Any, site: Site) -> None:
    frames = await open_family(own_page, site)
    contents = {kind: await bridge.content(frame) for kind, frame in frames.items()}
    tab_id = contents["top"].tab_id
    for kind, here in contents.items():
        for number, target in enumerate([{"frameId": here.frame_id}, {"documentId": here.document_id}]):
            port = bridge.background.tabs.connect(tab_id, {"name": f"{kind} {number}", **target})
            assert await port.receive() == [here.url, [f"{kind} 0"][:number]]
            port.disconnect()
    # To all: each has heard just what was meant for it.
    port = bridge.background.tabs.connect(tab_id)
    heard = [await port.receive() for _ in frames]
    assert sorted(heard) == sorted([here.url, [f"{kind} 0", f"{kind} 1"]] for kind, here in contents.items())


async def test_no_such_frame(bridge: Bridge, own_page: Any, site: Site) -> None:
    await own_page.goto(site.url)
    here = await bridge.content(own_page)
    for target in ({"frameId": 999_999}, {"documentId": "0" * len(here.document_id or "")}):
        port = bridge.background.tabs.connect(here.tab_id, target)
        await port.wait_for_disconnect()
        assert "Receiving end does not exist" in port.error.message


async def remove_frame(own_page: Any, site: Site) -> None:
    await own_page.evaluate("document.querySelector('iframe').remove()")


async def navigate_frame(own_page: Any, site: Site) -> None:
    await own_page.evaluate("url => { document.querySelector('iframe').src = url }", f"{site.url}elsewhere")


async def navigate_page(own_page: Any, site: Site) -> None:
    await own_page.goto(f"{site.url}elsewhere")


async def reload_page(own_page: Any, site: Site) -> None:
    await own_page.reload()


async def close_page(own_page: Any, site: Site) -> None:
    await own_page.close()


@pytest.mark.parametrize("origin", ["same", "cross"])
@pytest.mark.parametrize("leave", [remove_frame, navigate_frame, navigate_page, reload_page, close_page])
async def test_waits_end_with_the_frame(
    bridge: Bridge, own_page: Any, site: Site, origin: str, leave: Callable[..., Awaitable[None]]
) -> None:
    site.pages["/outer"] = f"<iframe src={site.url if origin == 'same' else site.other_url}inner></iframe>"
    await own_page.goto(f"{site.url}outer")
    here = await bridge.content(own_page.frames[1])
    async with bridge.background.expect_connection("from the frame") as info:
        port = here.runtime.connect({"name": "from the frame"})
    at_background = await info.value
    await port.postMessage("last words")
    waits = {
        "receive": asyncio.ensure_future(port.receive()),
        "accept": asyncio.ensure_future(here.accept()),
        "disconnect": asyncio.ensure_future(port.wait_for_disconnect()),
    }
    assert await waits.pop("receive") == await at_background.receive() == "last words"
    waits["receive"] = asyncio.ensure_future(port.receive())
    await leave(own_page, site)
    await waits["disconnect"]
    with pytest.raises(PortDisconnectedError, match=r"from the frame.*page, frame, background or extension ended"):
        await waits["receive"]
    with pytest.raises(ContextError, match="page, frame, background or extension ended"):
        await waits["accept"]
    await at_background.wait_for_disconnect()
    assert at_background.error is None
    assert here.closed
    assert here not in bridge.contexts
    with pytest.raises(ContextError, match="inner"):
        here.runtime.connect()


async def test_frame_gone_before_anybody_asked(bridge: Bridge, own_page: Any, site: Site) -> None:
    site.pages["/outer"] = "<iframe src=/inner></iframe>"
    await own_page.goto(f"{site.url}outer")
    frame = own_page.frames[1]
    await remove_frame(own_page, site)
    with pytest.raises(ContextError, match="gone"):
        await bridge.content(frame)


async def test_thirty_frames_at_once(bridge: Bridge, own_page: Any, site: Site) -> None:
    urls = [f"{root}number?{number}" for number in range(15) for root in (site.url, site.other_url)]
    site.pages["/many"] = "".join(f"<iframe src={url}></iframe>" for url in urls)
    await own_page.goto(f"{site.url}many")

    async def converse(frame: Any) -> Context:
        here = await bridge.content(frame)
        port = here.runtime.connect({"name": frame.url})
        await port.postMessage({"url": frame.url})
        assert await port.receive() == {"url": here.url} == {"url": frame.url}
        return here

    contents = await asyncio.gather(*map(converse, own_page.frames))
    assert {here.url for here in contents} == {*urls, f"{site.url}many"}
    assert len({here.frame_id for here in contents}) == 31
    ports = [here.runtime.connect({"name": "held"}) for here in contents]
    await own_page.goto(site.url)
    await asyncio.gather(*(port.wait_for_disconnect() for port in ports))
    assert all(here.closed for here in contents)


SPY = """
window.seen = [];
const { CustomEvent: Native } = window;
window.CustomEvent = class extends Native { constructor(...given) { seen.push(given[0]); super(...given); } };
const { dispatchEvent: dispatch } = EventTarget.prototype;
EventTarget.prototype.dispatchEvent = function (event) { seen.push(event.type); return dispatch.call(this, event); };
window.dispatchEvent = () => seen.push("dispatchEvent");
"""


async def test_a_page_that_replaces_what_a_search_uses_learns_nothing(load: Any, site: Site) -> None:
    site.pages["/spy"] = f"<!doctype html><script>{SPY}</script><p>A page that spies"
    bridge = await load(content("c.js"), {"c.js": ""})
    page = await bridge.browser_context.new_page()
    await page.goto(f"{site.url}spy")
    world = await bridge.content(page)
    assert world.url == f"{site.url}spy" and await bridge.content(page) is world
    assert await page.evaluate("seen") == []
    await page.close()
