"""One connect, several receivers."""

from ..case import case
from ..place import BACKGROUND, CONTENT, FRAMES, NEIGHBOUR, NEIGHBOUR_PAGE, PAGE, PAGE_2, PAGES
from ..scene import Actor, Scene
from ..steps import Tab as Of
from ..steps import disconnect, listen, opens, post, tabs_connect


async def everybody_listens(scene: Scene, **more: object) -> None:
    for name, actor in scene.actors.items():
        if name != "opener":
            await actor.do(listen(**more))


@case(**PAGES, any_order=("opener",))
async def all_pages_hear_and_answer(scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor) -> None:
    """One connect reaches the background and two pages; the opener gets the replies of all"""
    await everybody_listens(scene, onMessage=[post(None, "answer")])
    await opener.do(opens("p"), post("p", 1))
    await opener.sees("message", times=3)
    await scene.settle()
    await opener.do(disconnect("p"))
    await scene.settle()


@case(**PAGES, any_order=("opener",))
async def one_of_several_disconnects(scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor) -> None:
    """One of three receivers disconnects; the opener posts again"""
    await everybody_listens(scene)
    await opener.do(opens("p"), post("p", 1))
    await scene.settle()
    await second.do(disconnect("p"))
    await scene.settle()
    await opener.do(post("p", 2))
    await scene.settle()


@case(**PAGES, any_order=("opener",))
async def all_of_several_disconnect(scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor) -> None:
    """Three receivers disconnect one after the other"""
    await everybody_listens(scene)
    await opener.do(opens("p"))
    await scene.settle()
    for actor in (third, receiver, second):
        await actor.do(disconnect("p"))
        await scene.settle()


@case(**PAGES, any_order=("opener",))
async def one_of_several_goes_away(scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor) -> None:
    """The tab of one of three receivers is closed; the opener posts again"""
    await everybody_listens(scene)
    await opener.do(opens("p"))
    await scene.settle()
    await scene.close_tab(second)
    if not scene.chromium:
        await opener.sees("disconnected")
    await scene.settle(opener, receiver, third)
    await opener.do(post("p", 2))
    await scene.settle(opener, receiver, third)


@case(opener=PAGE, receiver=BACKGROUND, second=PAGE_2)
async def an_opener_does_not_hear_itself(scene: Scene, opener: Actor, receiver: Actor, second: Actor) -> None:
    """A page connects and also listens: the background and another page hear it, but not the page itself"""
    await opener.do(listen())
    await everybody_listens(scene)
    await opener.do(opens("p"), post("p", 1))
    await scene.settle()


@case(**PAGES)
async def only_one_of_several_listens(
    scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor
) -> None:
    """Of three contexts only one page listens"""
    await third.do(listen())
    await opener.do(opens("p"), post("p", 1))
    await scene.settle()
    await third.do(post("p", "one"), disconnect("p"))
    await opener.sees("disconnected")
    await scene.settle()


@case(**FRAMES, any_order=("opener",))
async def all_frames_hear_and_answer(scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor) -> None:
    """tabs.connect without frameId reaches all frames of the tab; the opener gets the replies of all"""
    await everybody_listens(scene, onMessage=[post(None, "answer")])
    await opener.do(tabs_connect("p", Of("receiver"), {"name": "p"}), post("p", 1))
    await opener.sees("message", times=3)
    await scene.settle()
    await opener.do(disconnect("p"))
    await scene.settle()


@case(**FRAMES, any_order=("opener",))
async def one_frame_disconnects(scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor) -> None:
    """One of three frames disconnects; the opener posts again"""
    await everybody_listens(scene)
    await opener.do(tabs_connect("p", Of("receiver"), {"name": "p"}))
    await scene.settle()
    await third.do(disconnect("p"))
    await scene.settle()
    await opener.do(post("p", 2))
    await scene.settle()


@case(**FRAMES)
async def one_frame_by_its_id(scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor) -> None:
    """tabs.connect with a frameId reaches that frame only"""
    await everybody_listens(scene)
    await opener.do(tabs_connect("p", Of("second"), {"name": "p", "frameId": Of("second", "frameId")}), post("p", 1))
    await scene.settle()


@case(**FRAMES)
async def the_top_frame_by_its_id(scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor) -> None:
    """tabs.connect with frameId 0 reaches the top frame only"""
    await everybody_listens(scene)
    await opener.do(tabs_connect("p", Of("receiver"), {"name": "p", "frameId": 0}), post("p", 1))
    await scene.settle()


@case(**FRAMES)
async def one_document_by_its_id(scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor) -> None:
    """tabs.connect with a documentId reaches that document only"""
    await everybody_listens(scene)
    await opener.do(
        tabs_connect("p", Of("third"), {"name": "p", "documentId": Of("third", "documentId")}), post("p", 1)
    )
    await scene.settle()


@case(**FRAMES)
async def a_document_in_another_frame(
    scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor
) -> None:
    """tabs.connect with the documentId of one frame and the frameId of another"""
    await everybody_listens(scene)
    target = {"name": "p", "documentId": Of("third", "documentId"), "frameId": Of("second", "frameId")}
    await opener.do(tabs_connect("p", Of("third"), target), post("p", 1))
    await scene.settle()


@case(opener=BACKGROUND, receiver=PAGE)
async def tabs_connect_to_an_extension_page(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """tabs.connect to a tab that shows an extension page"""
    await receiver.do(listen())
    await opener.do(tabs_connect("p", Of("receiver"), {"name": "p"}), post("p", 1))
    await scene.settle()


@case(opener=BACKGROUND, receiver=CONTENT, second=PAGE)
async def runtime_connect_reaches_no_content_script(
    scene: Scene, opener: Actor, receiver: Actor, second: Actor
) -> None:
    """runtime.connect() reaches extension pages, and no content script"""
    from ..steps import connect

    await everybody_listens(scene)
    await opener.do(connect("p", {"name": "p"}), post("p", 1))
    await second.sees("message")
    await scene.settle()


@case(opener=NEIGHBOUR, receiver=BACKGROUND, second=PAGE, any_order=("opener",))
async def external_connect_reaches_all(scene: Scene, opener: Actor, receiver: Actor, second: Actor) -> None:
    """A connect from another extension reaches the background and the page"""
    await everybody_listens(scene, onMessage=[post(None, "answer")], event="runtime.onConnectExternal")
    await opener.do(opens("p"), post("p", 1))
    await scene.settle()
    await receiver.do(disconnect("p"))
    await scene.settle()


@case(opener=CONTENT, receiver=BACKGROUND, second=NEIGHBOUR, third=NEIGHBOUR_PAGE)
async def internal_connect_stays_inside(
    scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor
) -> None:
    """runtime.connect() reaches no other extension"""
    for actor in (receiver, second, third):
        await actor.do(listen(event="runtime.onConnect"), listen(event="runtime.onConnectExternal", listener="outside"))
    await opener.do(opens("p"), post("p", 1))
    await scene.settle(opener, receiver)
    await scene.settle(opener, second)
    await scene.settle(opener, third)
