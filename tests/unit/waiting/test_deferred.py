"""What listeners raised is raised again, once, and never lost."""

import pytest

from bridge.errors import ChannelError
from bridge.waiting.deferred import DeferredErrors

PORT, OTHER = object(), object()
ONE, TWO, THREE = ValueError("one"), KeyError("two"), pytest.fail.Exception("three")


@pytest.fixture
def deferred() -> DeferredErrors:
    deferred = DeferredErrors()
    for owner, error in ((OTHER, ONE), (PORT, TWO), (PORT, THREE)):
        deferred.add(owner, error)
    return deferred


def test_a_wait_raises_the_oldest_of_its_own_owner(deferred: DeferredErrors) -> None:
    for error in (TWO, THREE):
        with pytest.raises(type(error)) as caught:
            deferred.raise_for(PORT)
        assert caught.value is error
    deferred.raise_for(PORT)
    assert deferred
    with pytest.raises(ValueError, match="one"):
        deferred.raise_for(OTHER)
    assert not deferred


def test_owners_that_are_equal_are_not_the_same() -> None:
    deferred = DeferredErrors()
    first, second = [0], [0]
    deferred.add(first, ONE)
    deferred.raise_for(second)
    assert deferred


def test_what_is_taken_is_not_raised_again(deferred: DeferredErrors) -> None:
    deferred.take(PORT, TWO)
    with pytest.raises(pytest.fail.Exception, match="three"):
        deferred.raise_for(PORT)


def test_several_come_as_a_group(deferred: DeferredErrors) -> None:
    with pytest.raises(BaseExceptionGroup) as caught:
        deferred.raise_all()
    assert caught.value.exceptions == (ONE, TWO, THREE)
    deferred.raise_all()


def test_several_exceptions_are_an_exception_group() -> None:
    deferred = DeferredErrors()
    deferred.add(PORT, ONE)
    deferred.add(PORT, TWO)
    with pytest.raises(ExceptionGroup):
        deferred.raise_all()


def test_a_single_one_comes_as_itself() -> None:
    deferred = DeferredErrors()
    deferred.add(PORT, ONE)
    with pytest.raises(ValueError) as caught:
        deferred.raise_all()
    assert caught.value is ONE
    assert not deferred


def test_an_error_on_its_way_is_not_hidden_but_noted(deferred: DeferredErrors) -> None:
    error = AssertionError("the test's own")
    deferred.add_notes(error)
    assert error.__notes__ == [
        "Before that, a listener raised ValueError: one",
        "Before that, a listener raised KeyError: 'two'",
        "Before that, a listener raised Failed: three",
    ]
    assert not deferred


def test_an_error_is_not_noted_on_itself_and_one_of_the_bridge_not_as_a_listeners() -> None:
    deferred = DeferredErrors()
    error = ChannelError("it broke")
    deferred.add(PORT, error)
    deferred.add_notes(error)
    assert not hasattr(error, "__notes__")
    deferred.add(PORT, error)
    another = AssertionError("the test's own")
    deferred.add_notes(another)
    assert another.__notes__ == ["Before that, the bridge met ChannelError: it broke"]


def test_what_befell_the_whole_launch_is_told_where_nobody_waits(deferred: DeferredErrors) -> None:
    told: list[BaseException] = []
    deferred.add(None, TWO)
    deferred.tell(told.append)
    assert told == [TWO]
    deferred.add(None, ONE)
    assert told == [TWO, ONE]
    deferred.raise_for(object())
    with pytest.raises(ValueError, match="one"):
        deferred.raise_for(OTHER)
