"""The figures: what is measured, next to what, and what it should reach."""

from .figure import Bound, Figure, Measure
from .hosts import DIRECT
from .measures import (
    bridged,
    cpu,
    evaluate,
    large,
    launches,
    native,
    once,
    ports,
    processes,
    raw,
    recording,
    routing,
    selenium,
    sync,
    throughput,
)

__all__ = ["GROUPS", "chosen"]

_OWN_ORIGIN = ("background", "page", "external")
"""Where Python may stand in a context of an extension's own origin, which can dial Python itself."""


def _round_trip(place: str) -> Figure:
    dials = place in _OWN_ORIGIN
    yardsticks = {
        "W": raw.socket_round_trip,
        "P": raw.port_round_trip(place),
        "E": evaluate.round_trip(place),
        "chain": raw.chain(place),
    }
    return Figure(
        f"round trip, {place}",
        bridged.round_trip(place),
        yardsticks,
        (
            Bound.over("W + P" if dials else "W + 2P", 1.15, "chromium"),
            Bound.over("W + 2P", 1.15, "firefox"),
            *([Bound.over("E", 0.75)] if dials else []),
            Bound.over("chain"),
        ),
    )


_SYNC = Figure(
    "sync, background",
    sync.round_trip,
    {"async": bridged.round_trip("background")},
    (Bound.over("async", 1.25),),
)


def _throughput(place: str, direction: str) -> Figure:
    return Figure(
        f"throughput, {place} {direction}",
        throughput.from_python(place, direction),
        {"T": throughput.in_javascript(place, direction)},
        (Bound.over("T", 0.9),),
        unit="/s",
        rounds=5,
        more_is_better=True,
    )


def _cpu(place: str, direction: str) -> tuple[Figure, ...]:
    return (
        Figure(
            f"CPU, of Python, {place} {direction}",
            cpu.of_python(place, direction),
            {"time of T": throughput.time_in_javascript(place, direction)},
            (Bound.over("time of T"),),
            rounds=5,
        ),
        Figure(
            f"CPU, of T, {place} {direction}",
            cpu.busy_processors(place, direction),
            {"machine": cpu.processors},
            (Bound.over("machine"),),
            unit="processors",
            rounds=5,
        ),
    )


def _cpu_of_round_trip(place: str) -> Figure:
    return Figure(
        f"CPU, of Python, {place} one by one",
        cpu.of_round_trips(bridged.round_trip(place)),
        {"that of the chain": cpu.of_round_trips(raw.chain(place)), "time of the chain": raw.chain(place)},
        (Bound.over("that of the chain"), Bound.over("time of the chain")),
    )


_LARGE = Figure(
    "1 MiB, echo",
    large.from_python,
    {"raw WebSocket": large.over_socket, "raw Port": large.over_port},
    (Bound.over("raw WebSocket + raw Port", 1.5), Bound.over("raw WebSocket + 2 raw Port", None, "firefox")),
    rounds=9,
)

_PORTS = (
    Figure(
        "1000 ports, open",
        ports.opened,
        {"JavaScript": ports.opened_in_javascript},
        (Bound.over("JavaScript", 1.5),),
        rounds=7,
    ),
    Figure("1000 ports, memory of each", ports.memory, {"KiB": ports.kibibyte}, (Bound.over("KiB", 6),), "KiB", 3),
)

_LAUNCH = (
    Figure(
        "launch, first message",
        launches.first_message,
        {"bare Playwright": launches.bare_playwright, "by hand": launches.by_hand},
        (Bound.over("bare Playwright", 1.2), Bound.over("by hand")),
        rounds=7,
    ),
    Figure(
        "launch, reset", launches.reset, {"launch": launches.launch_and_close}, (Bound.over("launch", 1),), rounds=5
    ),
)


def _one_time(name: str, place: str, measure: Measure, asker: str, evaluate: Measure | None) -> Figure:
    yardsticks = {
        "W": raw.socket_round_trip,
        "P": raw.port_round_trip(place),
        "M": once.in_javascript(asker),
        "chain": raw.chain(place, once=True),  # for what Python answers: the same hops, from their other end
        **({"E": evaluate} if evaluate else {}),
    }
    return Figure(
        f"one-time, {name} {place}",
        measure,
        yardsticks,
        (
            Bound.over("M"),
            Bound.over("W + M" if place in _OWN_ORIGIN else "W + P + M", None, "chromium"),
            Bound.over("W + M" if place == "external" else "W + P + M", None, "firefox"),
            *([Bound.over("E", None, "chromium")] if evaluate else []),
            Bound.over("chain"),
        ),
    )


def _asked(place: str) -> Figure:
    evaluate = once.asked_by_evaluate(place) if place in _OWN_ORIGIN else None
    return _one_time("asked from", place, once.asked(place), place, evaluate)


def _answered(place: str) -> Figure:
    evaluate = once.answered_by_evaluate if place == "background" else None
    return _one_time("answered in", place, once.answered(place), once.ASKER[place], evaluate)


_ONE_TIME = (
    *map(_asked, (*_OWN_ORIGIN, "content")),
    *map(_answered, once.ASKER),
    Figure(
        "one-time, 1000 at once, asked",
        once.asked_at_once("page"),
        {"Promise.all": once.in_javascript_at_once("page")},
        (Bound.over("Promise.all"),),
        rounds=7,
    ),
    Figure(
        "one-time, 1000 at once, answered",
        once.answered_at_once("background"),
        {"Promise.all": once.in_javascript_at_once("content")},
        (Bound.over("Promise.all"),),
        rounds=7,
    ),
)

_IDLE = Figure(
    "idle, CPU of a second",
    processes.idle(bridged=True),
    {"second": processes.second, "without the bridge": processes.idle(bridged=False)},
    (Bound.over("second", 0.001), Bound.over("without the bridge")),
    rounds=1,
)


def _tests(name: str, scope: str) -> Figure:
    return Figure(
        f"pytest, {name}",
        processes.tests(processes.BY_BRIDGE, scope),
        {"by hand": processes.tests(processes.BY_HAND)},
        (Bound.over("by hand"),),
        rounds=2,
    )


_PYTEST = (
    Figure(
        "pytest, a run of one test",
        processes.whole_run(processes.BY_BRIDGE),
        {"by hand": processes.whole_run(processes.BY_HAND)},
        (Bound.over("by hand"),),
        rounds=5,
    ),
    _tests("one more test, scope function", "function"),
    _tests("one more test, scope module", "module"),
    _tests("one more test, scope session", "session"),
)

_SELENIUM = (
    Figure(
        "Selenium, round trip",
        bridged.round_trip("content"),
        {"execute_async_script": selenium.round_trip},
        (Bound.over("execute_async_script"),),
    ),
    Figure(
        "Selenium, launch",
        launches.first_message,
        {"start and install": selenium.first_answer},
        (Bound.over("start and install"),),
        rounds=5,
    ),
)

_NATIVE = Figure(
    "native, round trip",
    native.round_trip(native.BRIDGED),
    {DIRECT: native.round_trip(DIRECT), "W": raw.socket_round_trip},
    (Bound.over(DIRECT), Bound.over(f"{DIRECT} + W")),
)

_RECORDING = (
    Figure(
        "recording, round trip of scripts",
        recording.round_trip(recording.ALL),
        {"off": recording.round_trip(recording.OFF)},
        (Bound.over("off"),),
    ),
    Figure(
        "recording, echo of scripts",
        recording.echo(recording.ALL),
        {"off": recording.echo(recording.OFF)},
        (Bound.over("off"),),
        unit="/s",
        rounds=5,
        more_is_better=True,
    ),
)


def _routed(name: str, opener: recording.Opener) -> tuple[Figure, ...]:
    return (
        Figure(
            f"routes, {name}, round trip of scripts",
            recording.round_trip(opener),
            {"no routes": recording.round_trip(routing.NONE)},
            (Bound.over("no routes"),),
        ),
        Figure(
            f"routes, {name}, echo of scripts",
            recording.echo(opener),
            {"no routes": recording.echo(routing.NONE)},
            (Bound.over("no routes"),),
            unit="/s",
            rounds=5,
            more_is_better=True,
        ),
    )


_ROUTES = (
    *_routed("none fits", routing.OTHER),
    *_routed("passed on", routing.PASSED),
    *_routed("posted anew", routing.POSTED),
)

GROUPS: dict[str, tuple[Figure, ...]] = {
    "round trip": tuple(map(_round_trip, (*_OWN_ORIGIN, "content"))),
    "sync": (_SYNC,),
    "throughput": tuple(_throughput(place, direction) for place in _OWN_ORIGIN for direction in throughput.DIRECTIONS),
    "CPU": (
        *map(_cpu_of_round_trip, (*_OWN_ORIGIN, "content")),
        *(
            figure
            for place in ("background", "page")
            for direction in throughput.DIRECTIONS
            for figure in _cpu(place, direction)
        ),
    ),
    "1 MiB": (_LARGE,),
    "1000 ports": _PORTS,
    "one-time": _ONE_TIME,
    "launch": _LAUNCH,
    "idle": (_IDLE,),
    "pytest": _PYTEST,
    "Selenium": _SELENIUM,
    "native": (_NATIVE,),
    "recording": _RECORDING,
    "routes": _ROUTES,
}
"""The figures by group; those of a group share what a measure launches."""


def chosen(text: str) -> dict[str, tuple[Figure, ...]]:
    """Return the figures whose names contain `text`."""
    groups = {group: tuple(figure for figure in figures if text in figure.name) for group, figures in GROUPS.items()}
    return {group: figures for group, figures in groups.items() if figures}
