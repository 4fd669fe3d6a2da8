"""`portbridge report`: turns a file of recorded traffic into a page."""

from pathlib import Path

from ..errors import BridgeError
from ..report.html import write_report
from ..traffic.records import Record, read_lines

__all__ = ["read", "report"]


def report(file: Path, output: Path) -> int:
    """Write a page that shows a file's records; return how many there are.

    Raises:
        BridgeError: The file is not a record of traffic; the text says where.
        OSError: The file cannot be read, or the page cannot be written.
    """
    if output.exists() and output.samefile(file):
        raise BridgeError(f"{output} is the record itself: name another file for the page")
    records = read(file)
    write_report(records, output, title=f"Traffic of {file.name}")
    return len(records)


def read(file: Path) -> list[Record]:
    """Return the records of a file.

    Raises:
        BridgeError: The file is not a record of traffic; the text says where.
        OSError: The file cannot be read.
    """
    with file.open(encoding="utf-8") as lines:
        try:
            records = list(read_lines(lines))
        except UnicodeDecodeError as error:
            raise BridgeError(f"{file} is not a record of traffic: it is not UTF-8 text") from error
        except BridgeError as error:
            raise BridgeError(f"{file}: {error}") from error
    if not records:
        raise BridgeError(f"{file} has no records of traffic; 'portbridge run --record FILE' writes some")
    return records
