"""The framing of native messaging: how a browser and a native application talk over stdin and stdout.

Each message is its length in bytes, 32 bits in the machine's own byte order, and then that many bytes of JSON in UTF-8.
https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging#native-messaging-host-protocol
https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_messaging#app_side
"""

import struct
from collections.abc import Iterator

__all__ = ["MAX_FROM_APPLICATION", "Unpacker", "pack"]

MAX_FROM_APPLICATION = 1024 * 1024
"""Bytes in one message from the application; both browsers drop the connection over a longer one."""

_LENGTH = struct.Struct("=I")


def pack(message: bytes) -> bytes:
    """Return the bytes that carry `message`, which is JSON in UTF-8, over stdin or stdout.

    Raises:
        ValueError: It is longer than 32 bits can say.
    """
    try:
        return _LENGTH.pack(len(message)) + message
    except struct.error:
        raise ValueError(f"A message of {len(message)} bytes does not fit the 32 bits of its length") from None


class Unpacker:
    """Cuts a stream of bytes into messages; it does no I/O."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes of the stream, and return each message that is complete now, without its length."""
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
        """Bytes of a message that is not complete yet; at the end of the stream, what was cut off."""
        return len(self._buffer)
