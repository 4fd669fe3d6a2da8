"""The recorder: which ends belong together, and each message once."""

from typing import Any

import pytest
from unit.traffic.desk import BACKGROUND, ME, OTHER, RELAY, Desk, content

from bridge.protocol.frames import (
    ScriptTarget,
    Watched,
    WatchedAccept,
    WatchedAnswer,
    WatchedClose,
    WatchedHearing,
    WatchedOpen,
    WatchedPost,
    WatchedRequest,
)
from bridge.traffic.matching import Target
from bridge.traffic.recorder import Mode
from bridge.traffic.records import Omitted, PlaceBegan, PlaceEnded, PortOpened, RequestSent, decode_line, encode_line
from bridge.traffic.watched import Scripts


def test_the_two_ends_of_a_port_are_found(desk: Desk) -> None:
    opener = desk.open(desk.content())
    receiver = desk.accept(content())
    opener.posted('"to"')
    receiver.posted('"fro"')
    opener.arrived('"fro"')
    receiver.arrived('"to"')
    opener.closed("script", "disconnect()")
    receiver.closed("browser", "the other end disconnected or is gone")
    (port,) = desk.history.ports.values()
    assert (port.name, port.opener.kind, [place.kind for place, _ in port.receivers]) == (
        "p",
        "content",
        ["background"],
    )
    assert desk.told() == [("to", "content", ["background"]), ("fro", "background", ["content"])]
    assert (port.closed_by, port.reason) == ("script", "disconnect()")


def test_ports_of_one_name_are_told_apart_by_their_order_and_place(desk: Desk) -> None:
    first, second = desk.content(3), desk.content(4)
    for place in (first, second, first):
        desk.open(place)
    for sender in (content(4), content(3), content(3)):
        desk.accept(sender)
    receivers = [[place.kind for place, _ in port.receivers] for port in desk.history.ports.values()]
    assert receivers == [["background"]] * 3
    assert [port.opener.tab for port in desk.history.ports.values()] == [3, 4, 3]


def test_a_port_with_several_receivers(desk: Desk) -> None:
    page = desk.recorder.began("page", "chrome-extension://me/p.html", {"id": ME, "documentId": "page"})
    opener = desk.open(desk.content())
    ends = [desk.accept(content()), desk.accept(content(), place=page), desk.accept(content(), by="python")]
    opener.posted("1")
    for end in ends:
        end.posted("2")
    assert desk.told() == [
        (1, "content", ["background", "page"]),
        (2, "background", ["content"]),
        (2, "page", ["content"]),
        (2, "python in background", ["content"]),
    ]


def test_tabs_connect_leads_to_that_tab_and_frame(desk: Desk) -> None:
    places = [desk.content(3, 0), desk.content(3, 7), desk.content(4, 0)]
    for target in ({"tab": 4}, {"tab": 3, "frame": 7}, {"tab": 3}):
        desk.open(desk.background, **target)
    for place in places:
        desk.accept(BACKGROUND, place=place)
        desk.accept(BACKGROUND, place=place)
    led = [[(place.tab, place.frame) for place, _ in port.receivers] for port in desk.history.ports.values()]
    assert led[:3] == [[(4, 0)], [(3, 7)], [(3, 0), (3, 7)]]


def test_what_nobody_accepted_takes_no_part(desk: Desk) -> None:
    place = desk.content()
    refused = desk.open(place)
    refused.closed("browser", "Receiving end does not exist", "Receiving end does not exist")
    desk.open(place)
    desk.accept(content())
    first, second = desk.history.ports.values()
    assert (first.receivers, first.error) == ([], "Receiving end does not exist")
    assert [place.kind for place, _ in second.receivers] == ["background"]


def test_a_port_closed_by_its_opener_may_yet_be_accepted(desk: Desk) -> None:
    place = desk.content()
    opener = desk.open(place)
    opener.posted('"hello"')
    opener.closed("script", "disconnect()")
    desk.accept(content())
    (port,) = desk.history.ports.values()
    assert [place.kind for place, _ in port.receivers] == ["background"]
    assert desk.told() == [("hello", "content", ["background"])]


def test_an_accepted_end_waits_for_the_report_that_it_was_opened(desk: Desk) -> None:
    place = desk.content()
    receiver = desk.accept(content())
    receiver.posted('"early"')
    assert not desk.history.ports
    desk.open(place)
    assert desk.told() == [("early", "background", ["content"])]
    (give_up,) = desk.timers
    give_up()
    assert len(desk.history.ports) == 1


def test_if_none_comes_the_port_is_recorded_all_the_same(desk: Desk) -> None:
    desk.content()
    desk.accept(content()).posted('"kept"')
    (give_up,) = desk.timers
    give_up()
    assert desk.told() == [("kept", "background", ["content"])]


def two_ends(desk: Desk) -> tuple[Any, Any]:
    return desk.open(desk.content()), desk.accept(content())


def test_an_answer_is_recorded_after_what_it_answers(desk: Desk) -> None:
    opener, receiver = two_ends(desk)
    receiver.posted('"first"')
    receiver.posted('"answer"', after=2)
    receiver.closed("script", "disconnect()", after=2)
    opener.posted('"question"')
    assert [message for message, *_ in desk.told()] == ["first", "question"]
    opener.posted('"one more"', after=1)
    opener.posted('"late"')
    assert [message for message, *_ in desk.told()] == ["first", "question", "one more", "answer", "late"]
    (port,) = desk.history.ports.values()
    assert (port.closed_by, port.receivers) == ("script", [(port.receivers[0][0], "script")])


def test_an_opener_answers_after_what_any_of_the_receivers_posted(desk: Desk) -> None:
    opener, receiver = two_ends(desk)
    page = desk.recorder.began("page", "chrome-extension://me/p.html", {"id": ME, "documentId": "page"})
    other = desk.accept(content(), place=page)
    opener.posted('"to both"', after=2)
    receiver.posted("1")
    assert desk.told() == [(1, "background", ["content"])]
    other.posted("2")
    assert [message for message, *_ in desk.told()] == [1, 2, "to both"]


@pytest.mark.parametrize("end", ["time", "close"])
def test_what_waits_for_a_message_that_nobody_reports_is_recorded_all_the_same(desk: Desk, end: str) -> None:
    opener, receiver = two_ends(desk)
    receiver.posted('"answer"', after=1)
    assert not desk.told()
    if end == "close":
        desk.recorder.flush()
    else:
        (give_up,) = desk.timers
        give_up()
    receiver.posted('"another"', after=5)  # nobody waits a second time
    opener.posted('"late"')
    assert [message for message, *_ in desk.told()] == ["answer", "another", "late"]


def test_the_wait_for_one_message_does_not_cut_that_for_the_next_short(desk: Desk) -> None:
    opener, receiver = two_ends(desk)
    receiver.posted('"answer 1"', after=1)
    receiver.posted('"answer 2"', after=2)
    opener.posted('"question 1"')
    first, second = desk.timers
    first()
    assert [message for message, *_ in desk.told()] == ["question 1", "answer 1"]
    second()
    assert [message for message, *_ in desk.told()] == ["question 1", "answer 1", "answer 2"]


@pytest.mark.parametrize("mode", ["all", "python"])
def test_a_message_that_arrives_at_several_ends_is_one(mode: Mode) -> None:
    desk = Desk(mode)
    recorder, page = desk.recorder, desk.recorder.began("page", "chrome-extension://me/p.html", {"id": ME})
    places = (desk.background, desk.background, page)
    ends = [
        recorder.ports.accepted(place, by, "runtime.onConnectExternal", "p", {"id": OTHER})
        for place, by in zip(places, ("python", "script", "python"), strict=True)
        if by == "python" or mode == "all"
    ]
    for text in ("1", "2", "2"):
        for end in ends:
            end.arrived(text)
    assert [message for message, *_ in desk.told()] == [1, 2, 2]


def test_a_message_of_pythons_that_arrives_at_several_ends_of_pythons_is_one() -> None:
    desk = Desk("python")
    page = desk.recorder.began(
        "page", "chrome-extension://me/p.html", {"id": ME, "url": "chrome-extension://me/p.html"}
    )
    opener = desk.open(page, by="python")
    ends = [
        desk.accept({"id": ME, "url": "chrome-extension://me/p.html"}, place=place, by="python")
        for place in (desk.background, desk.recorder.began("page", "chrome-extension://me/q.html", {"id": ME}))
    ]
    for text in ("1", "1", "2"):
        opener.posted(text)
    for end in ends:
        for text in ("1", "1", "2"):
            end.arrived(text)
    ends[0].posted('"back"')
    opener.arrived('"back"')
    opener.arrived('"of a script"')
    assert [message for message, *_ in desk.told()] == [1, 1, 2, "back", "of a script"]


def test_what_python_has_got_is_recorded_though_its_report_is_on_the_way(desk: Desk) -> None:
    opener = desk.open(desk.content(), by="python")
    receiver = desk.accept(content())
    opener.posted('"question"')
    opener.arrived('"answer"')
    told = [("question", "python in content", ["background"]), ("answer", "background", ["content"])]
    assert desk.told() == told
    receiver.posted('"answer"', after=1)
    assert desk.told() == told
    receiver.posted('"reported first"')
    opener.arrived('"reported first"')
    opener.arrived(long := f'"{"x" * 200_000}"')
    receiver.posted(long[:100_000], length=len(long))
    opener.arrived('"as it arrives"')
    receiver.posted('"as it was posted"')
    assert [message.length or message.payload for message in desk.history.messages[2:]] == [
        "reported first",
        200_002,
        "as it arrives",
    ]


def test_if_several_may_have_posted_what_python_got_their_report_is_waited_for(desk: Desk) -> None:
    page = desk.recorder.began("page", "chrome-extension://me/p.html", {"id": ME})
    opener = desk.open(desk.content(), by="python")
    background, other = desk.accept(content()), desk.accept(content(), place=page)
    opener.arrived("1")
    assert not desk.told()
    other.posted("1")
    background.posted("2")
    opener.arrived("2")
    assert [(message, sender) for message, sender, _ in desk.told()] == [(1, "page"), (2, "background")]


def test_what_comes_from_outside_is_recorded_where_it_arrives(desk: Desk) -> None:
    native = desk.open(desk.background, application="app")
    native.posted('"ping"')
    native.arrived('"pong"')
    out = desk.open(desk.background, extension=OTHER)
    out.posted("1")
    out.arrived("2")
    into = desk.recorder.ports.accepted(desk.background, "script", "runtime.onConnectExternal", "p", {"id": OTHER})
    into.arrived("3")
    into.posted("4")
    web = {"url": "http://a/", "tab": {"id": 9}, "frameId": 0}
    desk.recorder.ports.accepted(desk.background, "script", "runtime.onConnectExternal", "p", web).arrived("5")
    assert desk.told() == [
        ("ping", "background", ["native"]),
        ("pong", "native", ["background"]),
        (1, "background", ["extension"]),
        (2, "extension", ["background"]),
        (3, "extension", ["background"]),
        (4, "background", ["extension"]),
        (5, "web", ["background"]),
    ]


@pytest.mark.parametrize("mode", ["python", "all"])
def test_the_world_of_user_scripts_is_a_place_beside_the_content_script(mode: Any) -> None:
    desk = Desk(mode)
    beside, by = desk.content(), "python" if mode == "python" else "script"
    event = "runtime.onUserScriptConnect"
    port = desk.recorder.ports.accepted(desk.background, by, event, "p", content(userScriptWorldId="w"))
    port.arrived("1")
    port.posted("2")
    desk.recorder.requests.heard(desk.background, "runtime.onUserScriptMessage", content(), '"q"')
    elsewhere = desk.recorder.ports.accepted(desk.background, by, event, "p", content(4))
    elsewhere.arrived("3")
    desk.open(beside).posted("4")
    desk.accept(content())  # the place that was seen last is not the one that opened it
    posted = "python in background" if mode == "python" else "background"
    assert desk.told() == [
        (1, "user script", ["background"]),
        (2, posted, ["user script"]),
        ("q", "user script", ["background"]),
        (3, "user script", ["background"]),
        (4, "content", ["background"]),
    ]
    labels = [place.label for place in desk.history.places.values() if place.kind == "user script"]
    assert labels == ["user script, tab 3", "user script, tab 4"]
    assert [request.function for request in desk.records if isinstance(request, RequestSent)] == ["runtime.sendMessage"]
    assert [request.target for request in desk.records if isinstance(request, RequestSent)] == [""]


def test_a_web_page_and_the_content_script_in_it_are_two_places(desk: Desk) -> None:
    beside = desk.content()
    web = {key: value for key, value in content().items() if key != "id"}
    for _ in range(2):
        desk.recorder.ports.accepted(desk.background, "script", "runtime.onConnectExternal", "p", web).arrived("1")
        desk.open(beside, "q").posted("2")
        desk.accept(content(), "q")
    assert desk.told() == 2 * [(1, "web", ["background"]), (2, "content", ["background"])]


def test_python_outside_records_its_own(desk: Desk) -> None:
    script = desk.open(desk.background, application="app")
    python = desk.recorder.ports.accepted(desk.recorder.application("app"), "python", "onConnect", "app", {"id": ME})
    script.posted('"ping"')
    python.arrived('"ping"')
    python.posted('"pong"')
    script.arrived('"pong"')
    opened = desk.open(desk.external, "x", "python", extension=ME)
    accepted = desk.recorder.ports.accepted(desk.background, "script", "runtime.onConnectExternal", "x", {"id": RELAY})
    opened.posted("1")
    accepted.arrived("1")
    accepted.posted("2")
    opened.arrived("2")
    assert desk.told() == [
        ("ping", "background", ["native"]),
        ("pong", "python in native", ["background"]),
        (1, "python in extension", ["background"]),
        (2, "background", ["extension"]),
    ]


def test_python_only_records_what_arrives_at_python(desk: Desk) -> None:
    desk = Desk("python")
    place = desk.content()
    opened = desk.open(place, by="python")
    opened.arrived('"from a script"')
    opened.posted('"once"')
    accepted = desk.accept(content(), by="python")
    accepted.arrived('"once"')
    accepted.posted('"back"')
    opened.arrived('"back"')
    opened.arrived('"back"')  # the genuine script said the same
    assert desk.told() == [
        ("from a script", "background", ["content"]),
        ("once", "python in content", ["background"]),
        ("back", "python in background", ["content"]),
        ("back", "background", ["content"]),
    ]


def test_off_records_nothing() -> None:
    desk = Desk("off")
    end = desk.open(desk.content(), by="python")
    end.posted("1")
    end.closed("python", "disconnect()")
    desk.accept(content(), by="python").arrived("1")
    assert desk.records == []


def test_that_somebody_closed_it_says_more_than_that_it_closed(desk: Desk) -> None:
    opener = desk.open(desk.content())
    receiver = desk.accept(content())
    receiver.closed("browser", "gone")
    opener.closed("script", "disconnect()")
    opener.closed("browser", "late")
    (port,) = desk.history.ports.values()
    assert (port.closed_by, port.reason) == ("script", "disconnect()")


def test_a_background_that_starts_again_is_the_same_place(desk: Desk) -> None:
    desk.recorder.ended(desk.background, "stopped")
    assert desk.history.places[desk.background.id].ended is not None
    again = desk.recorder.began("background", "chrome-extension://me/b.js", BACKGROUND)
    assert again is desk.background
    assert desk.history.places[desk.background.id].ended is None
    assert [type(record) for record in desk.records[-2:]] == [PlaceEnded, PlaceBegan]


def test_one_time_messages(desk: Desk) -> None:
    place = desk.content()
    recorder = desk.recorder
    first = recorder.requests.asked(place, "script", "runtime.sendMessage", Target(), '"q"')
    second = recorder.requests.asked(place, "script", "runtime.sendMessage", Target(), '"other"')
    recorder.requests.heard(desk.background, "runtime.onMessage", content(), '"other"')
    recorder.requests.heard(desk.background, "runtime.onMessage", content(), '"unknown"')
    recorder.requests.answered(second, "7", None)
    recorder.requests.answered(first, None, "nobody")
    assert desk.told() == [
        ("q", "content", []),
        ("other", "content", ["background"]),
        (7, "background", ["content"]),
        (None, "unknown", ["content"]),
    ]
    *_, failed = desk.history.messages
    assert (failed.kind, failed.error, failed.request and failed.request.payload) == ("answer", "nobody", "q")


def test_a_one_time_message_heard_before_it_is_known_to_be_sent(desk: Desk) -> None:
    place = desk.content()
    desk.recorder.requests.heard(desk.background, "runtime.onMessage", content(), '"q"')
    desk.recorder.requests.heard(desk.background, "runtime.onMessage", content(), '"q"')
    for _ in range(3):
        desk.recorder.requests.asked(place, "script", "runtime.sendMessage", Target(), '"q"')
    assert [to for _, _, to in desk.told()] == [["background"], ["background"], []]


def test_an_answer_to_a_one_time_message_waits_for_the_report_that_it_was_heard(desk: Desk) -> None:
    place = desk.content()
    first, second = [
        desk.recorder.requests.asked(place, "script", "runtime.sendMessage", Target(), '"q"') for _ in range(2)
    ]
    desk.recorder.requests.answered(first, '"a"', None)
    desk.recorder.requests.answered(second, '"nobody heard it"', None)
    assert [message for message, *_ in desk.told()] == ["q", "q"]
    desk.recorder.requests.heard(desk.background, "runtime.onMessage", content(), '"q"')
    assert desk.told()[2:] == [("a", "background", ["content"])]
    for give_up in desk.timers:
        give_up()
    assert desk.told()[3:] == [("nobody heard it", "unknown", ["content"])]


def test_a_one_time_message_from_a_context_without_an_agent(desk: Desk) -> None:
    page = desk.recorder.began("page", "chrome-extension://me/p.html", {"id": ME, "documentId": "page"})
    known = desk.content(4)
    for sender in (content(3), content(4)):
        for place in (desk.background, page):
            desk.recorder.requests.heard(place, "runtime.onMessage", sender, '"q"')
    assert not desk.told()
    for give_up in desk.timers:
        give_up()
    assert desk.told() == [("q", "content", ["page", "background"])]  # the one in tab 4 has an agent, which will report
    desk.recorder.requests.asked(known, "script", "runtime.sendMessage", Target(), '"q"')
    assert desk.told()[1:] == [("q", "content", ["background", "page"])]


def test_a_one_time_message_from_outside(desk: Desk) -> None:
    desk.recorder.requests.heard(desk.background, "runtime.onMessageExternal", {"id": OTHER}, '"hi"')
    desk.recorder.requests.asked(desk.background, "script", "runtime.sendNativeMessage", Target(application="app"), "1")
    assert desk.told() == [("hi", "extension", ["background"]), (1, "background", ["native"])]


def test_very_many_ports_of_one_name(desk: Desk) -> None:
    place = desk.content()
    for number in range(2000):
        desk.open(place).posted(str(number))
        desk.accept(content()).posted(str(-number))
    history = desk.history
    assert all(len(port.receivers) == 1 and len(port.messages) == 2 for port in history.ports.values())


def test_names_that_utf_8_does_not_have(desk: Desk) -> None:
    desk.open(desk.content(), "\ud83c")
    opened = next(record for record in desk.records if isinstance(record, PortOpened))
    assert opened.name == "\\ud83c"


def test_what_is_left_out_is_said(desk: Desk) -> None:
    desk.recorder.omitted(3, "why")
    assert desk.history.omitted == [Omitted(time=desk.history.omitted[0].time, count=3, reason="why")]


ODD = [None, 5, -1.5, True, "x", "\ud800", [1], {"a": 1}, {"id": "x"}, {"id": {"\ud800": 1}}, {"id": [2**70]}]


@pytest.mark.parametrize("member", ["id", "url", "tab", "frameId", "documentId"])
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_whatever_a_script_wrote_into_a_sender_is_recorded(desk: Desk, member: str, value: Any) -> None:
    sender = {**content(), member: value}
    desk.recorder.began("content", "http://a/", sender)
    for event in ("runtime.onConnect", "runtime.onConnectExternal"):
        end = desk.recorder.ports.accepted(desk.background, "python", event, "p", sender)
        end.arrived("1")
        end.posted("2")
    for event in ("runtime.onMessage", "runtime.onMessageExternal"):
        desk.recorder.requests.heard(desk.background, event, sender, "3")
    desk.open(desk.background, tab=3)
    assert [decode_line(encode_line(record)) for record in desk.records] == desk.records


# --- what agents say ------------------------------------------------------------------------------------------------

SEEN: list[tuple[Watched, str | None]] = [
    (WatchedOpen(time=1, port=1, function="runtime.connect", name="p", target=ScriptTarget()), None),
    (WatchedAccept(time=2, port=2, event="runtime.onConnect", name="p", sender=BACKGROUND, since=1), None),
    (WatchedPost(time=3, port=1), '"a"'),
    (WatchedClose(time=4, port=1, byScript=True), None),
    (WatchedRequest(time=5, request=1, function="runtime.sendMessage", target=ScriptTarget()), '"b"'),
    (WatchedHearing(time=6, event="runtime.onMessage", sender=BACKGROUND), '"b"'),
    (WatchedAnswer(time=7, request=1), '"c"'),
]


def test_each_frame_of_a_watching_agent_leaves_a_record(desk: Desk) -> None:
    assert {type(frame) for frame, _ in SEEN} == set(Watched.__subclasses__())
    scripts = Scripts(desk.recorder, desk.background)
    for frame, text in SEEN:
        before = len(desk.records)
        scripts.take(frame, text)
        assert len(desk.records) > before, frame


def test_a_frame_that_nobody_records_is_no_silence(desk: Desk) -> None:
    with pytest.raises(TypeError, match="Nothing is recorded of a Watched"):
        Scripts(desk.recorder, desk.background).take(Watched(time=1), None)
