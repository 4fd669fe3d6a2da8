"""Makes records such as a launch has."""

import json
from collections.abc import Iterator
from typing import Any

from bridge.protocol import values
from bridge.traffic.records import (
    Accepted,
    Answered,
    Asked,
    Began,
    Closed,
    Ended,
    Heard,
    Launched,
    Omitted,
    Opened,
    Payload,
    Posted,
    Record,
    payload,
)

BACKGROUND, CONTENT, FRAME, POPUP, NATIVE, OTHER, WEB = range(1, 8)
LIMIT = 100_000
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
        Began(time=0.01, place=BACKGROUND, kind="background", url=f"{EXTENSION}/background.js"),
        Began(time=0.2, place=CONTENT, kind="content", url="https://example.org/shop/basket?id=7", tab=3, frame=0),
        Began(time=0.21, place=FRAME, kind="content", url="https://ads.example.net/frame.html", tab=3, frame=12),
        Began(time=0.5, place=POPUP, kind="page", url=f"{EXTENSION}/popup/popup.html"),
        Began(time=0.6, place=NATIVE, kind="native", url="org.example.host"),
        Began(time=0.7, place=OTHER, kind="extension", url="ponmlkjihgfedcbaponmlkjihgfedcba"),
        Began(time=0.8, place=WEB, kind="web", url="https://example.org/", tab=4, frame=0),
    ]


def conversation() -> list[Record]:
    """Every kind of record, in a launch of an extension whose scripts talk with one another and with Python."""
    return [
        launched(),
        *places(),
        Opened(time=1.0, port=1, place=CONTENT, name="port-from-cs"),
        Accepted(time=1.002, port=1, place=BACKGROUND),
        Posted(time=1.003, port=1, place=CONTENT, payload=message({"greeting": "hello from content script"})),
        Posted(time=1.004, port=1, place=BACKGROUND, payload=message({"greeting": "hi there content script!"})),
        Opened(time=1.2, port=2, place=BACKGROUND, by="python", function="tabs.connect", name="", target="tab 3"),
        Accepted(time=1.21, port=2, place=CONTENT),
        Accepted(time=1.22, port=2, place=FRAME),
        Posted(time=1.23, port=2, place=BACKGROUND, by="python", payload=message([1, 2.5, None, True, {"deep": [[]]}])),
        Asked(time=1.5, request=1, place=POPUP, payload=message({"ask": "settings"})),
        Heard(time=1.501, request=1, place=BACKGROUND),
        Answered(time=1.503, request=1, place=POPUP, payload=message({"theme": "dark", "size": 12})),
        Asked(time=1.6, request=2, place=BACKGROUND, function="tabs.sendMessage", target="tab 9", payload=message("?")),
        Answered(
            time=1.61,
            request=2,
            place=BACKGROUND,
            error="Could not establish connection. Receiving end does not exist.",
        ),
        Opened(
            time=2.0,
            port=3,
            place=BACKGROUND,
            function="runtime.connectNative",
            name=None,
            target="org.example.host",
            leads_to=NATIVE,
        ),
        Posted(time=2.1, port=3, place=BACKGROUND, payload=message({"text": "x" * 300})),
        Posted(time=2.2, port=3, place=NATIVE, payload=payload(json.dumps("y" * 2 * LIMIT))),
        Closed(
            time=2.3, port=3, place=BACKGROUND, reason="the native application ended", error="Native host has exited."
        ),
        Opened(time=2.5, port=4, place=OTHER, name="from outside"),
        Accepted(time=2.51, port=4, place=BACKGROUND, by="python", event="runtime.onConnectExternal"),
        Posted(time=2.52, port=4, place=BACKGROUND, by="python", payload=message("only for you")),
        Opened(time=2.6, port=5, place=WEB, name="from a web page"),
        Accepted(time=2.61, port=5, place=BACKGROUND, event="runtime.onConnectExternal"),
        Closed(time=2.7, port=1, place=CONTENT, reason="the page went away"),
        Closed(time=2.71, port=1, place=BACKGROUND, by="script", reason="disconnect() was called"),
        Omitted(time=2.75, count=1234, reason="the browser sent them faster than they could be taken"),
        Closed(time=2.8, port=2, place=BACKGROUND, by="python", reason="disconnect() was called"),
        Ended(time=2.9, place=FRAME, reason="the frame went away"),
        Ended(time=2.95, place=POPUP, reason="the page was closed"),
        Posted(time=3.0, port=99, place=BACKGROUND, payload=message("on a port that is not known")),
    ]


def many(count: int) -> Iterator[Record]:
    """Messages back and forth over twenty ports, numbered from 0."""
    yield launched()
    yield from places()
    for port in range(1, 21):
        yield Opened(time=1.0, port=port, place=CONTENT if port % 2 else POPUP, name=f"channel {port}")
        yield Accepted(time=1.0, port=port, place=BACKGROUND)
    for number in range(count):
        port = number % 20 + 1
        there = CONTENT if port % 2 else POPUP
        place = BACKGROUND if number % 3 else there
        value = {"number": number, "kind": "tick", "items": [number, number + 1], "text": "some text in a message"}
        yield Posted(time=2 + number / 1000, port=port, place=place, payload=message(value))
