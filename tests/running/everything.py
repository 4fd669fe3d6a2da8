"""What a run leaves out unless it is one of ``scripts/test --all``, as CI does each night.

Firefox takes three to four times the processor time of Chromium, half of it for launches. So what is the same code of
ours beside either browser is tested beside Chromium in each run, and beside Firefox in the nights: `IN_FIREFOX`. What
tests once more, in another way, what each run tests is left to the nights in both: `IN_BOTH`, or
``@pytest.mark.slow("what")``. Some tests do less, and ask for the option ``all_tests``.
"""

import re

import pytest

from .groups import path_of, world_of

__all__ = ["IN_BOTH", "IN_FIREFOX", "LEFT_OUT", "examples"]

LEFT_OUT = {
    "arguments": "conformance of several receivers, pairs of listeners and further ways of one-time messages; in "
    "Firefox, further ways of ports, ends of receivers, senders and the arguments of connect(), too",
    "manifest v2": "Manifest V2, in the suites that also run with Manifest V3",
    "routed": "conformance of routed ports in Firefox, of those that pass untouched, and of less usual cases",
    "references": "conformance plays in the browser without the bridge whose observations are in git",
    "twice": "a second run of the observer without the bridge, which shows that two such runs report the same",
    "firefox": "in Firefox, what is the same code of ours beside either browser; Chromium does it in each run",
    "further": "what tests once more, in another way, what each run tests",
    "loads": "the largest messages, the longest floods and the most frames; each run has smaller ones",
    "tutorials": "the tests that the tutorials show, in both browsers; each run has the README's and the guide's",
    "plugin": "further scopes and options of the pytest plugin, which runs a pytest of its own for each",
}
"""By the word of the mark: what it is, for the head of a run."""

_ALL: tuple[str, ...] = ()
IN_FIREFOX: dict[str, tuple[str, ...]] = {
    "tests/browser/observer/test_background_page.py": _ALL,
    "tests/browser/observer/test_console.py": ("test_firefox_stops_no_script_of_the_bridge_in_a_tab_that_closes",),
    "tests/browser/observer/test_lifetime.py": ("test_an_idle_event_page_is_suspended[bare]",),
    "tests/browser/observer/test_links.py": (
        "test_links_lead_as_far[bare]",
        "test_links_lead_as_far[bridged]",
        "test_a_content_script_behind_a_link_that_leads_out",
    ),
    "tests/browser/observer/test_loading.py": _ALL,
    "tests/browser/observer/test_manifest.py": (
        "test_the_manifest_is_the_authors[translated]",
        "test_the_manifest_is_the_authors[hosts]",
        "test_the_manifest_is_the_authors[shut]",
        "test_the_manifest_is_the_authors[entries-replaced]",
        "test_the_manifest_is_the_authors[scripts]",
        "test_the_manifest_is_the_authors[without an id]",
    ),
    "tests/browser/observer/test_observer.py": (
        "test_nothing_differs_but_what_is_explained[MV3-recording]",
        "test_what_is_explained_still_differs[MV3-recording]",
        "test_nothing_differs_but_what_is_explained[MV3-routes]",
        "test_what_is_explained_still_differs[MV3-routes]",
    ),
    "tests/browser/observer/test_page_shapes.py": _ALL,
    "tests/browser/test_archives.py": (
        "test_zip_keeps_its_key",
        "test_reload_shows_changed_files",
        "test_crx_keeps_its_id",
        "test_xpi_without_id",
    ),
    "tests/browser/test_beginning.py": (
        "test_an_extension_that_has_no_storage",
        "test_managed_storage",
        "test_session_storage",
    ),
    "tests/browser/test_bursts.py": _ALL,
    "tests/browser/test_cli.py": (
        "test_terminal_is_closed",
        "test_watch",
        "test_shell",
        "test_run_until_control_c",
        "test_routes_of_a_file",
        "test_no_screen",
        "test_control_c_before_the_start",
    ),
    "tests/browser/test_contexts.py": (
        "test_waits_for_a_context",
        "test_side_panel",
        "test_popup",
        "test_developer_tools",
    ),
    "tests/browser/test_direct.py": (
        "test_a_connection_comes_after_the_context_that_opened_it",
        "test_with_the_default_policy",
        "test_without_a_network",
        "test_manifest_v2",
        "test_extensions_that_could_tell_or_may_not",
        "test_a_page_with_a_policy_of_its_own",
        "test_what_a_page_posts_as_it_goes",
    ),
    "tests/browser/test_discarding.py": _ALL,
    "tests/browser/test_evaluate.py": (
        "test_values_both_ways",
        "test_what_is_rejected",
        "test_it_waits_for_a_function",
        "test_it_ends_in_time",
        "test_pages_with_the_same_address",
        "test_a_context_that_ends_meanwhile",
        "test_where_none_of_the_scripts_are",
    ),
    "tests/browser/test_frame_kinds.py": (
        "test_many_frames_at_once",
        "test_a_frame_that_its_page_writes",
        "test_a_page_that_replaces_its_document",
        "test_a_page_closed_while_it_is_waited_for",
        "test_navigations_while_it_is_waited_for",
        "test_srcdoc_in_a_page_that_no_pattern_covers",
        "test_a_frame_of_each_kind[lazy, in view]",
        "test_a_frame_of_each_kind[blank, sandboxed with its origin]",
        "test_a_frame_of_each_kind[blank, sandboxed]",
        "test_a_frame_of_each_kind[srcdoc, sandboxed with its origin]",
        "test_a_frame_of_each_kind[removed and added again]",
        "test_a_frame_of_each_kind[an image]",
        "test_a_frame_of_each_kind[object]",
        "test_a_frame_of_each_kind[embed]",
        "test_a_frame_of_each_kind[in a closed shadow root]",
        "test_a_window_that_its_opener_writes",
        "test_a_lazy_frame_is_waited_for",
        "test_a_frame_removed_while_it_is_waited_for",
    ),
    "tests/browser/test_frames.py": (
        "test_waits_end_with_the_frame",
        "test_a_page_that_replaces_what_a_search_uses_learns_nothing",
        "test_no_such_frame",
        "test_frame_gone_before_anybody_asked",
    ),
    "tests/browser/test_frozen.py": _ALL,
    "tests/browser/test_granting.py": ("test_granted_permissions_come_and_go",),
    "tests/browser/test_idle.py": (
        "test_an_idle_background_stops_again_and_again",
        "test_a_port_says_that_the_background_stopped",
    ),
    "tests/browser/test_injected.py": (
        "test_each_frame_that_a_script_is_injected_into_is_a_context",
        "test_where_activeTab_was_not_used_the_timeout_says_how",
        "test_a_page_that_navigates_needs_the_script_again",
        "test_an_optional_host_that_was_granted_lets_scripts_in",
        "test_a_script_that_is_injected_again_after_a_reload_is_a_context",
        "test_an_extension_without_any_address_is_told_so",
        "test_a_page_that_has_changed_its_address_keeps_its_script",
        "test_scripts_that_manifest_v2_injects_are_contexts",
    ),
    "tests/browser/test_inspector.py": _ALL,
    "tests/browser/test_inspector_flood.py": _ALL,
    "tests/browser/test_inspector_holds.py": _ALL,
    "tests/browser/test_inspector_sync.py": _ALL,
    "tests/browser/test_install.py": ("test_what_the_browser_rejects_stays_out",),
    "tests/browser/test_launch.py": (
        "test_options_of_playwright_pass_through",
        "test_exception_in_the_block",
        "test_listener_errors_surface_at_close",
        "test_cancelled_launch",
        "test_channel_is_reachable_beside_a_proxy",
        "test_what_the_browser_loads_with_a_warning_is_launched",
        "test_firefox_loads_an_extension_whose_background_page_is_missing",
        "test_killed_process",
        "test_control_c_during_the_launch",
    ),
    "tests/browser/test_life.py": (
        "test_upgraded_on_the_record",
        "test_in_another_order",
        "test_without_a_background",
        "test_what_waits_for_the_background_ends",
        "test_what_needs_a_disabled_extension_ends_at_once",
        "test_upgraded_from_an_archive_to_a_folder",
    ),
    "tests/browser/test_lifecycle.py": (
        "test_browser_that_dies_ends_every_wait",
        "test_reload_takes_the_changed_files",
        "test_listener_survives_restarts",
        "test_without_pythons_listener_nobody_receives",
        "test_back_forward_cache",
        "test_content_of_a_page_without_content_scripts",
        "test_clicking_what_is_not_there",
        "test_closing_the_page_ends_its_ports",
    ),
    "tests/browser/test_matching.py": _ALL,
    "tests/browser/test_message_routes.py": (
        "test_from_outside_and_from_python",
        "test_beside_a_listener_of_pythons",
        "test_a_background_that_stops_before_it_answers",
        "test_taken_back_it_lets_everything_go",
        "test_a_handler_that_raises",
        "test_the_record_says_what_was_done",
        "test_sync",
    ),
    "tests/browser/test_messages.py": (
        "test_what_python_does_not_answer_the_script_does",
        "test_a_request_is_waited_for_and_answered",
        "test_in_a_content_script",
        "test_the_genuine_background_answers",
        "test_the_background_is_woken",
        "test_a_silent_listener_is_as_if_not_there",
        "test_the_record_has_them",
        "test_requests_end_with_their_context",
        "test_nobody_is_there",
        "test_a_context_that_is_gone",
    ),
    "tests/browser/test_native.py": (
        "test_background_that_reconnects",
        "test_without_the_permission",
        "test_fifty_at_once",
        "test_connections_one_after_another_leave_no_process",
        "test_large_messages_from_the_extension",
        "test_close_leaves_no_process_and_no_file",
    ),
    "tests/browser/test_notifications.py": (
        "test_of_several_notifications_the_wanted_one_is_clicked",
        "test_a_notification_that_there_is_not",
    ),
    "tests/browser/test_omnibox.py": (
        "test_a_suggestion_may_come_late_or_not",
        "test_what_is_typed_is_entered[cats]",
    ),
    "tests/browser/test_opening.py": (
        "test_side_panels_of_two_windows",
        "test_a_window_without_side_panels",
        "test_devtools_whose_page_closes",
        "test_popup_that_the_extension_sets_and_takes_away",
        "test_a_stopped_background_stays_stopped",
        "test_options[tab]",
    ),
    "tests/browser/test_other_extension.py": _ALL,
    "tests/browser/test_payloads.py": (
        "test_large_messages",
        "test_order_of_a_thousand",
        "test_what_cannot_be_sent_is_named_before_anything_is_sent",
        "test_deep_nesting",
    ),
    "tests/browser/test_permission_requests.py": (
        "test_chromium_is_launched_to_ask_or_not",
        "test_a_reset_removes_listeners_and_ends_requests",
        "test_several_requests_at_once",
        "test_a_listener_that_raises",
        "test_a_request_waits_for_its_answer",
        "test_a_listener_answers",
    ),
    "tests/browser/test_private.py": (
        "test_other_extensions_may_run_there_too",
        "test_the_page_of_a_private_window",
    ),
    "tests/browser/test_raising.py": (
        "test_a_command_wakes_the_background",
        "test_a_command_that_there_is_not",
    ),
    "tests/browser/test_readme.py": (
        "test_async_example",
        "test_examples_of_the_documents",
        "test_demo",
        "test_first_test",
    ),
    "tests/browser/test_reset.py": _ALL,
    "tests/browser/test_routes.py": (
        "test_python_plays_the_receiver",
        "test_what_no_handler_takes_passes",
        "test_which_route_has_a_port",
        "test_a_handler_that_raises",
        "test_a_coroutine_function_gets_one_message_after_another",
        "test_the_ends_are_closed",
        "test_taken_back_it_lets_everything_go",
        "test_it_outlives_a_reload",
        "test_the_record_says_what_was_done",
        "test_beside_the_record_of_all_scripts",
        "test_what_is_no_route",
        "test_sync",
    ),
    "tests/browser/test_routes_outside.py": (
        "test_messages_are_changed_and_lost",
        "test_which_port_it_is",
        "test_until_it_is_connected_it_hears_nothing_and_is_not_heard",
        "test_refused_and_closed",
        "test_the_ends_are_closed_one_by_one",
        "test_taken_back_it_lets_everything_go",
        "test_a_background_connects_as_it_starts",
        "test_beside_the_record_of_all_scripts",
        "test_a_content_script_connects_to_another_extension",
        "test_nobody_is_there",
        "test_what_cannot_be_posted",
    ),
    "tests/browser/test_sample_extension.py": _ALL,
    "tests/browser/test_scenario.py": _ALL,
    "tests/browser/test_schedule.py": ("test_a_random_schedule",),
    "tests/browser/test_shapes.py": (
        "test_several_modules_and_names_of_the_api",
        "test_nothing_but_pages_and_styles",
        "test_nothing_but_content_scripts",
        "test_content_script_entries",
        "test_policies_of_the_manifest",
        "test_manifest_v2[page]",
        "test_files_that_are_no_pages",
        "test_classic_scripts",
    ),
    "tests/browser/test_stock_firefox.py": (
        "test_an_option_that_firefox_lacks",
        "test_what_was_answered_is_known",
        "test_without_user_js_the_debugger_does_not_answer",
        "test_a_page_cannot_emulate_what_firefox_lacks",
        "test_firefox_does_not_outlive_a_filter_that_was_killed",
    ),
    "tests/browser/test_suspension.py": (
        "test_pythons_listener_hears_the_event_that_starts_it",
        "test_without_a_background",
        "test_an_event_that_it_lacks_costs_nothing_else",
        "test_what_starts_it[service worker or event page-tabs.onCreated-open_tab]",
        "test_what_starts_it[service worker or event page-action.onClicked-click]",
        "test_what_starts_it[service worker or event page-storage.onChanged-store]",
        "test_what_starts_it[service worker or event page-runtime.onConnectExternal-connect_from_outside]",
        "test_nobody_listens_after_it_started",
        "test_a_listener_that_was_removed_while_it_is_stopped",
        "test_a_context_is_waited_for_until_it_ends",
    ),
    "tests/browser/test_sync.py": _ALL,
    "tests/browser/test_traffic.py": (
        "test_secrets_are_left_out_everywhere",
        "test_what_observers_raise_disturbs_no_conversation",
        "test_a_wait_for_what_does_not_come",
        "test_a_wait_ends_with_the_browser",
        "test_python_and_scripts_on_the_same_ports",
        "test_a_wait_that_began_too_late_says_so_of_a_scripts_connection",
        "test_only_pythons_own_ports",
    ),
    "tests/browser/test_unloaded.py": (
        "test_the_user_disables_and_enables_it",
        "test_reset_installs_it_again",
    ),
    "tests/browser/test_unread.py": _ALL,
    "tests/browser/test_user_scripts.py": (
        "test_a_content_script_beside_a_user_script_is_the_context",
        "test_content_scripts_hear_no_user_scripts",
        "test_the_record_shows_what_user_scripts_and_the_background_say",
        "test_python_stands_between_user_scripts_and_the_background",
    ),
    "tests/browser/test_values.py": (
        "test_large_binary_values",
        "test_cloned_values",
    ),
    "tests/browser/test_wakes.py": (
        "test_what_wakes_a_background_that_python_plays_is_kept",
        "test_a_background_that_a_reload_brings_knows_what_python_listens_to",
        "test_what_python_plays_it_hears_from_the_first_wake_on",
        "test_what_comes_too_early_is_lost",
        "test_what_python_no_longer_listens_to_is_lost_again",
    ),
    "tests/browser/test_walls.py": _ALL,
}
"""By file: the tests that run in Firefox only with ``--all``; all of them, if none is named.

A name may have the test's parameters, without the browser, in brackets.
"""

IN_BOTH: dict[str, tuple[str, ...]] = {
    "tests/browser/test_archives.py": (
        "test_zip_with_one_folder_and_no_id",
        "test_companions_talk_with_it",
    ),
    "tests/browser/test_cli.py": (
        "test_watch_goes_on_after_a_broken_worker",
        "test_terminal_is_closed[run]",
        "test_run_until_the_window_closes",
        "test_doctor_of_a_browser_that_works",
        "test_shell_in_ipython",
        "test_shell_ends_with_exit_and_tells_of_listeners",
        "test_page_that_does_not_open",
        "test_nobody_reads_any_more",
    ),
    "tests/browser/test_frames.py": ("test_thirty_frames_at_once",),
    "tests/browser/test_granting.py": ("test_what_is_not_optional_is_refused",),
    "tests/browser/test_idle.py": ("test_sync_listeners_stay_too",),
    "tests/browser/test_inspector.py": (
        "test_the_page_in_firefox",
        "test_errors_are_shown_where_they_are",
        "test_a_launch_that_records_nothing_says_so",
        "test_requests_leave_the_list",
        "test_to_a_tab_and_to_a_native_application",
        "test_a_test_that_waits_is_resumed",
        "test_the_users_browser_is_led_to_the_page",
        "test_every_control_is_reached_with_tab",
        "test_a_long_list_of_ports_says_how_many_it_lacks",
        "test_the_extensions_own_ports_are_listed",
        "test_the_extension_is_reloaded",
        "test_the_toolbar_button",
        "test_the_end_of_the_bridge_is_said",
        "test_what_else_there_is_to_do",
    ),
    "tests/browser/test_inspector_holds.py": (
        "test_a_port_ends_behind_what_waits",
        "test_what_waits_is_gone_with_the_receiver",
        "test_a_reset_holds_nothing",
        "test_what_was_open_before_is_not_held_and_said_so",
    ),
    "tests/browser/test_inspector_sync.py": ("test_messages_are_held_in_the_sync_flavour",),
    "tests/browser/test_launch.py": (
        "test_control_c[sync]",
        "test_control_c_during_the_launch[sync]",
        "test_profile_can_be_used_again",
    ),
    "tests/browser/test_life.py": (
        "test_the_guides_upgrade",
        "test_another_id_cannot_take_the_place",
    ),
    "tests/browser/test_message_routes.py": ("test_a_launch_without_routes",),
    "tests/browser/test_native.py": (
        "test_large_messages_from_the_extension[63]",
        "test_somebody_elses_host",
        "test_ping_pong_of_the_sample",
    ),
    "tests/browser/test_omnibox.py": (
        "test_each_window_has_its_own",
        "test_what_is_typed_is_entered[a b]",
        "test_the_disposition_is_the_users[newForegroundTab]",
    ),
    "tests/browser/test_opening.py": (
        "test_the_guides_example",
        "test_side_panel_of_a_tab",
    ),
    "tests/browser/test_payloads.py": (
        "test_large_messages[astral]",
        "test_large_messages[escaped]",
    ),
    "tests/browser/test_raising.py": (
        "test_an_item_of_another_menu[tab-menupanel]",
        "test_an_item_of_another_menu[action-navbar]",
        "test_buttons_that_nothing_tells_apart",
        "test_a_window_without_tabs_and_buttons",
        "test_the_menu_of_a_button_with_a_title_of_its_own",
        "test_an_item_of_another_menu[action-menupanel]",
        "test_the_menu_of_each_tab",
        "test_a_click_that_nobody_awaits_any_more_is_none",
    ),
    "tests/browser/test_readme.py": ("test_examples_with_extensions_of_their_own",),
    "tests/browser/test_report.py": ("test_a_filter_acts_on_both_views",),
    "tests/browser/test_report_limits.py": ("test_firefox_shows_it_too",),
    "tests/browser/test_reset.py": (
        "test_sync",
        "test_ports_to_other_extensions_are_closed",
        "test_a_listeners_error_is_raised_after_the_reset",
        "test_what_was_kept_is_forgotten",
        "test_chromium_runs_none_of_the_desktops_tools",
    ),
    "tests/browser/test_routes.py": ("test_a_launch_without_routes",),
    "tests/browser/test_routes_outside.py": (
        "test_sync",
        "test_faults",
    ),
    "tests/browser/test_scenario.py": ("test_a_page_is_there_with_its_scripts[at once]",),
    "tests/browser/test_sync.py": ("test_content_script_is_greeted_and_heard",),
    "tests/browser/test_traffic.py": (
        "test_what_observers_raise_disturbs_no_conversation[python]",
        "test_off",
        "test_a_real_native_application",
        "test_the_samples_own_conversation",
    ),
    "tests/plugin/test_async.py": ("test_errors",),
    "tests/plugin/test_errors.py": (
        "test_webkit",
        "test_browser_that_is_not_installed",
    ),
    "tests/plugin/test_faults.py": (
        "test_a_broken_channel",
        "test_a_test_case_of_unittest",
    ),
    "tests/plugin/test_naming.py": (
        "test_the_configuration_counts_from_its_file_and_the_command_line_from_here",
        "test_marks",
    ),
    "tests/plugin/test_options.py": (
        "test_pages_belong_to_the_bridge_where_there_is_one",
        "test_options_of_pages",
        "test_headed_and_slow",
        "test_an_unrelated_suite_is_as_before",
    ),
    "tests/plugin/test_recording.py": ("test_of_the_extensions_own_scripts",),
    "tests/plugin/test_scopes.py": _ALL,
}
"""Likewise, in both browsers, and what runs in neither."""


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
    left_out = set(out)
    items[:] = [item for item in items if item not in left_out]


def _is_left_out(item: pytest.Item) -> bool:
    marks = list(item.iter_markers("slow"))
    for mark in marks:
        if mark.args[0] not in LEFT_OUT:
            raise pytest.UsageError(f"{item.nodeid}: LEFT_OUT in {__name__} does not say what {mark.args[0]!r} is")
    return bool(marks) or _is_in(IN_BOTH, item) or (world_of(item) == "firefox" and _is_in(IN_FIREFOX, item))


def _is_in(table: dict[str, tuple[str, ...]], item: pytest.Item) -> bool:
    names = table.get(path_of(item))
    return names is not None and (not names or not _names(item).isdisjoint(names))


def _names(item: pytest.Item) -> set[str]:
    return {getattr(item, "originalname", ""), re.sub(r"\[(?:chromium|firefox)-", "[", item.name)}
