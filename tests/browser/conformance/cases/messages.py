"""One-time messages: who hears them, who answers, and what the asker gets."""

from ..case import Differs, case
from ..changes import Change, close_the_tab, navigate, reload_the_page, remove_the_frame
from ..place import BACKGROUND, CONTENT, FRAMES, NEIGHBOUR, NEIGHBOUR_CONTENT, NEIGHBOUR_PAGE, PAGE, PAGES, WEB, Place
from ..scene import Actor, Scene
from ..steps import Tab as Of
from ..steps import again, ask, asks, asks_with_callback, be_asked, has, named, note, remove, respond, respond_nothing
from ..values import NESTED, PLAIN, TEXTS

TWO_WAYS = {"content-to-background": (CONTENT, BACKGROUND), "background-to-content": (BACKGROUND, CONTENT)}
WAYS = TWO_WAYS | {
    "page-to-background": (PAGE, BACKGROUND),
    "other-extension-to-background": (NEIGHBOUR, BACKGROUND),
}
ALL_WAYS = WAYS | {
    "background-to-page": (BACKGROUND, PAGE),
    "content-to-page": (CONTENT, PAGE),
    "page-to-content": (PAGE, CONTENT),
    "page-to-page": (PAGE, PAGE.in_tab(7)),
    "background-to-other-extension": (BACKGROUND, NEIGHBOUR),
    "page-to-other-extension": (PAGE, NEIGHBOUR),
    "content-to-other-extension": (CONTENT, NEIGHBOUR),
    "content-to-page-of-other-extension": (CONTENT, NEIGHBOUR_PAGE),
    "content-of-other-extension-to-background": (NEIGHBOUR_CONTENT, BACKGROUND),
    "page-of-other-extension-to-background": (NEIGHBOUR_PAGE, BACKGROUND),
}
ASYNC_ANSWERS = (
    "Firefox takes the result of an async function for its answer, which here is undefined; in Python, what a "
    "coroutine function gives to sendResponse() is the answer, in both browsers"
)
SHAPES = {
    "in time": "calls sendResponse() at once",
    "in an async function": "is an async function that calls sendResponse() in the same tick",
    "later": "returns true, and calls sendResponse() later",
    "promises": "returns a promise",
    "silent": "does nothing",
    "throws": "throws",
    "rejects": "returns a promise that rejects",
}


# --- who hears, and what a listener of each shape makes of it ---------------------------------------------------------


@case(ways=ALL_WAYS, mv2=True)
async def a_question_nobody_hears(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """sendMessage() where nobody listens"""
    await opener.do(asks("q", "hello"))
    await opener.hears_back("q")


@case(ways=ALL_WAYS, mv2=True, shows_sender=True)
async def a_question_and_its_answer(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """sendMessage() to a listener that answers"""
    await receiver.do(be_asked("promises", answer={"a": [None, True]}))
    await opener.do(asks("q", {"b": 1}))
    await receiver.sees("asked")
    await opener.hears_back("q")


def answering(shape: str, does: str) -> None:
    """A case of one listener."""

    async def body(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await receiver.do(be_asked(shape))
        await opener.do(asks("q", "hello"))
        await receiver.sees("asked")
        if shape == "later":
            await receiver.do(respond("a late answer"))
        await opener.hears_back("q")

    body.__name__ = f"answers_{shape.replace(' ', '_')}"
    body.__doc__ = f"A listener that {does}"
    sees = {"opener": ['answered: q, "an answer"']}
    known = (Differs(ASYNC_ANSWERS, "receiver", sees, browser="firefox"),) if shape == "in an async function" else ()
    case(ways=WAYS, mv2=True, differs=known)(body)


for shape, does in SHAPES.items():
    answering(shape, does)


@case(worlds=("chromium",), opener=WEB, receiver=BACKGROUND, shows_sender=True)
async def a_question_from_a_web_page(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A web page asks the background"""
    await receiver.do(be_asked("promises"))
    await opener.do(asks("q", "hello"))
    await receiver.sees("asked")
    await opener.hears_back("q")


@case(worlds=("chromium",), opener=WEB, receiver=BACKGROUND)
async def a_question_from_a_web_page_nobody_hears(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A web page asks, and nobody listens"""
    await opener.do(asks("q", "hello"))
    await opener.hears_back("q")


@case(ways=WAYS)
async def a_question_answered_much_later(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Nothing comes to the asker before the answer"""
    await receiver.do(be_asked("later"))
    await opener.do(asks("q", "hello"))
    await receiver.sees("asked")
    await scene.settle()
    await opener.do(note("still waiting"))
    await receiver.do(respond("an answer"))
    await opener.hears_back("q")


@case(ways=TWO_WAYS, python=())
async def a_callback_hears(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """sendMessage() with a callback: an answer, silence, and runtime.lastError where nobody listens"""
    await opener.do(asks_with_callback("nobody", 1))
    await opener.hears_back("nobody")
    await receiver.do(be_asked("silent", listener="silent"))
    await opener.do(asks_with_callback("silent", 2))
    await opener.hears_back("silent")
    await receiver.do(be_asked("in time"))
    await opener.do(asks_with_callback("answer", 3))
    await opener.hears_back("answer")
    await receiver.sees("asked", times=3)  # two listeners heard the third message


# --- what is said ----------------------------------------------------------------------------------------------------

TOO_LONG = (
    "Error in invocation of runtime.sendMessage(optional string extensionId, any message, optional object options, "
    "optional function callback): Message exceeded maximum allowed size of 64MiB."
)
WITHOUT_ID = (
    "Error in invocation of runtime.sendMessage(optional string extensionId, any message, optional object options, "
    "optional function callback): chrome.runtime.sendMessage() called from a webpage must specify an Extension ID "
    "(string) for its first argument."
)
UNANSWERED_S = 400  # Chromium stops a worker only six minutes after a message that it has not answered
AWAITED = "Python awaits sendMessage(), which raises the browser's error where JavaScript's call throws it"
NAMED = [named(name) for name in ("undefined", "an integer-like key", "5e-324", "a long string", "many members")]


@case(ways=TWO_WAYS)
async def questions_of_many_values(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Values of all sorts, asked one after the other"""
    await receiver.do(be_asked("in time"))
    for number, value in enumerate([*PLAIN, *TEXTS, *NESTED, *NAMED]):
        await opener.do(asks(f"q{number}", value))
        await receiver.sees("asked", times=number + 1)
        await opener.hears_back(f"q{number}")


@case(ways=TWO_WAYS)
async def answers_of_many_values(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Values of all sorts, answered one after the other"""
    await receiver.do(be_asked("later"))
    for number, value in enumerate([*PLAIN, *TEXTS, *NESTED, *NAMED]):
        await opener.do(asks(f"q{number}", number))
        await receiver.sees("asked", times=number + 1)
        await receiver.do(respond(value))
        await opener.hears_back(f"q{number}")


@case(ways=TWO_WAYS)
async def an_answer_without_a_value(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """sendResponse() without a value"""
    await receiver.do(be_asked("later"))
    await opener.do(asks("q", "hello"))
    await receiver.sees("asked")
    await receiver.do(respond_nothing())
    await opener.hears_back("q")


@case(
    ways=TWO_WAYS,
    differs=(
        Differs(
            "Python refuses to send what it cannot write, as Chromium does; Firefox rejects the promise",
            "opener",
            {"opener": ["threw: sendMessage: the arguments", 'answered: good, "an answer"']},
            browser="firefox",
        ),
    ),
)
async def a_question_that_cannot_be_cloned(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """sendMessage() with a value that the browser refuses"""
    await receiver.do(be_asked("in time"))
    await opener.do(asks("q", named("a symbol")))
    await opener.do(asks("good", 1))
    await receiver.sees("asked")
    await opener.hears_back("good")


@case(ways=TWO_WAYS, python=("opener",))
async def an_answer_that_cannot_be_cloned(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """sendResponse() with a value that the browser refuses, and then with one that it takes"""
    await receiver.do(be_asked("later"))
    await opener.do(asks("q", "hello"))
    await receiver.sees("asked")
    await receiver.do(respond(named("a function"), again=True), respond("a good one"))
    await opener.hears_back("q")


@case(ways=TWO_WAYS, python=("opener",))
async def a_promise_that_cannot_be_cloned(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A promise whose result the browser refuses"""
    await receiver.do(be_asked("promises", answer=named("a function")))
    await opener.do(asks("q", "hello"))
    await receiver.sees("asked")
    await opener.hears_back("q")


@case(opener=CONTENT, receiver=BACKGROUND)
async def a_question_of_60_mib_and_its_answer(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A message, and an answer, that Chromium just carries"""
    await receiver.do(be_asked("promises", answer=named("60 MiB")))
    await opener.do(asks("q", named("60 MiB")))
    await receiver.sees("asked")
    await opener.hears_back("q")


@case(
    worlds=("chromium",),
    opener=CONTENT,
    receiver=BACKGROUND,
    any_order=("opener",),
    python=("opener",),
    differs=(
        Differs(
            AWAITED,
            "opener",
            {"opener": ['answered: small, "an answer"', f"rejected: q, {TOO_LONG}"]},
        ),
    ),
)
async def a_question_of_65_mib(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A message that is too long for Chromium"""
    await receiver.do(be_asked("in time"))
    await opener.do(asks("q", named("65 MiB")))
    await opener.do(asks("small", 1))
    await receiver.sees("asked")
    await opener.hears_back("small")
    if opener.in_python:
        await opener.hears_back("q")


@case(
    worlds=("chromium",),
    opener=WEB,
    receiver=BACKGROUND,
    python=("opener",),
    differs=(Differs(AWAITED, "opener", {"opener": [f"rejected: q, {WITHOUT_ID}"]}),),
)
async def a_question_from_a_web_page_without_an_id(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A web page asks, and names no extension"""
    await opener.do(ask("q", "runtime.sendMessage", 1))
    if opener.in_python:
        await opener.hears_back("q")


@case(worlds=("firefox",), opener=CONTENT, receiver=BACKGROUND)
async def a_question_of_65_mib_in_firefox(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A message, and an answer, that would be too long for Chromium"""
    await receiver.do(be_asked("promises", answer=named("65 MiB")))
    await opener.do(asks("q", named("65 MiB")))
    await receiver.sees("asked")
    await opener.hears_back("q")


@case(ways=TWO_WAYS)
async def message_listeners_are_called_in_order(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Three listeners hear a message in the order in which they were added"""
    await receiver.do(*(be_asked("silent", listener=name) for name in ("b", "a", "c")))
    await opener.do(asks("q", 1))
    await receiver.sees("asked", times=3)
    await opener.hears_back("q")


# --- several questions, several answers ------------------------------------------------------------------------------


@case(ways=WAYS, any_order=("opener",))
async def fifty_questions_at_once(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Fifty questions in one tick, answered in the other order"""
    await receiver.do(be_asked("later"))
    keys = [f"q{number:02}" for number in range(50)]
    await opener.do(*(asks(key, key) for key in keys))
    await receiver.sees("asked", times=50)
    await receiver.do(*(respond(f"to {key}", latest=True) for key in reversed(keys)))
    await opener.hears_back(*keys)


@case(ways=TWO_WAYS)
async def the_second_answer_of_one_listener(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """sendResponse() called twice, and once more after the asker has its answer"""
    await receiver.do(be_asked("later"))
    await opener.do(asks("q", "hello"))
    await receiver.sees("asked")
    await receiver.do(respond("first", again=True), respond("second", again=True))
    await opener.hears_back("q")
    await receiver.do(respond("third"), note("nothing happened"))
    await scene.settle()


@case(ways=TWO_WAYS)
async def a_message_listener_twice(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """An onMessage listener that is added twice hears each message once; removed, it hears no more"""
    await receiver.do(be_asked("in time", listener="a"), again("a"), has("a"))
    await opener.do(asks("q", 1))
    await opener.hears_back("q")
    await receiver.sees("asked")
    await receiver.do(remove("a"), has("a"))
    await opener.do(asks("r", 2))
    await opener.hears_back("r")


@case(ways=TWO_WAYS)
async def a_message_listener_removes_itself(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """An onMessage listener that removes itself while it is called, and answers"""
    await receiver.do(be_asked("in time", remove("a"), listener="a"))
    await opener.do(asks("q", 1))
    await opener.hears_back("q")
    await receiver.sees("asked")
    await opener.do(asks("r", 2))
    await opener.hears_back("r")


@case(ways=TWO_WAYS)
async def a_listener_added_while_the_question_waits(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A listener that is added while a message waits for its answer does not hear that message"""
    await receiver.do(be_asked("later", listener="a"))
    await opener.do(asks("q", 1))
    await receiver.sees("asked")
    await receiver.do(be_asked("in time", listener="b"))
    await scene.settle()
    await receiver.do(respond("a late answer"))
    await opener.hears_back("q")


@case(ways=TWO_WAYS)
async def a_question_back(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The listener asks the asker, and then answers"""
    await opener.do(be_asked("promises", answer="to you"))
    await receiver.do(be_asked("later", asks("back", "and you?")))
    await opener.do(asks("q", "hello"))
    await receiver.hears_back("back")
    await receiver.do(respond("to me"))
    await opener.hears_back("q")


# --- several contexts -----------------------------------------------------------------------------------------------


async def only_one_answers(scene: Scene, name: str) -> None:
    for actor in scene.actors.values():
        if actor.name != "opener":
            await actor.do(be_asked("promises" if actor.name == name else "silent", answer=f"from the {actor.name}"))


@case(**PAGES)
async def all_pages_hear_a_question(scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor) -> None:
    """A question reaches the background and two pages, of which one answers"""
    await only_one_answers(scene, "second")
    await opener.do(asks("q", "hello"))
    await opener.hears_back("q")
    for actor in (receiver, second, third):
        await actor.sees("asked")


@case(**PAGES)
async def the_first_of_several_contexts_answers(
    scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor
) -> None:
    """Three contexts will answer later: the first answer wins"""
    for actor in (receiver, second, third):
        await actor.do(be_asked("later"))
    await opener.do(asks("q", "hello"))
    for actor in (receiver, second, third):
        await actor.sees("asked")
    await third.do(respond("from the third"))
    await opener.hears_back("q")
    await receiver.do(respond("from the receiver"))
    await second.do(respond("from the second"))
    await scene.settle()


@case(**PAGES)
async def one_of_several_contexts_throws(
    scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor
) -> None:
    """One context will answer later; another's listener throws"""
    await receiver.do(be_asked("later"))
    await second.do(be_asked("throws"))
    await opener.do(asks("q", "hello"))
    await receiver.sees("asked")
    await second.sees("asked")
    await scene.settle()
    await receiver.do(respond("from the receiver"))
    await opener.hears_back("q")


@case(opener=PAGE, receiver=BACKGROUND, second=PAGE.in_tab(7))
async def an_asker_does_not_hear_itself(scene: Scene, opener: Actor, receiver: Actor, second: Actor) -> None:
    """A page asks and also listens: the background and another page hear it, but not the page itself"""
    await opener.do(be_asked("in time", answer="from itself"))
    await receiver.do(be_asked("promises"))
    await second.do(be_asked("silent"))
    await opener.do(asks("q", "hello"))
    await opener.hears_back("q")
    await receiver.sees("asked")
    await second.sees("asked")


@case(opener=BACKGROUND, receiver=PAGE)
async def a_question_to_itself(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The only context that listens asks"""
    await opener.do(be_asked("in time"))
    await opener.do(asks("q", "hello"))
    await opener.hears_back("q")


@case(**FRAMES)
async def all_frames_hear_a_question(scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor) -> None:
    """tabs.sendMessage() without frameId reaches all frames of the tab"""
    await only_one_answers(scene, "third")
    await opener.do(ask("q", "tabs.sendMessage", Of("receiver"), "hello"))
    await opener.hears_back("q")
    for actor in (receiver, second, third):
        await actor.sees("asked")


@case(**FRAMES)
async def one_frame_hears_a_question(scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor) -> None:
    """tabs.sendMessage() with a frameId reaches that frame only"""
    await only_one_answers(scene, "second")
    await opener.do(ask("q", "tabs.sendMessage", Of("receiver"), "hello", {"frameId": Of("second", "frameId")}))
    await opener.hears_back("q")
    await second.sees("asked")


@case(**FRAMES)
async def one_document_hears_a_question(
    scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor
) -> None:
    """tabs.sendMessage() with a documentId reaches that document only"""
    await only_one_answers(scene, "third")
    await opener.do(ask("q", "tabs.sendMessage", Of("third"), "hello", {"documentId": Of("third", "documentId")}))
    await opener.hears_back("q")
    await third.sees("asked")


@case(opener=BACKGROUND, receiver=CONTENT, python=("opener",))
async def questions_to_no_tab(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """tabs.sendMessage() to a tab, a frame and a document that are not there"""
    await receiver.do(be_asked("in time"))
    here = Of("receiver")
    await opener.do(ask("tab", "tabs.sendMessage", 99_999_999, 1))
    await opener.hears_back("tab")
    await opener.do(ask("frame", "tabs.sendMessage", here, 1, {"frameId": 99_999}))
    await opener.hears_back("frame")
    await opener.do(ask("document", "tabs.sendMessage", here, 1, {"documentId": "0" * 32}))
    await opener.hears_back("document")


# --- other extensions -----------------------------------------------------------------------------------------------


@case(opener=CONTENT, receiver=BACKGROUND, second=NEIGHBOUR, third=NEIGHBOUR_PAGE)
async def an_internal_question_stays_inside(
    scene: Scene, opener: Actor, receiver: Actor, second: Actor, third: Actor
) -> None:
    """runtime.sendMessage(message) reaches no other extension"""
    await receiver.do(be_asked("promises"))
    for actor in (second, third):
        for event in ("onMessage", "onMessageExternal"):
            await actor.do(be_asked("in time", event=f"runtime.{event}", listener=event))
    await opener.do(asks("q", "hello"))
    await receiver.sees("asked")
    await opener.hears_back("q")


@case(opener=NEIGHBOUR, receiver=BACKGROUND)
async def an_external_question_is_not_internal(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """Another extension asks, and only onMessage has a listener"""
    await receiver.do(be_asked("in time", event="runtime.onMessage"))
    await opener.do(asks("q", "hello"))
    await opener.hears_back("q")


@case(opener=CONTENT, receiver=BACKGROUND)
async def a_question_to_an_unknown_extension(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """sendMessage() to an extension that is not installed"""
    await receiver.do(be_asked("in time"))
    id = "a" * 32 if scene.chromium else "nobody@conformance.example"
    await opener.do(ask("q", "runtime.sendMessage", id, "hello"))
    await opener.hears_back("q")


@case(opener=BACKGROUND, receiver=NEIGHBOUR, python=("opener",), stands=True)
async def a_question_that_the_manifest_does_not_allow(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """sendMessage() to an extension whose externally_connectable names no extensions"""
    await receiver.do(be_asked("in time"))
    await opener.do(asks("q", "hello"))
    await opener.hears_back("q")
    if not scene.chromium:
        await receiver.sees("asked")


# --- what ends before the answer --------------------------------------------------------------------------------------


def asker_goes(change: Change, place: Place, label: str) -> None:
    """A case: the asker's document goes before the answer."""

    async def body(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await receiver.do(be_asked("later"))
        await opener.do(asks("q", "hello"))
        await receiver.sees("asked")
        await change(scene, opener)
        await opener.gone()
        await receiver.do(respond("too late"), note("nothing happened"))

    body.__name__ = f"asker_gone_{change.__name__}{label}"
    body.__doc__ = f"The asker is gone before the answer: {change.__doc__}"
    case(opener=place, receiver=BACKGROUND)(body)


def asked_goes(change: Change, place: Place, label: str) -> None:
    """A case: the document of the only one who would answer goes."""

    async def body(scene: Scene, opener: Actor, receiver: Actor) -> None:
        await receiver.do(be_asked("later"))
        await opener.do(asks("q", "hello"))
        await receiver.sees("asked")
        await change(scene, receiver)
        await opener.hears_back("q")

    body.__name__ = f"asked_gone_{change.__name__}{label}"
    body.__doc__ = f"Whoever would answer is gone: {change.__doc__}"
    case(opener=BACKGROUND, receiver=place)(body)


for goes in (asker_goes, asked_goes):
    goes(navigate, CONTENT, "")
    goes(close_the_tab, CONTENT, "")
    goes(remove_the_frame, CONTENT.in_frame("same"), "")
    goes(close_the_tab, PAGE, "_of_an_extension_page")
    goes(reload_the_page, PAGE, "")


@case(opener=CONTENT, receiver=BACKGROUND, second=PAGE)
async def one_of_two_who_would_answer_goes(scene: Scene, opener: Actor, receiver: Actor, second: Actor) -> None:
    """Two contexts will answer later; one is closed, and the other answers"""
    await receiver.do(be_asked("later"))
    await second.do(be_asked("later"))
    await opener.do(asks("q", "hello"))
    await receiver.sees("asked")
    await second.sees("asked")
    await scene.close_tab(second)
    await scene.settle(opener, receiver)
    await receiver.do(respond("an answer"))
    await opener.hears_back("q")


async def stopped(scene: Scene, receiver: Actor) -> None:
    """Have the background listen, in whatever way it is played, and stop it."""
    if receiver.in_python:  # the player of JavaScript listens anyway
        await receiver.do(be_asked("later"))
    await scene.stage.stop_background()


@case(opener=CONTENT, receiver=BACKGROUND, stands=True)
async def the_background_stops_before_it_answers(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The background is stopped before it answers"""
    if receiver.in_python:
        await receiver.do(be_asked("later"))
    await opener.do(asks("q", "hello"))
    await receiver.sees("asked")
    await scene.stage.stop_background(patience_s=UNANSWERED_S)
    await opener.hears_back("q")


@case(opener=CONTENT, receiver=BACKGROUND, stands=True)
async def a_question_wakes_the_background(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """A message wakes a stopped background; what is asked while it starts is heard too"""
    await stopped(scene, receiver)
    waking = scene.stage.conductor.next_player(scene.stage.role(receiver.place, ""))
    await opener.do(asks("q", 1), asks("r", 2))
    player = await waking
    if not receiver.in_python:
        receiver.take(player)
    await receiver.sees("asked", times=2)
    await receiver.do(respond("first"), respond("second"))
    await opener.hears_back("q", "r")


@case(opener=NEIGHBOUR, receiver=BACKGROUND)
async def the_extension_is_reloaded_before_it_answers(scene: Scene, opener: Actor, receiver: Actor) -> None:
    """The extension is reloaded before it answers another extension"""
    await receiver.do(be_asked("later"))
    await opener.do(asks("q", "hello"))
    await receiver.sees("asked")
    await scene.stage.reload_extension()
    await opener.hears_back("q")
