"""The file of --route: what it may hold, and where something raised."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bridge.async_api import BridgeError
from bridge.cli import main
from bridge.cli.opening import Opening
from bridge.cli.routing import RouteFile


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sys.path", [])  # to which the file's folder is added
    return tmp_path / "routes.py"


def loaded(file: Path, text: str) -> RouteFile:
    file.write_text(text, "utf-8")
    return RouteFile(str(file))


async def test_its_function_gets_the_bridge(file: Path) -> None:
    (file.parent / "neighbour.py").write_text("NAME = 'sync'", "utf-8")
    routes = loaded(file, "import neighbour\nasync def route(bridge):\n  bridge.append(neighbour.NAME)\n")
    bridge: Any = []
    await routes.set_routes(bridge)
    assert bridge == ["sync"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\nasync def route(bridge:\n", "routes.py, line 2: SyntaxError: "),
        ("x = 1\ny = z\n", "routes.py, line 2: NameError: name 'z' is not defined"),
        ("import nowhere_at_all\n", "routes.py, line 1: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("x = 1\n", "routes.py has no function route. Write, for example:"),
        ("\ndef route(bridge): ...\n", "routes.py, line 2: route must be a coroutine function"),
        ("route = 1\n", "routes.py: route must be a coroutine function"),
        ("async def route(): ...\n", "routes.py, line 1: route must take one argument"),
        ("raise SystemError\n", "routes.py, line 1: SystemError"),
    ],
)
def test_what_is_wrong_with_it(file: Path, text: str, words: str) -> None:
    with pytest.raises(BridgeError) as info:
        loaded(file, text)
    assert words in str(info.value)


async def test_what_its_function_raises(file: Path) -> None:
    routes = loaded(file, "def f():\n  [][1]\nasync def route(bridge):\n  bridge.route_port() if bridge else f()\n")
    with pytest.raises(BridgeError, match=r"routes\.py, line 2: IndexError: list index out of range"):
        await routes.set_routes(None)  # type: ignore[arg-type]

    class Refusing:
        def route_port(self) -> None:
            raise BridgeError("No routes here")

    with pytest.raises(BridgeError, match=r"routes\.py, line 4: No routes here$"):
        await routes.set_routes(Refusing())  # type: ignore[arg-type]
    assert routes.raised(ValueError("of others")) == f"{file}: ValueError: of others"


def test_a_mistake_is_a_sentence(file: Path) -> None:
    result = CliRunner().invoke(main, ["run", "x", "--route", str(file)])
    assert result.exit_code == 1 and "routes.py: No such file" in result.output
    file.write_text("y = z", "utf-8")
    result = CliRunner().invoke(main, ["run", "x", "--route", str(file)])
    assert result.exit_code == 1 and result.output == f"Error: {file}, line 1: NameError: name 'z' is not defined\n"


def test_the_launch_waits_with_the_extension(file: Path) -> None:
    given = Opening("x", route=loaded(file, "async def route(bridge): ...")).options
    assert (given["routes"], given["install"]) == (True, False)
    given = Opening("x", routes=True).options
    assert (given["routes"], given["install"]) == (True, True)
    given = Opening("x").options
    assert (given["routes"], given["install"]) == (False, True)
