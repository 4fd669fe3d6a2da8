"""Native applications."""

from ..case import REFUSED_LATE, Differs, case
from ..place import BACKGROUND, NATIVE, PAGE
from ..program import NAME
from ..scene import Actor, Scene
from ..steps import connect_native, disconnect, kill, listen, look, opens, post, raw

WAYS = {"background": (BACKGROUND, NATIVE), "page": (PAGE, NATIVE)}


@case(ways=WAYS)
async def native_messages_both_ways(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The extension and a native application exchange messages"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1), post("p", {"é": [None, "😀"]}))
    await receiver.sees("message", NAME, '{"é": [null, "😀"]}')
    await receiver.do(post(NAME, "one"), post(NAME, ["two"]))
    await opener.sees("message", "p", '["two"]')


@case(ways=WAYS)
async def native_extension_disconnects(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The extension disconnects from a native application"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1))
    await receiver.sees("message")
    await opener.do(disconnect("p"), disconnect("p"), post("p", 2))
    await receiver.sees("disconnected")


@case(opener=BACKGROUND, receiver=NATIVE)
async def native_application_exits(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A native application posts and exits"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1))
    await receiver.sees("message")
    await receiver.do(post(NAME, "last words"), disconnect(NAME))
    await opener.sees("disconnected")
    await opener.do(post("p", 2))


@case(opener=BACKGROUND, receiver=NATIVE)
async def native_application_is_killed(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A native application crashes"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1))
    await receiver.sees("message")
    await receiver.do(kill(NAME))
    await opener.sees("disconnected")


@case(opener=BACKGROUND, receiver=NATIVE)
async def native_application_writes_no_json(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A native application writes something that is not JSON, and exits"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1))
    await receiver.sees("message")
    await receiver.do(raw(NAME, b"\x03\0\0\0{x}"), disconnect(NAME))
    await opener.sees("disconnected")


@case(opener=BACKGROUND)
async def native_application_is_missing(scene: Scene, opener: Actor) -> None:
    """No native application has that name"""
    await opener.do(connect_native("p", "no_such_application"))
    await opener.sees("disconnected")


@case(opener=BACKGROUND)
async def native_application_exits_at_once(scene: Scene, opener: Actor) -> None:
    """A native application exits before it has read anything"""
    await opener.do(connect_native("p", "exits_at_once"))
    await opener.sees("disconnected")


@case(
    opener=BACKGROUND,
    differs=(
        Differs(
            REFUSED_LATE,
            "opener",
            {
                "opener": [
                    'disconnected: p, error \'Type error for parameter application (String "Not a name!" must match '
                    "/^\\\\w+(\\\\.\\\\w+)*$/) for runtime.connectNative.'"
                ]
            },
            browser="firefox",
        ),
    ),
)
async def native_name_not_allowed(scene: Scene, opener: Actor) -> None:
    """connectNative with a name that no application may have"""
    await opener.do(connect_native("p", "Not a name!"))
    if scene.chromium or opener.in_python:
        await opener.sees("disconnected")


@case(
    opener=BACKGROUND,
    receiver=NATIVE,
    differs=(
        Differs(
            "the bridge gives a native port the application's name in both browsers",
            "opener",
            {
                "opener": [
                    'answer: name, "conformance_player"',
                    "answer: sender, null or undefined",
                    "answer: error, null or undefined",
                ]
            },
            browser="chromium",
        ),
    ),
)
async def native_port_members(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """name, sender and error of a native port"""
    await receiver.do(listen())
    await opener.do(opens("p"), look("p", "name"), look("p", "sender"), look("p", "error"), post("p", 1))
    await receiver.sees("message")
