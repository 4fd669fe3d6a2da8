"""Records of every kind."""

from bridge.javascript import UNDEFINED, Map
from bridge.protocol import values
from bridge.traffic.records import (
    ConsoleSaid,
    EventDispatched,
    Launched,
    MessagePosted,
    Omitted,
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

SAMPLES: list[Record] = [
    Launched(began="2026-01-01T00:00:00.000+00:00", browser="firefox", extension="x@y", name="n", version="1"),
    PlaceBegan(place=1, kind="content", url="http://a/", tab=3, frame=0),
    PlaceBegan(place=2, kind="background"),
    PortOpened(time=0.5, port=1, place=1, name="n"),
    PortOpened(time=0.5, port=2, place=2, by="python", function="tabs.connect", name=None, target="tab 3"),
    PortAccepted(time=0.5, port=1, place=2),
    MessagePosted(time=0.5, port=1, place=1, payload=payload('{"a":[1,null]}')),
    MessagePosted(time=0.5, port=1, place=1, payload=payload(values.encode(Map({1: UNDEFINED})))),
    PortClosed(time=0.5, port=1, place=1, by="script", reason="disconnect()"),
    RequestSent(time=0.5, request=1, place=1, payload=payload("1")),
    RequestHeard(time=0.5, request=1, place=2),
    RequestAnswered(time=0.5, request=1, place=1, payload=payload("2")),
    RequestAnswered(time=0.5, request=1, place=1, error="why"),
    ConsoleSaid(time=0.5, place=1, text="hi"),
    ConsoleSaid(time=0.5, place=1, level="error", text="E: no", uncaught=True, url="x/c.js", line=3, column=7),
    EventDispatched(time=0.5, place=1, event="alarms.onAlarm"),
    PortRouted(time=0.5, place=2, name="n", what="loses a message from the opener", payload=payload("[1]")),
    PortRouted(time=0.5, place=2, name=None, what="closes the opener's end"),
    RequestRouted(time=0.5, place=2, what="answers", payload=payload("[1]")),
    RequestRouted(time=0.5, place=2, what="aborts it: nobody is there"),
    PlaceEnded(time=0.5, place=1, reason="gone"),
    Omitted(time=0.5, count=3, reason="why"),
]
