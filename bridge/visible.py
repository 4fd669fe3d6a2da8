"""Text that others chose, such as names, addresses and messages, for terminals and logs."""

import re

__all__ = ["visible", "visible_lines"]

_LAYOUT = re.compile(r"([\n\t])")


def visible(text: str) -> str:
    r"""Return the text on one line, with escapes such as ``\x1b`` for what a terminal would obey or not show.

    These are control characters, also those of U+0080 to U+009F, marks that turn the direction of text, line and
    paragraph separators, and lone surrogates, which no output can encode.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def visible_lines(text: str) -> str:
    """Return the text with the same escapes, but with its line breaks and tabs."""
    if text.isprintable():
        return text
    return "".join(part if part in ("\n", "\t") else visible(part) for part in _LAYOUT.split(text))
