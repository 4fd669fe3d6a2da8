"""A lookout shows what happens to all who wait, and keeps nothing."""

import asyncio

import pytest

from bridge.errors import BridgeError
from bridge.waiting.lookout import Lookout


async def test_each_wait_sees_everything_until_it_has_what_it_wants() -> None:
    lookout: Lookout[int] = Lookout()
    first, even = lookout.expect(lambda item: True), lookout.expect(lambda item: item % 2 == 0)
    for item in (1, 2, 4):
        lookout.see(item)
    assert (await first.future, await even.future) == (1, 2)
    assert not lookout


@pytest.mark.parametrize("early", [False, True])
async def test_a_wait_ends_with_the_lookout_also_if_it_begins_later(early: bool) -> None:
    lookout: Lookout[int] = Lookout()
    early_wait = lookout.expect(lambda item: True)
    lookout.end(lambda: BridgeError("over"))
    wanted = early_wait if early else lookout.expect(lambda item: True)
    with pytest.raises(BridgeError, match="over"):
        await asyncio.wait_for(wanted.future, 10)
    assert not lookout
