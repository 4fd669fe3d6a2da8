"""Who has heard a routed one-time message, and whether anybody of them may still answer.

A script that hears a message and stays silent leaves it to the others. Python holds such a silence back: to the browser
it would be an answer, and the first one counts. It is given once nobody is left who might answer.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from ..errors import BridgeError

__all__ = ["Recipient", "Recipients"]

Key = tuple[str, str, str]


class _Group:
    """One message, and who has heard it."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.members: dict[object, Recipient] = {}

    @property
    def is_open(self) -> bool:
        """Whether somebody may still answer."""
        return any(member.is_open for member in self.members.values())


class Recipient:
    """One who has heard a message.

    Attributes:
        is_open: Whether it may still answer.
    """

    def __init__(self, recipients: "Recipients", group: _Group, give_silence: Callable[[], None] | None) -> None:
        self._recipients = recipients
        self._group = group
        self._give_silence = give_silence
        self.is_open = True

    def silent(self) -> None:
        """It will not answer; its ``give_silence`` is called once nobody may answer any more."""
        self.is_open = False
        self._recipients._changed(self._group)

    def ended(self) -> None:
        """It has answered, or it can say nothing any more."""
        self._give_silence = None
        self.silent()

    def _give(self) -> None:
        give, self._give_silence = self._give_silence, None
        if give:
            give()


class Recipients:
    """Of all messages under way that reach the extension's scripts.

    Args:
        caught_up: Waits until every agent has said which messages reached it before.
    """

    def __init__(self, caught_up: Callable[[], Awaitable[None]]) -> None:
        self._caught_up = caught_up
        self._groups: dict[Key, list[_Group]] = {}  # of those who say the same, the oldest first
        self._looking: set[asyncio.Task[None]] = set()

    def heard(
        self,
        by: object,
        event: str,
        sender: dict[str, Any],
        payload: str,
        give_silence: Callable[[], None] | None = None,
    ) -> Recipient:
        """Somebody hears a message.

        Args:
            by: Who; it hears a message once, and messages that say the same in the order in which they were sent.
            event: Such as ``runtime.onMessage``.
            sender: Who asks, as the browser says it to all who hear the message.
            payload: The message.
            give_silence: Tells the asker that nobody answers.
        """
        key = event, json.dumps(sender, sort_keys=True), payload
        groups = self._groups.setdefault(key, [])
        group = next((group for group in groups if by not in group.members), None)
        if group is None:
            groups.append(group := _Group(key))
        group.members[by] = recipient = Recipient(self, group, give_silence)
        return recipient

    def _changed(self, group: _Group) -> None:
        if group.is_open:
            return
        if not any(member._give_silence for member in group.members.values()):
            self._forget(group)
            return
        task = asyncio.ensure_future(self._end(group))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _end(self, group: _Group) -> None:
        # Others may have heard it who have not said so yet; and an answer that is on its way has to come first.
        with suppress(BridgeError):  # a link that broke off; its context can say nothing any more
            await self._caught_up()
        if group.is_open:
            return
        self._forget(group)
        for member in group.members.values():
            member._give()

    def _forget(self, group: _Group) -> None:
        groups = self._groups.get(group.key, [])
        if group in groups:
            groups.remove(group)
        if not groups:
            self._groups.pop(group.key, None)
