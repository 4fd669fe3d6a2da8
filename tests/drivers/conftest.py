"""The fakes as programs, and what they have written."""

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest


class Fake:
    """A program that stands in for a Firefox.

    Attributes:
        program: Its path.
        environment: What it must find in its environment.
    """

    def __init__(self, script: str, folder: Path) -> None:
        self.program = folder / "fake-firefox"
        self._log = folder / "fake.log"
        self.environment = {"FAKE_LOG": str(self._log)}
        command = shlex.join([sys.executable, str(Path(__file__).with_name(script))])
        self.program.write_text(f'#!/bin/sh\nexec {command} "$@"\n', "utf-8")
        self.program.chmod(0o700)

    @property
    def start(self) -> dict[str, Any]:
        """What it was started with."""
        return self._facts()[0]

    @property
    def commands(self) -> dict[str, Any]:
        """The parameters of each command that it was sent, in their order."""
        return {fact["method"]: fact["params"] for fact in self._facts()[1:]}

    def _facts(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log.read_text("utf-8").splitlines()]


@pytest.fixture
def stock_firefox(tmp_path: Path) -> Fake:
    return Fake("bidi_firefox.py", tmp_path)


@pytest.fixture
def playwrights_firefox(tmp_path: Path) -> Fake:
    return Fake("juggler_firefox.py", tmp_path)
