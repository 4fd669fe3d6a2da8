"""Writes the report: one page with everything in it. It loads nothing, and its policy forbids that."""

import html
import os
import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from ..traffic.records import Record, encode_line
from .modules import join_modules

__all__ = ["make_report", "write_report"]

_WEB = files(__package__) / "web"
_STYLES = ("view.css", "report.css")
_IMPORT = re.compile(r'^@import "\./([\w-]+\.css)";\n', re.MULTILINE)

# The `type` makes the records data instead of a script, so the policy does not have to allow them.
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body class="report">
<header class="report-header">
<h1>{title}</h1>
<p id="launch"></p>
</header>
<main id="view"><noscript>The records are in this file; JavaScript shows them.</noscript></main>
<script type="application/json" id="records">{records}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def make_report(records: Iterable[Record], *, title: str = "Recorded traffic") -> str:
    """Return a page that shows the records.

    You can open it from a file or send it to somebody, since it loads nothing else.

    Args:
        records: The records, in the order in which they were recorded.
        title: The heading; any text.
    """
    style = "".join(_style(name) for name in _STYLES)
    script = join_modules("report", lambda name: _read(f"{name}.js"))
    return _PAGE.format(
        policy=_policy(script, style),
        title=html.escape(title.encode("utf-8", "replace").decode()),
        style=style,
        records=_inlined(records),
        script=script,
    )


def write_report(records: Iterable[Record], path: str | os.PathLike[str], *, title: str = "Recorded traffic") -> None:
    """Write the page of `make_report` to a file."""
    # As bytes: text mode on Windows makes two characters of a newline, and the policy's hash would not fit.
    Path(path).write_bytes(make_report(records, title=title).encode())


def _read(name: str) -> str:
    # HTML parsers drop carriage returns, and then the policy's hash would not fit.
    return (_WEB / name).read_text("utf-8").replace("\r\n", "\n")


def _style(name: str) -> str:
    text = _read(name)
    imported = [_style(each) for each in _IMPORT.findall(text)]
    return "".join([*imported, _IMPORT.sub("", text)])


def _inlined(records: Iterable[Record]) -> str:
    # JSON has "<" only in strings, where this escape means the same but cannot end the script element.
    lines = ",\n".join(map(encode_line, records))
    return f"[{lines}]".replace("<", "\\u003c")


def _policy(script: str, style: str) -> str:
    return (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
