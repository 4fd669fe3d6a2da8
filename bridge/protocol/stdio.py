"""The framing of native messaging: how a browser and a native application talk over stdin and stdout.

Each message is its length in bytes (32 bits, in the machine's own byte order), then that many bytes of JSON in UTF-8.
https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging#native-messaging-host-protocol
https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_messaging#app_side
"""

import struct
from collections.abc import Iterator

__all__ = ["MAX_FROM_APPLICATION", "Unpacker", "pack"]

MAX_FROM_APPLICATION = 1024 * 1024
"""Limit in bytes for a message from the application. Both browsers close the connection if one is longer."""

_LENGTH = struct.Struct("=I")


def pack(message: bytes) -> bytes:
    """Return `message`, which is JSON in UTF-8, with its length in front, as it goes over stdin or stdout.

    Raises:
        ValueError: Its length does not fit 32 bits.
    """
    try:
        return _LENGTH.pack(len(message)) + message
    except struct.error:
        raise ValueError(f"A message of {len(message)} bytes does not fit the 32 bits of its length") from None


class Unpacker:
    """Cuts a stream of bytes into messages. It does no I/O."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes of the stream. Return the messages that are now complete, without their lengths."""
        self._buffer += data
        return list(self._complete())

    def _complete(self) -> Iterator[bytes]:
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            message = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            yield message

    @property
    def rest(self) -> int:
        """The number of bytes of an incomplete message. At the end of the stream, that message was cut off."""
        return len(self._buffer)
