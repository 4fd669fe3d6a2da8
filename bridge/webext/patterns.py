"""Match patterns, as content scripts and host permissions use them.

The browsers do the real matching. This copy of their rules decides what goes into the generated manifest, and lets an
error say that the extension does not run on a page.

Source: https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Match_patterns and
https://developer.chrome.com/docs/extensions/develop/concepts/match-patterns
"""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

__all__ = ["ALL_URLS", "any_match", "covers", "glob_regex", "is_pattern", "matches", "widen"]

ALL_URLS = "<all_urls>"
_ALL_URLS_SCHEMES = frozenset({"http", "https", "file", "ftp"})
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}

_PATTERN = re.compile(
    r"""(?P<scheme> \* | [a-z][a-z0-9+.-]* ) ://
        (?P<host> (?:\*\.)? [^/*:\[\]]+ | \* | \[[0-9a-f:.]+\] | (?<=^file://) )
        (?: : (?P<port> \* | [0-9]+ ) )?
        (?P<path> /.* )""",
    re.VERBOSE | re.IGNORECASE,
)


def is_pattern(text: str) -> bool:
    """Return whether the text has the form of a match pattern, or is ``<all_urls>``.

    Any scheme is accepted: the browser decides which ones are allowed.
    """
    return text == ALL_URLS or _PATTERN.fullmatch(text) is not None


def widen(pattern: str) -> str:
    """Return the pattern with the path ``/*``. A host permission means that, because browsers ignore its path."""
    parts = _PATTERN.fullmatch(pattern)
    return pattern if parts is None else pattern[: parts.start("path")] + "/*"


def matches(pattern: str, url: str) -> bool:
    """Return whether the pattern covers the URL.

    The pattern's path is compared with the URL's path and query; a fragment never counts. A pattern without a port
    covers every port. A text that is not a match pattern covers nothing. A port in the pattern counts, as in Chromium;
    Firefox ignores such a pattern (https://bugzilla.mozilla.org/show_bug.cgi?id=1468162).
    """
    address = urlsplit(url)
    if pattern == ALL_URLS:
        return address.scheme in _ALL_URLS_SCHEMES
    parts = _PATTERN.fullmatch(pattern)
    return parts is not None and (
        _scheme_fits(parts["scheme"].lower(), address.scheme)
        and _host_fits(parts["host"].lower(), _host(address))
        and _port_fits(parts["port"], address)
        and glob_regex(parts["path"]).fullmatch(_path(address)) is not None
    )


def covers(pattern: str, other: str) -> bool:
    """Return whether a host permission for `pattern` allows all that one for `other` does."""
    parts = _PATTERN.fullmatch(other)
    if widen(pattern) == widen(other) or pattern == ALL_URLS:
        return True
    if parts is None:  # it is <all_urls>
        return False
    schemes = ("http", "https") if parts["scheme"] == "*" else (parts["scheme"],)
    host = parts["host"].lower()
    hosts = (host[2:], f"any.{host[2:]}") if host.startswith("*.") else (host.replace("*", "any.invalid"),)
    port = f":{parts['port']}" if parts["port"] not in (None, "*") else ""
    return all(matches(widen(pattern), f"{scheme}://{name}{port}/") for scheme in schemes for name in hosts)


def any_match(patterns: Iterable[str], url: str) -> bool:
    """Return whether at least one of the patterns covers the URL."""
    return any(matches(pattern, url) for pattern in patterns)


def glob_regex(glob: str) -> re.Pattern[str]:
    """Return a regular expression for a glob, in which ``*`` stands for any characters.

    It takes no more than quadratic time: each part but the last fits best where it first occurs, so the expression
    never tries another place.
    """
    first, *parts = map(re.escape, glob.split("*"))
    inner = "".join(f"(?>.*?{part})" for part in parts[:-1] if part)
    return re.compile(first + inner + "".join(f".*{part}" for part in parts[-1:]))


def _scheme_fits(wanted: str, scheme: str) -> bool:
    return scheme in ("http", "https") if wanted == "*" else scheme == wanted


def _host(address: SplitResult) -> str:
    host = address.hostname or ""
    return f"[{host}]" if ":" in host else host


def _host_fits(wanted: str, host: str) -> bool:
    if wanted.startswith("*."):
        return host == wanted[2:] or host.endswith(wanted[1:])
    return wanted in ("*", host)


def _port_fits(wanted: str | None, address: SplitResult) -> bool:
    if wanted in (None, "*"):
        return True
    return str(address.port or _DEFAULT_PORTS.get(address.scheme)) == wanted.lstrip("0")


def _path(address: SplitResult) -> str:
    path = address.path or "/"
    return f"{path}?{address.query}" if address.query else path
