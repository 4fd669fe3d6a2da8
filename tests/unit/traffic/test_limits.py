"""Each limit of the traffic: as large as documented, obeyed, and said where something was left out."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.inspector.feed import Feed
from bridge.inspector.viewer import Viewer
from bridge.traffic import limits
from bridge.traffic.history import History
from bridge.traffic.matching import Target
from bridge.traffic.places import Places
from bridge.traffic.recorder import Recorder
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
    RequestHeard,
    payload,
    payload_value,
)
from bridge.traffic.text import line_of
from bridge.traffic.traffic import Traffic
from bridge.waiting.deferred import DeferredErrors
from support import BRIDGE

NUMBER = payload("1")
EXTENSION = {"id": "me", "url": "chrome-extension://me/b.js"}
PAGE = {"id": "me", "url": "http://a/", "tab": {"id": 1}, "frameId": 0}


def traffic_of(*records: Record) -> Traffic:
    traffic = Traffic(lambda timeout: timeout or 0, DeferredErrors())
    for record in records:
        traffic._add(record)
    return traffic


def recorder(mode: Any, records: list[Record], later: Callable[[float], None] = lambda seconds: None) -> Recorder:
    made = Recorder(mode, records.append, lambda seconds, call: later(seconds))
    made.launched("chromium", "me", "relay", name="", version="")
    return made


def kinds(records: list[Record]) -> list[type[Record]]:
    return [type(record) for record in records]


# --- a check of each ------------------------------------------------------------------------------------------------


def records_kept(limit: int) -> None:
    posts = [MessagePosted(time=number, port=1, place=1, payload=NUMBER) for number in range(limit + 3)]
    whole = traffic_of(*posts[:limit])
    assert len(whole.records) == limit
    cut = traffic_of(*posts)
    omitted, first = cut.records[:2]
    assert isinstance(omitted, Omitted) and (omitted.count, first.time) == (3, 3)
    assert "100,000 records are kept" in omitted.reason and len(cut.records) == limit + 1
    live = (BRIDGE / "report" / "web" / "view.js").read_text("utf-8")
    assert f"const KEPT = {limit:_};" in live


def message_bytes_kept(limit: int) -> None:
    large = payload(json.dumps("x" * 49_998))  # with its quotes, 50,000 bytes
    cut = payload("x" * 50_000, length=10**9)
    fits = limit // 50_000
    for message in (large, cut):
        posts = [MessagePosted(time=number, port=1, place=1, payload=message) for number in range(fits + 2)]
        assert len(traffic_of(*posts[:fits]).records) == fits
        omitted, first = traffic_of(*posts).records[:2]
        assert isinstance(omitted, Omitted) and (omitted.count, first.time) == (2, 2)
        assert f"{limit:,} bytes of messages" in omitted.reason


def beginnings_kept(limit: int) -> None:
    places = [PlaceBegan(place=number, kind="content") for number in range(limit + 2)]
    ports = [PortOpened(port=number, place=5, name="") for number in range(limit + 2)]
    many = [Omitted(count=1, reason="")] * limits.MAX_RECORDS_KEPT
    kept = traffic_of(*places, *ports, PortAccepted(port=0, place=5), PortAccepted(port=9, place=5), *many).records
    assert kinds(kept).count(PlaceBegan) == limit == kinds(kept).count(PortOpened)
    assert next(record.count for record in kept if isinstance(record, Omitted)) == 5


def message_characters(limit: int) -> None:
    assert payload_value(payload(json.dumps("x" * (limit - 2)))) == "x" * (limit - 2)
    cut = payload(json.dumps("x" * (limit - 1)))
    assert (cut.text, cut.length) == ('"' + "x" * (limit - 1), limit + 1)


def records_unsent(limit: int) -> None:
    class Source:
        records: tuple[Record, ...] = ()

        def subscribe(self, callback: Callable[[Record], None]) -> Callable[[], None]:
            raise AssertionError("not yet")

    feed: Feed = Viewer(None, Source(), lambda: None, None)._feed  # type: ignore[arg-type, return-value]
    for _ in range(limit):
        feed.add(MessagePosted(port=1, place=1, payload=NUMBER))
    assert (len(feed), feed.left_out) == (limit, 0)
    feed.add(MessagePosted(port=1, place=1, payload=NUMBER))
    assert feed.left_out == 1


def lines(limit: int) -> None:
    posts = [MessagePosted(time=number, port=1, place=1, payload=NUMBER) for number in range(limit + 1)]
    assert len(traffic_of(*posts[:limit]).lines()) == limit
    assert [line.split()[0] for line in traffic_of(*posts).lines()][:1] == ["1.000"]
    assert len(traffic_of(*posts).lines()) == limit


def line_characters(limit: int) -> None:
    def line(characters: int) -> str:
        text = payload(json.dumps("x" * (characters - 2)))
        return line_of(MessagePosted(port=1, place=1, payload=text), History()) or ""

    assert line(limit).endswith('x"') and line(limit + 1).endswith("x…")


def early_requests(limit: int) -> None:
    def heard(count: int) -> int:
        records: list[Record] = []
        made = recorder("all", records)
        place = made.began("background", "", EXTENSION)
        for number in range(count):
            made.requests.heard(place, "runtime.onMessage", EXTENSION, str(number))
        made.requests.asked(place, "script", "runtime.sendMessage", Target(), "0")
        return kinds(records).count(RequestHeard)

    assert (heard(limit), heard(limit + 1)) == (1, 0)


def posts_to_come(limit: int) -> None:
    def recorded(count: int) -> int:
        records: list[Record] = []
        made = recorder("python", records)
        place = made.began("background", "", EXTENSION)
        opened = made.ports.opened(place, "python", "runtime.connect", "p", Target())
        accepted = made.ports.accepted(place, "python", "runtime.onConnect", "p", EXTENSION)
        for number in range(count):
            opened.posted(str(number))
        accepted.arrived("0")
        return kinds(records).count(MessagePosted)

    assert (recorded(limit), recorded(limit + 1)) == (limit, limit + 2)


def ports_per_name(limit: int) -> None:
    def first_accepted(count: int) -> int:
        records: list[Record] = []
        made = recorder("python", records)
        place = made.began("background", "", EXTENSION)
        for _ in range(count):
            made.ports.opened(place, "python", "runtime.connect", "p", Target())
        made.ports.accepted(place, "python", "runtime.onConnect", "p", EXTENSION)
        (accepted,) = (record for record in records if isinstance(record, PortAccepted))
        return accepted.port

    assert (first_accepted(2 * limit), first_accepted(2 * limit + 1)) == (1, limit + 2)

    records: list[Record] = []
    made = recorder("all", records)
    page = made.began("content", "http://a/", PAGE)
    place, now = made.began("background", "", EXTENSION), time.time()
    for _ in range(limit + 1):
        made.ports.accepted(place, "python", "runtime.onConnect", "p", PAGE)
    for _ in range(limit + 1):
        made.ports.opened(page, "script", "runtime.connect", "p", Target(), now)
    assert kinds(records).count(PortOpened) == limit + 2  # the first one's report is no longer awaited


def places_ended(limit: int) -> None:
    def found(count: int) -> tuple[bool, bool]:
        places = Places(lambda record: None)
        alive = places.begin("content", "http://a/", {"documentId": "alive"}, 0)
        places.begin("background", "", {}, 0)
        places.end(places.begin("content", "http://a/", {"documentId": "ended"}, 0), "", 0)
        for number in range(count - 3):
            places.begin("content", "http://b/", {"documentId": str(number)}, 0)
        ended = places.of_sender({"documentId": "ended", "url": ""})
        return places.of_sender({"documentId": "alive"}) is alive, ended is not None and ended.document == "ended"

    assert (found(2 * limit), found(2 * limit + 1)) == ((True, True), (True, False))


def opened_wait(limit: float) -> None:
    waits: list[float] = []
    made = recorder("all", [], waits.append)
    made.ports.accepted(made.began("background", "", EXTENSION), "script", "runtime.onConnect", "p", EXTENSION)
    assert waits == [limit]


def unaccepted_wait(limit: float) -> None:
    waits: list[float] = []
    made = recorder("all", [], waits.append)
    page = made.began("content", "http://a/", PAGE)
    made.ports.opened(page, "script", "runtime.connect", "p", Target())
    made.ended(page, "navigated")
    assert waits == [limit]


CHECKS: dict[str, tuple[float, Callable[[Any], None]]] = {
    "MAX_RECORDS_KEPT": (100_000, records_kept),
    "MAX_MESSAGE_BYTES_KEPT": (104_857_600, message_bytes_kept),
    "MAX_BEGINNINGS_KEPT": (10_000, beginnings_kept),
    "MAX_MESSAGE_CHARACTERS": (100_000, message_characters),
    "MAX_RECORDS_UNSENT": (10_000, records_unsent),
    "MAX_LINES": (200, lines),
    "MAX_LINE_CHARACTERS": (500, line_characters),
    "MAX_EARLY_REQUESTS": (100, early_requests),
    "MAX_POSTS_TO_COME": (1_000, posts_to_come),
    "MAX_PORTS_PER_NAME": (256, ports_per_name),
    "MAX_PLACES_ENDED": (1_000, places_ended),
    "REPORT_WAIT_S": (5.0, opened_wait),
    "UNACCEPTED_WAIT_S": (1.0, unaccepted_wait),
}


def test_each_limit_is_checked() -> None:
    assert set(CHECKS) == set(limits.__all__) == {name for name in vars(limits) if name.isupper()}


@pytest.mark.parametrize("name", CHECKS)
async def test_a_limit_is_as_large_as_it_says_and_obeyed(name: str) -> None:
    size, check = CHECKS[name]
    assert getattr(limits, name) == size
    check(size)


def test_a_message_that_was_cut_before_is_shown_as_cut_however_short() -> None:
    assert (line_of(MessagePosted(port=1, place=1, payload=Payload(text="x", length=9)), History()) or "").endswith(
        "x…"
    )


# --- what is kept beyond the limit ----------------------------------------------------------------------------------


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.traffic.kept.MAX_RECORDS_KEPT", 3)


BEGINNING: list[Record] = [
    Launched(browser="firefox"),
    PlaceBegan(place=1, kind="background"),
    PlaceBegan(place=2, kind="content", tab=3, frame=0),
    PortOpened(port=1, place=2, name="p"),
    PortAccepted(port=1, place=1),
]


def posts(count: int) -> list[Record]:
    return [MessagePosted(time=number, port=1, place=2, payload=NUMBER) for number in range(count)]


@pytest.mark.usefixtures("three")
def test_what_still_lives_is_told_from_its_beginning(tmp_path: Path) -> None:
    traffic = traffic_of(*BEGINNING, *posts(5))
    traffic.save(tmp_path / "file")
    assert (tmp_path / "file").read_text().startswith('{"type":"launched"')
    history = Traffic.load(tmp_path / "file")
    (port,) = history.ports.values()
    assert (port.name, port.opener.label, [place.label for place, _ in port.receivers]) == (
        "p",
        "content script, tab 3",
        ["background"],
    )
    assert [message.time for message in history.messages] == [2, 3, 4]
    assert sum(omitted.count for omitted in history.omitted) == 2


@pytest.mark.usefixtures("three")
def test_what_ended_before_is_forgotten_and_counted() -> None:
    ends = [PortClosed(port=1, place=2, by="script"), PlaceEnded(place=2)]
    still_known = traffic_of(*BEGINNING, *ends, *posts(2)).records
    assert kinds(still_known)[:3] == [Launched, PlaceBegan, PlaceBegan]
    forgotten = traffic_of(*BEGINNING, *ends, *posts(3)).records
    assert forgotten[:3] == [*BEGINNING[:2], Omitted(time=0, count=5, reason=forgotten[2].reason)]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("three")
def test_ports_end_with_the_place_that_opened_them() -> None:
    records = traffic_of(*BEGINNING, PlaceEnded(place=2), *posts(3)).records
    assert kinds(records) == [Launched, PlaceBegan, Omitted, *[MessagePosted] * 3]


@pytest.mark.usefixtures("three")
def test_a_background_that_began_again_is_there_once() -> None:
    again = PlaceBegan(place=1, kind="background", time=5)
    records = traffic_of(*BEGINNING[:2], PlaceEnded(place=1), again, again, *posts(3)).records
    assert records[:2] == [BEGINNING[0], again]
    assert kinds(records) == [Launched, PlaceBegan, Omitted, *[MessagePosted] * 3]


@pytest.mark.usefixtures("three")
def test_clear_keeps_the_launch_and_what_is_there() -> None:
    traffic = traffic_of(*BEGINNING, *posts(5), PlaceEnded(place=2))
    traffic._clear()
    assert traffic.records == BEGINNING[:2]
