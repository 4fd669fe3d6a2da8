"""What the user's browser is given to open: a private file, and no word of the address."""

import asyncio
import os
import stat
import webbrowser
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from unit.inspector.stage import running

from bridge import terminal
from bridge.inspector.redirect import opened
from bridge.inspector.server import Inspector

URL = "http://127.0.0.1:1/secret/"

Given = asyncio.Queue[str]


@pytest.fixture
async def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """What browsers were given to open."""
    given: Given = asyncio.Queue()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(webbrowser, "open", lambda url: loop.call_soon_threadsafe(given.put_nowait, url))
    return given


def file_of(address: str) -> Path:
    parts = urlsplit(address)
    assert parts.scheme == "file"
    return Path(url2pathname(parts.path))


async def test_the_browser_is_given_a_file_that_leads_to_the_address(given: Given, tmp_path: Path) -> None:
    async with opened(URL, tmp_path):
        address = await given.get()
        assert "secret" not in address and "127.0.0.1" not in address
        file = file_of(address)
        assert os.listdir(tmp_path) == [file.name]
        assert f'content="0; url={URL}"' in file.read_text("utf-8")
        if os.name != "nt":
            assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert os.listdir(tmp_path) == []


async def test_a_file_that_cannot_be_written_stops_nobody(
    given: Given, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(URL, tmp_path / "gone"):
        pass
    assert given.empty() and "was not opened in a browser" in caplog.text and "secret" not in caplog.text


async def test_the_file_goes_though_the_wait_is_cancelled(given: Given, tmp_path: Path) -> None:
    async def wait() -> None:
        async with opened(URL, tmp_path):
            await asyncio.Event().wait()

    waiting = asyncio.ensure_future(wait())
    await given.get()
    waiting.cancel()
    await asyncio.wait([waiting])
    assert os.listdir(tmp_path) == []


async def test_inspect_writes_it_into_the_launchs_private_folder(
    given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(terminal, "say", said.append)
    async with running() as stage:
        bridge = stage.bridge
        inspector = Inspector(bridge, stage.records, folder=tmp_path)
        bridge._make_inspector = lambda bridge: inspector
        waiting = asyncio.ensure_future(bridge.inspect())
        address = await given.get()
        assert file_of(address).name in os.listdir(tmp_path)
        assert inspector.url in file_of(address).read_text("utf-8") and inspector.url in said[0]
        await inspector.close()
        await asyncio.wait([waiting])
        assert waiting.exception() and os.listdir(tmp_path) == []
