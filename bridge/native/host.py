"""The program that the browser starts as the native application. It passes everything on to Python.

It runs once for each port, from a copy in the launch's private folder, with ``python -I -S``. It must start fast, so it
imports only what is built into the interpreter, and implements only as much of WebSocket as it needs. It does not look
into messages. It ends when the browser closes stdin, when Python sends a text message, or when Python's socket is gone.
If Python resets the connection, it kills itself, even while the browser does not read: this is how Python plays a
program that crashes. So Python need not kill a process by a number that somebody told it.

Arguments: the port to connect to, then what the browser passes. The path to connect to is secret, so it is in the
environment.
"""

import _socket
import _thread
import select
import sys

if sys.platform == "win32":
    import nt as posix
else:
    import posix

__all__ = ["PATH_VARIABLE", "main"]

PATH_VARIABLE = "PORTBRIDGE_PATH"
"""The environment variable with the path to connect to."""

_CHUNK = 1 << 20
_LINGER_S = 5
_SIGKILL = 9
_BINARY, _TEXT, _CLOSE = 0x82, 0x81, 0x88
_MASKED = 0x80  # a client must mask its frames; a key of zeros changes nothing


def secret_path() -> str:
    if sys.platform == "win32":
        return posix.environ[PATH_VARIABLE]
    return posix.environ[PATH_VARIABLE.encode()].decode()


def main(port: str, path: str, arguments: list[str]) -> None:
    server = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    try:
        server.connect(("127.0.0.1", int(port)))
    except OSError as error:
        sys.exit(f"portbridge: Python is not there: {error}")
    server.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
    upgrade(server, port, path)
    send(server, _TEXT, "\n".join([str(posix.getpid()), *arguments]).encode())
    if sys.platform == "win32":
        exchange_in_threads(server)
    else:
        exchange(server)
    linger(server)


def exchange(server: _socket.socket) -> None:
    """Carry messages both ways until one end closes."""
    posix.set_blocking(1, False)
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(server, select.POLLIN)
    try:
        while all(carry(descriptor, server) for descriptor, _ in poll.poll()):
            pass
    except BrokenPipeError:  # the browser has hung up, but may have written something before
        poll.unregister(server)
        while poll.poll(0) and to_python(server):
            pass


def exchange_in_threads(server: _socket.socket) -> None:
    """Do the same on Windows, where pipes cannot be polled. No test has run this."""
    import msvcrt

    for descriptor in (0, 1):
        msvcrt.setmode(descriptor, posix.O_BINARY)  # type: ignore[attr-defined]

    def listen() -> None:
        while to_python(server):
            pass
        server.shutdown(_socket.SHUT_WR)  # Python answers by closing

    _thread.start_new_thread(listen, ())
    while to_browser(server):
        pass


def carry(descriptor: int, server: _socket.socket) -> bool:
    """Carry one message from the descriptor that is ready. Return False at the end."""
    return to_python(server) if descriptor == 0 else to_browser(server)


def linger(server: _socket.socket) -> None:
    """Wait until Python has read everything. To end earlier would reset the connection and lose the rest."""
    posix.close(1)  # the browser need not wait for that
    server.shutdown(_socket.SHUT_WR)
    server.settimeout(_LINGER_S)
    while server.recv(_CHUNK):
        pass


def upgrade(server: _socket.socket, port: str, path: str) -> None:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ]
    server.sendall("\r\n".join([*lines, "", ""]).encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        byte = server.recv(1)
        if not byte:
            sys.exit(f"portbridge: Python refused the connection: {answer!r}")
        answer += byte
    if b" 101 " not in answer.split(b"\r\n")[0]:
        sys.exit(f"portbridge: Python refused the connection: {answer!r}")


def send(server: _socket.socket, opcode: int, data: bytes) -> None:
    length = len(data)
    if length < 126:
        header = bytes([opcode, _MASKED | length])
    elif length < 1 << 16:
        header = bytes([opcode, _MASKED | 126]) + length.to_bytes(2, "big")
    else:
        header = bytes([opcode, _MASKED | 127]) + length.to_bytes(8, "big")
    server.sendall(header + bytes(4) + data)


def to_python(server: _socket.socket) -> bool:
    """Carry one message from the extension. Return False at the end of stdin."""
    length = read(0, 4)
    if length is None:
        return False
    message = read(0, int.from_bytes(length, sys.byteorder))
    if message is None:
        return False
    send(server, _BINARY, message)
    return True


def to_browser(server: _socket.socket) -> bool:
    """Write one frame from Python to stdout unchanged. Return False once Python has closed."""
    header = receive(server, 2)
    if header is None or header[0] in (_CLOSE, _TEXT):
        return False
    length = header[1]
    if length > 125:
        length = int.from_bytes(receive(server, 2 if length == 126 else 8) or b"", "big")
    data = receive(server, length)
    if data is None:
        return False
    if header[0] == _BINARY:
        write(memoryview(data), server)
    return True


def write(data: memoryview, server: _socket.socket) -> None:
    """Write to stdout, unless Python resets the connection while the browser does not read."""
    while data:
        try:
            data = data[posix.write(1, data) :]
        except BlockingIOError:
            poll = select.poll()
            poll.register(1, select.POLLOUT)
            poll.register(server, 0)  # only errors
            if any(descriptor != 1 for descriptor, _ in poll.poll()):
                raise ConnectionResetError from None


def read(descriptor: int, length: int) -> bytes | None:
    """Return that many bytes, or None at the end of the stream."""
    parts = []
    while length:
        part = posix.read(descriptor, min(length, _CHUNK))
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def receive(server: _socket.socket, length: int) -> bytes | None:
    """Return that many bytes, or None once Python is gone."""
    parts = []
    while length:
        part = server.recv(min(length, _CHUNK))
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


if __name__ == "__main__":
    try:
        main(sys.argv[1], secret_path(), sys.argv[2:])
    except ConnectionResetError:
        posix.kill(posix.getpid(), _SIGKILL)
    except OSError:
        pass  # one end went away in the middle of a message
