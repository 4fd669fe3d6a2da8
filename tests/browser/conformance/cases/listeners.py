"""Listeners: several, one twice, removed, throwing."""

from ..case import Differs, case
from ..place import BACKGROUND, CONTENT
from ..scene import Actor, Scene
from ..steps import again, disconnect, fail, has, hear, listen, opens, post, remove

WAYS = {"content-to-background": (CONTENT, BACKGROUND), "background-to-content": (BACKGROUND, CONTENT)}


@case(ways=WAYS)
async def several_message_listeners(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Several onMessage listeners hear each message in the order in which they were added"""
    await receiver.do(listen(hear(None, "onMessage", "b"), hear(None, "onMessage", "a")))
    await opener.do(opens("p"), post("p", 1), post("p", 2))
    await scene.settle()


@case(ways=WAYS)
async def one_listener_twice(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A listener that is added twice hears each message once, and one removal is enough"""
    await receiver.do(listen(hear(None, "onMessage", "a"), again("a")))
    await opener.do(opens("p"), post("p", 1))
    await receiver.sees("message", "p", "1", "a")
    await receiver.do(has("a"), remove("a"), has("a"))
    await opener.do(post("p", 2))
    await scene.settle()


@case(ways=WAYS)
async def has_listener(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """hasListener() before and after removeListener(), and once it is added again"""
    await receiver.do(listen(hear(None, "onMessage", "a")))
    await opener.do(opens("p"))
    await receiver.sees("connected")
    await receiver.do(has("a"), remove("a"), has("a"), remove("a"), again("a"), has("a"))


@case(ways=WAYS)
async def a_listener_removes_itself(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A listener that removes itself inside its callback"""
    await receiver.do(listen(hear(None, "onMessage", "a", remove("a")), hear(None, "onMessage", "b")))
    await opener.do(opens("p"), post("p", 1), post("p", 2))
    await scene.settle()


@case(
    ways=WAYS,
    differs=(
        Differs(
            "Firefox no longer calls a listener that an earlier one has just removed; Python calls all that there "
            "were when the message came, as Chromium does",
            "receiver",
            {
                "receiver": [
                    "message: p, 1",
                    "message: p, 1, a",
                    "message: p, 1, b",
                    "message: p, 2",
                    "message: p, 2, a",
                ]
            },
            browser="firefox",
            keep=1,
        ),
    ),
)
async def a_listener_removes_the_next(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A listener that removes the one after it"""
    await receiver.do(listen(hear(None, "onMessage", "a", remove("b")), hear(None, "onMessage", "b")))
    await opener.do(opens("p"), post("p", 1), post("p", 2))
    await scene.settle()


@case(ways=WAYS)
async def a_listener_adds_another(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A listener that adds another one during a message"""
    await receiver.do(listen(hear(None, "onMessage", "a", hear(None, "onMessage", "b"), remove("a"))))
    await opener.do(opens("p"), post("p", 1), post("p", 2))
    await scene.settle()


@case(ways=WAYS)
async def a_listener_that_throws(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A listener that throws stops neither the next one nor the next message"""
    await receiver.do(listen(hear(None, "onMessage", "a", fail()), hear(None, "onMessage", "b")))
    await opener.do(opens("p"), post("p", 1), post("p", 2))
    await scene.settle()


@case(ways=WAYS)
async def on_connect_that_throws(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """An onConnect listener that throws leaves the port open"""
    await receiver.do(listen(fail()))
    await opener.do(opens("p"), post("p", 1))
    await scene.settle()
    await receiver.do(post("p", 2))
    await scene.settle()


@case(ways=WAYS)
async def on_disconnect_that_throws(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """An onDisconnect listener that throws does not stop the next one"""
    await receiver.do(listen(hear(None, "onDisconnect", "a", fail()), hear(None, "onDisconnect", "b")))
    await opener.do(opens("p"), disconnect("p"))
    await scene.settle()


@case(ways=WAYS)
async def two_connect_listeners(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Two onConnect listeners of one context"""
    await receiver.do(listen(listener="one", hears=False), listen(listener="two", hears=False))
    await opener.do(opens("p"))
    await scene.settle()
    await receiver.do(post("p", "from the first"), post("p#2", "from the second"))
    await scene.settle()
    await receiver.do(disconnect("p"))
    await scene.settle()
    await receiver.do(post("p#2", "after the first disconnected"))


@case(ways=WAYS)
async def connect_listener_added_twice(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """An onConnect listener that is added twice"""
    await receiver.do(listen(listener="one"), again("one"), has("one"))
    await opener.do(opens("p"))
    await scene.settle()


@case(ways=WAYS)
async def connect_listener_removes_itself(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """An onConnect listener that removes itself gets one connection"""
    await receiver.do(listen(remove("once"), listener="once"))
    await opener.do(opens("p"), post("p", 1))
    await scene.settle()
    await opener.do(opens("q"))
    await opener.sees("disconnected", "q")
