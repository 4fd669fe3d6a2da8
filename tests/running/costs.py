"""What each file of tests costs: ``scripts/test --measure`` counts it, and keeps it in ``tests/costs.json``.

The order of a run and the table of ``CONTRIBUTING.md`` come from that file. It is made on Linux, from ``/proc``.
"""

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

__all__ = ["costs", "seconds", "shown", "table"]

ROOT = Path(__file__).parent.parent.parent
FILE = ROOT / "tests" / "costs.json"
GUIDE = ROOT / "CONTRIBUTING.md"
COLUMNS = ("tests", "starts", "wall", "cpu")
MARKS = ("<!-- costs -->\n", "<!-- /costs -->")  # around the table in the guide
_PARENT, _TIMES = 1, slice(11, 13)  # in /proc/PID/stat, behind the name
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_BROWSER = re.compile(rb"[^\0]*(?:chrom|firefox|edge)[^\0/]*\0")
_INNER = re.compile(rb"--type=|-contentproc|crashpad|crashhelper|\0-no-remote\0.*-backgroundtask")
_EVERY_S = 0.1


@cache
def costs() -> dict[str, dict[str, float]]:
    """Return by file what the last measured run counted: tests, browser starts, seconds, and seconds of processors."""
    found: dict[str, dict[str, float]] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return found


def seconds(path: str) -> float:
    """Return how long a file took; what was not measured counts as long."""
    return costs().get(path, {"wall": 60})["wall"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("portbridge's own suite").addoption(
        "--measure", action="store_true", help="count browser starts and seconds of each file, and keep them"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("measure"):
        config.pluginmanager.register(_Count())


class _Processes(Thread):
    """Watches the descendants of this process: what a process cost that ended is what was seen of it last."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._cpu: dict[tuple[int, bytes], float] = {}
        self._browsers: set[tuple[int, bytes]] = set()
        self._ended = Event()

    def run(self) -> None:
        while not self._ended.wait(_EVERY_S):
            self.look()

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def look(self) -> tuple[float, int]:
        """Return seconds of processors, and browsers started, until now."""
        stats = dict(_stats())
        children: dict[int, list[int]] = {}
        for pid, stat in stats.items():
            children.setdefault(int(stat[_PARENT]), []).append(pid)
        waiting = [os.getpid()]
        while waiting:
            waiting += children.get(pid := waiting.pop(), [])
            process = pid, stats[pid][19]  # a number may be given again; not so with the time of its start
            self._cpu[process] = sum(map(int, stats[pid][_TIMES])) / _TICKS
            if process not in self._browsers and _is_browser(pid):
                self._browsers.add(process)
        return sum(self._cpu.copy().values()), len(self._browsers)


def _stats() -> Iterator[tuple[int, list[bytes]]]:
    for folder in os.listdir("/proc"):
        if folder.isdigit():
            try:
                stat = Path("/proc", folder, "stat").read_bytes()
            except OSError:
                continue
            yield int(folder), stat.rpartition(b") ")[2].split()


def _is_browser(pid: int) -> bool:
    try:
        command = Path("/proc", str(pid), "cmdline").read_bytes()
    except OSError:
        return False
    return bool(_BROWSER.match(command)) and not _INNER.search(command)


class _Count:
    """Counts in each process, and puts together what the processes counted."""

    def __init__(self) -> None:
        self._costs: dict[str, Counter[str]] = {}
        self._processes = _Processes()
        self._processes.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        began, (cpu, starts) = time.monotonic(), self._processes.look()
        try:
            return (yield)
        finally:
            cpu_after, starts_after = self._processes.look()
            path = item.path.relative_to(ROOT).as_posix()
            spent = time.monotonic() - began, cpu_after - cpu
            self._add({path: dict(zip(COLUMNS, (1, starts_after - starts, *spent), strict=True))})

    def _add(self, counted: dict[str, dict[str, float]]) -> None:
        for path, numbers in counted.items():
            self._costs.setdefault(path, Counter()).update(numbers)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._add(getattr(node, "workeroutput", {}).get("costs", {}))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._processes.stop()
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["costs"] = {path: dict(counted) for path, counted in self._costs.items()}

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        _keep(self._costs)
        terminalreporter.section("costs")
        terminalreporter.write(table({path: self._costs[path] for path in sorted(self._costs)}, lambda path: path))


# Files that were not run keep what they had; those that are gone go.
def _keep(counted: dict[str, Counter[str]]) -> None:
    merged = costs() | {path: {name: round(cost[name], 1) for name in COLUMNS} for path, cost in counted.items()}
    kept = {path: merged[path] for path in sorted(merged) if (ROOT / path).exists()}
    FILE.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    costs.cache_clear()
    before, _, after = _parts()
    GUIDE.write_text(before + MARKS[0] + table(kept) + MARKS[1] + after, "utf-8")


def shown() -> str:
    """Return the table that the guide has."""
    return _parts()[1]


def _parts() -> tuple[str, str, str]:
    before, _, rest = GUIDE.read_text("utf-8").partition(MARKS[0])
    inner, _, after = rest.partition(MARKS[1])
    return before, inner, after


def _folder(path: str) -> str:
    parts = path.split("/")
    return path if len(parts) == 3 and parts[1] == "browser" else f"{'/'.join(parts[: min(3, len(parts) - 1)])}/"


def table(counted: Any, group: Callable[[str], str] = _folder) -> str:
    """Return the costs by group of files, as a table in Markdown; the dearest group first."""
    groups: dict[str, Counter[str]] = {}
    for path, numbers in counted.items():
        groups.setdefault(group(path), Counter()).update(numbers)
    total: Counter[str] = sum(groups.values(), Counter())
    rows = ["| tests | how many | browser starts | seconds | of processors | share |", "| --- |" + " ---: |" * 5]
    rows += [_row(name, groups[name], total) for name in sorted(groups, key=lambda name: -groups[name]["cpu"])]
    return "\n".join([*rows, _row("all", total, total)]) + "\n"


def _row(name: str, numbers: Counter[str], total: Counter[str]) -> str:
    share = numbers["cpu"] / (total["cpu"] or 1)
    shown = [f"{numbers[column]:,.0f}" for column in COLUMNS]
    return f"| `{name}` | {' | '.join(shown)} | {share:.0%} |" if name != "all" else f"| all | {' | '.join(shown)} | |"
