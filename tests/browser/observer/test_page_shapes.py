"""A page of the copy has the DOM of the author's page, whatever the page leaves out."""

from pathlib import Path
from typing import Any

from browser.observer.runs import bare_browser
from browser.observer.site import ObserverSite, serve_observer

from bridge.async_api import launch
from support import background, write_extension

# Each page reports its DOM twice: when its first script runs, and when all is parsed.
REPORT = """
const name = location.pathname.slice(1);
const tree = (node) => [node.nodeName, node.nodeValue, [...(node.attributes ?? [])].map((one) => [one.name, one.value]),
  [...node.childNodes].map(tree)];
const seen = () => ({ mode: document.compatMode, charset: document.characterSet, tree: tree(document),
  scripts: document.scripts.length });
const first = seen();
addEventListener("load", () => {
  const body = JSON.stringify([first, seen()]);
  fetch(`SITEreport/${name}`, { method: "POST", mode: "no-cors", body });
});
"""
BACKGROUND = 'chrome.tabs.create({ url: "all.html" });'
S = "<script src='/report.js'></script>"
NAMED = "<script src='/report.js' charset=utf-8></script>"
UTF_8 = "<meta charset=utf-8>"
LONG = "<!--" + "x" * 955 + "-->"  # the browser looks for an encoding in the first 1024 bytes
SHAPES = {
    "whole.html": f"<!doctype html>\n<html lang=en>\n<head>\n<title>é</title>\n{S}\n</head>\n<body>b</body>\n</html>\n",
    "without-head.html": f"<!doctype html>\n<html>\n  {S}\n  <body>x</body>\n</html>",
    "without-html.html": f"<!doctype html>\n  {S}\n<p>x",
    "script-only.html": S,
    "space-before.html": f"\n \t {S}",
    "text-first.html": f"\n  text {S}",
    "no-break-space.html": f"<html>\n\u00a0{UTF_8}{S}",
    "vertical-tab.html": f"<html>\v\n{UTF_8}{S}",
    "body-first.html": f"<html>\n<!-- a -->\n<body>\n{S}",
    "comment-first.html": f"<!-- a -->\n<!doctype html>\n<!-- b -->\n<html>\n<!-- c -->\n<head>\n<!-- d -->{S}",
    "comment-without-html.html": f"<!doctype html>\n<!-- a -->\n{S}<!-- b --><p>x",
    "comment-without-head.html": f"<html>\n<!-- a -->\n<title>x</title>\n{S}",
    "bogus-comments.html": f"<?xml version='1.0'?><!doctype html><!x>\n</ y>\n</>\n{S}",
    "end-tags-first.html": f"</p>\n</div a='>'>\n{S}",
    "head-ends-first.html": f"<html>\n</head>\n{S}",
    "body-ends-first.html": f"<html>\n</body>\n{S}",
    "empty-head.html": f"<html><head></head>\n{S}",
    "two-heads.html": f"<html a=1>\n<html b=2>\n<head c=3>\n<head>\n{S}",
    "late-doctype.html": f"<html>\n<!doctype html>\n{S}",
    "template-first.html": f"<!doctype html>\n<template>\n<p></template>\n{S}",
    "frame-set.html": f"<html>\n{S}\n<frameset>\n<frame></frameset>",
    "byte-order-mark.html": f"\ufeff\n<html>\n{S}",
    "long-comment.html": f"<!doctype html>{LONG}\n<meta charset=windows-1251>\n{S}é",
    "long-head.html": f"<!doctype html><html><head>{LONG}\n<meta charset=windows-1251>\n{S}é",
    "x.xhtml": f"<html xmlns='http://www.w3.org/1999/xhtml'>\n<body>\n{S}\n</body></html>",
    "with-head.xhtml": f"<!DOCTYPE html>\n<html xmlns='http://www.w3.org/1999/xhtml'>\n<head>\n{S}\n</head></html>",
}
OTHER_BYTES = {
    "latin.html": f"<html>\n<meta charset=iso-8859-1>\n{S}<p>é".encode("latin-1"),
    "undeclared.html": f"<html>\n{S}<p>é".encode("latin-1"),
    "utf-16-le.html": f"\ufeff<html>\n{NAMED}<p>é".encode("utf-16-le"),
    "utf-16-be.html": f"\ufeff\n{NAMED}<p>é".encode("utf-16-be"),
    "line-ends.html": f"<html>\r\n{S}\r<p>x\r\n".encode(),
}
CHARSETS = {
    "long-comment.html": "windows-1251",
    "long-head.html": "windows-1251",
    "latin.html": "windows-1252",
    "utf-16-le.html": "UTF-16LE",
    "byte-order-mark.html": "UTF-8",
}
PAGES = sorted([*SHAPES, *OTHER_BYTES])


async def test_pages_of_all_shapes_have_the_authors_dom(engine_type: Any, tmp_path: Path) -> None:
    async with serve_observer() as site:
        extension = write_pages(tmp_path / "authors", site)
        async with bare_browser(engine_type) as (_, driver):
            await driver.load(extension, timeout_ms=30_000)
            expected = await reports(site)
        async with launch(engine_type, extension):
            seen = await reports(site)
    for name in PAGES:
        assert seen[name] == expected[name], name
    assert {name: expected[name][0]["charset"] for name in CHARSETS} == CHARSETS
    assert expected["without-head.html"][0]["scripts"] == 1


def write_pages(folder: Path, site: ObserverSite) -> Path:
    frames = "".join(f"<iframe src='/{name}'></iframe>" for name in PAGES)
    manifest = {
        **background("b.js"),
        "content_security_policy": {"extension_pages": "script-src 'self'"},
    }
    files = {"b.js": BACKGROUND, "report.js": site.fill(REPORT), "all.html": f"<!doctype html>{frames}", **SHAPES}
    write_extension(folder, manifest, files)
    for name, data in OTHER_BYTES.items():
        (folder / name).write_bytes(data)
    return folder


async def reports(site: ObserverSite) -> dict[str, Any]:
    await site.reported(set(PAGES))
    found = dict(site.reports)
    site.reports.clear()
    return found
