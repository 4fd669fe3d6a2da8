"""What a run leaves out unless it is one of ``scripts/test --all``, as CI does each night.

Firefox takes three to four times the processor time of Chromium, half of it for launches. So what is the same code of
ours beside either browser is tested beside Chromium in each run, and beside Firefox in the nights: `IN_FIREFOX`. Some
tests are left out in both, by ``@pytest.mark.slow("what")``; some do less, and ask for the option ``all_tests``.
"""

import pytest

from .groups import path_of, world_of

__all__ = ["IN_FIREFOX", "LEFT_OUT", "examples"]

LEFT_OUT = {
    "arguments": "conformance of connect(), receivers, pairs of listeners and further ways of one-time messages in "
    "Firefox; Chromium plays them in each run",
    "manifest v2": "Manifest V2, in the suites that also run with Manifest V3",
    "references": "conformance plays in the browser without the bridge whose observations are in git",
    "twice": "a second run of the observer without the bridge, which shows that two such runs report the same",
    "firefox": "in Firefox, what is the same code of ours beside either browser; Chromium does it in each run",
    "loads": "the largest messages, the longest floods and the most frames; each run has smaller ones",
    "tutorials": "the tests that the tutorials show, in both browsers; each run has the README's and the guide's",
    "plugin": "further scopes and options of the pytest plugin, which runs a pytest of its own for each",
}
"""By the word of the mark: what it is, for the head of a run."""

_ALL: tuple[str, ...] = ()
IN_FIREFOX: dict[str, tuple[str, ...]] = {
    "tests/browser/observer/test_loading.py": _ALL,
    "tests/browser/observer/test_page_shapes.py": _ALL,
    "tests/browser/observer/test_manifest.py": (
        "test_the_manifest_is_the_authors[translated]",
        "test_the_manifest_is_the_authors[hosts]",
        "test_the_manifest_is_the_authors[shut]",
        "test_the_manifest_is_the_authors[entries-replaced]",
    ),
    "tests/browser/test_archives.py": (
        "test_zip_keeps_its_key",
        "test_zip_with_one_folder_and_no_id",
        "test_companions_talk_with_it",
    ),
    "tests/browser/test_cli.py": (
        "test_run_until_the_window_closes",
        "test_terminal_is_closed",
        "test_watch",
        "test_watch_goes_on_after_a_broken_worker",
        "test_shell",
        "test_doctor_of_a_browser_that_works",
    ),
    "tests/browser/test_evaluate.py": (
        "test_values_both_ways",
        "test_what_is_rejected",
        "test_it_waits_for_a_function",
        "test_it_ends_in_time",
    ),
    "tests/browser/test_frame_kinds.py": ("test_many_frames_at_once",),
    "tests/browser/test_inspector.py": _ALL,
    "tests/browser/test_inspector_flood.py": _ALL,
    "tests/browser/test_frozen.py": ("test_each_call_ends_in_its_time",),
    "tests/browser/test_idle.py": ("test_an_idle_background_stops_again_and_again", "test_sync_listeners_stay_too"),
    "tests/browser/test_launch.py": (
        "test_options_of_playwright_pass_through",
        "test_profile_can_be_used_again",
        "test_exception_in_the_block",
        "test_listener_errors_surface_at_close",
    ),
    "tests/browser/test_native.py": (
        "test_background_that_reconnects",
        "test_without_the_permission",
        "test_somebody_elses_host",
    ),
    "tests/browser/test_opening.py": ("test_the_guides_example",),
    "tests/browser/test_payloads.py": ("test_large_messages",),
    "tests/browser/test_readme.py": ("test_async_example", "test_examples_of_the_documents", "test_demo"),
    "tests/browser/test_reset.py": (
        "test_ports_and_listeners_are_gone",
        "test_what_was_kept_is_forgotten",
        "test_what_python_plays_is_still_kept_from_the_start",
        "test_ports_to_other_extensions_are_closed",
        "test_sync",
    ),
    "tests/browser/test_sample_extension.py": (
        "test_the_background_answers_a_content_script",
        "test_the_button_speaks_to_each_content_script",
        "test_another_extension_gets_an_echo",
        "test_the_native_application_is_pinged",
        "test_the_content_script_alone",
    ),
    "tests/browser/test_sync.py": _ALL,
    "tests/browser/test_traffic.py": (
        "test_off",
        "test_secrets_are_left_out_everywhere",
        "test_what_observers_raise_disturbs_no_conversation",
        "test_a_wait_for_what_does_not_come",
    ),
}
"""By file: the tests that run in Firefox only with ``--all``; all of them, if none is named.

A name may have the test's parameters, without the browser, in brackets.
"""


_EXAMPLES, _ALL_EXAMPLES = 200, 2_000
_all_tests = False


def examples() -> int:
    """Return how many examples a test of the decoders takes; most other property tests take Hypothesis's own number."""
    return _ALL_EXAMPLES if _all_tests else _EXAMPLES


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("portbridge's own suite").addoption(
        "--all", action="store_true", default=False, dest="all_tests", help="leave out nothing that takes long"
    )


def pytest_configure(config: pytest.Config) -> None:
    global _all_tests
    _all_tests = bool(config.getoption("all_tests"))
    config.addinivalue_line("markers", "slow(what): left out without --all; what it is stands in LEFT_OUT")


def pytest_report_header(config: pytest.Config) -> list[str]:
    if config.getoption("all_tests"):
        return ["left out: nothing"]
    return ["left out, run them with --all:", *(f"  {what}" for what in LEFT_OUT.values())]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    out = [] if config.getoption("all_tests") else [item for item in items if _is_left_out(item)]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]


def _is_left_out(item: pytest.Item) -> bool:
    marks = list(item.iter_markers("slow"))
    for mark in marks:
        if mark.args[0] not in LEFT_OUT:
            raise pytest.UsageError(f"{item.nodeid}: LEFT_OUT in {__name__} does not say what {mark.args[0]!r} is")
    return bool(marks) or (world_of(item) == "firefox" and _is_for_the_nights(item))


def _is_for_the_nights(item: pytest.Item) -> bool:
    names = IN_FIREFOX.get(path_of(item))
    return names is not None and (not names or not _names(item).isdisjoint(names))


def _names(item: pytest.Item) -> set[str]:
    return {getattr(item, "originalname", ""), item.name.replace("[firefox-", "[")}
