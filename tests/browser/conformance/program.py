"""The player as a native application: a program that the browser starts. It is this file, run as a script.

It obeys the conductor as `player.js` does, over a socket that carries lines of JSON.
"""

import json
import os
import select
import shlex
import signal
import socket
import struct
import sys
from pathlib import Path

__all__ = ["NAME", "write_host"]

NAME = "conformance_player"


def write_host(folder: Path, port: int, stage: str) -> None:
    """Write host manifests: of the player, and of a program that ends at once."""
    folder.mkdir(parents=True)
    program = folder / NAME
    command = shlex.join([sys.executable, "-I", "-S", str(Path(__file__).absolute()), str(port), stage])
    program.write_text(f"#!/bin/sh\nexec {command}\n", "utf-8")
    program.chmod(0o700)
    manifest = {"name": NAME, "description": "a player", "path": str(program), "type": "stdio"}
    (folder / f"{NAME}.json").write_text(json.dumps(manifest), "utf-8")
    exits = {"name": "exits_at_once", "description": "ends at once", "path": "/bin/false", "type": "stdio"}
    (folder / "exits_at_once.json").write_text(json.dumps(exits), "utf-8")


def main(port: int, stage: str) -> None:
    """Do what the conductor says until the browser closes stdin."""
    conductor = socket.create_connection(("127.0.0.1", port))

    def say(message: object) -> None:
        conductor.sendall(json.dumps(message).encode() + b"\n")

    say({"hello": stage})
    say({"connected": NAME})
    orders = b""
    while True:
        ready, _, _ = select.select([0, conductor], [], [])
        if 0 in ready:
            message = read_message()
            if message is None:
                say({"closed": NAME})
                return
            say({"message": message})
        if conductor in ready:
            orders += conductor.recv(1 << 20)
            *lines, orders = orders.split(b"\n")
            for line in lines:
                order = json.loads(line)
                for step in order["steps"]:
                    STEPS[step["op"]](step)
                say({"done": order["id"]})


def read_message() -> object:
    """The next message of the extension, in a list that is empty if it has no bytes; None at the end."""
    head = read(4)
    if len(head) < 4:
        return None
    text = read(struct.unpack("=I", head)[0])
    return [json.loads(text)] if text else []  # as Firefox writes undefined


def read(length: int) -> bytes:
    """So many bytes from stdin, fewer at the end."""
    data = b""
    while len(data) < length and (more := os.read(0, length - len(data))):
        data += more
    return data


def write(data: bytes) -> None:
    """All of it to stdout."""
    while data:
        data = data[os.write(1, data) :]


def write_message(text: str) -> None:
    """One message to the extension."""
    write(struct.pack("=I", len(text.encode())) + text.encode())


STEPS = {
    "post": lambda step: write_message(step["value"]["json"]),
    "raw": lambda step: write(bytes.fromhex(step["hex"])),
    "disconnect": lambda step: os._exit(0),
    "kill": lambda step: os.kill(os.getpid(), signal.SIGKILL),
    "listen": lambda step: None,
}

if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
