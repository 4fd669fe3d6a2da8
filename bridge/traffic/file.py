"""The file of `launch(record_to=...)`, written as the records come."""

import os
from pathlib import Path

from ..errors import BridgeError
from .records import Record, encode_line

__all__ = ["RecordFile"]


class RecordFile:
    """Writes records until that fails once; then it is closed, as a line that is half written cannot be continued.

    Raises:
        OSError: It cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.fspath(path)
        self._file = Path(path).open("w", encoding="utf-8", buffering=1)  # noqa: SIM115 (close() closes it)

    def write(self, record: Record) -> None:
        """Write a record, whole: whoever reads the file meanwhile sees it.

        Raises:
            BridgeError: It cannot be written, now or any more.
        """
        line = encode_line(record)
        try:
            self._file.write(f"{line}\n")
        except (OSError, ValueError) as error:  # ValueError: somebody closed it
            raise self._failed(error) from error

    def close(self) -> None:
        """Write no more.

        Raises:
            BridgeError: What was written did not arrive on the disk.
        """
        try:
            self._file.close()
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> BridgeError:
        reason = getattr(error, "strerror", None) or error
        return BridgeError(
            f"record_to={self._path!r} cannot be written: {reason}. The file ends before this; "
            "the records in memory go on: save them with bridge.traffic.save()"
        )
