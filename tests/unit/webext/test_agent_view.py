"""The agent of an extension page says what the page is."""

from pathlib import Path

import pytest
from unit.webext.scenes import decoded, generated, play

VIEWS = {
    "a tab": ("views.tab = [globalThis]", "tab"),
    "a popup": ("views.popup = [globalThis]", "popup"),
    "what only the browser can say": ("", None),
    "a frame": ("views.tab = [globalThis]; globalThis.parent = {}", "frame"),
    "no extension API but runtime": ("delete browser.extension", "offscreen"),
    "the developer tools": ("browser.devtools = { inspectedWindow: {} }", "devtools panel"),
    "a page of theirs": (
        "browser.devtools = { inspectedWindow: {} }; location.href = 'x://tested/d.html?query'",
        "devtools page",
    ),
    "Chromium's developer tools": (
        "browser.devtools = { inspectedWindow: {} }; globalThis.parent = {}; location.ancestorOrigins = ['devtools://d']",
        "devtools panel",
    ),
    "a frame in them": (
        "browser.devtools = { inspectedWindow: {} }; globalThis.parent = {}; location.ancestorOrigins = ['x://tested']",
        "frame",
    ),
}
VIEW_SCENE = """
globalThis.document = Object.assign(new EventTarget(), {{ scripts: [], querySelector: () => null }});
const views = {{ tab: [], popup: [] }};
browser.extension = {{
  getViews({{ type }}) {{
    if (!views[type]) throw new Error("no such type");
    return views[type];
  }},
}};
browser.runtime.getManifest = () => ({{ devtools_page: "d.html" }});
browser.runtime.getURL = (path) => `x://tested/${{path}}`;
{scene};
run();
await rest();
return said(opened[0]);
"""


@pytest.mark.parametrize("kind", VIEWS)
def test_it_says_what_a_page_is(tmp_path: Path, kind: str) -> None:
    scene, view = VIEWS[kind]
    ((hello, _), *_) = decoded(play(generated(tmp_path).agent("page"), VIEW_SCENE.format(scene=scene)))
    assert hello.view == view
