"""Messages and connections: order, early ones, last ones."""

from ..case import Differs, case
from ..place import BACKGROUND, CONTENT, NEIGHBOUR, NEIGHBOUR_CONTENT, NEIGHBOUR_PAGE, PAGE, WEB
from ..scene import Actor, Scene
from ..steps import disconnect, hear, listen, note, opens, post, remove

TWO_WAYS = {"content-to-background": (CONTENT, BACKGROUND), "background-to-content": (BACKGROUND, CONTENT)}
WAYS = TWO_WAYS | {
    "page-to-background": (PAGE, BACKGROUND),
    "other-extension-to-background": (NEIGHBOUR, BACKGROUND),
}
ALL_WAYS = WAYS | {
    "background-to-page": (BACKGROUND, PAGE),
    "content-to-page": (CONTENT, PAGE),
    "page-to-content": (PAGE, CONTENT),
    "page-to-page": (PAGE, PAGE.in_tab(7)),
    "background-to-other-extension": (BACKGROUND, NEIGHBOUR),
    "page-to-other-extension": (PAGE, NEIGHBOUR),
    "content-to-other-extension": (CONTENT, NEIGHBOUR),
    "content-to-page-of-other-extension": (CONTENT, NEIGHBOUR_PAGE),
    "content-of-other-extension-to-background": (NEIGHBOUR_CONTENT, BACKGROUND),
    "content-of-other-extension-to-page": (NEIGHBOUR_CONTENT, PAGE),
    "page-of-other-extension-to-background": (NEIGHBOUR_PAGE, BACKGROUND),
}


@case(ways=ALL_WAYS, mv2=True)
async def messages_both_ways(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Each side posts two messages, then the opener disconnects"""
    await receiver.do(listen())
    await opener.do(opens("p"))
    await receiver.sees("connected")
    await opener.do(post("p", 1), post("p", {"a": [None, True]}))
    await receiver.do(post("p", "one"), post("p", "two"))
    await scene.settle()
    await opener.do(disconnect("p"))
    await scene.settle()


@case(worlds=("chromium",), opener=WEB, receiver=BACKGROUND)
async def messages_from_a_web_page(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A web page and the background exchange messages"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1))
    await receiver.sees("message")
    await receiver.do(post("p", "one"), post("p", "two"), disconnect("p"))
    await opener.sees("disconnected")


@case(ways=WAYS, mv2=True)
async def connect_post_and_disconnect_in_one_tick(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The opener connects, posts twice and disconnects in one tick"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1), post("p", 2), disconnect("p"))
    await scene.settle()


@case(ways=WAYS)
async def connect_and_disconnect_in_one_tick(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The opener connects and disconnects in one tick"""
    await receiver.do(listen())
    await opener.do(opens("p"), disconnect("p"))
    await scene.settle()


@case(ways=WAYS)
async def posts_before_the_other_side_knows(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The opener connects and posts three times in one tick, before the receiver's onConnect runs"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1), post("p", 2), post("p", 3))
    await scene.settle()


KEPT = "Python keeps messages until a listener or receive() takes them, so that no test comes too late"


@case(
    ways=TWO_WAYS,
    differs=(
        Differs(
            KEPT,
            "receiver",
            {"receiver": ["message: p, 1, late", "message: p, 2, late", "message: p, 3, late"]},
            keep=1,
        ),
    ),
)
async def messages_before_there_is_a_listener(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Two messages arrive before onMessage has a listener, one afterwards"""
    await receiver.do(listen(hears=False))
    await opener.do(opens("p"), post("p", 1), post("p", 2))
    await scene.settle()
    await receiver.do(hear("p", "onMessage", "late"))
    await opener.do(post("p", 3))
    await scene.settle()


@case(ways=WAYS, mv2=True)
async def order_of_200(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """200 messages in one tick keep their order"""
    await receiver.do(listen())
    await opener.do(opens("p"), *(post("p", number) for number in range(200)))
    await receiver.sees("message", "p", times=200)  # on a busy machine, Chromium lets another port overtake them
    await scene.settle()


@case(ways=TWO_WAYS)
async def answers_inside_on_message(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Both sides post inside onMessage"""
    await receiver.do(listen(onMessage=[post(None, "answer")]))
    await opener.do(opens("p"), post("p", 1), post("p", 2))
    await scene.settle()


@case(ways=WAYS, mv2=True)
async def posts_inside_on_connect(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The receiver posts inside onConnect"""
    await receiver.do(listen(post(None, 1), post(None, 2)))
    await opener.do(opens("p"), post("p", "first"))
    await scene.settle()


@case(ways=WAYS)
async def disconnects_inside_on_connect(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The receiver disconnects inside onConnect"""
    await receiver.do(listen(disconnect()))
    await opener.do(opens("p"), post("p", 1))
    await opener.sees("disconnected")
    await scene.settle()


@case(ways=TWO_WAYS)
async def posts_and_disconnects_inside_on_connect(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The receiver posts and disconnects inside onConnect"""
    await receiver.do(listen(post(None, "bye"), disconnect()))
    await opener.do(opens("p"))
    await opener.sees("disconnected")
    await scene.settle()


@case(ways=TWO_WAYS)
async def disconnects_inside_on_message(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The receiver disconnects inside onMessage, while more messages are under way"""
    await receiver.do(listen(onMessage=[disconnect()]))
    await opener.do(opens("p"), post("p", 1), post("p", 2), post("p", 3))
    await opener.sees("disconnected")
    await scene.settle()


@case(ways=TWO_WAYS)
async def posts_inside_on_disconnect(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The receiver posts inside onDisconnect"""
    await receiver.do(listen(onDisconnect=[post(None, "too late"), note("after the post")]))
    await opener.do(opens("p"), disconnect("p"))
    await receiver.sees("note")
    await scene.settle()


@case(ways=TWO_WAYS)
async def connects_inside_on_connect(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The receiver opens a port the other way inside onConnect"""
    await opener.do(listen())
    await receiver.do(listen(opens("back"), post("back", 1)))
    await opener.do(opens("p"))
    await opener.sees("message", "back")
    await scene.settle()


@case(ways=TWO_WAYS)
async def reconnects_inside_on_disconnect(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The opener connects again inside onDisconnect"""
    await receiver.do(listen(post(None, "hello")))
    await opener.do(opens("p", onDisconnect=[opens("q")]))
    await receiver.sees("connected", "p")
    await receiver.do(disconnect("p"))
    await opener.sees("message", "q")
    await scene.settle()


@case(ways=WAYS)
async def crossing_posts(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Both sides post ten messages at the same time"""
    await receiver.do(listen(*(post(None, f"down {number}") for number in range(10))))
    await opener.do(opens("p"), *(post("p", f"up {number}") for number in range(10)))
    await scene.settle()


@case(ways=TWO_WAYS)
async def crossing_disconnects(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Both sides post and disconnect at the same time"""
    await receiver.do(listen(post(None, "from the receiver"), disconnect()))
    await opener.do(opens("p"), post("p", "from the opener"), disconnect("p"))
    await scene.settle()


@case(ways=WAYS, by_port=("opener", "receiver"))
async def twenty_ports(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Twenty ports at once, each with its own messages"""
    await receiver.do(listen(post(None, "welcome")))
    names = [f"p{number}" for number in range(20)]
    await opener.do(*(opens(name) for name in names), *(post(name, name) for name in reversed(names)))
    await scene.settle()
    await opener.do(*(disconnect(name) for name in names[::2]))
    await scene.settle()
    await opener.do(*(post(name, "still here") for name in names[1::2]))
    await scene.settle()


@case(ways=TWO_WAYS, by_port=("receiver",))
async def two_ports_of_one_name(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Two ports with the same name do not mix"""
    await receiver.do(listen())
    await opener.do(opens("p"), post("p", 1), disconnect("p"), opens("p"), post("p", 2))
    await scene.settle()
    await receiver.do(post("p#2", "to the second"))
    await scene.settle()


@case(ways=TWO_WAYS)
async def ports_in_opposite_directions(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Each side opens a port to the other, and the two do not mix"""
    await receiver.do(listen())
    await opener.do(listen())
    await opener.do(opens("there"), post("there", 1))
    await receiver.do(opens("back"), post("back", 2))
    await scene.settle()
    await receiver.do(post("there", 3))
    await opener.do(post("back", 4))
    await scene.settle()


@case(ways=TWO_WAYS)
async def a_port_outlives_the_listener(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """onConnect's listener is removed; the port that it got stays open"""
    await receiver.do(listen(listener="connect"))
    await opener.do(opens("p"))
    await receiver.sees("connected")
    await receiver.do(remove("connect"))
    await opener.do(post("p", 1), opens("q"))
    await opener.sees("disconnected", "q")
    await receiver.do(post("p", 2))
    await scene.settle()
