"""The four curves."""

from . import measures
from .curve import Curve, Line

__all__ = ["CURVES"]

_MIB = 2**20
_BRIDGE, _JAVASCRIPT, _PLAYWRIGHT = "bridge", "pure JavaScript", "Playwright, no extension"

CURVES = (
    Curve(
        "message-size",
        "Echo of one message, Python in the background",
        "characters in the message",
        "round trip",
        (10, 100, 1_000, 10_000, 100_000, _MIB, 4 * _MIB, 16 * _MIB, 32 * _MIB),
        (Line(_BRIDGE, measures.echo), Line(_JAVASCRIPT, measures.echo_in_javascript)),
    ),
    Curve(
        "ports",
        "Opening ports, until each has brought a message",
        "ports opened at once",
        "time for all",
        (1, 10, 100, 1_000, 5_000),
        (Line(_BRIDGE, measures.open_ports), Line(_JAVASCRIPT, measures.open_ports_in_javascript)),
    ),
    Curve(
        "frames",
        "Loading a page, until Python stands in each frame",
        "frames in the page",
        "time to load",
        (1, 5, 20, 50, 100, 200),
        (Line(_BRIDGE, measures.load_frames), Line(_PLAYWRIGHT, measures.load_frames_without)),
    ),
    Curve(
        "bridges",
        "Round trips in several browsers at once, one Python process",
        "bridges at once",
        "round trip in each",
        (1, 2, 4, measures.MOST_BRIDGES),
        (Line(_BRIDGE, measures.parallel),),
    ),
)
