"""What is sent to a page that keeps up, and to one that does not."""

import json
from typing import Any

from unit.inspector.stage import posted

from bridge.inspector.feed import Feed
from bridge.traffic.records import PlaceBegan, PortClosed, PortOpened


def feed(*earlier: Any, limit: int = 3) -> Feed:
    return Feed(earlier, limit, lambda: None)


def taken(feed: Feed, count: int = 100, characters: int = 10**6) -> list[Any]:
    """What comes, in short: the text of messages, the type of others with its number."""
    return [short(json.loads(line)) for line in feed.take(count, characters)]


def short(record: dict[str, Any]) -> Any:
    if record["type"] == "posted":
        return record["payload"]["text"]
    number = record.get("count", record.get("port", record.get("place")))
    return f"{record['type']} {number}"


def test_records_come_in_order_once() -> None:
    it = feed(posted("a"))
    it.add(posted("b"))
    assert len(it) == 2
    assert taken(it) == ["a", "b"]
    assert not it and taken(it) == []


def test_a_batch_has_a_limit() -> None:
    it = feed(*(posted(str(number)) for number in range(5)))
    assert taken(it, count=2) == ["0", "1"]
    assert taken(it, characters=1) == ["2"], "one at least"
    assert taken(it) == ["3", "4"]


def test_the_oldest_messages_are_left_out_and_counted_where_they_were() -> None:
    it = feed()
    for number in range(10):
        it.add(posted(str(number)))
    assert it.left_out == 7
    assert taken(it) == ["omitted 7", "7", "8", "9"]
    it.add(posted("10"))
    assert taken(it) == ["10"] and it.left_out == 7


def test_every_gap_is_counted_for_itself() -> None:
    it = feed()
    for number in range(4):
        it.add(posted(str(number)))
    assert taken(it) == ["omitted 1", "1", "2", "3"]
    for number in range(5):
        it.add(posted(str(number)))
    assert taken(it) == ["omitted 2", "2", "3", "4"]
    assert it.left_out == 3


def test_places_and_ports_are_not_left_out() -> None:
    it = feed()
    it.add(PlaceBegan(place=1, kind="content"))
    it.add(PortOpened(port=1, place=1))
    for number in range(5):
        it.add(posted(str(number)))
    it.add(PortClosed(port=1, place=1))
    assert taken(it) == ["began 1", "opened 1", "omitted 3", "3", "4", "closed 1"]


def test_but_they_have_a_limit_too() -> None:
    it = feed()
    for number in range(10):
        it.add(PortOpened(port=number, place=1))
    assert len(it) == 7
    assert it.left_out == 4
    assert taken(it) == [*(f"opened {n}" for n in (4, 5, 6)), "omitted 4", *(f"opened {n}" for n in (7, 8, 9))]


def test_what_was_before_does_not_count() -> None:
    it = feed(*(posted(str(number)) for number in range(10)))
    for number in range(10, 13):
        it.add(posted(str(number)))
    assert taken(it) == [str(number) for number in range(13)]
    assert it.left_out == 0


def test_it_says_that_there_is_something() -> None:
    calls: list[None] = []
    it = Feed([], 1, lambda: calls.append(None))
    it.add(posted())
    it.add(posted())
    assert len(calls) == 2
