"""Interactive prompts, Python's own and IPython's, whose code runs on the loop and can await."""

import ast
import code
import inspect
import traceback
from collections.abc import Callable, Coroutine
from contextlib import suppress
from importlib.util import find_spec
from types import CodeType, FunctionType
from typing import Any

__all__ = ["has_ipython", "prompt", "prompt_ipython"]

Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine on the loop, and returns its result."""


def has_ipython() -> bool:
    """Whether IPython is installed."""
    return find_spec("IPython") is not None


def prompt(names: dict[str, Any], run: Run, banner: str) -> None:
    """Read and run Python until Ctrl-D or ``exit()``, like ``python -m asyncio``.

    Args:
        names: What is in scope.
        run: Runs what the user types.
        banner: What to print first.
    """
    _complete(names)
    with suppress(SystemExit):
        _Prompt(names, run).interact(banner, exitmsg="")


def prompt_ipython(names: dict[str, Any], run: Run, banner: str) -> None:
    """Do the same in IPython, with the user's own configuration."""
    from IPython.terminal.interactiveshell import TerminalInteractiveShell
    from IPython.terminal.ipapp import load_default_config

    config: Any = load_default_config  # has no types
    shell: Any = TerminalInteractiveShell.instance(
        config=config(), user_ns=names, banner1=f"{banner}\n", banner2="", confirm_exit=False, autoawait=True
    )
    shell.loop_runner = run
    shell.should_run_async = lambda *_, **__: True  # code without await runs on the loop, too
    shell.show_banner()
    shell.mainloop()


def _complete(names: dict[str, Any]) -> None:
    with suppress(ImportError):  # Windows has no readline
        import readline
        import rlcompleter

        readline.set_completer(rlcompleter.Completer(names).complete)
        readline.parse_and_bind("tab: complete")


class _Exit(Exception):
    """Stands for SystemExit, which would end the loop."""


class _Prompt(code.InteractiveConsole):
    def __init__(self, names: dict[str, Any], run: Run) -> None:
        super().__init__({"__name__": "__console__", "__doc__": None, **names})
        self.compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._run = run

    def runcode(self, code: CodeType) -> None:
        """Run what was typed."""
        try:
            self._run(self._evaluate(code))
        except _Exit:
            raise SystemExit from None
        except KeyboardInterrupt:
            self.write("\nKeyboardInterrupt\n")
        except BaseException as error:
            self._show(error)

    async def _evaluate(self, code: CodeType) -> None:
        function = FunctionType(code, self.locals)
        try:
            result = function()
            if inspect.iscoroutine(result):
                await result
        except SystemExit as error:
            raise _Exit from error

    def _show(self, error: BaseException) -> None:
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename != self.filename:  # skip our own frames
            trace = trace.tb_next
        self.write("".join(traceback.format_exception(type(error), error, trace)))
