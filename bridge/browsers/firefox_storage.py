"""Fills the storage of an extension that Firefox has not loaded yet."""

import json
from collections.abc import Mapping
from pathlib import Path

from ..driver import Storage

__all__ = ["filling"]


def filling(folder: Path, storage: Storage) -> str:
    """Return code for Firefox's parent process that fills the storage of the next extension that starts from `folder`.

    It lets the extension run only when that is done.

    Args:
        folder: Of the extension.
        storage: What each area has then, and nothing else.
    """
    areas = {area: _object(items) for area, items in storage.items()}
    return _FILL % {
        "folder": json.dumps(str(folder)),
        **{area: areas.get(area, "null") for area in ("local", "session", "sync", "managed")},
    }


def _object(items: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'[{json.dumps(key)}]: {text}' for key, text in items.items())}}}"


# Firefox awaits `runManifest()` before it runs anything of an extension, and tells of "startup" before it calls that.
_FILL = """(() => {
  const module = (name) => ChromeUtils.importESModule(`resource://gre/modules/${name}.sys.mjs`);
  const { Management } = module("Extension");
  const local = async (extension, items) => {
    const { ExtensionStorageIDB } = module("ExtensionStorageIDB");
    const { storagePrincipal } = await ExtensionStorageIDB.selectBackend({ extension });
    const persisted = extension.hasPermission("unlimitedStorage");
    const database = await ExtensionStorageIDB.open(storagePrincipal.deserialize(globalThis, true), persisted);
    await database.clear();
    await database.set(items);
  };
  const session = (extension, items) => {
    const { extensionStorageSession } = module("ExtensionStorage");
    // It keeps the values themselves. Those of this window would end with the window.
    const own = Cu.getGlobalForObject(extensionStorageSession).JSON.parse(JSON.stringify(items));
    extensionStorageSession.set(extension, own);
  };
  const sync = async (extension, items) => {
    const { extensionStorageSync } = module("ExtensionStorageSync");
    await extensionStorageSync.clear(extension);
    await extensionStorageSync.set(extension, items);
  };
  const managed = ({ id }, items) => Services.policies.wrappedJSObject.setExtensionPolicies({ [id]: items });
  const fill = async (extension) => {
    const areas = [[local, %(local)s], [session, %(session)s], [sync, %(sync)s], [managed, %(managed)s]];
    for (const [write, items] of areas) if (items) await write(extension, items);
  };
  Management.on("startup", function listener(_, extension) {
    const { rootURI } = extension;
    if (!(rootURI instanceof Ci.nsIFileURL) || rootURI.file.path !== %(folder)s) return;
    Management.off("startup", listener);
    extension.runManifest = async (manifest) => {
      delete extension.runManifest;
      await fill(extension);
      return extension.runManifest(manifest);
    };
  });
  return true;
})()"""
