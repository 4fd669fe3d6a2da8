"""Events: who is called, in which order, with how many arguments, and what an exception does."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import AsyncMock, MagicMock, Mock, call, create_autospec

import pytest
from unit.core.fakes import ticks

from bridge.waiting.event import Event, arity, invoke_here, is_coroutine_function


class Errors(list[BaseException]):
    def __call__(self, error: BaseException) -> None:
        self.append(error)


@pytest.fixture
def errors() -> Errors:
    return Errors()


@pytest.fixture
def event(errors: Errors) -> Event:
    return Event(invoke_here, errors)


async def test_listeners_are_called_in_the_order_added(event: Event) -> None:
    calls: list[str] = []
    for name in "cab":
        event.addListener(lambda name=name: calls.append(name))
    assert event._emit() is True
    assert calls == ["c", "a", "b"]


async def test_an_event_without_listeners_says_so(event: Event) -> None:
    assert not event and event._emit(1) is False
    event.addListener(print)
    assert event


async def test_a_listener_added_twice_is_called_once_at_its_first_place(event: Event) -> None:
    calls: list[str] = []
    first, second = lambda: calls.append("first"), lambda: calls.append("second")
    for listener in (first, second, first):
        await event.addListener(listener)
    event._emit()
    assert calls == ["first", "second"]


async def test_a_bound_method_is_the_same_listener_each_time(event: Event) -> None:
    class Seen:
        def __init__(self) -> None:
            self.messages: list[str] = []

        def add(self, message: str) -> None:
            self.messages.append(message)

    seen = Seen()
    event.addListener(seen.add)
    event.addListener(seen.add)
    assert event.hasListener(seen.add)
    event._emit("m", "port")
    event.removeListener(seen.add)
    event._emit("later", "port")
    assert seen.messages == ["m"] and not event.hasListener(seen.add)


async def test_removing_what_was_never_added_is_no_error(event: Event) -> None:
    await event.removeListener(print)
    event.addListener(ascii)
    await event.removeListener(print)
    assert event.hasListener(ascii) and not event.hasListener(print)


async def test_a_removed_listener_may_be_added_again_and_is_then_the_last(event: Event) -> None:
    calls: list[str] = []
    first, second = lambda: calls.append("first"), lambda: calls.append("second")
    for listener in (first, second):
        event.addListener(listener)
    event.removeListener(first)
    event.addListener(first)
    event._emit()
    assert calls == ["second", "first"]


async def test_a_listener_may_add_and_remove_listeners(event: Event) -> None:
    calls: list[str] = []

    def once() -> None:
        calls.append("once")
        event.removeListener(once)
        event.addListener(late)

    late = lambda: calls.append("late")  # noqa: E731
    event.addListener(once)
    event._emit()
    assert calls == ["once"]
    event._emit()
    assert calls == ["once", "late"]


@pytest.mark.parametrize("wrong", [None, "name", 3, object()])
async def test_what_cannot_be_called_is_a_type_error(event: Event, wrong: Any) -> None:
    with pytest.raises(TypeError, match=rf"^addListener\(\) takes a function, not {type(wrong).__name__}$"):
        event.addListener(wrong)
    assert not event


# --- how many arguments ---------------------------------------------------------------------------------------------


def _two(message: Any, port: Any) -> Any:
    return (message, port)


def _keyword_only(message: Any, *, extra: Any = None) -> Any:
    return (message,)


@pytest.mark.parametrize(
    ("listener", "arguments"),
    [
        (lambda: (), ()),
        (lambda message: (message,), ("m",)),
        (_two, ("m", "p")),
        (lambda message, port=None: (message, port), ("m", "p")),
        (lambda message, port=None, more=3: (message, port, more), ("m", "p", 3)),
        (lambda message=None: (message,), ("m",)),
        (lambda message=None, port=None: (message, port), ("m", "p")),
        (lambda *got: got, ("m", "p")),
        (lambda message, *more: (message, *more), ("m", "p")),
        (lambda message, port, *more: (message, port, *more), ("m", "p")),
        (lambda *, extra=None: (), ()),
        (lambda **extra: (), ()),
        (_keyword_only, ("m",)),
        (functools.partial(_two, "bound"), ("bound", "m")),
        (functools.partial(_two, port="bound"), ("m", "bound")),
        (functools.partial(_two, "bound", port="too"), ("bound", "too")),
        (functools.partial(lambda *got: got, "bound"), ("bound", "m", "p")),
        (functools.partial(functools.partial(_two, "bound"), port="too"), ("bound", "too")),
        (eval("lambda message, port, /: (message, port)"), ("m", "p")),
    ],
)
async def test_a_listener_gets_as_many_arguments_as_it_takes(
    event: Event, errors: Errors, listener: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    got: list[Any] = []

    @functools.wraps(listener)
    def wrapped(*args: Any) -> None:
        got.append(listener(*args))

    event.addListener(wrapped)
    event._emit("m", "p")
    assert (got, errors) == ([arguments], [])


@pytest.mark.parametrize("kind", [Mock, MagicMock, AsyncMock])
async def test_a_mock_gets_all(event: Event, errors: Errors, kind: type[Mock]) -> None:
    mocks = [kind(), kind().method]
    for mock in mocks:
        event.addListener(mock)
    event.addListener(functools.partial(mocks[0], "bound"))
    event._emit("m", "p")
    await ticks()
    assert [mock.call_args_list for mock in mocks] == [[call("m", "p"), call("bound", "m", "p")], [call("m", "p")]]
    assert errors == []


async def test_a_mock_with_the_parameters_of_a_function_gets_what_that_takes(event: Event, errors: Errors) -> None:
    mocks = [create_autospec(lambda message: None), Mock(spec=lambda message: None)]
    for mock in mocks:
        event.addListener(mock)
    event._emit("m", "p")
    for mock in mocks:
        mock.assert_called_once_with("m")
    assert errors == []


async def test_builtins_get_one_argument_or_what_their_signature_says(
    event: Event, errors: Errors, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Any] = []
    members: dict[Any, Any] = {}
    for builtin in (seen.append, members.update, str, print):  # of update and str, Python knows no signature
        event.addListener(builtin)
    event._emit({"a": 1}, "p")
    assert (seen, members, errors) == ([{"a": 1}], {"a": 1}, [])
    assert capsys.readouterr().out == "{'a': 1} p\n"


async def test_a_class_and_an_object_that_can_be_called_are_listeners(event: Event, errors: Errors) -> None:
    made: list[tuple[Any, ...]] = []

    class Kept:
        def __init__(self, message: Any) -> None:
            made.append((message,))

    class Called:
        def __call__(self, message: Any, port: Any) -> None:
            made.append((message, port))

    event.addListener(Kept)
    event.addListener(Called())
    event._emit("m", "p")
    assert (made, errors) == ([("m",), ("m", "p")], [])


async def test_an_object_without_a_hash_is_known_again(event: Event, errors: Errors) -> None:
    @dataclass
    class Seen:
        messages: list[Any] = field(default_factory=list)

        def __call__(self, message: Any) -> None:
            self.messages.append(message)

    one, other = Seen(), Seen()
    for listener in (one, other, one):
        event.addListener(listener)
    event._emit("m", "p")
    event.removeListener(one)
    assert (event.hasListener(one), event.hasListener(other)) == (False, True)
    event._emit("n", "p")
    assert (one.messages, other.messages, errors) == (["m"], ["m", "n"], [])
    event._clear()
    assert not event


# --- what is a coroutine function -----------------------------------------------------------------------------------


async def _coroutine(message: Any = None) -> Any:
    return message


class AsyncCall:
    async def __call__(self, message: Any) -> None: ...

    async def method(self, message: Any) -> None: ...


@functools.wraps(_coroutine)
def _wrapper(*args: Any) -> Any:
    return _coroutine(*args)


@pytest.mark.parametrize(
    ("function", "is_one", "wraps_one"),
    [
        (_coroutine, True, True),
        (AsyncCall(), True, True),
        (AsyncCall().method, True, True),
        (AsyncMock(), True, True),
        (AsyncMock().method, True, True),
        (functools.partial(_coroutine), True, True),
        (functools.partial(functools.partial(AsyncCall()), "m"), True, True),
        (functools.partial(AsyncMock(), "m"), True, True),
        (_wrapper, False, True),
        (functools.partial(_wrapper, "m"), False, True),
        (AsyncCall, False, False),
        (lambda: _coroutine(), False, False),
        (Mock(), False, False),
        (MagicMock(), False, False),
        (print, False, False),
        (str, False, False),
        (None, False, False),
    ],
)
def test_what_is_a_coroutine_function(function: Any, is_one: bool, wraps_one: bool) -> None:
    assert is_coroutine_function(function) is is_one
    assert is_coroutine_function(function, wrapped=True) is wraps_one


def test_what_says_that_it_wraps_itself_is_no_coroutine_function() -> None:
    def circle() -> None: ...

    circle.__wrapped__ = circle  # type: ignore[attr-defined]
    assert not is_coroutine_function(circle, wrapped=True)


# --- how a predicate is called --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("predicate", "takes"),
    [(lambda m: m, 1), (lambda m, s: m, 2), (lambda m, wanted=3: m, 1), (lambda m=None: m, 1), (lambda *m: m, 1)],
)
def test_a_predicate_gets_only_what_it_requires(predicate: Callable[..., Any], takes: int) -> None:
    assert arity(predicate) == takes


async def test_a_listener_that_wants_more_than_there_is_fails_alone(event: Event, errors: Errors) -> None:
    after: list[Any] = []
    event.addListener(lambda message, port, more: None)
    event.addListener(after.append)
    event._emit("m", "p")
    assert after == ["m"]
    assert [type(error) for error in errors] == [TypeError]


# --- coroutines and exceptions --------------------------------------------------------------------------------------


async def test_a_coroutine_function_runs_and_its_exception_is_kept(event: Event, errors: Errors) -> None:
    calls: list[Any] = []

    async def listener(message: Any) -> None:
        calls.append(message)
        await ticks(1)
        raise ValueError(message)

    event.addListener(listener)
    event._emit("a", "p")
    event._emit("b", "p")
    await ticks()
    assert calls == ["a", "b"]
    assert list(map(str, errors)) == ["a", "b"]


def _raises(error: BaseException) -> Callable[[], None]:
    def listener() -> None:
        raise error

    return listener


async def test_an_exception_stops_nobody_else(event: Event, errors: Errors) -> None:
    after: list[str] = []
    failed = pytest.fail.Exception("an assertion")  # a BaseException, not an Exception
    broken = ZeroDivisionError("oops")
    for listener in (_raises(failed), _raises(broken), lambda: after.append("called")):
        event.addListener(listener)
    assert event._emit() is True
    assert errors == [failed, broken] and after == ["called"]


async def test_pytest_fail_in_a_coroutine_is_kept_too(event: Event, errors: Errors) -> None:
    async def listener() -> None:
        pytest.fail("late")

    event.addListener(listener)
    event._emit()
    await ticks()
    assert list(map(str, errors)) == ["late"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
async def test_the_user_may_stop_all_this(event: Event, errors: Errors, stop: type[BaseException]) -> None:
    event.addListener(_raises(stop()))
    with pytest.raises(stop):
        event._emit()
    assert errors == []


async def test_a_cleared_event_has_no_listeners_and_takes_new_ones(event: Event) -> None:
    calls: list[str] = []
    for name in "ab":
        event.addListener(lambda name=name: calls.append(name))
    event._clear()
    assert not event and event._emit() is False
    event.addListener(lambda: calls.append("new"))
    event._emit()
    assert calls == ["new"]
