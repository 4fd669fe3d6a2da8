"""What is handed to Playwright: the bridge's own options, and all of the user's."""

import json
import os
import re
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import playwright
import pytest

from bridge.browsers import chromium, firefox
from bridge.browsers.plan import Choice, LaunchPlan, environment
from bridge.errors import UnsupportedError

PROFILE = Path("profile")
HOME = Path("home")
SWITCHES = ["--enable-unsafe-extension-debugging", "--enable-ui-devtools=0"]
PLAYWRIGHTS_FEATURES = "CDPScreenshotNewSurface,SkipListAccountsWithoutGaiaCookies"
FEATURE = "ui-debug-tools-enable-synthetic-events"
PREFERENCES = {
    "devtools.debugger.remote-enabled": True,
    "devtools.debugger.prompt-connection": False,
    "devtools.chrome.enabled": True,
}


def in_chromium(options: dict[str, Any], choice: Choice | None = None, **more: Any) -> dict[str, Any]:
    plan = chromium.plan(choice or Choice(), PROFILE, options, 4711, **more)
    assert (plan.user_data_dir, plan.debugger) == (PROFILE, "")
    return plan.options


def in_firefox(options: dict[str, Any], choice: Choice | None = None, home: Path = HOME, **more: Any) -> LaunchPlan:
    plan = firefox.plan(choice or Choice(), PROFILE, home, options, **more)
    assert plan.user_data_dir == PROFILE
    return plan


@pytest.mark.parametrize(
    ("choice", "options"),
    [
        (Choice(), {}),
        (Choice("chromium"), {"channel": "chromium"}),
        (Choice(None, "/usr/bin/x"), {"executable_path": "/usr/bin/x"}),
        (Choice("moz-firefox", "/usr/bin/x"), {"channel": "moz-firefox", "executable_path": "/usr/bin/x"}),
    ],
)
def test_the_chosen_browser_is_named_to_playwright(choice: Choice, options: dict[str, Any]) -> None:
    assert choice.options() == options
    for planned in (in_chromium({}, choice), in_firefox({}, choice, playwright="1.64.1").options):
        assert {name: planned[name] for name in ("channel", "executable_path") if name in planned} == options


@pytest.mark.parametrize(
    "given", [{"headless": False, "locale": "de-DE", "env": {"A": "b", "HOME": "/h"}, "slow_mo": 5}]
)
def test_other_options_pass_as_they_are_and_stay_as_they_were(given: dict[str, Any]) -> None:
    given = {**given, "args": ["--a"], "firefox_user_prefs": {"p": 1}, "proxy": {"server": "s"}}
    before = deepcopy(given)
    for planned in (in_chromium(given), in_firefox(given).options):
        assert {name: planned[name] for name in ("headless", "locale", "env", "slow_mo")} == {
            name: before[name] for name in ("headless", "locale", "env", "slow_mo")
        }
    assert given == before


@pytest.mark.parametrize(
    ("given", "planned"),
    [(None, {"OWN": "ours"}), ({}, {}), ({"A": 1, "TMPDIR": "/elsewhere"}, {"A": "1"})],
)
def test_the_environment_is_the_users_or_else_ours_but_for_temporary_files(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any] | None, planned: dict[str, str]
) -> None:
    monkeypatch.setattr(os, "environ", {"OWN": "ours"})
    ours = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(HOME / "tmp"))
    assert environment(given, HOME / "tmp") == {**planned, **ours}


# --- Chromium -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "planned"), [({}, []), ({"args": None}, []), ({"args": ["--a", "--b"]}, ["--a", "--b"])]
)
def test_chromium_gets_the_users_arguments_last(given: dict[str, Any], planned: list[str]) -> None:
    features = f"--enable-features={PLAYWRIGHTS_FEATURES},{FEATURE}"
    assert in_chromium(given)["args"] == [*SWITCHES, features, *planned]


def test_chromium_gets_all_features_in_the_one_argument_that_counts() -> None:
    given = ["--enable-features=A,B", "--x", "--enable-features=C"]
    features = f"--enable-features={PLAYWRIGHTS_FEATURES},{FEATURE},A,B,C"
    assert in_chromium({"args": given})["args"] == [*SWITCHES, features, "--x"]
    alone = in_chromium({"args": given, "ignore_default_args": True})["args"]
    assert alone == [*SWITCHES, f"--enable-features={FEATURE},A,B,C", "--x"]


def test_playwright_still_has_the_features_that_chromium_gets_from_us() -> None:
    driver = Path(playwright.__file__).parent / "driver" / "package" / "lib"
    text = next(it for file in driver.rglob("*.js") if "enabledFeatures = () => [" in (it := file.read_text("utf-8")))
    listed = text.partition("enabledFeatures = () => [")[2].partition("]")[0]
    assert re.findall(r'"(\w+)"', listed) == PLAYWRIGHTS_FEATURES.split(",")


def test_the_port_of_a_former_chromium_is_not_taken_for_this_ones() -> None:
    [file] = chromium.plan(Choice(), PROFILE, {}, 4711).files
    assert (file.path, file.text) == (PROFILE / "UIDevToolsActivePort", "")


@pytest.mark.skipif(sys.platform != "linux", reason="only there does Chromium run such tools")
@pytest.mark.parametrize(("env", "path"), [({"PATH": "/own:/bin"}, "/own:/bin"), ({}, os.defpath)])
def test_chromium_leaves_the_users_desktop_as_it_is_when_an_extension_goes(
    tmp_path: Path, env: dict[str, str], path: str
) -> None:
    plan = chromium.plan(Choice(), PROFILE, {"env": env}, 4711, home=tmp_path)
    folder, _, rest = plan.options["env"]["PATH"].partition(os.pathsep)
    assert rest == path
    tools = [file for file in plan.files if file.path.parent == Path(folder)]
    assert {file.path.name for file in tools} == {"xdg-desktop-menu", "xdg-icon-resource"}
    assert all(file.executable for file in tools)


@pytest.mark.parametrize(
    ("given", "bfcache", "planned"),
    [
        ({}, False, ["--disable-extensions"]),
        ({"ignore_default_args": None}, False, ["--disable-extensions"]),
        ({"ignore_default_args": False}, False, ["--disable-extensions"]),
        ({"ignore_default_args": ["--mute-audio"]}, False, ["--disable-extensions", "--mute-audio"]),
        ({"ignore_default_args": True}, False, True),
        ({"ignore_default_args": True}, True, True),
        ({}, True, ["--disable-extensions", "--disable-back-forward-cache"]),
    ],
)
def test_chromium_runs_without_some_of_playwrights_arguments(
    given: dict[str, Any], bfcache: bool, planned: bool | list[str]
) -> None:
    assert in_chromium(given, bfcache=bfcache)["ignore_default_args"] == planned


@pytest.mark.parametrize(
    ("given", "bypass"),
    [
        ({"server": "s"}, "<-loopback>,127.0.0.1:4711"),
        ({"server": "s", "bypass": ""}, "<-loopback>,127.0.0.1:4711"),
        ({"server": "s", "bypass": ".org, .net", "username": "u"}, ".org, .net,<-loopback>,127.0.0.1:4711"),
    ],
)
def test_the_channel_goes_past_a_proxy_by_the_last_rule(given: dict[str, Any], bypass: str) -> None:
    assert in_chromium({"proxy": given})["proxy"] == {**given, "bypass": bypass}


@pytest.mark.parametrize("given", [{}, {"proxy": None}])
def test_no_proxy_stays_none(given: dict[str, Any]) -> None:
    assert not in_chromium(given).get("proxy")


# --- Firefox --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [{}, {"args": None}, {"args": ["-a", "-b"]}])
def test_firefox_gets_the_debuggers_address_first(given: dict[str, Any]) -> None:
    plan = in_firefox(given)
    assert plan.options["args"] == [f"--start-debugger-server={plan.debugger}", *(given.get("args") or [])]


NO_BFCACHE = "browser.sessionhistory.max_total_viewers"
OF_THE_DESKTOP = "alerts.useSystemBackend"


@pytest.mark.parametrize(
    ("given", "bfcache", "planned"),
    [
        ({}, False, {NO_BFCACHE: 0}),
        ({"firefox_user_prefs": None}, True, {}),
        ({"firefox_user_prefs": {"a": 1, NO_BFCACHE: 3}}, False, {"a": 1, NO_BFCACHE: 3}),
        ({"firefox_user_prefs": {OF_THE_DESKTOP: True}}, True, {OF_THE_DESKTOP: True}),
        ({"firefox_user_prefs": {"devtools.debugger.remote-enabled": False}}, True, {}),
    ],
)
def test_firefox_gets_the_users_preferences_but_must_be_debugged(
    given: dict[str, Any], bfcache: bool, planned: dict[str, Any]
) -> None:
    options = in_firefox(given, Choice("moz-firefox"), bfcache=bfcache).options
    assert options["firefox_user_prefs"] == {OF_THE_DESKTOP: False, **planned, **PREFERENCES}


def test_playwrights_own_firefox_has_no_bfcache() -> None:
    with pytest.raises(UnsupportedError, match=r"^bfcache=True: .* has no back/forward cache\. Use a stock Firefox"):
        in_firefox({}, bfcache=True)


@pytest.mark.parametrize(
    ("given", "bypass"),
    [({}, "127.0.0.1"), ({"bypass": ""}, "127.0.0.1"), ({"bypass": ".org, a"}, ".org, a,127.0.0.1")],
)
def test_the_channel_goes_past_a_proxy_of_playwrights_own_firefox(given: dict[str, Any], bypass: str) -> None:
    proxy = {"server": "s", **given}
    assert in_firefox({"proxy": proxy}).options["proxy"] == {**proxy, "bypass": bypass}
    assert in_firefox({"proxy": proxy}, Choice("moz-firefox")).options["proxy"] == proxy


def test_playwrights_own_firefox_finds_all_preferences_in_the_profile() -> None:
    plan = in_firefox({"firefox_user_prefs": {"a": "b"}})
    (file,) = plan.files
    assert file.path == PROFILE / "user.js"
    for name, value in plan.options["firefox_user_prefs"].items():
        assert f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" in file.text
    assert in_firefox({}, Choice("moz-firefox", "/f"), playwright="1.64.1").files == ()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no sockets with a path")
@pytest.mark.parametrize(
    ("home", "is_path"), [(HOME, True), (Path("h" * 86), True), (Path("h" * 87), False), (Path("é" * 44), False)]
)
def test_firefox_is_debugged_at_a_port_where_a_path_would_be_too_long(home: Path, is_path: bool) -> None:
    debugger = in_firefox({}, home=home).debugger
    assert debugger == str(home / "debugger.sock") if is_path else 0 < int(debugger) < 65_536


def test_firefox_is_debugged_at_a_port_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert in_firefox({}).debugger.isdigit()
