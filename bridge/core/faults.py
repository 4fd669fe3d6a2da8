"""Faults by name: a handler of a route that loses, doubles, delays or changes messages, or cuts the connection."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from ..errors import PortDisconnectedError

if TYPE_CHECKING:
    from .port_route import PortRoute
from .route_direction import Direction, Said

__all__ = ["Faults", "faults"]

Range = float | tuple[float, float]


def faults(
    *,
    drop: float = 0,
    double: float = 0,
    delay: Range = 0,
    reorder: bool = False,
    change: Callable[[Any], Any] | None = None,
    refuse: float = 0,
    close_after: int | None = None,
    close_in: Range | None = None,
    stop_background: float = 0,
    hold: bool = False,
    seed: int = 0,
) -> "Faults":
    """Return a handler for `Bridge.route_port` that disturbs what two scripts say to each other.

        await bridge.route_port("sync", faults(drop=0.1, delay=(5, 50), close_after=20, seed=7))

    A probability is between 0 and 1. The same seed gives the same faults: those of a port depend on how many of that
    name came before, and those of a message on how many its end has posted before; not on time.

    Args:
        drop: The probability that a message is lost.
        double: The probability that a message comes twice.
        delay: How long each message takes, in milliseconds; two numbers are the least and the most.
        reorder: Whether a message may overtake another, whose delay is longer. Else the order is kept.
        change: Gets each message, and returns what to pass on in its place.
        refuse: The probability that the port is closed at once, and the receiver's scripts never have it.
        close_after: After how many messages, of both ends together, the port is closed at both ends.
        close_in: After how many milliseconds the port is closed at both ends; two numbers are the least and the most.
        stop_background: The probability that the background is stopped after a message was posted, and before it is
            delivered. Where the background is an end of the port, the message is lost with it.
        hold: Whether messages wait until `Faults.release` is called.
        seed: Decides what chance decides.

    Raises:
        ValueError: A number is out of its range.
    """
    chances = {"drop": drop, "double": double, "refuse": refuse, "stop_background": stop_background}
    for name, chance in chances.items():
        if not 0 <= chance <= 1:
            raise ValueError(f"{name}={chance!r} is no probability: it is between 0 and 1")
    if close_after is not None and close_after < 1:
        raise ValueError(f"close_after={close_after!r} is too small: use refuse=1 to let no message through")
    return Faults(
        chances=chances,
        delay=_range("delay", delay),
        reorder=reorder,
        change=change,
        close_after=close_after,
        close_in=None if close_in is None else _range("close_in", close_in),
        hold=hold,
        seed=seed,
    )


def _range(name: str, given: Range) -> tuple[float, float]:
    least, most = given if isinstance(given, tuple) else (given, given)
    if not 0 <= least <= most:
        raise ValueError(f"{name}={given!r}: give a number of milliseconds, or the least and the most")
    return least, most


class Faults:
    """What `faults` returns: a handler for `Bridge.route_port`, for as many ports as come."""

    def __init__(
        self,
        *,
        chances: dict[str, float],
        delay: tuple[float, float],
        reorder: bool,
        change: Callable[[Any], Any] | None,
        close_after: int | None,
        close_in: tuple[float, float] | None,
        hold: bool,
        seed: int,
    ) -> None:
        self._chances = chances
        self._delay = delay
        self._reorder = reorder
        self._change = change
        self._close_after = close_after
        self._close_in = close_in
        self._seed = seed
        self._opened: dict[str | None, int] = {}  # how many ports have come, by name
        self._free = asyncio.Event()
        if not hold:
            self._free.set()

    def hold(self) -> None:
        """Have messages wait from now on."""
        self._free.clear()

    def release(self) -> None:
        """Let messages go on, those that wait and those that follow."""
        self._free.set()

    def _attach(self, route: "PortRoute") -> None:
        """Stand between the ends of a port."""
        number = self._opened[route.name] = self._opened.get(route.name, 0) + 1
        _FaultyPort(self, route, f"{self._seed} {route.name} {number}").begin()


class _FaultyPort:
    """One port with faults."""

    def __init__(self, faults: Faults, route: "PortRoute", seed: str) -> None:
        self.faults = faults
        self.route = route
        self._seed = seed
        self._count = 0

    def begin(self) -> None:
        """Decide what becomes of the port itself, and wait for its messages."""
        random = Random(self._seed)
        refused, moment = random.random(), random.random()
        if refused < self.faults._chances["refuse"]:
            self.route._note("refuses the connection")
            self.route.close()
            return
        self.route.connect_to_receiver()
        for direction, end in ((self.route._opener, "opener"), (self.route._answering, "receiver")):
            direction.intercept(_FaultyDirection(self, direction, Random(f"{self._seed} {end}")).take)
        if self.faults._close_in:
            self.route._begin(self._close_in(_between(self.faults._close_in, moment)))

    def counted(self) -> None:
        """A message has gone on, or is lost."""
        self._count += 1
        if self._count == self.faults._close_after:
            self._close()

    async def _close_in(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._close()

    def _close(self) -> None:
        self.route.close()
        self.route._receiver.close()


class _FaultyDirection:
    """What one end of such a port says."""

    def __init__(self, port: _FaultyPort, direction: Direction, random: Random) -> None:
        self._port = port
        self._faults = port.faults
        self._direction = direction
        self._random = random
        self._under_way: set[asyncio.Task[None]] = set()

    def take(self, item: Said) -> None:
        """Let it go on later, or not at all."""
        if item.number is None:  # the end is closed
            self._later(item, 0, 1, stops=False)
            return
        # As many draws for each message, so that one fault does not change which others there are.
        drop, double, stop, delay = (self._random.random() for _ in range(4))
        chances = self._faults._chances
        times = 0 if drop < chances["drop"] else 2 if double < chances["double"] else 1
        seconds = _between(self._faults._delay, delay)
        self._note(item, times, seconds)
        self._later(item, seconds, times, stops=stop < chances["stop_background"])

    def _note(self, item: Said, times: int, seconds: float) -> None:
        what = [
            *(["loses"] if not times else []),
            *([f"delays by {seconds * 1000:.0f} ms"] if times and seconds else []),
            *(["holds"] if not self._faults._free.is_set() else []),
            *(["changes"] if times and self._faults._change else []),
            *(["doubles"] if times > 1 else []),
        ]
        if what:
            self._port.route._note(f"{', '.join(what)} a message from the {self._direction.name}", item.payload)

    def _later(self, item: Said, seconds: float, times: int, *, stops: bool) -> None:
        due = asyncio.get_running_loop().time() + seconds
        may_overtake = item.number is not None and self._faults._reorder
        before = [] if may_overtake else list(self._under_way)
        task = self._port.route._begin(self._go_on(item, due, times, before, stops=stops))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _go_on(
        self, item: Said, due: float, times: int, before: list["asyncio.Task[None]"], *, stops: bool
    ) -> None:
        await asyncio.sleep(max(0, due - asyncio.get_running_loop().time()))
        if before:
            await asyncio.wait(before)
        await self._faults._free.wait()
        if stops:
            self._port.route._note("stops the background before it delivers", item.payload)
            await self._port.route._stop_background()
        if item.number is None:
            self._direction.go_on(item)
            return
        self._repeat(item, times)
        self._port.counted()

    def _repeat(self, item: Said, times: int) -> None:
        if times and self._faults._change is None:
            self._direction.go_on(item)
            times -= 1
        else:
            self._direction.keep_back(item)
        if times:
            self._post(item, times)

    def _post(self, item: Said, times: int) -> None:
        change = self._faults._change or (lambda message: message)
        try:
            for _ in range(times):
                self._direction.say(change(item.message))
        except PortDisconnectedError:
            pass  # the other end has gone meanwhile
        except Exception as error:  # of the user's function
            self._port.route._raised(error)


def _between(limits: tuple[float, float], share: float) -> float:
    """Return a time between two in milliseconds, in seconds."""
    least, most = limits
    return (least + (most - least) * share) / 1000
