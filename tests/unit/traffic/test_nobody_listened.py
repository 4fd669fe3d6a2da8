"""What nobody was there to hear."""

from typing import Any

from unit.traffic.desk import ME, OTHER, Desk

from bridge.traffic.matching import Target


def _long_ago(desk: Desk, **of: Any) -> float | None:
    """How long after the launch the last came, in whole seconds."""
    began = desk.recorder._shared.began
    after, before = began + of.pop("after", 0), began + of.pop("before", 9)
    found = desk.recorder.last_for(
        of.pop("place", desk.background), of.pop("event", "runtime.onConnect"), after, before, **of
    )
    return None if found is None else round(found - began)


def _open_at(desk: Desk, place: Any, time: float, name: str = "p", **target: Any) -> None:
    desk.recorder.ports.opened(place, "script", "f", name, Target(**target), desk.recorder._shared.began + time)


def test_the_last_connection_before_a_moment(desk: Desk) -> None:
    there = desk.content()
    for moment, name in ((1, "p"), (2, "p"), (3, "q"), (8, "p")):
        _open_at(desk, there, moment, name)
    assert _long_ago(desk) == 8
    assert _long_ago(desk, before=5) == 3
    assert _long_ago(desk, before=5, name="p") == 2
    assert _long_ago(desk, before=5, name="p", after=2.5) is None


def test_only_a_connection_that_leads_there_counts(desk: Desk) -> None:
    there, elsewhere = desk.content(3), desk.content(4)
    _open_at(desk, desk.background, 1)  # from there itself
    _open_at(desk, there, 2, extension=OTHER)
    _open_at(desk, there, 3, application="app")
    _open_at(desk, desk.external, 4, extension=ME)
    assert _long_ago(desk) is None
    assert _long_ago(desk, event="runtime.onConnectExternal") == 4
    _open_at(desk, desk.background, 5, tab=3)
    assert (_long_ago(desk, place=there), _long_ago(desk, place=elsewhere)) == (5, None)


def test_what_user_scripts_say_counts_only_for_their_events(desk: Desk) -> None:
    began, event = desk.recorder._shared.began, "runtime.onUserScriptConnect"
    desk.recorder.ports.accepted(desk.background, "script", event, "p", {"id": ME, "url": "http://a/"}, began + 2)
    assert _long_ago(desk, event=event) == 2
    assert _long_ago(desk) is None
    assert _long_ago(desk, event="runtime.onConnectExternal") is None
    assert _long_ago(desk, event="runtime.onUserScriptMessage") is None


def test_the_last_one_time_message_before_a_moment(desk: Desk) -> None:
    desk.recorder.requests.asked(
        desk.content(), "script", "runtime.sendMessage", Target(), "1", desk.recorder._shared.began + 2
    )
    assert _long_ago(desk, event="runtime.onMessage") == 2
    assert _long_ago(desk, event="runtime.onMessageExternal") is None
    assert _long_ago(desk) is None
