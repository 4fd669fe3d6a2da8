"""The two flavours offer the same: names, members, parameters; and all of it is documented."""

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from bridge import async_api, errors, sync_api

ENGINE = {
    "Bridge": {"background_started", "face"},
    "ConnectEvent": {"accept", "clear", "deliver", "emit", "end", "expect", "fire"},
    "Context": {
        *("attach", "connections", "end", "face", "forget", "forwarded", "has_loaded"),
        *("label", "link", "open_port", "wait_for_load"),
        *("require_extension_api", "require_onConnect", "send", "session", "unwant", "want"),
    },
    "Event": {"clear", "emit"},
    "NativeApplication": {"end", "face", "forget", "label", "program", "send", "serve", "unwant", "want"},
    "NativePort": {"face"},
    "Port": {"face"},
    "Traffic": {"add", "begin", "clear", "end", "face"},
}
"""What the async classes have for the engine's own use; a new name here is a decision, not an accident."""

ATTRIBUTES = {"Context": {"runtime"}}
"""Members that the async class sets in its constructor."""

MODULES = [async_api, sync_api]
CLASSES = [name for name in sync_api.__all__ if inspect.isclass(getattr(sync_api, name))]
TWO_FACED = [name for name in CLASSES if getattr(sync_api, name) is not getattr(async_api, name)]


def members(cls: type, name: str) -> set[str]:
    """The public members that a class of the bridge has for its users."""
    ours = [vars(base) for base in cls.__mro__ if base.__module__.startswith("bridge.")]
    public = {member for base in ours for member in base if not member.startswith("_")}
    return (public | ATTRIBUTES.get(name, set())) - ENGINE.get(name, set())


def parameters(function: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]


def documented(module: ModuleType) -> Iterator[tuple[str, object]]:
    for name in module.__all__:
        thing = getattr(module, name)
        yield name, thing
        if inspect.isclass(thing):
            for member in sorted(members(thing, name) - ATTRIBUTES.get(name, set())):
                if callable(value := inspect.getattr_static(thing, member)) or isinstance(value, property):
                    yield f"{name}.{member}", value


@pytest.mark.parametrize("module", [*MODULES, errors], ids=lambda module: module.__name__)
def test_all_is_sorted_and_true(module: ModuleType) -> None:
    assert module.__all__ == sorted(set(module.__all__))
    assert all(hasattr(module, name) for name in module.__all__)


def test_both_flavours_have_the_same_names() -> None:
    assert set(sync_api.__all__) == set(async_api.__all__) - {"Launch"}


def test_both_flavours_offer_every_error() -> None:
    assert set(errors.__all__) <= set(sync_api.__all__)
    for name in errors.__all__:
        assert getattr(sync_api, name) is getattr(async_api, name) is getattr(errors, name)


def test_every_class_that_waits_has_two_faces() -> None:
    assert {
        *("Action", "Bridge", "ConnectEvent", "Context", "Event", "NativeApplication", "NativePort"),
        *("Port", "Runtime", "Tabs", "Traffic"),
    } == set(TWO_FACED)


@pytest.mark.parametrize("name", TWO_FACED)
def test_both_faces_have_the_same_members(name: str) -> None:
    sync_class, async_class = getattr(sync_api, name), getattr(async_api, name)
    assert members(sync_class, name) == members(async_class, name)


@pytest.mark.parametrize(("name", "member"), [(name, member) for name in ENGINE for member in sorted(ENGINE[name])])
def test_what_is_the_engines_is_still_there(name: str, member: str) -> None:
    assert hasattr(getattr(async_api, name), member) or (name, member) == ("Context", "session")


@pytest.mark.parametrize("name", TWO_FACED)
def test_both_faces_take_the_same_parameters(name: str) -> None:
    sync_class, async_class = getattr(sync_api, name), getattr(async_api, name)
    for member in members(sync_class, name) - ATTRIBUTES.get(name, set()):
        in_sync, in_async = (inspect.getattr_static(cls, member) for cls in (sync_class, async_class))
        assert isinstance(in_sync, property) == isinstance(in_async, property), member
        if inspect.isfunction(in_sync):
            assert parameters(in_sync) == parameters(in_async), member
            assert not inspect.iscoroutinefunction(in_sync), member


def test_both_launches_take_the_same_parameters() -> None:
    assert parameters(sync_api.launch) == parameters(async_api.launch)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_timeout_is_given_by_name(module: ModuleType) -> None:
    timed = {
        name: inspect.signature(thing).parameters for name, thing in documented(module) if inspect.isfunction(thing)
    }
    timeouts = {name: kinds["timeout"].kind for name, kinds in timed.items() if "timeout" in kinds}
    del timeouts["Bridge.set_default_timeout"]
    assert len(timeouts) > 8
    assert {name for name, kind in timeouts.items() if kind is not inspect.Parameter.KEYWORD_ONLY} == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_everything_public_is_documented(module: ModuleType) -> None:
    bare = [name for name, thing in documented(module) if not (getattr(thing, "__doc__", "") or "").strip()]
    assert bare == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_docstrings_begin_with_a_sentence(module: ModuleType) -> None:
    texts = {name: inspect.cleandoc(thing.__doc__ or "").split("\n\n")[0] for name, thing in documented(module)}
    assert [name for name, text in texts.items() if not text.endswith((".", ":"))] == []


@pytest.mark.parametrize(
    ("error", "parents"),
    [
        (errors.BridgeTimeoutError, (errors.BridgeError, TimeoutError)),
        (errors.BrowserNotFoundError, (errors.LaunchError,)),
        *((getattr(errors, name), (errors.BridgeError,)) for name in errors.__all__),
    ],
)
def test_the_tree_of_errors(error: type[Exception], parents: tuple[type[Exception], ...]) -> None:
    assert all(issubclass(error, parent) for parent in parents)
    assert not issubclass(error, TypeError)
