"""What a test launches: which extension, in which browser, with which options."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import pytest

from .failing import fail

__all__ = ["CONFIGURED", "LaunchArguments", "launch_arguments"]

CONFIGURED = ("record", "redact")
"""Options of `launch` that the configuration may have, with ``bridge_`` in front."""

_NOT_NAMED = """\
Which extension? Name it once, in one of these ways:
    bridge_extension = path/to/extension      in the pytest section of pytest.ini, pyproject.toml ...
    pytest --bridge-extension path/to/extension
    @pytest.mark.bridge(extension="path/to/extension")
This run has read {configuration}."""


@dataclass(frozen=True)
class LaunchArguments:
    """The arguments of a launch. A browser that was launched with equal ones can be used again."""

    browser_type: Any
    extension: Path
    options: dict[str, Any]


def launch_arguments(
    request: pytest.FixtureRequest, browser_type: Any, launch_args: Any, context_args: Any
) -> LaunchArguments:
    """Return what the test of `request` launches; its marks win over pytest-playwright's fixtures and options.

    Args:
        request: The `request` of one of the test's fixtures.
        browser_type: Playwright's.
        launch_args: From the fixture `browser_type_launch_args`.
        context_args: From the fixture `browser_context_args`.
    """
    page_options = request.node.get_closest_marker("browser_context_args")
    marked = _marked(request.node)
    fixed = {**launch_args, **context_args, **(page_options.kwargs if page_options else {})}
    fixed.pop("default_browser_type", None)  # part of a device; the browser was chosen otherwise
    extension = _extension(request.config, marked.pop("extension", None))
    _check(fixed, marked, browser_type)
    return LaunchArguments(browser_type, extension, {**_recording(request.config), **fixed, **marked})


def _recording(config: pytest.Config) -> dict[str, Any]:
    options = {name: config.getini(f"bridge_{name}") for name in CONFIGURED}
    return {name: value for name, value in options.items() if value}


def _marked(item: pytest.Item) -> dict[str, Any]:
    marked: dict[str, Any] = {}
    for mark in item.iter_markers("bridge"):  # the nearest first
        if mark.args:
            fail(f"@pytest.mark.bridge takes keywords only: did you mean extension={mark.args[0]!r}?")
        marked = {**mark.kwargs, **marked}
    return marked


def _check(fixed: Mapping[str, Any], marked: Mapping[str, Any], browser_type: Any) -> None:
    from ..async_api import launch

    ours = ["extension", *_keywords(launch)]
    known = {*ours, *_keywords(browser_type.launch_persistent_context)}
    for name in _unknown(marked, known):
        near = get_close_matches(name, known, 1)
        fail(
            f"@pytest.mark.bridge({name}=...): there is no such option{f', did you mean {near[0]}?' if near else '.'} "
            f"It takes {', '.join(ours)}, and what Playwright's launch_persistent_context() takes."
        )
    for name in _unknown(fixed, known):
        fail(
            f"browser_context_args or browser_type_launch_args has {name!r}, which a browser with an extension cannot "
            "have: Playwright's launch_persistent_context() does not take it. Leave it out where a test uses 'bridge'."
        )


def _keywords(function: Any) -> list[str]:
    return [name for name, it in signature(function).parameters.items() if it.kind is Parameter.KEYWORD_ONLY]


def _unknown(options: Iterable[str], known: set[str]) -> list[str]:
    return [name for name in options if name not in known]


def _extension(config: pytest.Config, marked: str | os.PathLike[str] | None) -> Path:
    home = config.inipath.parent if config.inipath else config.rootpath
    if marked:
        if not isinstance(marked, str | os.PathLike):
            fail(f"@pytest.mark.bridge(extension={marked!r}): it is a path")
        return home / marked
    if given := config.getoption("--bridge-extension"):
        return Path(config.invocation_params.dir, given)
    if configured := config.getini("bridge_extension"):
        return home / str(configured)
    fail(_NOT_NAMED.format(configuration=config.inipath or "no configuration file"))
