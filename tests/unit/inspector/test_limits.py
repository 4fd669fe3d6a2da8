"""How much, and how often, a page is told, and how much it may ask for."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from unit.inspector.stage import Page, Records, Stage, posted, running


async def batch(viewer: Page) -> dict[str, Any]:
    """The next batch; the page shows it at once."""
    batch = await viewer.hears("recordBatch")
    await viewer.says("batchShown")
    return batch


async def test_a_batch_has_a_thousand_records() -> None:
    async with running(records=Records(*[posted()] * 1500)) as stage:
        viewer = await stage.page()
        assert [len((await batch(viewer))["records"]) for _ in range(2)] == [1000, 501]  # one says that it launched


async def test_a_batch_ends_with_the_record_that_makes_two_million_characters() -> None:
    async with running(records=Records(*[posted("x" * 1_500_000)] * 3)) as stage:
        viewer = await stage.page()
        assert [len((await batch(viewer))["records"]) for _ in range(2)] == [3, 1]


async def test_ten_thousand_records_wait_for_a_page(stage: Stage, viewer: Page) -> None:
    await viewer.hears("recordBatch")
    for number in range(10_003):
        stage.records.emit(posted(str(number)))
    await viewer.says("batchShown")
    following = await batch(viewer)
    assert following["leftOut"] == 3 and following["records"][0]["count"] == 3


async def test_a_hundred_commands_at_once(stage: Stage, viewer: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    started, released = 0, asyncio.Event()

    async def reload() -> None:
        nonlocal started
        started += 1
        await released.wait()

    monkeypatch.setattr(stage.bridge, "reload", reload)
    for number in range(1, 101):
        await viewer.says("reload", id=1000 + number)
    answer = await viewer.asks("resume")
    assert answer["text"] == "More than 100 commands at once: wait for their answers" and started == 100
    released.set()
    for _ in range(100):
        assert (await viewer.hears("commandDone", "commandFailed"))["type"] == "commandDone"
    assert (await viewer.asks("resume"))["type"] == "commandDone"


async def test_thirty_batches_a_second(stage: Stage, viewer: Page) -> None:
    await batch(viewer)
    began = time.monotonic()
    for _ in range(10):
        stage.records.emit(posted())
        await batch(viewer)
    assert time.monotonic() - began > 9 / 30


async def test_ten_states_a_second(stage: Stage, viewer: Page) -> None:
    await viewer.hears("bridgeState")
    began = time.monotonic()
    for number in range(5):
        stage.pages.append(SimpleNamespace(url=f"https://example.org/{number}"))
        await viewer.hears("bridgeState")
    assert time.monotonic() - began > 4 / 10
