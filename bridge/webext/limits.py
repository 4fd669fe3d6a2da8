"""How much room the private copy of an extension may take, so that a hostile archive or link cannot fill the disk."""

from pathlib import Path

from ..errors import ExtensionError

__all__ = ["Budget", "archive_budget", "link_budget"]

_COPY = 1 << 30
# A zip bomb unpacks to a thousand times its size; scripts, pages and pictures to three or ten times.
_RATIO = 100
_SMALL = 64 << 20  # what any archive may unpack to, whatever its size
_BLOCK = 4096  # what even an empty file takes, so that the limit counts files too


class Budget:
    """What is left of a limit.

    Args:
        limit: In bytes.
        problem: The text of the error when nothing is left.
    """

    def __init__(self, limit: int, problem: str) -> None:
        self._left = limit
        self._problem = problem

    def begin_file(self) -> None:
        """Spend what any file or folder takes, even an empty one.

        Raises:
            ExtensionError: Nothing is left.
        """
        self.spend(_BLOCK)

    def spend(self, size: int) -> None:
        """Spend that many bytes.

        Raises:
            ExtensionError: Nothing is left.
        """
        self._left -= size
        if self._left < 0:
            raise ExtensionError(self._problem)


def archive_budget(path: Path, packed: int, limit: int | None) -> Budget:
    """Return what an archive of `packed` bytes may unpack to: `limit`, or by default what is sensible for its size."""
    allowed = min(_COPY, max(_SMALL, _RATIO * packed)) if limit is None else limit
    return Budget(
        allowed,
        f"{path} has {packed} bytes and unpacks to more than {allowed}, which looks like a zip bomb: "
        "if it is none, raise launch(copy_limit=...)",
    )


def link_budget(path: Path, limit: int | None) -> Budget:
    """Return how much the symbolic links in the folder `path` may add to its copy."""
    allowed = _COPY if limit is None else limit
    return Budget(
        allowed,
        f"{path} has symbolic links, and a copy of what they lead to takes more than {allowed} bytes: "
        "remove the links, or raise launch(copy_limit=...)",
    )
