"""The parts of the WebExtension API that have their own names in Python: ``runtime``, ``tabs``, ``action``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..javascript import UNDEFINED
from ..traffic.matching import Target, target_of
from ..waiting.event import Event
from .events import ConnectEvent
from .message_event import MessageEvent

if TYPE_CHECKING:
    from .context import Context
    from .port import Port

__all__ = ["Action", "Runtime", "Tabs"]

_OPTIONS = {"includeTlsChannelId": bool}
_TAB_OPTIONS = {"frameId": int, "documentId": str}
_CONNECT_INFO = {"name": str, **_OPTIONS}
_TAB_CONNECT_INFO = {"name": str, **_TAB_OPTIONS}
_BY_KEYWORD = {
    "name": "name",
    "includeTlsChannelId": "include_tls_channel_id",
    "frameId": "frame_id",
    "documentId": "document_id",
}
_TYPE_NAMES = {str: "a str", bool: "a bool", int: "an int"}


class Runtime:
    """``runtime`` in one context."""

    def __init__(self, context: "Context") -> None:
        self._context = context

    def connect(
        self,
        extension_id: str | Mapping[str, Any] | None = None,
        connect_info: Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
        include_tls_channel_id: bool | None = None,
    ) -> "Port":
        """Open a connection to the extension's other contexts, or to another extension. Return its port at once.

        As in the browser, you may leave out any argument: ``connect()``, ``connect(name="n")``,
        ``connect("other@example.org", name="n")``. The browser's own form works too: ``connect({"name": "n"})``. If
        nobody listens there, the port's `onDisconnect` fires. To reach content scripts, use ``tabs.connect``.

        Args:
            extension_id: The extension to connect to; None or an empty str for the context's own.
            connect_info: ``name`` and ``includeTlsChannelId``, in the browser's form.
            name: What the other end reads as ``port.name``.
            include_tls_channel_id: Whether a listener of another extension gets ``sender.tlsChannelId``.

        Raises:
            TypeError: The browser would refuse an argument, or a value is given in both forms.
            ContextError: The context is gone.
        """
        if isinstance(extension_id, Mapping) and connect_info is None:
            extension_id, connect_info = None, extension_id
        if extension_id is not None and not isinstance(extension_id, str):
            raise TypeError(f"connect(): extension_id is a str, not {type(extension_id).__name__}")
        given = {"name": name, "includeTlsChannelId": include_tls_channel_id}
        info = _checked("connect", connect_info, _CONNECT_INFO, given)
        arguments = [item for item in (extension_id, info) if item is not None]
        return self._context._open_port("runtime.connect", arguments, _name(info, ""))

    def connectNative(self, application: str) -> "Port":
        """Start a native application, and return the port to it at once.

        Raises:
            TypeError: `application` is not a str.
            ExtensionError: The manifest lacks the permission ``nativeMessaging``.
            UnsupportedError: Content scripts and web pages cannot do this.
        """
        if not isinstance(application, str):
            raise TypeError(f"connectNative(): application is a str, not {type(application).__name__}")
        self._context._require_extension_api("runtime.connectNative")
        self._context._session.require_permission("nativeMessaging")
        return self._context._open_port("runtime.connectNative", [application], application)

    @property
    def onConnect(self) -> ConnectEvent:
        """Fires with the `Port` of each connection to this context from the extension's own contexts.

        Raises:
            UnsupportedError: Web pages do not have it.
        """
        self._context._require_onConnect("runtime.onConnect")
        return self._context._connect_event("runtime.onConnect")

    @property
    def onUserScriptConnect(self) -> ConnectEvent:
        """Fires with the `Port` of each connection from a user script.

        Browsers have it while the extension has the permission ``userScripts``, and deliver connections from worlds
        for which the extension has called ``userScripts.configureWorld({messaging: true})``.

        Raises:
            UnsupportedError: Content scripts and web pages do not have it.
        """
        self._context._require_extension_api("runtime.onUserScriptConnect")
        return self._context._connect_event("runtime.onUserScriptConnect")

    @property
    def onConnectExternal(self) -> ConnectEvent:
        """Fires with the `Port` of each connection from another extension, or from a web page in Chromium.

        Raises:
            UnsupportedError: Content scripts and web pages do not have it.
        """
        self._context._require_extension_api("runtime.onConnectExternal")
        return self._context._connect_event("runtime.onConnectExternal")

    async def sendMessage(
        self,
        extension_id: Any = UNDEFINED,
        message: Any = UNDEFINED,
        options: Mapping[str, Any] | None = None,
        *,
        include_tls_channel_id: bool | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Send a one-time message to the extension's other contexts, or to another extension. Return the answer.

        As in the browser, you may leave out the extension: ``sendMessage({"type": "save"})``,
        ``sendMessage("other@example.org", {"type": "save"})``. To reach content scripts, use ``tabs.sendMessage``.

        Args:
            extension_id: The extension to ask; None for the context's own. With one argument, the message.
            message: Anything that can be sent on a port.
            options: ``includeTlsChannelId``, in the browser's form.
            include_tls_channel_id: Whether a listener of another extension gets ``sender.tlsChannelId``.
            timeout: How long the answer may take, in milliseconds; 0 means no limit, None the bridge's default.

        Returns:
            What the first listener to answer sent; None for null, and for undefined, which a silent listener means.

        Raises:
            TypeError: The browser would refuse an argument, a value is given in both forms, or the message cannot be
                sent.
            RemoteError: Nobody listens, a listener threw or rejected, or the channel closed; in the browser's words.
            ContextError: The context is gone.
            BridgeTimeoutError: Nobody answered in time.
        """
        if message is UNDEFINED:
            extension_id, message = None, extension_id
        elif extension_id is UNDEFINED:  # the message was given by name
            extension_id = None
        if extension_id is not None and not isinstance(extension_id, str):
            raise TypeError(f"sendMessage(): extension_id is a str, not {type(extension_id).__name__}")
        given = {"includeTlsChannelId": include_tls_channel_id}
        checked = _checked("sendMessage", options, _OPTIONS, given, "options")
        arguments = [message] if extension_id is None else [extension_id, message]
        if checked is not None:
            arguments = [extension_id, message, checked]
        elif extension_id is not None:
            arguments.append({})  # else a browser may take the message for the options
        return await self._context._messages.ask(
            "runtime.sendMessage", arguments, message, Target(extension=extension_id), timeout
        )

    @property
    def onMessage(self) -> MessageEvent:
        """Fires with each one-time message to this context from the extension's own contexts.

        Raises:
            UnsupportedError: Web pages do not have it.
        """
        self._context._require_onConnect("runtime.onMessage")
        return self._context._messages.event("runtime.onMessage")

    @property
    def onUserScriptMessage(self) -> MessageEvent:
        """Fires with each one-time message from a user script; see `onUserScriptConnect`.

        Raises:
            UnsupportedError: Content scripts and web pages do not have it.
        """
        self._context._require_extension_api("runtime.onUserScriptMessage")
        return self._context._messages.event("runtime.onUserScriptMessage")

    @property
    def onMessageExternal(self) -> MessageEvent:
        """Fires with each one-time message from another extension, or from a web page in Chromium.

        Raises:
            UnsupportedError: Content scripts and web pages do not have it.
        """
        self._context._require_extension_api("runtime.onMessageExternal")
        return self._context._messages.event("runtime.onMessageExternal")

    @property
    def id(self) -> str:
        """The id of the extension that this context belongs to.

        Raises:
            ContextError: The context is gone.
        """
        sender_id: str = self._context._require_link().sender.get("id", "")
        return sender_id


class Tabs:
    """``tabs`` in one context."""

    def __init__(self, context: "Context") -> None:
        self._context = context

    def connect(
        self,
        tab_id: int,
        connect_info: Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
        frame_id: int | None = None,
        document_id: str | None = None,
    ) -> "Port":
        """Open a connection to the content scripts of a tab. Return its port at once.

            port = bridge.background.tabs.connect(content.tab_id, name="n", frame_id=0)

        The browser's own form works too: ``connect(tab_id, {"name": "n", "frameId": 0})``.

        Args:
            tab_id: The tab's id, such as ``port.sender.tab.id`` or ``context.tab_id``.
            connect_info: ``name``, ``frameId`` and ``documentId``, in the browser's form.
            name: What the other end reads as ``port.name``.
            frame_id: The one frame to reach, instead of all; 0 is the top one.
            document_id: The one document to reach.

        Raises:
            TypeError: The browser would refuse an argument, or a value is given in both forms.
            ContextError: The context is gone.
        """
        _check_tab("tabs.connect", tab_id)
        given = {"name": name, "frameId": frame_id, "documentId": document_id}
        info = _checked("tabs.connect", connect_info, _TAB_CONNECT_INFO, given)
        arguments = [tab_id] if info is None else [tab_id, info]
        return self._context._open_port("tabs.connect", arguments, _name(info, self._context._session.unnamed))

    async def sendMessage(
        self,
        tab_id: int,
        message: Any,
        options: Mapping[str, Any] | None = None,
        *,
        frame_id: int | None = None,
        document_id: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Send a one-time message to the content scripts of a tab. Return the answer.

        Args:
            tab_id: The tab's id, such as ``request.sender.tab.id`` or ``context.tab_id``.
            message: Anything that can be sent on a port.
            options: ``frameId`` and ``documentId``, in the browser's form.
            frame_id: The one frame to reach, instead of all; 0 is the top one.
            document_id: The one document to reach.
            timeout: How long the answer may take, in milliseconds; 0 means no limit, None the bridge's default.

        Returns and raises: see `Runtime.sendMessage`.
        """
        _check_tab("tabs.sendMessage", tab_id)
        given = {"frameId": frame_id, "documentId": document_id}
        checked = _checked("tabs.sendMessage", options, _TAB_OPTIONS, given, "options")
        arguments = [tab_id, message] if checked is None else [tab_id, message, checked]
        target = target_of("tabs.sendMessage", [tab_id, checked or {}])
        return await self._context._messages.ask("tabs.sendMessage", arguments, message, target, timeout)


class Action:
    """``action``, called ``browserAction`` in Manifest V2: the extension's toolbar button."""

    def __init__(self, context: "Context") -> None:
        self._context = context

    @property
    def onClicked(self) -> Event:
        """Fires with the active `Tab` when the button is pressed, but not if the button has a popup."""
        return self._context._forwarded("action.onClicked")


def _name(info: dict[str, Any] | None, unnamed: str | None) -> str | None:
    if info is None:
        return ""
    name: str | None = info.get("name")
    return unnamed if name is None else name


def _check_tab(function: str, tab_id: object) -> None:
    if not isinstance(tab_id, int) or isinstance(tab_id, bool):
        raise TypeError(f"{function}(): tab_id is an int, not {type(tab_id).__name__}")
    if tab_id < 0:
        raise TypeError(f"{function}(): tab_id is at least 0, not {tab_id}")


def _checked(
    function: str,
    info: object,
    members: Mapping[str, type],
    by_keyword: dict[str, Any],
    argument: str = "connect_info",
) -> dict[str, Any] | None:
    """Return what the browser gets, of the mapping and the keywords together; None if there is neither."""
    given = {name: value for name, value in by_keyword.items() if value is not None}
    if info is None and not given:
        return None
    if info is not None and not isinstance(info, Mapping):
        raise TypeError(f"{function}(): {argument} is a dict, not {type(info).__name__}")
    for name, value in (info or {}).items():
        if name not in members:
            raise TypeError(f"{function}(): {argument} has no {name!r}; it takes {', '.join(members)}")
        if name in given:
            raise TypeError(f"{function}(): give {_BY_KEYWORD[name]}= or {argument}[{name!r}], not both")
        _check_member(function, name, value, members[name])
    for name, value in given.items():
        _check_member(function, _BY_KEYWORD[name], value, members[name])
    return {**(info or {}), **given}


def _check_member(function: str, name: str, value: object, wanted: type) -> None:
    if value is not None and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        raise TypeError(f"{function}(): {name} is {_TYPE_NAMES[wanted]}, not {type(value).__name__}")
    if wanted is int and isinstance(value, int) and value < 0:
        raise TypeError(f"{function}(): {name} is at least 0, not {value}")
