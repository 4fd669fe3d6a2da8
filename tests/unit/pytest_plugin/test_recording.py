"""A recorder that never begins is an error that says what to do."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bridge.async_api import BridgeTimeoutError
from bridge.pytest_plugin import recording
from bridge.pytest_plugin.recording import Recording


async def test_a_recorder_that_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    async def on_did_create_browser_context(context: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(recording, "_BEGIN_S", 0.01)
    context = SimpleNamespace(pages=[], on=lambda event, listener: None)
    recorder = SimpleNamespace(on_did_create_browser_context=on_did_create_browser_context)
    with pytest.raises(BridgeTimeoutError, match="did not begin to record .* or use Chromium or a stock Firefox"):
        await Recording(recorder, context).begin()
