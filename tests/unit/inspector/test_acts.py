"""What the page can do to the extension from its list: which of it is offered, and what is refused."""

from typing import Any

import pytest
from unit.inspector.stage import MANIFEST, running

from bridge.errors import ContextError
from bridge.inspector.acts import ACTS

SIDE = {
    "side_panel": {"default_path": "side.html"},
    "permissions": ["sidePanel", "contextMenus", "alarms", "notifications"],
    "omnibox": {"keyword": "x"},
    "commands": {"go": {"suggested_key": "Ctrl+Shift+Y"}},
}
NEVER = {"enable", "install", "openPrivateWindow", "setIdleState"}
MENUS = {"clickMenu", "clickActionMenu", "clickTabMenu"}
ON_A_PAGE = {"openPopup", "openSidePanel", "openDevtools", "pressCommand", "typeOmnibox", "discardTab", *MENUS}
OPTIONAL = {"optional_permissions": ["tabs"], "optional_host_permissions": ["https://example.org/*"]}


@pytest.mark.parametrize(
    ("manifest", "act", "reason"),
    [
        ({"name": "x"}, "openPopup", "no 'action' key"),
        ({"name": "x"}, "openSidePanel", "sidePanel"),
        ({"name": "x"}, "openOptions", "no page in 'options_ui'"),
        ({"name": "x"}, "openDevtools", "no 'devtools_page' key"),
        ({"name": "x"}, "openPrivateWindow", "launch(private=True)"),
        ({"name": "x"}, "pressCommand", "no commands"),
        ({"name": "x"}, "clickMenu", "'contextMenus'"),
        ({"name": "x", "permissions": ["contextMenus"]}, "clickActionMenu", "no 'action' key"),
        ({"name": "x"}, "clickTabMenu", "'contextMenus'"),
        ({"name": "x"}, "clickNotification", "'notifications'"),
        ({"name": "x"}, "typeOmnibox", "no 'omnibox' key"),
        ({"name": "x"}, "fireAlarm", "'alarms'"),
        ({"name": "x"}, "setIdleState", "'idle'"),
        ({"name": "x", "permissions": ["idle"]}, "setIdleState", "Chromium cannot be told"),
        ({"name": "x"}, "install", "The extension is installed"),
        ({"name": "x"}, "grant", "no optional permissions"),
        ({"name": "x"}, "revoke", "no optional permissions"),
        (MANIFEST, "enable", "The extension is enabled"),
    ],
)
async def test_what_cannot_work_is_refused(manifest: dict[str, Any], act: str, reason: str) -> None:
    async with running(manifest) as stage:
        viewer = await stage.page()
        state = await viewer.hears_state(lambda state: True)
        assert reason in state["refusedActs"][act]


async def test_what_the_manifest_has_is_offered() -> None:
    manifest = {**MANIFEST, **SIDE, **OPTIONAL, "options_page": "o.html", "devtools_page": "d.html"}
    async with running(manifest) as stage:
        viewer = await stage.page()
        acts = {act["name"]: act for act in (await viewer.hears("launchInfo"))["acts"]}
        assert acts["pressCommand"]["known"] == ["go"]
        assert acts["grant"]["known"] == acts["revoke"]["known"] == ["tabs", "https://example.org/*"]
        state = await viewer.hears_state(lambda state: True)
        assert state["refusedActs"].keys() == NEVER
        stage.pages.clear()
        state = await viewer.hears_state(lambda state: "openPopup" in state["refusedActs"])
        assert state["refusedActs"].keys() == NEVER | ON_A_PAGE


async def test_a_disabled_extension_can_only_be_enabled_and_tabs_discarded() -> None:
    async with running({**MANIFEST, **OPTIONAL}) as stage:
        viewer = await stage.page()
        with stage.contexts.unloading(ContextError("The extension was disabled")):
            pass
        state = await viewer.hears_state(lambda state: "disable" in state["refusedActs"])
        assert ACTS.keys() - state["refusedActs"].keys() == {"enable", "discardTab"}


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"act": "fly", "argument": ""}, "There is nothing of the name 'fly' to do"),
        ({"act": "grant", "argument": " "}, "Permission or match pattern is missing"),
        ({"act": "openDevtools", "argument": "", "page": 99}, "That page is gone"),
    ],
)
async def test_what_the_page_cannot_mean(asked: dict[str, Any], text: str) -> None:
    async with running() as stage:
        answer = await (await stage.page()).asks("act", **{"page": None, **asked})
        assert answer["type"] == "commandFailed" and text in answer["text"]
