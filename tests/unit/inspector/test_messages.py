"""The messages between page and Python: both know the same."""

import contextlib
import importlib
import json
import re
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running.everything import examples
from unit.mutations import almost

from bridge.inspector import messages
from bridge.inspector.messages import COMMANDS, FROM_PAGE, TO_PAGE
from support import ROOT

WEB = Path(messages.__file__).parent / "web"
PAGE = (WEB / "index.html").read_text("utf-8")


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script that writes the types for the page."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("generate_messages")


def tags(kinds: tuple[type[msgspec.Struct], ...]) -> set[str]:
    return {str(kind.__struct_config__.tag) for kind in kinds}


def test_the_types_of_the_page_are_those_of_python(generator: ModuleType) -> None:
    assert generator.FILE.read_text("utf-8") == generator.written(), "run scripts/generate_messages"


def test_the_buttons_are_commands() -> None:
    commands = set(re.findall(r'data-command="(\w+)"', PAGE))
    assert commands and commands <= tags(COMMANDS)


def test_every_message_has_a_type_of_its_own() -> None:
    assert len(tags((*TO_PAGE, *FROM_PAGE))) == len(TO_PAGE) + len(FROM_PAGE)


def test_every_message_is_public() -> None:
    assert {kind.__name__ for kind in (*TO_PAGE, *FROM_PAGE)} <= set(messages.__all__)


def test_every_message_is_in_a_union() -> None:
    classes = [kind for kind in vars(messages).values() if isinstance(kind, type)]
    tagged = {
        kind for kind in classes if issubclass(kind, messages.InspectorMessage) and kind.__name__ in messages.__all__
    }
    assert tagged - {messages.InspectorMessage} == {*TO_PAGE, *FROM_PAGE}


def test_no_other_class_has_the_name_of_a_message() -> None:
    elsewhere = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "bridge").rglob("*.py")
        if path != Path(messages.__file__)
        for name in re.findall(r"^class (\w+)", path.read_text("utf-8"), re.MULTILINE)
        if name in messages.__all__
    ]
    assert elsewhere == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"type": "unknown"}',
        '{"type": "post", "id": 1, "port": "2", "text": "1"}',
        '{"type": "post", "port": 2, "text": "1"}',
        '{"type": "listen", "id": 1, "context": 1, "event": "runtime.onStartup", "on": true}',
        '{"type": "launchInfo"}',
    ],
)
def test_what_is_no_message_of_the_page(text: str) -> None:
    with pytest.raises(ValueError):
        messages.decode(text)


def test_a_message_survives() -> None:
    for message in (messages.BatchShown(), messages.ConnectTabCommand(id=1, context=2, tab=3, frame=None, name="n")):
        assert messages.decode(messages.encode(message)) == message


def test_names_are_camel_case_on_the_wire() -> None:
    message: messages.InspectorMessage = messages.RecordBatch(records=[msgspec.Raw(b'{"type":"x"}')], left_out=1)
    assert json.loads(messages.encode(message)) == {"type": "recordBatch", "records": [{"type": "x"}], "leftOut": 1}


@pytest.mark.parametrize(("text", "id"), [('{"id": 3, "type": "x"}', 3), ('{"id": "3"}', None), ("[", None)])
def test_the_number_of_a_refused_command(text: str, id: int | None) -> None:
    assert messages.id_of(text) == id


def test_lone_surrogates_pass_both_ways() -> None:
    failed = messages.CommandFailed(id=1, text="\ud800")
    assert json.loads(messages.encode(failed)) == {"type": "commandFailed", "id": 1, "text": "\ud800"}
    opened = messages.decode(json.dumps({"type": "openPage", "id": 1, "path": "\ud800"}))
    assert opened == messages.OpenPageCommand(id=1, path="\ud800")


@settings(max_examples=examples())
@given(
    text=almost(
        st.sampled_from(
            [
                '{"type":"batchShown"}',
                '{"type":"post","id":1,"port":2,"text":"[1]"}',
                '{"type":"connectTab","id":1,"context":1,"tab":3,"frame":null,"name":"n"}',
                '{"type":"listen","id":1,"context":1,"event":"runtime.onConnect","on":true}',
                '{"type":"askTab","id":1,"context":1,"tab":3,"frame":null,"text":"[1]"}',
                '{"type":"reject","id":1,"request":2,"text":"no"}',
                '{"type":"clickAction","id":1,"page":null}',
            ]
        )
    )
)
def test_any_text_is_a_message_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        message = messages.decode(text)
        messages.encode(message)
    if (id := messages.id_of(text)) is not None:
        messages.encode(messages.CommandFailed(id=id, text=""))


@pytest.mark.parametrize(
    "text", ["[" * 5_000, '{"type":"post","id":1,"port":' + "[" * 5_000 + "]" * 5_000 + ',"text":""}']
)
def test_a_message_that_is_nested_deep_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        messages.decode(text)


@pytest.mark.parametrize("number", ["9" * 20, "9" * 5_000, "1e400", "NaN"])
def test_a_number_that_no_page_gives_is_refused(number: str) -> None:
    text = f'{{"type":"reload","id":{number}}}'
    with pytest.raises(ValueError):
        messages.decode(text)
    assert messages.id_of(text) is None
