"""The page of a report: everything is in it, and nothing of the records is more than text."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from unit.report.traffic import conversation, message

from bridge.report.html import make_report, write_report
from bridge.traffic.records import MessagePosted, encode_line

HOSTILE = "</script><img src=x onerror=alert(1)><!--<script>"


class Page(HTMLParser):
    """What a browser's parser makes of it: the elements, and the text of those that it does not look into."""

    CDATA_CONTENT_ELEMENTS = ("script", "style", "title")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._inside = ""
        self.texts: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        self._inside = attributes.get("id") or attributes.get("type") or tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        self.texts[self._inside] = self.texts.get(self._inside, "") + data

    @property
    def policy(self) -> str:
        return next(str(a["content"]) for tag, a in self.elements if a.get("http-equiv") == "Content-Security-Policy")


def source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_the_records_are_in_it() -> None:
    records = conversation()
    inlined = json.loads(Page(make_report(records)).texts["records"])
    assert inlined == [json.loads(encode_line(record)) for record in records]


def test_there_may_be_no_records() -> None:
    assert json.loads(Page(make_report([])).texts["records"]) == []


def test_the_policy_allows_its_own_script_and_style_and_nothing_else() -> None:
    page = Page(make_report(conversation()))
    script, style = page.texts["module"], page.texts["style"]
    assert page.policy.split("; ") == [
        "default-src 'none'",
        f"script-src {source(script)}",
        f"style-src {source(style)}",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_it_loads_nothing() -> None:
    page = Page(make_report(conversation()))
    assert not [tag for tag, attributes in page.elements if {"src", "href", "srcset", "data"} & attributes.keys()]
    assert not re.search(r"url\(|@import", page.texts["style"])
    assert not re.search(r"^(import|export)\b|await import", page.texts["module"], re.MULTILINE)


def test_hostile_text_stays_text() -> None:
    plain = [tag for tag, _ in Page(make_report([])).elements]
    record = MessagePosted(port=1, place=1, payload=message({HOSTILE: HOSTILE}))
    page = Page(make_report([record], title=HOSTILE))
    assert [tag for tag, _ in page.elements] == plain
    (inlined,) = json.loads(page.texts["records"])
    assert inlined["payload"]["json"] == {HOSTILE: HOSTILE}


@pytest.mark.parametrize("title", ["{records}", "lone \ud800 surrogate", "a & b < c"])
def test_any_title_will_do(title: str) -> None:
    assert "<h1>" in make_report([], title=title).encode().decode()


def test_it_is_written_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(conversation(), path, title="A title")
    assert path.read_bytes() == make_report(conversation(), title="A title").encode()
    assert b"\r" not in path.read_bytes()
