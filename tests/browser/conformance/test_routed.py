"""A routed port, or one-time message, that is passed on is to the scripts what the browser's own is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from browser.conformance import stage as stages
from browser.conformance.case import WORLDS, Case, Observation, play
from browser.conformance.conductor import Conductor
from browser.conformance.references import References
from browser.conformance.scene import Scene
from browser.conformance.stage import Stage, bridged_stage
from browser.conformance.test_conformance import OTHER_WAYS, RUNS, expected_of, fault, marks

from bridge.async_api import MessageRoute, PortRoute, RemoteError, launch

ABOUT_MESSAGES = ("delivery", "messages")
ABOUT_PORTS = ("connects", "lifetimes", "listeners", "native", "pairs", "payloads", "ports", "receivers", "senders")


@pytest.fixture(scope="module", params=[pytest.param("untouched", marks=pytest.mark.slow("routed")), "posted"])
async def routed(
    request: pytest.FixtureRequest, world_browser_type: Any, world: str, conductor: Conductor, all_tests: bool
) -> AsyncIterator[Stage]:
    """The browser with the bridge, which routes every port and every one-time message."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "launch", partial(launch, routes=True))
        async with bridged_stage(world_browser_type, conductor, **WORLDS[world]) as stage:
            patch.setattr(Scene, "settle", settling(stage, patch))
            patch.setattr(Stage, "stop_background", stopping(Stage.stop_background))
            await stage.bridge.route_port(is_of_a_case, passed_on if request.param == "untouched" else posted)
            await stage.bridge.route_message(any_message, continued if request.param == "untouched" else answered)
            stage.shares_pages = not all_tests
            yield stage


def further(world: str, case: Case) -> list[pytest.MarkDecorator]:
    """Marks for what only the nightly run plays."""
    is_usual = case.theme in ("lifetimes", "ports", "payloads") and not case.id.endswith(OTHER_WAYS)
    is_outside = case.theme == "native" or case.id.endswith("background-to-other-extension")
    return [] if world == "chromium" and (is_usual or is_outside) else [pytest.mark.slow("routed")]


def settling(stage: Stage, patch: pytest.MonkeyPatch) -> Callable[..., Awaitable[None]]:
    """Return a `Scene.settle` that also waits for what is on its way through Python."""
    heard = 0
    settle = Scene.settle

    def counting(method: Callable[..., None]) -> Callable[..., None]:
        def counted(*args: Any) -> None:
            nonlocal heard
            heard += 1
            method(*args)

        return counted

    async def settled(scene: Scene, *actors: Any) -> None:
        await settle(scene, *actors)
        while scene.stage is stage:
            before = heard
            await stage.bridge._tell_routes()  # by its answer, Python has heard what the agents said before
            await stage.bridge._tell_routes()  # and the agents have heard what Python said to that
            await settle(scene, *actors)
            if heard == before:
                return

    for kind, name in (
        (PortRoute, "_decide"),
        (PortRoute, "_message"),
        (PortRoute, "_closed_by"),
        (MessageRoute, "_note"),
    ):
        patch.setattr(kind, name, counting(getattr(kind, name)))
    return settled


def stopping(stop: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Return a `Stage.stop_background` for a background that has just been woken: Python may not know it yet."""

    async def stopped(stage: Stage, **options: Any) -> None:
        if stage.bridge:
            await stage.bridge.wait_for_background()
        await stop(stage, **options)

    return stopped


def is_of_a_case(name: str) -> bool:
    """Whether it is no fence of a scene, which looks whether all has arrived."""
    return not str(name).startswith("fence")


def passed_on(route: PortRoute) -> None:
    route.connect_to_receiver()


def posted(route: PortRoute) -> None:
    """Post each message anew."""
    receiver = route.connect_to_receiver()
    route.on_message(lambda message: receiver.postMessage(message))
    receiver.on_message(lambda message: route.postMessage(message))


def any_message(message: Any) -> bool:
    return True


def continued(route: MessageRoute) -> None:
    route.continue_()


async def answered(route: MessageRoute) -> None:
    """Ask the scripts, and give their answer to the asker."""
    try:
        answer = await route.fetch(message=route.message)
    except RemoteError:
        route.continue_()  # what was thrown, or what the browser cannot send
    else:
        route.answer(answer)


@pytest.mark.parametrize(
    ("world", "case"),
    [
        pytest.param(world, case, id=f"{world}-{case.id}", marks=[*marks(world, case), *further(world, case)])
        for world, case in RUNS
        if case.theme in ABOUT_PORTS + ABOUT_MESSAGES
    ],
    indirect=["world"],
    scope="module",
)
async def test_what_is_routed_is_like_any_other(world: str, case: Case, references: References, routed: Stage) -> None:
    async with asyncio.TaskGroup() as group:
        without = group.create_task(references.of(case))
        playing = group.create_task(play(case, routed))
    observed = playing.result().exact

    def difference_from(reference: Observation) -> str:
        return fault("Routed", expected_of(case, world, None, reference.exact, observed), observed)

    difference = difference_from(without.result())
    if difference and (of_this_release := await references.of_this_release(case)):
        difference = difference_from(of_this_release)
    if difference:
        pytest.fail(difference, pytrace=False)
