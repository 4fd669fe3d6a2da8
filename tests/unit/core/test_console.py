"""The console as an event: what comes of a line, when a browser watches, and what ends it."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from unit.core.fakes import Agent, Stage, stand, ticks

from bridge.core.console import ConsoleLine
from bridge.driver import Said
from bridge.errors import BridgeError, BridgeTimeoutError, ContextError, UnsupportedError
from bridge.javascript import Opaque
from bridge.traffic.records import ConsoleSaid


def line(text: str, *, early: bool = False, values: tuple[str, ...] = (), type: str = "log") -> Said:
    return Said(type, text, values, False, "x/b.js", 3, 7, 5.0, "", early)


class Watch:
    """A watch of a console, in which the test says what is said."""

    def __init__(self, hear: Callable[[Said], None], reader: str | None) -> None:
        self.says = hear
        self.reader = reader
        self.stopped = False
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def stop(self) -> None:
        self.stopped = True


class Scope:
    """A global scope whose watches begin when the test says so."""

    def __init__(self) -> None:
        self.watches: list[Watch] = []
        self.open = asyncio.Event()
        self.open.set()

    async def watch(self, hear: Callable[[Said], None], reader: str | None, *, from_start: bool) -> Watch:
        await self.open.wait()
        self.watches.append(Watch(hear, reader))
        return self.watches[-1]


def scope_in(stage: Stage) -> Scope:
    scope = Scope()

    async def scope_of(context: Any) -> Any:
        return scope

    stage.context._session.scope_of = scope_of
    return scope


@pytest.fixture
async def stage() -> Stage:
    return stand("content", "https://a.org/")


async def test_a_line(stage: Stage) -> None:
    scope, lines = scope_in(stage), []
    await stage.context.console.addListener(lines.append)
    (watch,) = scope.watches
    watch.says(line("t", values=('"a"', "", "{broken"), type="assert"))
    (said,) = lines
    assert said == ConsoleLine("assert", "t", said.values, False, "x/b.js", 3, 7, 5.0, "")
    assert said.values == ("a", Opaque("unknown"), Opaque("unknown"))
    assert (said.level, str(said)) == ("error", "assert: t (x/b.js:3:7)")
    assert watch.reader


async def test_one_watch_for_all_and_none_after_the_last(stage: Stage) -> None:
    scope, lines = scope_in(stage), []
    console = stage.context.console
    await console.addListener(lines.append)
    await console.addListener(print)
    await console.removeListener(lines.append)
    (watch,) = scope.watches
    assert not watch.stopped
    await console.removeListener(print)
    assert watch.stopped
    watch.says(line("late"))
    assert lines == []


async def test_a_watch_that_begins_after_the_listener_is_gone_is_stopped(stage: Stage) -> None:
    scope = scope_in(stage)
    scope.open.clear()
    added = stage.context.console.addListener(print)
    await ticks()
    await stage.context.console.removeListener(print)
    await added
    scope.open.set()
    await ticks()
    assert [watch.stopped for watch in scope.watches] == [True]


async def test_only_a_start_brings_what_was_said_before() -> None:
    stage = stand("background", "b.js")
    scope, lines = scope_in(stage), []
    await stage.context.console.addListener(lambda line: lines.append(line.text))
    scope.watches[0].says(line("before", early=True))
    stage.agent.link.close()
    again = Agent(stage.contexts, 2)
    again.hello("background", "b.js")
    await ticks()
    scope.watches[1].says(line("first", early=True))
    assert lines == ["first"]


async def test_last_words(stage: Stage) -> None:
    scope = scope_in(stage)
    async with stage.context.expect_console() as info:
        (watch,) = scope.watches
        stage.agent.link.close()
        watch.says(line("last"))
    assert (await info.value).text == "last"
    watch.over.set_result(None)
    await ticks()
    assert watch.stopped


async def test_a_wait_ends_with_the_context(stage: Stage) -> None:
    scope = scope_in(stage)
    with pytest.raises(ContextError, match="The context is gone"):
        async with stage.context.expect_console():
            stage.agent.link.close()
            scope.watches[0].over.set_result(None)
    with pytest.raises(ContextError):
        stage.context.console.addListener(print)


async def test_a_wait_names_what_came_instead(stage: Stage) -> None:
    scope = scope_in(stage)
    with pytest.raises(BridgeTimeoutError, match=r"the last to come: log: one \(x/b.js:3:7\); log: two"):
        async with stage.context.expect_console(lambda line: False, timeout=20):
            scope.watches[0].says(line("one"))
            scope.watches[0].says(line("two"))


async def test_a_browser_that_fails_is_told_to_whoever_awaits(stage: Stage) -> None:
    async def scope_of(context: Any) -> Any:
        raise BridgeError("no browser")

    stage.context._session.scope_of = scope_of
    with pytest.raises(BridgeError, match="no browser"):
        await stage.context.console.addListener(print)


@pytest.mark.parametrize("kind", ["web", "external"])
async def test_contexts_without_scripts_of_the_extension(kind: str) -> None:
    with pytest.raises(UnsupportedError):
        stand(kind).context.expect_console()


async def test_the_record_has_every_line_and_reads_no_value() -> None:
    stage = stand("background", "b.js")
    scope = scope_in(stage)
    stage.context._session.records_console = True
    stage.agent.link.close()
    Agent(stage.contexts, 2).hello("background", "b.js")
    await ticks()
    (watch,) = scope.watches
    watch.says(line("early", early=True, type="warning"))
    said = [record for record in stage.context._session.traffic.records if isinstance(record, ConsoleSaid)]
    assert [(record.level, record.text, record.url, record.line) for record in said] == [
        ("warning", "early", "x/b.js", 3)
    ]
    assert watch.reader is None


@pytest.mark.parametrize(("error", "told"), [(KeyError("unforeseen"), True), (ContextError("gone"), False)])
async def test_a_recording_that_cannot_begin_for_an_unforeseen_reason_is_told(error: Exception, told: bool) -> None:
    async def scope_of(context: Any) -> Any:
        raise error

    stage = stand("background", "b.js")
    session = stage.context._session
    session.records_console, session.scope_of = True, scope_of
    stage.agent.link.close()
    Agent(stage.contexts, 2).hello("background", "b.js")
    await ticks()
    with pytest.raises(KeyError, match="unforeseen") if told else nullcontext():
        session.deferred.raise_for(stage.context)
    assert not session.deferred


async def test_a_watch_that_breaks_off_is_told(stage: Stage) -> None:
    scope = scope_in(stage)
    await stage.context.console.addListener(print)
    scope.watches[0].over.set_exception(KeyError("unforeseen"))
    await ticks()
    with pytest.raises(KeyError, match="unforeseen"):
        stage.context._session.deferred.raise_for(stage.context)
