"""The current state, as the page is told: contexts, ports, pages, and which commands cannot work now."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..core.bridge import Bridge
from ..core.context import Context
from ..core.requirements import (
    require_background,
    require_open_page,
    require_stoppable_background,
    require_toolbar_button,
)
from ..errors import BridgeError
from .acts import ACTS
from .holds import Holds
from .listening import EVENTS, Listening, event_of
from .messages import BackgroundState, BridgeState, ContextState, PageState, PortState, RequestState
from .numbers import Numbers
from .permission_requests import OpenPermissionRequests, require_heard

__all__ = ["contexts_of", "state_of"]


def state_of(
    bridge: Bridge,
    contexts: Numbers[Context],
    pages: Numbers[Any],
    listening: Listening,
    ports: list[PortState],
    requests: list[RequestState],
    permissions: OpenPermissionRequests,
    holds: Holds,
    *,
    waiting: bool,
) -> BridgeState:
    """Return the current state, and number the contexts and pages that are new."""
    return BridgeState(
        contexts=[_context(id, context, listening) for id, context in contexts.keep(contexts_of(bridge))],
        ports=ports,
        requests=requests,
        permission_requests=permissions.states(),
        hears_permission_requests=permissions.heard,
        holds=holds.states(),
        held=holds.messages(),
        held_count=holds.count(),
        pages=[PageState(id=id, url=page.url) for id, page in pages.keep(bridge.browser_context.pages)],
        background=_background(bridge),
        waiting=waiting,
        refused=_refused(bridge, holds, waiting=waiting),
        refused_acts=_reasons({name: partial(act.require, bridge) for name, act in ACTS.items()}),
    )


def contexts_of(bridge: Bridge) -> list[Context]:
    """Return the contexts that the page offers: those alive, and the background even while it is stopped."""
    alive = bridge.contexts
    background = [] if bridge.background in alive or not _has_background(bridge) else [bridge.background]
    return [*background, *alive]


def _has_background(bridge: Bridge) -> bool:
    return bridge._extension.has_background


def _background(bridge: Bridge) -> BackgroundState:
    if not _has_background(bridge):
        return "none"
    return "stopped" if bridge.background.closed else "running"


def _context(id: int, context: Context, listening: Listening) -> ContextState:
    return ContextState(
        id=id,
        kind=context.kind,
        url=context.url,
        tab=context.tab_id,
        frame=context.frame_id,
        running=not context.closed,
        listening=listening.names(context),
        refused=_refused_in(context),
    )


def _refused_in(context: Context) -> dict[str, str]:
    attempts: dict[str, Callable[[], object]] = {
        "connectTab": lambda: context.tabs,
        "askTab": lambda: context.tabs,
        "connectNative": lambda: _require_native(context),
        **{name: lambda name=name: event_of(context, name) for name in EVENTS},  # type: ignore[misc]
    }
    if context.closed:
        attempts |= {"connect": context._require_link, "ask": context._require_link}
    return _reasons(attempts)


def _require_native(context: Context) -> None:
    context._require_extension_api("runtime.connectNative")
    context._session.require_permission("nativeMessaging")


def _reasons(attempts: dict[str, Callable[[], object]]) -> dict[str, str]:
    reasons = {}
    for command, attempt in attempts.items():
        try:
            attempt()
        except BridgeError as error:
            reasons[command] = str(error)
    return reasons


def _refused(bridge: Bridge, holds: Holds, *, waiting: bool) -> dict[str, str]:
    return _reasons(
        {
            "stopBackground": lambda: _require_stoppable(bridge),
            "startBackground": lambda: _require_startable(bridge),
            "clickAction": lambda: _require_clickable(bridge),
            "hearPermissionRequests": lambda: require_heard(bridge),
            "hold": holds.require,
            "resume": lambda: _require_waiting(waiting),
        }
    )


def _require_stoppable(bridge: Bridge) -> None:
    require_stoppable_background(bridge._extension.manifest, _has_background(bridge))
    bridge.background._require_link()


def _require_startable(bridge: Bridge) -> None:
    require_background(_has_background(bridge))
    if not bridge.background.closed:
        raise BridgeError("The background is already running")


def _require_clickable(bridge: Bridge) -> None:
    require_toolbar_button(bridge._extension.manifest, bridge.browser_name)
    require_open_page(bridge.browser_context.pages)


def _require_waiting(waiting: bool) -> None:
    if not waiting:
        raise BridgeError("No test waits in bridge.inspect()")
