"""Every error that the bridge raises of its own.

    BridgeError
    ├── LaunchError               the browser, the relay or the extension did not start
    │   └── BrowserNotFoundError  no browser of that kind on this machine
    ├── ExtensionError            the extension's folder, archive or manifest cannot be used
    ├── UnsupportedError          this browser, or this kind of context, cannot do that
    ├── ContextError              the context does not exist, or is gone
    ├── PortDisconnectedError     the port is closed; the message is the one that JavaScript throws
    ├── RemoteError               code in the browser threw or rejected; the message is the browser's
    ├── ChannelError              the browser's end broke the bridge's protocol
    └── BridgeTimeoutError        nothing happened in time (also a built-in TimeoutError)

A wrong argument is a TypeError, as in JavaScript. An extension of which the browser cannot run all, but which it loads,
gives an ExtensionWarning.
"""

from .visible import visible_lines

__all__ = [
    "BridgeError",
    "BridgeTimeoutError",
    "BrowserNotFoundError",
    "ChannelError",
    "ContextError",
    "ExtensionError",
    "ExtensionWarning",
    "LaunchError",
    "PortDisconnectedError",
    "RemoteError",
    "UnsupportedError",
]


class BridgeError(Exception):
    """The base class of the bridge's own errors."""

    def __str__(self) -> str:
        # It may quote a message or a name, and the browser's words: a terminal must not obey them.
        return visible_lines(super().__str__())


class LaunchError(BridgeError):
    """The browser, the relay or the extension's background did not start."""


class BrowserNotFoundError(LaunchError):
    """No usable browser was found. The message says where the bridge looked and how to get one."""


class ExtensionError(BridgeError):
    """The extension's folder, archive or manifest cannot be used. The message names the file or key."""


class ExtensionWarning(UserWarning):
    """The browser loads the extension, but cannot run all of it. The message names the key and says what to do."""

    def __str__(self) -> str:
        return visible_lines(super().__str__())


class UnsupportedError(BridgeError):
    """This browser, or this kind of context, cannot do that."""


class ContextError(BridgeError):
    """The context does not exist, or its page, frame or background is gone."""


class PortDisconnectedError(BridgeError):
    """The port is closed. The message says who closed it and why, as far as the browser tells."""


class RemoteError(BridgeError):
    """Code in the browser threw or rejected.

    Attributes:
        name: The name of the JavaScript error, such as ``TypeError``.
        stack: Where `Context.evaluate` met it, a line for each call, in the browser's words; else empty.
    """

    def __init__(self, message: str, name: str = "Error", stack: str = "") -> None:
        super().__init__(f"{message}\n{stack}" if stack else message)
        self.name = name
        self.stack = stack


class ChannelError(BridgeError):
    """The browser's end sent something that the bridge's protocol does not allow. Please report it."""


class BridgeTimeoutError(BridgeError, TimeoutError):
    """Something did not happen in time. The message says what the bridge waited for and what it saw instead."""
