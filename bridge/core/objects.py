"""Objects as the browser describes them: senders and tabs."""

from collections.abc import Mapping
from typing import Any

__all__ = ["BrowserObject", "PortError", "Sender", "Tab"]


class BrowserObject:
    """An object from the browser, read by attribute with the browser's own names.

    A documented member that the browser left out is None, as it is ``undefined`` in JavaScript. Members that one
    browser adds (Firefox's ``contextId``) are there as well; any other name raises AttributeError.
    """

    _documented: frozenset[str] = frozenset()

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = dict(members)

    def to_dict(self) -> dict[str, Any]:
        """Return the object just as the browser reported it."""
        return dict(self._members)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._members:
            return self._members[name]
        if name in self._documented:
            return None
        known = ", ".join(sorted({*self._members, *self._documented}))
        raise AttributeError(f"{type(self).__name__} has no {name!r}; it has {known}")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._members == self._members

    def __hash__(self) -> int:
        return hash(frozenset(self._members))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._members, *self._documented})

    def __repr__(self) -> str:
        members = ", ".join(f"{name}={value!r}" for name, value in self._members.items())
        return f"{type(self).__name__}({members})"


class Tab(BrowserObject):
    """A tab: ``tabs.Tab`` of the WebExtension API. ``url`` and ``title`` need the permission the browser asks for."""

    _documented = frozenset(
        {
            "id",
            "index",
            "windowId",
            "openerTabId",
            "highlighted",
            "active",
            "pinned",
            "audible",
            "discarded",
            "incognito",
            "width",
            "height",
            "status",
            "title",
            "url",
            "favIconUrl",
            "groupId",
        }
    )


class Sender(BrowserObject):
    """Who opened a connection: ``runtime.MessageSender`` of the WebExtension API.

    `tab` is a `Tab`, or None if the connection did not come from one.
    """

    _documented = frozenset(
        {
            "id",
            "url",
            "origin",
            "tab",
            "frameId",
            "documentId",
            "documentLifecycle",
            "tlsChannelId",
            "nativeApplication",
            "userScriptWorldId",
        }
    )

    def __init__(self, members: Mapping[str, Any]) -> None:
        super().__init__(members)
        tab = members.get("tab")
        # A script that heard of the port first may have set it to anything; Python sees what a script would see.
        self._tab = Tab(tab) if isinstance(tab, Mapping) else tab

    @property
    def tab(self) -> Any:
        """The tab that the connection came from, if it came from one."""
        return self._tab


class PortError(BrowserObject):
    """Why a port closed, when that was an error; ``message`` holds the browser's words."""

    message: str
    _documented = frozenset(["message"])
