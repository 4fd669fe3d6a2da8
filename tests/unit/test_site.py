"""The site of the documents: links and pictures become those of the site, and the reference has every public name."""

import importlib.util
import logging
import re
from types import ModuleType

import pytest

from bridge import async_api, errors, sync_api
from support import ROOT

pytest.importorskip("mkdocs", reason="without the extra `docs` there is no site")

REPOSITORY = "https://git.example/portbridge"


@pytest.fixture(scope="module")
def site() -> ModuleType:
    spec = importlib.util.spec_from_file_location("site_hook", ROOT / "scripts" / "site.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("source", "made", "written", "shown"),
    [
        ("README.md", "index.md", "[g](docs/guide.md#values)", "[g](guide.md#values)"),
        ("docs/guide.md", "guide.md", "[r](../README.md#a-first-test)", "[r](index.md#a-first-test)"),
        ("docs/tutorials/move.md", "tutorials/move.md", "[b](../browsers.md)", "[b](../browsers.md)"),
        ("docs/tutorials/move.md", "tutorials/move.md", "[c](../../CHANGELOG.md)", "[c](../changelog.md)"),
        ("docs/guide.md", "guide.md", "[l](../LICENSE)", f"[l]({REPOSITORY}/blob/main/LICENSE)"),
        ("docs/guide.md", "guide.md", "[w](https://example.org/)", "[w](https://example.org/)"),
        ("docs/guide.md", "guide.md", "[h](#values)", "[h](#values)"),
        ("docs/guide.md", "guide.md", "```md\n[l](../LICENSE)\n```", "```md\n[l](../LICENSE)\n```"),
    ],
)
def test_a_link_leads_to_the_site(site: ModuleType, source: str, made: str, written: str, shown: str) -> None:
    assert site.rewritten(written, source, made, REPOSITORY) == shown


def test_a_link_to_the_repository_is_text_while_nobody_knows_it(site: ModuleType) -> None:
    assert site.rewritten("see [the licence](../LICENSE).", "docs/guide.md", "guide.md", "") == "see the licence."


def test_a_link_to_nothing_is_a_warning(site: ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        site.rewritten("[gone](../gone.py)", "docs/guide.md", "guide.md", REPOSITORY)
    assert "guide.md links to gone.py, which is not there" in caplog.text


def test_a_picture_follows_the_colours(site: ModuleType) -> None:
    written = '<picture>\n  <source media="m" srcset="docs/d.png">\n  <img src="docs/l.png" alt="A report">\n</picture>'
    shown = site.rewritten(written, "README.md", "index.md", REPOSITORY)
    assert shown == "![A report](l.png#only-light)\n![A report](d.png#only-dark)"


def shown_members(reference: str) -> list[str]:
    """The names that a page of the reference lists."""
    found = re.search(r"members: \[(.*)\]", (ROOT / "docs" / "reference" / reference).read_text("utf-8"))
    assert found
    return found[1].split(", ")


@pytest.mark.parametrize(("reference", "flavour"), [("sync.md", sync_api), ("async.md", async_api)])
def test_the_reference_has_every_public_name_once(reference: str, flavour: ModuleType) -> None:
    shown = [*shown_members(reference), *shown_members("shared.md"), *errors.__all__]
    assert sorted(shown) == sorted(flavour.__all__)
