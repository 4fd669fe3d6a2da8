"""What two runs of the observer report, made comparable, and in what they differ."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["Difference", "Facts", "compare", "facts"]

Facts = dict[tuple[str, str], Any]
"""By the context and the path of a member: its value, or, for an item of a list, how often it is in there."""

_ABSENT = "nothing"
# What depends on the moment: which of the reports was under way when the background was asked, whether the popup was
# still open then, what Playwright puts into a page, and what Firefox says on its console about itself.
_IGNORED = re.compile(r"webRequest \S+ \S+/report/|.*popup\.html\"?,?.*POPUP|.*/popup\.html|.*favicon\.ico")
_IGNORED_MEMBERS = re.compile(r"(?:.* > )?(?:__pw|__playwright)\w+|answers > pageFile > popup.html")
_REPEATED = re.compile(r"(?:tabs|windows|webNavigation|webRequest|cookies|management)\b")


class Difference(NamedTuple):
    """One thing that a script sees otherwise with the bridge."""

    context: str
    member: str
    without: str
    with_bridge: str

    def __str__(self) -> str:
        return f"{self.context}: {self.member}: {self.without} -> {self.with_bridge}"


def facts(reports: dict[str, Any], base_url: str, site_url: str) -> Facts:
    """Return what the reports say, without what differs between any two runs.

    Those are the extension's address, the site's port, and the names that a launch makes up.
    """
    text = json.dumps(reports)
    for own, common in (
        (base_url.split("/")[2], "ID"),
        (site_url.split(":")[2].strip("/"), "PORT"),
        (r"portbridge-[0-9a-f]{32}", "portbridge-SECRET"),
        (r"portbridge-[0-9a-f]{8}", "portbridge-RANDOM"),
        (r"@example\.org\.\d+", "@example.org.CONDUIT"),
    ):
        text = re.sub(own, common, text)
    found: Facts = {}
    for context, report in json.loads(text).items():
        for member, value in _flat(report, ""):
            if not _IGNORED_MEMBERS.fullmatch(member):
                found[context, member] = value
    return found


def compare(without: Facts, with_bridge: Facts) -> list[Difference]:
    """Return in what the two runs differ."""
    return [
        Difference(*key, str(without.get(key, _ABSENT)), str(with_bridge.get(key, _ABSENT)))
        for key in sorted(without | with_bridge)
        if without.get(key, _ABSENT) != with_bridge.get(key, _ABSENT)
    ]


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    lead = f"{path} > " if path else ""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, lead + name)
    elif isinstance(value, list):
        for item, count in _counted(value).items():
            yield lead + item, count
    else:
        yield path, value


# A list is what is in it and how often: the order of many is that of events in several processes. How often a browser
# says something about a tab or a frame depends on the moment too.
def _counted(values: list[Any]) -> dict[str, int]:
    texts = [item if isinstance(item, str) else json.dumps(item, sort_keys=True) for item in values]
    counts = Counter(text for text in texts if not _IGNORED.match(text))
    return {text: 1 if _REPEATED.match(text) else count for text, count in counts.items()}
