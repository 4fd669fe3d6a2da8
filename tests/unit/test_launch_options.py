"""The options of a launch stand in one place, the signature of `async_api.launch`; others only name them."""

import ast
import inspect
from collections.abc import Iterator
from typing import Any, get_args

import click
import pytest
from playwright.async_api import BrowserType
from playwright.sync_api import BrowserType as SyncBrowserType

from bridge import async_api, launch, pytest_plugin
from bridge.cli import main
from bridge.cli.opening import Opening
from bridge.launch import Order
from bridge.pytest_plugin.launch_arguments import CONFIGURED
from bridge.traffic.recorder import Mode

PARAMETERS = inspect.signature(async_api.launch).parameters
OPTIONS = {name for name, it in PARAMETERS.items() if it.kind is it.KEYWORD_ONLY}
PLAYWRIGHTS = set(inspect.signature(BrowserType.launch_persistent_context).parameters)
OF_THE_COMMANDS = {"extension", "browser", "route", "url", "watch", "inspect", "plain"}


def arguments(**options: Any) -> dict[str, Any]:
    """The arguments of a launch, as `launch` hands them on."""
    browser_type = object.__new__(BrowserType)
    given: dict[str, Any] = {"browser_type": browser_type, "extension": "x", "persistent_context_options": {}}
    return {**{name: PARAMETERS[name].default for name in OPTIONS}, **given, **options}


def read_options() -> Iterator[str]:
    """The names of options that `bridge.launch` reads."""
    tree = ast.parse(inspect.getsource(launch))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("order", "self._order"):
            yield node.attr


def test_each_option_is_used_and_no_other() -> None:
    used = {*read_options(), *launch._PLAYWRIGHTS} - {"options"}
    assert used == OPTIONS | {"browser_type", "extension"}


def test_an_order_has_what_was_asked_for() -> None:
    order = Order(arguments(channel="beta", also=["a", "b"], timeout=5, args=["--x"]), sync=False)
    assert (order.channel, order.also, order.timeout) == ("beta", ("a", "b"), 5)
    assert order.options == {"headless": True, "args": ("--x",)}


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_each_option_arrives(name: str) -> None:
    taken_from = {
        "replace": ["content"],
        "permission_requests": "refuse",
        "record": "all",
        "background_idle_timeout": 1000,
        "copy_limit": 1,
        "unread_limit": 1,
    }
    value = taken_from.get(name, [f"the {name}"])
    order = Order(arguments(**{name: value}), sync=False)
    arrived = order.options[name] if name in launch._PLAYWRIGHTS else getattr(order, name)
    assert arrived == (tuple(value) if name in launch._LISTS and isinstance(value, list) else value)


def test_playwrights_options_arrive() -> None:
    order = Order(arguments(persistent_context_options={"slow_mo": 5}), sync=False)
    assert order.options == {"headless": True, "args": (), "slow_mo": 5}


def test_no_other_attribute() -> None:
    with pytest.raises(AttributeError, match="no option 'colour'"):
        _ = Order(arguments(), sync=False).colour


@pytest.mark.parametrize("name", ["args", "also", "native", "native_hosts", "replace"])
def test_one_value_where_a_list_is_meant(name: str) -> None:
    with pytest.raises(TypeError, match=f"takes a list where it got {name}='x': write {name}="):
        Order(arguments(**{name: "x"}), sync=False)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"browser_type": "chromium"}, TypeError, "browser_type must be one of Playwright's"),
        ({"browser_type": object.__new__(SyncBrowserType)}, TypeError, "not of the sync one"),
        ({"persistent_context_options": {"colour": 1}}, TypeError, "knows no option 'colour'"),
        ({"background_idle_timeout": 99}, ValueError, "at least 100 ms"),
        ({"copy_limit": 0}, ValueError, "number of bytes"),
        ({"unread_limit": 0}, ValueError, "number of bytes"),
        ({"permission_requests": "ask"}, ValueError, "unknown: use 'allow' or 'refuse'"),
        ({"record": "some"}, ValueError, "one of 'python', 'all', 'off'"),
        ({"replace": ["popup"]}, ValueError, "may contain 'background' and 'content'"),
    ],
)
def test_what_is_refused(options: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        Order(arguments(**options), sync=False)


def test_options_in_lists_are_options() -> None:
    assert {*launch._LISTS, *launch._PLAYWRIGHTS} <= OPTIONS


@pytest.mark.parametrize("command", ["run", "shell"])
def test_options_of_the_command_line(command: str) -> None:
    assert isinstance(main, click.Group)
    names = {parameter.name for parameter in main.commands[command].params}
    assert names - OF_THE_COMMANDS <= OPTIONS
    assert Opening("x").options.keys() <= OPTIONS | PLAYWRIGHTS


def test_options_of_the_pytest_plugin() -> None:
    assert set(CONFIGURED) <= OPTIONS
    assert get_args(Mode) == pytest_plugin._RECORDS
