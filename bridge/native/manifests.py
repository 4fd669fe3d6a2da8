"""Host manifests, through which a browser finds native applications. They are installed for one launch only.

https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging#native-messaging-host
https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_manifests
"""

import json
import os
import re
import shlex
import sys
from importlib import resources
from pathlib import Path
from typing import Any

from ..errors import ExtensionError
from . import registry
from .host import PATH_VARIABLE

__all__ = ["HostManifests"]

_NAMES = {
    "chromium": re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*"),
    "firefox": re.compile(r"\w+(\.\w+)*", re.ASCII),
}
_MAX_NAME = 200  # so that it can be the name of a file
_EXECUTABLE = 0o700
_MARK = ".portbridge"  # the suffix of a file beside each manifest that names the launch's private folder


class HostManifests:
    """The host manifests of one launch.

    Args:
        folder: The folder where the browser looks for them.
        programs: A private folder for the programs.
        browser_name: ``"chromium"`` or ``"firefox"``.
        extension_id: The id of the extension that may connect.
    """

    def __init__(self, folder: Path, programs: Path, browser_name: str, extension_id: str) -> None:
        self._folder = folder
        self._programs = programs
        self._browser_name = browser_name
        self._extension_id = extension_id
        self._installed: list[Path] = []

    def install_application(self, name: str, port: int, path: str) -> None:
        """Install, as the application `name`, the program that connects to the channel at `port` and `path`.

        Raises:
            ValueError: The browser does not allow that name.
            ExtensionError: An application of that name is installed already.
        """
        if not self._allows(name):
            raise ValueError(f"{self._browser_name} does not allow a native application named {name!r}")
        program = self._write_program(name, port, path)
        self._install(name, {"name": name, "description": "Python", "path": str(program), "type": "stdio"})

    def install_host(self, manifest: Path) -> None:
        """Install the user's own host manifest, but allow the extension under test instead of those that it names.

        Raises:
            ExtensionError: It cannot be read, or the browser would not accept it.
        """
        try:
            host = json.loads(manifest.read_text("utf-8"))
            name, program = host["name"], manifest.parent / host["path"]
        except OSError as error:
            raise ExtensionError(f"The host manifest {manifest} cannot be read: {error}") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ExtensionError(f"The host manifest {manifest} is not valid: {error!r}") from error
        if not self._allows(name):
            raise ExtensionError(
                f"The host manifest {manifest} is for {name!r}, a name that {self._browser_name} does not allow"
            )
        if self._browser_name == "chromium" and not host.get("description"):
            raise ExtensionError(f'The host manifest {manifest} has no "description": add it, Chromium requires it')
        if host.get("type") != "stdio":
            raise ExtensionError(f'The host manifest {manifest} has no "type": "stdio": add it, browsers require it')
        if not os.path.isfile(program):
            raise ExtensionError(f"The host manifest {manifest} names the program {program}, which does not exist")
        if not os.access(program, os.X_OK):
            raise ExtensionError(f"The host manifest {manifest} names the program {program}: make it executable")
        self._install(name, {**host, "path": str(program.absolute())})

    def remove(self) -> None:
        """Remove all installed manifests."""
        for file in self._installed:
            file.unlink(missing_ok=True)
            file.with_suffix(_MARK).unlink(missing_ok=True)
            registry.forget(self._browser_name, file.stem)
        self._installed.clear()

    def _allows(self, name: object) -> bool:
        if not isinstance(name, str) or len(name) > _MAX_NAME:
            return False
        return _NAMES[self._browser_name].fullmatch(name) is not None

    def _install(self, name: str, host: dict[str, Any]) -> None:
        host.pop("allowed_origins", None)
        host.pop("allowed_extensions", None)
        if self._browser_name == "firefox":
            host["allowed_extensions"] = [self._extension_id]
        else:
            host["allowed_origins"] = [f"chrome-extension://{self._extension_id}/"]
        file = self._folder / f"{name}.json"
        if file.exists() and not _is_left_over(file):
            raise ExtensionError(f"A native application {name!r} is installed already: {file}")
        self._folder.mkdir(parents=True, exist_ok=True)
        file.with_suffix(_MARK).write_text(str(self._programs.parent), "utf-8")
        file.write_text(json.dumps(host), "utf-8")
        self._installed.append(file)
        registry.announce(self._browser_name, name, file)

    def _write_program(self, name: str, port: int, path: str) -> Path:
        host = self._programs / "portbridge-host.py"  # browsers do not allow an application of that name
        self._programs.mkdir(exist_ok=True)
        host.write_text((resources.files(__package__) / "host.py").read_text("utf-8"), "utf-8")
        # -I -S: without site packages and environment variables, Python starts much faster.
        command = [sys.executable, "-I", "-S", str(host), str(port)]
        # The secret path goes through the environment: everybody on the machine can see a program's arguments.
        if os.name == "nt":
            call = " ".join(f'"{word}"' for word in command)
            return self._write(f"{name}.bat", f"@echo off\r\nset {PATH_VARIABLE}={path}\r\n{call} %*\r\n")
        return self._write(name, f'#!/bin/sh\nexport {PATH_VARIABLE}={path}\nexec {shlex.join(command)} "$@"\n')

    def _write(self, name: str, text: str) -> Path:
        program = self._programs / name
        program.write_text(text, "utf-8")
        program.chmod(_EXECUTABLE)
        return program


def _is_left_over(file: Path) -> bool:
    """Whether a launch that was killed left this manifest behind: its private folder is gone."""
    mark = file.with_suffix(_MARK)
    return mark.exists() and not Path(mark.read_text("utf-8")).exists()
