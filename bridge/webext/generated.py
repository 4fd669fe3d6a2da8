"""Writes the two extensions that a launch loads: the instrumented copy and the relay."""

import base64
import hashlib
import json
import os
import secrets
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

from ..errors import ExtensionError
from ..protocol.frames import VERSION
from ..protocol.framing import LAST_PIECE, MAX_PIECE, PIECE
from ..traffic.limits import MAX_MESSAGE_CHARACTERS
from . import instrument, manifest
from .dialing import may_dial
from .edits import manifest_edits
from .manifest import BrowserName
from .page import instrument_page, is_xml, pages
from .patterns import any_match
from .unpacking import unpack, write_private
from .worker import instrument_worker

__all__ = ["GeneratedExtension"]

_JS = resources.files(__package__) / "js"
_CONFIG, _WATCH = "PORTBRIDGE_CONFIG", "PORTBRIDGE_WATCH"
_PARTS = {"PORTBRIDGE_VALUES": "values.js", "PORTBRIDGE_LINK": "link.js"}  # of the agent
_PROTOCOL = {"version": VERSION, "maxPiece": MAX_PIECE, "piece": PIECE, "lastPiece": LAST_PIECE}
_SERIALIZATION = "message_serialization"
_WATCHED = ("background", "page", "content")
_OWN_ORIGIN = ("background", "page")
_CONNECTS = ["runtime.onConnect", "runtime.onConnectExternal"]


class GeneratedExtension:
    """The files of one launch. The user's own files are never written to.

    Args:
        extension: The user's folder or archive.
        home: A private folder for the generated files.
        browser_name: ``"chromium"`` or ``"firefox"``.
        replace: Parts of the extension that Python plays alone: ``"background"``, ``"content"``.
        watched: Whether the agents report what the extension's own scripts do with ports.

    Attributes:
        manifest: The author's manifest, unchanged.
        copy: The folder of the instrumented copy.
        relay: The folder of the relay.
        blank_page: The path of an empty page in the copy.
        search_event: The name of the DOM event that content agents answer.
    """

    def __init__(
        self,
        extension: str | os.PathLike[str],
        home: Path,
        browser_name: BrowserName,
        replace: frozenset[str],
        *,
        watched: bool = False,
    ) -> None:
        self._extension = extension
        self._browser_name = browser_name
        self._replace = replace
        self._watched = watched
        self._link_name = f"portbridge-{secrets.token_hex(16)}"
        self._key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.copy = home / "extension"
        self.relay = home / "relay"
        self.manifest: dict[str, Any] = {}
        self._changed: dict[str, Any] = {}
        self.blank_page = ""
        self.search_event = ""
        self._pages: list[str] = []
        self._former = home / "extension.former"
        self._former_facts = self._facts

    @property
    def relay_id(self) -> str:
        """The relay's extension id, known before it is loaded."""
        if self._browser_name == "firefox":
            return f"{self._link_name}@portbridge"
        return _chromium_id(base64.b64decode(self._key))

    @property
    def extension_id(self) -> str:
        """The id that the browser will give the copy; empty if only the browser knows it."""
        if self._browser_name == "firefox":
            return str(_gecko(self._changed).get("id", ""))
        if key := self._changed.get("key"):
            return _chromium_id(base64.b64decode(key))
        return _chromium_id(str(self.copy).encode("utf-16-le" if os.name == "nt" else "utf-8"))

    def write_copy(self) -> None:
        """Write the instrumented copy, or write it again after the user's files have changed.

        Raises:
            ExtensionError: The extension cannot be used; the copy is left as it was.
        """
        facts = self._facts
        fresh = self.copy.with_name("extension.new")
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            self._write_copy(fresh)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            self._facts = facts
            raise
        shutil.rmtree(self._former, ignore_errors=True)
        if self.copy.exists():
            self.copy.rename(self._former)
        fresh.rename(self.copy)
        self._former_facts = facts

    def restore_copy(self) -> None:
        """Put back the copy that the last `write_copy` replaced, because the browser rejected the new one."""
        shutil.rmtree(self.copy)
        self._former.rename(self.copy)
        self._facts = self._former_facts

    def write_relay(self, channel_url: str) -> None:
        """Write the relay, which will connect to `channel_url`."""
        self.relay.mkdir()
        relay = _script("relay.js", {"url": channel_url, "linkName": self._link_name})
        agent = self.agent("external", local=True)
        (self.relay / "background.js").write_text(relay + agent, "utf-8")
        (self.relay / "manifest.json").write_text(json.dumps(self._relay_manifest()), "utf-8")

    def agent(self, kind: str, **more: Any) -> str:
        """Return the agent's script for a kind of context."""
        guard = {"background": [*_CONNECTS, "action.onClicked"]}.get(kind, [])
        if kind == "content" and "content" in self._replace:
            guard = ["runtime.onConnect"]
        config = {
            "kind": kind,
            "relay": self.relay_id,
            "linkName": self._link_name,
            "searchEvent": self.search_event,
            "guard": guard,
            "dials": self._dials(kind),
            "cacheClosesPorts": self._browser_name == "chromium",
            "structured": manifest.clones_messages(self.manifest, self._browser_name),
            "manifest": [],
            "watch": {
                "limit": MAX_MESSAGE_CHARACTERS,
                "native": "nativeMessaging" in self.manifest.get("permissions", []),
            },
        }
        watches = self._watched and kind in _WATCHED
        script = _script("agent.js", {**config, **more})
        for name, part in _PARTS.items():
            script = script.replace(name, _expression(part))
        return script.replace(_WATCH, _expression("watch.js") if watches else "undefined")

    def _dials(self, kind: str) -> bool:
        # The record of what scripts do combines what several agents say, and only the relay keeps their order.
        return not self._watched and kind in _OWN_ORIGIN and may_dial(self.manifest, self._browser_name)

    @property
    def content_patterns(self) -> list[str]:
        """The match patterns of the documents where the copy runs an agent."""
        return instrument.content_patterns(self.manifest)

    def runs_at(self, url: str) -> bool:
        """Whether a document at `url` may have an agent. For ``about:`` and the like, that depends on who made it."""
        inherits = url.split(":")[0] in ("about", "data", "blob", "")
        return any_match(self.content_patterns, url) or (inherits and bool(self.content_patterns))

    @property
    def has_background(self) -> bool:
        """Whether the manifest has a background that this browser runs."""
        return manifest.background_kind(self.manifest, self._browser_name) is not None

    def has_page(self, path: str) -> bool:
        """Whether the copy has this file."""
        file = self._file(path)
        return file.is_file() and file.is_relative_to(self.copy.resolve())

    def is_instrumented(self, path: str) -> bool:
        """Whether this file is a page that loads the agent."""
        return self._file(path) in {(self.copy / page).resolve() for page in self._pages}

    def _file(self, path: str) -> Path:
        return (self.copy / manifest.local_path(path)).resolve()

    # What belongs to one copy but is not a file in it.
    @property
    def _facts(self) -> tuple[dict[str, Any], str, str, list[str]]:
        return self.manifest, self.blank_page, self.search_event, self._pages

    @_facts.setter
    def _facts(self, facts: tuple[dict[str, Any], str, str, list[str]]) -> None:
        self.manifest, self.blank_page, self.search_event, self._pages = facts

    def _write_copy(self, folder: Path) -> None:
        key = unpack(self._extension, folder)
        author = self._read_manifest(folder)
        self._check_serialization(author)
        self.manifest = author
        self.search_event = f"portbridge-{secrets.token_hex(16)}"
        prefix = f"portbridge-{secrets.token_hex(4)}"
        agents = instrument.Agents(*(f"{prefix}-{kind}.js" for kind in ("background", "page", "content")))
        worker = manifest.background_kind(author, self._browser_name) == "service_worker"
        changed = instrument.instrument_manifest(author, agents, self._replace)
        if key:
            changed.setdefault("key", key)
        if self._browser_name == "firefox" and "nativeMessaging" in author.get("permissions", []):
            # A host manifest must name the extension's id before Firefox would make one up.
            _gecko(changed).setdefault("id", f"{self._link_name}-tested@portbridge")
        edits = manifest_edits(author, changed, self._browser_name)
        _write(folder, agents.background, self.agent("background", worker=worker, manifest=edits).encode())
        _write(folder, agents.page, self.agent("page", manifest=edits).encode())
        _write(folder, agents.content, self.agent("content", manifest=edits).encode())
        self._write_pages(folder, author, agents, f"{prefix}-blank.html")
        self._write_background(folder, author, agents.background)
        _write(folder, "manifest.json", json.dumps(changed).encode())
        self._changed = changed

    def _read_manifest(self, folder: Path) -> dict[str, Any]:
        try:
            author = manifest.read_manifest(folder)
            manifest.check_manifest(author, self._browser_name, folder)
            if "background" in self._replace and "background" not in author:
                raise ExtensionError("replace names 'background', but the manifest has no background to replace")
        except ExtensionError as error:  # it names only files of the copy
            raise ExtensionError(f"{os.fspath(self._extension)}: {error}") from error
        return author

    def _check_serialization(self, author: dict[str, Any]) -> None:
        former = self.manifest or author
        if former.get(_SERIALIZATION) != author.get(_SERIALIZATION) and self._browser_name == "chromium":
            raise ExtensionError(
                f'"{_SERIALIZATION}" changed: Chromium connects only extensions with the same value, and the relay '
                "still has the old one; close the bridge and launch again"
            )

    def _write_pages(self, folder: Path, author: dict[str, Any], agents: instrument.Agents, blank: str) -> None:
        instrumented = pages(folder, author, sandboxed=self._browser_name == "chromium")
        for path in instrumented:
            _write(folder, path, instrument_page((folder / path).read_bytes(), agents.page, xml=is_xml(path)))
        _write(folder, blank, instrument_page(b"<!doctype html><title>portbridge</title>", agents.page))
        self.blank_page = blank
        self._pages = [*instrumented, blank]

    def _write_background(self, folder: Path, author: dict[str, Any], agent: str) -> None:
        background = author.get("background", {})
        replaced = "background" in self._replace
        # The same file may be a service worker in Chromium and a page's script in Firefox.
        kind = manifest.background_kind(author, self._browser_name)
        if kind == "service_worker":
            path = manifest.local_path(background["service_worker"])
            module = background.get("type") == "module"
            text = instrument_worker((folder / path).read_bytes(), agent, module=module, replaced=replaced)
            _write(folder, path, text)
        elif kind == "page" and not replaced:
            path = manifest.local_path(background["page"])
            _write(folder, path, instrument_page((folder / path).read_bytes(), agent))
            self._pages = [*self._pages, path]

    def _relay_manifest(self) -> dict[str, Any]:
        common = {"name": "portbridge relay", "version": "1"}
        if self._browser_name == "firefox":
            # Manifest V2: the background page never sleeps, and the default policy allows ws://.
            return {
                **common,
                "manifest_version": 2,
                "background": {"scripts": ["background.js"], "persistent": True},
                "browser_specific_settings": {"gecko": {"id": self.relay_id}},
            }
        # The web pages that may talk to the extension may talk to the relay too, so that Python can stand in them. No
        # other pages may: a page gets chrome.runtime as soon as any extension accepts it.
        connectable = self.manifest.get("externally_connectable", {})
        return {
            **common,
            # Chromium connects only extensions that serialise messages the same way.
            **{key: value for key, value in self.manifest.items() if key == _SERIALIZATION},
            "manifest_version": 3,
            "key": self._key,
            "background": {"service_worker": "background.js"},
            "externally_connectable": {"ids": ["*"], "matches": connectable.get("matches", [])},
        }


def _expression(name: str) -> str:
    return (_JS / name).read_text("utf-8").rstrip().removesuffix(";")


def _script(name: str, config: dict[str, Any]) -> str:
    text = (_JS / name).read_text("utf-8")
    before, placeholder, after = text.rpartition(_CONFIG)
    if not placeholder:
        raise ExtensionError(f"{name} has no place for its configuration: the installation is damaged, install again")
    return f"{before}{json.dumps({**config, 'protocol': _PROTOCOL})}{after}"


def _write(folder: Path, path: str, data: bytes) -> None:
    write_private(folder / path, data)


def _gecko(manifest: dict[str, Any]) -> dict[str, Any]:
    # `applications` is the older name, which Manifest V2 still allows.
    name = "applications" if "applications" in manifest else "browser_specific_settings"
    gecko: dict[str, Any] = manifest.setdefault(name, {}).setdefault("gecko", {})
    return gecko


def _chromium_id(data: bytes) -> str:
    # https://source.chromium.org: extensions/common/extension_id, crx_file::id_util::GenerateId
    digest = hashlib.sha256(data).hexdigest()[:32]
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest)
