"""Evaluating in a context: what is sent, what comes of an answer, and what ends it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from unit.core.fakes import Agent, Stage, stand, ticks

from bridge.core.context import Context
from bridge.core.scopes import _Sought
from bridge.driver import Code
from bridge.errors import BridgeError, BridgeTimeoutError, ContextError, RemoteError, UnsupportedError
from bridge.javascript import UNDEFINED
from bridge.protocol import frames

SOON_S = 5
CHROMIUMS = (
    "TypeError: two\nlines\n    at f (chrome-extension://x/b.js:3:5)\n    at evaluate:1:3\n    at portbridge:9:1"
)
FIREFOXES = "f@moz-extension://x/b.js:3:5\n@evaluate:1:3\n@portbridge:9:1\n@debugger eval code:2:2\n"


class Scope:
    """A global scope that answers with the next of `answers`, or raises it; if there is none, it does not answer."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.ran: list[Code] = []

    async def run(self, code: Code) -> str:
        self.ran.append(code)
        if not self.answers:
            await asyncio.get_running_loop().create_future()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def give(stage: Stage, *scopes: Scope | None) -> list[Context]:
    """Let the browser show one scope after the other; return who asks for them."""
    asked: list[Context] = []
    left = list(scopes)

    async def scope_of(context: Any) -> Any:
        asked.append(context)
        return left.pop(0)

    stage.context._session.scope_of = scope_of
    return asked


@pytest.fixture
async def stage() -> Stage:
    return stand("content", "https://a.org/")


async def evaluated(stage: Stage, answer: str) -> Any:
    give(stage, Scope(answer))
    return await stage.context.evaluate("it")


# --- what is sent ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "sent"),
    [
        ("a + 1", "{ a + 1\n}"),
        ("a // why", "{ a // why\n}"),
        ("() => 1", "{ () => 1\n}"),
        ("function () {}", "(function () {}\n)"),
        (" async function f() {}", "( async function f() {}\n)"),
        ("functions", "{ functions\n}"),
    ],
)
async def test_an_expression_declares_nothing_that_stays(stage: Stage, expression: str, sent: str) -> None:
    scope = Scope("=1")
    give(stage, scope)
    await stage.context.evaluate(expression, [1])
    assert (scope.ran[0].expression, scope.ran[0].argument, scope.ran[0].wanted) == (sent, "[1]", False)


async def test_what_cannot_be_sent(stage: Stage) -> None:
    give(stage)
    with pytest.raises(TypeError, match="a str of JavaScript, not bytes"):
        await stage.context.evaluate(b"1")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^arg\[0\]"):
        await stage.context.evaluate("1", [object()])


@pytest.mark.parametrize("kind", ["web", "external"])
async def test_contexts_without_scripts_of_the_extension(kind: str) -> None:
    stage = stand(kind)
    give(stage)
    for function in (stage.context.evaluate, stage.context.wait_for_function):
        with pytest.raises(UnsupportedError, match="among scripts of the extension"):
            await function("1")


# --- what comes back ------------------------------------------------------------------------------------------------


async def test_values(stage: Stage) -> None:
    give(stage, Scope('={"a":[1,null]}', '=*[["undefined"]]'))
    assert await stage.context.evaluate("it") == {"a": [1, None]}
    assert await stage.context.evaluate("it") is UNDEFINED


@pytest.mark.parametrize("stack", [CHROMIUMS, FIREFOXES])
async def test_what_was_thrown(stage: Stage, stack: str) -> None:
    thrown = {"name": "TypeError", "message": "two\nlines", "stack": stack}
    with pytest.raises(RemoteError) as info:
        await evaluated(stage, "!" + json.dumps(thrown))
    assert info.value.name == "TypeError"
    lines = info.value.stack.splitlines()
    assert len(lines) == 2 and "b.js:3:5" in lines[0] and lines[1].endswith("evaluate:1:3")
    assert str(info.value) == f"two\nlines\n{info.value.stack}"


async def test_what_cannot_be_read(stage: Stage) -> None:
    with pytest.raises(RemoteError, match="cannot be read"):
        await evaluated(stage, "=nonsense")


async def test_a_falsy_value_is_asked_for_again(stage: Stage) -> None:
    scope = Scope("", "", "=7")
    give(stage, scope)
    assert await stage.context.wait_for_function("it", polling=0) == 7
    assert [code.wanted for code in scope.ran] == [True] * 3


async def test_a_value_that_stays_falsy(stage: Stage) -> None:
    give(stage, Scope(*[""] * 1000))
    with pytest.raises(BridgeTimeoutError, match=r"for ready\(\), which stayed falsy"):
        await stage.context.wait_for_function("ready()", polling=5, timeout=30)


# --- where ----------------------------------------------------------------------------------------------------------


async def test_a_scope_is_looked_for_once(stage: Stage) -> None:
    asked = give(stage, Scope("=1", "=2", "=3"))
    assert await asyncio.gather(*(stage.context.evaluate("it") for _ in range(3))) == [1, 2, 3]
    assert asked == [stage.context]


async def test_one_that_is_not_shown_is_looked_for_again(stage: Stage) -> None:
    asked = give(stage, None, Scope("=1"))
    assert await stage.context.evaluate("it") == 1
    assert asked == [stage.context] * 2
    assert stage.agent.heard_types() == ["beFindable"]


async def test_a_background_that_started_anew_has_another_scope() -> None:
    stage = stand("background")
    asked = give(stage, Scope("=1"), Scope("=2"))
    assert await stage.context.evaluate("it") == 1
    Agent(stage.contexts, 2).hello("background")
    assert await stage.context.evaluate("it") == 2
    assert len(asked) == 2


async def test_the_agent_tells_whether_it_is_here(stage: Stage) -> None:
    other = Agent(stage.contexts, 2)
    other.hello("content")
    sought = _Sought(stage.context, stage.contexts, "event")

    def heard_by(agent: Agent | None) -> Callable[[str], Awaitable[bool]]:
        async def dispatch(token: str) -> bool:
            if agent:
                agent.says(frames.Found(token))
            return agent is not None

        return dispatch

    assert await sought.is_here(heard_by(stage.agent))
    assert not await sought.is_here(heard_by(other))
    assert not await sought.is_here(heard_by(None))


async def test_an_agent_that_goes_before_it_tells(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.core.scopes._REPORT_S", 0.01)

    async def dispatch(token: str) -> bool:
        return True

    assert not await _Sought(stage.context, stage.contexts, "event").is_here(dispatch)


# --- what ends it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", ["evaluate", "wait_for_function"])
@pytest.mark.parametrize("reason", [ContextError("it went"), BridgeError("the browser closed")])
async def test_a_context_that_ends(stage: Stage, function: str, reason: BridgeError) -> None:
    give(stage, Scope())
    waiting = asyncio.ensure_future(getattr(stage.context, function)("it"))
    await ticks()
    stage.agent.link.close(reason)
    with pytest.raises(type(reason), match=rf"ended before it answered {function}\(\): {reason}"):
        await asyncio.wait_for(waiting, SOON_S)
    with pytest.raises(ContextError, match="Python cannot act"):
        await stage.context.evaluate("it")


async def test_the_link_says_why_the_debugger_found_nothing(stage: Stage) -> None:
    give(stage, Scope(ContextError("Chromium says: uniqueContextId not found")))
    waiting = asyncio.ensure_future(stage.context.evaluate("it"))
    await ticks()
    stage.agent.link.close(ContextError("the page went"))
    with pytest.raises(ContextError, match="the page went"):
        await asyncio.wait_for(waiting, SOON_S)


async def test_a_scope_that_is_gone_is_looked_for_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.core.evaluation._PATIENCE_S", 0.01)
    give(stage, Scope(ContextError("Firefox says: gone")), Scope("=1"))
    with pytest.raises(ContextError, match="Firefox says"):
        await stage.context.evaluate("it")
    assert await stage.context.evaluate("it") == 1


async def test_a_limit(stage: Stage) -> None:
    give(stage, Scope())
    with pytest.raises(BridgeTimeoutError, match=r"did not answer evaluate\(\)"):
        await stage.context.evaluate("it", timeout=10)
