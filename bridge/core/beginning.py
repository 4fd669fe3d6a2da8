"""What the extension begins with when it is new to the browser: storage, optional permissions, private windows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..driver import Driver, Loaded, Storage
from ..errors import UnsupportedError
from ..protocol.values import encode_json
from .optional_permissions import NOTHING, Grant

__all__ = ["Beginning", "checked_storage"]

_AREAS = ("local", "session", "sync", "managed")
_NO_SESSION = (
    'launch(storage=...): Chromium keeps "session" in memory, which nobody else can fill before an extension runs. '
    'Fill it later, with bridge.background.call("storage.session.set", {...})'
)
_NO_MANAGED = (
    'launch(storage=...): Chromium takes "managed" only from the policies of the machine, which are for all its '
    "browsers; test this in Firefox only"
)
_MAX_ITEM, _MAX_AREA = 8_192, 102_400  # bytes that browsers take in "sync": QUOTA_BYTES_PER_ITEM, QUOTA_BYTES


def checked_storage(given: Any, browser_name: str) -> Storage:
    """Return the argument of ``launch(storage=...)``, with its values as JSON.

    Raises:
        TypeError: It is no mapping from areas to mappings from keys to JSON values.
        ValueError: There is no such area, or a browser takes less in "sync".
        UnsupportedError: The browser cannot begin with values in that area.
    """
    storage = {}
    for area, items in _mapping("storage", {} if given is None else given).items():
        _require_area(area, browser_name)
        encode_json(items, f"storage.{area}")  # for the path in its errors
        storage[area] = {key: encode_json(value) for key, value in _mapping(f"storage.{area}", items).items()}
    _require_room(storage.get("sync", {}))
    return storage


def _mapping(what: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f'launch(storage={{"local": {{...}}}}) takes dicts: {what} is {value!r}')
    return value


def _require_area(area: str, browser_name: str) -> None:
    if area == "session" and browser_name == "chromium":
        raise UnsupportedError(_NO_SESSION)
    if area not in _AREAS:
        raise ValueError(f"launch(storage=...): there is no area {area!r}; it may have {', '.join(map(repr, _AREAS))}")
    if area == "managed" and browser_name == "chromium":
        raise UnsupportedError(_NO_MANAGED)


def _require_room(items: Mapping[str, str]) -> None:
    sizes = {key: len(key.encode()) + len(text.encode()) for key, text in items.items()}
    for key, size in sizes.items():
        if size > _MAX_ITEM:
            raise ValueError(f"launch(storage=...): storage.sync[{key!r}] has {size} bytes; browsers take {_MAX_ITEM}")
    total = sum(sizes.values())
    if total > _MAX_AREA:
        raise ValueError(f"launch(storage=...): storage.sync has {total} bytes; browsers take {_MAX_AREA}")


class Beginning:
    """What an extension begins with.

    Args:
        storage: The values in its storage.
        grant: Its optional permissions that are granted.
        private: Whether it may run in private windows, too.
    """

    def __init__(self, storage: Storage, grant: Grant = NOTHING, *, private: bool) -> None:
        self._storage = storage
        self._grant = grant
        self._private = private

    async def prepare(self, driver: Driver, folder: Path, extension_id: str) -> None:
        """Have the extension in `folder`, which is not installed, begin with it when it is loaded."""
        if any(self._grant) and driver.grants_early:
            await driver.grant(Loaded(extension_id, ""), *self._grant)
        if self._private:
            await driver.allow_private(folder)
        if self._storage:
            await driver.fill_storage(folder, self._storage)

    async def complete(self, driver: Driver, loaded: Loaded) -> None:
        """Give the extension, which was installed anew and has begun, what a browser gives only then."""
        if any(self._grant) and not driver.grants_early:
            await driver.grant(loaded, *self._grant)
