"""Puts the agent in front of a service worker's entry script."""

import re

__all__ = ["instrument_worker"]

_UTF8_BOM = b"\xef\xbb\xbf"
# JavaScript's white space, in UTF-8: ASCII's, the no-break space, the line and paragraph separators, the BOM.
_SPACE = rb"[\t\n\v\f\r ]|\xc2\xa0|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf"
_COMMENT = rb"(?://|<!--)[^\r\n]*(?![^\r\n])|/\*(?:[^*]|\*(?!/))*\*/"
_GAP = rb"(?:" + _SPACE + rb"|" + _COMMENT + rb")*"
_STRING = rb"""(?:"(?P<double>(?:\\.|[^"\\\r\n])*)"|'(?P<single>(?:\\.|[^'\\\r\n])*)')"""
_DIRECTIVE = re.compile(_GAP + _STRING + rb"(?P<end>" + _GAP + rb")(?P<semicolon>;?)", re.DOTALL)
# If one of these follows a string, even on the next line, the string is part of a longer expression.
_CONTINUES = re.compile(rb"(?!\+\+|--)[-+.,(\[`*/%&|^<>=?]|!=|in(?:stanceof)?\b")


def instrument_worker(source: bytes, agent: str, *, module: bool, replaced: bool) -> bytes:
    """Return the service worker's entry script, which now loads the agent before anything else runs.

    The code that loads the agent goes at the front of the first line, so line numbers stay the same. A classic script
    that is strict stays strict.

    Args:
        source: The entry script, as in the extension.
        agent: The agent's file, relative to the extension's root.
        module: Whether the manifest's ``background.type`` is ``module``.
        replaced: Whether to leave the script out, so that only the agent runs.
    """
    # A page or a content script may load the same file; importScripts does not exist there.
    load = f'import "/{agent}";' if module else f'globalThis.importScripts?.("/{agent}");'
    if replaced:
        return load.encode()
    source = source.removeprefix(_UTF8_BOM)
    if source.startswith(b"#!"):  # a hashbang is a comment on the first two bytes only
        source = b"//" + source[2:]
    strict = b'"use strict";' if not module and _is_strict(source) else b""
    return strict + load.encode() + source


# Walks the directive prologue: https://tc39.es/ecma262/#sec-directive-prologues-and-the-use-strict-directive
def _is_strict(source: bytes) -> bool:
    directive = _DIRECTIVE.match(source)
    while directive and _ends(directive, source):
        if b"use strict" in (directive["double"], directive["single"]):
            return True
        directive = _DIRECTIVE.match(source, directive.end())
    return False


# Whether the statement ends after the string: at a semicolon, at the end of the file, or at a line end that counts as
# a semicolon.
def _ends(directive: re.Match[bytes], source: bytes) -> bool:
    if directive["semicolon"] or directive.end() == len(source):
        return True
    line_end = re.search(rb"[\r\n]|\xe2\x80[\xa8\xa9]", directive["end"])
    return line_end is not None and not _CONTINUES.match(source, directive.end())
