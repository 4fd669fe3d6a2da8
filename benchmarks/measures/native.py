"""Native messaging: the extension asks, Python or an echo program answers."""

from typing import Any

from bridge.async_api import NativePort

from ..figure import Measure
from ..hosts import DIRECT
from ..stage import Stage
from .bridged import bridged
from .timing import TOGETHER, without_warm_up

__all__ = ["BRIDGED", "DIRECT", "round_trip"]

BRIDGED = "bridged"


def round_trip(application: str) -> Measure:
    """A small message from the extension to a native application and back; ``BRIDGED`` is Python."""

    async def measure(stage: Stage) -> list[float]:
        bridge = (await stage.use(bridged)).bridge
        if application == BRIDGED:
            bridge.native(BRIDGED).onConnect.addListener(_answer)  # a second time is as good as once
        orders = bridge.external.runtime.connect(bridge.extension_id, {"name": "orders"})
        count = stage.size.round_trips + TOGETHER
        order = {"measure": "roundTrips", "place": "native", "application": application}
        orders.postMessage({**order, "count": count, "together": TOGETHER})
        times: list[float] = await orders.receive()
        orders.disconnect()
        return without_warm_up(times)

    return measure


def _answer(port: NativePort) -> None:
    def send_back(message: Any) -> None:
        port.postMessage(message)

    port.onMessage.addListener(send_back)
