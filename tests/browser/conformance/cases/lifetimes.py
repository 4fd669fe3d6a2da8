"""What ends a port and what does not: documents, frames, tabs, backgrounds, extensions."""

from typing import Any

from ..case import case
from ..changes import (
    Change,
    change_the_hash,
    close_the_tab,
    crash,
    empty_the_document,
    move_the_frame,
    navigate,
    navigate_the_frame,
    navigate_to_about_blank,
    navigate_to_another_origin,
    push_state,
    reload,
    reload_the_page,
    remove_the_frame,
    write_the_document,
)
from ..place import BACKGROUND, CONTENT, NEIGHBOUR, PAGE, Place
from ..scene import Actor, Scene
from ..steps import listen, opens, post

FRAME = CONTENT.in_frame("same")
FOREIGN_FRAME = CONTENT.in_frame("other")
DOCUMENT_ENDS: list[Change] = [navigate, navigate_to_another_origin, navigate_to_about_blank, reload, close_the_tab]


async def connect(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A port between the two, over which one message came."""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1))
    await scene.settle()


def ends(change: Change, place: Place, label: str = "", where: str = "", **options: Any) -> None:
    """Two cases: the opener's or the receiver's document goes; `where` says in which place it is, for the title."""
    title = f"{change.__doc__}{where and f' ({where})'}"

    async def opener_goes(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await connect(scene, opener, receiver)
        await change(scene, opener)
        await receiver.sees("disconnected")
        await receiver.do(post("p", 2))

    async def receiver_goes(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await connect(scene, opener, receiver)
        await change(scene, receiver)
        await opener.sees("disconnected")
        await opener.do(post("p", 2))

    opener_goes.__name__ = f"end_{change.__name__}{label}_of_the_opener"
    opener_goes.__doc__ = f"The opener's document ends: {title}"
    receiver_goes.__name__ = f"end_{change.__name__}{label}_of_the_receiver"
    receiver_goes.__doc__ = f"The receiver's document ends: {title}"
    case(opener=place, receiver=BACKGROUND, **options)(opener_goes)
    case(opener=BACKGROUND, receiver=place, **options)(receiver_goes)


for change in DOCUMENT_ENDS:
    ends(change, CONTENT, mv2=True)
ends(remove_the_frame, FRAME, mv2=True)
ends(remove_the_frame, FOREIGN_FRAME, "_of_another_origin", "a frame of another origin")
ends(navigate_the_frame, FRAME)
ends(navigate, FRAME, "_above_the_frame", "it is in a frame of that page")
ends(move_the_frame, FRAME)
ends(crash, CONTENT, worlds=("chromium",))
ends(close_the_tab, PAGE, "_of_an_extension_page", "an extension page")
ends(reload_the_page, PAGE, where="an extension page")


def goes_on(change: Change) -> None:
    """A case: the document stays, and so does the port."""

    async def body(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await connect(scene, opener, receiver)
        await change(scene, opener)
        await opener.do(post("p", 2))
        await receiver.do(post("p", "two"))
        await scene.settle()

    body.__name__ = f"no_end_{change.__name__}"
    body.__doc__ = f"The port stays open: {change.__doc__}"
    case(opener=CONTENT, receiver=BACKGROUND)(body)


for change in (change_the_hash, push_state, write_the_document, empty_the_document):
    goes_on(change)


@case(opener=FRAME, receiver=BACKGROUND, second=CONTENT)
async def no_end_a_neighbouring_frame(scene: Scene, opener: Actor, receiver: Actor, second: Actor) -> None:
    """A frame is removed; the port of the top frame stays open"""
    await receiver.do(listen())
    await opener.do(opens("p"))
    await second.do(opens("q"))
    await scene.settle()
    await remove_the_frame(scene, opener)
    await receiver.sees("disconnected", "p")
    await second.do(post("q", 1))
    await scene.settle(second, receiver)


@case(opener=CONTENT, receiver=BACKGROUND, stands=True)
async def background_stops(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The background is stopped"""
    if receiver.in_python:  # the player of JavaScript listens anyway
        await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1))
    await receiver.sees("message", "p")
    await scene.stage.stop_background()
    await opener.sees("disconnected")
    await opener.do(post("p", 2))


@case(opener=CONTENT, receiver=BACKGROUND, stands=True)
async def background_wakes(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A connect wakes a stopped background, which hears what was posted with it"""
    if receiver.in_python:
        await receiver.do(listen())
    await scene.stage.stop_background()
    if not receiver.in_python:
        waking = scene.stage.conductor.next_player(scene.stage.role(receiver.place, ""))
        await opener.do(opens("p"), post("p", 1), post("p", 2))
        receiver.take(await waking)
    else:
        await opener.do(opens("p"), post("p", 1), post("p", 2))
    await receiver.sees("message", "p", "2")
    await receiver.do(post("p", "awake"))
    await opener.sees("message")


async def reload_the_extension(scene: Scene, actor: Actor) -> None:
    """The extension is reloaded"""
    await scene.stage.reload_extension()


async def uninstall_the_extension(scene: Scene, actor: Actor) -> None:
    """The extension is uninstalled"""
    await scene.stage.uninstall_extension()


async def disable_the_extension(scene: Scene, actor: Actor) -> None:
    """The extension is disabled"""
    await scene.stage.disable_extension()


def extension_ends(change: Change, seen_by: str, **options: Any) -> None:
    """A case: whoever is connected to the extension sees its end."""

    async def body(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await connect(scene, opener, receiver)
        await change(scene, receiver)
        await opener.sees("disconnected")
        await opener.do(post("p", 2))
        if change is disable_the_extension and scene.chromium:
            await scene.stage.uninstall_extension()  # or it would be loaded disabled
        if change is not reload_the_extension:
            await scene.stage.reload_extension()

    body.__name__ = f"{change.__name__}_seen_by_{seen_by}"
    body.__doc__ = f"{change.__doc__}, and {seen_by.replace('_', ' ')} sees it"
    case(receiver=BACKGROUND, **options)(body)


for change in (reload_the_extension, uninstall_the_extension, disable_the_extension):
    extension_ends(change, "another_extension", opener=NEIGHBOUR)
    # In Firefox nothing runs in it any more. Python cannot stand there: the agent ends with the extension.
    extension_ends(change, "its_old_content_script", opener=CONTENT, worlds=("chromium",), python=("receiver",))
