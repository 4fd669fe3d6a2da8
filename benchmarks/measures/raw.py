"""The yardsticks that the browser and the socket set: nothing of the bridge takes part."""

from ..figure import Measure
from ..stage import Stage
from .bridged import bridged
from .timing import TOGETHER, in_turn, without_warm_up

__all__ = ["chain", "port_round_trip", "socket_round_trip"]


async def socket_round_trip(stage: Stage) -> list[float]:
    """W: a small text frame between Python and a WebSocket of a background."""
    return await _over_socket(stage, "")


async def chain(stage: Stage) -> list[float]:
    """The way of a message without the bridge: Python, a background by WebSocket, a content script by Port, and back.

    W + P are two loops that run hot, each by itself; this is what one after the other takes, on which the bridge can
    only add.
    """
    return await _over_socket(stage, ">")


def port_round_trip(place: str) -> Measure:
    """P: a small message over a genuine Port, in pure JavaScript, between the same kinds of contexts."""

    async def measure(stage: Stage) -> list[float]:
        extension = (await stage.use(bridged)).bridge.extension_id
        count = stage.size.round_trips + TOGETHER
        return without_warm_up(
            await stage.server.order("roundTrips", place=place, extension=extension, count=count, together=TOGETHER)
        )

    return measure


async def _over_socket(stage: Stage, mark: str) -> list[float]:
    await stage.use(bridged)
    socket = stage.server.echo

    async def once(x: int) -> None:
        await socket.send_str(f'{mark}{{"x":{x}}}')
        await socket.receive_str()

    return await in_turn(once, stage.size.round_trips)
