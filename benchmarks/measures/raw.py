"""The yardsticks that the browser and the socket set: nothing of the bridge takes part."""

import json
from typing import Any

from ..figure import Measure
from ..stage import Stage
from .bridged import bridged
from .timing import TOGETHER, in_turn, without_warm_up

__all__ = ["chain", "port_round_trip", "socket_round_trip"]

Hop = dict[str, Any]


async def socket_round_trip(stage: Stage) -> list[float]:
    """W: a small text frame between Python and a WebSocket of a background."""
    await stage.use(bridged)
    return await _round_trips(stage, "background", "")


def port_round_trip(place: str) -> Measure:
    """P: a small message over a genuine Port, in pure JavaScript, between the same kinds of contexts."""

    async def measure(stage: Stage) -> list[float]:
        extension = (await stage.use(bridged)).bridge.extension_id
        count = stage.size.round_trips + TOGETHER
        return without_warm_up(
            await stage.server.order("roundTrips", place=place, extension=extension, count=count, together=TOGETHER)
        )

    return measure


def chain(place: str, *, once: bool = False) -> Measure:
    """The whole way of a message without the bridge: a WebSocket, then the Ports that the bridge needs, and back.

    W and P are loops that run hot, each by itself; this is what one after the other takes, on which the bridge can
    only add.

    Args:
        place: Where Python stands in the figure.
        once: The last hop is a one-time message, not a Port. In one stage, all chains through a page are of one kind.
    """

    async def measure(stage: Stage) -> list[float]:
        start, hops = await _way(stage, place)
        if once:
            hops[-1] = {**hops[-1], "once": True}
        await stage.server.echo[start].send_str(json.dumps(hops))
        return await _round_trips(stage, start, ">")

    return measure


async def _way(stage: Stage, place: str) -> tuple[str, list[Hop]]:
    """Which context has the WebSocket, and by which hops a message goes from there to the genuine script."""
    it = await stage.use(bridged)
    into_subject = {"place": "external", "extension": it.bridge.extension_id}
    into_content = {"place": "background", "tab": it.content.tab_id}
    relayed = stage.browser == "firefox"  # with the policy that the manifest has, agents there cannot connect to Python
    ways: dict[str, tuple[str, list[Hop]]] = {
        "background": ("background", [*([into_subject] if relayed else []), into_content]),
        "page": ("background", [{"place": "intoPage"}, {"place": "page"}])
        if relayed
        else ("page", [{"place": "page"}]),
        "external": ("background", [into_subject]),
        "content": ("background", [into_content, {"place": "content"}]),
    }
    return ways[place]


async def _round_trips(stage: Stage, start: str, mark: str) -> list[float]:
    socket = stage.server.echo[start]

    async def once(x: int) -> None:
        await socket.send_str(f'{mark}{{"x":{x}}}')
        await socket.receive_str()

    return await in_turn(once, stage.size.round_trips)
