"""The scripts of the copy, played by Node in a browser that the test makes up."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bridge.protocol import frames, framing
from bridge.webext.generated import GeneratedExtension
from bridge.webext.manifest import BrowserName
from support import NODE_REQUIRED, background, content, write_extension

BROWSER = Path(__file__).with_name("fake_browser.js").read_text("utf-8")
PROGRAM = """
const script = JSON.parse(require("fs").readFileSync(0, "utf8"));
const run = () => (0, eval)(script);
(async () => {{ {scene} }})().then((result) => process.stdout.write(JSON.stringify(result ?? null)));
"""


def generated(
    folder: Path, browser_name: BrowserName = "chromium", *, watched: bool = False, routes: bool = False
) -> GeneratedExtension:
    """Return a small extension's scripts."""
    manifest = {**background("b.js"), **content("c.js"), "permissions": ["nativeMessaging"]}
    author = write_extension(folder / "author", manifest, {"b.js": "", "c.js": ""})
    extension = GeneratedExtension(author, folder, browser_name, frozenset(), watched=watched, routes=routes)
    extension.write_copy()
    return extension


def play(script: str, scene: str) -> Any:
    """Return what the scene returns; it starts the script with `run()`. `fake_browser.js` has what else is there."""
    if not (node := shutil.which("node")):
        assert not NODE_REQUIRED, "node is missing"
        pytest.skip("node is missing")
    command = [node, "--eval", BROWSER + PROGRAM.format(scene=scene)]
    played = subprocess.run(command, input=json.dumps(script), capture_output=True, text=True, timeout=60)
    assert played.returncode == 0, played.stderr
    return json.loads(played.stdout)


def decoded(bodies: list[str]) -> list[tuple[Any, str | None]]:
    """Return the frames of an agent, each with its payload."""
    lines = [framing.Line(1, *framing.split_body(body)) for body in bodies]
    return [(framing.decode_from_agent(line.header), line.payload) for line in lines]


def heard(
    tmp_path: Path, kind: str, scene: str, *, watched: bool = False, listening: tuple[str, ...] = ()
) -> list[tuple[Any, str | None]]:
    """What the agent says, in a scene that returns bodies, after its hello; Python listens to some events before."""
    extension = generated(tmp_path, watched=watched)
    extension.set_listening(frozenset(listening), frozenset())
    said = decoded(play(extension.agent(kind), scene))
    return [one for one in said if not isinstance(one[0], frames.Hello)]
