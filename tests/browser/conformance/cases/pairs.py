"""Two listeners of one context: which of them answers a one-time message."""

from itertools import product

from ..case import Differs, case
from ..place import BACKGROUND, CONTENT
from ..scene import Actor, Scene
from ..steps import asks, be_asked, respond
from .messages import ASYNC_ANSWERS

SHAPES = ("in time", "in an async function", "later", "promises", "silent", "throws", "rejects")

LATER = "Python starts coroutine functions one after the other, when it has called the plain listeners"
DIFFERENCES = {
    ("firefox", "in an async function", "in an async function"): 'answered: q, "from a"',
    ("firefox", "in an async function", "later"): 'answered: q, "from a"',
    ("firefox", "in an async function", "promises"): 'answered: q, "from a"',
    ("firefox", "in an async function", "silent"): 'answered: q, "from a"',
    ("firefox", "in an async function", "rejects"): 'answered: q, "from a"',
    ("firefox", "later", "in an async function"): 'answered: q, "from b"',
    ("firefox", "silent", "in an async function"): 'answered: q, "from b"',
    ("firefox", "rejects", "in an async function"): "rejected: q, a listener that rejects",
    ("firefox", "rejects", "promises"): "rejected: q, a listener that rejects",
    ("chromium", "in an async function", "in time"): 'answered: q, "from b"',
    ("chromium", "in an async function", "throws"): "rejected: q, a listener that throws",
    ("chromium", "promises", "in an async function"): 'answered: q, "from a"',
    ("chromium", "rejects", "in an async function"): "rejected: q, a listener that rejects",
    ("chromium", "rejects", "promises"): "rejected: q, a listener that rejects",
}
"""Who answers where Python has both listeners, if that is not the one who does in JavaScript."""


def why(browser: str, first: str, second: str) -> str:
    """The reason for a difference."""
    async_answers = browser == "firefox" and "in an async function" in (first, second) and first != "rejects"
    return ASYNC_ANSWERS if async_answers else LATER


def pair(first: str, second: str) -> None:
    """A case of two listeners."""

    async def body(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await receiver.do(
            be_asked(first, listener="a", answer="from a"), be_asked(second, listener="b", answer="from b")
        )
        await opener.do(asks("q", "hello"))
        await receiver.sees("asked", times=2)
        late = [name for name, shape in (("a", first), ("b", second)) if shape == "later"]
        await receiver.do(*(respond(f"from {name}, later") for name in late))
        await opener.hears_back("q")

    body.__name__ = f"pair_{first}_and_{second}".replace(" ", "_")
    body.__doc__ = f'Two listeners, "{first}" and "{second}"'
    known = tuple(
        Differs(why(browser, *shapes), "receiver", {"opener": [seen]}, browser=browser)
        for (browser, *shapes), seen in DIFFERENCES.items()
        if shapes == [first, second]
    )
    case(opener=CONTENT, receiver=BACKGROUND, any_order=("receiver",), differs=known)(body)


for first, second in product(SHAPES, SHAPES):
    pair(first, second)
