"""Records of messages are made when somebody looks: they say the same as those that were made at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import BridgeError
from bridge.protocol import values
from bridge.traffic import limits
from bridge.traffic.matching import Target
from bridge.traffic.recorder import Recorder
from bridge.traffic.records import MessagePosted, Omitted, Record, encode_line, payload_size, payload_value
from bridge.traffic.traffic import Traffic
from bridge.waiting.deferred import DeferredErrors

MESSAGES = ["plain", {"x": 1}, "é", "\ud83d", {1, 2}, {"token": "secret"}, "x" * (limits.MAX_MESSAGE_CHARACTERS + 1)]


def a_traffic() -> Traffic:
    return Traffic(lambda timeout: timeout or 0, DeferredErrors())


def play(traffic: Traffic, *messages: Any) -> list[Record]:
    """Record these messages of one port, and return all that is recorded."""
    recorder = Recorder("python", traffic._add, lambda seconds, call: None, traffic._add_posted)
    recorder.launched("chromium", "me", "relay", name="", version="")
    place = recorder.began("background", "chrome-extension://me/b.js", {"id": "me"})
    end = recorder.ports.opened(place, "python", "runtime.connect", "p", Target())
    for number, message in enumerate(messages):
        (end.arrived if number % 2 else end.posted)(values.encode(message), time=1e9)
    return traffic.records


def posted(records: list[Record]) -> list[MessagePosted]:
    return [record for record in records if isinstance(record, MessagePosted)]


def alike(records: list[Record]) -> list[Any]:
    """Without the times, which count from each launch."""
    return [(record.place, record.by, encode_line(record).partition("payload")[2]) for record in posted(records)]


def subscribed(traffic: Traffic, path: Path) -> list[Record]:
    seen: list[Record] = []
    traffic.subscribe(seen.append)
    return seen


def written(traffic: Traffic, path: Path) -> list[Record]:
    traffic._begin(path, None)
    return []


def expected(traffic: Traffic, path: Path) -> list[Record]:
    traffic._lookout.expect(lambda message: False)
    return []


@pytest.mark.parametrize("observe", [subscribed, written, expected])
async def test_a_record_is_the_same_whether_somebody_looks_on_or_not(
    observe: Callable[[Traffic, Path], list[Record]], tmp_path: Path
) -> None:
    unseen, seen = a_traffic(), a_traffic()
    told = observe(seen, tmp_path / "file")
    records = play(seen, *MESSAGES)
    assert alike(play(unseen, *MESSAGES)) == alike(records)
    assert len(posted(records)) == len(MESSAGES)
    assert told in ([], records)
    seen._end(BridgeError("over"))


def test_whoever_begins_to_look_sees_what_follows() -> None:
    traffic = a_traffic()
    play(traffic, "before")
    seen = subscribed(traffic, Path())
    play(traffic, "after")
    assert [payload_value(record.payload) for record in posted(seen)] == ["after"]
    assert [message.payload for message in traffic.messages()] == ["before", "after"]


def test_what_is_to_be_left_out_is_never_kept() -> None:
    traffic = a_traffic()
    traffic._begin(None, ["token"])
    (record,) = posted(play(traffic, {"token": "secret"}))
    assert payload_value(record.payload) == {"token": "[redacted]"}
    assert "secret" not in repr(traffic._records._latest)


def test_what_is_known_of_the_traffic_has_the_messages_that_came_since() -> None:
    traffic = a_traffic()
    play(traffic, "one")
    assert len(traffic.messages()) == 1
    play(traffic, "two", "three")
    assert len(traffic.messages()) == 3


def test_their_sizes_count_as_those_of_records(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = ["plain", "é" * 3]
    size = sum(payload_size(record) for record in posted(play(a_traffic(), *messages)))
    monkeypatch.setattr("bridge.traffic.kept.MAX_MESSAGE_BYTES_KEPT", size)
    assert not any(isinstance(record, Omitted) for record in play(a_traffic(), *messages))
    (omitted,) = (record for record in play(a_traffic(), *messages, "x") if isinstance(record, Omitted))
    assert omitted.count == 1
