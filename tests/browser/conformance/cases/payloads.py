"""Values that JSON carries."""

from typing import Any

from ..case import case
from ..place import BACKGROUND, CONTENT, NATIVE
from ..program import NAME
from ..scene import Actor, Scene
from ..steps import Named, listen, named, opens, post
from ..values import NESTED, PLAIN, TEXTS, VALUES

JSON_LACKS = ("undefined as such", "NaN", "a date", "a function", "a symbol")
OTHERS = (*JSON_LACKS, "undefined", "a long name", "negative zero", "60 MiB", "65 MiB")
NAMED = [name for name in VALUES if name not in OTHERS]

WAYS = {
    "content-to-background": (CONTENT, BACKGROUND),
    "background-to-content": (BACKGROUND, CONTENT),
}


def payloads(id: str, title: str, values: list[Any]) -> None:
    """A case of values that go there and come back."""

    async def body(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await receiver.do(listen(*(post(None, value) for value in values)))
        await opener.do(opens("p"), *(post("p", value) for value in values))
        await scene.settle()

    body.__name__, body.__doc__ = f"payload_{id}", f"{title}, in both directions"
    case(ways=WAYS)(body)


payloads("plain", "null, booleans and numbers", PLAIN)
payloads("texts", "Strings of all sorts", TEXTS)
payloads("nested", "Arrays and objects, empty and nested", NESTED)
payloads("unusual", "Values that JSON lacks, and unusual ones", [named(name) for name in NAMED])


@case(opener=BACKGROUND, receiver=NATIVE)
async def payload_native(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Values to and from a native application"""
    values = [*PLAIN, *TEXTS, *NESTED]
    await receiver.do(listen())
    await opener.do(opens("p"), *(post("p", value) for value in values), post("p", "end"))
    await receiver.sees("message", NAME, '"end"')
    await receiver.do(*(post(NAME, value) for value in values), post(NAME, "end"))
    await opener.sees("message", "p", '"end"')


@case(opener=BACKGROUND, receiver=NATIVE)
async def payload_native_that_json_lacks(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """undefined, NaN and a Date to a native application"""
    await receiver.do(listen())
    await opener.do(opens("p"), *(post("p", named(name)) for name in JSON_LACKS[:3]), post("p", "end"))
    await receiver.sees("message", NAME, '"end"')


@case(opener=BACKGROUND, receiver=NATIVE, python=("receiver",))
async def payload_native_that_cannot_be_cloned(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A function and a symbol to a native application"""
    await receiver.do(listen())
    await opener.do(opens("p"), *(post("p", named(name)) for name in JSON_LACKS[3:]), post("p", "end"))
    await receiver.sees("message", NAME, '"end"')


@case(worlds=("chromium",), opener=CONTENT, receiver=BACKGROUND, python=("opener",))
async def payload_of_65_mib(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """postMessage() of a message that is too long for Chromium"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", named("65 MiB")))
    await opener.do(post("p", "after it"))
    await receiver.sees("message")


assert not any(isinstance(value, Named) for value in [*PLAIN, *TEXTS, *NESTED])
