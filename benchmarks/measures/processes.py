"""Python processes of their own: an idle one, and pytest with the bridge's fixture or with a hand-written one."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

from ..extension import SUBJECT, write
from ..figure import Measure
from ..stage import Stage

__all__ = ["BY_BRIDGE", "BY_HAND", "idle", "second", "tests", "whole_run"]

BY_BRIDGE, BY_HAND = "by_bridge.py", "by_hand.py"
_ROOT = Path(__file__).parents[2]
_SUITE = _ROOT / "benchmarks" / "suite"
_ERROR = re.compile(r"(?:E  +)?([A-Za-z_][\w.]*(?:Error|Exception)\b.*)")


def idle(*, bridged: bool) -> Measure:
    """Milliseconds of CPU in each second that a process holds a browser and does nothing else."""

    async def measure(stage: Stage) -> list[float]:
        extension = [str(await stage.use(_subject))] if bridged else []
        seconds = stage.size.idle_s
        said = await _python("benchmarks.idle", stage.browser, str(seconds), *extension)
        return [float(said) / seconds]

    return measure


async def second(stage: Stage) -> list[float]:
    """One second, so that a part of it can be a target."""
    return [1000.0]


def tests(suite: str, scope: str = "function") -> Measure:
    """Each test but the first, with its fixtures' beginning and end: what one more test costs."""

    async def measure(stage: Stage) -> list[float]:
        times = stage.folder / "times"
        times.unlink(missing_ok=True)
        await _pytest(stage, suite, scope, stage.size.tests, times)
        return [float(line) * 1000 for line in times.read_text().split()][1:]

    return measure


def whole_run(suite: str) -> Measure:
    """A run of pytest with one test, from the start of the process to its end."""

    async def measure(stage: Stage) -> list[float]:
        start = perf_counter()
        await _pytest(stage, suite, "function", 1, stage.folder / "ignored")
        return [(perf_counter() - start) * 1000]

    return measure


async def _pytest(stage: Stage, suite: str, scope: str, count: int, times: Path) -> None:
    subject = await stage.use(_subject)
    await _python(
        "pytest",
        str(_SUITE / suite),
        f"--config-file={_SUITE / 'pytest.ini'}",
        f"--override-ini=bridge_scope={scope}",
        f"--browser={stage.browser}",
        f"--bridge-extension={subject}",
        BENCH_TESTS=str(count),
        BENCH_URL=stage.server.page,
        BENCH_TIMES=str(times),
    )


async def _python(module: str, *arguments: str, **variables: str) -> str:
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path, **variables},
    )
    try:
        output, errors = await process.communicate()
    except BaseException:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        said = output.decode() + errors.decode()
        what = " ".join([module, *(Path(argument).name for argument in arguments[:1])])
        raise RuntimeError(f"{what} failed: {_reason(said)}\n{said}")
    return output.decode()


def _reason(said: str) -> str:
    """The first error that pytest or a traceback shows, or the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it said nothing"]
    errors = (found[1] for line in lines if (found := _ERROR.match(line)))
    return next(errors, lines[-1])


@asynccontextmanager
async def _subject(stage: Stage) -> AsyncIterator[Path]:
    yield write(stage.folder / "in-process", SUBJECT)
