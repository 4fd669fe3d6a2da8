"""The messages between page and Python: both know the same."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from bridge.inspector import messages
from bridge.inspector.messages import (
    COMMANDS,
    FROM_PAGE,
    TO_PAGE,
    ContextState,
    Message,
    PageState,
    PortState,
    Standing,
)

JS = Path(messages.__file__).parent / "web"
MIRROR = (JS / "messages.js").read_text("utf-8")


def in_javascript(name: str) -> dict[str, str]:
    """The members that the JavaScript says an object has, each with its type."""
    found = re.search(rf"@typedef \{{\{{ (.*?) \}}\}} {name}\b", MIRROR)
    assert found, f"messages.js has no {name}"
    pairs = (member.split(": ", 1) for member in found[1].split(", "))
    return {name: kind for name, kind in pairs}


def in_python(kind: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


@pytest.mark.parametrize("kind", [*TO_PAGE, ContextState, PortState, PageState, Standing, *FROM_PAGE])
def test_both_know_the_same_members(kind: type[msgspec.Struct]) -> None:
    mirror = in_javascript(kind.__name__)
    tag = kind.__struct_config__.tag
    assert mirror.pop("type", None) == (f'"{tag}"' if tag else None)
    # Connection.send() gives each command its id.
    assert mirror.keys() == in_python(kind) - ({"id"} if kind in COMMANDS else set())


def test_both_know_the_same_messages() -> None:
    tags = {str(kind.__struct_config__.tag) for kind in (*TO_PAGE, *FROM_PAGE)}
    assert set(re.findall(r'type: "(\w+)"', MIRROR)) == tags


def test_the_page_takes_every_message_of_python() -> None:
    cases = set(re.findall(r'case "(\w+)":', (JS / "connection.js").read_text("utf-8")))
    assert cases == {kind.__struct_config__.tag for kind in TO_PAGE}


def test_the_page_is_of_the_same_version() -> None:
    assert f"export const VERSION = {messages.VERSION};" in MIRROR


def test_every_message_is_public() -> None:
    assert {kind.__name__ for kind in (*TO_PAGE, *FROM_PAGE)} <= set(messages.__all__)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"type": "unknown"}',
        '{"type": "post", "id": 1, "port": "2", "text": "1"}',
        '{"type": "post", "port": 2, "text": "1"}',
        '{"type": "listen", "id": 1, "context": 1, "event": "runtime.onMessage", "on": true}',
        '{"type": "hello"}',
    ],
)
def test_what_is_no_message_of_the_page(text: str) -> None:
    with pytest.raises(ValueError):
        messages.decode(text)


def test_a_message_survives() -> None:
    for message in (messages.Seen(), messages.ConnectTab(id=1, context=2, tab=3, frame=None, name="n")):
        assert messages.decode(messages.encode(message)) == message


def test_names_are_camel_case_on_the_wire() -> None:
    message: Message = messages.Records(records=[msgspec.Raw(b'{"type":"x"}')], left_out=1)
    assert json.loads(messages.encode(message)) == {"type": "records", "records": [{"type": "x"}], "leftOut": 1}


@pytest.mark.parametrize(("text", "id"), [('{"id": 3, "type": "x"}', 3), ('{"id": "3"}', None), ("[", None)])
def test_the_number_of_a_refused_command(text: str, id: int | None) -> None:
    assert messages.id_of(text) == id


def test_lone_surrogates_pass_both_ways() -> None:
    failed = messages.Failed(id=1, text="\ud800")
    assert json.loads(messages.encode(failed)) == {"type": "failed", "id": 1, "text": "\ud800"}
    opened = messages.decode(json.dumps({"type": "openPage", "id": 1, "path": "\ud800"}))
    assert opened == messages.OpenPage(id=1, path="\ud800")
