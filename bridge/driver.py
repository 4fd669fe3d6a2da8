"""What the engine needs of a browser that only the browser's own debugging protocol can do."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

__all__ = [
    "Code",
    "Decide",
    "Disposition",
    "Driver",
    "Loaded",
    "MenuPlace",
    "Omnibox",
    "PermissionAnswer",
    "Said",
    "Scope",
    "Sought",
    "Storage",
    "Suggestion",
    "Watch",
    "World",
]

PermissionAnswer = Literal["allow", "refuse"]
"""What the user answers when an extension asks for optional permissions."""

Decide = Callable[[str, list[str], list[str]], Awaitable[bool]]
"""See `Driver.hear_requests`."""

Disposition = Literal["currentTab", "newForegroundTab", "newBackgroundTab"]
"""Where the user wants the result of the address bar, as in `omnibox.onInputEntered`."""

MenuPlace = Literal["page", "action", "tab"]
"""What is clicked with the right button, as in `contexts` of `menus.create()`."""

Suggestion = dict[str, str]
"""What an extension suggests in the address bar: ``content`` and ``description``, as in `omnibox.SuggestResult`."""

World = Literal["ISOLATED", "MAIN"]
"""As in the extension API: the content scripts' own, or that of the web page."""

Storage = Mapping[str, Mapping[str, str]]
"""Values in the areas of an extension's storage: by area and key, each as JSON."""


class Loaded(NamedTuple):
    """An extension in the browser."""

    id: str
    base_url: str
    """The address of its root, with a slash at the end."""


class Sought(Protocol):
    """The script context of the extension under test whose global scope is looked for."""

    @property
    def kind(self) -> str:
        """As in `Context.kind`: ``"background"``, ``"content"`` or ``"page"``."""

    @property
    def private(self) -> bool:
        """Whether it is the background of private windows."""

    @property
    def tab_id(self) -> int | None:
        """The browser's number of its tab, if it is in one."""

    @property
    def frame_id(self) -> int | None:
        """The browser's number of its frame in the tab; 0 is the top frame."""

    @property
    def search_event(self) -> str:
        """The name of the DOM event that the agents of documents answer."""

    async def is_here(self, dispatch: Callable[[str], Awaitable[bool]]) -> bool:
        """Whether a search in some document is answered by this context's agent.

        Args:
            dispatch: Dispatches the event there, with the given token as its detail; returns whether an agent heard it.
        """


class Code(NamedTuple):
    """What is to be evaluated, once."""

    expression: str
    evaluator: str
    """The text of a function that makes an answer of what the expression came to: `webext/js/evaluate.js`."""
    argument: str
    """Its third argument."""
    wanted: bool
    """Its fourth."""
    world: World = "ISOLATED"
    """Where, in the document of a content script."""


class Said(NamedTuple):
    """A line on a script context's console, or an error that no script caught."""

    type: str
    """As `type` of Playwright's ``ConsoleMessage``; of an error that no script caught, ``"error"``."""
    text: str
    values: tuple[str, ...]
    """What was logged or thrown, as texts of `webext/js/read.js`: empty for a value that cannot be read."""
    uncaught: bool
    url: str
    line: int
    """From 1 on, or 0 if the browser does not know the place; as `column`."""
    column: int
    time: float
    """In seconds since 1970."""
    stack: str
    early: bool
    """Whether it was said before the watch began."""


class Watch(Protocol):
    """A watch of a console."""

    @property
    def over(self) -> "asyncio.Future[None]":
        """Done when nothing more will come, because the script context is gone; an exception is why else."""

    def stop(self) -> None:
        """Hear no more."""


class Scope(Protocol):
    """The global scope of one script context."""

    async def run(self, code: Code) -> str:
        """Evaluate code as if it stood at the top level of a script there. Return the evaluator's answer.

        Raises:
            ContextError: The script context is gone.
            RemoteError: There will be no answer.
        """

    async def dispatch(self, event: str, code: Code) -> str:
        """Call the scripts' own listeners of an event, such as ``alarms.onAlarm``.

        Args:
            event: The path of its object, below ``browser`` or ``chrome``.
            code: Its argument is the array of the listeners' arguments. It has no expression.

        Returns:
            The evaluator's answer: true, false if there are no listeners, or what was thrown if there is no such event.

        Raises:
            Exception: As in `run`.
        """

    async def watch(self, hear: Callable[[Said], None], reader: str | None, *, from_start: bool) -> Watch:
        """Hear what is said on the console there, in order.

        Args:
            hear: Gets each line.
            reader: The text of a function that makes text of a value, `webext/js/read.js`; None to read no values.
            from_start: Whether to hear what was said before, too.

        Raises:
            ContextError: The script context is gone.
        """


class Omnibox(Protocol):
    """The address bar, in which the user types an extension's keyword and a text."""

    async def type(self, text: str) -> None:
        """Type the keyword and a text, in place of what is there, once the browser knows the keyword."""

    async def suggestions(self) -> list[Suggestion]:
        """Return what it shows now of the extension's suggestions for that text.

        Raises:
            UnsupportedError: The browser does not say it.
        """

    async def enter(self, suggestion: str | None, disposition: Disposition) -> None:
        """Choose the suggestion with that content, if there is to be one, and press Enter.

        Raises:
            ContextError: It cannot be chosen.
        """

    async def leave(self) -> None:
        """Have it be as before somebody typed."""


class Driver(Protocol):
    """One running browser.

    Attributes:
        grants_early: Whether `grant` may come before the extension is loaded.
    """

    grants_early: bool

    async def load(self, *folders: Path, timeout_ms: float) -> Loaded:
        """Load the unpacked extensions in `folders`, in that order, or anew; return the last one when all run.

        Raises:
            ExtensionError: The browser rejects one; the text has the browser's own words.
            LaunchError: The service worker of one does not start.
        """

    async def fill_storage(self, folder: Path, storage: Storage) -> None:
        """Have the unpacked extension in `folder`, which is not installed, find values in its storage once it is.

        The areas that are named have nothing else then. Its events tell the extension nothing of it.
        """

    async def allow_private(self, folder: Path) -> None:
        """Have the unpacked extension in `folder`, which is not installed, run in private windows too once it is."""

    async def is_private(self, page: Any) -> bool:
        """Whether `page`, a Playwright page, is in a private window."""

    async def window_of(self, page: Any) -> int | None:
        """Return the extension API's number of the window of a Playwright page; None for the window in front."""

    async def unload(self, extension_id: str) -> None:
        """Uninstall an extension; the browser deletes its storage too."""

    async def set_enabled(self, extension_id: str, *, enabled: bool) -> bool | None:
        """Turn an extension on or off, as the switch in the browser's page of extensions does.

        Returns:
            Whether that was a change; None if the extension is not installed.
        """

    async def click_action(self, extension_id: str, page: Any) -> None:
        """Press the extension's toolbar button while `page`, a Playwright page, is the active one."""

    async def click_page_action(self, extension_id: str) -> None:
        """Press the extension's button in the address bar of the front window, once the extension shows it there."""

    async def open_side_panel(self, loaded: Loaded, page: Any) -> int | None:
        """Open the extension's side panel, or sidebar, beside `page`, a Playwright page that is in front.

        Returns:
            The browser's number of the window; None if it is one that has neither.

        Raises:
            RemoteError: The browser refuses; the message is the browser's.
        """

    async def open_options(self, loaded: Loaded) -> None:
        """Open the extension's options page in the front window.

        Raises:
            RemoteError: The browser refuses; the message is the browser's.
        """

    async def open_devtools(self, loaded: Loaded, page: Any) -> int:
        """Open the developer tools of `page`, a Playwright page that is in front, with the extension's panel selected.

        It waits until the extension has made a panel. If they are open already, they stay so.

        Returns:
            The browser's number of the tab that they inspect.

        Raises:
            UnsupportedError: This browser is too old.
            ContextError: They closed before the extension made a panel.
        """

    async def close_devtools(self, loaded: Loaded, tab_id: int) -> None:
        """Close the developer tools that inspect a tab, if they are open."""

    async def grant(self, loaded: Loaded, permissions: list[str], origins: list[str]) -> None:
        """Grant optional permissions and hosts.

        Raises:
            UnsupportedError: The browser would ask its user.
            RemoteError: The browser refuses; the message is the browser's.
        """

    async def revoke(self, loaded: Loaded, permissions: list[str], origins: list[str]) -> None:
        """Take optional permissions and hosts away.

        Raises:
            RemoteError: The browser refuses; the message is the browser's.
        """

    async def press_command(self, loaded: Loaded, name: str, page: Any) -> None:
        """Press the key of a command of the manifest while `page`, a Playwright page, is in front.

        It is none of those that stand for a button.

        Raises:
            ExtensionError: The browser does not know the command.
            UnsupportedError: The browser cannot press that key.
        """

    async def click_menu(
        self, loaded: Loaded, item_id: str, on: MenuPlace, page: Any, right_click: Callable[[], Awaitable[None]]
    ) -> list[str] | None:
        """Click an item of a context menu.

        Args:
            loaded: The extension.
            item_id: Of its item.
            on: Which menu: that of a page, of the toolbar button, or of the active tab.
            page: The Playwright page that is in front.
            right_click: Opens that of a page.

        Returns:
            None; or the ids of all items that it has, if that one is not among them.

        Raises:
            ContextError: The browser does not show the item in that place, or it cannot be clicked.
            UnsupportedError: It has items of its own, or the browser has no such menu, or cannot be driven so.
        """

    async def set_idle_state(self, loaded: Loaded, state: str) -> None:
        """Have the user be ``"active"`` or ``"idle"``, or the screen ``"locked"``.

        Raises:
            UnsupportedError: The browser cannot be made to believe it.
        """

    async def fire_alarm(self, loaded: Loaded, name: str) -> list[str]:
        """Have an alarm of the extension's go off, if it has that one.

        Returns:
            The names of all alarms that it had.
        """

    async def click_notification(self, loaded: Loaded, id: str, button: int | None) -> list[str] | None:
        """Click a notification of the extension's, or the button of that number, once the browser shows it.

        Returns:
            None; or the ids of all notifications that it has, if that one is not among them.

        Raises:
            ContextError: The notification has no such button.
            UnsupportedError: The browser's notifications have no buttons, or it cannot be driven so.
        """

    async def omnibox(self, loaded: Loaded, page: Any) -> Omnibox:
        """Return the address bar for an extension with a keyword, in the window of `page`, which is in front.

        Raises:
            UnsupportedError: The browser cannot be driven so.
        """

    async def answer_requests(self, answer: PermissionAnswer) -> None:
        """From now on, answer the prompts for optional permissions, which nobody sees."""

    def require_requests_heard(self) -> None:
        """Raise UnsupportedError if `hear_requests` cannot work in this launch."""

    async def hear_requests(self, decide: Decide | None) -> None:
        """From now on, ask that function whenever an extension's request would show a prompt.

        Args:
            decide: Gets the extension's id, and the permissions and origins that it requests; returns whether the user
                allows them. It is cancelled if the prompt goes away by itself. None for that of `answer_requests`.
        """

    async def stop_background(self, extension_id: str) -> None:
        """Stop the background as the browser does when it was idle for long."""

    async def start_background(self, loaded: Loaded) -> None:
        """Have a stopped background start."""

    async def background_state(self, loaded: Loaded) -> str:
        """Return what the browser says of the background, as a sentence without its full stop."""

    async def stop_when_idle(self, loaded: Loaded, idle_ms: float) -> None:
        """From now on, stop the background whenever it had no traffic for that long."""

    def notes(self) -> list[str]:
        """Return what users should know of how this browser is driven, in whole sentences."""

    async def watch_wakes(self, loaded: Loaded, name: str, state: frozenset[str], *, is_starting: bool) -> None:
        """Have the background know at each start what Python listens to.

        Args:
            loaded: The extension.
            name: A word that only the background knows.
            state: What Python listens to now.
            is_starting: Whether there is a background to wait for.
        """

    async def set_listening(self, state: frozenset[str]) -> None:
        """Say what Python listens to in the background from now on."""

    async def scope(self, loaded: Loaded, sought: Sought) -> Scope | None:
        """Return the global scope of a script context, or None if the browser does not show it now."""

    async def embeds_options(self, extension_id: str, tab_id: Any) -> bool:
        """Whether the browser shows the extension's options within a page of its own in that tab."""

    async def close(self) -> None:
        """End the debugging connection."""
