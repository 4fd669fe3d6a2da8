"""A message of one mebibyte there and back."""

from ..stage import Stage
from .bridged import bridged
from .timing import in_turn, without_warm_up

__all__ = ["from_python", "over_port", "over_socket"]

_SIZE = 2**20
_TEXT = "x" * _SIZE


async def from_python(stage: Stage) -> list[float]:
    """From Python in the background to a content script."""
    port = (await stage.use(bridged)).connect("background")("echo")

    async def once(_: int) -> None:
        port.postMessage(_TEXT)
        await port.receive()

    times = await in_turn(once, stage.size.large, together=1)
    port.disconnect()
    return times


async def over_socket(stage: Stage) -> list[float]:
    """Over a WebSocket between Python and a background."""
    await stage.use(bridged)
    socket = stage.server.echo["background"]

    async def once(_: int) -> None:
        await socket.send_str(_TEXT)
        await socket.receive_str()

    return await in_turn(once, stage.size.large, together=1)


async def over_port(stage: Stage) -> list[float]:
    """Over a genuine Port between a background and a content script, in pure JavaScript."""
    await stage.use(bridged)
    return without_warm_up(
        await stage.server.order("roundTrips", place="background", count=stage.size.large + 1, together=1, size=_SIZE)
    )
