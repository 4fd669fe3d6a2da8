"""Writes the two extensions that a launch loads: the instrumented copy and the relay."""

import base64
import json
import os
import re
import secrets
import shutil
import warnings
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ExtensionError, ExtensionWarning
from ..protocol.disconnected import DISCONNECTED
from ..protocol.frames import VERSION
from ..protocol.framing import LAST_PIECE, MAX_PIECE, PIECE
from ..protocol.played import PLAYED, answerable
from ..traffic.limits import MAX_MESSAGE_CHARACTERS
from . import instrument
from .checks import check_manifest
from .dialing import may_dial
from .edits import manifest_edits
from .ids import chromium_id, key_bytes, path_bytes
from .manifest import BrowserName, Manifest, file_at
from .page import instrument_page, is_xml, pages
from .patterns import any_match
from .reading import read_manifest
from .unpacking import unpack, write_private
from .worker import instrument_worker

__all__ = ["GeneratedExtension", "evaluator"]

_JS = resources.files(__package__) / "js"
_PLACEHOLDER = re.compile(r"PORTBRIDGE_([A-Z_]+)")
_PROTOCOL = {"version": VERSION, "maxPiece": MAX_PIECE, "piece": PIECE, "lastPiece": LAST_PIECE}
_SERIALIZATION = "message_serialization"
_SCRIPTS = ("background", "page", "content")
_OWN_ORIGIN = ("background", "page")


class _Facts(NamedTuple):
    manifest: Manifest
    changed: Manifest
    blank_page: str
    search_event: str
    pages: list[str]
    background_agent: Callable[[], None] | None
    content_agent: str


class GeneratedExtension:
    """The files of one launch. The user's own files are never written to.

    Args:
        extension: The user's folder or archive.
        home: A private folder for the generated files.
        browser_name: ``"chromium"`` or ``"firefox"``.
        replace: Parts of the extension that Python plays alone: ``"background"``, ``"content"``.
        routes: Whether the agents let Python route the ports of the extension's own scripts.
        watched: Whether the agents report what the extension's own scripts do with ports.
        copy_limit: How many bytes an archive may unpack to, or links may add to the copy; None means the default.

    Attributes:
        manifest: The author's manifest, unchanged.
        copy: The folder of the instrumented copy.
        relay: The folder of the relay.
        blank_page: The path of an empty page in the copy.
        search_event: The name of the DOM event that content agents answer.
        wake_name: A word that only the agent of the service worker knows; see `browsers.wake_state`.
    """

    def __init__(
        self,
        extension: str | os.PathLike[str],
        home: Path,
        browser_name: BrowserName,
        replace: frozenset[str],
        *,
        watched: bool = False,
        routes: bool = False,
        copy_limit: int | None = None,
    ) -> None:
        self._extension = extension
        self._browser_name = browser_name
        self._replace = replace
        self._watched = watched
        self._routes = routes
        self._copy_limit = copy_limit
        self._link_name = f"portbridge-{secrets.token_hex(16)}"
        self._key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.copy = home / "extension"
        self.relay = home / "relay"
        self.manifest = Manifest({})
        self._changed = Manifest({})
        self.blank_page = ""
        self.search_event = ""
        self._pages: list[str] = []
        self.wake_name = f"portbridge-{secrets.token_hex(16)}"
        self._listening: tuple[frozenset[str], frozenset[str]] | None = None
        self._background_agent: Callable[[], None] | None = None
        self._content_agent = ""
        self._former = home / "extension.former"
        self._former_facts = self._facts
        self._former_extension = extension

    @property
    def relay_id(self) -> str:
        """The relay's extension id, known before it is loaded."""
        if self._browser_name == "firefox":
            return f"{self._link_name}@portbridge"
        return chromium_id(base64.b64decode(self._key))

    @property
    def extension_id(self) -> str:
        """The id that the browser will give the copy; empty if only the browser knows it."""
        if self._browser_name == "firefox":
            return self._changed.gecko_id or ""
        return chromium_id(key_bytes(self._changed.key or "") or path_bytes(self.copy))

    def write_copy(self, extension: str | os.PathLike[str] | None = None) -> None:
        """Write the instrumented copy, or write it again after the user's files have changed.

        Args:
            extension: Another folder or archive, which takes the place of the one before, and its id.

        Raises:
            ExtensionError: The extension cannot be used; the copy is left as it was.
        """
        facts, former = self._facts, self._extension
        self._extension = former if extension is None else extension
        fresh = self.copy.with_name("extension.new")
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            self._write_copy(fresh, keeps_id=extension is not None)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            self._facts, self._extension = facts, former
            raise
        shutil.rmtree(self._former, ignore_errors=True)
        if self.copy.exists():
            self.copy.rename(self._former)
        fresh.rename(self.copy)
        self._former_facts, self._former_extension = facts, former

    def restore_copy(self) -> None:
        """Put back the copy that the last `write_copy` replaced, because the browser rejected the new one."""
        shutil.rmtree(self.copy)
        self._former.rename(self.copy)
        self._facts, self._extension = self._former_facts, self._former_extension
        self._tell_firefox()  # what has changed since it was written

    def write_relay(self, channel_url: str) -> None:
        """Write the relay, which will connect to `channel_url`."""
        self.relay.mkdir()
        relay = _script("relay.js", CONFIG=_config({"url": channel_url, "linkName": self._link_name}))
        agent = self.agent("external", local=True)
        (self.relay / "background.js").write_text(relay + agent, "utf-8")
        (self.relay / "manifest.json").write_text(json.dumps(self._relay_manifest()), "utf-8")

    def agent(self, kind: str, **more: Any) -> str:
        """Return the agent's script for a kind of context."""
        config = {
            "kind": kind,
            "relay": self.relay_id,
            "linkName": self._link_name,
            "searchEvent": self.search_event,
            "guard": self._guard(kind),
            "wakeState": self.wake_name,
            "dials": self._dials(kind),
            "splits": kind == "background" and self._splits,
            "tellsViews": self._browser_name == "chromium",
            "cacheClosesPorts": self._browser_name == "chromium",
            "structured": self.manifest.clones_messages(self._browser_name),
            "callsRemoved": self._browser_name == "chromium",
            "listenersThrow": self._browser_name == "firefox",
            "disconnected": DISCONNECTED[self._browser_name],
            "manifest": [],
            "emptyToNative": self._browser_name == "firefox",
            "watch": {"limit": MAX_MESSAGE_CHARACTERS},
        }
        watches = self._watched and kind in _SCRIPTS
        routes = self._routes and kind in _SCRIPTS
        return _script(
            "agent.js",
            CONFIG=_config({**config, **more}),
            VALUES=_expression("values.js"),
            LINK=_expression("link.js"),
            EVENTS=_expression("events.js"),
            PORTS=_expression("ports.js"),
            REQUESTS=_expression("requests.js"),
            PROXIES=_expression("proxies.js"),
            WATCH=_expression("watch.js") if watches else "undefined",
            ROUTES=_expression("routes.js") if routes else "undefined",
            MESSAGE_ROUTES=_expression("message_routes.js") if routes else "undefined",
        )

    def _guard(self, kind: str) -> dict[str, list[str]]:
        """What Python listens to there before it can be asked, as far as the file can tell."""
        played = PLAYED[kind] if kind in self._replace else ()
        events, allowed = (
            (played, answerable(played)) if kind != "background" or self._listening is None else self._listening
        )
        return {"events": sorted(events), "answers": sorted(allowed)}

    def set_listening(self, events: frozenset[str], answers: frozenset[str]) -> None:
        """Python listens to these events in the background from now on, and may answer messages of those.

        Firefox reads the agent's file whenever it starts the background; Chromium only when it loads the extension.
        """
        self._listening = events, answers
        self._tell_firefox()

    def _tell_firefox(self) -> None:
        if self._browser_name == "firefox" and self._background_agent:
            self._background_agent()

    @property
    def _splits(self) -> bool:
        return self._browser_name == "chromium" and self.manifest.json.get("incognito") == "split"

    def _dials(self, kind: str) -> bool:
        # The record of what scripts do combines what several agents say, and only the relay keeps their order.
        return not self._watched and kind in _OWN_ORIGIN and may_dial(self.manifest, self._browser_name)

    @property
    def content_patterns(self) -> list[str]:
        """The match patterns of the documents where the copy runs an agent."""
        return self.manifest.content_patterns

    @property
    def content_agent(self) -> str:
        """The script that the copy's content scripts begin with."""
        return self._content_agent

    def runs_at(self, url: str) -> bool:
        """Whether a document at `url` may have an agent. For ``about:`` and the like, that depends on who made it."""
        inherits = url.split(":")[0] in ("about", "data", "blob", "")
        return any_match(self.content_patterns, url) or (inherits and bool(self.content_patterns))

    @property
    def has_background(self) -> bool:
        """Whether the extension has a background that this browser runs."""
        kind = self._changed.background_kind(self._browser_name)
        return kind is not None and (kind != "page" or self._has_background_page)

    # Firefox loads the extension also if that page does not exist.
    @property
    def _has_background_page(self) -> bool:
        page = self._changed.background.page or ""
        return "://" in page or "__MSG_" in page or self.has_page(page)

    def has_page(self, path: str) -> bool:
        """Whether the copy has this file."""
        return file_at(self.copy, path) is not None

    def is_instrumented(self, path: str) -> bool:
        """Whether this file is a page that loads the agent."""
        return file_at(self.copy, path) in self._pages

    # What belongs to one copy but is not a file in it.
    @property
    def _facts(self) -> _Facts:
        return _Facts(
            self.manifest,
            self._changed,
            self.blank_page,
            self.search_event,
            self._pages,
            self._background_agent,
            self._content_agent,
        )

    @_facts.setter
    def _facts(self, facts: _Facts) -> None:
        self.manifest, self._changed, self.blank_page, self.search_event, self._pages = facts[:5]
        self._background_agent, self._content_agent = facts[5:]

    def _write_copy(self, folder: Path, *, keeps_id: bool) -> None:
        unpacked = unpack(self._extension, folder, self._browser_name, self._copy_limit)
        author = self._read_manifest(folder, unpacked.outside)
        self._check_serialization(author)
        self.manifest = author
        self.search_event = f"portbridge-{secrets.token_hex(16)}"
        prefix = f"portbridge-{secrets.token_hex(4)}"
        agents = instrument.Agents(*(f"{prefix}-{kind}.js" for kind in ("background", "page", "content")))
        worker = author.background_kind(self._browser_name) == "service_worker"
        changed = instrument.instrument_manifest(author.json, agents, self._replace)
        if unpacked.key:
            changed.setdefault("key", unpacked.key)
        if self._browser_name == "firefox" and "nativeMessaging" in author.permissions and not author.gecko_id:
            # A host manifest must name the extension's id before Firefox would make one up.
            instrument.give_gecko_id(changed, f"{self._link_name}-tested@portbridge")
        if keeps_id:
            self._keep_id(changed)
        edits = manifest_edits(author.json, changed, self._browser_name)

        def write_background(folder: Path) -> None:
            _write(folder, agents.background, self.agent("background", worker=worker, manifest=edits).encode())

        write_background(folder)
        self._background_agent = lambda: write_background(self.copy)
        _write(folder, agents.page, self.agent("page", manifest=edits).encode())
        self._content_agent = self.agent("content", manifest=edits)
        _write(folder, agents.content, self._content_agent.encode())
        self._write_pages(folder, author, agents, f"{prefix}-blank.html")
        self._write_background(folder, author, agents.background)
        _write(folder, "manifest.json", json.dumps(changed).encode())
        self._changed = Manifest(changed)

    def _keep_id(self, changed: dict[str, Any]) -> None:
        """Give a manifest that names no id the id of the extension that runs."""
        former = self._changed
        if self._browser_name == "firefox":
            if former.gecko_id and not Manifest(changed).gecko_id:
                instrument.give_gecko_id(changed, former.gecko_id)
            keeps = Manifest(changed).gecko_id == former.gecko_id
        else:
            if former.key:
                changed.setdefault("key", former.key)
            keeps = Manifest(changed).key == former.key
        if not keeps:
            names = "browser_specific_settings.gecko.id" if self._browser_name == "firefox" else "key"
            raise ExtensionError(
                f"{os.fspath(self._extension)} cannot take the place of the extension that runs, because it has "
                f'another id: give both manifests the same "{names}", or leave it out of the new one, if the old has it'
            )

    def _read_manifest(self, folder: Path, outside: frozenset[str]) -> Manifest:
        try:
            author = read_manifest(folder)
            problems = check_manifest(author, self._browser_name, folder, outside)
            if "background" in self._replace and author.background_kind(self._browser_name) is None:
                raise ExtensionError("replace names 'background', but the manifest has no background to replace")
        except ExtensionError as error:  # it names only files of the copy
            raise ExtensionError(f"{os.fspath(self._extension)}: {error}") from error
        for problem in problems:
            warnings.warn(f"{os.fspath(self._extension)}: {problem}", ExtensionWarning, stacklevel=2)
        return author

    def _check_serialization(self, author: Manifest) -> None:
        former = self.manifest if self.manifest.json else author
        if former.serialization != author.serialization and self._browser_name == "chromium":
            raise ExtensionError(
                f'"{_SERIALIZATION}" changed: Chromium connects only extensions with the same value, and the relay '
                "still has the old one; close the bridge and launch again"
            )

    def _write_pages(self, folder: Path, author: Manifest, agents: instrument.Agents, blank: str) -> None:
        instrumented = pages(folder, author, self._browser_name)
        for path in instrumented:
            _write(folder, path, instrument_page((folder / path).read_bytes(), agents.page, xml=is_xml(path)))
        _write(folder, blank, instrument_page(b"<!doctype html><title>portbridge</title>", agents.page))
        self.blank_page = blank
        self._pages = [*instrumented, blank]

    def _write_background(self, folder: Path, author: Manifest, agent: str) -> None:
        replaced = "background" in self._replace
        # The same file may be a service worker in Chromium and a page's script in Firefox.
        kind = author.background_kind(self._browser_name)
        named = author.background.page if kind == "page" else author.background.service_worker
        path = file_at(folder, named or "")
        if path is None:  # a URL or a translated name, which only the browser understands
            return
        if kind == "service_worker":
            module = author.background.is_module
            text = instrument_worker((folder / path).read_bytes(), agent, module=module, replaced=replaced)
            _write(folder, path, text)
        elif kind == "page" and not replaced:
            _write(folder, path, instrument_page((folder / path).read_bytes(), agent, xml=is_xml(path)))
            self._pages = [*self._pages, path]

    def _relay_manifest(self) -> dict[str, Any]:
        common = {"name": "portbridge relay", "version": "1", "permissions": ["management"]}
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
        return {
            **common,
            # Chromium connects only extensions that serialise messages the same way.
            **({_SERIALIZATION: self.manifest.serialization} if self.manifest.serialization else {}),
            "manifest_version": 3,
            "key": self._key,
            "background": {"service_worker": "background.js"},
            "externally_connectable": {"ids": ["*"], "matches": self.manifest.connectable},
        }


@cache
def evaluator() -> str:
    """Return the function that makes an answer for `Context.evaluate` in the browser."""
    return _expression_of(_script("evaluate.js", VALUES=_expression("values.js")))


@cache
def reader() -> str:
    """Return the function that makes text of an argument of `console.log()` in the browser."""
    return _expression_of(_script("read.js", VALUES=_expression("values.js")))


@cache
def _source(name: str) -> str:
    return (_JS / name).read_text("utf-8")


def _expression(name: str) -> str:
    return _expression_of(_source(name))


def _expression_of(script: str) -> str:
    return script.rstrip().removesuffix(";")


def _config(config: dict[str, Any]) -> str:
    return json.dumps({**config, "protocol": _PROTOCOL})


# Fills the placeholders in one pass, because what fills one may look like another: the config has texts of the author.
def _script(name: str, **parts: str) -> str:
    text, filled = _PLACEHOLDER.subn(lambda found: parts[found[1]], _source(name))
    if filled != len(parts):
        raise ExtensionError(f"{name} has no place for its configuration: the installation is damaged, install again")
    return text


def _write(folder: Path, path: str, data: bytes) -> None:
    write_private(folder / path, data)
