"""Writes bridge/webext/js/frames.d.ts from bridge/protocol/frames.py. Start it with scripts/generate_frames.

With ``--check`` it writes nothing, and its exit status is 1 if the file is out of date.
"""

import sys
from pathlib import Path

from typescript import interface, union

from bridge.protocol import frames

FILE = Path(__file__).parent.parent / "bridge" / "webext" / "js" / "frames.d.ts"
HEAD = (
    "// Made by scripts/generate_frames from bridge/protocol/frames.py and its neighbours, which define the frames.\n"
)
UNIONS = {
    "FromAgent": frames.FROM_AGENT,
    "ToAgent": frames.TO_AGENT,
    "ToRoute": frames.TO_ROUTE,
    "ToMessageRoute": frames.TO_MESSAGE_ROUTE,
    "FromRelay": frames.FROM_RELAY,
    "ToRelay": frames.TO_RELAY,
}


def written() -> str:
    """Return the file as it should be."""
    every_frame = dict.fromkeys(kind for kinds in UNIONS.values() for kind in kinds)
    parts = [interface(kind) for kind in (frames.ScriptError, frames.ScriptTarget, frames.Routing, *every_frame)]
    unions = [union(name, kinds) for name, kinds in UNIONS.items()]
    return "\n".join([HEAD, *parts, *unions])


def main() -> int:
    fresh = written()
    if "--check" in sys.argv[1:]:
        return int(not FILE.exists() or FILE.read_text("utf-8") != fresh)
    FILE.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
