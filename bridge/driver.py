"""What the engine needs of a browser that only the browser's own debugging protocol can do."""

from pathlib import Path
from typing import Any, NamedTuple, Protocol

__all__ = ["Driver", "Loaded"]


class Loaded(NamedTuple):
    """An extension in the browser."""

    id: str
    base_url: str
    """The address of its root, with a slash at the end."""


class Driver(Protocol):
    """One running browser."""

    async def load(self, *folders: Path, timeout_ms: float) -> Loaded:
        """Load the unpacked extensions in `folders`, in that order, or anew; return the last one when all run.

        Raises:
            ExtensionError: The browser rejects one; the text has the browser's own words.
            LaunchError: The service worker of one does not start.
        """

    async def unload(self, extension_id: str) -> None:
        """Uninstall an extension; the browser deletes its storage too."""

    async def click_action(self, extension_id: str, page: Any) -> None:
        """Press the extension's toolbar button while `page`, a Playwright page, is the active one."""

    async def stop_background(self, extension_id: str) -> None:
        """Stop the background as the browser does when it was idle for long."""

    async def start_background(self, loaded: Loaded) -> None:
        """Have a stopped background start."""

    async def background_state(self, loaded: Loaded) -> str:
        """Return what the browser says of the background, as a sentence without its full stop."""

    async def stop_when_idle(self, loaded: Loaded, idle_ms: float) -> None:
        """From now on, stop the background whenever it had no traffic for that long."""

    def notes(self) -> list[str]:
        """Return what users should know of how this browser is driven, in whole sentences."""

    async def watch_wakes(self, loaded: Loaded, name: str, state: frozenset[str]) -> None:
        """Have the background know at each start what Python listens to; `name` is a word that only it knows."""

    async def set_listening(self, state: frozenset[str]) -> None:
        """Say what Python listens to in the background from now on."""

    async def embeds_options(self, extension_id: str, tab_id: Any) -> bool:
        """Whether the browser shows the extension's options within a page of its own in that tab."""

    async def close(self) -> None:
        """End the debugging connection."""
