"""`portbridge report`: a page of a file of traffic."""

from pathlib import Path

from ..errors import BridgeError
from ..report.html import write_report
from ..traffic.records import Record, read_lines

__all__ = ["read", "report"]


def report(file: Path, output: Path) -> int:
    """Write the page of a file of traffic; return how many records are in it.

    Raises:
        BridgeError: The file holds something else; the text says where.
        OSError: One of them cannot be read or written.
    """
    if output.exists() and output.samefile(file):
        raise BridgeError(f"{output} is the record itself: name another file for the page")
    records = read(file)
    write_report(records, output, title=f"Traffic of {file.name}")
    return len(records)


def read(file: Path) -> list[Record]:
    """Return the records of a file.

    Raises:
        BridgeError: It holds something else; the text says where.
        OSError: It cannot be read.
    """
    with file.open(encoding="utf-8") as lines:
        try:
            records = list(read_lines(lines))
        except UnicodeDecodeError as error:
            raise BridgeError(f"{file} is no record of traffic: it is no text in UTF-8") from error
        except BridgeError as error:
            raise BridgeError(f"{file}: {error}") from error
    if not records:
        raise BridgeError(f"{file}: there is no record of traffic in it; 'portbridge run --record FILE' writes some")
    return records
