"""What a user reads who did something wrong, without a traceback."""

from pathlib import Path

import pytest
from plugin.runs import Run, lines

from bridge.browsers.find import VARIABLES
from support import write_extension

# Each fails before a browser is started.
SUITE = """
import pytest

def test_not_named(bridge):
    pass

def mark(name, **options):
    @pytest.mark.bridge(**{"extension": "test-extension", **options})
    def test(bridge):
        pass
    globals()[f"test_{name}"] = test

mark("path", extension="no/such/folder")
mark("no_path", extension=3)
mark("malformed", extension="malformed")
mark("misspelt", headles=False)
mark("unknown", colour="red")
mark("no_list", replace="background")
mark("no_such_part", replace=["popup"])
mark("too_short", background_idle_timeout=5)

@pytest.mark.bridge("test-extension")
def test_positional(bridge):
    pass

@pytest.mark.bridge(extension="test-extension")
@pytest.mark.browser_context_args(storage_state="kept.json")
def test_storage(bridge):
    pass
"""

TOLD = """
Which extension? Name it once, in one of these ways:
ExtensionError: {missing} does not exist: give the path of
@pytest.mark.bridge(extension=3): it is a path
ExtensionError: {malformed}: manifest.json, line 1, column 25
@pytest.mark.bridge(headles=...): there is no such option, did you mean headless? It takes extension, headless, channel
@pytest.mark.bridge(colour=...): there is no such option. It takes extension, headless, channel
TypeError: launch() takes a list where it got replace='background': write replace=['background']
ValueError: replace=['popup'] is unknown: it may contain 'background' and 'content'
ValueError: background_idle_timeout=5 is too short: give it at least 100 ms
@pytest.mark.bridge takes keywords only: did you mean extension='test-extension'?
browser_context_args or browser_type_launch_args has 'storage_state', which a browser with an extension cannot have
"""


def test_each_is_told_in_words(run: Run, folder: Path) -> None:
    (folder / "tox.ini").write_text("[pytest]\n", "utf-8")
    malformed = write_extension(folder / "malformed", {}, {"manifest.json": '{"manifest_version": 3, }'})
    result = run(SUITE)
    told = TOLD.format(missing=folder / "no" / "such" / "folder", malformed=malformed).strip().split("\n")
    result.assert_outcomes(errors=len(told))
    for words in told:
        assert [line for line in result.outlines if line.startswith(words)], words
    text = lines(result)
    assert f"This run has read {folder / 'tox.ini'}." in text
    assert "bridge_extension = path/to/extension" in text and "pytest --bridge-extension" in text
    assert not any(inside in text for inside in ("Traceback", "another exception", "_fixtures.py", "launch.py"))


def test_webkit(run: Run, folder: Path) -> None:
    result = run("def test(bridge): pass", "--browser", "webkit")
    result.assert_outcomes(errors=1)
    assert "webkit is not supported: the bridge needs WebExtensions" in lines(result)
    assert "sync_fixtures.py" not in lines(result)


def test_browser_that_is_not_installed(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    result = run("def test(bridge): pass", "--browser", "chromium", "--browser", "firefox")
    result.assert_outcomes(errors=2)
    text = lines(result)
    assert "Run 'playwright install chromium'" in text and "Run 'playwright install firefox'" in text
    assert "another exception" not in text and "sync_fixtures.py" not in text


@pytest.mark.parametrize(
    ("line", "allowed"),
    [("bridge_scope = class", "function, module, session"), ("bridge_record = some", "python, all, off")],
)
def test_unknown_values(run: Run, folder: Path, line: str, allowed: str) -> None:
    (folder / "tox.ini").write_text(f"[pytest]\n{line}\n", "utf-8")
    result = run("def test(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"{line}: it is one of {allowed}" in lines(result)


def test_without_pytest_playwright(run: Run, folder: Path) -> None:
    result = run("def test_bridge(bridge): pass\ndef test_other(): pass", "-p", "no:playwright")
    result.assert_outcomes(errors=1, passed=1)
    assert "The fixture 'bridge' needs the plugin pytest-playwright" in lines(result)


def test_both_flavours_at_once(run_async: Run, run: Run, folder: Path) -> None:
    result = run("def test(): pass", without="nothing")
    assert result.ret != 0
    assert "pytest-playwright and pytest-playwright-asyncio are not compatible" in lines(result)
