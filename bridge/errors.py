"""Every error that the bridge raises of its own.

    BridgeError
    ├── LaunchError               the browser, the relay or the extension did not start
    │   └── BrowserNotFoundError  no browser of that kind on this machine
    ├── ExtensionError            the folder, archive or manifest cannot be used
    ├── UnsupportedError          this browser cannot do that at all
    ├── ContextError              there is no such context, or it is gone
    ├── PortDisconnectedError     the port is closed (what JavaScript throws, in its words)
    ├── RemoteError               an extension API rejected a call, in the browser's words
    ├── ChannelError              the wire between Python and the browser broke its own rules
    └── BridgeTimeoutError        nothing happened in time (also a builtin TimeoutError)

A bad argument is a TypeError, as in JavaScript.
"""

__all__ = [
    "BridgeError",
    "BridgeTimeoutError",
    "BrowserNotFoundError",
    "ChannelError",
    "ContextError",
    "ExtensionError",
    "LaunchError",
    "PortDisconnectedError",
    "RemoteError",
    "UnsupportedError",
]


class BridgeError(Exception):
    """The root of the bridge's own errors."""


class LaunchError(BridgeError):
    """The browser, the relay or the extension's background did not start."""


class BrowserNotFoundError(LaunchError):
    """No usable browser was found; the message says what was looked for and how to get one."""


class ExtensionError(BridgeError):
    """The extension's folder, archive or manifest cannot be used; the message names the file or key."""


class UnsupportedError(BridgeError):
    """The browser at hand has no way to do this."""


class ContextError(BridgeError):
    """The context does not exist, or its page, frame or background is gone."""


class PortDisconnectedError(BridgeError):
    """The port is closed; the message says by whom or why as far as the browser tells."""


class RemoteError(BridgeError):
    """Code in the browser threw or rejected.

    Attributes:
        name: The JavaScript error's name, such as ``TypeError``.
    """

    def __init__(self, message: str, name: str = "Error") -> None:
        super().__init__(message)
        self.name = name


class ChannelError(BridgeError):
    """The browser's side of the channel sent something that the protocol does not know."""


class BridgeTimeoutError(BridgeError, TimeoutError):
    """What was waited for did not happen in time; the message says what and what was seen instead."""
