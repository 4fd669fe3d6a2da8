"""The Port object: its members, and posting or disconnecting when it is closed."""

from ..case import Differs, case
from ..place import BACKGROUND, CONTENT, NEIGHBOUR, PAGE
from ..scene import Actor, Scene
from ..steps import disconnect, listen, look, opens, post, post_nothing, set_member

WAYS = {"content-to-background": (CONTENT, BACKGROUND), "background-to-content": (BACKGROUND, CONTENT)}
MEMBERS = ("name", "sender", "error", "postMessage", "disconnect", "onMessage.addListener", "onDisconnect.hasListener")


@case(ways=WAYS, mv2=True)
async def members_of_an_opened_port(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The members of a port that was just opened"""
    await receiver.do(listen())
    await opener.do(opens("p"), *(look("p", member) for member in MEMBERS))
    await scene.settle()


@case(ways=WAYS, mv2=True)
async def members_of_an_accepted_port(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The members of a port inside onConnect"""
    members = [member for member in MEMBERS if member != "sender"]
    await receiver.do(listen(*(look(None, member) for member in members)))
    await opener.do(opens("p"))
    await scene.settle()


@case(ways=WAYS)
async def members_of_a_closed_port(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The members of a port that the other side closed"""
    await receiver.do(listen(disconnect()))
    await opener.do(opens("p"))
    await opener.sees("disconnected")
    await opener.do(look("p", "name"), look("p", "sender"), look("p", "error"))


@case(
    opener=CONTENT,
    receiver=BACKGROUND,
    differs=(
        Differs(
            "port.name is read-only in Python: no other end would see an assignment, so it is probably a mistake",
            "opener",
            {"opener": ["threw: set name: the arguments", 'answer: name, "p"']},
        ),
    ),
)
async def assigning_the_name(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """An assignment to port.name changes it at this end only"""
    await receiver.do(listen())
    await opener.do(opens("p"), set_member("p", "name", "other"), look("p", "name"), post("p", 1))
    await scene.settle()


@case(ways=WAYS | {"page-to-background": (PAGE, BACKGROUND), "other-extension": (NEIGHBOUR, BACKGROUND)}, mv2=True)
async def disconnect_by_the_opener(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The opener disconnects"""
    await receiver.do(listen())
    await opener.do(opens("p"))
    await receiver.sees("connected")
    await opener.do(disconnect("p"))
    await scene.settle()


@case(ways=WAYS | {"page-to-background": (PAGE, BACKGROUND), "other-extension": (NEIGHBOUR, BACKGROUND)}, mv2=True)
async def disconnect_by_the_receiver(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The receiver disconnects"""
    await receiver.do(listen())
    await opener.do(opens("p"))
    await receiver.sees("connected")
    await receiver.do(disconnect("p"))
    await scene.settle()


@case(ways=WAYS)
async def disconnect_twice(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """disconnect() twice in one tick, and once more later"""
    await receiver.do(listen())
    await opener.do(opens("p"), disconnect("p"), disconnect("p"))
    await scene.settle()
    await opener.do(disconnect("p"))
    await scene.settle()


@case(ways=WAYS)
async def disconnect_after_the_other_side_did(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """disconnect() on a port that the other side closed"""
    await receiver.do(listen(disconnect()))
    await opener.do(opens("p"))
    await opener.sees("disconnected")
    await opener.do(disconnect("p"))
    await scene.settle()


@case(ways=WAYS, mv2=True)
async def post_after_own_disconnect(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """postMessage() after this side's disconnect()"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1), disconnect("p"), post("p", 2))
    await scene.settle()


@case(ways=WAYS, mv2=True)
async def post_after_the_other_side_disconnected(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """postMessage() after the other side disconnected"""
    await receiver.do(listen(disconnect()))
    await opener.do(opens("p"))
    await opener.sees("disconnected")
    await opener.do(post("p", 1))
    await scene.settle()


@case(ways=WAYS)
async def post_inside_own_on_disconnect(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The opener posts and disconnects inside onDisconnect"""
    await receiver.do(listen(disconnect()))
    await opener.do(opens("p", onDisconnect=[post(None, 1), disconnect()]))
    await opener.sees("disconnected")
    await scene.settle()


@case(ways=WAYS)
async def nothing_arrives_after_disconnect(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Messages that are under way when this side disconnects are not delivered"""
    await receiver.do(listen(*(post(None, number) for number in range(5))))
    await opener.do(opens("p", onMessage=[disconnect()]))
    await opener.sees("message")
    await scene.settle()


# Firefox posts undefined then, which JSON does not have.
@case(worlds=("chromium",), opener=CONTENT, receiver=BACKGROUND)
async def post_without_argument(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """postMessage() without an argument"""
    await receiver.do(listen())
    await opener.do(opens("p"), post_nothing("p"), post("p", "after it"))
    await scene.settle()
