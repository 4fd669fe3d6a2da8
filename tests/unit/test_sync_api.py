"""The generated sync flavour: it is up to date, keeps no argument to itself, and shows each object as one face."""

import inspect
from collections.abc import Callable, Coroutine, Iterator
from functools import partial, wraps
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

from bridge import async_api, faces, sync_api
from bridge.faces import FACES, Face, face_of
from bridge.waiting.waits import Pending, done

ROOT = Path(__file__).parents[2]
TWINS = {name: getattr(sync_api, name) for name in sync_api.__all__ if isinstance(getattr(sync_api, name), type)}
TWINS = {name: twin for name, twin in TWINS.items() if issubclass(twin, Face)}
IN_ASYNC = {"__exit__": "__aexit__"}
NAMED = inspect.Parameter.KEYWORD_ONLY


class Recorder:
    """Stands for an async object: notes how it is used, and answers with `result`."""

    def __init__(self, result: Any) -> None:
        self._result = result
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append((name, args, kwargs))
            return self._result

        return call


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("It waits")


def functions(twin: type) -> Iterator[str]:
    """The functions of a sync class that are handed on to the async object."""
    for member in dir(twin):
        static = inspect.isfunction(inspect.getattr_static(twin, member))
        if static and (not member.startswith("_") or member in IN_ASYNC):
            yield member


METHODS = [(name, member) for name, twin in TWINS.items() for member in functions(twin)]


def given(signature: inspect.Signature) -> tuple[list[Any], dict[str, Any]]:
    """A value of its own for each parameter but `self`, and two for ``*args``."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for name, parameter in list(signature.parameters.items())[1:]:
        match parameter.kind:
            case inspect.Parameter.POSITIONAL_OR_KEYWORD:
                args.append(f"the {name}")
            case inspect.Parameter.VAR_POSITIONAL:
                args += [f"the first of {name}", f"the second of {name}"]
            case inspect.Parameter.KEYWORD_ONLY:
                kwargs[name] = f"the {name}"
            case inspect.Parameter.VAR_KEYWORD:
                kwargs[f"one_of_{name}"] = f"one of {name}"
    return args, kwargs


def test_it_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import generate_sync

    assert generate_sync.written() == generate_sync.TARGET.read_text("utf-8"), "run scripts/generate_sync"


@pytest.mark.parametrize(("name", "member"), METHODS)
def test_every_argument_arrives(name: str, member: str) -> None:
    function = getattr(TWINS[name], member)
    args, kwargs = given(inspect.signature(function))
    result: Any = done() if issubclass(TWINS[name], sync_api.Event) and member != "hasListener" else "the result"
    recorder = Recorder(result)
    returned = function(TWINS[name](recorder, run), *args, **kwargs)  # type: ignore[arg-type]
    assert recorder.calls == [(IN_ASYNC.get(member, member), tuple(args), kwargs)]
    assert returned == (None if inspect.signature(function).return_annotation == "None" else result)


@pytest.mark.parametrize(("name", "member"), METHODS)
def test_signatures_are_those_of_the_async_flavour(name: str, member: str) -> None:
    in_sync = inspect.signature(getattr(TWINS[name], member))
    in_async = inspect.signature(getattr(getattr(async_api, name), IN_ASYNC.get(member, member)))
    assert [(p.name, p.kind, p.default) for p in in_sync.parameters.values()] == [
        (p.name, p.kind, p.default) for p in in_async.parameters.values()
    ]


def test_every_argument_of_launch_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_api, "Order", lambda arguments, sync: (arguments, sync))
    monkeypatch.setattr(sync_api, "start_sync", lambda order: order)
    parameters = inspect.signature(sync_api.launch).parameters
    options = {name: f"the {name}" for name, it in parameters.items() if it.kind is NAMED}
    arguments, sync = sync_api.launch("the type", "the extension", **options, slow_mo=5)  # type: ignore
    assert sync is True
    assert arguments == {
        "browser_type": "the type",
        "extension": "the extension",
        **options,
        "persistent_context_options": {"slow_mo": 5},
    }


@pytest.mark.parametrize("name", TWINS)
def test_properties_are_shown(name: str) -> None:
    for member in dir(TWINS[name]):
        shown = inspect.getattr_static(TWINS[name], member)
        if isinstance(shown, property) and shown.fget:
            value = ["the value"] if "list[" in shown.fget.__annotations__["return"] else "the value"
            impl: Any = type("Impl", (), {shown.fget.__name__: value})()
            assert getattr(TWINS[name](impl, run), member) == value


def test_every_object_has_one_face() -> None:
    impls: dict[type, Any] = {cls: object.__new__(cls) for cls in FACES}
    for cls, impl in impls.items():
        assert face_of(impl, run) is face_of(impl, run)
        assert type(face_of(impl, run)) is FACES[cls]


def test_a_subclass_is_shown_as_what_it_is() -> None:
    class Special(async_api.Port):
        pass

    assert type(face_of(object.__new__(Special), run)) is sync_api.Port


def test_other_values_are_shown_as_they_are() -> None:
    for value in ({"a": 1}, [1], "text", None, async_api.Tab({"id": 1})):
        assert face_of(value, run) is value


async def _coroutine(*args: Any) -> None: ...


class AsyncCall:
    async def __call__(self) -> None: ...


@pytest.mark.parametrize("listener", [_coroutine, AsyncCall(), AsyncMock(), partial(_coroutine, "m")])
def test_no_coroutine_function_becomes_a_listener(listener: Any) -> None:
    recorder: Any = Recorder(done())
    with pytest.raises(TypeError, match=r"takes plain functions; use bridge\.async_api"):
        sync_api.Event(recorder, run).addListener(listener)
    assert recorder.calls == []


def test_a_decorator_may_make_a_coroutine_function_a_plain_one() -> None:
    recorder: Any = Recorder(done())
    sync_api.Event(recorder, run).addListener(wraps(_coroutine)(lambda *args: None))
    assert len(recorder.calls) == 1


def test_a_listener_that_returns_a_coroutine_fails() -> None:
    errors: list[BaseException] = []
    results: list[Any] = []

    def keep(result: Any, *, awaited: bool) -> None:
        results.append((result, awaited))

    faces.invoke_in_greenlet(run, lambda message: _coroutine(message), ("m",), errors.append, keep)
    assert list(map(str, errors)) == ["A listener returned a coroutine; those of bridge.sync_api are plain functions"]
    faces.invoke_in_greenlet(run, lambda message: message, ("m",), errors.append, keep)
    assert results == [("m", False)]


def never(coroutine: Coroutine[Any, Any, Any]) -> Any:
    coroutine.close()
    raise AssertionError("The loop runs")


async def test_the_loop_rests_where_nothing_is_pending() -> None:
    recorder: Any = Recorder(done())
    sync_api.Event(recorder, never).addListener(print)
    sync_api.Port(recorder, never).postMessage("m")
    assert recorder.calls == [("addListener", (print,), {}), ("postMessage", ("m",), {})]


def test_it_is_entered_where_it_does_not_run_as_in_another_thread() -> None:
    recorder: Any = Recorder(done())
    with pytest.raises(AssertionError, match="The loop runs"):
        sync_api.Port(recorder, never).postMessage("m")
    assert recorder.calls == []


def test_an_event_waits_for_what_is_pending() -> None:
    class Later(Pending[None]):
        def __init__(self) -> None:
            self.waited = False

        def done(self) -> bool:
            return self.waited

        def __await__(self) -> Any:
            self.waited = True
            yield from ()

    later = Later()
    recorder: Any = Recorder(later)
    sync_api.Event(recorder, run).addListener(print)
    assert later.waited


def test_iteration_ends_when_the_port_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = iter([1, 2])

    def receive(self: Any) -> int:
        try:
            return next(messages)
        except StopIteration:
            raise async_api.PortDisconnectedError("closed") from None

    monkeypatch.setattr(sync_api.Port, "receive", receive)
    port: Any = Recorder(None)
    assert list(sync_api.Port(port, run)) == [1, 2]


def test_no_docstring_sends_the_reader_elsewhere() -> None:
    text = inspect.getsource(sync_api)
    assert "See `async_api" not in text
    assert "async with" not in text


def test_start_sync_hands_on_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    bridge = object.__new__(async_api.Bridge)

    async def start(order: Any, invoke: Any) -> async_api.Bridge:
        order.seen = True
        return bridge

    order: Any = type("Order", (), {"browser_type": "the type"})()
    monkeypatch.setattr(faces, "start", start)
    monkeypatch.setattr(faces._playwright, "run", lambda browser_type, coroutine: run(coroutine))
    assert faces.start_sync(order) is face_of(bridge, run)
    assert order.seen
