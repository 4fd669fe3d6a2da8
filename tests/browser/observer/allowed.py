"""The differences that the bridge makes and that are left, each with its reason.

The one definition of them: the test allows these and no others, and `scripts/fidelity` makes the table of
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
        why: Why it stays.
        means: What that means for a test.
        pattern: A regular expression of the whole of such differences, as text.
        browsers: Where it is seen.
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
        "The relay is a genuine extension; no other one can hold the connection to Python.",
        "Only an extension with the permission `management` sees it. Let a test look for the extensions that it names.",
        rf"{_CONTEXT}: answers > extensions > portbridge relay: nothing -> 1",
    ),
    Allowed(
        '`fetch(runtime.getURL("manifest.json"))` has the copy\'s manifest: the agent before `background.scripts` '
        "and the content scripts. `runtime.getManifest()` has the author's.",
        "The browser loads the extension from that file, and reads it again when the extension reloads itself.",
        "Only extensions that read the file themselves see it.",
        rf"{_CONTEXT}: answers > manifestFile > (?:background > scripts|content_scripts) > .*portbridge-RANDOM.*",
    ),
    Allowed(
        "A page of the extension that a script fetches as text has one more `<script>` after its `<head>`; "
        "the document itself has not.",
        "The agent must run before the page's own scripts, and a page has no other place for it.",
        "Only extensions that fetch their own pages see it.",
        rf"{_CONTEXT}: answers > pageFile > <head>(?:: 1 -> nothing|<script src=\"/portbridge-RANDOM-page\.js\">.*)",
    ),
    Allowed(
        "The service worker's entry file, fetched as text, has the agent's loading in front on its first line. "
        "In stacks, the column of what stands on that line counts it; the line does not change.",
        "The agent must run before the worker's own first statement.",
        "Line numbers are the author's. Only a bundle of a single line has other columns in its stacks.",
        rf"{_CONTEXT}: (?:answers > workerFile > .*|entry > stack: .*worker\.js:1:\d+ -> .*worker\.js:1:\d+)",
        ("Chromium",),
    ),
    Allowed(
        "`runtime.getPackageDirectoryEntry()` lists four more files, `portbridge-*`.",
        "A content script, a page and a worker can only load what is in the package.",
        "Only extensions that list their own files see it. The names are made up anew for each launch.",
        r"(?:page|inner|popup)\.html: answers > packageFiles > portbridge-RANDOM-\w+\.(?:js|html): nothing -> 1",
        ("Chromium",),
    ),
    Allowed(
        "`webRequest` reports that a page of the extension loads `portbridge-*-page.js`.",
        "It does. The policy for extension pages forbids scripts inside the page.",
        "Only listeners for addresses of the extension itself, such as one for `<all_urls>`, see it.",
        r"background: log > webRequest script \S+/portbridge-RANDOM-page\.js from \S+: nothing -> 1",
        ("Chromium",),
    ),
    Allowed(
        "`String(runtime.getManifest)` has no name in it: `function () { [native code] }`. "
        "The property `name` is as ever.",
        "A proxy stands before the native function, so that it returns the author's manifest, and that is how a "
        "proxy is written.",
        "Only a script that compares the text of native functions sees it.",
        rf"{_CONTEXT}: (?:browser|chrome) > runtime > getManifest: "
        r"(.*)function getManifest\(\) { \[native code\] } -> \1function \(\) { \[native code\] }",
        ("Chromium",),
    ),
    Allowed(
        "`runtime.connect` and `runtime.getManifest` are data properties from the start, where they are accessors "
        "until a script first uses them.",
        "Firefox makes the functions of its API when they are first used, and the agent uses these two before the "
        "extension does.",
        "Nothing, unless a script looks at property descriptors.",
        rf"{_CONTEXT}: (?:browser|chrome) > runtime > connect: accessor .* -> function .*",
        ("Firefox",),
    ),
    Allowed(
        "While a background first runs, `hasListeners()` of `runtime.onConnect`, `runtime.onConnectExternal` and "
        "`action.onClicked` is true already.",
        "The agent guards these events until Python has said which it listens to, so that the event that wakes a "
        "background is not lost. Afterwards there are only the listeners that somebody asked for.",
        "A connection that arrives in this moment at a background without a listener is not refused with "
        '"Receiving end does not exist": the agent accepts it, and closes it when Python has answered. (Firefox has no '
        "`hasListeners()`, so there the agent cannot know that nobody listens, and such a connection stays open.)",
        r"background[ \w]*: (?:guarded: False -> True|first > listeners > onConnect(?:External)? .*)",
        ("Chromium",),
    ),
    Allowed(
        "A web page that replaces `dispatchEvent` or `CustomEvent` sees one event under a random name when Python "
        "calls `bridge.content()`.",
        "The event tells which content script belongs to Playwright's frame, and is dispatched by "
        "`frame.evaluate()`, which runs in the page.",
        "As with each `evaluate()` of Playwright. No listener hears it, as its name is secret, and nothing is left in "
        "the DOM.",
        r"web \w+: log > (?:dispatchEvent|new CustomEvent) portbridge-SECRET: nothing -> 1",
    ),
]


_WATCHED = r"(?:browser|chrome) > (?:runtime|tabs) > (?:connect|connectNative|sendMessage|sendNativeMessage)"

RECORDED = [
    Allowed(
        "`String()` of `runtime.connect`, `runtime.sendMessage`, `runtime.connectNative`, `runtime.sendNativeMessage`, "
        "`tabs.connect` and `tabs.sendMessage`, of the `addListener` and `removeListener` of `runtime.onConnect`, "
        "`onMessage` and their external twins, and of a port's `postMessage` and `disconnect` has no name in it: "
        "`function () { [native code] }`. The properties `name` and `length` are as ever.",
        "Proxies stand before these native functions and report their calls.",
        "Only a script that compares the text of native functions sees it.",
        rf"{_CONTEXT}: {_WATCHED}: (.*)function \w+\(\) {{ \[native code\] }} -> \1function \(\) {{ \[native code\] }}",
        ("Chromium",),
    ),
    Allowed(
        "The same functions, `runtime.id` and these events are data properties from the start, where they are "
        "accessors until a script first uses them.",
        "Firefox makes the members of its API when they are first used.",
        "Nothing, unless a script looks at property descriptors.",
        rf"{_CONTEXT}: (?:{_WATCHED}|(?:browser|chrome) > runtime > (?:id|on\w+)): accessor .* -> "
        r"(?:function|object|accessor) .*",
        ("Firefox",),
    ),
]
"""What is seen besides with ``record="all"``."""


def table(entries: list[Allowed]) -> str:
    """Return differences as a table in Markdown."""
    rows = ["| a script sees | in | because | for a test |", "| --- | --- | --- | --- |"]
    for allowed in entries:
        where = "both" if allowed.browsers == _BOTH else allowed.browsers[0]
        rows.append(f"| {allowed.seen} | {where} | {allowed.why} | {allowed.means} |")
    return "\n".join(rows) + "\n"
