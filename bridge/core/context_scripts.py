"""The part of `Context` that runs JavaScript among the context's scripts, and hears what they say on the console."""

from collections.abc import Callable
from typing import Any, Literal

from ..waiting.event import Event
from ..waiting.expect import Expect
from .console import ConsoleEvent, ConsoleLine
from .evaluation import Evaluation
from .session import Session

__all__ = ["ContextScripts"]


class ContextScripts:
    """What evaluates, dispatches events, and watches the console."""

    _console: ConsoleEvent
    _evaluation: Evaluation
    _session: Session

    async def evaluate(
        self,
        expression: str,
        arg: Any = None,
        *,
        world: Literal["ISOLATED", "MAIN"] = "ISOLATED",
        timeout: float | None = None,
    ) -> Any:
        """Evaluate JavaScript among the context's own scripts, as Playwright's ``page.evaluate()`` does in a page.

            await bridge.background.evaluate("sessions.size")
            await content.evaluate("(label) => highlight(label)", "Save")

        The code sees what a script at the top level of that context sees: its global objects, and what the extension's
        scripts declare at their top level, also with ``let``, ``const`` and ``class``. The variables of ES modules are
        out of reach. No content security policy forbids it, since it goes through the browser's debugging protocol.

        Args:
            expression: An expression, statements of which the last one counts, or a function, which is called. Of a
                promise, the result counts. What the code itself declares is gone afterwards.
            arg: The function's argument: anything of the guide's table of values.
            world: ``"MAIN"`` evaluates among the scripts of the web page in which a content script runs, where content
                scripts with ``"world": "MAIN"`` run, too. The page's scripts may have changed what the code uses there.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default. In the browser
                the code goes on.

        Returns:
            The value, also one that JSON lacks; `UNDEFINED` for undefined, None for null and for a function.

        Raises:
            RemoteError: The code threw, or its promise was rejected; `stack` has the places.
            TypeError: `arg` cannot be sent.
            ContextError: The context is gone, or ended before it answered.
            UnsupportedError: The context is `external` or a web page, which has none of the extension's scripts, or it
                is no content script and `world` is ``"MAIN"``.
            BridgeTimeoutError: It did not answer in time.
        """
        return await self._evaluation.once(expression, arg, world, self._session.timeout_ms(timeout))

    async def wait_for_function(
        self,
        expression: str,
        arg: Any = None,
        *,
        world: Literal["ISOLATED", "MAIN"] = "ISOLATED",
        polling: float = 50,
        timeout: float | None = None,
    ) -> Any:
        """Evaluate JavaScript among the context's own scripts again and again, until it comes to something truthy.

            await bridge.background.wait_for_function("(count) => sessions.size >= count", 2)

        Args:
            expression: As in `evaluate`.
            arg: As in `evaluate`.
            world: As in `evaluate`.
            polling: How long to wait before the next try, in milliseconds.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Returns:
            The truthy value itself, not a handle as in Playwright.

        Raises:
            BridgeTimeoutError: It stayed falsy.
            Exception: As in `evaluate`; ContextError as soon as the context ends.
        """
        timeout_ms = self._session.timeout_ms(timeout)
        return await self._evaluation.until_truthy(expression, arg, world, polling, timeout_ms)

    async def dispatch(self, event: str, *arguments: Any, timeout: float | None = None) -> None:
        """Call the listeners that the extension's scripts have here for an event, as if the event had happened.

            await bridge.background.dispatch("alarms.onAlarm", {"name": "sync", "scheduledTime": 0})

        The event is not genuine: nothing has happened in the browser, the listeners get what you give them, no user
        gesture is active, and a stopped background is not started. Where the browser can be made to do the real thing,
        prefer that.

        Args:
            event: Its path in the extension API.
            arguments: What the listeners get: anything of the guide's table of values.
            timeout: How long it may take, in milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: No script listens to it here, or the context is gone. In Firefox, events that the extension's
                own process raises, such as `runtime.onMessage`, are among those to which nobody listens.
            RemoteError: There is no such event here.
            ValueError: That is no name of an event.
            TypeError: An argument cannot be sent.
            UnsupportedError: As in `evaluate`.
            BridgeTimeoutError: The context did not answer in time.
        """
        await self._evaluation.dispatch(event, arguments, self._session.timeout_ms(timeout))

    @property
    def console(self) -> Event:
        """What the context's scripts say on the console, and their uncaught errors: listeners get each `ConsoleLine`.

        Nothing is watched before the first listener. Of a background, lines go on to come after it has started again,
        from the first one on.

        Raises:
            UnsupportedError: The context is `external` or a web page, which has none of the extension's scripts.
        """
        return self._console.checked()

    async def wait_for_console(
        self, predicate: Callable[[ConsoleLine], Any] | None = None, *, timeout: float | None = None
    ) -> ConsoleLine:
        """Return the next line on the context's console, or the next uncaught error.

        Lines that were said before the call do not count; see `expect_console`.

        Args:
            predicate: Gets each line; returns true for the right one. None takes the first.
            timeout: In milliseconds; 0 means no limit, None the bridge's default.

        Raises:
            ContextError: The context is gone.
            BridgeTimeoutError: No such line came; the error names those that did.
        """
        async with self.expect_console(predicate, timeout=timeout) as info:
            pass
        return await info.value

    def expect_console(
        self, predicate: Callable[[ConsoleLine], Any] | None = None, *, timeout: float | None = None
    ) -> Expect[ConsoleLine]:
        """Wait for a line on the context's console that comes during the block of the ``async with``, or after it.

            async with content.expect_console(lambda line: line.uncaught) as info:
                await page.click("#break")
            assert (await info.value).text == "TypeError: note is undefined"

        Args: see `wait_for_console`.
        """
        return self._console.checked().expect(predicate, self._session.timeout_ms(timeout))
