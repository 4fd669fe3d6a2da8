"""The differences that an extension can still see with the bridge, each with its reason.

They are defined only here: the test allows these and no others, and `scripts/fidelity` writes the tables of
`docs/fidelity.md` from them.
"""

import re
from dataclasses import dataclass

from .report import Difference

__all__ = ["ALLOWED", "RECORDED", "Allowed", "table"]

_BOTH = ("Chromium", "Firefox")
_CONTEXT = r"(?:background|content|page|inner|popup)\b[\w. ]*"


@dataclass(frozen=True)
class Allowed:
    """One difference.

    Attributes:
        seen: What a script sees.
        why: Why the bridge cannot avoid it.
        means: What it means for a test.
        pattern: A regular expression that matches the full text of such a difference.
        browsers: Where a script sees it.
    """

    seen: str
    why: str
    means: str
    pattern: str
    browsers: tuple[str, ...] = _BOTH

    def covers(self, difference: Difference) -> bool:
        """Return whether the difference is this one."""
        return re.fullmatch(self.pattern, str(difference), re.DOTALL) is not None


ALLOWED = [
    Allowed(
        "`management.getAll()` lists `portbridge relay`.",
        "The relay is a real extension, because only a separate extension can hold the connection to Python.",
        "Only an extension with the permission `management` sees it. A test should only look for those it knows.",
        rf"{_CONTEXT}: answers > extensions > portbridge relay: nothing -> 1",
    ),
    Allowed(
        '`fetch(runtime.getURL("manifest.json"))` returns the copy\'s manifest, with the agent in front of '
        "`background.scripts` and of the content scripts. `runtime.getManifest()` returns the author's.",
        "The browser loads the extension from that file, and reads it again when the extension reloads itself.",
        "Only extensions that read the file themselves see it.",
        rf"{_CONTEXT}: answers > manifestFile > (?:background > scripts|content_scripts) > .*portbridge-RANDOM.*",
    ),
    Allowed(
        "If a script fetches a page of the extension as text, the text has one more `<script>` in front of its "
        "content. The loaded document does not.",
        "The agent must run before the page's own scripts, and a page has no other place for it.",
        "Only extensions that fetch their own pages see it.",
        rf"{_CONTEXT}: answers > pageFile > <head>(?:: 1 -> nothing|<script src=\"/portbridge-RANDOM-page\.js\">.*)",
    ),
    Allowed(
        "If a script fetches the service worker's entry file as text, its first line begins with the code that loads "
        "the agent. Stacks show a larger column for code on that line; line numbers stay the same.",
        "The agent must run before the worker's own first statement.",
        "Only stacks from a bundle that is a single line show other columns.",
        rf"{_CONTEXT}: (?:answers > workerFile > .*|entry > stack: .*worker\.js:1:\d+ -> .*worker\.js:1:\d+)",
        ("Chromium",),
    ),
    Allowed(
        "`runtime.getPackageDirectoryEntry()` lists four more files, `portbridge-*`.",
        "A content script, a page and a worker can load only what is in the package.",
        "Only extensions that list their own files see it. Each launch makes up new names.",
        r"(?:page|inner|popup)\.html: answers > packageFiles > portbridge-RANDOM-\w+\.(?:js|html): nothing -> 1",
        ("Chromium",),
    ),
    Allowed(
        "`webRequest` reports that a page of the extension loads `portbridge-*-page.js`.",
        "The agent must be a file, because the policy for extension pages forbids inline scripts.",
        "Only listeners that cover the extension's own addresses see it, such as one for `<all_urls>`.",
        r"background: log > webRequest script \S+/portbridge-RANDOM-page\.js from \S+: nothing -> 1",
        ("Chromium",),
    ),
    Allowed(
        "`String(runtime.getManifest)` lacks the function's name: `function () { [native code] }`. "
        "The property `name` is unchanged.",
        "A proxy wraps the native function to return the author's manifest, and Chromium prints a proxy this way.",
        "Only a script that compares the text of native functions sees it.",
        rf"{_CONTEXT}: (?:browser|chrome) > runtime > getManifest: "
        r"(.*)function getManifest\(\) { \[native code\] } -> \1function \(\) { \[native code\] }",
        ("Chromium",),
    ),
    Allowed(
        "`runtime.connect` and `runtime.getManifest` are data properties from the start. Without the bridge they are "
        "accessors until a script first uses them.",
        "Firefox creates the functions of its API at their first use, and the agent uses these two before the "
        "extension does.",
        "Only a script that looks at property descriptors sees it.",
        rf"{_CONTEXT}: (?:browser|chrome) > runtime > connect: accessor .* -> function .*",
        ("Firefox",),
    ),
]


_WATCHED = r"(?:browser|chrome) > (?:runtime|tabs) > (?:connect|connectNative|sendMessage|sendNativeMessage)"

RECORDED = [
    Allowed(
        "`String()` of `runtime.connect`, `runtime.sendMessage`, `runtime.connectNative`, `runtime.sendNativeMessage`, "
        "`tabs.connect` and `tabs.sendMessage`, of the `addListener` and `removeListener` of `runtime.onConnect`, "
        "`onMessage` and their external twins, and of a port's `postMessage`, `disconnect` and the `addListener` and "
        "`removeListener` of its `onMessage` lacks the function's name: `function () { [native code] }`. The "
        "properties `name` and `length` are unchanged.",
        "Proxies wrap these native functions and report their calls.",
        "Only a script that compares the text of native functions sees it.",
        rf"{_CONTEXT}: {_WATCHED}: (.*)function \w+\(\) {{ \[native code\] }} -> \1function \(\) {{ \[native code\] }}",
        ("Chromium",),
    ),
    Allowed(
        "The same functions, `runtime.id` and these events are data properties from the start. Without the bridge they "
        "are accessors until a script first uses them.",
        "Firefox creates the members of its API at their first use.",
        "Only a script that looks at property descriptors sees it.",
        rf"{_CONTEXT}: (?:{_WATCHED}|(?:browser|chrome) > runtime > (?:id|on\w+)): accessor .* -> "
        r"(?:function|object|accessor) .*",
        ("Firefox",),
    ),
    Allowed(
        "Stacks in content scripts may end with a line more, such as `EventListener.handleEvent*@...`: what has led to "
        "the call.",
        "The watch of the console is a debugging tool to Firefox, which then keeps track of such causes.",
        "Only a script that compares whole stacks sees it.",
        rf"{_CONTEXT}: stack: (.*) -> \1\S+\*@.*",
        ("Firefox",),
    ),
]
"""What a script sees in addition with ``record="all"``."""

ROUTED = [
    Allowed(
        "`String()` of `runtime.connect` and `runtime.connectNative` lacks the function's name: "
        "`function () { [native code] }`. The properties `name` and `length` are unchanged.",
        "Proxies wrap these native functions, to stand between the script and a port that leads outside.",
        "Only a script that compares the text of native functions sees it.",
        rf"{_CONTEXT}: (?:browser|chrome) > runtime > (?:connect|connectNative): "
        r"(.*)function \w+\(\) { \[native code\] } -> \1function \(\) { \[native code\] }",
        ("Chromium",),
    ),
    Allowed(
        "The stack of a listener goes on in the agent's file.",
        "The browser calls what stands for the listener, and that calls it; if Python has a say in a port or message, "
        "the agent calls it later.",
        "Only a script that compares whole stacks sees it.",
        rf"{_CONTEXT}: stack: (.*?)\s* -> \1\s.*portbridge-RANDOM-.*",
    ),
]
"""What a script sees in addition with ``launch(routes=True)``."""


def table(entries: list[Allowed]) -> str:
    """Return differences as a table in Markdown."""
    rows = ["| a script sees | in | because | for a test |", "| --- | --- | --- | --- |"]
    for allowed in entries:
        where = "both" if allowed.browsers == _BOTH else allowed.browsers[0]
        rows.append(f"| {allowed.seen} | {where} | {allowed.why} | {allowed.means} |")
    return "\n".join(rows) + "\n"
