"""Takes the place of the prompts by which Firefox asks its user whether an extension may have permissions."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from ..driver import Decide
from ..errors import BridgeError, RemoteError

__all__ = ["FirefoxRequests"]

_LOOK_S = 0.1  # between two looks at what is asked


class FirefoxRequests:
    """Answers what Firefox would ask its user.

    Args:
        evaluate: Evaluates an expression in the parent process; its second argument is the id of an extension.
    """

    def __init__(self, evaluate: Callable[[str, str], Awaitable[Any]]) -> None:
        self._evaluate = evaluate
        self._decide: Decide | None = None
        self._watching: asyncio.Task[None] | None = None
        self._deciding: set[asyncio.Task[None]] = set()
        self._heard = False
        self._turn = asyncio.Lock()

    async def answer(self, *, allows: bool) -> None:
        """Give the same answer each time, unless somebody decides."""
        await self._evaluate(_TAKE_PLACE % json.dumps(allows), "")

    async def hear(self, decide: Decide | None) -> None:
        """Have someone decide from now on; None for the same answer each time."""
        await self._evaluate(f"{_STATE}.isHeard = {json.dumps(decide is not None)}", "")
        self._heard = decide is not None
        if decide:
            self._decide = decide
            if self._watching is None or self._watching.done():
                self._watching = asyncio.ensure_future(self._watch())
        elif self._decide:
            await self._look()  # what was asked since the last look

    def stop(self) -> None:
        """Decide nothing more: Firefox ends."""
        for task in filter(None, [self._watching, *self._deciding]):
            task.cancel()

    # A promise of Firefox's could wait for the next request, but it would end with the window in which the code runs.
    # Nobody cancels this before the end: what a look has taken out of Firefox's list is nowhere else.
    async def _watch(self) -> None:
        with suppress(BridgeError):  # the browser is gone
            while self._heard:
                with suppress(RemoteError):  # Firefox threw; the next look may do
                    await self._look()
                await asyncio.sleep(_LOOK_S)

    async def _look(self) -> None:
        async with self._turn:
            asked = json.loads(await self._evaluate(_ASKED, ""))
        for number, id, permissions, origins in asked:
            task = asyncio.ensure_future(self._answer(number, id, permissions, origins))
            self._deciding.add(task)
            task.add_done_callback(self._deciding.discard)

    async def _answer(self, number: int, id: str, permissions: list[str], origins: list[str]) -> None:
        assert self._decide
        allows = await self._decide(id, permissions, origins)
        with suppress(BridgeError):
            await self._evaluate(f"({_STATE}.answers.get({number})({json.dumps(allows)}), true)", "")


_UI = 'ChromeUtils.importESModule("resource:///modules/ExtensionsUI.sys.mjs").ExtensionsUI'
_STATE = f"{_UI}.portbridge"
_ASKED = f"JSON.stringify({_STATE}.asked.splice(0))"

# Firefox grants without a prompt what has no warning, whatever the answer. A preference may turn prompts off. This code
# runs in a window, and a window's promises end when it closes: so the promises are made in a sandbox.
_TAKE_PLACE = f"""(() => {{
  const sandbox = Cu.Sandbox(Services.scriptSecurityManager.getSystemPrincipal());
  sandbox.ExtensionsUI = {_UI};
  Cu.evalInSandbox(`
    const {{ observe }} = ExtensionsUI;
    const state = {{ isHeard: false, asked: [], answers: new Map() }};
    ExtensionsUI.portbridge = state;
    const answer = ({{ id, permissions: {{ permissions, origins }} }}) => {{
      if (!state.isHeard) return Promise.resolve(%s);
      const number = state.answers.size;
      state.asked.push([number, id, permissions, origins]);
      return new Promise((resolve) => state.answers.set(number, resolve));
    }};
    const inPlace = ({{ wrappedJSObject }}) =>
      Object.create(ExtensionsUI, {{ showPermissionsPrompt: {{ value: () => answer(wrappedJSObject) }} }});
    ExtensionsUI.observe = function (subject, topic, data) {{
      const asks = topic === "webextension-optional-permission-prompt";
      return observe.call(asks ? inPlace(subject) : this, subject, topic, data);
    }};
  `, sandbox);
  return true;
}})()"""
