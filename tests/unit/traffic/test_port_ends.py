"""Which ends are those of one port, and when a port is over of which nobody says so."""

import time
from typing import Any

import pytest
from unit.traffic.desk import BACKGROUND, ME, OTHER, Desk, content

from bridge.traffic.matching import Target
from bridge.traffic.records import (
    PlaceBegan,
    PlaceEnded,
    PortClosed,
    PortOpened,
)


def receivers(desk: Desk) -> list[list[tuple[str, str]]]:
    """Who accepted each port."""
    return [[(place.kind, by) for place, by in port.receivers] for port in desk.history.ports.values()]


def test_a_port_that_python_accepts_before_its_opening_is_reported_is_one_port(desk: Desk) -> None:
    receiver = desk.accept(content(), by="python")
    (port,) = desk.history.ports.values()  # at once: a test asks for it
    assert (port.function, port.opener.tab) == ("runtime.connect", 3)
    receiver.posted('"answer"')
    opener = desk.open(desk.content())
    opener.posted('"question"')
    desk.accept(content())
    assert receivers(desk) == [[("background", "python"), ("background", "script")]]
    assert [message for message, *_ in desk.told()] == ["answer", "question"]
    desk.open(desk.content())
    assert len(desk.history.ports) == 2


def test_python_and_a_script_accept_a_port_before_its_opening_is_reported(desk: Desk) -> None:
    desk.accept(content())
    desk.accept(content(), by="python")
    desk.open(desk.content())
    assert receivers(desk) == [[("background", "python"), ("background", "script")]]


def test_what_python_accepted_in_a_content_script_came_by_tabs_connect(desk: Desk) -> None:
    desk.accept(BACKGROUND, place=desk.content(), by="python")
    (record,) = [record for record in desk.records if isinstance(record, PortOpened)]
    assert (record.function, record.target, record.place) == ("tabs.connect", "tab 3", desk.background.id)


def let_go(desk: Desk) -> None:
    for give_up in desk.timers:
        give_up()
    desk.timers.clear()


def opened_at(desk: Desk, place: Any, at: float) -> None:
    desk.recorder.ports.opened(place, "script", "runtime.connect", "p", Target(), at)


@pytest.mark.parametrize("by", ["python", "script"])
def test_an_opening_that_is_reported_late_is_of_the_port_that_was_accepted(desk: Desk, by: str) -> None:
    now = time.time()
    desk.accept(content(), by=by)
    desk.accept(content(), by=by)
    let_go(desk)
    page = desk.content()
    for _ in range(2):
        opened_at(desk, page, now)
    assert receivers(desk) == [[("background", by)], [("background", by)]]
    opened_at(desk, page, now)
    assert len(desk.history.ports) == 3


def test_an_opening_long_after_is_another_port(desk: Desk) -> None:
    desk.accept(content(), by="python")
    opened_at(desk, desk.content(), time.time() + 1)
    assert receivers(desk) == [[("background", "python")], []]


def test_no_opening_is_awaited_of_a_place_that_is_gone(desk: Desk) -> None:
    now = time.time()
    desk.accept(BACKGROUND, place=desk.content(), by="python")
    desk.recorder.ended(desk.background, "stopped")
    desk.recorder.began("background", "chrome-extension://me/b.js", BACKGROUND)
    let_go(desk)
    opened_at(desk, desk.background, now)
    assert len(desk.history.ports) == 2


def test_a_port_is_still_accepted_when_the_page_that_opened_it_has_gone(desk: Desk) -> None:
    now = time.time()
    page = desk.content()
    desk.recorder.ended(page, "navigated")
    for _ in range(2):
        desk.accept(content(), by="python")
    opened_at(desk, page, now)
    assert len(desk.history.ports) == 2
    let_go(desk)
    opened_at(desk, page, now)
    assert len(desk.history.ports) == 3


# The page accepts the first; then somebody begins to listen in the background.
@pytest.mark.parametrize("opened_after_s", [0.1, 5.0])
def test_what_was_opened_before_a_listener_was_there_is_not_what_it_gets(desk: Desk, opened_after_s: float) -> None:
    now = time.time() + 100
    opener = desk.content()
    page = desk.recorder.began("page", "chrome-extension://me/p.html", {"id": ME, "documentId": "page"})

    def open_at(at: float) -> None:
        desk.recorder.ports.opened(opener, "script", "runtime.connect", "p", Target(), at)

    def accept(place: Any, at: float, since: float) -> None:
        desk.recorder.ports.accepted(place, "script", "runtime.onConnect", "p", content(), at, since)

    open_at(now)
    accept(page, now, now - 5)
    open_at(now + opened_after_s)
    accept(desk.background, now + opened_after_s, now + opened_after_s - 0.01)
    assert receivers(desk) == [[("page", "script")], [("background", "script")]]


def test_what_wakes_the_background_was_opened_before_it_listens(desk: Desk) -> None:
    now = time.time() + 100
    desk.recorder.ports.opened(desk.content(), "script", "runtime.connect", "p", Target(), now)
    desk.recorder.began("background", "chrome-extension://me/b.js", BACKGROUND, now + 0.3)
    desk.recorder.ports.accepted(desk.background, "script", "runtime.onConnect", "p", content(), now + 0.4, now + 0.31)
    assert receivers(desk) == [[("background", "script")]]


def test_a_port_from_a_document_whose_hello_is_on_the_way_is_not_the_former_documents(desk: Desk) -> None:
    former = desk.content(3, 0, "former")
    desk.open(former)
    receiver = desk.accept(content(3, 0, "new", url="http://b/"))
    asked = desk.recorder.requests.heard(desk.background, "runtime.onMessage", content(3, 0, "new"), '"hi"')
    new = desk.content(3, 0, "new")
    assert (new.kind, asked) == ("content", None)
    desk.recorder.requests.asked(new, "script", "runtime.sendMessage", Target(), '"hi"')
    desk.open(new).posted('"to"')
    receiver.posted('"fro"')
    assert [port.opener.id for port in desk.history.ports.values()] == [former.id, new.id]
    assert desk.told() == [
        ("hi", "content", ["background"]),
        ("to", "content", ["background"]),
        ("fro", "background", ["content"]),
    ]
    assert [record.place for record in desk.records if isinstance(record, PlaceBegan)].count(new.id) == 2


def _closed(desk: Desk) -> list[tuple[int, str]]:
    return [(record.port, record.reason) for record in desk.records if isinstance(record, PortClosed)]


def test_a_port_is_closed_once_the_places_of_both_ends_have_ended(desk: Desk) -> None:
    place, page = desk.content(), desk.recorder.began("page", "chrome-extension://me/p.html", {"id": ME})
    desk.open(place)
    desk.accept(content())
    desk.accept(content(), place=page)
    desk.recorder.ended(desk.background, "reloaded")
    desk.recorder.began("background", "chrome-extension://me/b.js", BACKGROUND)
    desk.recorder.ended(place, "orphaned")
    assert _closed(desk) == []  # the page may say more
    desk.recorder.ended(page, "closed by its user")
    assert _closed(desk) == [(1, "closed by its user")]
    desk.recorder.ended(page, "again")
    assert len(_closed(desk)) == 1


def test_a_port_to_or_from_outside_is_closed_with_the_place_of_its_only_end(desk: Desk) -> None:
    place = desk.content()
    desk.open(place, extension=OTHER)
    desk.recorder.ports.accepted(desk.background, "script", "runtime.onConnectExternal", "q", {"id": OTHER})
    desk.recorder.ended(desk.background, "stopped")
    desk.recorder.ended(place, "navigated")
    assert _closed(desk) == [(2, "stopped"), (1, "navigated")]


def test_a_port_that_may_yet_be_accepted_is_not_closed_with_its_opener(desk: Desk) -> None:
    place = desk.content()
    desk.open(place)
    desk.recorder.ended(place, "navigated")
    assert _closed(desk) == []
    desk.accept(content())
    desk.recorder.ended(desk.background, "stopped")
    assert _closed(desk) == [(1, "stopped")]
    for give_up in desk.timers:
        give_up()
    assert len(_closed(desk)) == 1


def test_a_port_that_nobody_accepts_is_closed_a_while_after_its_opener(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = desk.content()
    desk.open(place)
    now = time.time() + 100
    monkeypatch.setattr(time, "time", lambda: now)
    desk.recorder.ended(place, "navigated")
    monkeypatch.setattr(time, "time", lambda: now + 1)
    (give_up,) = desk.timers
    give_up()
    assert _closed(desk) == [(1, "navigated")]
    (ended,) = (record for record in desk.records if isinstance(record, PlaceEnded))
    (closed,) = (record for record in desk.records if isinstance(record, PortClosed))
    assert closed.time == ended.time


def test_a_port_that_is_accepted_after_its_opener_ended_is_not_closed_for_it(desk: Desk) -> None:
    place = desk.content()
    desk.open(place)
    desk.recorder.ended(place, "navigated")
    desk.accept(content())
    for give_up in desk.timers:
        give_up()
    assert _closed(desk) == []


def test_thousands_of_reports_that_waited_for_one_message_follow_it_in_order(desk: Desk) -> None:
    opener = desk.open(desk.content())
    receiver = desk.accept(content())
    for number in range(3_000):
        receiver.posted(f"{number}", after=1)
    receiver.closed("script", "disconnect()", after=1)
    assert desk.told() == []
    opener.posted('"question"')
    assert [message for message, *_ in desk.told()] == ["question", *range(3_000)]
    assert _closed(desk) == [(1, "disconnect()")]
