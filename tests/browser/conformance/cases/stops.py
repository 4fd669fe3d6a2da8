"""What a stop of the background ends, and what it leaves.

Without the bridge, the browser stops the background itself, as it is idle: Chromium after 30 s, in a process that no
debugger is attached to, Firefox by its timer. With the bridge, `stop_background()` does it.
"""

from ..case import Differs, case
from ..place import BACKGROUND, CONTENT, NATIVE, NEIGHBOUR, PAGE, Place
from ..scene import Actor, Scene
from ..steps import (
    ask,
    asks,
    fetches,
    has_ticked,
    hear_suspend,
    listen,
    note,
    opens,
    post,
    respond,
    tick,
)


async def wakes(scene: Scene, background: Actor, other: Actor) -> None:
    """The other actor's question wakes the background."""
    waking = scene.stage.conductor.next_player(scene.stage.role(background.place, ""))
    await other.do(asks("wake", "wake up"))
    background.take(await waking)
    await background.sees("asked")
    await background.do(respond("awake"))
    await other.hears_back("wake")


def ends_a_port(place: Place, label: str, title: str) -> None:
    """A case: a port to the background ends."""

    async def body(scene: Scene, opener: Actor, receiver: Actor) -> None:
        if receiver.in_python:  # the player of JavaScript listens anyway
            await receiver.do(listen())
        await opener.do(opens("p"), post("p", 1))
        await receiver.sees("message", "p")
        await scene.stage.stop_background()
        await opener.sees("disconnected")
        await opener.do(post("p", 2))

    body.__name__ = f"stop_ends_a_port_{label}"
    body.__doc__ = f"A stop ends a port {title}"
    case(opener=place, receiver=BACKGROUND, stands=True)(body)


ends_a_port(NEIGHBOUR, "of_another_extension", "that another extension opened")
ends_a_port(PAGE, "of_a_page", "that a page of the extension opened")


@case(opener=BACKGROUND, receiver=CONTENT, stands=True)
async def stop_ends_a_port_of_the_background(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A stop ends a port that the background opened"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1))
    await receiver.sees("message", "p")
    await scene.stage.stop_background()
    await receiver.sees("disconnected")
    await receiver.do(post("p", 2))


@case(opener=NEIGHBOUR, receiver=BACKGROUND, stands=True)
async def stop_before_a_wake_by_another_extension(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """After a stop, another extension's connect wakes the background"""
    if receiver.in_python:
        await receiver.do(listen())
    await scene.stage.stop_background()
    waking = scene.stage.conductor.next_player(scene.stage.role(receiver.place, ""))
    await opener.do(opens("p"), post("p", 1), post("p", 2))
    player = await waking
    if not receiver.in_python:
        receiver.take(player)
    await receiver.sees("message", "p", "2")
    await receiver.do(post("p", "awake"))
    await opener.sees("message")


@case(opener=BACKGROUND, receiver=CONTENT, python=(), stands=True)
async def stop_cuts_a_fetch_off(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A stop cuts off a fetch() that waits for its answer"""
    request = scene.stage.conductor.hold()
    await opener.do(fetches(request.url))
    await request.came.wait()
    await scene.stage.stop_background()
    await request.cut.wait()
    opener.notes("the request was cut off")
    await wakes(scene, opener, receiver)


@case(opener=BACKGROUND, receiver=CONTENT, python=(), stands=True)
async def stop_keeps_what_is_stored(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """storage.session and storage.local outlive a stop"""
    await opener.do(ask("s", "storage.session.set", {"a": 1}))
    await opener.hears_back("s")
    await opener.do(ask("l", "storage.local.set", {"b": 2}))  # the areas answer in any order
    await opener.hears_back("l")
    await scene.stage.stop_background()
    await wakes(scene, opener, receiver)
    await opener.do(ask("s", "storage.session.get"))
    await opener.sees("answered", "s", times=2)
    await opener.do(ask("l", "storage.local.get"))
    await opener.sees("answered", "l", times=2)


@case(opener=BACKGROUND, receiver=CONTENT, python=(), stands=True)
async def stop_ends_timers_and_variables(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A timer does not keep the background awake; after a stop its variables are new"""
    await opener.do(tick())
    await scene.stage.stop_background()
    await wakes(scene, opener, receiver)
    await opener.do(has_ticked())


@case(opener=BACKGROUND, receiver=CONTENT, python=(), stands=True)
async def stop_tells_on_suspend(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """What runtime.onSuspend tells before a stop: nothing to a service worker"""
    await opener.do(note("listening"), hear_suspend())
    await scene.stage.stop_background()


@case(
    opener=BACKGROUND,
    receiver=NATIVE,
    python=("receiver",),
    stands=True,
    differs=tuple(
        Differs(
            "the browser keeps such a background awake; stop_background() stops it all the same",
            python,
            {"receiver": ["disconnected: conformance_player"]},
            keep=1,
        )
        for python in (None, "receiver")
    ),
)
async def stop_with_a_native_port(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The background is idle, but has a port to a native application"""
    await receiver.do(listen())
    await opener.do(opens("p"))
    await receiver.sees("connected")
    if await scene.stage.stop_background():
        await receiver.sees("disconnected")
    else:
        receiver.notes("the browser does not stop it")
