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

_IN = {
    "background": "in the background",
    "page": "in an extension page",
    "external": "in `external`",
    "content": "in a content script",
}
_SERIES = {
    "out": "from Python {in_place}",
    "in": "to Python {in_place}",
    "echo": "from Python {in_place} and back",
}
_LEAST = {"out": 0.9, "in": 0.85, "echo": 0.85}
"""The targets of many messages over T."""


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
        f"Round trip, Python {_IN[place]}",
        bridged.round_trip(place),
        yardsticks,
        (
            Bound.over("chain", 1.1),
            *([Bound.over("E", 0.75)] if dials else []),
            Bound.over("W + P" if dials else "W + 2P", None, "chromium"),  # no bridge can reach it, nor can the chain
            Bound.over("W + 2P", None, "firefox"),
        ),
    )


_SYNC = Figure(
    "sync, background",
    "Round trip with the sync API, Python in the background",
    sync.round_trip,
    {"async": bridged.round_trip("background")},
    (Bound.over("async", 1.1),),
)


def _throughput(place: str, direction: str) -> Figure:
    return Figure(
        f"throughput, {place} {direction}",
        f"Messages a second {_SERIES[direction].format(in_place=_IN[place])}",
        throughput.from_python(place, direction),
        {"T": throughput.in_javascript(place, direction)},
        (Bound.over("T", _LEAST[direction]),),
        unit="/s",
        rounds=5,
        more_is_better=True,
    )


def _cpu(place: str, direction: str) -> tuple[Figure, ...]:
    series = _SERIES[direction].format(in_place=_IN[place])
    return (
        Figure(
            f"CPU, of Python, {place} {direction}",
            f"Python's processor time for 10,000 messages {series}",
            cpu.of_python(place, direction),
            {"time of T": throughput.time_in_javascript(place, direction)},
            (Bound.over("time of T"),),
            rounds=5,
        ),
        Figure(
            f"CPU, of T, {place} {direction}",
            f"Processors busy during T, 10,000 messages {series}",
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
        f"Python's processor time for a round trip {_IN[place]}",
        cpu.of_round_trips(bridged.round_trip(place)),
        {"that of the chain": cpu.of_round_trips(raw.chain(place)), "time of the chain": raw.chain(place)},
        (Bound.over("that of the chain", 1.6), Bound.over("time of the chain")),
    )


_LARGE = Figure(
    "1 MiB, echo",
    "Echo of 1 MiB, Python in the background",
    large.from_python,
    {"raw WebSocket": large.over_socket, "raw Port": large.over_port},
    (Bound.over("raw WebSocket + raw Port", 1.5), Bound.over("raw WebSocket + 2 raw Port", None, "firefox")),
    rounds=9,
)

_PORTS = (
    Figure(
        "1000 ports, open",
        "Opening 1,000 ports, Python in the background",
        ports.opened,
        {"JavaScript": ports.opened_in_javascript},
        (Bound.over("JavaScript", 1.5),),
        rounds=7,
    ),
    Figure(
        "1000 ports, memory of each",
        "Memory of an open port in Python",
        ports.memory,
        {"KiB": ports.kibibyte},
        (Bound.over("KiB", 6),),
        "KiB",
        3,
    ),
)

_LAUNCH = (
    Figure(
        "launch, first message",
        "Launch, until the first message",
        launches.first_message,
        {"bare Playwright": launches.bare_playwright, "by hand": launches.by_hand},
        (
            Bound.over("bare Playwright", 1.35, "chromium"),
            Bound.over("bare Playwright", None, "firefox"),
            Bound.over("by hand", 1.1),
        ),
        rounds=7,
    ),
    Figure(
        "launch, reset",
        "`reset()`",
        launches.reset,
        {"launch": launches.launch_and_close},
        (Bound.over("launch", 1),),
        rounds=5,
    ),
)


def _one_time(name: str, title: str, measure: Measure, place: str, asker: str, evaluate: Measure | None) -> Figure:
    yardsticks = {
        "W": raw.socket_round_trip,
        "P": raw.port_round_trip(place),
        "M": once.in_javascript(asker),
        "chain": raw.chain(place, once=True),  # for what Python answers: the same hops, from their other end
        **({"E": evaluate} if evaluate else {}),
    }
    return Figure(
        f"one-time, {name} {place}",
        title,
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
    answers = "a content script" if place == "background" else "the background"
    title = f"Python {_IN[place]} asks, {answers} answers"
    return _one_time("asked from", title, once.asked(place), place, place, evaluate)


def _answered(place: str) -> Figure:
    evaluate = once.answered_by_evaluate if place == "background" else None
    asks = "The background" if place == "content" else "A content script"
    title = f"{asks} asks, Python {_IN[place]} answers"
    return _one_time("answered in", title, once.answered(place), place, once.ASKER[place], evaluate)


_ONE_TIME = (
    *map(_asked, (*_OWN_ORIGIN, "content")),
    *map(_answered, once.ASKER),
    Figure(
        "one-time, 1000 at once, asked",
        "Python in an extension page asks 1,000 times at once",
        once.asked_at_once("page"),
        {"Promise.all": once.in_javascript_at_once("page")},
        (Bound.over("Promise.all"),),
        rounds=7,
    ),
    Figure(
        "one-time, 1000 at once, answered",
        "Python in the background answers 1,000 times at once",
        once.answered_at_once("background"),
        {"Promise.all": once.in_javascript_at_once("content")},
        (Bound.over("Promise.all"),),
        rounds=7,
    ),
)

_IDLE = Figure(
    "idle, CPU of a second",
    "Processor time in a second with nothing to do",
    processes.idle(bridged=True),
    {"second": processes.second, "without the bridge": processes.idle(bridged=False)},
    (Bound.over("second", 0.001), Bound.over("without the bridge")),
    rounds=1,
)


def _one_more_test(scope: str) -> Figure:
    return Figure(
        f"pytest, one more test, scope {scope}",
        f"One more test, `bridge_scope = {scope}`",
        processes.tests(processes.BY_BRIDGE, scope),
        {"by hand": processes.tests(processes.BY_HAND)},
        (Bound.over("by hand"),),
        rounds=2,
    )


_PYTEST = (
    Figure(
        "pytest, a run of one test",
        "A run of one test",
        processes.whole_run(processes.BY_BRIDGE),
        {"by hand": processes.whole_run(processes.BY_HAND)},
        (Bound.over("by hand", 1.1),),
        rounds=5,
    ),
    *map(_one_more_test, ("function", "module", "session")),
)

_SELENIUM = (
    Figure(
        "Selenium, round trip",
        "Round trip, Python in a content script",
        bridged.round_trip("content"),
        {"execute_async_script": selenium.round_trip},
        (Bound.over("execute_async_script"),),
    ),
    Figure(
        "Selenium, launch",
        "Launch, until the first message",
        launches.first_message,
        {"start and install": selenium.first_answer},
        (Bound.over("start and install"),),
        rounds=5,
    ),
)

_NATIVE = Figure(
    "native, round trip",
    "Round trip from a script to Python as the native application",
    native.round_trip(native.BRIDGED),
    {DIRECT: native.round_trip(DIRECT), "W": raw.socket_round_trip},
    (Bound.over(DIRECT), Bound.over(f"{DIRECT} + W")),
)

_RECORDING = (
    Figure(
        "recording, round trip of scripts",
        "Round trip between scripts, recorded",
        recording.round_trip(recording.ALL),
        {"off": recording.round_trip(recording.OFF)},
        (Bound.over("off", 1.15),),
    ),
    Figure(
        "recording, echo of scripts",
        "Messages a second between scripts and back, recorded",
        recording.echo(recording.ALL),
        {"off": recording.echo(recording.OFF)},
        (Bound.over("off"),),
        unit="/s",
        rounds=5,
        more_is_better=True,
    ),
)


def _routed(name: str, title: str, opener: recording.Opener) -> tuple[Figure, ...]:
    return (
        Figure(
            f"routes, {name}, round trip of scripts",
            f"Round trip between scripts, {title}",
            recording.round_trip(opener),
            {"no routes": recording.round_trip(routing.NONE)},
            (Bound.over("no routes"),),
        ),
        Figure(
            f"routes, {name}, echo of scripts",
            f"Messages a second between scripts and back, {title}",
            recording.echo(opener),
            {"no routes": recording.echo(routing.NONE)},
            (Bound.over("no routes"),),
            unit="/s",
            rounds=5,
            more_is_better=True,
        ),
    )


_ROUTES = (
    *_routed("none fits", "no route fits", routing.OTHER),
    *_routed("passed on", "a route lets all pass", routing.PASSED),
    *_routed("posted anew", "a route posts all anew", routing.POSTED),
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
