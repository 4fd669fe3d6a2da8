"""What may be in `launch(storage=...)`."""

from typing import Any

import pytest

from bridge.core.beginning import checked_storage
from bridge.errors import UnsupportedError


def test_values_become_json() -> None:
    given = {"local": {"a": [None, {"b": 1.5}], "": "ä"}, "sync": {}}
    assert checked_storage(given, "chromium") == {"local": {"a": '[null,{"b":1.5}]', "": '"ä"'}, "sync": {}}
    assert checked_storage({"managed": {"a": 1}}, "firefox") == {"managed": {"a": "1"}}
    assert checked_storage(None, "firefox") == {}


CYCLE: list[Any] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ("local", TypeError, "takes dicts: storage is 'local'"),
        ({"local": ["a"]}, TypeError, r"takes dicts: storage.local is \['a'\]"),
        ({"local": {"a": {"b": {1, 2}}}}, TypeError, r"storage\.local\.a\.b"),
        ({"local": {1: 2}}, TypeError, r"storage\.local"),
        ({"local": {"a": float("nan")}}, TypeError, r"storage\.local\.a"),
        ({"local": {"a": CYCLE}}, TypeError, r"storage\.local\.a"),
        ({"Local": {}}, ValueError, "no area 'Local'; it may have 'local', 'session', 'sync', 'managed'"),
        ({"sync": {"a": "x" * 8190}}, ValueError, r"storage\.sync\['a'\] has 8193 bytes; browsers take 8192"),
        ({"sync": {str(n): "x" * 8000 for n in range(13)}}, ValueError, "browsers take 102400"),
        ({"session": {}}, UnsupportedError, "Chromium keeps .session. in memory"),
        ({"managed": {}}, UnsupportedError, "only from the policies of the machine"),
    ],
)
def test_what_is_refused(given: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        checked_storage(given, "chromium")


def test_sync_takes_what_browsers_take() -> None:
    assert checked_storage({"sync": {"a": "x" * 8189}}, "chromium")
