"""The extension under test, as far as a running bridge needs its generated files."""

import os
from pathlib import Path
from typing import Any, Protocol

from ..webext.manifest import Manifest

__all__ = ["Extension"]


class Extension(Protocol):
    """The generated files, as far as a running bridge needs them."""

    manifest: Manifest
    copy: Path
    blank_page: str
    search_event: str

    @property
    def content_agent(self) -> str: ...

    @property
    def has_background(self) -> bool: ...

    def runs_at(self, url: str) -> bool: ...

    def agent(self, kind: str, **more: Any) -> str: ...

    def has_page(self, path: str) -> bool: ...

    def is_instrumented(self, path: str) -> bool: ...

    def write_copy(self, extension: str | os.PathLike[str] | None = None) -> None: ...

    def restore_copy(self) -> None: ...
