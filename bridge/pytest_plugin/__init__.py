"""The pytest plugin: the fixture `bridge`, in tests of pytest-playwright and of pytest-playwright-asyncio.

Every run of pytest imports this module, so it imports nothing of the bridge. The fixtures are loaded when pytest is
configured, and what they need is loaded when a test uses them.
"""

from importlib import import_module

import pytest

__all__: list[str] = []

_SCOPES = ("function", "module", "session")
_RECORDS = ("python", "all", "off")
_FIXTURES = {"playwright": "sync_fixtures", "playwright-asyncio": "async_fixtures"}
"""The module with our fixtures, by the entry point of the plugin whose fixtures they override."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("bridge_extension", "The extension under test: a folder, .zip, .xpi or .crx", default="")
    parser.addini("bridge_scope", f"How long a browser is used: {', '.join(_SCOPES)}", default=_SCOPES[0])
    parser.addini("bridge_record", f"What traffic is recorded: {', '.join(_RECORDS)}", default="")
    parser.addini("bridge_redact", "Members of messages that are left out of what is recorded", type="args", default=[])
    group = parser.getgroup("bridge", "browser extensions (portbridge)")
    group.addoption("--bridge-extension", metavar="PATH", help="The extension under test: a folder, .zip, .xpi or .crx")


# Last, so that these fixtures override those of pytest-playwright.
@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "bridge(extension=PATH, **options): the extension under test, and options of bridge.sync_api.launch()",
    )
    for name, allowed in (("bridge_scope", _SCOPES), ("bridge_record", ("", *_RECORDS))):
        if config.getini(name) not in allowed:
            raise pytest.UsageError(f"{name} = {config.getini(name)}: it is one of {', '.join(filter(None, allowed))}")
    # If both are installed, pytest-playwright itself refuses that, in plain words.
    fixtures = next((module for name, module in _FIXTURES.items() if config.pluginmanager.has_plugin(name)), None)
    for name in [fixtures, "reports"] if fixtures else ["missing"]:
        module = import_module(f".{name}", __name__)
        config.pluginmanager.register(module, f"bridge-{name}")
        if name == fixtures:
            config.pluginmanager.register(module.api, "bridge-importing")
