"""Routes of one-time messages: Python stands between who asks and the scripts that hear it."""

import asyncio
from typing import Any

import pytest
from browser.talking import open_page

from bridge.async_api import Bridge, BridgeError, Context, MessageRoute, RemoteError
from bridge.javascript import UNDEFINED
from bridge.sync_api import MessageRoute as SyncMessageRoute
from bridge.sync_api import launch as launch_sync
from support import LAUNCH_MS, Site, background, content, write_extension

# `ask` says in a word and a value what became of a message; `heard` has what the context's scripts heard.
SCRIPT = """
    var api = globalThis.browser ?? chrome, heard = [];
    var told = (asking) => asking.then((answer) => ["answer", answer ?? null], ({ message }) => ["error", message]);
    var ask = (message) => told(api.runtime.sendMessage(message));
    var askTab = (tab, message) => told(api.tabs.sendMessage(tab, message));
    var listen = (event) => event.addListener((message, sender, sendResponse) => {
      heard.push(message);
      if (message?.fails) return Promise.reject(new Error("on purpose"));
      if (message?.later) return void setTimeout(() => sendResponse({ got: message }), 1) ?? true;
      if (!message?.silent) sendResponse({ got: message });
    });
"""
MANIFEST = {**background("b.js"), **content("c.js"), "externally_connectable": {"ids": ["*"]}}
FILES = {
    "b.js": SCRIPT + "listen(api.runtime.onMessage); listen(api.runtime.onMessageExternal);",
    "c.js": SCRIPT + "listen(api.runtime.onMessage);",
    "page.html": "<!doctype html><script src='p.js'></script>",
    "p.js": SCRIPT + "listen(api.runtime.onMessage);",
}
NOBODY = ["error", "Could not establish connection. Receiving end does not exist."]


@pytest.fixture
async def bridge(load: Any) -> Bridge:
    bridge: Bridge = await load(MANIFEST, FILES, routes=True)
    return bridge


@pytest.fixture
async def script(bridge: Bridge, site: Site) -> Context:
    """A content script."""
    page = await open_page(bridge, site.url)
    return await bridge.content(page)


async def hears(context: Context, *expected: Any) -> None:
    """That is all that the scripts of a context have heard; forget it."""
    assert await context.evaluate("heard.splice(0)") == list(expected)


async def test_what_the_asker_gets(bridge: Bridge, script: Context) -> None:
    """Of each decision, and what the scripts have heard then."""
    asked: list[Context | None] = []

    def decide(route: MessageRoute) -> None:
        asked.append(route.asked_by)
        decisions = {
            "continue": route.continue_,
            "change": lambda: route.continue_(message={"late": True}),
            "answer": lambda: route.answer([1, None]),
            "nothing": route.answer,
            "reject": lambda: route.reject("Python does not want it"),
            "abort": route.abort,
        }
        decisions[route.message["do"]]()

    await bridge.route_message(lambda message, sender: "do" in message and sender.tab.id == script.tab_id, decide)
    for do, gets, hear in (
        ("continue", ["answer", {"got": {"do": "continue"}}], [{"do": "continue"}]),
        ("change", ["answer", {"got": {"late": True}}], [{"late": True}]),
        ("answer", ["answer", [1, None]], []),
        ("nothing", ["answer", None], []),
        ("reject", ["error", "Python does not want it"], []),
        ("abort", NOBODY, []),
    ):
        assert await script.evaluate("(message) => ask(message)", {"do": do}) == gets
        await hears(bridge.background, *hear)
    assert asked == [script] * 6


async def test_the_answer_on_its_way_back(bridge: Bridge, script: Context) -> None:
    got: list[Any] = []

    async def late(route: MessageRoute) -> None:
        try:
            got.append(await route.fetch())
        except RemoteError as error:
            return await route.reject(f"{error}, says Python")
        await (route.answer({**got[-1], "late": True}) if got[-1] is not UNDEFINED else route.continue_())

    await bridge.route_message({"n": 1}, late)
    for message, gets in (
        ({"n": 1}, ["answer", {"got": {"n": 1}, "late": True}]),
        ({"n": 1, "later": True}, ["answer", {"got": {"n": 1, "later": True}, "late": True}]),
        ({"n": 1, "silent": True}, ["answer", None]),
        ({"n": 1, "fails": True}, ["error", "on purpose, says Python"]),
        ({"n": 2}, ["answer", {"got": {"n": 2}}]),
    ):
        assert await script.evaluate("(message) => ask(message)", message) == gets
    assert got == [{"got": {"n": 1}}, {"got": {"n": 1, "later": True}}, UNDEFINED]


async def test_what_a_listener_throws_is_told_as_ever(bridge: Bridge, script: Context) -> None:
    """To the asker, and in Firefox to the scripts as an uncaught error; routes change nothing of it."""
    await bridge.background.evaluate("""
        globalThis.errors = [];
        addEventListener("error", ({ message }) => errors.push(message.replace(/^.*Error: /, "")));
        addEventListener("unhandledrejection", ({ reason }) => errors.push(reason.message));
        void api.runtime.onMessage.addListener((message) => {
          if (message.throws) throw new Error("thrown");
          if (message.rejects) return Promise.reject(new Error("rejected"));
        });
    """)
    told = []
    for _ in range(2):
        for message in ({"throws": True, "silent": True}, {"rejects": True, "silent": True}):
            told.append(await script.evaluate("(message) => ask(message)", message))
        told.append(await bridge.background.evaluate("errors.splice(0)"))
        await bridge.route_message(lambda message: True, lambda route: route.continue_())
    assert told[:3] == told[3:]
    errors = ["thrown"] if bridge.browser_name == "firefox" else []
    assert told[:3] == [["error", "thrown"], ["error", "rejected"], errors]


async def test_in_content_scripts_and_pages(bridge: Bridge, script: Context) -> None:
    page = await bridge.page("page.html")
    reached: list[str] = []

    def change(route: MessageRoute) -> None:
        reached.append(route.target.kind)
        route.continue_(message=[route.target.kind, route.message])

    await bridge.route_message("hello", change)
    ask = "(tab) => askTab(tab, 'hello')"
    assert await bridge.background.evaluate(ask, script.tab_id) == ["answer", {"got": ["content", "hello"]}]
    assert await bridge.background.evaluate("ask('hello')") == ["answer", {"got": ["page", "hello"]}]
    assert reached == ["content", "page"]
    assert (await script.evaluate("ask('hello')"))[0] == "answer"  # of the first of two who answer
    await page.wait_for_function("heard.length === 2")
    assert sorted(reached) == ["background", "content", "page", "page"]


async def test_from_outside_and_from_python(bridge: Bridge, script: Context) -> None:
    outside: list[bool] = []

    def change(route: MessageRoute) -> None:
        outside.append(route.external)
        route.continue_(message=[route.message])

    await bridge.route_message("hello", change)
    assert await bridge.external.runtime.sendMessage(bridge.extension_id, "hello") == {"got": ["hello"]}
    assert await script.runtime.sendMessage("hello") == {"got": ["hello"]}
    assert outside == [True, False]


async def test_beside_a_listener_of_pythons(bridge: Bridge, script: Context) -> None:
    """What Python itself listens to is no script's, and the first answer is the asker's."""
    await bridge.route_message("hello", lambda route: route.answer("routed"))
    async with bridge.background.expect_message() as asked:
        answer = asyncio.ensure_future(script.evaluate("ask('hello')"))
    assert (await asked.value).message == "hello"
    assert await answer == ["answer", "routed"]
    await hears(bridge.background)


async def test_where_the_scripts_are_silent_python_may_still_answer(bridge: Bridge, script: Context) -> None:
    """Their silence, which comes late, is no answer as long as somebody else has not decided."""
    await bridge.route_message({"silent": True}, lambda route: route.continue_())
    silent = asyncio.Event()

    async def answers(message: Any) -> str:
        await silent.wait()
        return "Python's"

    bridge.background.runtime.onMessage.addListener(answers)
    answer = asyncio.ensure_future(script.evaluate("ask({ silent: true })"))
    await bridge.background.wait_for_function("heard.length")
    await bridge.unroute_all()  # by its answers, Python knows that they are silent
    assert not answer.done()
    silent.set()
    assert await answer == ["answer", "Python's"]


async def test_a_background_that_wakes(bridge: Bridge, script: Context) -> None:
    """It has the route before its scripts hear the message that woke it, also one that no route fits."""
    await bridge.route_message("hello", lambda route: route.continue_(message=["changed"]))
    for message, got in (("hello", ["changed"]), ("other", "other"), ({"silent": True}, None)):
        await bridge.stop_background()
        expected = ["answer", got and {"got": got}]
        assert await script.evaluate("(message) => ask(message)", message) == expected
        await bridge.wait_for_background()


async def test_a_background_that_stops_before_it_answers(bridge: Bridge, script: Context) -> None:
    """The asker gets the browser's own error."""
    asked = asyncio.Event()
    await bridge.route_message("hello", lambda route: asked.set())
    answer = asyncio.ensure_future(script.evaluate("ask('hello')"))
    await asked.wait()
    await bridge.stop_background()
    said, words = await answer
    assert said == "error" and "answer" not in words and words


async def test_taken_back_it_lets_everything_go(bridge: Bridge, script: Context) -> None:
    routes: list[MessageRoute] = []
    await bridge.route_message("hello", routes.append)
    await bridge.route_message("other", routes.append)
    answers = asyncio.ensure_future(script.evaluate("Promise.all([ask('hello'), ask('other'), ask('third')])"))
    while len(routes) < 2:
        await script.evaluate("1")
    await bridge.unroute_message("other")
    assert await script.evaluate("ask('other')") == ["answer", {"got": "other"}]
    await bridge.unroute_all()
    assert await answers == [["answer", {"got": message}] for message in ("hello", "other", "third")]
    with pytest.raises(BridgeError, match="decided"):
        await routes[0].answer(1)


async def test_a_handler_that_raises(bridge: Bridge, script: Context) -> None:
    """The message goes on, and the next wait raises it."""

    async def broken(route: MessageRoute) -> None:
        await route.fetch()
        raise LookupError("the handler")

    await bridge.route_message("hello", broken)
    assert await script.evaluate("ask('hello')") == ["answer", {"got": "hello"}]
    await hears(bridge.background, "hello")
    with pytest.raises(LookupError, match="the handler"):
        await bridge.background.accept(timeout=1_000)


async def test_the_record_says_what_was_done(bridge: Bridge, script: Context) -> None:
    await bridge.route_message("hello", lambda route: route.answer({"n": 1}))
    await script.evaluate("ask('hello')")
    [line] = [line for line in bridge.recent_traffic() if " routed a message" in line]
    assert line.endswith('routed a message: answers: {"n": 1}')


async def test_a_launch_without_routes(load: Any) -> None:
    bridge = await load(MANIFEST, FILES)
    with pytest.raises(BridgeError, match=r"only in a launch with routes=True"):
        await bridge.route_message("hello", lambda route: route.continue_())


def test_sync(browser_type: Any, tmp_path: Any, site: Site) -> None:
    folder = write_extension(tmp_path, MANIFEST, FILES)
    with launch_sync(browser_type, folder, routes=True, timeout=LAUNCH_MS) as bridge:

        def late(route: SyncMessageRoute) -> None:
            assert isinstance(route, SyncMessageRoute) and route.target is bridge.background
            route.answer({**route.fetch(), "late": True})

        bridge.route_message("hello", late)
        page = bridge.browser_context.new_page()
        page.goto(site.url)
        assert bridge.content(page).evaluate("ask('hello')") == ["answer", {"got": "hello", "late": True}]
