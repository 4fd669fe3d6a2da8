"""Content security policies: may an extension's page load the extension's own scripts, and open sockets?"""

import re

__all__ = ["allow_own_scripts", "allows_sockets"]

_GOVERN_SOCKETS = ("connect-src", "default-src", "upgrade-insecure-requests", "sandbox")
_OWN_SOURCE = re.compile(r"'self'|(?:chrome|moz)-extension:.*", re.IGNORECASE)


def allow_own_scripts(policy: str) -> str:
    """Return the policy, changed only if ``<script src>`` could not load the extension's own files.

    The directive that governs scripts gets ``'self'`` in addition, or instead of ``'none'``. That is
    ``script-src-elem``, ``script-src``, or ``default-src``; beside ``default-src``, a ``script-src`` is added. If a
    directive occurs twice, the first counts: https://www.w3.org/TR/CSP3/#parse-serialized-policy
    """
    chunks = policy.split(";")
    found = _first_of_each(chunks)
    for name in ("script-src", "script-src-elem"):
        if name in found:
            chunks[found[name]] = _with_self(chunks[found[name]])
    if "default-src" in found and "script-src" not in found:
        chunks[found["default-src"]] += _own_script_src(chunks[found["default-src"]])
    return ";".join(chunks)


def allows_sockets(policy: str) -> bool:
    """Whether a document with that policy may open ``ws:`` sockets: no directive restricts them."""
    return not any(name in _first_of_each(policy.split(";")) for name in _GOVERN_SOCKETS)


def _own_script_src(default_src: str) -> str:
    widened = _with_self(default_src)
    return "" if widened == default_src else "; script-src " + " ".join(widened.split()[1:])


def _first_of_each(chunks: list[str]) -> dict[str, int]:
    positions: dict[str, int] = {}
    for position, chunk in enumerate(chunks):
        words = chunk.split()
        if words:
            positions.setdefault(words[0].lower(), position)
    return positions


def _with_self(chunk: str) -> str:
    name, *sources = chunk.split()
    if any(_OWN_SOURCE.fullmatch(source) for source in sources):
        return chunk
    kept = [source for source in sources if source.lower() != "'none'"]
    lead = chunk[: len(chunk) - len(chunk.lstrip())]
    return lead + " ".join([name, *kept, "'self'"])
