"""Opens the page in the user's own browser, without a word of its address to the other users of the machine.

A browser gets what it shall open as an argument, and everybody can see the arguments of all programs. So it gets the
name of a file that only its owner can read, and which leads to the address.
"""

import asyncio
import html
import logging
import os
import tempfile
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

__all__ = ["opened"]

_PAGE = """\
<!DOCTYPE html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={url}">
<title>The inspector of portbridge</title>
<p><a href="{url}">The inspector of portbridge</a></p>
"""
_log = logging.getLogger("bridge.inspector")


@asynccontextmanager
async def opened(url: str, folder: Path | None) -> AsyncIterator[None]:
    """Open an address in the user's own browser; at the end of the block, the way to it is gone.

    Nothing happens if no file can be written: the user has the address on the terminal, too.

    Args:
        url: The address.
        folder: Where to write the file; None for the system's folder of temporary files.
    """
    try:
        file = _written(url, folder)
    except OSError as error:
        _log.warning("The inspector was not opened in a browser: %s", error)
        yield
        return
    try:
        await asyncio.to_thread(webbrowser.open, file.as_uri())
        yield
    finally:
        file.unlink(missing_ok=True)


def _written(url: str, folder: Path | None) -> Path:
    descriptor, name = tempfile.mkstemp(".html", "inspector-", folder)  # which only its owner can read
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(_PAGE.format(url=html.escape(url)))
    return Path(name).resolve()
