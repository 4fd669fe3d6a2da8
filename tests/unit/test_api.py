"""The two flavours offer the same: names, members, parameters; and all of it is documented."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from bridge import async_api, errors, sync_api

MODULES = [async_api, sync_api]
CLASSES = [name for name in sync_api.__all__ if inspect.isclass(getattr(sync_api, name))]
TWO_FACED = [name for name in CLASSES if getattr(sync_api, name) is not getattr(async_api, name)]


def members(cls: type) -> set[str]:
    """The public members that a class of the bridge has."""
    ours = [vars(base) for base in cls.__mro__ if base.__module__.startswith("bridge.")]
    return {member for base in ours for member in base if not member.startswith("_")}


def assigned(cls: type) -> set[str]:
    """The attributes without an underscore that the methods of a class give themselves."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    targets = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)]
    names = {node.attr for node in targets if isinstance(node.value, ast.Name) and node.value.id == "self"}
    return {name for name in names if not name.startswith("_")}


def waits(function: Callable[..., Any]) -> bool:
    words = ("Pending", "Expect", "Awaitable", "AsyncIterator")
    return inspect.iscoroutinefunction(function) or any(word in str(inspect.signature(function)) for word in words)


def documented(module: ModuleType) -> Iterator[tuple[str, object]]:
    for name in module.__all__:
        thing = getattr(module, name)
        yield name, thing
        if inspect.isclass(thing):
            for member in sorted(members(thing)):
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


@pytest.mark.parametrize("name", sorted(set(CLASSES) - set(TWO_FACED)))
def test_what_both_flavours_share_waits_for_nothing(name: str) -> None:
    cls = getattr(async_api, name)
    functions = [getattr(cls, member) for member in members(cls) if inspect.isfunction(getattr(cls, member))]
    assert [function for function in functions if waits(function)] == []
    assert not {"__aenter__", "__aexit__", "__aiter__", "__await__"} & set(dir(cls))


@pytest.mark.parametrize("name", TWO_FACED)
def test_what_is_for_the_engine_begins_with_an_underscore(name: str) -> None:
    in_async, in_sync = getattr(async_api, name), getattr(sync_api, name)
    ours = [base for base in in_async.__mro__ if base.__module__.startswith("bridge.")]
    assert {member for member in dir(in_async) if not member.startswith("_")} == members(in_sync)
    assert [assigned(base) for base in ours] == [set()] * len(ours)


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
        (errors.ExtensionWarning, (UserWarning,)),
        *((getattr(errors, name), (errors.BridgeError,)) for name in errors.__all__ if name != "ExtensionWarning"),
    ],
)
def test_the_tree_of_errors(error: type[Exception], parents: tuple[type[Exception], ...]) -> None:
    assert all(issubclass(error, parent) for parent in parents)
    assert not issubclass(error, TypeError)
