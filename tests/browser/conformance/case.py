"""Cases: the behaviours, each written once."""

import importlib
import inspect
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from . import cases
from .observation import Render, common, exact
from .place import Place
from .scene import Scene
from .stage import Stage

__all__ = ["BOTH", "REFUSED_LATE", "Case", "Differs", "all_cases", "case", "order", "play"]

Body = Callable[..., Awaitable[None]]
Observed = dict[str, list[str]]

_registry: dict[str, "Case"] = {}


@dataclass(frozen=True)
class Differs:
    """A known and unavoidable difference of the bridge.

    Attributes:
        why: The reason, for docs/conformance.md.
        sees: What the actors observe, in place of the reference.
        python: The actor that Python plays then; None where only JavaScript plays.
        browser: Only in that browser.
        way: Only in that way of the case.
        keep: How many entries of the reference come before those of `sees`.
    """

    why: str
    python: str | None
    sees: Observed
    browser: str | None = None
    way: str | None = None
    keep: int = 0

    def expected(self, reference: Observed) -> Observed:
        """What is expected in place of the reference."""
        return {**reference, **{name: reference[name][: self.keep] + lines for name, lines in self.sees.items()}}


@dataclass(frozen=True)
class Case:
    """One behaviour: `title` says what is played, `body` plays it."""

    id: str
    theme: str
    title: str
    places: dict[str, Place]
    body: Body
    worlds: tuple[str, ...]
    differs: tuple[Differs, ...] = ()
    any_order: tuple[str, ...] = ()
    by_port: tuple[str, ...] = ()
    python: tuple[str, ...] | None = None
    shows_sender: bool = False

    @property
    def plays(self) -> list[str | None]:
        """Who Python plays: nobody, then each actor that it can."""
        asked = self.places if self.python is None else self.python
        return [None, *(name for name in asked if self.places[name].playable)]

    def ordered(self, actor: str, log: list[list[Any]], lines: list[str]) -> list[str]:
        """What an actor saw, in an order that means something."""
        if actor in self.any_order:
            return sorted(lines)
        if actor in self.by_port:
            return [line for _, line in sorted(zip(log, lines, strict=True), key=lambda pair: str(pair[0][1]))]
        return lines

    def difference(self, browser: str, python: str | None) -> Differs | None:
        """The known difference for that run, if there is one."""
        found = (
            known
            for known in self.differs
            if known.python == python
            and known.browser in (None, browser)
            and (known.way is None or self.id.endswith(known.way))
        )
        return next(found, None)


WORLDS: dict[str, dict[str, Any]] = {
    "chromium": {"version": 3},
    "firefox": {"version": 3},
    "firefox-mv2": {"version": 2},
    "chromium-stops": {"version": 3, "stands": True},
    "firefox-stops": {"version": 3, "stands": True},
}
"""The browsers by name, with the arguments of `raw_stage` and `bridged_stage`."""

BOTH = ("chromium", "firefox")

REFUSED_LATE = "Python's call has returned when the browser refuses it, so the port closes with the browser's error"
"""Why a call that throws in JavaScript does not raise in Python."""


def case(
    *,
    ways: dict[str, tuple[Place, Place]] | None = None,
    worlds: tuple[str, ...] = BOTH,
    mv2: bool = False,
    differs: tuple[Differs, ...] = (),
    any_order: tuple[str, ...] = (),
    by_port: tuple[str, ...] = (),
    python: tuple[str, ...] | None = None,
    shows_sender: bool = False,
    stands: bool = False,
    **places: Place,
) -> Callable[[Body], Body]:
    """Register a case; its function gets the scene and the actors, and its docstring is the title.

    Args:
        ways: The case is played between these pairs of places, too: one case each, for opener and receiver.
        worlds: Where it is played.
        mv2: Play it in Manifest V2, too.
        differs: Where the bridge is known to differ.
        any_order: Actors who hear from several others, in an order that may vary.
        by_port: Actors for whom only the order on each port is compared: the browser keeps no other.
        python: The actors that Python plays; None means all that it can.
        stands: The background listens from its start on, and may be stopped.
        shows_sender: The table shows the senders; they are compared anyway.
        places: Where each actor stands.
    """

    def register(body: Body) -> Body:
        theme = body.__module__.rpartition(".")[2]
        title = " ".join(inspect.cleandoc(body.__doc__ or "").split())
        pairs = {f"-{name}": {"opener": a, "receiver": b} for name, (a, b) in (ways or {}).items()}
        for way, own in (pairs or {"": places}).items():
            id = body.__name__.strip("_").replace("_", "-") + way
            assert id not in _registry, f"two cases are called {id}"
            between = f" ({way[1:].replace('-', ' ')})" if way else ""
            _registry[id] = Case(
                id,
                theme,
                title + between,
                {**own, **places},
                body,
                _worlds(worlds, mv2, stands),
                differs,
                any_order,
                by_port,
                python,
                shows_sender,
            )
        return body

    return register


def _worlds(worlds: tuple[str, ...], mv2: bool, stands: bool) -> tuple[str, ...]:
    if stands:
        return ("chromium-stops", "firefox-stops")
    return (*worlds, "firefox-mv2") if mv2 else worlds


def all_cases() -> list[Case]:
    """All cases, by theme."""
    for module in pkgutil.iter_modules(cases.__path__):
        importlib.import_module(f"{cases.__name__}.{module.name}")
    return list(_registry.values())


def order(case: Case) -> list[str]:
    """What to sort cases by, so that those which can share pages follow each other."""
    return sorted({repr(place) for place in case.places.values() if place.in_a_tab})


@dataclass(frozen=True)
class Observation:
    """What the actors saw in one run: in full, and in the terms that JavaScript and Python share."""

    exact: Observed
    common: Observed


async def play(case: Case, stage: Stage, python: str | None = None) -> Observation:
    """Play a case, and return what the actors observed."""
    async with Scene(stage, case.places, python) as scene:
        await case.body(scene, **scene.actors)
        # Without what the end of the scene does.
        for actor in scene.actors.values():
            await actor.says_all()
        for actor in scene.actors.values():
            await actor.says_all()
        logs = [(actor, list(actor.log), scene.normaliser(actor)) for actor in scene.actors.values()]

    def seen(render: Render) -> Observed:
        return {
            actor.name: case.ordered(actor.name, log, [render(entry, normaliser) for entry in log])
            for actor, log, normaliser in logs
        }

    return Observation(seen(exact), seen(common))
