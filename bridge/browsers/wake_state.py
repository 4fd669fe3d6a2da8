"""Lets the agent of a service worker know at the worker's start, without asking, which events Python listens to.

A worker has to register its listeners while its script first runs, and no storage can be read so soon. But Chromium
gives a worker that starts again what a debugging session had set up in the one before: here, bindings, functions of the
global scope whose names tell the agent what it has to know, and which the agent removes before another script runs.

What changes while the worker is stopped is told by an event, which Chromium delivers once the worker starts again:
mostly before the event that woke it, but on a busy machine not always.
"""

import asyncio
import json
from typing import Any

from .worker_targets import WorkerTargets

__all__ = ["WakeState"]

_ANSWER_S = 2.0


class WakeState(WorkerTargets):
    """Keeps the state in every worker under `base_url`.

    Args:
        session: A browser-level CDPSession of Playwright's that nobody else uses.
        base_url: The extension's root.
        name: A word that only the agent knows. The bindings' names begin with it, and it is the event's name.
        state: The state at first.
    """

    def __init__(self, session: Any, base_url: str, name: str, state: frozenset[str] = frozenset()) -> None:
        super().__init__(session, base_url)
        self._name = name
        self._state = state
        self._own: str | None = None
        self._worker: str | None = None
        self._told: frozenset[str] = frozenset()
        self._telling = asyncio.Lock()
        self._answer: asyncio.Future[Any] | None = None
        self._ready = asyncio.Event()

    async def start(self) -> None:
        """Follow the workers of the profile itself. That of private windows is told when it says hello."""
        self._own = await self._own_context()
        await super().start()

    def _is_meant(self, target: dict[str, Any]) -> bool:
        return self._own is None or target.get("browserContextId") == self._own

    async def ready(self) -> None:
        """Return when a worker has the state."""
        await self._ready.wait()

    async def set(self, state: frozenset[str]) -> None:
        """Change the state; done when the browser has it, for a stopped worker too."""
        self._state = state
        async with self._telling:
            if self._worker:
                await self._update(self._worker)

    async def settled(self) -> None:
        """Return when every worker that has begun has the state, with all changes that were begun before.

        What a worker has not answered when it stops, its successor has too late: it first gets what the one before had.
        A worker that does not answer in time hangs, and is not waited for.
        """
        await self._send("Target.getTargets")  # its answer comes after all that the browser has said of workers
        if self._followed:
            await asyncio.wait(self._followed.values())
        async with self._telling:
            if self._answer:
                await asyncio.wait([self._answer], timeout=_ANSWER_S)

    async def _follow(self, target: str, worker: str) -> None:
        async with self._telling:
            await self.tell(worker, "Runtime.enable")
            await self.tell(worker, "Runtime.addBinding", name=self._name)
            self._worker, self._told = worker, frozenset()
            await self._update(worker)
        self._ready.set()

    async def _update(self, worker: str) -> None:
        state = self._state
        for name in state - self._told:
            await self.tell(worker, "Runtime.addBinding", name=f"{self._name}:{name}")
        for name in self._told - state:
            await self.tell(worker, "Runtime.removeBinding", name=f"{self._name}:{name}")
        self._told = state
        say = _SAY % (json.dumps(self._name), json.dumps(sorted(state)))
        self._answer = await self.begin_to_ask(worker, "Runtime.evaluate", expression=say)


# Removes the bindings that were just made, and tells the agent, or, if that has not begun yet, leaves it a note.
_SAY = """((name, state) => {
  for (const key of Object.getOwnPropertyNames(globalThis)) if (key.startsWith(name)) delete globalThis[key];
  const heard = !dispatchEvent(new CustomEvent(name, { cancelable: true, detail: state }));
  if (!heard) Object.defineProperty(globalThis, name + "!", { value: state, configurable: true });
})(%s, %s)"""
