"""Makes records such as a launch has."""

import json
from collections.abc import Iterator
from typing import Any

from bridge.protocol import values
from bridge.traffic.limits import MAX_MESSAGE_CHARACTERS
from bridge.traffic.records import (
    Launched,
    MessagePosted,
    Omitted,
    Payload,
    PlaceBegan,
    PlaceEnded,
    PortAccepted,
    PortClosed,
    PortOpened,
    Record,
    RequestAnswered,
    RequestHeard,
    RequestSent,
    payload,
)

BACKGROUND, CONTENT, FRAME, POPUP, NATIVE, OTHER, WEB = range(1, 8)
EXTENSION = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"


def message(value: Any) -> Payload:
    return payload(values.encode(value))


def launched() -> Record:
    return Launched(
        began="2026-11-25T02:34:56.789+00:00",
        browser="chromium 156.0",
        extension="abcdefghijklmnopabcdefghijklmnop",
        name="Sample",
        version="1.0",
        record="all",
    )


def places() -> list[Record]:
    return [
        PlaceBegan(time=0.01, place=BACKGROUND, kind="background", url=f"{EXTENSION}/background.js"),
        PlaceBegan(time=0.2, place=CONTENT, kind="content", url="https://example.org/shop/basket?id=7", tab=3, frame=0),
        PlaceBegan(time=0.21, place=FRAME, kind="content", url="https://ads.example.net/frame.html", tab=3, frame=12),
        PlaceBegan(time=0.5, place=POPUP, kind="page", url=f"{EXTENSION}/popup/popup.html"),
        PlaceBegan(time=0.6, place=NATIVE, kind="native", url="org.example.host"),
        PlaceBegan(time=0.7, place=OTHER, kind="extension", url="ponmlkjihgfedcbaponmlkjihgfedcba"),
        PlaceBegan(time=0.8, place=WEB, kind="web", url="https://example.org/", tab=4, frame=0),
    ]


def conversation() -> list[Record]:
    """Every kind of record, in a launch of an extension whose scripts talk with one another and with Python."""
    return [
        launched(),
        *places(),
        PortOpened(time=1.0, port=1, place=CONTENT, name="port-from-cs"),
        PortAccepted(time=1.002, port=1, place=BACKGROUND),
        MessagePosted(time=1.003, port=1, place=CONTENT, payload=message({"greeting": "hello from content script"})),
        MessagePosted(time=1.004, port=1, place=BACKGROUND, payload=message({"greeting": "hi there content script!"})),
        PortOpened(time=1.2, port=2, place=BACKGROUND, by="python", function="tabs.connect", name="", target="tab 3"),
        PortAccepted(time=1.21, port=2, place=CONTENT),
        PortAccepted(time=1.22, port=2, place=FRAME),
        MessagePosted(
            time=1.23, port=2, place=BACKGROUND, by="python", payload=message([1, 2.5, None, True, {"deep": [[]]}])
        ),
        RequestSent(time=1.5, request=1, place=POPUP, payload=message({"ask": "settings"})),
        RequestHeard(time=1.501, request=1, place=BACKGROUND),
        RequestAnswered(time=1.503, request=1, place=POPUP, payload=message({"theme": "dark", "size": 12})),
        RequestSent(
            time=1.6, request=2, place=BACKGROUND, function="tabs.sendMessage", target="tab 9", payload=message("?")
        ),
        RequestAnswered(
            time=1.61,
            request=2,
            place=BACKGROUND,
            error="Could not establish connection. Receiving end does not exist.",
        ),
        PortOpened(
            time=2.0,
            port=3,
            place=BACKGROUND,
            function="runtime.connectNative",
            name=None,
            target="org.example.host",
            leads_to=NATIVE,
        ),
        MessagePosted(time=2.1, port=3, place=BACKGROUND, payload=message({"text": "x" * 300})),
        MessagePosted(time=2.2, port=3, place=NATIVE, payload=payload(json.dumps("y" * 2 * MAX_MESSAGE_CHARACTERS))),
        PortClosed(
            time=2.3, port=3, place=BACKGROUND, reason="the native application ended", error="Native host has exited."
        ),
        PortOpened(time=2.5, port=4, place=OTHER, name="from outside"),
        PortAccepted(time=2.51, port=4, place=BACKGROUND, by="python", event="runtime.onConnectExternal"),
        MessagePosted(time=2.52, port=4, place=BACKGROUND, by="python", payload=message("only for you")),
        PortOpened(time=2.6, port=5, place=WEB, name="from a web page"),
        PortAccepted(time=2.61, port=5, place=BACKGROUND, event="runtime.onConnectExternal"),
        PortClosed(time=2.7, port=1, place=CONTENT, reason="the page went away"),
        PortClosed(time=2.71, port=1, place=BACKGROUND, by="script", reason="disconnect() was called"),
        Omitted(time=2.75, count=1234, reason="the browser sent them faster than they could be taken"),
        PortClosed(time=2.8, port=2, place=BACKGROUND, by="python", reason="disconnect() was called"),
        PlaceEnded(time=2.9, place=FRAME, reason="the frame went away"),
        PlaceEnded(time=2.95, place=POPUP, reason="the page was closed"),
        MessagePosted(time=3.0, port=99, place=BACKGROUND, payload=message("on a port that is not known")),
    ]


def many(count: int) -> Iterator[Record]:
    """Messages back and forth over twenty ports, numbered from 0."""
    yield launched()
    yield from places()
    for port in range(1, 21):
        yield PortOpened(time=1.0, port=port, place=CONTENT if port % 2 else POPUP, name=f"channel {port}")
        yield PortAccepted(time=1.0, port=port, place=BACKGROUND)
    for number in range(count):
        port = number % 20 + 1
        there = CONTENT if port % 2 else POPUP
        place = BACKGROUND if number % 3 else there
        value = {"number": number, "kind": "tick", "items": [number, number + 1], "text": "some text in a message"}
        yield MessagePosted(time=2 + number / 1000, port=port, place=place, payload=message(value))
