"""The ids that Chromium makes, as Chromium 156 made them of these keys."""

from pathlib import Path

import pytest

from bridge.webext.ids import chromium_id, key_bytes, path_bytes

PEM = "-----BEGIN PUBLIC KEY-----\nYWJj\n-----END PUBLIC KEY-----"


@pytest.mark.parametrize("key", ["YWJj", PEM, PEM.replace("\n", "\r\n")])
def test_keys_that_chromium_accepts(key: str) -> None:
    assert key_bytes(key) == b"abc"
    assert chromium_id(b"abc") == "lkhibglpipabmpokebebeanofnkocccd"


@pytest.mark.parametrize("key", ["", "?!", "abc", "YWJj ZGVm", "é", "-----BEGIN PUBLIC KEY-----YWJj"])
def test_keys_that_chromium_refuses(key: str) -> None:
    assert key_bytes(key) is None


def test_without_a_key_the_path_counts() -> None:
    assert len(chromium_id(path_bytes(Path("/a/\udcff")))) == 32
