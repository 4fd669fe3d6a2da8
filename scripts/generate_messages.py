"""Writes bridge/inspector/web/messages.d.ts from bridge/inspector/messages.py. Start it with scripts/generate_messages.

With ``--check`` it writes nothing, and its exit status is 1 if the file is out of date.
"""

import sys
from pathlib import Path

from typescript import interface, union

from bridge.inspector import messages

FILE = Path(__file__).parent.parent / "bridge" / "inspector" / "web" / "messages.d.ts"
HEAD = """\
// Made by scripts/generate_messages from bridge/inspector/messages.py, which defines the messages.

/** A line of a file of traffic: see bridge/traffic/records.py. */
export type TrafficRecord = { type: string; [member: string]: any };
"""
PARTS = (
    messages.ActOption,
    messages.ContextState,
    messages.HeldContext,
    messages.PortState,
    messages.HoldState,
    messages.HeldMessageState,
    messages.RequestState,
    messages.PermissionRequestState,
    messages.PageState,
)
UNIONS = {"ToPage": messages.TO_PAGE, "Command": messages.COMMANDS, "FromPage": messages.FROM_PAGE}


def written() -> str:
    """Return the file as it should be."""
    kinds = (*PARTS, *messages.TO_PAGE, *messages.FROM_PAGE)
    interfaces = [interface(kind, raw="TrafficRecord") for kind in kinds]
    return "\n".join([HEAD, *interfaces, *(union(name, kinds) for name, kinds in UNIONS.items())])


def main() -> int:
    fresh = written()
    if "--check" in sys.argv[1:]:
        return int(not FILE.exists() or FILE.read_text("utf-8") != fresh)
    FILE.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
