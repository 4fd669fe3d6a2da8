"""Fills the storage of an extension that Chromium has not loaded yet."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

from ..driver import Storage
from .leveldb import write_database

__all__ = ["fill_storage"]

_FOLDERS = {"local": "Local Extension Settings", "sync": "Sync Extension Settings"}


async def fill_storage(profile: Path, extension_id: str, storage: Storage) -> None:
    """Write the databases that Chromium opens as soon as the extension asks for something in its storage.

    ``Extensions.setStorageItems`` would be too late: it wants the extension loaded, and its worker runs at once.
    An extension that is uninstalled takes its databases with it (seen in Chromium 156: before the answer comes).

    Args:
        profile: The folder of the profile.
        extension_id: Whose storage; Chromium does not run it now.
        storage: What each area has then, and nothing else.
    """
    await asyncio.to_thread(_fill, profile, extension_id, storage)


def _fill(profile: Path, extension_id: str, storage: Storage) -> None:
    for area, items in storage.items():
        _write(profile / _FOLDERS[area] / extension_id, items)


def _write(folder: Path, items: Mapping[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    write_database(folder, {key.encode(): text.encode() for key, text in items.items()})
