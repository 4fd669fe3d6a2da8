"""What Python hears from the start in the parts of an extension that it plays alone, with ``launch(replace=[...])``."""

__all__ = ["PLAYED", "answers"]

PLAYED: dict[str, tuple[str, ...]] = {
    "background": (
        "runtime.onConnect",
        "runtime.onConnectExternal",
        "runtime.onMessage",
        "runtime.onMessageExternal",
    ),
    "content": ("runtime.onConnect", "runtime.onMessage"),
}
"""Events, by the kind of context."""


def answers(events: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the events whose messages Python may answer."""
    return tuple(event for event in events if event.startswith("runtime.onMessage"))
