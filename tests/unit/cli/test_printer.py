"""Lines of records: what they say, that they fit, and that nothing in a message reaches the terminal as a command."""

from typing import Any

import pytest
from rich.cells import cell_len

from bridge.cli.printer import Printer
from bridge.protocol import values
from bridge.traffic.records import (
    ConsoleSaid,
    EventDispatched,
    Launched,
    MessagePosted,
    Omitted,
    Payload,
    PlaceBegan,
    PlaceEnded,
    PortAccepted,
    PortClosed,
    PortOpened,
    PortRouted,
    Record,
    RequestAnswered,
    RequestHeard,
    RequestRouted,
    RequestSent,
    payload,
)


def message(value: Any) -> Payload:
    return payload(values.encode(value))


def lines(*records: Record, width: int | None = None) -> list[str]:
    printer = Printer()
    return [line.plain for record in records if (line := printer.line(record, width)) is not None]


PLACES = [
    PlaceBegan(place=1, kind="background", url="chrome-extension://x/background.js"),
    PlaceBegan(place=2, kind="content", url="http://a.test/", tab=7, frame=0),
]
PORT = [*PLACES, PortOpened(time=1.5, port=1, place=2, name="port-from-cs"), PortAccepted(time=1.51, port=1, place=1)]


def test_port_between_scripts() -> None:
    told = lines(
        *PORT,
        MessagePosted(time=1.52, port=1, place=1, payload=message({"greeting": "hi"})),
        MessagePosted(time=1.53, port=1, place=2, payload=message([1, None])),
        PortClosed(time=2, port=1, place=2, by="script", reason="disconnect() was called"),
    )
    assert told[2:] == [
        "    1.500  content script, tab 7  #1 port-from-cs  opened",
        "    1.510  content script, tab 7 → background  #1 port-from-cs  accepted",
        '    1.520  background → content script, tab 7  #1 port-from-cs  {"greeting": "hi"}',
        "    1.530  content script, tab 7 → background  #1 port-from-cs  [1, null]",
        "    2.000  content script, tab 7  #1 port-from-cs  closed: disconnect() was called",
    ]


def test_places_come_and_go() -> None:
    told = lines(*PLACES, PlaceEnded(time=3, place=2, reason="The page went"))
    assert told == [
        "    0.000  background  began  chrome-extension://x/background.js",
        "    0.000  content script, tab 7  began  http://a.test/",
        "    3.000  content script, tab 7  ended  The page went",
    ]


def test_python_is_named_where_it_acts() -> None:
    told = lines(
        *PLACES,
        PortOpened(port=1, place=1, by="python", name="", target="tab 7", function="tabs.connect"),
        PortAccepted(port=1, place=2),
        MessagePosted(port=1, place=2, payload=message("up")),
        MessagePosted(port=1, place=1, by="python", payload=message("down")),
    )
    assert told[2:] == [
        "    0.000  Python in background  #1  opened to tab 7",
        "    0.000  Python in background → content script, tab 7  #1  accepted",
        '    0.000  content script, tab 7 → Python in background  #1  "up"',
        '    0.000  Python in background → content script, tab 7  #1  "down"',
    ]


def test_python_and_a_script_accept_at_one_place() -> None:
    told = lines(*PORT, PortAccepted(port=1, place=1, by="python"), MessagePosted(port=1, place=2, payload=message(1)))
    assert told[-1] == "    0.000  content script, tab 7 → background  #1 port-from-cs  1"


def test_native_application() -> None:
    told = lines(
        PLACES[0],
        PlaceBegan(place=3, kind="native", url="ping_pong"),
        PortOpened(port=1, place=1, function="runtime.connectNative", name="", target="ping_pong", leads_to=3),
        MessagePosted(port=1, place=1, payload=message("ping")),
        PortClosed(port=1, place=1, reason="It is gone", error="Native host has exited."),
    )
    assert told[1:] == [  # that the application is there is no event
        "    0.000  background → native ping_pong  #1  opened",
        '    0.000  background → native ping_pong  #1  "ping"',
        "    0.000  background  #1  closed: It is gone (Native host has exited.)",
    ]


def test_one_time_messages() -> None:
    told = lines(
        *PLACES,
        RequestSent(request=1, place=2, payload=message({"q": 1})),
        RequestHeard(request=1, place=1),
        RequestAnswered(request=1, place=2, payload=message("a")),
        RequestSent(request=2, place=2, payload=message("anybody?")),
        RequestAnswered(request=2, place=2, error="Receiving end does not exist."),
        RequestSent(request=3, place=2, payload=message(0)),
        RequestAnswered(request=3, place=2),
    )
    assert told[2:] == [
        '    0.000  content script, tab 7  ?1 sendMessage  {"q": 1}',
        "    0.000  content script, tab 7 → background  ?1  heard",
        '    0.000  background → content script, tab 7  ?1 answer  "a"',
        '    0.000  content script, tab 7  ?2 sendMessage  "anybody?"',
        "    0.000  content script, tab 7  ?2 answer  Receiving end does not exist.",
        "    0.000  content script, tab 7  ?3 sendMessage  0",
        "    0.000  content script, tab 7  ?3 answer  nothing",
    ]


def test_launch_and_what_is_missing() -> None:
    assert lines(
        Launched(browser="firefox", name="Mine", version="2.0"), Omitted(count=3, reason="It came too fast")
    ) == ["    0.000  Mine 2.0 in firefox", "    0.000  3 left out: It came too fast"]


def test_lines_on_consoles() -> None:
    said = ConsoleSaid(time=2, place=1, level="warning", text="slow\nly")
    thrown = ConsoleSaid(time=3, place=2, level="error", text="E: no", uncaught=True)
    assert lines(*PLACES, said, thrown)[2:] == [
        "    2.000  background  said warning  slow\\nly",
        "    3.000  content script, tab 7  did not catch  E: no",
    ]


def test_an_event_that_did_not_happen() -> None:
    assert lines(*PLACES, EventDispatched(time=2, place=1, event="alarms.onAlarm"))[2:] == [
        "    2.000  Python in background  dispatch  alarms.onAlarm",
    ]


def test_what_a_route_does() -> None:
    lost = PortRouted(time=2, place=1, name="sync", what="loses a message from the opener", payload=message({"a": 1}))
    answers = RequestRouted(time=4, place=1, what="answers", payload=message(5))
    assert lines(*PLACES, lost, PortRouted(time=3, place=1, what="closes the opener's end"), answers)[2:] == [
        '    2.000  Python in background  sync  loses a message from the opener  {"a": 1}',
        "    3.000  Python in background  closes the opener's end",
        "    4.000  Python in background  message  answers  5",
    ]


@pytest.mark.parametrize("record", [PortClosed(port=1, place=9), PlaceEnded(place=9), PortAccepted(port=1, place=9)])
def test_a_record_alone(record: Record) -> None:
    assert "unknown place 9" in lines(record)[0]


def test_what_began_before_the_record() -> None:
    assert lines(
        MessagePosted(port=4, place=9, payload=message(1)),
        PortClosed(port=4, place=9),
        PlaceEnded(place=9),
        RequestHeard(request=2, place=9),
        RequestAnswered(request=2, place=9, payload=message(1)),
    ) == [
        "    0.000  unknown place 9 → unknown  #4  1",
        "    0.000  unknown place 9  #4  closed",
        "    0.000  unknown place 9  ended",
        "    0.000  unknown → unknown place 9  ?2  heard",
        "    0.000  unknown place 9  ?2 answer  1",
    ]


@pytest.mark.parametrize("width", [20, 40, 89, 90, 109, 110, 300])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    wide = "漢字" * 200  # two columns each
    records = [
        *PORT,
        MessagePosted(port=1, place=1, payload=message({"text": wide})),
        PlaceBegan(place=3, kind="native", url=wide),
        PortOpened(port=2, place=1, name=wide, target=wide, leads_to=3),
        PortClosed(port=2, place=1, reason=wide, error=wide),
    ]
    told = lines(*records, width=width)
    assert all(cell_len(line) <= width for line in told)
    assert told[-3].endswith("…")


def test_aligned_in_a_wide_terminal() -> None:
    told = lines(*PORT, MessagePosted(port=1, place=1, payload=message("here")), width=120)
    assert told[3].startswith("    1.510  content, tab 7 → background  ")
    assert told[3].index("accepted") == told[4].index('"here"') == told[2].index("opened")


def test_short_names_in_a_middling_terminal() -> None:
    told = lines(*PORT, MessagePosted(port=1, place=1, payload=message("here")), width=90)
    assert told[3] == "    1.510  cs 7 → bg                     #1 port-from-cs       accepted"
    assert told[4].index('"here"') == told[3].index("accepted")


def test_short_names_in_a_narrow_terminal() -> None:
    frame = PlaceBegan(place=4, kind="content", tab=7, frame=2)
    told = lines(*PORT, frame, MessagePosted(port=1, place=1, by="python", payload=message("hi")), width=50)
    assert told[3] == "    1.510  cs 7 → bg  #1 port-fro…  accepted"
    assert told[4] == "    0.000  cs 7.2  began"
    assert told[5] == '    0.000  py@bg → cs 7  #1 port-fro…  "hi"'


HOSTILE = "\x1b]0;owned\x07\x1b[31m\n\r\x9b2J\u202e[bold]"


@pytest.mark.parametrize("width", [None, 60, 4000])
def test_nothing_hostile_reaches_the_terminal(width: int | None) -> None:
    records: list[Record] = [
        Launched(name=HOSTILE, version=HOSTILE),
        PlaceBegan(place=1, kind="background", url=HOSTILE),
        PlaceBegan(place=2, kind="native", url=HOSTILE),
        PlaceBegan(place=3, kind=HOSTILE),
        PortOpened(port=1, place=1, name=HOSTILE, target=HOSTILE),
        MessagePosted(port=1, place=1, payload=message(HOSTILE)),
        MessagePosted(port=1, place=3, payload=Payload(text=HOSTILE, length=10**6)),
        PortClosed(port=1, place=1, reason=HOSTILE, error=HOSTILE),
        RequestSent(request=1, place=2, function=HOSTILE, payload=message({HOSTILE: {HOSTILE}})),
        RequestAnswered(request=1, place=2, error=HOSTILE),
        Omitted(count=1, reason=HOSTILE),
        PlaceEnded(place=1, reason=HOSTILE),
    ]
    for line in lines(*records, width=width):
        assert line.isprintable(), line
    assert "[bold]" in lines(*records)[0]  # text, not markup


def test_long_message_says_that_it_was_cut() -> None:
    told = lines(*PORT, MessagePosted(port=1, place=1, payload=message("x" * 10_000)))
    assert told[-1].endswith("x…")
    assert len(told[-1]) < 1000


def test_a_background_is_remembered_while_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.cli.printer._REMEMBERED", 2)
    gone = [PlaceEnded(place=1), PlaceBegan(place=3, kind="page"), PortClosed(port=1, place=1, reason="gone")]
    assert lines(*PORT, *gone)[-1] == "    0.000  background  #1 port-from-cs  closed: gone"


def test_memory_does_not_grow_for_ever() -> None:
    printer = Printer()
    for number in range(10_500):
        printer.line(PortOpened(port=number, place=1, name="n"))
        printer.line(RequestSent(request=number, place=1, payload=message(1)))
        printer.line(PlaceBegan(place=number, kind="content"))
        printer.line(PlaceEnded(place=number))
    history = printer._history
    assert len(history.ports) == len(history.requests) == len(history.places) == 10_000
    assert not history.messages and not any(request.recorded for request in history.requests.values())
