"""Which browser is started: what the caller names, Playwright's own build, one on the PATH, or a clear error."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.browsers.find import VARIABLES, find_browser
from bridge.browsers.plan import Choice
from bridge.errors import BridgeError, BrowserNotFoundError, UnsupportedError

Which = Callable[[str], str | None]


def nothing(name: str) -> None:
    return None


def never(name: str) -> str:
    pytest.fail(f"looked for {name} on the PATH")


@pytest.fixture(autouse=True)
def nobody_named_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)


def program(folder: Path, name: str, *beside: str) -> str:
    for other in (name, *beside):
        (folder / other).parent.mkdir(parents=True, exist_ok=True)
        (folder / other).touch()
    return str(folder / name)


@pytest.mark.parametrize("engine_name", ["chromium", "firefox"])
def test_a_channel_that_the_caller_names_is_taken_as_it_is(engine_name: str) -> None:
    assert find_browser(engine_name, "/nowhere", channel="chrome-beta", which=never) == Choice("chrome-beta")


def test_a_program_that_the_caller_names_comes_before_all(tmp_path: Path) -> None:
    path, own = program(tmp_path, "my-chrome"), program(tmp_path, "own")
    assert find_browser("chromium", own, executable_path=path, which=never) == Choice(None, path)
    assert find_browser("chromium", own, executable_path=path, channel="msedge", which=never) == Choice("msedge", path)


@pytest.mark.parametrize("path", ["missing", "."])
@pytest.mark.parametrize("engine_name", ["chromium", "firefox"])
def test_a_program_that_is_not_there_is_named(tmp_path: Path, engine_name: str, path: str) -> None:
    path = str(tmp_path / path)
    with pytest.raises(BrowserNotFoundError) as caught:
        find_browser(engine_name, program(tmp_path, "own"), executable_path=path, which=never)
    assert str(caught.value) == f"executable_path={path!r}: there is no such file"


def test_the_environment_names_one_for_all_launches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stock, own = program(tmp_path, "stock"), program(tmp_path, "own")
    monkeypatch.setenv("PORTBRIDGE_CHROMIUM", "msedge")
    monkeypatch.setenv("PORTBRIDGE_FIREFOX", stock)
    assert find_browser("chromium", own, which=never) == Choice("msedge")
    assert find_browser("firefox", own, which=never) == Choice("moz-firefox", stock)
    assert find_browser("firefox", own, executable_path=own) == Choice("moz-firefox", own)
    assert find_browser("chromium", own, channel="chrome") == Choice("chrome")


def test_a_program_that_the_environment_names_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTBRIDGE_CHROMIUM", "/nowhere/chrome")
    with pytest.raises(BrowserNotFoundError, match="^PORTBRIDGE_CHROMIUM='/nowhere/chrome': there is no such file$"):
        find_browser("chromium", program(tmp_path, "own"), which=never)


@pytest.mark.parametrize(("engine_name", "channel"), [("chromium", "chromium"), ("firefox", None)])
def test_playwrights_own_build_comes_before_the_path(tmp_path: Path, engine_name: str, channel: str | None) -> None:
    # The default headless Chromium is a shell without extensions: the channel asks for the full one.
    assert find_browser(engine_name, program(tmp_path, "own"), which=never) == Choice(channel)


@pytest.mark.parametrize(
    ("engine_name", "installed", "found"),
    [
        ("chromium", ["google-chrome-stable"], "google-chrome-stable"),
        ("chromium", ["google-chrome", "chromium-browser"], "chromium-browser"),
        ("chromium", ["chromium", "google-chrome", "firefox"], "chromium"),
        ("firefox", ["firefox-esr", "firefox"], "firefox"),
        ("firefox", ["chromium", "firefox-esr"], "firefox-esr"),
    ],
)
def test_the_path_is_searched_in_order(tmp_path: Path, engine_name: str, installed: list[str], found: str) -> None:
    paths = {name: program(tmp_path, name) for name in installed}
    channel = {"chromium": None, "firefox": "moz-firefox"}[engine_name]
    assert find_browser(engine_name, str(tmp_path / "own"), which=paths.get) == Choice(channel, paths[found])


@pytest.mark.parametrize("own", ["", "."])
def test_a_platform_for_which_playwright_has_no_build(tmp_path: Path, own: str) -> None:
    path = program(tmp_path, "chromium")
    assert find_browser("chromium", own, which={"chromium": path}.get) == Choice(None, path)


@pytest.mark.parametrize(
    ("name", "beside", "channel"),
    [
        ("firefox/firefox", [], "moz-firefox"),
        ("firefox/firefox", ["firefox/playwright.cfg"], None),
        ("Nightly.app/Contents/MacOS/firefox", ["Nightly.app/Contents/Resources/playwright.cfg"], None),
        ("Firefox.app/Contents/MacOS/firefox", ["Firefox.app/Contents/Resources/other.cfg"], "moz-firefox"),
    ],
)
def test_playwrights_firefox_is_told_from_a_stock_one(
    tmp_path: Path, name: str, beside: list[str], channel: str | None
) -> None:
    path = program(tmp_path, name, *beside)
    assert find_browser("firefox", "/nowhere", executable_path=path) == Choice(channel, path)


def test_a_link_to_playwrights_firefox_is_seen_through(tmp_path: Path) -> None:
    link = tmp_path / "bin" / "firefox"
    link.parent.mkdir()
    link.symlink_to(program(tmp_path, "own/firefox", "own/playwright.cfg"))
    assert find_browser("firefox", "/nowhere", which={"firefox": str(link)}.get) == Choice(None, str(link))


def test_a_stock_firefox_with_a_channel_of_the_callers_keeps_it(tmp_path: Path) -> None:
    path = program(tmp_path, "firefox")
    assert find_browser("firefox", "", executable_path=path, channel="moz-firefox-beta") == Choice(
        "moz-firefox-beta", path
    )


@pytest.mark.parametrize(
    ("engine_name", "names"),
    [
        ("chromium", "chromium, chromium-browser, google-chrome, google-chrome-stable"),
        ("firefox", "firefox, firefox-esr"),
    ],
)
def test_no_browser_is_an_error_that_says_what_to_do(engine_name: str, names: str) -> None:
    asked: list[str] = []
    with pytest.raises(BrowserNotFoundError) as caught:
        find_browser(engine_name, "/cache/own", which=lambda name: asked.append(name))
    assert str(caught.value) == (
        f"No {engine_name} found: neither Playwright's own build (/cache/own) nor {names} on the PATH. "
        f"Run 'playwright install {engine_name}', or install one with your system's packages, or name one "
        f"with executable_path= or the environment variable PORTBRIDGE_{engine_name.upper()}."
    )
    assert asked == names.split(", ")


def test_webkit_is_not_supported(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"^webkit is not supported: .*Use chromium or firefox\.$"):
        find_browser("webkit", program(tmp_path, "own"), executable_path=program(tmp_path, "mine"), which=never)


def test_all_of_these_are_errors_of_the_bridge() -> None:
    assert issubclass(BrowserNotFoundError, BridgeError) and issubclass(UnsupportedError, BridgeError)
