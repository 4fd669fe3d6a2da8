"""`port.sender` in every kind of context."""

from ..case import BOTH, case
from ..place import BACKGROUND, CONTENT, NEIGHBOUR, NEIGHBOUR_CONTENT, NEIGHBOUR_PAGE, PAGE, WEB, Place
from ..scene import Actor, Scene
from ..steps import listen, opens, post

OPENERS: dict[str, Place] = {
    "content": CONTENT,
    "content_in_a_frame": CONTENT.in_frame("same"),
    "content_in_a_frame_of_another_origin": CONTENT.in_frame("other"),
    "content_in_about_blank": CONTENT.in_frame("blank"),
    "content_in_srcdoc": CONTENT.in_frame("srcdoc"),
    "content_in_a_sandboxed_frame": CONTENT.in_frame("sandboxed"),
    "page": PAGE,
    "page_in_a_frame_of_a_web_page": Place("page", frame="extension"),
    "other_extension": NEIGHBOUR,
    "page_of_other_extension": NEIGHBOUR_PAGE,
    "content_of_other_extension": NEIGHBOUR_CONTENT,
    "content_of_other_extension_in_a_frame": NEIGHBOUR_CONTENT.in_frame("other"),
}


def sender_of(name: str, place: Place, receiver: Place, mv2: bool, worlds: tuple[str, ...] = BOTH) -> None:
    """A case of one sender."""

    async def body(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await receiver.do(listen())
        await opener.do(opens("p"), post("p", 1))
        await receiver.sees("message")

    body.__name__ = f"sender_{name}"
    body.__doc__ = f"port.sender of a connect from {place}"
    case(opener=place, receiver=receiver, mv2=mv2, worlds=worlds, shows_sender=True)(body)


for name, place in OPENERS.items():
    sender_of(name, place, BACKGROUND, mv2=True)
sender_of("background_at_content", BACKGROUND, CONTENT, mv2=True)
sender_of("background_at_page", BACKGROUND, PAGE, mv2=False)
sender_of("page_at_content", PAGE, CONTENT, mv2=False)
# Firefox gives an extension page in a frame of a web page no `tabs`.
FRAMED = Place("page", frame="extension")
sender_of("page_in_a_frame_at_content", FRAMED, CONTENT.in_tab(2), mv2=False, worlds=("chromium",))
sender_of("background_at_content_in_about_blank", BACKGROUND, CONTENT.in_frame("blank"), mv2=False)
sender_of("background_at_content_in_srcdoc", BACKGROUND, CONTENT.in_frame("srcdoc"), mv2=False)
sender_of("background_at_content_in_a_sandboxed_frame", BACKGROUND, CONTENT.in_frame("sandboxed"), mv2=False)


@case(worlds=("chromium",), opener=WEB, receiver=BACKGROUND, shows_sender=True)
async def sender_web_page(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """port.sender of a connect from a web page"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1))
    await receiver.sees("message")


# In Firefox it is the address at the first use of messaging, which with the bridge is the agent: see docs/fidelity.md.
@case(worlds=("chromium",), opener=CONTENT, receiver=BACKGROUND, shows_sender=True)
async def sender_after_push_state(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """port.sender after the page changed its address with pushState and a hash"""
    await receiver.do(listen())
    await scene.page(opener).evaluate("history.pushState({}, '', location.href + '&pushed'); location.hash = 'part'")
    await opener.do(opens("p"), post("p", 1))
    await receiver.sees("message")


@case(worlds=("chromium",), opener=CONTENT, receiver=BACKGROUND, second=PAGE, shows_sender=True)
async def sender_in_a_tab_with_an_opener(scene: Scene, opener: Actor, receiver: Actor, second: Actor) -> None:
    """port.sender of a tab that another tab opened"""
    await scene.set_opener_tab(opener, second)
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1))
    await receiver.sees("message")
