"""Which extensions' agents may connect to Python themselves."""

from typing import Any

import pytest

from bridge.webext.dialing import may_dial
from bridge.webext.manifest import BrowserName, Manifest

V3, V2 = {"manifest_version": 3}, {"manifest_version": 2}
OWN = {"extension_pages": "script-src 'self'"}


@pytest.mark.parametrize(
    ("manifest", "runs_in", "expected"),
    [
        (V3, "chromium", True),
        (V3, "firefox", False),  # whose default policy upgrades insecure requests
        (V2, "firefox", True),
        ({**V3, "content_security_policy": OWN}, "firefox", True),
        ({**V3, "content_security_policy": OWN}, "chromium", True),
        ({**V3, "content_security_policy": {"sandbox": "default-src 'none'"}}, "firefox", False),
        ({**V3, "content_security_policy": {"extension_pages": "default-src 'self'"}}, "chromium", False),
        ({**V3, "content_security_policy": {"extension_pages": "script-src 'self'; Connect-Src x"}}, "chromium", False),
        ({**V2, "content_security_policy": "script-src 'self'; upgrade-insecure-requests"}, "firefox", False),
        ({**V2, "content_security_policy": "script-src 'self' 'unsafe-eval'"}, "firefox", True),
        ({**V3, "permissions": ["storage"]}, "chromium", True),
        ({**V3, "permissions": ["webRequest"]}, "chromium", False),
        ({**V3, "permissions": ["declarativeNetRequestWithHostAccess"]}, "chromium", False),
        ({**V3, "optional_permissions": ["debugger"]}, "chromium", False),
        ({**V3, "permissions": "odd"}, "chromium", True),
    ],
)
def test_what_decides(manifest: dict[str, Any], runs_in: BrowserName, expected: bool) -> None:
    assert may_dial(Manifest(manifest), runs_in) is expected
