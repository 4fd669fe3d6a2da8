"""The agent in front of a page's scripts, and which pages get it."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.webext.manifest import BrowserName, Manifest
from bridge.webext.page import instrument_page, pages

SCRIPT = '<script src="/pb.js"></script>'


@pytest.mark.parametrize(
    "marked",
    [
        # The place is where the | stands.
        "|",
        "|hello",
        "|<script src=a.js></script>",
        "|<body>hello",
        "<!DOCTYPE html><html><head>|<script src=a.js></script></head>",
        "<!doctype html>\n<html lang='en'>\n<head>|\n<meta charset=utf-8>",
        "<!doctype html>|<title>x</title><script>1</script>",
        "<!doctype html>\n|<base href=/x/>",
        "<html>|<body><head>",
        "<HTML><HEAD>|<TITLE>",
        "<html>\n|<meta http-equiv=Content-Security-Policy>",
        "<head>|<head>",
        "<HEAD>|<HEAD>",
        "<!DOCTYPE html>|<p>",
        "<head/>|",
        "<head\n>|",
        '<html data-a="a>b" data-b=\'>"\' data-c = ">"><head data-d=">">|x',
        "<html it's><head isn't>|",
        "<html a=b/c ><head x=>|",
        "|<header><head>",
        "|<html-x><head>",
        "|<p></p><html><head>",
        "|hello <html><head>",
        "</p></><head>|",
        "</p></div a='>'>\n|<p>",
        "<html>|</head>",
        "|</body>",
        "|</html >",
        "<html>|</br>",
        "</body-x>|",
        "</ a></>|<br>",
        "|\v<html>",
        "<!-- <head> -->|",
        "<!-- a --><!doctype html><!-- <html><head> --><html><!-- > --><head>|<!-- b -->",
        "<!doctype html><!-- <head> -->|<script>1</script>",
        "<!doctype html>\n<html>\n \t\r\f|<script>1</script>",
        "<!--><html><head>|-->",
        "<!---><html><head>|-->",
        "<!-- a --!><head>|",
        "|<!-- not closed <head>",
        "<?xml version='1.0'?><!DOCTYPE html><html><head>|",
        "<![if x]><head>|",
        "<html>|<head data-a='>",
        "<!doctype html>|<script>'<head>'</script>",
    ],
)
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["", "BOM"])
def test_where_the_agent_goes_in_a_page(marked: str, bom: bytes) -> None:
    html = bom + marked.replace("|", "", 1).encode()
    assert instrument_page(html, "pb.js") == bom + marked.replace("|", SCRIPT, 1).encode()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_page_in_utf_16_stays_in_it(encoding: str) -> None:
    html = "\ufeff<html><head>|\ud800ä</head>"
    expected = html.replace("|", '<script src="/pb.js" charset="utf-8"></script>').encode(encoding, "surrogatepass")
    assert instrument_page(html.replace("|", "").encode(encoding, "surrogatepass"), "pb.js") == expected


@pytest.mark.parametrize(
    "marked",
    [
        "<?xml version='1.0'?><!DOCTYPE html><html xmlns='x'><head>|<title/></head></html>",
        "<html xmlns='x'>|<body/></html>",
        "<html xmlns='x'>|\n<!-- a --><body/></html>",
        "<html xmlns='x'>\n<head>|\n<title/></head></html>",
        "<!DOCTYPE html><h:html xmlns:h='x'/>",
        "<!DOCTYPE html [<!ENTITY a '>'>]><html xmlns='x'/>",
        "<svg xmlns='x'/>",
    ],
)
def test_the_agent_goes_inside_the_root_of_an_xhtml_page(marked: str) -> None:
    html = marked.replace("|", "").encode()
    assert instrument_page(html, "pb.js", xml=True) == marked.replace("|", SCRIPT).encode()


def test_other_bytes_of_a_page_stay() -> None:
    assert instrument_page(b"<head>\xe9\xff", "pb.js") == b"<head>" + SCRIPT.encode() + b"\xe9\xff"


@pytest.mark.parametrize("tag", [b"<html ", b"</p "])
def test_an_endless_tag_takes_no_long_time(tag: bytes) -> None:
    html = tag + b"a = 'b' c=\"d\" = " * 20_000
    assert instrument_page(html, "pb.js") == SCRIPT.encode() + html


class Events(HTMLParser):
    """What a parser sees, but for comments and white space."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, Any]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append((f"/{tag}", None))

    def handle_decl(self, decl: str) -> None:
        self.seen.append(("!", decl))


BEFORE = st.sampled_from(["<!doctype html>", "<!-- <head> -->", "<!--\n<script>-->", "\n", " "])
TAGS = st.sampled_from(
    ["<html>", '<html a=">">', "<head>", "<head b='<script>' >", "<base href=x>", "<meta c>", "<body>", "<p>"]
)
PAGES = st.tuples(st.lists(BEFORE, max_size=4), st.lists(TAGS | BEFORE, max_size=6), st.just("<script></script>"))


@given(PAGES.map(lambda parts: "".join([*parts[0], *parts[1], parts[2]])))
def test_a_parser_meets_the_agent_before_what_could_stop_it(html: str) -> None:
    seen = Events(instrument_page(html.encode(), "pb.js").decode()).seen
    at = seen.index(("script", [("src", "/pb.js")]))
    assert {tag for tag, _ in seen[:at]} <= {"!", "html", "head"}
    assert seen[:at] + seen[at + 2 :] == Events(html).seen


# Which pages


def make(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_all_html_files_are_pages(tmp_path: Path) -> None:
    make(tmp_path, "popup.html", "a/b/c.htm", "a/D.HTML", "a.xhtml", "e.XHT", "html", "a.js", "a/b.html.js")
    make(tmp_path, "node_modules/a.html", "a/node_modules/b/c.html")
    assert pages(tmp_path, Manifest({}), "firefox") == ["a.xhtml", "a/D.HTML", "a/b/c.htm", "e.XHT", "popup.html"]


@pytest.mark.parametrize(
    ("manifest", "runs_in", "found"),
    [
        ({"background": {"page": "a.html"}}, "firefox", ["b.html", "c/d.html", "c/e.html"]),
        ({"background": {"page": "a.html"}}, "chromium", ["a.html", "b.html", "c/d.html", "c/e.html"]),
        ({"background": {"page": "/c/d.html?x"}}, "firefox", ["a.html", "b.html", "c/e.html"]),
        ({"sandbox": {"pages": ["a.html", "./b.html"]}}, "chromium", ["c/d.html", "c/e.html"]),
        ({"sandbox": {"pages": ["a.html", "./b.html"]}}, "firefox", ["a.html", "b.html", "c/d.html", "c/e.html"]),
        ({"sandbox": {"pages": ["c/*"]}}, "chromium", ["a.html", "b.html"]),
        ({"sandbox": ["a.html"]}, "chromium", ["a.html", "b.html", "c/d.html", "c/e.html"]),
        ({"sandbox": {"pages": 1}}, "chromium", ["a.html", "b.html", "c/d.html", "c/e.html"]),
        ({"background": "a.html"}, "firefox", ["a.html", "b.html", "c/d.html", "c/e.html"]),
        ({"background": {"page": 1}}, "firefox", ["a.html", "b.html", "c/d.html", "c/e.html"]),
    ],
)
def test_pages_that_get_no_page_agent(
    manifest: dict[str, Any], runs_in: BrowserName, found: list[str], tmp_path: Path
) -> None:
    make(tmp_path, "a.html", "b.html", "c/d.html", "c/e.html")
    assert pages(tmp_path, Manifest(manifest), runs_in) == found


def test_a_page_in_utf_16_may_end_in_half_a_character() -> None:
    html = b"\xff\xfe" + "<p>".encode("utf-16-le") + b"x"
    assert instrument_page(html, "pb.js").endswith("<p>".encode("utf-16-le") + b"x")
