"""What Python hears from the start in the parts of an extension that it plays alone, with ``launch(replace=[...])``."""

from collections.abc import Iterable

__all__ = ["PLAYED", "answerable"]

PLAYED: dict[str, tuple[str, ...]] = {
    "background": (
        "runtime.onConnect",
        "runtime.onConnectExternal",
        "runtime.onMessage",
        "runtime.onMessageExternal",
        "runtime.onUserScriptConnect",
        "runtime.onUserScriptMessage",
    ),
    "content": ("runtime.onConnect", "runtime.onMessage"),
}
"""Events, by the kind of context, which may lack some: Firefox has those of user scripts only with the permission."""

_MESSAGES = ("runtime.onMessage", "runtime.onMessageExternal", "runtime.onUserScriptMessage")


def answerable(events: Iterable[str]) -> tuple[str, ...]:
    """Return those of the events that bring one-time messages, which Python may answer."""
    return tuple(event for event in events if event in _MESSAGES)
