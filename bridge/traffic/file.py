"""The file of `launch(record_to=...)`, written as the records come."""

import os
from pathlib import Path

from ..errors import BridgeError
from .records import Record, encode_line

__all__ = ["RecordFile"]


class RecordFile:
    """Writes records, one line each. After a write has failed, close it: nothing can follow half a line.

    Raises:
        OSError: The file cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.fspath(path)
        self._file = Path(path).open("w", encoding="utf-8", buffering=1)  # noqa: SIM115 (close() closes it)

    def write(self, record: Record) -> None:
        """Write a record, so that others can read it in the file at once.

        Raises:
            BridgeError: The file cannot be written, or was closed.
        """
        line = encode_line(record)
        try:
            self._file.write(f"{line}\n")
        except (OSError, ValueError) as error:  # ValueError: somebody closed it
            raise self._failed(error) from error

    def close(self) -> None:
        """Close the file.

        Raises:
            BridgeError: The last lines could not be written.
        """
        try:
            self._file.close()
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> BridgeError:
        reason = getattr(error, "strerror", None) or error
        return BridgeError(
            f"record_to={self._path!r} cannot be written: {reason}. The file ends here, "
            "but memory still gets every record: save them with bridge.traffic.save()"
        )
